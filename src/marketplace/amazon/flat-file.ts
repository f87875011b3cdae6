// What the two settlement flat files share: columns by header name, the summary row, several
// settlements in one file, repeated headers, rows that are too short or too wide, and the file's
// one number style and date style. Column names: Amazon's settlement-reports-attributes page; row
// rules: docs/reference/statement-formats.md.

import type { Reason } from "../../errors/refusal.ts";
import { exponentOf } from "../../money/currency.ts";
import type { MarketplaceReading, ReadOptions } from "../reading.ts";
import type { StatementFormat } from "../statement.ts";
import type { AmountEvidence } from "./amount-evidence.ts";
import { noAmountEvidence, settleUndecided, takeAmount } from "./amount-evidence.ts";
import type { Charset, CharsetEvidence } from "./charset.ts";
import { charsetOf } from "./charset.ts";
import type { DateEvidence } from "./date-evidence.ts";
import { noDateEvidence, settleDates, takeDate } from "./date-evidence.ts";
import type { Columns } from "./flat-header.ts";
import { isField, isHeaderAgain, readFlatHeader } from "./flat-header.ts";
import { MARKETPLACE_NAMES_MAX, SETTLEMENTS_PER_FILE_MAX } from "./limits.ts";
import type { ScannedLine } from "./line-scanner.ts";
import { fieldBytes, isBlankField, scanLines } from "./line-scanner.ts";
import { amazonReason } from "./reasons.ts";
import type { OpenStatement, StatementBook } from "./statement-book.ts";
import { addFault, closeStatement, openBook, seeCurrency, statementOf } from "./statement-book.ts";

/** What one of the two formats adds. */
export type FlatLayout = {
  readonly format: StatementFormat;
  readonly requiredColumns: readonly string[];
  /** Columns of amounts; a row with a total and none of these filled is the summary row. */
  readonly amountColumns: readonly string[];
  /** Called for each new header, before its lines. */
  readonly seeHeader: (columns: Columns) => void;
  /** Adds the amounts of one line to its statement. */
  readonly readLine: (
    reader: FlatReader,
    statement: OpenStatement,
    line: ScannedLine,
  ) => Reason | null;
};

export type FlatReader = {
  readonly layout: FlatLayout;
  readonly book: StatementBook;
  readonly amounts: AmountEvidence;
  readonly dates: DateEvidence;
  columns: Columns | null;
  /** Columns of the header in use, looked up once. */
  idAt: number;
  totalAt: number;
  currencyAt: number;
  nameAt: number;
  amountsAt: readonly number[];
  lastAmountAt: number;
  statement: OpenStatement | null;
  idBytes: string;
  nameBytes: string;
  currencyBytes: string;
  /** Decimals of the current statement's currency, null when not known yet. */
  exponent: number | null;
};

/** Reads a flat file to its end. Never throws for what is in the file. */
export async function readFlatFile(
  source: AsyncIterable<Uint8Array>,
  layout: FlatLayout,
  options: ReadOptions = {},
): Promise<MarketplaceReading> {
  const { onProgress, takesOrders = false } = options;
  const reader = openReader(layout, takesOrders);
  const scan = await scanLines(source, (line) => takeLine(reader, line), onProgress);
  const refusal = scan.refusal ?? emptyRefusal(reader);
  const charset = charsetOfBook(scan.charset, reader.book);
  if (refusal !== null) return refusedReading(layout.format, charset, refusal);
  settleUndecided(reader.amounts);
  settleDates(reader.dates);
  const statements = [...reader.book.statements.values()].map((statement) =>
    closeStatement(reader.book, statement, charset),
  );
  return { format: layout.format, charset, statements, payouts: [], refusals: [] };
}

/** The reading of a file that is refused as a whole: nothing in it is used. */
export function refusedReading(
  format: MarketplaceReading["format"],
  charset: Charset,
  refusal: Reason,
): MarketplaceReading {
  return { format, charset, statements: [], payouts: [], refusals: [refusal] };
}

function openReader(layout: FlatLayout, takesOrders: boolean): FlatReader {
  return {
    layout,
    book: openBook(layout.format, takesOrders),
    amounts: noAmountEvidence(),
    dates: noDateEvidence(),
    columns: null,
    idAt: -1,
    totalAt: -1,
    currencyAt: -1,
    nameAt: -1,
    amountsAt: [],
    lastAmountAt: -1,
    statement: null,
    idBytes: "",
    nameBytes: "",
    currencyBytes: "",
    exponent: null,
  };
}

function emptyRefusal(reader: FlatReader): Reason | null {
  if (reader.columns === null) return amazonReason("file-empty", null);
  return reader.book.statements.size === 0 ? amazonReason("header-only", null) : null;
}

function charsetOfBook(evidence: CharsetEvidence, book: StatementBook): Charset {
  const yen = [...book.statements.values()].some((statement) => statement.currency === "JPY");
  return charsetOf(evidence, yen);
}

function takeLine(reader: FlatReader, line: ScannedLine): Reason | null {
  if (line.fieldCount === 1 && isBlankField(line, 0)) return null;
  const { columns } = reader;
  if (columns === null) return takeHeader(reader, line);
  if (!line.ended && line.fieldCount < columns.fieldCount) return takeCutLine(reader, line);
  const { idAt } = reader;
  if (!isField(line, idAt, reader.idBytes) || reader.statement === null) {
    if (isHeaderAgain(line, idAt)) return takeHeader(reader, line);
    const refusal = turnToStatement(reader, line);
    if (refusal !== null) return refusal;
  }
  const { statement } = reader;
  if (statement === null) return null;
  statement.lastLine = line.number;
  if (line.fieldCount > columns.fieldCount && hasMore(line, columns.fieldCount)) {
    statement.lineCount += 1;
    addFault(statement, "row-too-wide", line.number, widths(line, columns));
    return null;
  }
  seeCurrencyField(reader, statement, line);
  const hasTotal = !isBlankField(line, reader.totalAt);
  if (hasTotal) takeTotal(reader, statement, line);
  if (hasTotal && reader.amountsAt.every((field) => isBlankField(line, field))) {
    return null;
  }
  statement.lineCount += 1;
  if (line.fieldCount <= reader.lastAmountAt) {
    addFault(statement, "row-too-short", line.number, widths(line, columns));
    return null;
  }
  return seeName(reader, statement, line) ?? reader.layout.readLine(reader, statement, line);
}

function takeHeader(reader: FlatReader, line: ScannedLine): Reason | null {
  const { layout } = reader;
  const header = readFlatHeader(line, layout.requiredColumns);
  if (!header.ok) return header.refusal;
  const { columns } = header;
  reader.columns = columns;
  reader.idAt = columns.at("settlement-id");
  reader.totalAt = columns.at("total-amount");
  reader.currencyAt = columns.at("currency");
  reader.nameAt = columns.at("marketplace-name");
  reader.amountsAt = layout.amountColumns.map(columns.at).filter((field) => field >= 0);
  reader.lastAmountAt = Math.max(...reader.amountsAt);
  layout.seeHeader(columns);
  return null;
}

/**
 * A last line without its end and with columns missing: the file was cut off; the line is not read.
 */
function takeCutLine(reader: FlatReader, line: ScannedLine): Reason | null {
  const { statement, columns } = reader;
  if (statement === null || columns === null) return amazonReason("file-cut-off", line.number);
  statement.lastLine = line.number;
  statement.lineCount += 1;
  addFault(statement, "file-cut-off", line.number, widths(line, columns));
  return null;
}

function turnToStatement(reader: FlatReader, line: ScannedLine): Reason | null {
  const bytes = fieldBytes(line, reader.idAt);
  const statement = statementOf(reader.book, bytes.trim(), line.number);
  if (statement === null) {
    const detail = `more than ${SETTLEMENTS_PER_FILE_MAX}`;
    return amazonReason("too-many-settlements", line.number, detail);
  }
  reader.statement = statement;
  reader.idBytes = bytes;
  reader.nameBytes = "";
  reader.currencyBytes = statement.currencyText;
  reader.exponent = statement.currency === null ? null : exponentOf(statement.currency);
  return null;
}

function seeCurrencyField(reader: FlatReader, statement: OpenStatement, line: ScannedLine): void {
  const { currencyAt } = reader;
  if (isBlankField(line, currencyAt) || isField(line, currencyAt, reader.currencyBytes)) return;
  const bytes = fieldBytes(line, currencyAt);
  seeCurrency(statement, bytes.trim(), line.number);
  reader.currencyBytes = bytes;
  reader.exponent = statement.currency === null ? null : exponentOf(statement.currency);
}

function takeTotal(reader: FlatReader, statement: OpenStatement, line: ScannedLine): void {
  const text = fieldBytes(line, reader.totalAt).trim();
  const summary = reader.amountsAt.every((field) => isBlankField(line, field));
  if (statement.declaredText !== "") {
    if (summary) addFault(statement, "summary-repeated", line.number);
    if (text !== statement.declaredText) {
      addFault(statement, "total-differs", line.number, `${statement.declaredText} and ${text}`);
    }
    return;
  }
  statement.declaredText = text;
  takeAmount(reader.amounts, {
    statement,
    text,
    line: line.number,
    exponent: reader.exponent,
    field: "total-amount",
    apply: (value) => {
      statement.declared = value;
    },
  });
  takeDates(reader, statement, line);
}

function takeDates(reader: FlatReader, statement: OpenStatement, line: ScannedLine): void {
  const columns = reader.columns;
  if (columns === null) return;
  for (const name of ["settlement-start-date", "settlement-end-date", "deposit-date"] as const) {
    const text = fieldBytes(line, columns.at(name));
    takeDate(reader.dates, {
      statement,
      text,
      line: line.number,
      field: name,
      needed: name !== "deposit-date",
      apply: (at) => {
        if (name === "settlement-start-date") statement.periodStartAt = at;
        else if (name === "settlement-end-date") statement.periodEndAt = at;
        else statement.depositAt = at;
      },
    });
  }
}

function seeName(reader: FlatReader, statement: OpenStatement, line: ScannedLine): Reason | null {
  const { nameAt } = reader;
  if (isBlankField(line, nameAt) || isField(line, nameAt, reader.nameBytes)) return null;
  const bytes = fieldBytes(line, nameAt);
  reader.nameBytes = bytes;
  statement.marketplaceNames.add(bytes.trim());
  return statement.marketplaceNames.size > MARKETPLACE_NAMES_MAX
    ? amazonReason("too-many-groups", line.number, `more than ${MARKETPLACE_NAMES_MAX} names`)
    : null;
}

function hasMore(line: ScannedLine, from: number): boolean {
  for (let field = from; field < line.fieldCount; field += 1) {
    if (!isBlankField(line, field)) return true;
  }
  return false;
}

function widths(line: ScannedLine, columns: Columns): string {
  return `${line.fieldCount} columns, the header has ${columns.fieldCount}`;
}
