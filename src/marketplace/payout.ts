// What a marketplace says it sent: one announced transfer, with whatever references it gives.

import type { Money } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";

/** Where the announcement was read from. */
export type PayoutSource = "list-payouts" | "event-group" | "date-range-transfer";

/** The marketplace's own status, folded: an unknown word is kept in `statusText` and folded to `unknown`. */
export type AnnouncedStatus =
  | "started"
  | "in-transit"
  | "paid"
  | "failed"
  | "cancelled"
  | "unknown";

export type PayoutAnnouncement = {
  readonly marketplace: string;
  readonly source: PayoutSource;
  /** The marketplace's id of the payout; for a date-range transfer row, "transfer:<settlement-id>:<instant>". */
  readonly reference: string;
  /** What is to arrive, in the currency of the transfer. Negative when the marketplace charged the seller. */
  readonly amount: Money;
  /** The amount in the store's currency, where the marketplace converted; null when it did not. */
  readonly originalAmount: Money | null;
  readonly status: AnnouncedStatus;
  readonly statusText: string;
  readonly failureReason: string | null;
  readonly initiatedAt: Instant | null;
  /** Last digits of the receiving account as shown, digits only; null when not given. */
  readonly accountTail: string | null;
  /** References that the bank statement may carry. One announcement may name several ("1, 2"). */
  readonly traceIds: readonly string[];
  readonly paymentRail: string | null;
  /** Settlements that this payout pays, where the marketplace says so; empty when it does not. */
  readonly settlementIds: readonly string[];
  readonly periodStartAt: Instant | null;
  readonly periodEndAt: Instant | null;
  /** Line in the file (from 1), or for JSON the index of the item plus 1. */
  readonly line: number;
};
