// Everything the sandbox marketplace knows, as plain data: it is saved as JSON and loaded again, so that a sandbox
// goes on where it was stopped. Only the rooms of this folder change it. Amounts are whole minor units of the
// store's currency unless their name says otherwise; fields that end in "Minor" are bigint.

import type { Currency } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import type { Region } from "./marketplaces.ts";

export const STATE_VERSION = 1;

export type MarketplaceState = {
  readonly version: typeof STATE_VERSION;
  /** Every id, price and delay is drawn from it. */
  readonly seed: number;
  /** Runs up by one for everything that is not a store's own. */
  lastNumber: number;
  /** Whether calls are counted against Amazon's published rates. */
  throttling: "published" | "off";
  readonly sellers: SellerState[];
  readonly stores: StoreState[];
  readonly consents: ConsentState[];
  readonly codes: CodeState[];
  /** Tokens left per "seller client operation". */
  readonly buckets: Record<string, BucketState>;
  readonly faults: FaultState[];
  /** Items on a page where they are not the operation's own number. */
  readonly pageSizes: Record<string, number>;
  /** Money that left the marketplace, in the order in which it was found to have left. */
  readonly transfers: TransferState[];
};

/** Who sells: Amazon's selling partner, in one region. */
export type SellerState = {
  readonly sellerId: string;
  readonly region: Region;
  readonly legalName: string;
  readonly nonLatinName: string | null;
  readonly registrationNumber: string;
  readonly countryCode: string;
};

export type AccountType = "Standard Orders" | "Invoiced Orders";

/** Where a store's payouts go. */
export type DepositMethod = {
  readonly methodId: string;
  readonly holderName: string;
  readonly countryCode: string;
  /** The whole number: the sandbox bank needs it; the API shows the tail only. */
  readonly accountNumber: string;
  readonly bankBic: string;
  readonly currency: Currency;
  /** Exact decimal, store currency to deposit currency; null where they are the same. */
  readonly rate: string | null;
};

export type StoreSettings = {
  /** Days of a settlement; null: it closes only when told to. */
  periodDays: number | null;
  /** Whether orders wait until seven days after delivery. */
  deferral: "DD7" | "none";
  /** Kept back at the end of each settlement, at most what there is. */
  reserveMinor: bigint;
  /** A total below this is not sent but credited to the next settlement. */
  minimumPayoutMinor: bigint;
  /** What happens to a total below zero: charged to the card 70 minutes later, or netted. */
  negativeTotals: "charged" | "netted";
  inTransitAfterMs: number;
  paidAfterMs: number;
  /** From the close of a settlement to its report. */
  reportAfterMs: number;
  /** Orders that come by themselves as time passes. */
  ordersPerDay: number;
  /** What FundTransferStatus says of money that was sent: Amazon's own sources differ. */
  transferWord: "Succeeded" | "Successful" | "TRANSFERED" | "Unknown";
  /** A payout of several settlements names all of them, or the newest only. */
  namesEverySettlement: boolean;
};

export type StoreState = {
  /** "AXXXXXXXXXXXXX-US", with "-invoiced" for the second account of a store. */
  readonly storeId: string;
  readonly sellerId: string;
  readonly marketplaceId: string;
  readonly accountType: AccountType;
  readonly storeName: string;
  /** Its place among all stores, from 0: settlement ids of different stores do not meet. */
  readonly place: number;
  readonly openedAt: Instant;
  deposit: DepositMethod | null;
  readonly settings: StoreSettings;
  /** What is to become of the next payouts, first come first; without one it is paid. */
  readonly plans: PayoutPlan[];
  /** Runs up by one for everything of this store. */
  lastNumber: number;
  nextOrderAt: Instant | null;
  readonly transactions: TransactionState[];
  /** Deferred ones, by their place in `transactions`, earliest maturity first. */
  readonly waiting: { readonly place: number; readonly maturesAt: Instant }[];
  readonly settlements: SettlementState[];
  readonly payouts: PayoutState[];
  readonly reports: ReportState[];
};

export type PayoutPlan =
  | { readonly kind: "paid" }
  | { readonly kind: "failed"; readonly reason: FailureReason }
  | { readonly kind: "cancelled" }
  /** No transfer now; the next payout pays this settlement too. */
  | { readonly kind: "joined" }
  /** No transfer now; the next settlement is credited with it. */
  | { readonly kind: "carried" }
  /** Paid in two transfers, each with its own trace id. */
  | { readonly kind: "split" };

/** The four reasons for which settlement files say that a transfer was unsuccessful. */
export type FailureReason = "cancelled" | "unexpected" | "minimum" | "bank-account";

export type TransactionKind =
  | "Shipment"
  | "Refund"
  | "ServiceFee"
  | "ProductAdsPayment"
  | "Adjustment"
  | "Reserve"
  | "DebtRecovery"
  | "FailedTransfer"
  | "Carry";

export type LineState = {
  readonly transactionType: string;
  readonly amountType: string;
  readonly amountDescription: string;
  readonly amountMinor: bigint;
  /** Of an order's item; null on lines of the whole account. */
  readonly sku: string | null;
  readonly itemCode: string | null;
  readonly quantity: number | null;
};

export type TransactionState = {
  readonly transactionId: string;
  readonly kind: TransactionKind;
  readonly description: string;
  readonly orderId: string | null;
  readonly shipmentId: string | null;
  readonly postedAt: Instant;
  readonly deferral: DeferralState | null;
  /** Of a release: the deferred transaction it makes free. */
  readonly releaseOf: string | null;
  /** The settlement it counts in; null for a deferred one, for ever: its release counts. */
  readonly settlementId: string | null;
  readonly lines: readonly LineState[];
};

export type DeferralState = {
  readonly reason: "DD7" | "B2B";
  readonly maturesAt: Instant;
  /** The transaction that made it free. */
  releasedBy: string | null;
};

export type SettlementState = {
  readonly settlementId: string;
  /** FinancialEventGroupId. */
  readonly groupId: string;
  readonly startAt: Instant;
  /** What the settlements before left: a total below zero, and totals that wait for the next payout. */
  readonly beginningMinor: bigint;
  endAt: Instant | null;
  /** The sum of its lines, once closed. */
  totalMinor: bigint | null;
  /** Kept back at its end, positive. */
  reserveMinor: bigint;
  /**
   * What became of it: "joined" waits for the next payout, "carried" was credited to the next settlement, "nothing"
   * had nothing to pay.
   */
  outcome: "open" | "payout" | "joined" | "carried" | "nothing";
  /** The payout that pays it; null while there is none. */
  payoutId: string | null;
  /** A charge to the card that is to come in this settlement, for the one before. */
  charge: { readonly at: Instant; readonly amountMinor: bigint } | null;
  /** When the card was charged for this settlement's total below zero. */
  chargedAt: Instant | null;
};

export type PayoutStatus = "STARTED" | "IN_TRANSIT" | "PAID" | "FAILED" | "CANCELLED" | "NO_PAYOUT";

export type PayoutStep = {
  readonly status: PayoutStatus;
  readonly at: Instant;
  readonly reason: FailureReason | null;
};

export type PayoutState = {
  readonly payoutId: string;
  /** Oldest first; the last is the one whose close made the payout. */
  readonly settlementIds: readonly string[];
  readonly groupId: string;
  readonly type: "SCHEDULED" | "ON_DEMAND";
  /** In the store's currency. */
  readonly originalMinor: bigint;
  /** In the currency of the deposit account. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly createdAt: Instant;
  readonly accountTail: string | null;
  /** One for each transfer. */
  readonly traceIds: readonly string[];
  readonly history: PayoutStep[];
  /** Steps to come. */
  readonly due: PayoutStep[];
};

/** One movement of money out of the marketplace: what the seller's bank will be told. */
export type TransferState = {
  /** "<trace id>": no two transfers have the same. */
  readonly transferId: string;
  readonly storeId: string;
  readonly payoutId: string;
  readonly settlementId: string;
  readonly sentAt: Instant;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly payerName: string;
  readonly deposit: DepositMethod;
};

export type ReportState = {
  readonly reportId: string;
  readonly documentId: string;
  readonly settlementId: string;
  readonly createdAt: Instant;
  /**
   * "whole": as the marketplace's own books have it; "reordered": the same lines in another order; "broken": a line
   * is missing, so that the lines do not sum to the total.
   */
  readonly form: "whole" | "reordered" | "broken";
  readonly compressed: boolean;
};

export type ConsentState = {
  readonly consentId: string;
  readonly sellerId: string;
  readonly clientId: string;
  readonly grantedAt: Instant;
  expiresAt: Instant;
  revokedAt: Instant | null;
};

export type CodeState = {
  readonly code: string;
  readonly consentId: string;
  readonly redirectUri: string;
  readonly expiresAt: Instant;
  usedAt: Instant | null;
};

export type BucketState = { tokens: number; at: Instant };

/** What the next calls of an operation get instead of their answer. */
export type FaultState = {
  readonly operation: string;
  readonly kind: "throttled" | "unavailable" | "internal" | "empty-page" | "lost-answer";
  times: number;
};

export function newMarketplaceState(seed: number): MarketplaceState {
  return {
    version: STATE_VERSION,
    seed,
    lastNumber: 0,
    throttling: "published",
    sellers: [],
    stores: [],
    consents: [],
    codes: [],
    buckets: {},
    faults: [],
    pageSizes: {},
    transfers: [],
  };
}

/** The next number of the marketplace. */
export function nextNumber(holder: { lastNumber: number }): number {
  holder.lastNumber += 1;
  return holder.lastNumber;
}
