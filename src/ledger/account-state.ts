// One account's balances and how a leg changes them. Pure: the writer, the model of the tests and `verify` agree
// on these few lines. A hold counts as spent (docs/concepts/ledger.md).

import type { AccountBalances, AccountLimit, AccountOpening } from "./posting.ts";
import { AMOUNT_MINOR_MAX } from "./posting-body.ts";

export type AccountState = { readonly limit: AccountLimit; readonly balances: AccountBalances };

export type Side = "debit" | "credit";

/** What one leg does to the side it touches, in minor units; a commit or void lowers the pending part. */
export type SideChange = { readonly posted: bigint; readonly pending: bigint };

export function openedState(opening: AccountOpening): AccountState {
  return {
    limit: opening.limit,
    balances: {
      accountId: opening.id,
      currency: opening.currency,
      version: 0n,
      debitsPosted: 0n,
      creditsPosted: 0n,
      debitsPending: 0n,
      creditsPending: 0n,
    },
  };
}

/** The balances after a leg has touched one side; the version counts the legs. */
export function balancesAfter(
  balances: AccountBalances,
  side: Side,
  change: SideChange,
): AccountBalances {
  const isDebit = side === "debit";
  return {
    accountId: balances.accountId,
    currency: balances.currency,
    version: balances.version + 1n,
    debitsPosted: balances.debitsPosted + (isDebit ? change.posted : 0n),
    creditsPosted: balances.creditsPosted + (isDebit ? 0n : change.posted),
    debitsPending: balances.debitsPending + (isDebit ? change.pending : 0n),
    creditsPending: balances.creditsPending + (isDebit ? 0n : change.pending),
  };
}

/** False when posted and pending of a side together leave the range of a PostgreSQL bigint. */
export function fitsRange(balances: AccountBalances): boolean {
  return (
    balances.debitsPosted + balances.debitsPending <= AMOUNT_MINOR_MAX &&
    balances.creditsPosted + balances.creditsPending <= AMOUNT_MINOR_MAX
  );
}

/** Pending amounts on the limited side count as spent; pending amounts on the other side are not there yet. */
export function isWithinLimit(limit: AccountLimit, balances: AccountBalances): boolean {
  if (limit === "none") return true;
  return limit === "debits-within-credits"
    ? balances.debitsPosted + balances.debitsPending <= balances.creditsPosted
    : balances.creditsPosted + balances.creditsPending <= balances.debitsPosted;
}
