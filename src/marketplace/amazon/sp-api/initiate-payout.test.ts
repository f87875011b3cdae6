import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../storage/test-database.ts";
import { readTimeline } from "../../../timeline/timeline.ts";
import { findRequest, PAYOUT_REQUEST_PAUSE_MS } from "../../stores/payout-request.ts";
import type { StoreView } from "../../stores/store.ts";
import { unbindStore } from "../../stores/store-acts.ts";
import type { AmazonConnection } from "./amazon-store.ts";
import { carryRequestsOn, requestPayout } from "./initiate-payout.ts";
import {
  boundStore,
  errorReply,
  loginRoutes,
  must,
  NO_LEASE,
  PARTNER,
  type Route,
  type ScriptedAmazon,
  scriptedAmazon,
  TENANT,
  testConnection,
} from "./test-amazon.ts";

const PAYOUTS = "/finances/transfers/2024-06-01/payouts";
const GERMANY = "A1PA6795UKMFR9";
const MINUTE_MS = 60_000;

let database: TestDatabase;
let amazon: ScriptedAmazon;
let connection: AmazonConnection;
let clock: ReturnType<typeof testConnection>["clock"];
let store: StoreView;
/** What listPayouts shows. */
let shown: unknown[];

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  for (const table of ["payout_request", "store_cursor", "store_consent", "store_binding", "store"])
    await database.query(`DELETE FROM ${table}`);
  amazon = scriptedAmazon(loginRoutes());
  ({ connection, clock } = testConnection(database, amazon));
  store = await boundStore(connection, "eu");
  shown = [];
  script(() => ({ body: { payoutReferenceId: "payout-1" } }));
});

function script(initiate: Route): void {
  amazon.routes = {
    ...loginRoutes(),
    [`POST ${PAYOUTS}`]: initiate,
    [`GET ${PAYOUTS}`]: () => ({ body: { payouts: shown } }),
  };
}

const hangUp: Route = () => Promise.reject(new Error("socket hang up"));

let wishes = 0;

function wish(marketplaceId = GERMANY) {
  wishes += 1;
  return { requestId: `pr_${wishes}`, storeId: store.storeId, marketplaceId, actor: "user_1" };
}

function shownPayout(changes: Record<string, unknown> = {}) {
  return {
    id: "payout-7",
    type: "ON_DEMAND",
    creationDate: clock.now(),
    currentStatus: "STARTED",
    amount: { currencyCode: "EUR", currencyAmount: 12.5 },
    partnerMetadata: {
      partnerId: PARTNER,
      marketplaceId: GERMANY,
      accountType: "STANDARD_ORDERS",
    },
    ...changes,
  };
}

const carryOn = () => carryRequestsOn(connection, store, NO_LEASE);
const sent = () => amazon.asked.filter(({ method, path }) => method === "POST" && path === PAYOUTS);

describe("asking for a payout", () => {
  it("has the intent on record before Amazon hears of it, and tells how it ended", async () => {
    const asked = wish();
    const seen: unknown[] = [];
    script(async ({ body }) => {
      const request = await findRequest(database, TENANT, asked.requestId);
      seen.push(JSON.parse(body), request?.state, request?.askCount);
      return { body: { payoutReferenceId: "payout-1" } };
    });
    const request = must(await requestPayout(connection, asked));
    expect(seen).toEqual([{ marketplaceId: GERMANY, accountType: "Standard Orders" }, "asked", 1]);
    expect(request).toMatchObject({
      state: "initiated",
      reference: "payout-1",
      requestedBy: "user_1",
    });
    const told = await readTimeline(database, TENANT, [asked.requestId]);
    expect(told.map(({ kind, actor }) => [kind, actor ?? null])).toEqual([
      ["payout-requested", "user_1"],
      ["payout-request-initiated", null],
    ]);
    expect(must(await requestPayout(connection, asked))).toEqual(request);
    expect(sent()).toHaveLength(1);
  });

  it("is let through once in 24 hours, and again at once where Amazon refused", async () => {
    script(() => errorReply(400, "InvalidInput"));
    const refused = must(await requestPayout(connection, wish()));
    expect(refused).toMatchObject({ state: "refused", reasons: [{ code: "InvalidInput" }] });
    script(() => ({ body: { payoutReferenceId: "payout-1" } }));
    expect(must(await requestPayout(connection, wish())).state).toBe("initiated");
    clock.advanceMs(PAYOUT_REQUEST_PAUSE_MS - 1);
    const soon = await requestPayout(connection, wish());
    expect(soon).toMatchObject({ ok: false, refusal: { code: "payout-asked-lately" } });
    expect(sent()).toHaveLength(2);
    clock.advanceMs(1);
    expect(must(await requestPayout(connection, wish())).state).toBe("initiated");
  });

  it("is sent by one of two who ask at once", async () => {
    const both = await Promise.all([wish(), wish()].map((one) => requestPayout(connection, one)));
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  it("goes nowhere where Amazon pays by its own schedule, or nobody consents any more", async () => {
    const american = await requestPayout(connection, wish("ATVPDKIKX0DER"));
    expect(american).toMatchObject({ ok: false, refusal: { code: "payout-not-on-demand" } });
    // France would do, but the account does not take part there.
    const french = await requestPayout(connection, wish("A13V1IB3VIYZZH"));
    expect(french).toMatchObject({ ok: false, refusal: { code: "payout-not-on-demand" } });
    must(await unbindStore(connection, store.storeId, "user_1"));
    const unbound = await requestPayout(connection, wish());
    expect(unbound).toMatchObject({ ok: false, refusal: { code: "store-not-bound" } });
    expect(sent()).toEqual([]);
  });
});

describe("a payout whose answer did not come", () => {
  it("is not taken for another kind, country store, account or day of payout", async () => {
    script(hangUp);
    const asked = must(await requestPayout(connection, wish()));
    const elsewhere = { partnerId: PARTNER, marketplaceId: "A13V1IB3VIYZZH" };
    const invoiced = { partnerId: PARTNER, marketplaceId: GERMANY, accountType: "INVOICED_ORDERS" };
    shown = [
      shownPayout({ type: "SCHEDULED" }),
      shownPayout({ partnerMetadata: { ...elsewhere, accountType: "STANDARD_ORDERS" } }),
      shownPayout({ partnerMetadata: invoiced }),
      shownPayout({ creationDate: "2026-07-29T08:00:00Z" }),
    ];
    expect(await carryOn()).toEqual({ count: 0 });
    const { state } = (await findRequest(database, TENANT, asked.requestId)) ?? {};
    expect(state).toBe("asked");
  });

  it("is not sent while the list cannot be read", async () => {
    script(hangUp);
    must(await requestPayout(connection, wish()));
    amazon.routes = { ...amazon.routes, [`GET ${PAYOUTS}`]: () => errorReply(503, "Unavailable") };
    clock.advanceMs(11 * MINUTE_MS);
    await expect(carryOn()).rejects.toThrow("listPayouts");
    expect(sent()).toHaveLength(1);
  });
});
