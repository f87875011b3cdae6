import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import { creditTexts } from "./credit-texts.ts";
import {
  type MatchSettings,
  matchCredits,
  type OpenCredit,
  type OpenPayout,
} from "./match-credits.ts";

const USD = currencyOf("USD")!;
const EUR = currencyOf("EUR")!;
const SETTINGS: MatchSettings = {
  charges: { toleranceMinor: {}, impliedMinor: { USD: 7500n } },
  sums: true,
};

function credit(over: Partial<OpenCredit> & { lines?: string[] } = {}): OpenCredit {
  const { lines, ...rest } = over;
  const amountMinor = over.amountMinor ?? 100_000n;
  return {
    creditId: "cr_1",
    sellerId: "acme",
    accountNumber: "6222601008801",
    currency: USD,
    openMinor: amountMinor,
    amountMinor,
    undoneMinor: 0n,
    creditedOn: "2026-10-20" as CivilDate,
    instructed: null,
    charges: [],
    texts: creditTexts([], lines ?? []),
    payerOf: new Set(["amazon"]),
    ...rest,
  };
}

function payout(over: Partial<OpenPayout> = {}): OpenPayout {
  const amountMinor = over.amountMinor ?? 100_000n;
  return {
    payoutId: "po_1",
    sellerId: "acme",
    marketplace: "amazon",
    currency: USD,
    amountMinor,
    openMinor: amountMinor,
    firstOn: "2026-10-16" as CivilDate,
    lastOn: "2026-10-23" as CivilDate,
    accountTail: null,
    tokens: ["4B71X6KQWZPL2M"],
    ...over,
  };
}

describe("matching a credit to payouts", () => {
  it("trusts a reference in the bank's texts, wrapped over two lines or glued to words", () => {
    for (const lines of [
      ["AMZN 4B71X6KQWZPL2M"],
      ["AMZN PAYOUT 4B71X6K", "QWZPL2M USD"],
      ["REF4B71X6KQWZPL2M/OCT"],
    ]) {
      const { allocations } = matchCredits(
        [credit({ lines, creditedOn: null })],
        [payout()],
        SETTINGS,
      );
      expect(allocations).toMatchObject([
        { payoutId: "po_1", amountMinor: 100_000n, layer: "reference" },
      ]);
    }
  });

  it("never matches by amount alone", () => {
    const late = credit({ creditedOn: "2026-12-01" as CivilDate });
    const stranger = credit({ payerOf: new Set() });
    const undated = credit({ creditedOn: null });
    expect(matchCredits([late], [payout()], SETTINGS).unmatched).toMatchObject([
      { code: "no-payout-found" },
    ]);
    expect(matchCredits([stranger], [payout()], SETTINGS).unmatched).toMatchObject([
      { code: "payer-not-known" },
    ]);
    expect(matchCredits([undated], [payout()], SETTINGS).allocations).toEqual([]);
  });

  it("takes amount, date and payer together only when one payout fits", () => {
    const twins = [payout(), payout({ payoutId: "po_2", tokens: ["OTHERTOKEN"] })];
    expect(matchCredits([credit()], [payout()], SETTINGS).allocations).toMatchObject([
      { layer: "amount-date-payer" },
    ]);
    expect(matchCredits([credit()], twins, SETTINGS).unmatched).toEqual([
      { creditId: "cr_1", code: "several-payouts-fit" },
    ]);
  });

  it("does not take a number for a part of a longer number", () => {
    const numbered = payout({ tokens: ["21100000101"], amountMinor: 5n });
    const { allocations } = matchCredits(
      [credit({ lines: ["ACC 6222211000001019"] })],
      [numbered],
      SETTINGS,
    );
    expect(allocations).toEqual([]);
  });

  it("books a documented charge as a charge: by record, or by the instructed amount up to the limit", () => {
    const charges = [{ currency: "USD", minor: 1_500n, included: true }];
    const recorded = credit({ amountMinor: 98_500n, lines: ["4B71X6KQWZPL2M"], charges });
    const instructed = { currency: "USD", minor: 100_000n };
    const implied = credit({ amountMinor: 98_500n, lines: ["4B71X6KQWZPL2M"], instructed });
    for (const one of [recorded, implied]) {
      expect(matchCredits([one], [payout()], SETTINGS).allocations).toMatchObject([
        { amountMinor: 98_500n, chargeMinor: 1_500n, paidMinor: 100_000n },
      ]);
    }
  });

  it("does not call a large unrecorded shortfall a charge", () => {
    const short = credit({
      amountMinor: 50_000n,
      lines: ["4B71X6KQWZPL2M"],
      instructed: { currency: "USD", minor: 100_000n },
    });
    expect(matchCredits([short], [payout()], SETTINGS).allocations).toMatchObject([
      { amountMinor: 50_000n, chargeMinor: 0n, paidMinor: 50_000n },
    ]);
  });

  it("leaves what exceeds the payout in suspense", () => {
    const { allocations } = matchCredits(
      [credit({ amountMinor: 120_000n, lines: ["4B71X6KQWZPL2M"] })],
      [payout()],
      SETTINGS,
    );
    expect(allocations).toMatchObject([{ amountMinor: 100_000n, paidMinor: 100_000n }]);
  });

  it("finds the one set of payouts that a credit pays together", () => {
    const payouts = [30_000n, 70_000n, 90_000n].map((amountMinor, index) =>
      payout({ payoutId: `po_${index}`, amountMinor, tokens: [] }),
    );
    const { allocations } = matchCredits([credit()], payouts, SETTINGS);
    expect(allocations.map((item) => [item.payoutId, item.amountMinor, item.layer])).toEqual([
      ["po_0", 30_000n, "sum-date-payer"],
      ["po_1", 70_000n, "sum-date-payer"],
    ]);
    const ambiguous = [...payouts, payout({ payoutId: "po_9", amountMinor: 10_000n, tokens: [] })];
    expect(matchCredits([credit()], ambiguous, SETTINGS).unmatched).toMatchObject([
      { code: "several-payouts-fit" },
    ]);
  });

  it("matches an exchanged credit by its instructed amount in the payout's currency", () => {
    const exchanged = credit({
      lines: ["4B71X6KQWZPL2M"],
      amountMinor: 108_350n,
      instructed: { currency: "EUR", minor: 100_000n },
    });
    expect(
      matchCredits([exchanged], [payout({ currency: EUR })], SETTINGS).allocations,
    ).toMatchObject([{ amountMinor: 108_350n, paidMinor: 100_000n, chargeMinor: 0n }]);
  });

  const EXCHANGED = credit({
    currency: EUR,
    amountMinor: 91_001n,
    instructed: { currency: USD, minor: 100_000n },
    lines: ["4B71X6KQWZPL2M 4B71X6NNT8RD5C"],
  });

  it("divides an exchanged credit among all payouts that it names, and leaves no cent over", () => {
    const payouts = [
      payout({ amountMinor: 60_000n }),
      payout({ payoutId: "po_2", amountMinor: 40_000n, tokens: ["4B71X6NNT8RD5C"] }),
    ];
    expect(matchCredits([EXCHANGED], payouts, SETTINGS).allocations).toMatchObject([
      { payoutId: "po_1", amountMinor: 54_600n, paidMinor: 60_000n },
      { payoutId: "po_2", amountMinor: 36_401n, paidMinor: 40_000n },
    ]);
  });

  it("leaves an exchanged credit to a person when more was sent than the payout takes", () => {
    const { allocations, unmatched } = matchCredits(
      [EXCHANGED],
      [payout({ amountMinor: 60_000n })],
      SETTINGS,
    );
    expect(allocations).toEqual([]);
    expect(unmatched).toEqual([{ creditId: "cr_1", code: "not-divisible" }]);
  });

  it("does not cross sellers", () => {
    const named = credit({ lines: ["4B71X6KQWZPL2M"] });
    expect(matchCredits([named], [payout({ sellerId: "other" })], SETTINGS).allocations).toEqual(
      [],
    );
  });

  it("follows a reference to another account than the payout names, and nothing weaker", () => {
    const elsewhere = [payout({ accountTail: "9999" })];
    const named = credit({ lines: ["4B71X6KQWZPL2M"] });
    expect(matchCredits([named], elsewhere, SETTINGS).allocations).toHaveLength(1);
    expect(matchCredits([credit()], elsewhere, SETTINGS).allocations).toEqual([]);
  });

  it("does not count as paid what neither arrived nor was deducted", () => {
    const charges = [{ currency: "USD", minor: 200n, included: true }];
    const odd = credit({ amountMinor: 100n, lines: ["4B71X6KQWZPL2M"], charges });
    expect(
      matchCredits([odd], [payout({ amountMinor: 200n })], SETTINGS).allocations,
    ).toMatchObject([{ amountMinor: 100n, chargeMinor: 0n, paidMinor: 100n }]);
  });

  it("never gives out more than a credit has, nor pays a payout beyond what it owes", () => {
    const amounts = fc.bigInt({ min: 1n, max: 500n });
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            amount: amounts,
            named: fc.nat({ max: 5 }),
            charge: fc.bigInt({ min: 0n, max: 50n }),
          }),
          { maxLength: 8 },
        ),
        fc.array(amounts, { minLength: 1, maxLength: 6 }),
        (credits, owed) => {
          const payouts = owed.map((amountMinor, index) =>
            payout({ payoutId: `po_${index}`, amountMinor, tokens: [`TRACE00000${index}`] }),
          );
          const made = credits.map(({ amount, named, charge }, index) =>
            credit({
              creditId: `cr_${index}`,
              amountMinor: amount,
              lines: [`TRACE00000${named}`],
              charges: charge === 0n ? [] : [{ currency: "USD", minor: charge, included: true }],
            }),
          );
          const { allocations, unmatched } = matchCredits(made, payouts, SETTINGS);
          for (const one of made) {
            const given = allocations.filter((item) => item.creditId === one.creditId);
            expect(given.reduce((sum, item) => sum + item.amountMinor, 0n)).toBeLessThanOrEqual(
              one.amountMinor,
            );
            if (given.length === 0)
              expect(unmatched.map((item) => item.creditId)).toContain(one.creditId);
          }
          for (const one of payouts) {
            const paid = allocations.filter((item) => item.payoutId === one.payoutId);
            expect(paid.reduce((sum, item) => sum + item.paidMinor, 0n)).toBeLessThanOrEqual(
              one.amountMinor,
            );
            for (const item of paid)
              expect(item.amountMinor + item.chargeMinor).toBe(item.paidMinor);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
