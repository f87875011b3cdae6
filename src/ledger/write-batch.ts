// Writes what was decided: one statement for transfers, accounts, draws and the partition's head, each table once.
// The statement counts what it changed and divides by zero unless every count is the expected one, so that it fails
// as a whole when somebody else wrote, with or without a transaction around it. Portable SQL only
// (docs/concepts/ledger.md): no trigger, no PL/pgSQL, no sequence.

import { invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Tx } from "../storage/database.ts";
import { codeOf } from "../storage/database-outage.ts";
import type { Instant } from "../time/instant.ts";
import type { AccountState } from "./account-state.ts";
import type { ChainedTransfer, Drawn, PartitionScope } from "./transfer.ts";

export type DrawnTransfer = {
  readonly seq: bigint;
  readonly amount: bigint;
  readonly drawn: Drawn;
};

export type AccountChange = { readonly before: bigint; readonly state: AccountState };

/** One batch of accepted postings. */
export type Batch = {
  readonly epoch: bigint;
  readonly bookedAt: Instant;
  readonly leaseUntil: Instant;
  /** In order of seq, without gaps; not empty. */
  readonly transfers: readonly ChainedTransfer[];
  /** Each touched account once, with its version before the batch. */
  readonly accounts: readonly AccountChange[];
  /** Each transfer that was drawn from once, as it stands after the batch. */
  readonly draws: readonly DrawnTransfer[];
};

/** The type of each array parameter and the column it fills; "hex" is a text that SQL decodes to bytes. */
const TRANSFER_ARRAYS = [
  ["bigint", "seq"],
  ["text", "posting_id"],
  ["integer", "leg"],
  ["text", "kind"],
  ["bigint", "of_seq"],
  ["text", "debit_account"],
  ["text", "credit_account"],
  ["text", "currency"],
  ["bigint", "amount"],
  ["date", "effective_on"],
  ["text", "reason"],
  ["text", "subject"],
  ["hex", "fingerprint"],
  ["bigint", "debit_version"],
  ["bigint", "debit_debits_posted"],
  ["bigint", "debit_credits_posted"],
  ["bigint", "debit_debits_pending"],
  ["bigint", "debit_credits_pending"],
  ["bigint", "credit_version"],
  ["bigint", "credit_debits_posted"],
  ["bigint", "credit_credits_posted"],
  ["bigint", "credit_debits_pending"],
  ["bigint", "credit_credits_pending"],
  ["hex", "previous_hash"],
  ["hex", "row_hash"],
] as const;

/** $1 to $8: tenant, partition, epoch, booked_at, lease_until, next_seq before and after, head_hash. */
const FIRST_TRANSFER_PARAMETER = 9;
const FIRST_ACCOUNT_PARAMETER = FIRST_TRANSFER_PARAMETER + TRANSFER_ARRAYS.length;
const ACCOUNT_ARRAY_COUNT = 9;
const FIRST_DRAW_PARAMETER = FIRST_ACCOUNT_PARAMETER + ACCOUNT_ARRAY_COUNT;

/** SQLSTATE division_by_zero: the one error that any SQL engine raises from a plain expression. */
const DIVISION_BY_ZERO = "22012";

/** Stands in a row that the statement would make although the account was never opened: then it is given up. */
const NEVER_OPENED = "timestamptz '0001-01-01 00:00:00+00'";

/**
 * Accounts are written by INSERT … ON CONFLICT, not by UPDATE … FROM: that one always goes by the primary key,
 * where the other's plan depends on statistics and was measured 50 times slower before the first ANALYZE.
 */
const WRITE_BATCH = writeBatchText();

function parameters(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `$${first + index}`);
}

function bigints(placeholders: readonly string[]): string {
  return placeholders.map((placeholder) => `${placeholder}::bigint[]`).join(", ");
}

function writeBatchText(): string {
  const names = TRANSFER_ARRAYS.map(([, name]) => name);
  const arrays = TRANSFER_ARRAYS.map(
    ([type], index) => `$${FIRST_TRANSFER_PARAMETER + index}::${type === "hex" ? "text" : type}[]`,
  );
  const values = TRANSFER_ARRAYS.map(([type, name]) =>
    type === "hex" ? `decode(t.${name}, 'hex')` : `t.${name}`,
  );
  const accountColumns = parameters(FIRST_ACCOUNT_PARAMETER, ACCOUNT_ARRAY_COUNT);
  const accountTexts = accountColumns.slice(0, 3).map((column) => `${column}::text[]`);
  const accountNumbers = accountColumns.slice(3);
  const draws = parameters(FIRST_DRAW_PARAMETER, 5);
  return `with head as (
    update ledger_partition
    set next_seq = $7, head_hash = decode($8, 'hex'), last_booked_at = $4, lease_until = $5
    where tenant_id = $1 and partition = $2 and epoch = $3 and next_seq = $6
    returning 1
  ), transfers as (
    insert into ledger_transfer (tenant_id, partition, booked_at, ${names.join(", ")})
    select $1, $2, $4, ${values.join(", ")}
    from unnest(${arrays.join(", ")}) as t (${names.join(", ")})
    returning 1
  ), accounts as (
    insert into ledger_account as a (tenant_id, partition, account_id, currency, limit_rule,
      previous_version, version, debits_posted, credits_posted, debits_pending, credits_pending,
      opened_at)
    select $1, $2, c.account_id, c.currency, c.limit_rule, c.previous_version, c.version,
      c.debits_posted, c.credits_posted, c.debits_pending, c.credits_pending, ${NEVER_OPENED}
    from unnest(${accountTexts.join(", ")}, ${bigints(accountNumbers)})
      as c (account_id, currency, limit_rule, previous_version, version, debits_posted,
        credits_posted, debits_pending, credits_pending)
    on conflict (tenant_id, partition, account_id) do update
    set previous_version = excluded.previous_version, version = excluded.version,
      debits_posted = excluded.debits_posted, credits_posted = excluded.credits_posted,
      debits_pending = excluded.debits_pending, credits_pending = excluded.credits_pending
    where a.version = excluded.previous_version and a.currency = excluded.currency
      and a.limit_rule = excluded.limit_rule
    returning a.opened_at
  ), draws as (
    insert into ledger_draw (tenant_id, partition, seq, amount, committed, voided, reversed)
    select $1, $2, d.seq, d.amount, d.committed, d.voided, d.reversed
    from unnest(${bigints(draws)})
      as d (seq, amount, committed, voided, reversed)
    on conflict (tenant_id, partition, seq) do update
    set committed = excluded.committed, voided = excluded.voided, reversed = excluded.reversed
    returning 1
  )
  select 1 / case when
    (select count(*) from head) = 1
    and (select count(*) from transfers) = cardinality($${FIRST_TRANSFER_PARAMETER}::bigint[])
    and (select count(*) from accounts where opened_at > ${NEVER_OPENED})
      = cardinality(${accountTexts[0]})
    and (select count(*) from draws) = cardinality(${draws[0]}::bigint[])
    then 1 else 0 end`;
}

/** An SQL array literal of numbers, hex texts and nulls: nothing in it needs quoting. */
function plainArray(values: readonly (bigint | number | string | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/** Writes the batch, or throws and has written nothing; needs no transaction around it. */
export async function writeBatch(tx: Tx, scope: PartitionScope, batch: Batch): Promise<void> {
  const { transfers, accounts, draws } = batch;
  const first = transfers[0];
  const last = transfers.at(-1);
  invariant(first !== undefined && last !== undefined, "a batch has at least one transfer");
  invariant(last.seq - first.seq + 1n === BigInt(transfers.length), "the batch has a seq gap");
  const values = [
    scope.tenantId,
    scope.partition,
    batch.epoch,
    batch.bookedAt,
    batch.leaseUntil,
    first.seq,
    last.seq + 1n,
    last.rowHash,
    ...transferArrays(transfers),
    ...accountArrays(accounts),
    ...drawArrays(draws),
  ];
  try {
    await tx.query(WRITE_BATCH, values, { name: "ledger-write-batch" });
  } catch (error) {
    invariant(codeOf(error) !== DIVISION_BY_ZERO, "the ledger is not as its writer left it");
    throw error;
  }
}

/** What a writer throws when another one has taken its partition. */
export function partitionLost(scope: PartitionScope): Outage {
  return new Outage(
    "ledger",
    `another writer has taken partition ${scope.partition} of ${scope.tenantId}; open it anew`,
    { retryable: false },
  );
}

function transferArrays(transfers: readonly ChainedTransfer[]): unknown[] {
  const numbers = (pick: (transfer: ChainedTransfer) => bigint | number | string | null) =>
    plainArray(transfers.map(pick));
  const texts = (pick: (transfer: ChainedTransfer) => string) => transfers.map(pick);
  return [
    numbers((transfer) => transfer.seq),
    texts((transfer) => transfer.postingId),
    numbers((transfer) => transfer.leg),
    numbers((transfer) => transfer.kind),
    numbers((transfer) => transfer.ofSeq),
    texts((transfer) => transfer.debit.accountId),
    texts((transfer) => transfer.credit.accountId),
    numbers((transfer) => transfer.currency),
    numbers((transfer) => transfer.amount),
    numbers((transfer) => transfer.effectiveOn),
    texts((transfer) => transfer.reason),
    texts((transfer) => transfer.subject),
    numbers((transfer) => transfer.fingerprint),
    numbers((transfer) => transfer.debit.version),
    numbers((transfer) => transfer.debit.debitsPosted),
    numbers((transfer) => transfer.debit.creditsPosted),
    numbers((transfer) => transfer.debit.debitsPending),
    numbers((transfer) => transfer.debit.creditsPending),
    numbers((transfer) => transfer.credit.version),
    numbers((transfer) => transfer.credit.debitsPosted),
    numbers((transfer) => transfer.credit.creditsPosted),
    numbers((transfer) => transfer.credit.debitsPending),
    numbers((transfer) => transfer.credit.creditsPending),
    numbers((transfer) => transfer.previousHash),
    numbers((transfer) => transfer.rowHash),
  ];
}

function accountArrays(accounts: readonly AccountChange[]): unknown[] {
  const numbers = (pick: (change: AccountChange) => bigint) => plainArray(accounts.map(pick));
  return [
    accounts.map((change) => change.state.balances.accountId),
    accounts.map((change) => change.state.balances.currency),
    accounts.map((change) => change.state.limit),
    numbers((change) => change.before),
    numbers((change) => change.state.balances.version),
    numbers((change) => change.state.balances.debitsPosted),
    numbers((change) => change.state.balances.creditsPosted),
    numbers((change) => change.state.balances.debitsPending),
    numbers((change) => change.state.balances.creditsPending),
  ];
}

function drawArrays(draws: readonly DrawnTransfer[]): unknown[] {
  const numbers = (pick: (draw: DrawnTransfer) => bigint) => plainArray(draws.map(pick));
  return [
    numbers((draw) => draw.seq),
    numbers((draw) => draw.amount),
    numbers((draw) => draw.drawn.committed),
    numbers((draw) => draw.drawn.voided),
    numbers((draw) => draw.drawn.reversed),
  ];
}
