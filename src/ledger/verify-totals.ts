// Compares what a replay added up with the stored accounts, and debits with credits in each currency.

import type { Currency } from "../money/currency.ts";
import type { AccountState } from "./account-state.ts";
import type { FindingSink } from "./ledger-finding.ts";
import type { LedgerAccountId } from "./posting.ts";
import type { Replay } from "./replay-transfer.ts";
import { differenceOf, sameBalances } from "./replay-transfer.ts";

/** Minor units: debits less credits, which must be 0. */
type Excess = { posted: bigint; pending: bigint };

export function verifyTotals(
  replay: Replay,
  stored: ReadonlyMap<LedgerAccountId, AccountState>,
  sink: FindingSink,
): void {
  const excesses = new Map<Currency, Excess>();
  for (const [id, { balances }] of stored) {
    const replayed = replay.accounts.get(id);
    const isUntouched = replayed === undefined && balances.version === 0n && isZero(balances);
    if (replayed === undefined && !isUntouched)
      sink.report("account-total-differs", null, id, "it has balances but no transfer touches it");
    if (replayed !== undefined && !sameBalances(replayed.state.balances, balances)) {
      const message = differenceOf(replayed.state.balances, balances);
      sink.report("account-total-differs", replayed.lastSeq, id, message);
    }
    const excess = excesses.get(balances.currency) ?? { posted: 0n, pending: 0n };
    excess.posted += balances.debitsPosted - balances.creditsPosted;
    excess.pending += balances.debitsPending - balances.creditsPending;
    excesses.set(balances.currency, excess);
  }
  for (const [currency, { posted, pending }] of excesses) {
    if (posted === 0n && pending === 0n) continue;
    const message = `debits less credits in ${currency}: ${posted} posted, ${pending} pending`;
    sink.report("currency-unbalanced", null, null, message);
  }
}

function isZero(balances: AccountState["balances"]): boolean {
  const { debitsPosted, creditsPosted, debitsPending, creditsPending } = balances;
  return [debitsPosted, creditsPosted, debitsPending, creditsPending].every((side) => side === 0n);
}
