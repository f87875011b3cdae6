// Reading transfers, accounts and draws back from PostgreSQL, set-based: one query for any number of ids. Each id is
// looked up by `lateral … limit`, which leaves the planner no way but the index, whatever its statistics say, and
// the statements are planned anew each time, so that no plan made for a small table outlives it.

import { invariant } from "../errors/invariant.ts";
import type { Currency } from "../money/currency.ts";
import type { Row, Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { AccountState } from "./account-state.ts";
import { isWithinLimit } from "./account-state.ts";
import type { AccountBalances, AccountLimit, LedgerAccountId, PostingId } from "./posting.ts";
import { LEGS_PER_POSTING_MAX } from "./posting-body.ts";
import type { ChainedTransfer, Drawn, PartitionScope, TransferKind } from "./transfer.ts";

/** The columns of a transfer (table alias t), in the shape that `transferOfRow` reads. */
export const TRANSFER_COLUMNS = `t.seq, t.posting_id, t.leg, t.kind, t.of_seq, t.debit_account,
  t.credit_account, t.currency, t.amount, t.effective_on, t.booked_at, t.reason, t.subject,
  encode(t.fingerprint, 'hex') as fingerprint,
  t.debit_version, t.debit_debits_posted, t.debit_credits_posted, t.debit_debits_pending,
  t.debit_credits_pending, t.credit_version, t.credit_debits_posted, t.credit_credits_posted,
  t.credit_debits_pending, t.credit_credits_pending,
  encode(t.previous_hash, 'hex') as previous_hash, encode(t.row_hash, 'hex') as row_hash`;

export type TransferRow = {
  readonly seq: bigint;
  readonly posting_id: PostingId;
  readonly leg: number;
  readonly kind: TransferKind;
  readonly of_seq: bigint | null;
  readonly debit_account: LedgerAccountId;
  readonly credit_account: LedgerAccountId;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly effective_on: CivilDate;
  readonly booked_at: Instant;
  readonly reason: string;
  readonly subject: string;
  readonly fingerprint: string;
  readonly debit_version: bigint;
  readonly debit_debits_posted: bigint;
  readonly debit_credits_posted: bigint;
  readonly debit_debits_pending: bigint;
  readonly debit_credits_pending: bigint;
  readonly credit_version: bigint;
  readonly credit_debits_posted: bigint;
  readonly credit_credits_posted: bigint;
  readonly credit_debits_pending: bigint;
  readonly credit_credits_pending: bigint;
  readonly previous_hash: string;
  readonly row_hash: string;
} & Row;

export function transferOfRow(row: TransferRow): ChainedTransfer {
  return {
    seq: row.seq,
    postingId: row.posting_id,
    leg: row.leg,
    kind: row.kind,
    ofSeq: row.of_seq,
    currency: row.currency,
    amount: row.amount,
    effectiveOn: row.effective_on,
    bookedAt: row.booked_at,
    reason: row.reason,
    subject: row.subject,
    fingerprint: row.fingerprint,
    debit: {
      accountId: row.debit_account,
      currency: row.currency,
      version: row.debit_version,
      debitsPosted: row.debit_debits_posted,
      creditsPosted: row.debit_credits_posted,
      debitsPending: row.debit_debits_pending,
      creditsPending: row.debit_credits_pending,
    },
    credit: {
      accountId: row.credit_account,
      currency: row.currency,
      version: row.credit_version,
      debitsPosted: row.credit_debits_posted,
      creditsPosted: row.credit_credits_posted,
      debitsPending: row.credit_debits_pending,
      creditsPending: row.credit_credits_pending,
    },
    previousHash: row.previous_hash,
    rowHash: row.row_hash,
  };
}

/** The partition as its row says, and what is in it of some postings. */
export type FoundPostings = {
  readonly epoch: bigint;
  readonly nextSeq: bigint;
  readonly transfers: readonly {
    readonly transfer: ChainedTransfer;
    readonly drawn: Drawn | null;
  }[];
};

/** All legs of the postings that exist, in order, with the partition as of the same moment; null when it is new. */
export async function findPostings(
  tx: Tx,
  scope: PartitionScope,
  postingIds: readonly PostingId[],
): Promise<FoundPostings | null> {
  type Found = Omit<TransferRow, "seq"> & {
    epoch: bigint;
    next_seq: bigint;
    seq: bigint | null;
    committed: bigint | null;
    voided: bigint | null;
    reversed: bigint | null;
  };
  const rows = await tx.query<Found & Row>(
    `select p.epoch, p.next_seq, d.committed, d.voided, d.reversed, ${TRANSFER_COLUMNS}
     from ledger_partition p
     left join (
       unnest($3::text[]) as wanted (posting_id)
       cross join lateral (
         select * from ledger_transfer t
         where t.tenant_id = $1 and t.partition = $2 and t.posting_id = wanted.posting_id
         order by t.leg limit ${LEGS_PER_POSTING_MAX}
       ) t
       left join lateral (
         select * from ledger_draw d
         where d.tenant_id = $1 and d.partition = $2 and d.seq = t.seq
         limit 1
       ) d on true
     ) on true
     where p.tenant_id = $1 and p.partition = $2
     order by t.seq`,
    [scope.tenantId, scope.partition, postingIds],
  );
  const head = rows[0];
  if (head === undefined) return null;
  return {
    epoch: head.epoch,
    nextSeq: head.next_seq,
    transfers: rows.flatMap((row) =>
      row.seq === null
        ? []
        : [{ transfer: transferOfRow(row as unknown as TransferRow), drawn: drawnOf(row) }],
    ),
  };
}

function drawnOf(row: {
  readonly committed: bigint | null;
  readonly voided: bigint | null;
  readonly reversed: bigint | null;
}): Drawn | null {
  const { committed, voided, reversed } = row;
  return committed === null || voided === null || reversed === null
    ? null
    : { committed, voided, reversed };
}

export const ACCOUNT_COLUMNS = `a.account_id, a.currency, a.limit_rule, a.version, a.debits_posted,
  a.credits_posted, a.debits_pending, a.credits_pending`;

export type AccountRow = {
  readonly account_id: LedgerAccountId;
  readonly currency: Currency;
  readonly limit_rule: AccountLimit;
  readonly version: bigint;
  readonly debits_posted: bigint;
  readonly credits_posted: bigint;
  readonly debits_pending: bigint;
  readonly credits_pending: bigint;
} & Row;

export function accountBalancesOfRow(row: AccountRow): AccountBalances {
  return {
    accountId: row.account_id,
    currency: row.currency,
    version: row.version,
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    debitsPending: row.debits_pending,
    creditsPending: row.credits_pending,
  };
}

/** The accounts that are open, in no order. */
export async function findAccounts(
  tx: Tx,
  scope: PartitionScope,
  ids: readonly LedgerAccountId[],
): Promise<AccountState[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<AccountRow>(
    `select ${ACCOUNT_COLUMNS}
     from unnest($3::text[]) as wanted (account_id)
     cross join lateral (
       select * from ledger_account a
       where a.tenant_id = $1 and a.partition = $2 and a.account_id = wanted.account_id
       limit 1
     ) a`,
    [scope.tenantId, scope.partition, ids],
  );
  return rows.map((row) => {
    const balances = accountBalancesOfRow(row);
    invariant(isWithinLimit(row.limit_rule, balances), `${row.account_id} is beyond its limit`);
    return { limit: row.limit_rule, balances };
  });
}
