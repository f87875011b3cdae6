// Every table of the schema as lines of text, and back: a consistent copy needs no other program and no superuser, and
// can be read by people. A line is a JSON array of the row's values as PostgreSQL writes them ('…'::text), so that
// nothing passes through a type of ours.

import { invariant } from "../errors/invariant.ts";
import type { Row, Tx } from "./database.ts";

export type DumpedColumn = { readonly name: string; readonly type: string };
export type DumpedTable = { readonly name: string; readonly columns: readonly DumpedColumn[] };

/** Rows fetched at once. */
const PAGE_ROWS = 500;
/** Rows and characters inserted at once. */
const INSERT_ROWS_MAX = 1_000;
const INSERT_LENGTH_MAX = 8 * 1024 * 1024;

/** Written the same on every server, whatever its own settings are. */
const PLAIN_WRITING = [
  "SET LOCAL datestyle = 'ISO, YMD'",
  "SET LOCAL timezone = 'UTC'",
  "SET LOCAL intervalstyle = 'iso_8601'",
  "SET LOCAL bytea_output = 'hex'",
  // Where policies hide rows from this role, it is told so, instead of a copy with holes.
  "SET LOCAL row_security = off",
] as const;

export async function writePlainly(tx: Tx): Promise<void> {
  for (const setting of PLAIN_WRITING) await tx.query(setting);
}

/** The tables of the schema in use with their columns, by name. */
export async function listTables(tx: Tx): Promise<readonly DumpedTable[]> {
  const rows = await tx.query<{ table_name: string; name: string; type: string }>(
    `SELECT c.relname AS table_name, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attgenerated = ''
      ORDER BY c.relname COLLATE "C", a.attnum`,
  );
  const tables = new Map<string, DumpedColumn[]>();
  for (const { table_name, name, type } of rows)
    tables.set(table_name, [...(tables.get(table_name) ?? []), { name, type }]);
  return [...tables].map(([name, columns]) => ({ name, columns }));
}

/** The rows of a table, one line each without its line feed, in pages, in the order of its key where it has one. */
export async function* dumpRows(tx: Tx, table: DumpedTable): AsyncGenerator<readonly string[]> {
  const columns = table.columns.map(({ name }) => `${quoted(name)}::text`);
  const key = await keyOf(tx, table.name);
  const order = key.length === 0 ? "" : ` ORDER BY ${key.map((name) => quoted(name)).join(", ")}`;
  await tx.query(
    `DECLARE dumped NO SCROLL CURSOR FOR
       SELECT ARRAY[${columns.join(", ")}]::text[] AS values FROM ${quoted(table.name)}${order}`,
  );
  for (;;) {
    const rows = await tx.query<{ values: readonly (string | null)[] } & Row>(
      `FETCH ${PAGE_ROWS} FROM dumped`,
    );
    if (rows.length > 0) yield rows.map(({ values }) => lineOf(values));
    if (rows.length < PAGE_ROWS) break;
  }
  await tx.query("CLOSE dumped");
}

/** One line whatever the texts hold: two separators that JSON leaves alone end a line for some readers. */
function lineOf(values: readonly (string | null)[]): string {
  return JSON.stringify(values).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

async function keyOf(tx: Tx, table: string): Promise<readonly string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_index i
       JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE n.nspname = current_schema() AND c.relname = $1 AND i.indisprimary ORDER BY k.place`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** Replaces the rows of a table by the lines; returns how many rows that were. */
export async function loadRows(
  tx: Tx,
  table: DumpedTable,
  lines: AsyncIterable<string>,
): Promise<number> {
  await tx.query(`DELETE FROM ${quoted(table.name)}`);
  let count = 0;
  let batch: (readonly (string | null)[])[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await insertTexts(tx, table, batch);
    batch = [];
    length = 0;
  };
  for await (const line of lines) {
    const values = JSON.parse(line) as readonly (string | null)[];
    invariant(values.length === table.columns.length, `a line of ${table.name} is not a row of it`);
    batch.push(values);
    count += 1;
    length += line.length;
    if (batch.length >= INSERT_ROWS_MAX || length >= INSERT_LENGTH_MAX) await flush();
  }
  await flush();
  return count;
}

async function insertTexts(
  tx: Tx,
  { name, columns }: DumpedTable,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const names = columns.map((column) => quoted(column.name)).join(", ");
  const places = columns.map((_, index) => `$${index + 1}::text[]`).join(", ");
  const casts = columns.map(({ type }, index) => `v.c${index}::${type}`).join(", ");
  const heads = columns.map((_, index) => `c${index}`).join(", ");
  const values = columns.map((_, index) => rows.map((row) => row[index] ?? null));
  await tx.query(
    `INSERT INTO ${quoted(name)} (${names}) SELECT ${casts} FROM unnest(${places}) AS v(${heads})`,
    values,
  );
}

/** A name of the schema, quoted: it comes from the catalogue or from a backup, not from our source. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
