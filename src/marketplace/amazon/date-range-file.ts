// Reads the records of a date-range file: finds the header by its words, then adds each row's
// amounts to its settlement. A row is summed only when its columns sum to its total. Buyer city,
// state and postcode are not read.

import type { Reason } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { exponentOf } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import type { AmountEvidence } from "./amount-evidence.ts";
import { noAmountEvidence, takeAmount } from "./amount-evidence.ts";
import type { Charset, CharsetEvidence } from "./charset.ts";
import { charsetOf, noCharsetEvidence, seeBlock } from "./charset.ts";
import { describesMoney, orderPartOfRow } from "./date-range-class.ts";
import type { DateRangeHeader } from "./date-range-header.ts";
import { DELIMITERS, readDateRangeHeader } from "./date-range-header.ts";
import type { PlainColumn } from "./date-range-words.ts";
import { preambleCurrency, rowTypeOf, storeCurrency } from "./date-range-words.ts";
import { addBig } from "./exact-sum.ts";
import {
  MARKETPLACE_NAMES_MAX,
  PREAMBLE_RECORDS_MAX,
  SETTLEMENTS_PER_FILE_MAX,
  TRANSFERS_PER_FILE_MAX,
} from "./limits.ts";
import { decodeBytes } from "./line-scanner.ts";
import { addBigToOrder, orderOf } from "./order-sums.ts";
import { amazonReason, quoted } from "./reasons.ts";
import type { ScannedRecord } from "./record-scanner.ts";
import { splitRecord } from "./record-scanner.ts";
import { readStamp } from "./stamp.ts";
import type { OpenStatement, StatementBook } from "./statement-book.ts";
import { addFault, groupOf, openBook, statementOf } from "./statement-book.ts";

/**
 * Settlement id under which deferred rows are shown: they belong to no settlement until Amazon
 * releases them.
 */
export const DEFERRED = "deferred";

/** A transfer row, kept until the proof. */
export type TransferRow = {
  readonly statement: OpenStatement;
  readonly line: number;
  readonly at: Instant;
  readonly typeWord: string;
  readonly accountTail: string | null;
  /** Ten-thousandths as written: negative when money left for the bank. */
  total: bigint;
};

export type DateRangeFile = {
  readonly book: StatementBook;
  readonly amounts: AmountEvidence;
  readonly transfers: TransferRow[];
  /** First and last row of each settlement, transfers included for the order only. */
  readonly firstAt: Map<OpenStatement, Instant>;
  readonly head: CharsetEvidence;
  preamble: string;
  records: number;
  header: DateRangeHeader | null;
  charset: Charset | null;
  currency: Currency | null;
};

export function openDateRange(takesOrders: boolean): DateRangeFile {
  return {
    book: openBook("amazon-date-range", takesOrders),
    amounts: noAmountEvidence(),
    transfers: [],
    firstAt: new Map(),
    head: noCharsetEvidence(),
    preamble: "",
    records: 0,
    header: null,
    charset: null,
    currency: null,
  };
}

export function takeRecord(file: DateRangeFile, record: ScannedRecord): Reason | null {
  if (record.bytes.trim() === "") return null;
  if (file.header === null) return seekHeader(file, record);
  return takeRow(file, file.header, record);
}

function seekHeader(file: DateRangeFile, record: ScannedRecord): Reason | null {
  file.records += 1;
  if (file.records > PREAMBLE_RECORDS_MAX) {
    const detail = `no header in the first ${PREAMBLE_RECORDS_MAX} lines`;
    return amazonReason("not-this-format", record.line, detail);
  }
  seeBlock(
    file.head,
    Uint8Array.from(record.bytes, (character) => character.charCodeAt(0)),
  );
  const charset = charsetOf(file.head);
  for (const delimiter of DELIMITERS) {
    const split = splitRecord(record, delimiter);
    if (!split.ok) return split.refusal;
    const header = readDateRangeHeader(split.fields, delimiter, charset);
    if (header === null) continue;
    file.header = header;
    // An ASCII head decides nothing: the rest of the file will.
    file.charset = file.head.ascii ? null : charset;
    file.currency = preambleCurrency(decodeBytes(file.preamble, charset));
    return null;
  }
  file.preamble += `${record.bytes}\n`;
  return null;
}

function takeRow(
  file: DateRangeFile,
  header: DateRangeHeader,
  record: ScannedRecord,
): Reason | null {
  const split = splitRecord(record, header.delimiter);
  if (!split.ok) return split.refusal;
  const { fields } = split;
  const cell = (name: PlainColumn) => {
    const at = header.plain.get(name);
    return at === undefined ? "" : (fields[at] ?? "").trim();
  };
  const decoded = (name: PlainColumn) => decodeBytes(cell(name), file.charset ?? "utf-8");
  const deferred = /^deferred$/i.test(cell("status"));
  const id = deferred ? DEFERRED : cell("settlement-id");
  const statement = statementOf(file.book, id, record.line);
  if (statement === null) {
    const detail = `more than ${SETTLEMENTS_PER_FILE_MAX}`;
    return amazonReason("too-many-settlements", record.line, detail);
  }
  statement.lastLine = record.line;
  const typeWord = decoded("type");
  const transfer = rowTypeOf(typeWord) === "transfer" && !deferred;
  if (!transfer) statement.lineCount += 1;
  if (fields.length !== header.fieldCount) {
    const code = fields.length < header.fieldCount ? "row-too-short" : "row-too-wide";
    const detail = `${fields.length} columns, the header has ${header.fieldCount}`;
    addFault(statement, record.ended ? code : "file-cut-off", record.line, detail);
    return null;
  }
  if (!seeStore(file, statement, cell("marketplace"))) {
    return amazonReason("too-many-groups", record.line, `more than ${MARKETPLACE_NAMES_MAX} names`);
  }
  const at = rowInstant(statement, decoded("at"), record.line);
  if (at === null) return null;
  seeInstant(file, statement, at, transfer);
  if (transfer) {
    takeTransfer(file, { statement, at, typeWord, line: record.line }, decoded, cell("total"));
    return file.transfers.length > TRANSFERS_PER_FILE_MAX
      ? amazonReason("too-many-payouts", record.line, `more than ${TRANSFERS_PER_FILE_MAX}`)
      : null;
  }
  return takeAmounts(file, header, statement, fields, typeWord, cell("description"), record.line);
}

function seeStore(file: DateRangeFile, statement: OpenStatement, name: string): boolean {
  if (name === "") return true;
  statement.marketplaceNames.add(name);
  file.currency ??= storeCurrency(name);
  return statement.marketplaceNames.size <= MARKETPLACE_NAMES_MAX;
}

const STAMP_FAULTS = {
  "zone-unknown": "zone-unknown",
  ambiguous: "date-style-ambiguous",
  unreadable: "date-unreadable",
} as const;

function rowInstant(statement: OpenStatement, text: string, line: number): Instant | null {
  const read = readStamp(text);
  if (read.kind === "instant") return read.at;
  addFault(statement, STAMP_FAULTS[read.kind], line, quoted(text));
  return null;
}

function seeInstant(
  file: DateRangeFile,
  statement: OpenStatement,
  at: Instant,
  transfer: boolean,
): void {
  const first = file.firstAt.get(statement);
  if (first === undefined || at < first) file.firstAt.set(statement, at);
  if (transfer) return;
  const { periodStartAt, periodEndAt } = statement;
  if (periodStartAt === null || at < periodStartAt) statement.periodStartAt = at;
  if (periodEndAt === null || at > periodEndAt) statement.periodEndAt = at;
}

function takeTransfer(
  file: DateRangeFile,
  row: { statement: OpenStatement; at: Instant; typeWord: string; line: number },
  decoded: (name: PlainColumn) => string,
  text: string,
): void {
  // "To account ending in: 4417", "末尾が388のアカウントへ": the tail is the last run of digits.
  const runs = decoded("description").match(/\d{2,}/g);
  takeAmount(file.amounts, {
    statement: row.statement,
    text,
    line: row.line,
    exponent: exponentIn(file),
    field: "total",
    apply: (total) => {
      file.transfers.push({ ...row, accountTail: runs?.at(-1) ?? null, total });
    },
  });
}

/** A row on its way: it is added when all its amounts are read and sum to its total. */
type OpenRow = {
  readonly book: StatementBook;
  readonly statement: OpenStatement;
  readonly line: number;
  readonly orderId: string;
  readonly charset: Charset;
  readonly parts: { readonly header: string; readonly value: bigint }[];
  total: bigint | null;
  waiting: number;
};

function takeAmounts(
  file: DateRangeFile,
  header: DateRangeHeader,
  statement: OpenStatement,
  fields: readonly string[],
  typeWord: string,
  description: string,
  line: number,
): Reason | null {
  const type = fields[header.plain.get("type") ?? -1]?.trim() ?? "";
  const kind = describesMoney(rowTypeOf(typeWord)) ? description : "";
  const filled = header.amounts.filter(
    (column) => !/^\s*(?:0(?:[.,]0+)?)?\s*$/.test(fields[column.at] ?? ""),
  );
  for (const column of filled) {
    if (groupOf(file.book, statement, type, column.header, kind, line) === null) {
      return amazonReason("too-many-groups", line);
    }
  }
  const row: OpenRow = {
    book: file.book,
    statement,
    line,
    orderId: fields[header.plain.get("order-id") ?? -1]?.trim() ?? "",
    charset: file.charset ?? "utf-8",
    parts: [],
    total: null,
    waiting: filled.length + 1,
  };
  const text = fields[header.plain.get("total") ?? -1] ?? "";
  if (text.trim() === "") {
    addFault(statement, "amount-missing", line, "total");
    return null;
  }
  const take = (field: string, written: string, apply: (value: bigint) => void) =>
    takeAmount(file.amounts, {
      statement,
      text: written,
      line,
      exponent: exponentIn(file),
      field,
      apply: (value) => {
        apply(value);
        row.waiting -= 1;
        if (row.waiting === 0) addRow(row, type, kind);
      },
    });
  for (const column of filled) {
    const name = decodeBytes(column.header, file.charset ?? "utf-8");
    take(name, fields[column.at] ?? "", (value) => {
      row.parts.push({ header: column.header, value });
    });
  }
  take("total", text, (value) => {
    row.total = value;
  });
  return null;
}

function addRow(row: OpenRow, type: string, kind: string): void {
  const sum = row.parts.reduce((total, part) => total + part.value, 0n);
  if (sum !== row.total) {
    addFault(row.statement, "components-mismatch", row.line);
    return;
  }
  for (const part of row.parts) {
    const group = groupOf(row.book, row.statement, type, part.header, kind, row.line);
    if (group === null) continue;
    group.lineCount += 1;
    addBig(group.sum, part.value);
    addToOrderOf(row, type, part);
  }
}

/** Where sums of orders are taken; the words are classified as they are when the statement is closed. */
function addToOrderOf(row: OpenRow, type: string, part: OpenRow["parts"][number]): void {
  if (row.statement.orders === null) return;
  const typeWord = decodeBytes(type, row.charset);
  const partOfOrder = orderPartOfRow(typeWord, decodeBytes(part.header, row.charset));
  if (partOfOrder === "none") return;
  const order = orderOf(row.statement, row.orderId);
  if (order !== null) addBigToOrder(order, partOfOrder, part.value);
}

function exponentIn(file: DateRangeFile): number | null {
  return file.currency === null ? null : exponentOf(file.currency);
}
