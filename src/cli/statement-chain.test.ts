import { describe, expect, it } from "vitest";
import type { StatementReading } from "../marketplace/statement.ts";
import type { Currency } from "../money/currency.ts";
import { instantOfMs } from "../time/instant.ts";
import { CHAIN_STATEMENTS_MAX, type CheckedStatement, chainOf } from "./statement-chain.ts";
import { chainText } from "./statement-text.ts";

const DAY_MS = 86_400_000;
const USD = "USD" as Currency;

/** The n-th of settlements that follow each other day by day. */
function daily(index: number, more: Partial<StatementReading> = {}): CheckedStatement {
  return {
    file: `day-${index}.txt`,
    statement: {
      format: "amazon-settlement-v2",
      marketplace: "amazon",
      marketplaceNames: ["Amazon.com"],
      settlementId: String(1_000_000 + index),
      currency: USD,
      periodStartAt: instantOfMs(index * DAY_MS),
      periodEndAt: instantOfMs((index + 1) * DAY_MS),
      depositAt: null,
      lineCount: 0,
      declaredTotalMinor: 0n,
      summedTotalMinor: 0n,
      groups: [],
      verdict: "proven",
      reasons: [],
      firstLine: 2,
      lastLine: 2,
      ...more,
    },
  };
}

describe("the chain of one call", () => {
  it("leaves out what has no declared period, and the neighbours do not miss it", () => {
    const all = [
      daily(0),
      daily(1),
      daily(1, { format: "amazon-date-range" }),
      daily(9, { currency: null }),
      daily(9, { settlementId: "" }),
    ];
    const chain = chainOf(all);
    expect(all.map((checked) => chain.placeOf(checked) === null)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(chain.links).toHaveLength(1);
    expect(chain.fileOf("1000001")).toBe("day-1.txt");
  });

  it("is not searched for more settlements than the limit, and says so", () => {
    const all = Array.from({ length: CHAIN_STATEMENTS_MAX + 1 }, (_, index) => daily(index));
    const chain = chainOf(all);
    expect(chain.isTooLong).toBe(true);
    expect(chain.links).toEqual([]);
    expect(all.every((checked) => chain.placeOf(checked) === null)).toBe(true);
    expect(chainText(chain, () => USD)).toContain("too many statements");
  });
});
