// What any marketplace's settlement looks like once read: one statement a settlement, its lines summed into
// groups, and the proof that lines and declared total agree. Lines themselves stay in the raw file.

import type { Reason } from "../errors/refusal.ts";
import type { Currency } from "../money/currency.ts";
import type { Instant } from "../time/instant.ts";

export type StatementFormat =
  | "amazon-settlement-v2"
  | "amazon-settlement-v1"
  | "amazon-date-range"
  | "shopify-payments";

/**
 * Where a group of lines goes in the books. `suspense` is the visible class of lines whose
 * (transaction-type, amount-type, amount-description) is not in the marketplace's vocabulary.
 */
export type StatementClass =
  | "sales"
  | "refunds"
  | "promotions"
  | "tax-collected"
  | "tax-withheld"
  | "selling-fees"
  | "fulfilment-fees"
  | "storage-fees"
  | "advertising"
  | "subscription-fees"
  | "other-fees"
  | "reimbursements"
  | "adjustments"
  | "reserve"
  | "previous-balance"
  | "charge-to-seller"
  | "failed-transfer"
  | "bank-verification"
  | "payout"
  | "suspense";

/** Lines of one statement that share (transaction-type, amount-type, amount-description). */
export type StatementGroup = {
  readonly transactionType: string;
  readonly amountType: string;
  readonly amountDescription: string;
  readonly class: StatementClass;
  /** False when the vocabulary does not know the triple; then `class` is `suspense`. */
  readonly known: boolean;
  readonly lineCount: number;
  readonly totalMinor: bigint;
  /** Line in the file (from 1, header included) where the group is first seen. */
  readonly firstLine: number;
};

/** The lines of one buyer's order in a statement, summed. */
export type StatementOrder = {
  /** As the marketplace writes it ("113-4082914-2718281"); one order may stand in several statements. */
  readonly orderId: string;
  /** What the buyer paid for goods and delivery, less promotions; taxes are not in it. */
  readonly saleMinor: bigint;
  /** What the buyer got back of it, positive. */
  readonly refundMinor: bigint;
  /** All lines of the order: fees and taxes too. */
  readonly netMinor: bigint;
};

export type StatementVerdict = "proven" | "quarantined";

/** One settlement as read from one file. */
export type StatementReading = {
  readonly format: StatementFormat;
  /** "amazon", "shopify"; the country store where the file names one stands in `marketplaceNames`. */
  readonly marketplace: string;
  /** Distinct marketplace-name values of the lines, as written ("amazon.com", "Non-Amazon CA"), sorted. */
  readonly marketplaceNames: readonly string[];
  readonly settlementId: string;
  readonly currency: Currency | null;
  readonly periodStartAt: Instant | null;
  readonly periodEndAt: Instant | null;
  /** Nominal deposit date as declared; never payment evidence. */
  readonly depositAt: Instant | null;
  readonly lineCount: number;
  /** The file's own total; null in formats that declare none. */
  readonly declaredTotalMinor: bigint | null;
  readonly summedTotalMinor: bigint;
  readonly groups: readonly StatementGroup[];
  /** `proven` only when every line was read and the lines sum to the declared total to the cent. */
  readonly verdict: StatementVerdict;
  /** Why it is quarantined; also warnings are not put here: a proven statement has no reasons. */
  readonly reasons: readonly Reason[];
  /** Sums of each order; absent where nobody asked for them, null where they could not be taken. */
  readonly orders?: readonly StatementOrder[] | null;
  /** First and last line of this settlement in the file. */
  readonly firstLine: number;
  readonly lastLine: number;
};
