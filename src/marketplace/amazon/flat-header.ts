// The header of a settlement flat file: columns by name, in any order and number. Reports joined
// into one file repeat it. Column names: Amazon's settlement-reports-attributes page.

import type { Reason } from "../../errors/refusal.ts";
import type { ScannedLine } from "./line-scanner.ts";
import { fieldBytes } from "./line-scanner.ts";
import { amazonReason } from "./reasons.ts";

const ID_COLUMN = "settlement-id";
/** The UTF-8 byte-order mark, one character a byte. */
const MARK_BYTES = "\u00ef\u00bb\u00bf";

/** Columns by header name, "-1" when the file does not have one. */
export type Columns = {
  readonly fieldCount: number;
  readonly at: (name: string) => number;
};

export type FlatHeader =
  | { readonly ok: true; readonly columns: Columns }
  | { readonly ok: false; readonly refusal: Reason };

/**
 * Reads a header line; refused when it is none, names a column twice or lacks one that is needed.
 */
export function readFlatHeader(line: ScannedLine, required: readonly string[]): FlatHeader {
  const found = new Map<string, number>();
  for (let field = 0; field < line.fieldCount; field += 1) {
    const name = headerName(fieldBytes(line, field));
    if (name === "") continue;
    if (found.has(name)) return refuse(amazonReason("column-repeated", line.number, name));
    found.set(name, field);
  }
  if (!found.has(ID_COLUMN)) return refuse(amazonReason("not-this-format", line.number));
  const missing = required.filter((name) => !found.has(name));
  if (missing.length > 0) {
    return refuse(amazonReason("column-missing", line.number, missing.join(", ")));
  }
  const columns = { fieldCount: line.fieldCount, at: (name: string) => found.get(name) ?? -1 };
  return { ok: true, columns };
}

function refuse(refusal: Reason): FlatHeader {
  return { ok: false, refusal };
}

function headerName(bytes: string): string {
  return bytes
    .replace(MARK_BYTES, "")
    .trim()
    .replace(/^"(.*)"$/, "$1")
    .toLowerCase();
}

/** Reports joined into one file repeat their header, some with its byte-order mark. */
export function isHeaderAgain(line: ScannedLine, idAt: number): boolean {
  return isField(line, idAt, ID_COLUMN) || isField(line, idAt, `${MARK_BYTES}${ID_COLUMN}`);
}

/** True when the field holds exactly these bytes. */
export function isField(line: ScannedLine, field: number, bytes: string): boolean {
  if (field < 0 || field >= line.fieldCount) return false;
  const from = line.offsets[field] ?? 0;
  const to = (line.offsets[field + 1] ?? 1) - 1;
  if (to - from !== bytes.length) return false;
  for (let at = 0; at < bytes.length; at += 1) {
    if (line.bytes[from + at] !== bytes.charCodeAt(at)) return false;
  }
  return true;
}
