// What a marketplace tells beside statements and payouts: money it still holds, payouts that it plans, and a second
// telling of a settlement's total. Nothing of it is posted: it is compared, and shown as money on the way.

import type { Currency } from "../money/currency.ts";
import type { Money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

/** Whose account at the marketplace, where it says so. */
export type PartnerAccount = {
  readonly marketplace: string;
  /** The marketplace's id of the seller's account ("A3TH9S8BH6GOGM"). */
  readonly partnerId: string | null;
  /** The country store ("ATVPDKIKX0DER"). */
  readonly marketplaceId: string | null;
  /** As told: "Standard Orders", "STANDARD_ORDERS". Compare it with `plainStatus`. */
  readonly accountType: string | null;
};

/** `total` = available + reserved; `reserved` = deferred + account-level-reserve. A new word stands as it is told. */
export type BalanceTold = PartnerAccount & {
  readonly kind: string;
  /** Negative where the seller owes the marketplace. */
  readonly amount: Money;
  /** When the marketplace last counted it; null for the balance at the end of a day. */
  readonly updatedAt: Instant | null;
  /** The day at whose end it stood; null for the balance of the moment. */
  readonly asOfOn: CivilDate | null;
  /** Place in the list, from 1; parts of a balance have its place. */
  readonly line: number;
};

export type ExpectedStatus = "scheduled" | "disabled" | "at-risk" | "none" | "unknown";

export type ExpectedPayout = PartnerAccount & {
  readonly status: ExpectedStatus;
  /** Null when no payout is expected. */
  readonly amount: Money | null;
  readonly scheduledAt: Instant | null;
  readonly settlementIds: readonly string[];
  readonly line: number;
};

/** The marketplace's own sum of one settlement. */
export type ControlTotal = PartnerAccount & {
  readonly settlementId: string;
  readonly amount: Money;
  readonly line: number;
};

/** Deferred sales of one file that share account, currency, day of release and reason. */
export type DeferredSum = {
  readonly marketplace: string;
  readonly partnerId: string | null;
  readonly marketplaceId: string | null;
  readonly currency: Currency;
  readonly totalMinor: bigint;
  readonly transactionCount: number;
  /** When the marketplace lets it go; null where it does not say. */
  readonly releaseOn: CivilDate | null;
  /** As told: "DD7", "B2B". */
  readonly reason: string | null;
  /** Place of the first transaction in the list, from 1. */
  readonly line: number;
};

export type Outlook = {
  readonly balances: readonly BalanceTold[];
  readonly expected: readonly ExpectedPayout[];
  readonly controls: readonly ControlTotal[];
  readonly deferred: readonly DeferredSum[];
};

export const NO_OUTLOOK: Outlook = { balances: [], expected: [], controls: [], deferred: [] };
