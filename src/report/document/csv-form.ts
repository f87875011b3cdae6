// A report as comma-separated text (RFC 4180), UTF-8 with a byte order mark, since Excel reads Chinese only with it. The
// tables follow one another with an empty line between.

import type { ReportCell, ReportDocument, ReportLanguage } from "./report-document.ts";

const BYTE_ORDER_MARK = "\ufeff";

export function csvForm(document: ReportDocument, language: ReportLanguage): string {
  const lines: string[] = [
    lineOf([document.title[language]]),
    ...document.notes.map((note) => lineOf([note[language]])),
  ];
  for (const table of document.tables) {
    lines.push(
      "",
      lineOf([table.title[language]]),
      ...table.notes.map((note) => lineOf([note[language]])),
      lineOf(table.columns.map((column) => column.title[language])),
      ...table.rows.map(lineOf),
    );
  }
  return `${BYTE_ORDER_MARK}${lines.map((line) => `${line}\r\n`).join("")}`;
}

function lineOf(cells: readonly ReportCell[]): string {
  return cells.map(fieldOf).join(",");
}

/** Cells that a spreadsheet would take for a formula begin with an apostrophe; exact numbers may begin with a minus. */
function fieldOf(cell: ReportCell): string {
  const text = cell === null ? "" : String(cell);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
