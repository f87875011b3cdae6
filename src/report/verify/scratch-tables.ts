// Scratch tables of one verification, so that a history of any length is compared without standing in memory: what
// the files say is put there file by file, and PostgreSQL finds what is missing and what is extra. They are temporary
// and gone with the transaction.

import type { Tx } from "../../storage/database.ts";
import { insertRows } from "../../storage/insert-rows.ts";

/** The kinds of rows that a source of truth accounts for. */
export type ExplainedKind = "statement" | "announcement" | "message" | "notice" | "posting";

/** Rows written to a scratch table in one statement. */
const SCRATCH_ROWS_MAX = 5000;

export async function createScratchTables(tx: Tx): Promise<void> {
  await tx.query(
    `create temporary table verify_explained (
       kind text not null, id text not null, primary key (kind, id)) on commit drop`,
  );
  // One row for each identity, bank statement and page of a file: how many rows the file has of it.
  await tx.query(
    `create temporary table verify_row (
       identity text not null, scope text not null, page text not null,
       row_count integer not null, money_count integer not null, source text not null) on commit drop`,
  );
  await tx.query(
    `create temporary table verify_telling (
       transaction_id text not null, told jsonb not null) on commit drop`,
  );
}

/** Notes that these rows are accounted for. */
export async function markExplained(
  tx: Tx,
  kind: ExplainedKind,
  ids: readonly string[],
): Promise<void> {
  const rows = [...new Set(ids)].map((id) => [kind, id]);
  for (const part of parts(rows)) {
    await insertRows(tx, "verify_explained", { kind: "text", id: "text" }, part);
  }
}

/** How many rows of one identity a page of a bank statement has, and how many of them are money. */
export type RowCount = {
  readonly identity: string;
  readonly scope: string;
  readonly page: string;
  readonly rowCount: number;
  readonly moneyCount: number;
  /** Name of the file, for a person who looks for it. */
  readonly source: string;
};

export async function noteRowCounts(tx: Tx, counts: readonly RowCount[]): Promise<void> {
  const rows = counts.map((item) => [
    item.identity,
    item.scope,
    item.page,
    item.rowCount,
    item.moneyCount,
    item.source,
  ]);
  for (const part of parts(rows)) {
    await insertRows(
      tx,
      "verify_row",
      {
        identity: "text",
        scope: "text",
        page: "text",
        row_count: "integer",
        money_count: "integer",
        source: "text",
      },
      part,
    );
  }
}

export async function noteTellings(
  tx: Tx,
  tellings: readonly { readonly transactionId: string; readonly told: unknown }[],
): Promise<void> {
  for (const part of parts(tellings.map((item) => [item.transactionId, item.told]))) {
    await insertRows(tx, "verify_telling", { transaction_id: "text", told: "jsonb" }, part);
  }
}

/** After the files are read: temporary tables have no statistics of their own accord. */
export async function indexScratchTables(tx: Tx): Promise<void> {
  await tx.query("create index on verify_telling (transaction_id)");
  await tx.query("analyze verify_explained");
  await tx.query("analyze verify_row");
  await tx.query("analyze verify_telling");
}

function* parts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += SCRATCH_ROWS_MAX) {
    yield items.slice(from, from + SCRATCH_ROWS_MAX);
  }
}
