// One set-based INSERT for any number of rows: a column is one array parameter. Existing keys are left as they
// are, which is what makes a repeated step harmless.

import { createHash } from "node:crypto";
import { invariant } from "../errors/invariant.ts";
import type { Tx } from "./database.ts";

export type ColumnTypes = Readonly<
  Record<string, "text" | "bigint" | "integer" | "boolean" | "timestamptz" | "date" | "jsonb">
>;

/**
 * Inserts rows (values in the order of `columns`) and returns how many were new. Table and column names are
 * the program's own, never input.
 */
export async function insertRows(
  tx: Tx,
  table: string,
  columns: ColumnTypes,
  rows: readonly (readonly unknown[])[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const names = Object.keys(columns);
  const text = `INSERT INTO ${table} (${names.join(", ")})
     SELECT * FROM unnest(${arrayParameters(columns)}) ON CONFLICT DO NOTHING RETURNING 1`;
  const inserted = await tx.query(text, columnArrays(columns, rows), {
    name: statementName(table, text),
  });
  return inserted.length;
}

/** The parameters of an `unnest` that takes each column as one array: "$1::text[], $2::bigint[]". */
export function arrayParameters(columns: ColumnTypes, first = 1): string {
  return Object.values(columns)
    .map((type, index) =>
      type === "jsonb" ? `$${first + index}::text[]::jsonb[]` : `$${first + index}::${type}[]`,
    )
    .join(", ");
}

/** The values for `arrayParameters`: rows turned into one array for each column. */
export function columnArrays(
  columns: ColumnTypes,
  rows: readonly (readonly unknown[])[],
): readonly string[] {
  return Object.values(columns).map((type, index) => columnArray(type, rows, index));
}

/** One column as an SQL array literal, made here because the driver's own way escapes every element twice. */
function columnArray(
  type: ColumnTypes[string],
  rows: readonly (readonly unknown[])[],
  index: number,
): string {
  const elements = rows.map((row) => {
    const value = row[index];
    invariant(value !== undefined, "a value of a row is undefined");
    if (value === null) return "NULL";
    if (type === "jsonb") return quoted(jsonText(value));
    return type === "text"
      ? quoted(value as string)
      : `${value as string | number | bigint | boolean}`;
  });
  return `{${elements.join(",")}}`;
}

/** An element of an array literal (PostgreSQL 8.15.2: backslash and double quote are escaped by a backslash). */
function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

const statementNames = new Map<string, string>();

/** One name for one text: tables are few, and each is written with one or two sets of columns. */
function statementName(table: string, text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const name = `insert-${table}-${digest}`;
  statementNames.set(text, name);
  return name;
}

/** JSON with bigints as decimal texts (they outgrow a JSON number) and without NUL, which jsonb cannot hold. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint"
      ? item.toString()
      : typeof item === "string" && item.includes("\u0000")
        ? item.replaceAll("\u0000", "\uFFFD")
        : item,
  );
}
