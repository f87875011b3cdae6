// Turns the bytes of a file into tables of texts: tab- and comma-separated text in the charset that fits, spreadsheets
// sheet by sheet. Numbers of a spreadsheet are told with the fifteen digits that the spreadsheet program itself keeps.

import * as spreadsheet from "@e965/xlsx";
import { parse } from "csv-parse/sync";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { ROWS_MAX, SPREADSHEET_UNPACKED_MAX } from "./limits.ts";

export type TableRow = {
  /** Row in the sheet or line in the text, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
};

export type Table = { readonly name: string | null; readonly rows: readonly TableRow[] };

/** The text of the bytes and its charset: UTF-8 where they are that, else GB18030, in which Chinese programs write. */
export function textOf(bytes: Uint8Array): { readonly text: string; readonly charset: string } {
  for (const charset of ["utf-8", "gb18030"]) {
    try {
      return { text: new TextDecoder(charset, { fatal: true }).decode(bytes), charset };
    } catch {
      // Not this one: the next.
    }
  }
  return { text: new TextDecoder("windows-1252").decode(bytes), charset: "windows-1252" };
}

export type Delimiter = "\t" | "," | ";";

type WithInfo = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

/** Rows of a delimited text. Tab-separated reports have no quotes; others are read by RFC 4180. */
export function rowsOf(text: string, delimiter: Delimiter): Outcome<readonly TableRow[]> {
  if (delimiter === "\t" && !/(^|\t)"/m.test(text.slice(0, 65_536))) return tabRows(text);
  try {
    const records = parse(text, {
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: ROWS_MAX + 1,
    }) as unknown as readonly WithInfo[];
    if (records.length > ROWS_MAX) return tooManyRows();
    return accepted(records.map(({ record, info }) => ({ line: info.lines, cells: record })));
  } catch (error) {
    return refused("table-broken", `The table cannot be read: ${(error as Error).message}`);
  }
}

function tabRows(text: string): Outcome<readonly TableRow[]> {
  const lines = text.split("\n");
  if (lines.length > ROWS_MAX) return tooManyRows();
  const rows: TableRow[] = [];
  for (const [index, line] of lines.entries()) {
    const own = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (own !== "") rows.push({ line: index + 1, cells: own.split("\t") });
  }
  return accepted(rows);
}

function tooManyRows(): Outcome<never> {
  return refused(
    "too-many-rows",
    `The table has more than ${ROWS_MAX} rows: bring it in several files.`,
  );
}

/** The sheets of a workbook. */
export function sheetsOf(bytes: Uint8Array): Outcome<readonly Table[]> {
  const unpacked = unpackedBytes(bytes);
  if (unpacked === null) {
    return refused("spreadsheet-broken", "The spreadsheet is cut off or is no archive at all.");
  }
  if (unpacked > SPREADSHEET_UNPACKED_MAX) {
    const message = `The spreadsheet unpacks to more than ${SPREADSHEET_UNPACKED_MAX} bytes: bring it as CSV.`;
    return refused("spreadsheet-too-large", message);
  }
  try {
    const book = spreadsheet.read(bytes, {
      type: "array",
      dense: true,
      cellHTML: false,
      cellFormula: false,
      cellNF: true,
      sheetRows: ROWS_MAX + 1,
    });
    const tables = book.SheetNames.map((name) => ({ name, rows: sheetRows(book.Sheets[name]) }));
    return tables.some(({ rows }) => rows.length > ROWS_MAX) ? tooManyRows() : accepted(tables);
  } catch (error) {
    return refused(
      "spreadsheet-broken",
      `The spreadsheet cannot be read: ${(error as Error).message}`,
    );
  }
}

function sheetRows(sheet: spreadsheet.WorkSheet | undefined): readonly TableRow[] {
  const data = (sheet?.["!data"] ?? []) as readonly (
    | readonly (spreadsheet.CellObject | undefined)[]
    | undefined
  )[];
  const rows: TableRow[] = [];
  // Sheets are sparse: rows and cells that nobody wrote in are holes.
  for (let index = 0; index < data.length; index += 1) {
    const cells = Array.from(data[index] ?? [], (cell) => cellText(cell));
    if (cells.some((cell) => cell !== "")) rows.push({ line: index + 1, cells });
  }
  return rows;
}

/** Digits of a number that a spreadsheet keeps exactly. */
const EXACT_DIGITS = 15;

/** Said of a number with more digits than a spreadsheet keeps: the last of them are gone, so it is no id. */
export const DIGITS_LOST = "\u0000digits-lost";

function cellText(cell: spreadsheet.CellObject | undefined): string {
  if (cell === undefined || cell.v === undefined || cell.t === "z" || cell.t === "e") return "";
  if (cell.t !== "n" || typeof cell.v !== "number") return String(cell.v).trim();
  const format = typeof cell.z === "string" ? cell.z : "General";
  if (spreadsheet.SSF.is_date(format)) return dateText(cell.v);
  const text = String(Number(cell.v.toPrecision(EXACT_DIGITS)));
  if (/e/i.test(text) || text.replace(/\D/g, "").length > EXACT_DIGITS) return DIGITS_LOST;
  return text;
}

function dateText(serial: number): string {
  const date = spreadsheet.SSF.parse_date_code(serial) as
    | { y: number; m: number; d: number; H: number; M: number; S: number }
    | undefined;
  if (date === undefined) return "";
  const day = `${date.y}-${two(date.m)}-${two(date.d)}`;
  const isMidnight = date.H === 0 && date.M === 0 && date.S < 1;
  return isMidnight ? day : `${day} ${two(date.H)}:${two(date.M)}:${two(date.S)}`;
}

function two(part: number): string {
  return String(Math.floor(part)).padStart(2, "0");
}

const END_RECORD = 0x06054b50;
const ENTRY_RECORD = 0x02014b50;

/**
 * What the archive says it unpacks to (ZIP, APPNOTE 4.3.12: uncompressed size at byte 24 of each entry of the central
 * directory); null where it has no directory.
 */
function unpackedBytes(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && end > bytes.length - 66_000 && view.getUint32(end, true) !== END_RECORD) {
    end -= 1;
  }
  if (end < 0 || view.getUint32(end, true) !== END_RECORD) return null;
  let at = view.getUint32(end + 16, true);
  let total = 0;
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY_RECORD) return null;
    total += view.getUint32(at + 24, true);
    // Name, extra field and comment follow the fixed part.
    const tail = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    at += tail.reduce((sum, length) => sum + length, 46);
  }
  return total;
}
