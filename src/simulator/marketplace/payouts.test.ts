import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import { FAILURE_TEXTS } from "./postings.ts";
import type { StoreState } from "./state.ts";
import {
  DAY_MS,
  HOUR_MS,
  START,
  type TestMarketplace,
  testMarketplace,
} from "./test-marketplace.ts";

const PAYOUTS_PATH = "/finances/transfers/2024-06-01/payouts";

type PayoutAnswer = {
  readonly id: string;
  readonly type: string;
  readonly currentStatus: string;
  readonly statusHistory: readonly { status: string; failureReason?: string }[];
  readonly amount: { readonly currencyCode: string; readonly currencyAmount: number };
  readonly traceId?: string;
  readonly relatedIdentifiers: readonly { relatedIdentifierValue: string }[];
};

async function payoutsOf({ caller }: TestMarketplace): Promise<readonly PayoutAnswer[]> {
  return (await caller.get<{ payouts: PayoutAnswer[] }>(PAYOUTS_PATH)).payouts;
}

async function groupsOf({ caller }: TestMarketplace): Promise<readonly Record<string, unknown>[]> {
  const path = `/finances/v0/financialEventGroups?FinancialEventGroupStartedAfter=${START}`;
  const { payload } = await caller.get<{
    payload: { FinancialEventGroupList: Record<string, unknown>[] };
  }>(path);
  return payload.FinancialEventGroupList;
}

/** Sales of exactly the amount after fees: a reimbursement has none. */
function earn({ controls, clock }: TestMarketplace, store: StoreState, minor: bigint): void {
  controls.charge(store.storeId, "reimbursement", minor);
  clock.advanceMs(60_000);
}

function linesOf(store: StoreState): readonly (readonly [string, bigint])[] {
  const open = store.settlements.at(-1)?.settlementId;
  return store.transactions
    .filter(({ settlementId }) => settlementId === open)
    .flatMap(({ lines }) =>
      lines.map((line) => [line.amountDescription, line.amountMinor] as const),
    );
}

const BY_HAND = { settings: { periodDays: null } } as const;

describe("a payout", () => {
  it("starts at the close, is in transit after six hours and paid after a day and a half", async () => {
    const made = await testMarketplace(BY_HAND);
    earn(made, made.store, 60_699n);
    const { settlementId } = made.controls.closeSettlement(made.store.storeId);
    expect(await payoutsOf(made)).toMatchObject([
      { id: settlementId, currentStatus: "STARTED", amount: { currencyAmount: 606.99 } },
    ]);
    expect((await payoutsOf(made))[0]).not.toHaveProperty("traceId");
    made.clock.advanceMs(6 * HOUR_MS);
    expect(await payoutsOf(made)).toMatchObject([{ currentStatus: "IN_TRANSIT" }]);
    expect((await groupsOf(made))[1]).toMatchObject({ FundTransferStatus: "Processing" });
    made.clock.advanceMs(30 * HOUR_MS);
    const [paid] = await payoutsOf(made);
    expect(paid?.statusHistory.map(({ status }) => status)).toEqual([
      "STARTED",
      "IN_TRANSIT",
      "PAID",
    ]);
    expect((await groupsOf(made))[1]).toMatchObject({
      FundTransferStatus: "Succeeded",
      TraceId: paid?.traceId,
      OriginalTotal: { CurrencyAmount: 606.99 },
    });
  });

  it("that fails is credited to the settlement that is open then, with its reason", async () => {
    const made = await testMarketplace(BY_HAND);
    earn(made, made.store, 10_000n);
    made.controls.closeSettlement(made.store.storeId, {
      plan: { kind: "failed", reason: "unexpected" },
    });
    made.clock.advanceMs(2 * DAY_MS);
    expect(await payoutsOf(made)).toMatchObject([
      {
        currentStatus: "FAILED",
        statusHistory: [{}, {}, { failureReason: "We encountered an unexpected issue." }],
      },
    ]);
    expect(made.controls.transfers()).toEqual([]);
    expect(linesOf(made.store)).toEqual([[FAILURE_TEXTS.unexpected, 10_000n]]);
  });

  it("that the receiving bank sent back fails after it was paid", async () => {
    const made = await testMarketplace(BY_HAND);
    earn(made, made.store, 10_000n);
    const { settlementId } = made.controls.closeSettlement(made.store.storeId);
    made.controls.hurryPayout(settlementId);
    expect(await payoutsOf(made)).toMatchObject([{ currentStatus: "PAID" }]);
    made.controls.failPayout(settlementId);
    expect((await payoutsOf(made))[0]?.statusHistory.map(({ status }) => status)).toEqual([
      "STARTED",
      "IN_TRANSIT",
      "PAID",
      "FAILED",
    ]);
    expect(linesOf(made.store)).toEqual([[FAILURE_TEXTS["bank-account"], 10_000n]]);
    expect(() => made.controls.failPayout(settlementId)).toThrow("could still fail");
  });

  it("can be skipped and paid with the next, as a real account showed", async () => {
    const made = await testMarketplace(BY_HAND);
    earn(made, made.store, 223_061n);
    made.controls.closeSettlement(made.store.storeId, { plan: { kind: "joined" } });
    made.clock.advanceMs(DAY_MS);
    expect(await payoutsOf(made)).toEqual([]);
    earn(made, made.store, 149_594n);
    const { settlementId } = made.controls.closeSettlement(made.store.storeId);
    made.clock.advanceMs(DAY_MS);
    const [both, ...others] = await payoutsOf(made);
    expect(others).toEqual([]);
    expect(both).toMatchObject({
      amount: { currencyAmount: 3726.55 },
      relatedIdentifiers: [{ relatedIdentifierValue: settlementId }],
    });
    expect(await groupsOf(made)).toMatchObject([
      { ProcessingStatus: "Open" },
      { OriginalTotal: { CurrencyAmount: 3726.55 }, BeginningBalance: { CurrencyAmount: 2230.61 } },
      { OriginalTotal: { CurrencyAmount: 2230.61 }, FundTransferStatus: "Unknown" },
    ]);
    made.controls.changeSettings(made.store.storeId, { namesEverySettlement: true });
    expect((await payoutsOf(made))[0]?.relatedIdentifiers).toHaveLength(2);
  });

  it("below the minimum is not made: the next settlement is credited with it", async () => {
    const made = await testMarketplace({
      settings: { periodDays: null, minimumPayoutMinor: 5_000n },
    });
    earn(made, made.store, 4_999n);
    made.controls.closeSettlement(made.store.storeId);
    expect(await payoutsOf(made)).toMatchObject([
      { currentStatus: "NO_PAYOUT", amount: { currencyAmount: 0 } },
    ]);
    expect(linesOf(made.store)).toEqual([[FAILURE_TEXTS.minimum, 4_999n]]);
  });

  it("is not made for a total below zero, which is charged to the card or netted", async () => {
    const charged = await testMarketplace({
      settings: { periodDays: null, negativeTotals: "charged" },
    });
    earn(charged, charged.store, -32_169n);
    charged.controls.closeSettlement(charged.store.storeId);
    charged.clock.advanceMs(80 * 60_000);
    expect(await payoutsOf(charged)).toMatchObject([
      { currentStatus: "NO_PAYOUT", amount: { currencyAmount: -321.69 } },
    ]);
    expect(linesOf(charged.controls.store(charged.store.storeId))).toEqual([
      ["Payable to Amazon", -32_169n],
      ["Successful charge", 32_169n],
    ]);
    expect((await groupsOf(charged))[1]).toMatchObject({ FundTransferStatus: "Succeeded" });

    const netted = await testMarketplace(BY_HAND);
    earn(netted, netted.store, -32_169n);
    netted.controls.closeSettlement(netted.store.storeId);
    netted.clock.advanceMs(DAY_MS);
    earn(netted, netted.store, 40_000n);
    const { totalMinor } = netted.controls.closeSettlement(netted.store.storeId);
    expect(totalMinor).toBe(7_831n);
  });

  it("can come in two transfers, and in another currency at a rate rounded once", async () => {
    const made = await testMarketplace({
      ...BY_HAND,
      marketplace: "CA",
      deposit: {
        accountNumber: "6217000000004821",
        currency: currencyOf("USD")!,
        rate: "0.71335",
      },
    });
    earn(made, made.store, 10_001n);
    made.controls.closeSettlement(made.store.storeId, { plan: { kind: "split" } });
    made.clock.advanceMs(7 * HOUR_MS);
    // 100.01 CAD * 0.71335 = 71.3421335 USD, in parts of 35.67 and 35.67.
    const [first, second] = made.controls.transfers();
    expect([first?.amountMinor, second?.amountMinor]).toEqual([3_567n, 3_567n]);
    expect(first?.deposit.accountNumber).toBe("6217000000004821");
    expect(await payoutsOf(made)).toMatchObject([
      {
        amount: { currencyCode: "USD", currencyAmount: 71.34 },
        traceId: `${first?.transferId}, ${second?.transferId}`,
      },
    ]);
    expect((await groupsOf(made))[1]).toMatchObject({
      OriginalTotal: { CurrencyCode: "CAD", CurrencyAmount: 100.01 },
      ConvertedTotal: { CurrencyCode: "USD", CurrencyAmount: 71.34 },
    });
  });

  it("waits for an account to go to", async () => {
    const made = await testMarketplace({ ...BY_HAND, deposit: null });
    earn(made, made.store, 10_000n);
    expect(await made.caller.get(`${PAYOUTS_PATH}/expected`)).toMatchObject({
      expectedPayouts: [{ status: "AT_RISK", amount: { currencyAmount: 100 } }],
    });
    made.controls.closeSettlement(made.store.storeId);
    expect(linesOf(made.store)).toEqual([[FAILURE_TEXTS["bank-account"], 10_000n]]);
  });
});

async function initiate(made: TestMarketplace, marketplaceId = "A1PA6795UKMFR9") {
  const answer = await made.caller.ask(PAYOUTS_PATH, {
    method: "POST",
    body: JSON.stringify({ marketplaceId, accountType: "Standard Orders" }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe("a payout on demand", () => {
  const EUROPE = { marketplace: "DE", settings: { periodDays: 14, deferral: "none" as const } };

  it("closes the settlement early and pays all there is, once in 24 hours", async () => {
    const made = await testMarketplace(EUROPE);
    made.controls.sell(made.store.storeId, { orders: 3 });
    const { openMinor } = made.controls.standing(made.store.storeId);
    const { status, body } = await initiate(made);
    expect([status, body["payoutReferenceId"]]).toEqual([200, made.store.settlements[0]?.groupId]);
    expect(made.store.payouts).toMatchObject([{ type: "ON_DEMAND", originalMinor: openMinor }]);
    made.clock.advanceMs(DAY_MS - 1);
    made.controls.sell(made.store.storeId);
    expect(await initiate(made)).toMatchObject({
      status: 400,
      body: { errors: [{ code: "PayoutLimitExceeded" }] },
    });
    made.clock.advanceMs(1);
    expect(await initiate(made)).toMatchObject({ status: 200 });
  });

  it("is refused for two reasons at once, and in marketplaces that have none", async () => {
    const made = await testMarketplace({ ...EUROPE, deposit: null });
    expect(await initiate(made)).toMatchObject({
      status: 400,
      body: { errors: [{ code: "NoDepositMethod" }, { code: "InsufficientPayoutAmount" }] },
    });
    expect(await initiate(made, "ATVPDKIKX0DER")).toMatchObject({ status: 400 });
  });

  it("may have happened although its answer was lost", async () => {
    const made = await testMarketplace(EUROPE);
    made.controls.sell(made.store.storeId, { orders: 3 });
    made.controls.disturb("initiatePayout", "lost-answer");
    expect(await initiate(made)).toMatchObject({ status: 500 });
    expect(await payoutsOf(made)).toMatchObject([{ type: "ON_DEMAND", currentStatus: "STARTED" }]);
  });
});
