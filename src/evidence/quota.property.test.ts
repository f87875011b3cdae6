import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Currency } from "../money/currency.ts";
import {
  addQuota,
  consumedMinor,
  earningChange,
  NO_CHAIN,
  type QuotaChain,
  type QuotaChange,
  type QuotaEntry,
  receiptChange,
  refundChanges,
} from "./quota.ts";

const USD = "USD" as Currency;
const OF = { sellerId: "acme", currency: USD };

/** What may happen to an order, in any order and any number of times. */
const happening = fc.oneof(
  fc.record({ what: fc.constant("told" as const), minor: fc.bigInt(0n, 5_000n) }),
  fc.record({
    what: fc.constant("receipt" as const),
    payout: fc.constantFrom("po_1", "po_2", "po_3"),
    minor: fc.bigInt(0n, 6_000n),
  }),
  fc.record({
    what: fc.constant("refund" as const),
    payout: fc.constantFrom("po_1", "po_2", "po_3"),
    minor: fc.bigInt(0n, 6_000n),
  }),
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function changesOf(chain: QuotaChain, one: Happening): readonly QuotaChange[] {
  if (one.what === "refund") return refundChanges(chain, one.payout, one.minor);
  const change =
    one.what === "told"
      ? earningChange(chain, one.minor)
      : receiptChange(chain, one.payout, one.minor);
  return change === null ? [] : [change];
}

function after(story: readonly Happening[]) {
  let chain = NO_CHAIN;
  const entries: QuotaEntry[] = [];
  for (const one of story) {
    for (const change of changesOf(chain, one)) {
      const added = addQuota(chain, change, OF);
      chain = added.chain;
      entries.push(added.entry);
    }
  }
  return { chain, entries };
}

describe("the quota of an order, whatever happens to it", () => {
  it("is never negative, and what receipts stand on is never more than it was worth", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (story) => {
        const { chain, entries } = after(story);
        expect(entries.every(({ balanceMinor }) => balanceMinor >= 0n)).toBe(true);
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
        const earned = entries
          .filter(({ kind }) => kind === "earned")
          .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
        expect(consumedMinor(chain)).toBeGreaterThanOrEqual(0n);
        expect(consumedMinor(chain) + chain.balanceMinor).toBe(chain.worthMinor);
        expect(chain.worthMinor).toBeLessThanOrEqual(earned);
      }),
      { numRuns: 2_000 },
    );
  });

  it("changes nothing when the same is told again", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 20 }), happening, (story, last) => {
        const { chain } = after([...story, last]);
        // A receipt that wants more than was left takes more only once more is earned.
        const again = changesOf(chain, last).filter(
          ({ kind }) => kind !== "consumed" || chain.balanceMinor > 0n,
        );
        if (last.what === "told") expect(again.filter(({ kind }) => kind === "earned")).toEqual([]);
        else expect(again).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});
