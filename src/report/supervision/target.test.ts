import { describe, expect, it } from "vitest";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { FlowCell } from "./flow.ts";
import { type Target, targetProgress } from "./target.ts";

const day = (text: string) => text as CivilDate;

function receipt(on: string, usdMinor: bigint, seller = "jiangbei-lamps"): FlowCell {
  return {
    kind: "receipt",
    on: day(on),
    currency: "USD" as Currency,
    minor: usdMinor,
    count: 1,
    usdMinor,
    of: {
      seller,
      store: null,
      marketplace: "amazon",
      "customs-mode": null,
      "transaction-code": null,
      "payer-country": "US",
    },
  };
}

const YEAR_TARGET: Target = {
  figure: "receipts-usd",
  only: null,
  basis: "year",
  sinceOn: null,
  dueOn: day("2027-06-30"),
  goal: 12_100_00n,
  baseline: { value: 10_000_00n, from: day("2025-01-01"), to: day("2025-12-31") },
};

describe("a programme's target", () => {
  it("of a year counts that calendar year alone, and takes the growth of the years between", () => {
    const cells = [receipt("2026-12-31", 9_000_00n), receipt("2027-01-01", 6_050_00n)];
    const progress = targetProgress(YEAR_TARGET, cells, day("2027-03-01"));
    expect(progress).toMatchObject({
      from: "2027-01-01",
      to: "2027-12-31",
      actual: 6_050_00n,
      reachedPercent: "50.0",
      rollingYear: 15_050_00n,
      goalPerYear: 12_100_00n,
      baselinePerYear: 10_000_00n,
      // 10,000 → 11,000 → 12,100.
      growthPerYearPercent: "10.0",
    });
  });

  it("that is cumulative sums its years, and the same amount takes less growth than as a yearly one", () => {
    const cumulative: Target = {
      ...YEAR_TARGET,
      basis: "cumulative",
      sinceOn: day("2026-01-01"),
      dueOn: day("2027-12-31"),
      // 11,000 and 12,100.
      goal: 23_100_00n,
    };
    const cells = [receipt("2025-12-31", 5_00n), receipt("2026-05-05", 2_310_00n)];
    const progress = targetProgress(cumulative, cells, day("2026-11-25"));
    expect(progress).toMatchObject({
      from: "2026-01-01",
      to: "2027-12-31",
      actual: 2_310_00n,
      reachedPercent: "10.0",
      years: "2.0",
      growthPerYearPercent: "10.0",
    });
    const asYearly = targetProgress(
      { ...cumulative, basis: "year", sinceOn: null },
      cells,
      day("2026-11-25"),
    );
    expect(asYearly.growthPerYearPercent).toBe("52.0");
    expect(asYearly.actual).toBe(0n);
  });

  it("counts sellers once, and only flows that it is about", () => {
    const target: Target = { ...YEAR_TARGET, figure: "sellers-paid", goal: 4n };
    const cells = [
      receipt("2027-01-01", 1n),
      receipt("2027-02-01", 1n),
      receipt("2027-02-01", 1n, "beibei-toys"),
    ];
    expect(targetProgress(target, cells, day("2027-12-31")).actual).toBe(2n);
    const elsewhere = { ...target, only: { dimension: "payer-country", value: "DE" } } as const;
    expect(targetProgress(elsewhere, cells, day("2027-12-31")).actual).toBe(0n);
  });

  it("tells no growth from nothing, and none back into the baseline's own time", () => {
    const nothing = { ...YEAR_TARGET, baseline: { ...YEAR_TARGET.baseline, value: 0n } };
    expect(targetProgress(nothing, [], day("2026-01-01")).growthPerYearPercent).toBeNull();
    const before = { ...YEAR_TARGET, dueOn: day("2025-05-05") };
    expect(targetProgress(before, [], day("2026-01-01")).growthPerYearPercent).toBeNull();
  });
});
