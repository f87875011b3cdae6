import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instant } from "../time/instant.ts";
import { payoutsTakenBack, type TakenBack, type UnpaidPayout } from "./failed-transfers.ts";

const TAKEN: TakenBack = {
  statementId: "st_9",
  marketplace: "amazon",
  currency: "USD",
  minor: 1_000n,
  periodEndAt: "2026-03-10T08:00:00.000Z" as Instant,
};

function unpaid(payoutId: string, minor: bigint, over: Partial<UnpaidPayout> = {}): UnpaidPayout {
  return {
    payoutId,
    minor,
    marketplace: "amazon",
    currency: "USD",
    at: "2026-02-24T08:00:00.000Z" as Instant,
    isKnownToFail: false,
    ...over,
  };
}

function taken(...payouts: readonly UnpaidPayout[]): readonly string[] {
  return payoutsTakenBack(TAKEN, payouts).map(({ payoutId }) => payoutId);
}

describe("which payouts a statement takes back", () => {
  it("takes back the one unpaid payout of its amount before it", () => {
    const later = { at: "2026-03-10T08:00:00.000Z" as Instant };
    expect(taken(unpaid("po_1", 1_000n), unpaid("po_2", 700n))).toEqual(["po_1"]);
    expect(taken(unpaid("po_1", 1_000n, later))).toEqual([]);
    expect(taken(unpaid("po_1", 1_000n, { currency: "EUR" }))).toEqual([]);
    expect(taken(unpaid("po_1", 1_000n, { marketplace: "other" }))).toEqual([]);
  });

  it("takes back what is known to have failed before what may still arrive", () => {
    const older = { at: "2026-02-10T08:00:00.000Z" as Instant, isKnownToFail: true };
    expect(taken(unpaid("po_new", 1_000n), unpaid("po_old", 1_000n, older))).toEqual(["po_old"]);
  });

  it("takes back two failed transfers with one line of their sum", () => {
    expect(taken(unpaid("po_1", 600n), unpaid("po_2", 400n)).toSorted()).toEqual(["po_1", "po_2"]);
  });

  it("chooses none where several fit alike", () => {
    expect(taken(unpaid("po_1", 1_000n), unpaid("po_2", 1_000n))).toEqual([]);
    expect(taken(unpaid("po_1", 1_000n), unpaid("po_2", 600n), unpaid("po_3", 400n))).toEqual([]);
  });

  it("takes back nothing but its own amount, whatever the order of the payouts", () => {
    const payout = fc.record({
      minor: fc.constantFrom(100n, 200n, 300n, 700n, 1_000n),
      isKnownToFail: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(payout, { maxLength: 8 }), (made) => {
        const payouts = made.map(({ minor, isKnownToFail }, index) =>
          unpaid(`po_${index}`, minor, { isKnownToFail }),
        );
        const chosen = payoutsTakenBack(TAKEN, payouts);
        const sum = chosen.reduce((total, { minor }) => total + minor, 0n);
        expect([0n, TAKEN.minor]).toContain(sum);
        expect(taken(...payouts.toReversed()).toSorted()).toEqual(taken(...payouts).toSorted());
      }),
    );
  });
});
