import { describe, expect, it } from "vitest";
import { currencyOf } from "../money/currency.ts";
import type { Instant } from "../time/instant.ts";
import { type AnnouncedPayout, linkStatements, type OwedStatement } from "./link-statements.ts";

const JPY = currencyOf("JPY")!;

function statement(
  settlementId: string,
  totalMinor: bigint,
  start: string,
  end: string,
): OwedStatement {
  return {
    statementId: `st_${settlementId}`,
    settlementId,
    marketplace: "amazon",
    currency: JPY,
    totalMinor,
    periodStartAt: `${start}T08:00:00.000Z` as Instant,
    periodEndAt: `${end}T08:00:00.000Z` as Instant,
    payoutId: null,
  };
}

function announced(over: Partial<AnnouncedPayout>): AnnouncedPayout {
  return {
    payoutId: "po_a",
    sources: ["list-payouts"],
    marketplace: "amazon",
    currency: JPY,
    amountMinor: 0n,
    originalCurrency: null,
    originalMinor: null,
    settlementIds: [],
    initiatedAt: "2025-04-02T07:15:19.000Z" as Instant,
    periodStartAt: null,
    periodEndAt: null,
    ...over,
  };
}

// The shape of a real chain: one transfer was skipped, and the next one paid two settlements.
const FIRST = statement("301", 223_061n, "2025-03-04", "2025-03-18");
const SECOND = statement("302", 149_594n, "2025-03-18", "2025-04-01");
const free = (_statement: OwedStatement) => true;

function linked(
  payouts: readonly AnnouncedPayout[],
  statements: readonly OwedStatement[],
  isFree = free,
) {
  return linkStatements(payouts, statements, isFree).map((link) => [
    link.payoutId,
    link.statements.map((item) => item.settlementId).sort(),
  ]);
}

describe("which statements a payout pays", () => {
  it("follows the settlements that the payout names", () => {
    expect(
      linked([announced({ amountMinor: 149_594n, settlementIds: ["302"] })], [FIRST, SECOND]),
    ).toEqual([["po_a", ["302"]]]);
  });

  it("finds the two settlements that one transfer pays, though it names neither", () => {
    expect(linked([announced({ amountMinor: 372_655n })], [FIRST, SECOND])).toEqual([
      ["po_a", ["301", "302"]],
    ]);
  });

  it("adds earlier unpaid settlements when the named one is less than the payout", () => {
    expect(
      linked([announced({ amountMinor: 372_655n, settlementIds: ["302"] })], [FIRST, SECOND]),
    ).toEqual([["po_a", ["301", "302"]]]);
  });

  it("takes the settlement of the same period to the second", () => {
    const group = announced({
      amountMinor: 223_061n,
      periodStartAt: "2025-03-04T08:00:00.512Z" as Instant,
      periodEndAt: "2025-03-18T08:00:00.004Z" as Instant,
    });
    expect(linked([group], [FIRST, SECOND])).toEqual([["po_a", ["301"]]]);
  });

  it("links nothing when no run of settlements is the payout's amount", () => {
    expect(linked([announced({ amountMinor: 100n })], [FIRST, SECOND])).toEqual([]);
    expect(linked([announced({ amountMinor: 372_656n })], [FIRST, SECOND])).toEqual([]);
  });

  it("does not take what another payout names, nor what is not free", () => {
    const greedy = announced({ amountMinor: 372_655n });
    const owner = announced({ payoutId: "po_b", amountMinor: 223_061n, settlementIds: ["301"] });
    expect(linked([greedy, owner], [FIRST, SECOND])).toEqual([["po_b", ["301"]]]);
    expect(linked([greedy], [FIRST, SECOND], (item) => item.settlementId !== "301")).toEqual([]);
  });

  it("does not pay a settlement that ended after the transfer was sent", () => {
    const early = announced({
      amountMinor: 149_594n,
      initiatedAt: "2025-03-20T00:00:00.000Z" as Instant,
    });
    expect(linked([early], [SECOND])).toEqual([]);
  });
});
