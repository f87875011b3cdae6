// What flows: money received, converted, given back, and fees kept by the marketplace before it pays. One cell is all of
// one kind on one day that shares every dimension; every figure of a report is a sum of cells, so figures always agree.

import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";

/**
 * `receipt`: a credit booked by the bank; `conversion`: foreign exchange sold for renminbi; `refund`: what the bank took
 * back of receipts, and refunds paid out; `netted-fee`: what the marketplace kept back for its fees before paying.
 */
export const FLOW_KINDS = ["receipt", "conversion", "refund", "netted-fee"] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];

export const FLOW_DIMENSIONS = [
  "seller",
  "store",
  "marketplace",
  "customs-mode",
  "transaction-code",
  "payer-country",
] as const;
export type FlowDimension = (typeof FLOW_DIMENSIONS)[number];

export type FlowCell = {
  readonly kind: FlowKind;
  readonly on: CivilDate;
  readonly currency: Currency;
  readonly minor: bigint;
  /** Things counted here: one that is divided among cells is counted in the first of them. */
  readonly count: number;
  /** Value of each dimension; null where it is not known or does not apply. */
  readonly of: Readonly<Record<FlowDimension, string | null>>;
  /** In US dollar cents at the day's reference rate; null where no rate is on record. */
  readonly usdMinor: bigint | null;
};

/** One line of a report: a span, a kind, a group, a currency. */
export type FlowLine = {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly isWhole: boolean;
  readonly kind: FlowKind;
  /** The value of the dimension that the report groups by; null: not known, or the report is not grouped. */
  readonly group: string | null;
  readonly currency: Currency;
  readonly count: number;
  /** The sellers behind it. */
  readonly sellers: ReadonlySet<string>;
  readonly minor: bigint;
  /** Null where some of it has no rate. */
  readonly usdMinor: bigint | null;
};

/** The same over all currencies, in US dollars. */
export type FlowTotal = Omit<FlowLine, "currency" | "minor" | "usdMinor" | "sellers"> & {
  /** Of the lines that have a rate. */
  readonly usdMinor: bigint;
  /** Currencies of which some has no rate on record: the total lacks their lines. */
  readonly unratedCurrencies: readonly Currency[];
};
