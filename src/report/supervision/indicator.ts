// The totals check of an enterprise over a rolling year: what it received and paid in foreign exchange against what
// passed customs (SAFE's 总量核查). Amounts are US dollar cents; a rate is percent with two decimals.

import { divideMinor } from "../../money/money.ts";

export type TradeTotals = {
  /** Goods imported, as customs papers say. */
  readonly importsMinor: bigint;
  /** Goods exported, as customs papers say. */
  readonly exportsMinor: bigint;
  /** Foreign exchange received. */
  readonly receiptsMinor: bigint;
  /** Foreign exchange paid, refunds of receipts among it. */
  readonly paymentsMinor: bigint;
};

export type TradeIndicators = TradeTotals & {
  /** Imports + receipts − exports − payments; positive: more money came than goods went. */
  readonly totalDifferenceMinor: bigint;
  /** The total difference over the sum of all four; null where all are nothing. */
  readonly differenceRatePercent: string | null;
  /** (Receipts + payments) over (imports + exports); null where no goods are on record. */
  readonly fundsToGoodsPercent: string | null;
};

export function tradeIndicators(totals: TradeTotals): TradeIndicators {
  const { importsMinor, exportsMinor, receiptsMinor, paymentsMinor } = totals;
  const difference = importsMinor + receiptsMinor - exportsMinor - paymentsMinor;
  return {
    ...totals,
    totalDifferenceMinor: difference,
    differenceRatePercent: percent(
      difference,
      importsMinor + receiptsMinor + exportsMinor + paymentsMinor,
    ),
    fundsToGoodsPercent: percent(receiptsMinor + paymentsMinor, importsMinor + exportsMinor),
  };
}

/** Percent with two decimals, half away from zero; null of nothing. */
export function percent(part: bigint, whole: bigint): string | null {
  if (whole <= 0n) return null;
  const hundredths = divideMinor(part * 10_000n, whole, "half-up");
  const magnitude = hundredths < 0n ? -hundredths : hundredths;
  const text = `${magnitude / 100n}.${String(magnitude % 100n).padStart(2, "0")}`;
  return hundredths < 0n ? `-${text}` : text;
}
