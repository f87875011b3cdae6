// One set-based INSERT for any number of rows: a column is one array parameter. Existing keys are left as they
// are, which is what makes a repeated step harmless.

import { createHash } from "node:crypto";
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
  const parameters = names.map((name, index) =>
    columns[name] === "jsonb"
      ? `$${index + 1}::text[]::jsonb[]`
      : `$${index + 1}::${columns[name]}[]`,
  );
  const values = names.map((name, index) =>
    rows.map((row) => {
      const value = row[index];
      return columns[name] === "jsonb" && value !== null ? jsonText(value) : value;
    }),
  );
  const text = `INSERT INTO ${table} (${names.join(", ")})
     SELECT * FROM unnest(${parameters.join(", ")}) ON CONFLICT DO NOTHING RETURNING 1`;
  const inserted = await tx.query(text, values, { name: statementName(table, text) });
  return inserted.length;
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
      : typeof item === "string"
        ? item.replaceAll("\u0000", "\uFFFD")
        : item,
  );
}
