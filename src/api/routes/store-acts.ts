// Acts on stores: thin over the use cases. Whoever may not see a store is told that there is none.

import type { Context } from "hono";
import type { Outcome } from "../../errors/refusal.ts";
import { objectId } from "../../ids/object-id.ts";
import type { AmazonConnection } from "../../marketplace/amazon/sp-api/amazon-store.ts";
import { requestPayout } from "../../marketplace/amazon/sp-api/initiate-payout.ts";
import type { StoreBase } from "../../marketplace/stores/connection.ts";
import { beginConsent, completeConsent } from "../../marketplace/stores/consent.ts";
import { listRequests, type PayoutRequest } from "../../marketplace/stores/payout-request.ts";
import { findStore, type StoreView } from "../../marketplace/stores/store.ts";
import { confirmStoreName, createStore, unbindStore } from "../../marketplace/stores/store-acts.ts";
import { type MoneyOnTheWay, moneyOnTheWay } from "../../report/money-on-the-way.ts";
import {
  beginConsentRoute,
  completeConsentRoute,
  confirmStoreNameRoute,
  consentCallbackRoute,
  createStoreRoute,
  listPayoutRequestsRoute,
  type MoneyOnTheWayJson,
  moneyOnTheWayRoute,
  type PayoutRequestJson,
  REQUESTS_SHOWN_MAX,
  requestPayoutRoute,
  unbindStoreRoute,
} from "../contract/store-acts.ts";
import { moneyOf } from "../contract/values.ts";
import type { ApiDeps } from "../deps.ts";
import { etagOf } from "../entity-tag.ts";
import { languageOf } from "../language.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";
import { clearConsentCookie, consentToken, setConsentCookie } from "../session-cookie.ts";
import { storeJson } from "./stores.ts";

export const storeActRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(createStoreRoute, async (c) => {
    const { sellerId: named, ...store } = c.req.valid("json");
    const caller = c.get("caller");
    const sellerId = sellerScope(caller, named);
    if (sellerId === null) throw problem("seller-unknown", { detail: "Name the seller." });
    const created = await createStore(baseOf(deps), { ...store, sellerId }, caller.id);
    const view = valueOf(created);
    c.header("Location", `/v1/stores/${view.storeId}`);
    c.header("ETag", etagOf(view.version));
    return c.json(storeJson(view), 201);
  });
  app.openapi(unbindStoreRoute, async (c) => {
    const { storeId } = await visibleStore(c, deps, c.req.valid("param").storeId);
    return answer(c, await unbindStore(baseOf(deps), storeId, c.get("caller").id));
  });
  app.openapi(confirmStoreNameRoute, async (c) => {
    const { storeId } = await visibleStore(c, deps, c.req.valid("param").storeId);
    const caller = c.get("caller");
    if (caller.sellerId !== null) {
      throw problem("not-permitted", { detail: "A seller does not confirm its own name." });
    }
    const { reason } = c.req.valid("json");
    return answer(c, await confirmStoreName(baseOf(deps), storeId, reason, caller.id));
  });
  app.openapi(moneyOnTheWayRoute, async (c) => {
    const caller = c.get("caller");
    const scope = sellerScope(caller, c.req.valid("query").sellerId);
    const view = await deps.read(caller, (tx) => moneyOnTheWay(tx, deps.tenantId, scope));
    return c.json(moneyJson(view), 200);
  });
};

export const storeConsentRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(beginConsentRoute, async (c) => {
    const { storeId } = await visibleStore(c, deps, c.req.valid("param").storeId);
    const { id: actor, kind } = c.get("caller");
    const { country } = c.req.valid("json");
    const begin = { storeId, country, actor, inBrowser: kind === "user" };
    const begun = valueOf(await beginConsent(connected(deps), begin));
    const { consentUrl, state, browserToken, expiresAt } = begun;
    if (browserToken !== null) setConsentCookie(c, browserToken);
    return c.json({ consentUrl, state: browserToken === null ? state : null, expiresAt }, 201);
  });
  app.openapi(consentCallbackRoute, async (c) => {
    // The address carries the code: nothing that this page leads to may be told of it.
    c.header("Referrer-Policy", "no-referrer");
    const query = c.req.valid("query");
    const { state, selling_partner_id: partnerId, spapi_oauth_code: code } = query;
    if (query.error !== undefined || partnerId === undefined || code === undefined) {
      throw problem("consent-declined");
    }
    const given = { state, partnerId, code, browserToken: consentToken(c), actor: null };
    const { name } = valueOf(await completeConsent(connected(deps), given));
    clearConsentCookie(c);
    return c.html(boundPage(name, languageOf(c.req.header("accept-language")) === "zh-CN"), 200);
  });
  app.openapi(completeConsentRoute, async (c) => {
    const given = c.req.valid("json");
    const actor = c.get("caller").id;
    const completed = await completeConsent(connected(deps), {
      ...given,
      browserToken: null,
      actor,
    });
    return answer(c, completed);
  });
};

export const payoutRequestRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(requestPayoutRoute, async (c) => {
    const { storeId } = await visibleStore(c, deps, c.req.valid("param").storeId);
    const { marketplaceId } = c.req.valid("json");
    // The same key asks for the same payout, also after a crash between the act and its answer.
    const requestId = objectId("pr", deps.tenantId, c.get("actKey"));
    const wish = { requestId, storeId, marketplaceId, actor: c.get("caller").id };
    return c.json(requestJson(valueOf(await requestPayout(connected(deps), wish))), 201);
  });
  app.openapi(listPayoutRequestsRoute, async (c) => {
    const { storeId } = await visibleStore(c, deps, c.req.valid("param").storeId);
    const requests = await deps.read(c.get("caller"), (tx) =>
      listRequests(tx, deps.tenantId, storeId, REQUESTS_SHOWN_MAX),
    );
    return c.json({ data: requests.map(requestJson) }, 200);
  });
};

function baseOf({ store, tenantId, clock, access }: ApiDeps): StoreBase {
  return { database: store.database, tenantId, clock, sealer: access.sealer };
}

function connected({ amazon }: ApiDeps): AmazonConnection {
  if (amazon === null) throw problem("marketplace-not-connected");
  return amazon;
}

async function visibleStore(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  storeId: string,
): Promise<StoreView> {
  const caller = c.get("caller");
  const view = await deps.read(caller, (tx) =>
    findStore(tx, deps.tenantId, storeId, deps.clock.now()),
  );
  const isSeen = view !== null && (caller.sellerId === null || caller.sellerId === view.sellerId);
  if (!isSeen) throw problem("not-found");
  return view;
}

function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  if (outcome.refusal.code === "store-unknown") throw problem("not-found");
  throw refusalProblem(outcome.refusal);
}

function answer(c: Context<ApiEnv>, outcome: Outcome<StoreView>) {
  const view = valueOf(outcome);
  c.header("ETag", etagOf(view.version));
  return c.json(storeJson(view), 200);
}

function requestJson({ requestId, reasons, ...request }: PayoutRequest): PayoutRequestJson {
  return { id: requestId, ...request, reasons: [...reasons] };
}

function moneyJson({ balances, expectedPayouts, deferred }: MoneyOnTheWay): MoneyOnTheWayJson {
  return {
    balances: balances.map(({ amount, currency, ...told }) => ({
      ...told,
      amount: moneyOf(amount, currency),
    })),
    expectedPayouts: expectedPayouts.map(({ amount, currency, settlementIds, ...told }) => ({
      ...told,
      settlementIds: [...settlementIds],
      amount: amount === null || currency === null ? null : moneyOf(amount, currency),
    })),
    deferred: deferred.map(({ amount, currency, ...told }) => ({
      ...told,
      amount: moneyOf(amount, currency),
    })),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The last page of the way: it asks nothing, loads nothing and leads nowhere. */
function boundPage(name: string, isChinese: boolean): string {
  const [title, text] = isChinese
    ? ["店铺已授权", "可以关闭此窗口。"]
    : ["The store is bound", "You can close this window."];
  return `<!doctype html>
<html lang="${isChinese ? "zh-CN" : "en"}"><meta charset="utf-8"><title>${title}</title>
<h1>${title}: ${escaped(name)}</h1><p>${text}</p></html>
`;
}
