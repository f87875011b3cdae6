// What a caller asks of the ledger: postings. A posting is atomic, has the caller's id for ever, and holds one
// or more legs, each a transfer between two accounts of one currency. The ledger does not know why.

import type { Currency } from "../money/currency.ts";
import type { Money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

/** Made by the caller, unique for ever within (tenant, partition). At most 200 characters. */
export type PostingId = string & { readonly __postingId: true };
/** Chosen by the caller ("seller/acme/fx-account/USD"). At most 200 characters. */
export type LedgerAccountId = string & { readonly __ledgerAccountId: true };

/** Which side may not exceed the other; pending amounts count as spent. */
export type AccountLimit = "none" | "debits-within-credits" | "credits-within-debits";

export type AccountOpening = {
  readonly id: LedgerAccountId;
  readonly currency: Currency;
  readonly limit: AccountLimit;
};

/** The answer to one opening; `exists`: it was open before with the same currency and limit. */
export type AccountOpeningOutcome =
  | { readonly ok: true; readonly outcome: "opened" | "exists" }
  | {
      readonly ok: false;
      readonly refusal: {
        readonly code: "account-opened-otherwise" | "opening-malformed";
        readonly message: string;
      };
    };

/** One transfer of a posting that is already in the ledger (or an earlier one of the same batch). */
export type TransferRef = { readonly postingId: PostingId; readonly leg: number };

export type Leg =
  /** Moves money at once. */
  | {
      readonly kind: "post";
      readonly debit: LedgerAccountId;
      readonly credit: LedgerAccountId;
      readonly amount: Money;
    }
  /** Reserves it: counts as spent on both accounts until committed or voided, in parts or whole. */
  | {
      readonly kind: "pending";
      readonly debit: LedgerAccountId;
      readonly credit: LedgerAccountId;
      readonly amount: Money;
    }
  /** Posts a part of a pending transfer, at most its remainder. */
  | { readonly kind: "commit"; readonly of: TransferRef; readonly amount: Money }
  /** Gives back a part of a pending transfer, at most its remainder. */
  | { readonly kind: "void"; readonly of: TransferRef; readonly amount: Money }
  /** Moves money back the other way, at most what the named posted (or committed) transfer has left to reverse. */
  | { readonly kind: "reverse"; readonly of: TransferRef; readonly amount: Money };

export type Posting = {
  readonly id: PostingId;
  /** The business date (value date); the booking instant is the ledger's own. */
  readonly effectiveOn: CivilDate;
  /** Why, in one word of the caller's ("credit-received"); the ledger only keeps it. */
  readonly reason: string;
  /** The caller's object that this is about ("cr_…", "po_…"); the ledger only keeps it. */
  readonly subject: string;
  readonly legs: readonly Leg[];
};

/** Balances of one account after a leg; the sides never decrease except pending ones. */
export type AccountBalances = {
  readonly accountId: LedgerAccountId;
  readonly currency: Currency;
  readonly version: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
};

export type PostingRefusalCode =
  | "id-reused-with-another-body"
  | "account-not-found"
  | "account-currency-differs"
  | "same-account-twice"
  | "amount-not-positive"
  | "amount-too-large"
  | "limit-exceeded"
  | "transfer-not-found"
  | "transfer-not-pending"
  | "transfer-not-posted"
  | "exceeds-remainder"
  | "posting-malformed";

export type PostingOutcome =
  | {
      readonly ok: true;
      /** `exists`: the same id with the same body was posted before; nothing was done now. */
      readonly outcome: "posted" | "exists";
      readonly bookedAt: Instant;
      /** Balances of the touched accounts after this posting; for `exists`, as they stood right after it. */
      readonly balances: readonly AccountBalances[];
    }
  | {
      readonly ok: false;
      readonly refusal: {
        readonly code: PostingRefusalCode;
        readonly leg: number | null;
        readonly message: string;
      };
    };
