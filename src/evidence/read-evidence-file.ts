// Reads a file of orders, parcels and papers: text tables, spreadsheets and JSON, told apart by content. A row that
// cannot be read is kept with its line and reason; the others are used. Formats: docs/reference/evidence-formats.md.

import type { Reason } from "../errors/refusal.ts";
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  readJson,
} from "../marketplace/amazon/json-decimal.ts";
import { type Collected, nothingCollected, takeRow } from "./collect-rows.ts";
import { type Column, plainName, type TableHeader, tableHeaderOf } from "./columns.ts";
import { EVIDENCE_BYTES_MAX, ROWS_BEFORE_HEADER_MAX } from "./limits.ts";
import type { EvidenceFormat, EvidenceReading, TableKind } from "./reading.ts";
import { type Delimiter, rowsOf, sheetsOf, type Table, textOf } from "./tables.ts";

const DELIMITERS: readonly Delimiter[] = ["\t", ",", ";"];

/** "PK\u0003\u0004": a ZIP archive, which a workbook is. */
const ARCHIVE = [0x50, 0x4b, 0x03, 0x04];

/** Lists of a JSON file of evidence, and what each holds. */
const JSON_LISTS: ReadonlyMap<string, TableKind> = new Map([
  ["orders", "orders"],
  ["shipments", "shipments"],
  ["papers", "papers"],
]);

/** The format of a file by its first bytes; null: no file of evidence that is read here. */
export function sniffEvidenceFile(head: Uint8Array): EvidenceFormat | null {
  if (ARCHIVE.every((byte, index) => head[index] === byte)) return "evidence-spreadsheet";
  const text = sniffText(head);
  if (/^\s*\{/.test(text)) {
    return /^\s*\{\s*"(orders|shipments|papers)"\s*:\s*\[/.test(text) ? "evidence-json" : null;
  }
  const found = findHeader(text);
  return found === null ? null : (found.header.report ?? "evidence-table");
}

/** The head may end within a character: the last line of it is left out, which is cut too. */
function sniffText(head: Uint8Array): string {
  const end = head.lastIndexOf(0x0a);
  const whole = end > 0 ? head.subarray(0, end) : head;
  return textOf(whole).text.replace(/^\ufeff/, "");
}

type FoundHeader = {
  readonly header: TableHeader;
  readonly delimiter: Delimiter;
  readonly line: number;
};

function findHeader(text: string): FoundHeader | null {
  const lines = text.split("\n", ROWS_BEFORE_HEADER_MAX);
  for (const [index, line] of lines.entries()) {
    for (const delimiter of DELIMITERS) {
      const cells = line.split(delimiter).map((cell) => unquoted(cell));
      const header = tableHeaderOf(cells);
      if (header !== null) return { header, delimiter, line: index + 1 };
    }
  }
  return null;
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}

export async function readEvidenceFile(
  source: AsyncIterable<Uint8Array>,
  format: EvidenceFormat,
  onProgress?: (bytes: number) => void,
): Promise<EvidenceReading> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > EVIDENCE_BYTES_MAX) {
      const message = `The file has more than ${EVIDENCE_BYTES_MAX} bytes: bring it in several files.`;
      return refusedReading(format, { code: "file-too-large", line: null, message });
    }
    chunks.push(Uint8Array.from(chunk));
    onProgress?.(length);
  }
  const bytes = Buffer.concat(chunks, length);
  if (format === "evidence-spreadsheet") return readSpreadsheet(bytes);
  const { text, charset } = textOf(bytes);
  const plain = text.replace(/^\ufeff/, "");
  return format === "evidence-json" ? readJsonEvidence(plain) : readTable(plain, charset, format);
}

function refusedReading(format: EvidenceFormat, refusal: Reason): EvidenceReading {
  return {
    format,
    charset: "utf-8",
    orders: [],
    shipments: [],
    papers: [],
    rejected: [],
    rejectedCount: 0,
    refusals: [refusal],
  };
}

function readingOf(
  format: EvidenceFormat,
  charset: string,
  { orders, shipments, papers, rejected, rejectedCount }: Collected,
): EvidenceReading {
  if (orders.size + shipments.size + papers.size === 0) {
    const [first] = rejected;
    const message =
      first === undefined
        ? "No order, parcel or paper stands in the file."
        : `None of the ${rejectedCount} rows can be read. ${first.message}`;
    return refusedReading(format, { code: "nothing-readable", line: first?.line ?? null, message });
  }
  return {
    format,
    charset,
    orders: [...orders.values()],
    shipments: [...shipments.values()],
    papers: [...papers.values()],
    rejected,
    rejectedCount,
    refusals: [],
  };
}

function readTable(text: string, charset: string, format: EvidenceFormat): EvidenceReading {
  const found = findHeader(text);
  if (found === null) return refusedReading(format, noHeader());
  const rows = rowsOf(text, found.delimiter);
  if (!rows.ok) return refusedReading(format, rows.refusal);
  const collected = nothingCollected();
  collectTable(collected, rows.value, found.header, found.line);
  return readingOf(format, charset, collected);
}

function collectTable(
  into: Collected,
  rows: Table["rows"],
  header: TableHeader,
  headerLine: number,
): void {
  const names = rows.find(({ line }) => line === headerLine)?.cells ?? [];
  for (const { line, cells } of rows) {
    if (line <= headerLine) continue;
    if (cells.every((cell) => cell.trim() === "")) continue;
    // Reports joined into one file repeat their header.
    if (cells.every((cell, index) => cell === names[index])) continue;
    const of = (column: Column) => cells[header.at.get(column) ?? -1]?.trim() ?? "";
    takeRow(into, { line, of }, header);
  }
}

function noHeader(): Reason {
  const message =
    "No table of orders, parcels or papers is in it: name the columns as docs/reference/evidence-formats.md does.";
  return { code: "header-missing", line: null, message };
}

function readSpreadsheet(bytes: Uint8Array): EvidenceReading {
  const format = "evidence-spreadsheet";
  const sheets = sheetsOf(bytes);
  if (!sheets.ok) return refusedReading(format, sheets.refusal);
  const collected = nothingCollected();
  let tables = 0;
  for (const { rows } of sheets.value) {
    for (const { line, cells } of rows.slice(0, ROWS_BEFORE_HEADER_MAX)) {
      const header = tableHeaderOf(cells);
      if (header === null) continue;
      collectTable(collected, rows, header, line);
      tables += 1;
      break;
    }
  }
  return tables === 0 ? refusedReading(format, noHeader()) : readingOf(format, "utf-8", collected);
}

/** `{"orders": [{"orderId": …}], "shipments": […], "papers": […]}`; a line is a place in its list, from 1. */
function readJsonEvidence(text: string): EvidenceReading {
  const format = "evidence-json";
  const read = readJson(text);
  if (!read.ok || !isObject(read.value)) {
    const message = `The file is no JSON object${read.ok ? "" : `: ${read.problem}`}.`;
    const line = read.ok ? null : read.line;
    return refusedReading(format, { code: "json-broken", line, message });
  }
  const collected = nothingCollected();
  for (const [name, list] of read.value) {
    const kind = JSON_LISTS.get(name);
    if (kind === undefined || !isArray(list)) {
      const message = `"${name}" is no list of orders, shipments or papers.`;
      return refusedReading(format, { code: "json-broken", line: null, message });
    }
    for (const [index, item] of list.entries()) collectItem(collected, kind, item, index + 1);
  }
  return readingOf(format, "utf-8", collected);
}

function collectItem(into: Collected, kind: TableKind, item: JsonValue, line: number): void {
  const fields: JsonObject = isObject(item) ? item : new Map();
  const names = [...fields.keys()];
  const found = tableHeaderOf(names.map((name) => words(name)));
  // The columns of the header are places among the fields of this item.
  const at = found?.at ?? new Map<Column, number>();
  const of = (column: Column) => jsonText(fields.get(names[at.get(column) ?? -1] ?? ""));
  takeRow(into, { line, of }, { at, kinds: [kind], report: null });
}

/** "orderId" → "order id", as a column is called. */
function words(name: string): string {
  return plainName(name.replace(/([a-z])([A-Z])/g, "$1 $2"));
}

function jsonText(value: JsonValue | undefined): string {
  if (typeof value === "string") return value.trim();
  return value !== null && typeof value === "object" && "numberText" in value
    ? value.numberText
    : "";
}
