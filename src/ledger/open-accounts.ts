// Opens accounts. An id stands for one currency and one limit for ever: opening it again is harmless, opening it
// otherwise is refused, because the postings already in it would change their meaning.

import { invariant } from "../errors/invariant.ts";
import { currencyOf } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import type { AccountState } from "./account-state.ts";
import { openedState } from "./account-state.ts";
import type {
  AccountLimit,
  AccountOpening,
  AccountOpeningOutcome,
  LedgerAccountId,
} from "./posting.ts";
import { isLedgerText, LEDGER_ID_LENGTH_MAX } from "./posting-body.ts";
import type { PartitionScope } from "./transfer.ts";
import { findAccounts } from "./transfer-rows.ts";

/** Accounts that one call may open. */
export const OPENINGS_PER_CALL_MAX = 20_000;

const LIMITS: readonly AccountLimit[] = ["none", "debits-within-credits", "credits-within-debits"];

/** The answers in the order of the openings; the new accounts are in the caller's transaction. */
export async function openAccounts(
  tx: Tx,
  scope: PartitionScope,
  openings: readonly AccountOpening[],
  openedAt: Instant,
): Promise<readonly AccountOpeningOutcome[]> {
  invariant(
    openings.length <= OPENINGS_PER_CALL_MAX,
    `at most ${OPENINGS_PER_CALL_MAX} openings in one call`,
  );
  const wellFormed = openings.filter((opening) => malformedBecause(opening) === null);
  const known = new Map<LedgerAccountId, AccountState>();
  for (const state of await findAccounts(tx, scope, [...new Set(wellFormed.map((o) => o.id))]))
    known.set(state.balances.accountId, state);
  const fresh: AccountState[] = [];
  const outcomes = openings.map((opening): AccountOpeningOutcome => {
    const problem = malformedBecause(opening);
    if (problem !== null)
      return { ok: false, refusal: { code: "opening-malformed", message: problem } };
    const existing = known.get(opening.id);
    if (existing !== undefined) return reopened(existing, opening);
    const state = openedState(opening);
    known.set(opening.id, state);
    fresh.push(state);
    return { ok: true, outcome: "opened" };
  });
  await insertAccounts(tx, scope, fresh, openedAt);
  return outcomes;
}

function malformedBecause(opening: AccountOpening): string | null {
  if (!isLedgerText(opening.id, LEDGER_ID_LENGTH_MAX))
    return `id must be a text of 1 to ${LEDGER_ID_LENGTH_MAX} characters`;
  if (currencyOf(opening.currency) === null) return "currency must be an ISO 4217 code";
  return LIMITS.includes(opening.limit) ? null : `limit must be one of ${LIMITS.join(", ")}`;
}

function reopened(existing: AccountState, opening: AccountOpening): AccountOpeningOutcome {
  const { currency } = existing.balances;
  if (currency === opening.currency && existing.limit === opening.limit)
    return { ok: true, outcome: "exists" };
  const message = `the account is open in ${currency} with limit ${existing.limit}`;
  return { ok: false, refusal: { code: "account-opened-otherwise", message } };
}

async function insertAccounts(
  tx: Tx,
  scope: PartitionScope,
  states: readonly AccountState[],
  openedAt: Instant,
): Promise<void> {
  if (states.length === 0) return;
  const inserted = await tx.query(
    `insert into ledger_account (tenant_id, partition, account_id, currency, limit_rule,
       debits_posted, credits_posted, debits_pending, credits_pending, version,
       previous_version, opened_at)
     select $1, $2, o.account_id, o.currency, o.limit_rule, 0, 0, 0, 0, 0, 0, $6
     from unnest($3::text[], $4::text[], $5::text[]) as o (account_id, currency, limit_rule)
     returning 1`,
    [
      scope.tenantId,
      scope.partition,
      states.map((state) => state.balances.accountId),
      states.map((state) => state.balances.currency),
      states.map((state) => state.limit),
      openedAt,
    ],
  );
  invariant(inserted.length === states.length, "not every account was opened");
}
