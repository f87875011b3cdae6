import { describe, expect, it } from "vitest";
import { percent, tradeIndicators } from "./indicator.ts";

describe("the totals check of an enterprise", () => {
  it("is imports + FX receipts - exports - FX payments, its rate over the sum of all four, and funds over goods", () => {
    expect(
      tradeIndicators({
        importsMinor: 0n,
        exportsMinor: 90_000_00n,
        receiptsMinor: 100_000_00n,
        paymentsMinor: 2_000_00n,
      }),
    ).toMatchObject({
      totalDifferenceMinor: 8_000_00n,
      // 8,000 of 192,000.
      differenceRatePercent: "4.17",
      // 102,000 of 90,000.
      fundsToGoodsPercent: "113.33",
    });
  });

  it("tells no rate where there is nothing to compare with", () => {
    const none = { importsMinor: 0n, exportsMinor: 0n, receiptsMinor: 5n, paymentsMinor: 0n };
    expect(tradeIndicators(none).fundsToGoodsPercent).toBeNull();
    expect(percent(-1n, 3n)).toBe("-33.33");
    expect(percent(0n, 0n)).toBeNull();
  });
});
