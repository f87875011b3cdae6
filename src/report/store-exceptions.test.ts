import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY, type Policy } from "../policy/policy.ts";
import { DEFAULT_TENANT } from "../runtime/channel.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs, msOf } from "../time/instant.ts";
import { listExceptions } from "./exceptions.ts";
import { moneyOnTheWay } from "./money-on-the-way.ts";
import { openTestChannel, type TestChannel } from "./verify/test-channel.ts";
import { payoutFile, SALE, statementFile } from "./verify/test-files.ts";

const SELLER = "acme";
const DAY_MS = 86_400_000;

let channel: TestChannel;

beforeEach(async () => {
  channel = await openTestChannel([{ id: SELLER, legalName: "Acme", accounts: [] }]);
});
afterEach(() => channel.close());

const now = () => channel.channel.clock.now();
const after = (days: number) => instantOfMs(msOf(now()) + days * DAY_MS);

async function exceptionsAt(at: Instant, policy: Policy = DEFAULT_POLICY) {
  const settings = { policy, now: at, limit: 100, sellerId: SELLER };
  return (await listExceptions(channel.database, DEFAULT_TENANT, settings)).exceptions;
}

const kindsAt = async (at: Instant) =>
  (await exceptionsAt(at)).map(({ kind, code }) => `${kind} ${code}`);

function told(listKey: string, ...items: readonly object[]) {
  return { name: `${listKey}.json`, content: JSON.stringify({ [listKey]: items }) };
}

const money = (amount: number) => ({ currencyCode: "USD", currencyAmount: amount });
const partnerMetadata = { partnerId: "A1", accountType: "Standard Orders", marketplaceId: "M1" };

function summary(settlementId: string, amount: number) {
  const related = { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: settlementId };
  return told("summaries", {
    partnerMetadata,
    netProceeds: money(amount),
    relatedIdentifiers: [related],
  });
}

/** A store of the seller that was bound ten days ago, until `expires` days from now. */
async function bindStore(expires: number, nameCheck = "same"): Promise<void> {
  await channel.database.query(
    `INSERT INTO store (tenant_id, store_id, seller_id, marketplace, region, name, partner_id, name_check,
                        participations, checked_at, created_at, version)
     VALUES ($1, 'sto_1', $2, 'amazon', 'na', 'Lamps', 'A1', $3, '[]', $4, $4, 1)`,
    [DEFAULT_TENANT, SELLER, nameCheck, after(-10)],
  );
  await channel.database.query(
    `INSERT INTO store_binding (tenant_id, binding_id, store_id, marketplace, region, partner_id, sealed_token,
                                bound_at, bound_by, expires_at)
     VALUES ($1, 'sb_1', 'sto_1', 'amazon', 'na', 'A1', 'x', $2, 'user_1', $3)`,
    [DEFAULT_TENANT, after(-10), after(expires)],
  );
}

describe("the marketplace's own total of a settlement", () => {
  it("is an exception while it differs from the report, by the difference, and none once it agrees", async () => {
    const lines = [
      SALE(100_000n),
      ["other-transaction", "other-transaction", "Current Reserve Amount", -2_500n],
    ] as const;
    await channel.settle(
      [statementFile({ id: "31100000001", endOn: "2026-11-21", lines })],
      SELLER,
    );
    await channel.settle([summary("31100000001", 974.99)], SELLER);
    const [found] = await exceptionsAt(now());
    expect(found).toMatchObject({
      kind: "control-total-differs",
      amount: "-0.01",
      currency: "USD",
      sellerId: SELLER,
      file: "summaries.json",
      line: 1,
    });
    await channel.settle([summary("31100000001", 975)], SELLER);
    expect(await exceptionsAt(now())).toEqual([]);
    // The same answer as before comes again: it is the marketplace's last word.
    await channel.settle([summary("31100000001", 974.99)], SELLER);
    expect(await kindsAt(now())).toEqual(["control-total-differs marketplace-summary"]);
  });

  it("is compared with the proceeds where the policy says so: reserves are none", async () => {
    const lines = [
      SALE(100_000n),
      ["other-transaction", "other-transaction", "Current Reserve Amount", -2_500n],
    ] as const;
    await channel.settle(
      [statementFile({ id: "31100000001", endOn: "2026-11-21", lines })],
      SELLER,
    );
    await channel.settle([summary("31100000001", 1_000)], SELLER);
    expect(await exceptionsAt(now())).toHaveLength(1);
    expect(await exceptionsAt(now(), { ...DEFAULT_POLICY, controlTotal: "proceeds" })).toEqual([]);
  });

  it("of another seller's settlement is refused", async () => {
    await channel.channel.register([{ id: "other", legalName: "Other", accounts: [] }]);
    await channel.settle(
      [statementFile({ id: "31100000001", endOn: "2026-11-21", lines: [SALE(100n)] })],
      SELLER,
    );
    const [outcome] = await channel.settle([summary("31100000001", 1)], "other");
    expect(outcome).toMatchObject({
      outcome: "refused",
      reasons: [{ code: "settlement-of-another-seller" }],
    });
  });
});

describe("a connected store", () => {
  it("is an exception when its authorisation ends, but not when somebody here ended it", async () => {
    await bindStore(40);
    expect(await kindsAt(now())).toEqual([]);
    expect(await kindsAt(after(11))).toEqual(["store-authorisation expiring"]);
    expect(await kindsAt(after(41))).toEqual(["store-authorisation expired"]);
    const end = (reason: string) =>
      channel.database.query(`UPDATE store_binding SET ended_at = $1, end_reason = $2`, [
        now(),
        reason,
      ]);
    await end("withdrawn");
    expect(await kindsAt(now())).toEqual(["store-authorisation revoked"]);
    await end("unbound");
    expect(await kindsAt(now())).toEqual([]);
  });

  it("is an exception while its name is in doubt, its work fails, or a report was not made", async () => {
    await bindStore(300, "differs");
    await channel.database.query(
      `INSERT INTO store_cursor VALUES ($1, 'sto_1', 'payouts', '{}', $2, $3, 3, 'listPayouts answered 500'),
                                       ($1, 'sto_1', 'reports', '{}', $2, $3, 2, 'once or twice')`,
      [DEFAULT_TENANT, after(-1), now()],
    );
    await channel.database.query(
      `INSERT INTO store_report (tenant_id, store_id, report_id, report_type, status, created_at, listed_at)
       VALUES ($1, 'sto_1', 'r1', 'V2', 'FATAL', $2, $2), ($1, 'sto_1', 'r2', 'V2', 'CANCELLED', $2, $2)`,
      [DEFAULT_TENANT, after(-1)],
    );
    expect(await kindsAt(now())).toEqual([
      "report-not-made fatal",
      "store-failing payouts",
      "store-name-in-doubt differs",
    ]);
  });

  it("misses the report of a settlement that a payout names, until it comes", async () => {
    await bindStore(300);
    const payout = { id: "31100000001", minor: 100n, on: "2026-11-22", trace: "4B71X6KQWZPL2M" };
    await channel.settle([payoutFile("payouts.json", [payout])], SELLER);
    const missing = async () =>
      (await kindsAt(after(3))).filter((kind) => kind.startsWith("settlement"));
    expect(await kindsAt(now())).toEqual([]);
    expect(await missing()).toEqual(["settlement-missing report-did-not-come"]);
    await channel.settle(
      [statementFile({ id: "31100000001", endOn: "2026-11-21", lines: [SALE(100n)] })],
      SELLER,
    );
    expect(await missing()).toEqual([]);
  });
});

const balance = (amount: number) =>
  told("balances", {
    partnerMetadata,
    balanceType: "TOTAL",
    amount: money(amount),
    balances: [{ balanceType: "AVAILABLE", amount: money(amount - 1) }],
  });

describe("money on the way", () => {
  it("is what the marketplace told last, also when it says again what it said before", async () => {
    await channel.settle([balance(10), balance(20), balance(10)], SELLER);
    const { balances } = await moneyOnTheWay(channel.database, DEFAULT_TENANT, SELLER);
    expect(balances.map(({ kind, amount, currency }) => [kind, amount, currency])).toEqual([
      ["available", "9.00", "USD"],
      ["total", "10.00", "USD"],
    ]);
    expect(balances[0]?.toldAt).toBe(now());
    expect((await moneyOnTheWay(channel.database, DEFAULT_TENANT, "other")).balances).toEqual([]);
  });

  it("forgets what a store's last poll did not tell any more, and sums the pages of one poll", async () => {
    await bindStore(300);
    const deferred = (amount: number, maturityDate: string) => ({
      sellingPartnerMetadata: { sellingPartnerId: "A1", marketplaceId: "M1" },
      transactionStatus: "DEFERRED",
      totalAmount: money(amount),
      contexts: [{ deferralReason: "DD7", maturityDate }],
    });
    const expected = told("expectedPayouts", {
      partnerMetadata,
      status: "SCHEDULED",
      amount: money(12.5),
      scheduledDate: "2026-11-30T08:00:00Z",
    });
    await channel.settle(
      [told("transactions", deferred(99, "2026-11-24T00:00:00Z")), expected],
      SELLER,
    );
    await channel.database.query(
      `INSERT INTO store_cursor (tenant_id, store_id, operation, cursor, polled_at, failure_count)
       VALUES ($1, 'sto_1', 'deferred', '{}', $2, 0)`,
      [DEFAULT_TENANT, instantOfMs(msOf(now()) + 1)],
    );
    await channel.settle(
      [
        told("transactions", deferred(1.25, "2026-11-25T00:00:00Z")),
        told(
          "transactions",
          deferred(2, "2026-11-25T00:00:00Z"),
          deferred(3, "2026-11-26T00:00:00Z"),
        ),
      ],
      SELLER,
    );
    const view = await moneyOnTheWay(channel.database, DEFAULT_TENANT, null);
    expect(view.deferred).toMatchObject([
      { releaseOn: "2026-11-25", amount: "3.25", transactionCount: 2, reason: "DD7" },
      { releaseOn: "2026-11-26", amount: "3.00", transactionCount: 1 },
    ]);
    expect(view.expectedPayouts).toMatchObject([
      { status: "scheduled", amount: "12.50", currency: "USD" },
    ]);
  });
});
