// GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2: one amount a line. This is the hot path of the
// product (a large seller's settlement has a million lines), so a line costs one pass over its
// bytes: no strings, no regular expressions, an integer addition. Anything unusual falls through to
// the slow path, which decides.

import type { Reason } from "../../errors/refusal.ts";
import type { MarketplaceReading, ReadOptions } from "../reading.ts";
import { takeAmount } from "./amount-evidence.ts";
import { addBig, addSafe, SUM_DECIMALS } from "./exact-sum.ts";
import type { FlatLayout, FlatReader } from "./flat-file.ts";
import { readFlatFile } from "./flat-file.ts";
import type { Columns } from "./flat-header.ts";
import { GROUPS_PER_STATEMENT_MAX, HASH_CANDIDATES_MAX } from "./limits.ts";
import type { ScannedLine } from "./line-scanner.ts";
import { fieldBytes, isBlankField } from "./line-scanner.ts";
import type { OpenOrder, OrderCursor } from "./order-sums.ts";
import { addBigToOrder, addToOrder, noOrder, orderOfLine, partOfGroup } from "./order-sums.ts";
import { amazonReason } from "./reasons.ts";
import type { OpenGroup, OpenStatement, StatementBook } from "./statement-book.ts";
import { addFault, groupOf } from "./statement-book.ts";
import { classifyLine } from "./vocabulary.ts";

const REQUIRED = [
  "settlement-id",
  "settlement-start-date",
  "settlement-end-date",
  "total-amount",
  "currency",
  "transaction-type",
  "amount-type",
  "amount-description",
  "amount",
] as const;

/** Digits that the fast path takes; with four decimals added they stay below 2^53. */
const FAST_DIGITS_MAX = 15;
const MINUS = 0x2d;
const SPACE = 0x20;
const POWERS = [1, 10, 100, 1_000, 10_000] as const;

/** A group with the bytes of its three words, found by their hash. */
type HashedGroup = { readonly group: OpenGroup; readonly words: readonly string[] };

type Layout = FlatLayout & {
  columns: LineColumns;
  readonly hashed: WeakMap<OpenStatement, Hashes>;
  readonly cursor: OrderCursor;
};
type Hashes = Map<number, HashedGroup[]>;
type LineColumns = {
  transaction: number;
  type: number;
  description: number;
  amount: number;
  order: number;
};

/** Reads a V2 flat file: one statement for each settlement id in it. */
export function readSettlementV2(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<MarketplaceReading> {
  const layout: Layout = {
    format: "amazon-settlement-v2",
    requiredColumns: REQUIRED,
    amountColumns: ["amount"],
    columns: { transaction: -1, type: -1, description: -1, amount: -1, order: -1 },
    hashed: new WeakMap(),
    cursor: noOrder(),
    seeHeader: (columns) => {
      layout.columns = lineColumns(columns);
    },
    readLine: (reader, statement, line) => readLine(layout, reader, statement, line),
  };
  return readFlatFile(source, layout, options);
}

function lineColumns(columns: Columns): LineColumns {
  return {
    transaction: columns.at("transaction-type"),
    type: columns.at("amount-type"),
    description: columns.at("amount-description"),
    amount: columns.at("amount"),
    order: columns.at("order-id"),
  };
}

function readLine(
  layout: Layout,
  reader: FlatReader,
  statement: OpenStatement,
  line: ScannedLine,
): Reason | null {
  const { amount } = layout.columns;
  if (isBlankField(line, amount)) {
    addFault(statement, "amount-missing", line.number);
    return null;
  }
  const group = findGroup(layout, reader.book, statement, line);
  if (group === null) {
    const detail = `more than ${GROUPS_PER_STATEMENT_MAX}`;
    return amazonReason("too-many-groups", line.number, detail);
  }
  group.lineCount += 1;
  const order = statement.orders === null ? null : orderIn(layout, statement, group, line);
  const value = fastAmount(line, amount, reader.amounts.decimalByte, reader.exponent);
  if (value === value) {
    addSafe(group.sum, value);
    if (order !== null) addToOrder(order, group.orderPart ?? "none", value);
  } else {
    takeAmount(reader.amounts, {
      statement,
      text: fieldBytes(line, amount),
      line: line.number,
      exponent: reader.exponent,
      field: "amount",
      apply: (exact) => {
        addBig(group.sum, exact);
        if (order !== null) addBigToOrder(order, group.orderPart ?? "none", exact);
      },
    });
  }
  return null;
}

/** The order that the line adds to; null where it is of no order. */
function orderIn(
  layout: Layout,
  statement: OpenStatement,
  group: OpenGroup,
  line: ScannedLine,
): OpenOrder | null {
  return partOfGroup(group, classifyLine) === "none"
    ? null
    : orderOfLine(layout.cursor, statement, line, layout.columns.order);
}

/**
 * Ten-thousandths of a plain amount in the decided style, or NaN when the slow path must look at
 * it.
 */
function fastAmount(
  line: ScannedLine,
  field: number,
  decimalByte: number,
  exponent: number | null,
): number {
  const { bytes, offsets } = line;
  let at = offsets[field] ?? 0;
  let end = (offsets[field + 1] ?? 1) - 1;
  while (end > at && bytes[end - 1] === SPACE) end -= 1;
  const negative = bytes[at] === MINUS;
  if (negative) at += 1;
  let value = 0;
  let digits = 0;
  let wholeDigits = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at] as number;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits += 1;
    } else if (byte === decimalByte && wholeDigits < 0) {
      wholeDigits = digits;
    } else {
      return Number.NaN;
    }
  }
  const decimals = wholeDigits < 0 ? 0 : digits - wholeDigits;
  if (digits === 0 || wholeDigits === 0 || exponent === null || decimals > SUM_DECIMALS) {
    return Number.NaN;
  }
  // "1000.00" is exact in yen, "1000.50" is not.
  if (decimals > exponent && value % (POWERS[decimals - exponent] ?? 1) !== 0) return Number.NaN;
  if (digits - decimals + SUM_DECIMALS > FAST_DIGITS_MAX) return Number.NaN;
  const scaled = value * (POWERS[SUM_DECIMALS - decimals] ?? Number.NaN);
  return negative ? -scaled : scaled;
}

function findGroup(
  layout: Layout,
  book: StatementBook,
  statement: OpenStatement,
  line: ScannedLine,
): OpenGroup | null {
  const { transaction, type, description } = layout.columns;
  const hash = hashField(line, transaction, hashField(line, type, hashField(line, description, 0)));
  let hashes = layout.hashed.get(statement);
  if (hashes === undefined) {
    hashes = new Map();
    layout.hashed.set(statement, hashes);
  }
  const candidates = hashes.get(hash) ?? [];
  for (const { group, words } of candidates) {
    if (
      isSame(line, transaction, words[0]) &&
      isSame(line, type, words[1]) &&
      isSame(line, description, words[2])
    ) {
      return group;
    }
  }
  const words = [transaction, type, description].map((field) => fieldBytes(line, field));
  const [first = "", second = "", third = ""] = words;
  const group = groupOf(book, statement, first, second, third, line.number);
  // Words chosen to share one hash fall back to the map of the statement, which cannot be aimed at.
  if (group !== null && candidates.length < HASH_CANDIDATES_MAX) {
    hashes.set(hash, [...candidates, { group, words }]);
  }
  return group;
}

/** FNV-1a over the bytes of a field, in 32 bits. */
function hashField(line: ScannedLine, field: number, seed: number): number {
  const { bytes, offsets } = line;
  const end = (offsets[field + 1] ?? 1) - 1;
  let hash = seed ^ 0x811c9dc5;
  for (let at = offsets[field] ?? 0; at < end; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return hash;
}

function isSame(line: ScannedLine, field: number, word = ""): boolean {
  const { bytes, offsets } = line;
  const from = offsets[field] ?? 0;
  if ((offsets[field + 1] ?? 1) - 1 - from !== word.length) return false;
  for (let at = 0; at < word.length; at += 1) {
    if (bytes[from + at] !== word.charCodeAt(at)) return false;
  }
  return true;
}
