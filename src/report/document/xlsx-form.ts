// A report as a spreadsheet: one sheet a table, numbers as numbers so that they can be summed, text otherwise.

import writeXlsxFile, { type Cell, type Sheet, type SheetData } from "write-excel-file/node";
import type {
  ColumnKind,
  ReportCell,
  ReportDocument,
  ReportLanguage,
  ReportTable,
} from "./report-document.ts";

/** Characters of a sheet's name at most, and those that it may not have (Excel's specification of worksheet names). */
const SHEET_NAME_LENGTH_MAX = 31;
const NOT_IN_SHEET_NAME = /[\\/?*[\]:]/g;

/** Digits that a spreadsheet's number keeps (IEEE 754); longer ones are written as text rather than rounded. */
const EXACT_DIGITS_MAX = 15;

export function xlsxForm(document: ReportDocument, language: ReportLanguage): Promise<Buffer> {
  const names = new Set<string>();
  const sheets = document.tables.map((table) => ({
    sheet: sheetName(table.title[language], names),
    data: sheetOf(document, table, language),
    columns: table.columns.map((_, index) => ({ width: widthOf(table, index, language) })),
  }));
  return writeXlsxFile(sheets as Sheet<never>[]).toBuffer();
}

function sheetName(title: string, taken: Set<string>): string {
  const base = title.replace(NOT_IN_SHEET_NAME, " ").slice(0, SHEET_NAME_LENGTH_MAX);
  let name = base;
  for (let count = 2; taken.has(name); count += 1) {
    const mark = ` ${count}`;
    name = `${base.slice(0, SHEET_NAME_LENGTH_MAX - mark.length)}${mark}`;
  }
  taken.add(name);
  return name;
}

function sheetOf(
  document: ReportDocument,
  table: ReportTable,
  language: ReportLanguage,
): SheetData {
  const head = [document.title, ...document.notes, table.title, ...table.notes];
  return [
    ...head.map((words): Cell[] => [{ value: words[language], type: String }]),
    [],
    table.columns.map((column) => ({
      value: column.title[language],
      type: String,
      fontWeight: "bold" as const,
      align: isNumeric(column.kind) ? ("right" as const) : ("left" as const),
    })),
    ...table.rows.map((row) => row.map((cell, index) => cellOf(cell, table.columns[index]?.kind))),
  ];
}

function cellOf(cell: ReportCell, kind: ColumnKind = "text"): Cell {
  if (cell === null) return null;
  const text = String(cell);
  const [, decimals = ""] = text.split(".");
  const digits = text.replace(/\D/g, "").length;
  if (!isNumeric(kind) || digits > EXACT_DIGITS_MAX) return { value: text, type: String };
  const places = decimals.length === 0 ? "" : `.${"0".repeat(decimals.length)}`;
  return { value: Number(text), type: Number, format: `#,##0${places}` };
}

function isNumeric(kind: ColumnKind): boolean {
  return kind === "amount" || kind === "count" || kind === "percent";
}

/** Wide enough for the column's longest text; a Chinese character is as wide as two others. */
function widthOf(table: ReportTable, index: number, language: ReportLanguage): number {
  const texts = [
    table.columns[index]?.title[language] ?? "",
    ...table.rows.map((row) => String(row[index] ?? "")),
  ];
  const widest = texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
  return Math.min(60, widest + 4);
}

/** Columns that a text takes where a Chinese character takes two. */
export function displayWidth(text: string): number {
  return text.length + (text.match(/[\u2e80-\uffff]/g) ?? []).length;
}
