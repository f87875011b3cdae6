// initiatePayout (Transfers API 2024-06-01): pays the whole available balance of a country store to its default deposit
// method. It takes no amount and no key against repeats, so it is sent once; when the answer does not come, listPayouts
// says whether the payout was made, and only when it was not is it sent again.

import { Outage } from "../../../errors/outage.ts";
import { accepted, type Outcome } from "../../../errors/refusal.ts";
import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf, parseInstant } from "../../../time/instant.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { saveCursor } from "../../stores/cursor.ts";
import {
  endRequest,
  findRequest,
  intendPayout,
  markAsked,
  openRequests,
  type PayoutRequest,
  type PayoutWish,
  type RequestEnd,
} from "../../stores/payout-request.ts";
import { findStore, type StoreView } from "../../stores/store.ts";
import { isArray, isObject, type JsonObject, textOf } from "../json-decimal.ts";
import { accountOf } from "../partner-account.ts";
import { plainStatus } from "../payout-fields.ts";
import { type AmazonConnection, type AmazonStore, openStore, workOn } from "./amazon-store.ts";
import { pagesOf } from "./pages.ts";
import { Throttled } from "./throttled.ts";

/** Times a request is sent at most. */
const ASKS_MAX = 3;
/** Until listPayouts is taken to show a payout that was made; sooner, a payout that is not there proves nothing. */
const SHOWN_MS = 10 * 60_000;
/** Amazon's clock and ours may differ by so much. */
const SKEW_MS = 5 * 60_000;

/**
 * Asks for a payout now. The request as it stands is returned: `asked` when the answer did not come, and the store's
 * own work carries it on. Refused as `intendPayout` says.
 */
export async function requestPayout(
  connection: AmazonConnection,
  wish: PayoutWish,
): Promise<Outcome<PayoutRequest>> {
  const intended = await intendPayout(connection, wish);
  // One that was sent before is not sent again here: the store's work looks up what became of it.
  if (!intended.ok || intended.value.state !== "intended") return intended;
  const { database, tenantId, clock } = connection;
  const { requestId, storeId } = wish;
  try {
    const view = await findStore(database, tenantId, storeId, clock.now());
    const store = view === null ? null : await openStore(connection, view);
    if (store !== null) await send(connection, store, intended.value);
  } catch (error) {
    // The intent is on record: the store's work looks up what became of it, and sends it if nothing did.
    if (!(error instanceof Outage)) throw error;
  }
  return accepted((await findRequest(database, tenantId, requestId)) ?? intended.value);
}

/** Carries on requests whose end is not known: after a crash, a time-out, or the limits. */
export function carryRequestsOn(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return workOn(connection, view, "payout-requests", context, async (store, key, startedAt) => {
    const { database, tenantId } = connection;
    const open = await openRequests(database, tenantId, store.storeId);
    let count = 0;
    for (const request of open) {
      if (await carryOn(connection, store, request)) count += 1;
    }
    if (open.length > 0) {
      await database.transaction(async (tx) => {
        await context.fence(tx);
        await saveCursor(tx, key, {}, startedAt);
      });
    }
    return { count };
  });
}

/** True when its end is known now. */
async function carryOn(
  connection: AmazonConnection,
  store: AmazonStore,
  request: PayoutRequest,
): Promise<boolean> {
  if (request.askedAt === null) return send(connection, store, request);
  const made = await lookUp(store, request);
  if (made !== null) {
    const end: RequestEnd = { state: "initiated", reference: made, reasons: [] };
    return finish(connection, request.requestId, end);
  }
  const waitedMs = msOf(connection.clock.now()) - msOf(request.askedAt);
  if (waitedMs < SHOWN_MS) return false;
  if (request.askCount < ASKS_MAX) return send(connection, store, request);
  const message = `It was sent ${request.askCount} times and the marketplace shows no payout.`;
  const reasons = [{ code: "no-payout-found", line: null, message }];
  return finish(connection, request.requestId, { state: "given-up", reference: null, reasons });
}

/** Sends it once. True when the marketplace answered; an outage leaves it `asked`. */
async function send(
  connection: AmazonConnection,
  store: AmazonStore,
  { requestId, askCount }: PayoutRequest,
): Promise<boolean> {
  const { database, tenantId, clock } = connection;
  const request = await database.transaction((tx) =>
    markAsked(tx, tenantId, requestId, askCount, clock.now()),
  );
  if (request === null) return false;
  const { marketplaceId, accountType } = request;
  const body = { marketplaceId, accountType };
  try {
    const answer = await store.call({ operation: "initiatePayout", body });
    if (!answer.ok) {
      const end = { state: "refused", reference: null, reasons: answer.reasons } as const;
      return await finish(connection, requestId, end);
    }
    const told: JsonObject = isObject(answer.json) ? answer.json : new Map();
    const reference = textOf(told, "payoutReferenceId");
    return await finish(connection, requestId, { state: "initiated", reference, reasons: [] });
  } catch (error) {
    // A call that the limits kept from going out was not sent: it may go out without a look-up.
    if (error instanceof Throttled) await unmarkAsked(connection, requestId);
    throw error;
  }
}

async function unmarkAsked({ database, tenantId }: AmazonConnection, requestId: string) {
  await database.query(
    `UPDATE payout_request SET state = 'intended', asked_at = NULL, ask_count = ask_count - 1
      WHERE tenant_id = $1 AND request_id = $2 AND state = 'asked' AND ask_count = 1`,
    [tenantId, requestId],
  );
}

async function finish(
  { database, tenantId, clock }: AmazonConnection,
  requestId: string,
  end: RequestEnd,
): Promise<boolean> {
  await database.transaction((tx) => endRequest(tx, tenantId, requestId, end, clock.now()));
  return true;
}

/** The payout on demand of this store and account type that was made since the request was sent; its id, or null. */
async function lookUp(store: AmazonStore, request: PayoutRequest): Promise<string | null> {
  const since: Instant = instantOfMs(msOf(request.requestedAt) - SKEW_MS);
  const call = {
    operation: "listPayouts",
    query: { createdAfter: since, marketplaceIds: [request.marketplaceId] },
  } as const;
  for await (const { body } of pagesOf(store, call, { name: "nextToken", alone: false })) {
    const payouts = body.get("payouts");
    const list = isArray(payouts) ? payouts.filter(isObject) : [];
    const made = list.find((payout) => isMadeFor(payout, request, since));
    if (made !== undefined) return textOf(made, "id");
  }
  return null;
}

function isMadeFor(payout: JsonObject, request: PayoutRequest, since: Instant): boolean {
  const { marketplaceId, accountType } = accountOf(payout);
  const createdAt = parseInstant(textOf(payout, "creationDate") ?? "");
  return (
    plainStatus(textOf(payout, "type") ?? "") === "ondemand" &&
    marketplaceId === request.marketplaceId &&
    plainStatus(accountType ?? "") === plainStatus(request.accountType) &&
    createdAt !== null &&
    createdAt >= since
  );
}
