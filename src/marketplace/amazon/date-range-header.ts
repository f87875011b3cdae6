// The header of a date-range file: which column is what, by its words in the seller's language. A
// record is the header when it names a time, a settlement, a type, a description, an amount and a
// total.

import type { Charset } from "./charset.ts";
import type { PlainColumn } from "./date-range-words.ts";
import { componentOf, plainColumnOf } from "./date-range-words.ts";
import { decodeBytes } from "./line-scanner.ts";

/** Comma as Amazon writes it; semicolon and TAB as spreadsheets save it again. */
export const DELIMITERS = [",", ";", "\t"] as const;

export type DateRangeHeader = {
  readonly delimiter: string;
  readonly fieldCount: number;
  readonly plain: ReadonlyMap<PlainColumn, number>;
  /**
   * Columns that sum to the total, with their header as bytes; unknown ones among them included.
   */
  readonly amounts: readonly { readonly at: number; readonly header: string }[];
};

/** The header in a record, or null when it is not one. */
export function readDateRangeHeader(
  fields: readonly string[],
  delimiter: string,
  charset: Charset,
): DateRangeHeader | null {
  const plain = new Map<PlainColumn, number>();
  const known: { at: number; header: string }[] = [];
  const unknown: { at: number; header: string }[] = [];
  for (const [at, header] of fields.entries()) {
    const text = decodeBytes(header, charset);
    const name = plainColumnOf(text);
    if (componentOf(text) !== null) known.push({ at, header });
    else if (name === null) unknown.push({ at, header });
    else if (!plain.has(name)) plain.set(name, at);
  }
  const total = plain.get("total");
  const needed = ["at", "settlement-id", "type", "description"] as const;
  if (total === undefined || known.length === 0) return null;
  if (needed.some((name) => !plain.has(name))) return null;
  // A column that we do not know, between the amounts and the total, can only be an amount.
  const first = known[0]?.at ?? total;
  const between = unknown.filter((column) => column.at > first && column.at < total);
  const amounts = [...known, ...between].toSorted((left, right) => left.at - right.at);
  return { delimiter, fieldCount: fields.length, plain, amounts };
}
