// Short ways to write postings in tests. Used by tests only; the program never imports it.

import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import type {
  AccountBalances,
  AccountLimit,
  AccountOpening,
  LedgerAccountId,
  Leg,
  Posting,
  PostingId,
  PostingOutcome,
  TransferRef,
} from "./posting.ts";

export const USD = "USD" as Currency;
export const CNY = "CNY" as Currency;

export function accountId(id: string): LedgerAccountId {
  return id as LedgerAccountId;
}

export function opening(
  id: string,
  limit: AccountLimit = "none",
  currency: Currency = USD,
): AccountOpening {
  return { id: accountId(id), currency, limit };
}

/** Moves minor units between two accounts at once. */
export function moved(debit: string, credit: string, minor: bigint, currency = USD): Leg {
  const accounts = { debit: accountId(debit), credit: accountId(credit) };
  return { kind: "post", ...accounts, amount: { currency, minor } };
}

/** Reserves minor units between two accounts. */
export function reserved(debit: string, credit: string, minor: bigint, currency = USD): Leg {
  return { ...moved(debit, credit, minor, currency), kind: "pending" } as Leg;
}

/** Draws minor units from a transfer. */
export function drawn(
  kind: "commit" | "void" | "reverse",
  of: TransferRef,
  minor: bigint,
  currency = USD,
): Leg {
  return { kind, of, amount: { currency, minor } };
}

export function ref(postingId: string, leg = 0): TransferRef {
  return { postingId: postingId as PostingId, leg };
}

export function posting(id: string, ...legs: readonly Leg[]): Posting {
  return {
    id: id as PostingId,
    effectiveOn: "2026-11-23" as CivilDate,
    reason: "credit-received",
    subject: "cr_1",
    legs,
  };
}

/** "posted", "exists" or the refusal's code. */
export function outcomeOf(outcome: PostingOutcome): string {
  return outcome.ok ? outcome.outcome : outcome.refusal.code;
}

/** [debits posted, credits posted, debits pending, credits pending] */
export function sidesOf(balances: AccountBalances | undefined): bigint[] {
  if (balances === undefined) return [];
  const { debitsPosted, creditsPosted, debitsPending, creditsPending } = balances;
  return [debitsPosted, creditsPosted, debitsPending, creditsPending];
}
