import { describe, expect, it } from "vitest";
import { currencyOf } from "../money/currency.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import type { CivilDate } from "../time/instant.ts";
import {
  decideRelease,
  type ReleaseFacts,
  type ReleaseMatch,
  type ReleaseStatement,
} from "./decide-release.ts";
import { payoutState } from "./payout-state.ts";

const USD = currencyOf("USD")!;
const TODAY = "2026-11-20" as CivilDate;

function match(over: Partial<ReleaseMatch> = {}): ReleaseMatch {
  return {
    matchId: "ma_1",
    creditId: "cr_1",
    layer: "reference",
    currency: USD,
    amountMinor: 100_000n,
    paidMinor: 100_000n,
    undoneMinor: 0n,
    undonePaidMinor: 0n,
    undoneBeforeMinor: 0n,
    releasedMinor: 0n,
    everReleasedMinor: 0n,
    accountNumber: "6222601008801",
    accountSellerId: "acme",
    payerName: "AMAZON.COM SERVICES LLC",
    ultimatePayerName: null,
    ...over,
  };
}

const STATEMENT: ReleaseStatement = {
  settlementId: "101",
  verdict: "proven",
  totalMinor: 100_000n,
  currency: "USD",
  reasons: [],
};

function facts(over: Partial<ReleaseFacts> = {}): ReleaseFacts {
  return {
    payoutId: "po_1",
    sellerId: "acme",
    marketplace: "amazon",
    reference: "101",
    currency: USD,
    amountMinor: 100_000n,
    originalCurrency: null,
    originalMinor: null,
    source: "list-payouts",
    announcedStatus: "paid",
    accountTail: "8801",
    missingSettlementIds: [],
    statements: [STATEMENT],
    matches: [match()],
    proposed: null,
    returnedBeforeMinor: 0n,
    ruled: [],
    waivers: [],
    ...over,
  };
}

function codes(over: Partial<ReleaseFacts>, policy = DEFAULT_POLICY): string[] {
  return decideRelease(facts(over), policy, TODAY).holds.map((hold) => hold.code);
}

describe("release or hold", () => {
  it("releases what is proven, paid by a known payer, to the seller's account, to the cent", () => {
    const decision = decideRelease(facts(), DEFAULT_POLICY, TODAY);
    expect(decision).toMatchObject({
      holds: [],
      releases: [{ matchId: "ma_1", amountMinor: 100_000n }],
    });
    expect(payoutState(facts(), decision)).toEqual({ state: "released", isOpen: false });
  });

  it.each<[string, Partial<ReleaseFacts>]>([
    ["account-of-another-seller", { matches: [match({ accountSellerId: "other" })] }],
    ["account-of-another-seller", { matches: [match({ accountSellerId: null })] }],
    ["account-tail-differs", { accountTail: "0000" }],
    ["payer-not-named", { matches: [match({ payerName: null })] }],
    ["payer-not-known", { matches: [match({ payerName: "Amazon Trading Shenzhen Co Ltd" })] }],
    ["payout-failed", { announcedStatus: "failed" }],
    ["statement-missing", { statements: [] }],
    ["statement-missing", { missingSettlementIds: ["102"] }],
    ["statement-quarantined", { statements: [{ ...STATEMENT, verdict: "quarantined" }] }],
    ["statements-differ", { statements: [{ ...STATEMENT, totalMinor: 99_999n }] }],
    ["statements-differ", { statements: [{ ...STATEMENT, currency: "EUR" }] }],
    ["amount-over", { amountMinor: 90_000n, statements: [{ ...STATEMENT, totalMinor: 90_000n }] }],
    ["amount-short", { matches: [match({ amountMinor: 98_500n, paidMinor: 98_500n })] }],
  ])("holds with %s", (code, over) => {
    const decision = decideRelease(facts(over), DEFAULT_POLICY, TODAY);
    expect(decision.releases).toEqual([]);
    expect(decision.holds.map((hold) => hold.code)).toContain(code);
    for (const hold of decision.holds) {
      expect(hold.amountMinor).toBeGreaterThan(0n);
      expect(hold.papers.length).toBeGreaterThan(0);
      expect(hold.message).toMatch(/\.$/);
      expect(hold.dueOn).toBe("2026-11-27");
    }
    expect(payoutState(facts(over), decision).state).toBe("held");
  });

  it("knows the payer by the ultimate payer too, and by letters and digits only", () => {
    expect(
      codes({
        matches: [
          match({ payerName: "CITIBANK NA", ultimatePayerName: "Amazon Payments Europe S.C.A." }),
        ],
      }),
    ).toEqual([]);
    expect(codes({ matches: [match({ payerName: "amazon.com services, llc" })] })).toEqual([]);
  });

  it("holds an amount matched without a reference only where the policy says so", () => {
    const weak = { matches: [match({ layer: "amount-date-payer" })] };
    expect(codes(weak)).toEqual([]);
    expect(codes(weak, { ...DEFAULT_POLICY, releaseWithoutReference: false })).toEqual([
      "matched-without-reference",
    ]);
  });

  it("needs no statement where the policy does not require one", () => {
    expect(
      codes(
        { statements: [], missingSettlementIds: ["101"] },
        { ...DEFAULT_POLICY, requireProvenStatement: false },
      ),
    ).toEqual([]);
  });

  it("compares a converted payout with its statements in the store's currency", () => {
    const converted = {
      originalCurrency: "EUR",
      originalMinor: 92_000n,
      statements: [{ ...STATEMENT, currency: "EUR", totalMinor: 92_000n }],
    };
    expect(codes(converted)).toEqual([]);
  });

  it("holds what nobody has claimed, by the amount that would pay it", () => {
    const unclaimed = facts({
      sellerId: null,
      matches: [],
      proposed: { currency: USD, amountMinor: 100_000n },
    });
    const decision = decideRelease(unclaimed, DEFAULT_POLICY, TODAY);
    expect(decision.holds).toMatchObject([{ code: "seller-unknown", amountMinor: 100_000n }]);
    expect(payoutState(unclaimed, decision).state).toBe("held");
  });

  it("releases only what was not released or taken back before", () => {
    const partly = facts({
      matches: [match({ releasedMinor: 100_000n, everReleasedMinor: 100_000n })],
    });
    expect(decideRelease(partly, DEFAULT_POLICY, TODAY)).toMatchObject({ releases: [], holds: [] });
    const returned = facts({
      matches: [match({ undoneMinor: 100_000n, undonePaidMinor: 100_000n })],
    });
    const decision = decideRelease(returned, DEFAULT_POLICY, TODAY);
    expect(decision).toMatchObject({ releases: [], holds: [] });
    expect(payoutState(returned, decision)).toEqual({ state: "returned", isOpen: true });
  });

  it("says where a payout stands before any money came", () => {
    const none = { payoutId: "po_1", releases: [], holds: [] };
    expect(payoutState(facts({ matches: [] }), none).state).toBe("announced");
    expect(payoutState(facts({ matches: [], source: "statement" }), none).state).toBe("expected");
    expect(payoutState(facts({ matches: [], announcedStatus: "failed" }), none)).toEqual({
      state: "failed",
      isOpen: false,
    });
    expect(payoutState(facts({ matches: [], amountMinor: -100n }), none)).toEqual({
      state: "charged",
      isOpen: false,
    });
  });
});
