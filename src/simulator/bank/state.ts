// Everything the sandbox bank knows, as plain data: it is saved as JSON and loaded again, so that a sandbox goes on
// where it was stopped. Only the files of this folder change it. Fields that end in "Minor" are whole minor units of
// the account's currency.

import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";

export const BANK_STATE_VERSION = 1;

export type BankState = {
  readonly version: typeof BANK_STATE_VERSION;
  /** References that look like chance (UETR) are drawn from it. */
  readonly seed: number;
  /** Runs up by one for every reference and message. */
  lastNumber: number;
  readonly accounts: BankAccount[];
  /** What the bank tells its customers, in the order in which it was written; never changed, only added to. */
  readonly messages: BankMessageOut[];
};

/** How a bank speaks to the owner of an account. */
export type BankLanguage = "iso20022" | "mt";

export type BankAccount = {
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly ownerName: string;
  readonly language: BankLanguage;
  /** From the moment the sender's bank sent money to its booking here, unless a plan says otherwise. */
  arrivesAfterMs: number;
  balanceMinor: bigint;
  /** Of the first booking that stands on no statement yet. */
  openingMinor: bigint;
  /** Runs up by one with each end-of-day statement. */
  lastStatement: number;
  /** Every day up to this one has its statement. */
  closedOn: CivilDate;
  /** What is to become of the next transfers, first come first; without one it is paid whole. */
  readonly plans: ArrivalPlan[];
  readonly arrivals: Arrival[];
  readonly bookings: Booking[];
};

/** What happens to a transfer on its way and how the bank tells of it; what is not said happens as it should. */
export type ArrivalPlan = {
  /** Deducted by banks on the way. */
  readonly chargeMinor?: bigint;
  /** Whether the notice documents the charge; absent: it does. */
  readonly chargeTold?: boolean;
  /** Comes in so many credits, the last with the rest. */
  readonly parts?: number;
  /** Longer on the way than the account's transfers are, in ms. */
  readonly lateMs?: number;
  /** True: never arrives. */
  readonly lost?: boolean;
  /** How the bank advises it; absent: once. "copy": the second time marked as a duplicate. */
  readonly advice?: "once" | "twice" | "copy" | "none";
  /** False: no end-of-day statement has it. */
  readonly confirmed?: boolean;
  /** Who the bank says has paid; null: nobody is named. */
  readonly payerName?: string | null;
  /** True: no reference of the sender reaches the account. */
  readonly referenceLost?: boolean;
  /** What goes back later; `amountMinor` absent: all of it. */
  readonly back?: {
    readonly kind: "returned" | "reversed";
    readonly afterMs: number;
    readonly amountMinor?: bigint;
  };
};

/** Money on its way to an account, or on its way back. */
export type Arrival = {
  readonly at: Instant;
  /** Of the sender; each arrives once, whatever is repeated. */
  readonly transferId: string;
  readonly amountMinor: bigint;
  readonly chargeMinor: bigint;
  readonly payerName: string | null;
  readonly reference: string | null;
  readonly plan: ArrivalPlan;
  /** Of money that goes back: the booking that it takes back. */
  readonly takesBack: string | null;
};

/** A movement on an account; never changed but for the statement that tells of it. */
export type Booking = {
  /** Of the bank's running numbers: no two bookings have the same, and a later one has a greater. */
  readonly number: number;
  /** The bank's own reference: no two bookings have the same, but for a reversal and what it reverses. */
  readonly servicerRef: string;
  readonly bookedAt: Instant;
  /** In China; value and booking date are the same here. */
  readonly bookedOn: CivilDate;
  readonly direction: "credit" | "debit";
  readonly reversal: boolean;
  readonly amountMinor: bigint;
  readonly chargeMinor: bigint;
  readonly chargeTold: boolean;
  readonly payerName: string | null;
  /** The sender's reference as it arrived. */
  readonly reference: string | null;
  readonly uetr: string;
  /** ISO reason of a return; null on all others. */
  readonly returnReason: string | null;
  /** False: it is left out of the day's statement. */
  readonly confirmed: boolean;
  /** The sender's id of the transfer; null for money that came by itself. */
  readonly transferId: string | null;
  /** The statement that has it; null until its day ends, and for ever when it is not confirmed. */
  statementNumber: number | null;
};

export type BankMessageOut = {
  readonly messageId: string;
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly kind: "advice" | "statement";
  readonly writtenAt: Instant;
  /** A file name as banks give them. */
  readonly name: string;
  /** UTF-8. */
  readonly text: string;
};

export function newBankState(seed: number): BankState {
  return { version: BANK_STATE_VERSION, seed, lastNumber: 0, accounts: [], messages: [] };
}

/** The next number of the bank. */
export function nextBankNumber(state: BankState): number {
  state.lastNumber += 1;
  return state.lastNumber;
}
