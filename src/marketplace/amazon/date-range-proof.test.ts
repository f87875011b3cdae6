import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SettlementSum } from "./date-range-proof.ts";
import { payersOf } from "./date-range-proof.ts";

function settlements(...sums: readonly number[]): SettlementSum[] {
  return sums.map((sum, index) => ({
    settlementId: String(index),
    sumMinor: BigInt(sum),
    readable: true,
  }));
}

describe("transfers as proof of settlements", () => {
  it("pay one settlement, or two when one was skipped", () => {
    const paid = payersOf(settlements(100, 223_061, 149_594, 50), [
      { before: 3, amountMinor: 372_655n },
    ]);
    expect(paid).toEqual([[1, 2]]);
  });

  it("prove nothing when more than one sum fits", () => {
    expect(payersOf(settlements(70, 70, 9), [{ before: 2, amountMinor: 70n }])).toEqual([[]]);
    expect(payersOf(settlements(70, 0, 9), [{ before: 2, amountMinor: 70n }])).toEqual([[]]);
  });

  it("never pay a settlement twice, nor one that comes later", () => {
    const sums = settlements(70, 30, 70, 9);
    expect(
      payersOf(sums, [
        { before: 1, amountMinor: 70n },
        { before: 3, amountMinor: 70n },
      ]),
    ).toEqual([[0], [2]]);
    expect(payersOf(sums, [{ before: 0, amountMinor: 70n }])).toEqual([[]]);
  });

  it("do not reach across a settlement with an unread line", () => {
    const sums = settlements(40, 60, 1).map((one, index) => ({ ...one, readable: index !== 1 }));
    expect(payersOf(sums, [{ before: 2, amountMinor: 100n }])).toEqual([[]]);
  });

  it("always pay consecutive settlements whose sum is the transfer, each once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 500 }), { maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 900 })), { maxLength: 6 }),
        (sums, transfers) => {
          const list = settlements(...sums);
          const paid = payersOf(
            list,
            transfers.map(([before, amount]) => ({ before, amountMinor: BigInt(amount) })),
          );
          const all = paid.flat();
          expect(new Set(all).size).toBe(all.length);
          for (const [index, run] of paid.entries()) {
            if (run.length === 0) continue;
            const [before = 0, amount = 0] = transfers[index] ?? [];
            expect(run.every((position) => position < before)).toBe(true);
            expect(run).toEqual(run.map((_, offset) => (run[0] ?? 0) + offset));
            expect(run.reduce((sum, position) => sum + (sums[position] ?? 0), 0)).toBe(amount);
          }
        },
      ),
    );
  });
});
