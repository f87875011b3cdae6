// A report as PDF on landscape A4, with a font that has Chinese characters; only the characters used are embedded.

import PdfDocument from "pdfkit";
import { reportFont } from "./font-file.ts";
import type {
  ColumnKind,
  ReportCell,
  ReportDocument,
  ReportLanguage,
  ReportTable,
  Words,
} from "./report-document.ts";
import { displayWidth } from "./xlsx-form.ts";

const MARGIN = 36;
const TEXT_SIZE = 8;
const ROW_HEIGHT = 14;
const CELL_GAP = 6;

export function pdfForm(document: ReportDocument, language: ReportLanguage): Promise<Buffer> {
  const pdf = new PdfDocument({
    size: "A4",
    layout: "landscape",
    margin: MARGIN,
    bufferPages: true,
    info: { Title: document.title[language], Creator: "Straitway" },
    lang: language === "zh" ? "zh-CN" : "en",
  });
  pdf.registerFont("regular", reportFont(400));
  pdf.registerFont("bold", reportFont(700));
  pdf.font("bold").fontSize(14).text(document.title[language]);
  writeNotes(pdf, document.notes, language);
  for (const table of document.tables) writeTable(pdf, table, language);
  numberPages(pdf);
  return bytesOf(pdf);
}

type Pdf = InstanceType<typeof PdfDocument>;

function writeNotes(pdf: Pdf, notes: readonly Words[], language: ReportLanguage): void {
  pdf.font("regular").fontSize(TEXT_SIZE).fillColor("#444444");
  for (const note of notes) pdf.text(note[language]);
  pdf.fillColor("#000000");
}

function writeTable(pdf: Pdf, table: ReportTable, language: ReportLanguage): void {
  // A title with nothing under it at the foot of a page belongs on the next.
  if (pdf.y + ROW_HEIGHT * 5 > bottomOf(pdf)) pdf.addPage();
  pdf.moveDown(1);
  pdf.font("bold").fontSize(11).text(table.title[language], MARGIN);
  writeNotes(pdf, table.notes, language);
  const widths = widthsOf(pdf, table, language);
  const heads = table.columns.map((column) => column.title[language]);
  writeRow(pdf, table, widths, heads, "bold");
  for (const row of table.rows) {
    if (pdf.y + ROW_HEIGHT > bottomOf(pdf)) {
      pdf.addPage();
      writeRow(pdf, table, widths, heads, "bold");
    }
    writeRow(pdf, table, widths, row, "regular");
  }
}

function writeRow(
  pdf: Pdf,
  table: ReportTable,
  widths: readonly number[],
  cells: readonly ReportCell[],
  weight: "regular" | "bold",
): void {
  const top = pdf.y + 2;
  let left = MARGIN;
  pdf.font(weight).fontSize(TEXT_SIZE);
  for (const [index, width] of widths.entries()) {
    const kind = table.columns[index]?.kind ?? "text";
    pdf.text(shown(cells[index] ?? null, weight === "bold" ? "text" : kind), left, top, {
      width: width - CELL_GAP,
      height: ROW_HEIGHT - 2,
      ellipsis: true,
      lineBreak: false,
      align: isRight(kind) ? "right" : "left",
    });
    left += width;
  }
  pdf
    .moveTo(MARGIN, top + ROW_HEIGHT - 3)
    .lineTo(left - CELL_GAP, top + ROW_HEIGHT - 3)
    .lineWidth(0.3)
    .strokeColor(weight === "bold" ? "#333333" : "#cccccc")
    .stroke();
  pdf.x = MARGIN;
  pdf.y = top + ROW_HEIGHT - 2;
}

function shown(cell: ReportCell, kind: ColumnKind): string {
  if (cell === null) return "–";
  const text = String(cell);
  if (kind !== "amount" && kind !== "count") return text;
  const [whole = "", decimals] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

function isRight(kind: ColumnKind): boolean {
  return kind === "amount" || kind === "count" || kind === "percent";
}

/** The page's width, divided by what the columns hold. */
function widthsOf(pdf: Pdf, table: ReportTable, language: ReportLanguage): readonly number[] {
  const wanted = table.columns.map((column, index) =>
    Math.max(
      displayWidth(column.title[language]) + 2,
      ...table.rows.slice(0, 500).map((row) => {
        return Math.min(40, displayWidth(shown(row[index] ?? null, column.kind)) + 2);
      }),
    ),
  );
  const total = wanted.reduce((sum, width) => sum + width, 0);
  const page = pdf.page.width - 2 * MARGIN;
  const scale = Math.min(page / total, TEXT_SIZE * 0.62);
  return wanted.map((width) => width * scale);
}

function bottomOf(pdf: Pdf): number {
  return pdf.page.height - MARGIN - ROW_HEIGHT;
}

function numberPages(pdf: Pdf): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    pdf.switchToPage(start + index);
    // Text below the margin would open a page of its own.
    pdf.page.margins.bottom = 0;
    pdf
      .font("regular")
      .fontSize(7)
      .text(`${index + 1} / ${count}`, MARGIN, pdf.page.height - 26, {
        width: pdf.page.width - 2 * MARGIN,
        align: "right",
        lineBreak: false,
      });
  }
}

function bytesOf(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    pdf.on("data", (piece: Buffer) => pieces.push(piece));
    pdf.on("end", () => resolve(Buffer.concat(pieces)));
    pdf.on("error", reject);
    pdf.end();
  });
}
