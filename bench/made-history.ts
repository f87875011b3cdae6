// Fills a channel with history in the shapes that the real path makes: some payouts go through it, and every row that
// they left is copied with other ids, references, amounts and dates, so that keys, indexes and sizes are as if all had
// gone through it. Only the hashes of the copied ledger transfers are filler: the copied chain does not prove.

import { invariant } from "../src/errors/invariant.ts";
import { DEFAULT_PARTITION } from "../src/runtime/channel.ts";
import type { Database, Tx } from "../src/storage/database.ts";

/** Copies made by one statement. */
const COPIES_PER_STATEMENT = 25;
/** Days over which the copies are spread. */
const HISTORY_DAYS = 700;

/** Tables of the money path whose rows are copied as they are, but for the columns below. */
const PLAIN_TABLES = [
  "raw_file",
  "raw_arrival",
  "statement",
  "payout_announcement",
  "payout",
  "payout_trace",
  "bank_message",
  "bank_transaction",
  "bank_notice",
  "match",
  "release",
  "timeline_event",
] as const;

const ID_COLUMNS: ReadonlySet<string> = new Set([
  "payout_id",
  "statement_id",
  "announcement_id",
  "transaction_id",
  "credit_id",
  "match_id",
  "release_id",
  "notice_id",
  "event_id",
  "subject",
  "arrival_id",
  "message_key",
  "identity",
  "scope",
]);
const HASH_COLUMNS: ReadonlySet<string> = new Set(["sha256", "source_sha256"]);
const TEXT_COLUMNS: ReadonlySet<string> = new Set([
  "token",
  "reference",
  "settlement_id",
  "uetr",
  "servicer_ref",
  "end_to_end_id",
  "message_id",
  "statement_ref",
]);
const AMOUNT_COLUMNS: ReadonlySet<string> = new Set([
  "amount_minor",
  "paid_minor",
  "summed_minor",
  "declared_minor",
]);
const DATE_COLUMNS: ReadonlySet<string> = new Set(["value_on", "booked_on"]);

/** The value of a column in copy `k`, as SQL over the row `r`. The same id gives the same copy in every table. */
function copied(column: string): string {
  const value = `r.${column}`;
  // Only the timeline's feed has places: each copy stands behind the one before it.
  if (column === "seq") return `${value} + k * (SELECT max(seq) FROM bench_timeline_event)`;
  if (ID_COLUMNS.has(column))
    return `left(${value}, 3) || substr(md5(${value} || '/' || k), 1, 26)`;
  if (HASH_COLUMNS.has(column))
    return `encode(sha256(convert_to(${value} || '/' || k, 'UTF8')), 'hex')`;
  if (TEXT_COLUMNS.has(column)) return `${value} || 'X' || k`;
  if (AMOUNT_COLUMNS.has(column)) return `${value} + k`;
  if (DATE_COLUMNS.has(column)) return `${value} - (k % ${HISTORY_DAYS})`;
  return value;
}

async function columnsOf(tx: Tx, table: string): Promise<readonly string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  return rows.map((row) => row.name);
}

/** Copies everything on record `copyCount` times and renews the statistics; returns the rows that were added. */
export async function multiplyHistory(
  database: Database,
  copyCount: number,
  onProgress: (copies: number) => void,
): Promise<bigint> {
  const [before] = await database.query<{ rows: bigint }>(`SELECT ${rowCounts()} AS rows`);
  for (const table of PLAIN_TABLES)
    await database.query(`CREATE TABLE bench_${table} AS SELECT * FROM ${table}`);
  await makeLedgerTemplate(database);
  const indexes = await dropIndexes(database);
  for (let from = 1; from <= copyCount; from += COPIES_PER_STATEMENT) {
    const to = Math.min(copyCount, from + COPIES_PER_STATEMENT - 1);
    await database.transaction(async (tx) => {
      for (const table of PLAIN_TABLES) await copyTable(tx, table, from, to);
      await moveFeedOn(tx);
      await copyTransfers(tx, from, to);
    });
    onProgress(to);
  }
  await moveLedgerOn(database, copyCount);
  for (const definition of indexes) await database.query(definition);
  for (const table of [...PLAIN_TABLES, "transfer", "draw", "total"])
    await database.query(`DROP TABLE bench_${table}`);
  await database.query("VACUUM ANALYZE");
  const [after] = await database.query<{ rows: bigint }>(`SELECT ${rowCounts()} AS rows`);
  return (after?.rows ?? 0n) - (before?.rows ?? 0n);
}

function rowCounts(): string {
  return [...PLAIN_TABLES, "ledger_transfer", "ledger_draw"]
    .map((table) => `(SELECT count(*) FROM ${table})`)
    .join(" + ");
}

/** Drops the indexes that prove nothing, to build them anew at the end; returns how they were made. */
async function dropIndexes(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relname = ANY($1::text[]) AND NOT i.indisprimary`,
    [[...PLAIN_TABLES, "ledger_transfer", "ledger_draw"]],
  );
  for (const { name } of rows) await database.query(`DROP INDEX ${name}`);
  return rows.map((row) => row.definition);
}

async function copyTable(tx: Tx, table: string, from: number, to: number): Promise<void> {
  const columns = await columnsOf(tx, table);
  await tx.query(
    `INSERT INTO ${table} (${columns.join(", ")})
     SELECT ${columns.map(copied).join(", ")} FROM generate_series($1::int, $2::int) AS k, bench_${table} AS r`,
    [from, to],
  );
}

async function moveFeedOn(tx: Tx): Promise<void> {
  await tx.query(
    `UPDATE event_feed AS f SET next_seq = last.seq + 1
       FROM (SELECT tenant_id, max(seq) AS seq FROM timeline_event GROUP BY tenant_id) AS last
      WHERE f.tenant_id = last.tenant_id`,
  );
}

/** The transfers to copy, and for each account how much one copy adds to its totals and version. */
async function makeLedgerTemplate(tx: Tx): Promise<void> {
  await tx.query("CREATE TABLE bench_transfer AS SELECT * FROM ledger_transfer");
  await tx.query("CREATE TABLE bench_draw AS SELECT * FROM ledger_draw");
  await tx.query(
    `CREATE TABLE bench_total AS
     SELECT account_id, version, debits_posted, credits_posted, debits_pending, credits_pending
       FROM ledger_account`,
  );
  const [head] = await tx.query<{ pending: bigint }>(
    "SELECT coalesce(sum(debits_pending + credits_pending), 0)::bigint AS pending FROM bench_total",
  );
  invariant(head?.pending === 0n, "history is copied when nothing is pending");
}

/** Balances run on from copy to copy, as they would have: each account has one copy's total more. */
async function copyTransfers(tx: Tx, from: number, to: number): Promise<void> {
  const columns = await columnsOf(tx, "ledger_transfer");
  const moved = new Map<string, string>([
    ["seq", "r.seq + k * m.seqs"],
    ["of_seq", "r.of_seq + k * m.seqs"],
    ["posting_id", "r.posting_id || '/' || k"],
    ["subject", copied("subject")],
    ["previous_hash", "sha256(int8send(r.seq + k * m.seqs - 1))"],
    ["row_hash", "sha256(int8send(r.seq + k * m.seqs))"],
  ]);
  for (const [side, total] of [
    ["debit", "d"],
    ["credit", "c"],
  ] as const) {
    moved.set(`${side}_version`, `r.${side}_version + k * ${total}.version`);
    for (const sum of ["debits_posted", "credits_posted"])
      moved.set(`${side}_${sum}`, `r.${side}_${sum} + k * ${total}.${sum}`);
  }
  await tx.query(
    `INSERT INTO ledger_transfer (${columns.join(", ")})
     SELECT ${columns.map((column) => moved.get(column) ?? `r.${column}`).join(", ")}
       FROM generate_series($1::int, $2::int) AS k
      CROSS JOIN (SELECT max(seq) AS seqs FROM bench_transfer) AS m
      CROSS JOIN bench_transfer AS r
       JOIN bench_total AS d ON d.account_id = r.debit_account
       JOIN bench_total AS c ON c.account_id = r.credit_account
      ORDER BY k, r.seq`,
    [from, to],
  );
  await tx.query(
    `INSERT INTO ledger_draw (tenant_id, partition, seq, amount, committed, voided, reversed)
     SELECT r.tenant_id, r.partition, r.seq + k * m.seqs, r.amount, r.committed, r.voided, r.reversed
       FROM generate_series($1::int, $2::int) AS k
      CROSS JOIN (SELECT max(seq) AS seqs FROM bench_transfer) AS m CROSS JOIN bench_draw AS r`,
    [from, to],
  );
}

/** The accounts and the partition's head as they stand after the last copy. The writer opens the partition later. */
async function moveLedgerOn(tx: Tx, copyCount: number): Promise<void> {
  await tx.query(
    `UPDATE ledger_account SET version = version * $1::bigint, previous_version = version * $1::bigint,
            debits_posted = debits_posted * $1::bigint, credits_posted = credits_posted * $1::bigint`,
    [copyCount + 1],
  );
  await tx.query(
    `UPDATE ledger_partition SET next_seq = last.seq + 1, head_hash = sha256(int8send(last.seq))
       FROM (SELECT max(seq) AS seq FROM ledger_transfer) AS last WHERE partition = $1`,
    [DEFAULT_PARTITION],
  );
}
