// Collects the lines of each settlement of a file into groups with exact sums, keeps every fault
// with its line, and turns them into readings. Shared by the three statement formats. Rule of the
// proof: lines = declared total, to the minor unit, and nothing unread
// (docs/reference/statement-formats.md).

import { invariant } from "../../errors/invariant.ts";
import type { Reason } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { currencyOf, exponentOf } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import type { StatementFormat, StatementGroup, StatementReading } from "../statement.ts";
import type { Charset } from "./charset.ts";
import type { ExactSum } from "./exact-sum.ts";
import { emptySum, minorOf, sumOf } from "./exact-sum.ts";
import {
  GROUPS_PER_FILE_MAX,
  GROUPS_PER_STATEMENT_MAX,
  REASONS_PER_STATEMENT_MAX,
  SETTLEMENTS_PER_FILE_MAX,
} from "./limits.ts";
import { decodeBytes } from "./line-scanner.ts";
import { closeOrders, type OpenOrder, type OrderPart } from "./order-sums.ts";
import type { AmazonReasonCode } from "./reasons.ts";
import { amazonReason, quoted } from "./reasons.ts";
import type { Classification } from "./vocabulary.ts";
import { classifyLine } from "./vocabulary.ts";

/**
 * Lines that share the three words of their kind; words are kept as bytes until the charset is
 * known.
 */
export type OpenGroup = {
  readonly transactionType: string;
  readonly amountType: string;
  readonly amountDescription: string;
  readonly firstLine: number;
  readonly sum: ExactSum;
  lineCount: number;
  /** Null until it is asked for (order-sums.ts). */
  orderPart: OrderPart | null;
};

export type OpenStatement = {
  readonly settlementId: string;
  readonly groups: Map<string, OpenGroup>;
  /** Null: sums of orders are not taken, or there are too many. */
  orders: Map<string, OpenOrder> | null;
  readonly marketplaceNames: Set<string>;
  readonly reasons: Reason[];
  reasonsLeftOut: number;
  readonly firstLine: number;
  lastLine: number;
  lineCount: number;
  currencyText: string;
  currency: Currency | null;
  /** Ten-thousandths; null until a readable total is seen. */
  declared: bigint | null;
  declaredText: string;
  periodStartAt: Instant | null;
  periodEndAt: Instant | null;
  depositAt: Instant | null;
  /** Most decimals of an amount read before the currency was known, and the line of it. */
  decimalsSeen: number;
  decimalsLine: number;
};

export type StatementBook = {
  readonly format: StatementFormat;
  readonly statements: Map<string, OpenStatement>;
  readonly takesOrders: boolean;
  groupCount: number;
};

export function openBook(format: StatementFormat, takesOrders = false): StatementBook {
  return { format, statements: new Map(), takesOrders, groupCount: 0 };
}

/**
 * The statement of a settlement id, opened at its first line; null when the file holds too many.
 */
export function statementOf(book: StatementBook, id: string, line: number): OpenStatement | null {
  const known = book.statements.get(id);
  if (known !== undefined) return known;
  if (book.statements.size >= SETTLEMENTS_PER_FILE_MAX) return null;
  const opened: OpenStatement = {
    settlementId: id,
    groups: new Map(),
    orders: book.takesOrders ? new Map() : null,
    marketplaceNames: new Set(),
    reasons: [],
    reasonsLeftOut: 0,
    firstLine: line,
    lastLine: line,
    lineCount: 0,
    currencyText: "",
    currency: null,
    declared: null,
    declaredText: "",
    periodStartAt: null,
    periodEndAt: null,
    depositAt: null,
    decimalsSeen: 0,
    decimalsLine: 0,
  };
  book.statements.set(id, opened);
  if (id === "") addFault(opened, "settlement-id-missing", line);
  return opened;
}

/**
 * Keeps a fault: the statement is quarantined, and the reader goes on to show every other fault
 * too.
 */
export function addFault(
  statement: OpenStatement,
  code: AmazonReasonCode,
  line: number | null,
  detail: string | null = null,
): void {
  if (statement.reasons.length < REASONS_PER_STATEMENT_MAX) {
    statement.reasons.push(amazonReason(code, line, detail));
  } else {
    statement.reasonsLeftOut += 1;
  }
}

/** The group of the three words, opened at its first line; null when there are too many. */
export function groupOf(
  book: StatementBook,
  statement: OpenStatement,
  transactionType: string,
  amountType: string,
  amountDescription: string,
  line: number,
): OpenGroup | null {
  const key = `${transactionType}\t${amountType}\t${amountDescription}`;
  const known = statement.groups.get(key);
  if (known !== undefined) return known;
  if (statement.groups.size >= GROUPS_PER_STATEMENT_MAX) return null;
  if (book.groupCount >= GROUPS_PER_FILE_MAX) return null;
  book.groupCount += 1;
  const opened: OpenGroup = {
    transactionType,
    amountType,
    amountDescription,
    firstLine: line,
    sum: emptySum(),
    lineCount: 0,
    orderPart: null,
  };
  statement.groups.set(key, opened);
  return opened;
}

/** Sets the currency of a settlement from a field; another currency later is a fault. */
export function seeCurrency(statement: OpenStatement, written: string, line: number): void {
  const text = written.toUpperCase();
  if (statement.currencyText === text) return;
  if (statement.currencyText !== "") {
    const detail = `${quoted(statement.currencyText)} and ${quoted(text)}`;
    addFault(statement, "currency-differs", line, detail);
    return;
  }
  statement.currencyText = text;
  statement.currency = currencyOf(text);
}

export type Classify = (
  transactionType: string,
  amountType: string,
  amountDescription: string,
) => Classification;

/**
 * Closes one statement: sums, classes, verdict. `classify` is given the words in the file's
 * charset.
 */
export function closeStatement(
  book: StatementBook,
  statement: OpenStatement,
  charset: Charset,
  classify: Classify = classifyLine,
): StatementReading {
  const { currency } = statement;
  if (currency === null) {
    const detail = statement.currencyText === "" ? null : quoted(statement.currencyText);
    addFault(statement, "currency-unknown", statement.firstLine, detail);
  }
  if (statement.declaredText === "" && book.format !== "amazon-date-range") {
    addFault(statement, "total-missing", statement.firstLine);
  }
  if (currency !== null && statement.decimalsSeen > exponentOf(currency)) {
    addFault(statement, "amount-not-exact", statement.decimalsLine, currency);
  }
  const groups = [...statement.groups.values()].map((group) =>
    closeGroup(statement, group, charset, classify),
  );
  const summedTotalMinor = groups.reduce((total, group) => total + group.totalMinor, 0n);
  const declaredTotalMinor = declaredMinor(statement);
  if (currency !== null && declaredTotalMinor !== null && declaredTotalMinor !== summedTotalMinor) {
    addFault(
      statement,
      "total-mismatch",
      statement.firstLine,
      mismatch(declaredTotalMinor, summedTotalMinor, currency),
    );
  }
  const reasons = closeReasons(statement);
  const proven = reasons.length === 0 && declaredTotalMinor !== null;
  invariant(proven || reasons.length > 0, "a quarantined statement has a reason");
  const { settlementId, periodStartAt, periodEndAt, depositAt, lineCount } = statement;
  return {
    format: book.format,
    marketplace: "amazon",
    marketplaceNames: [...statement.marketplaceNames]
      .map((name) => decodeBytes(name, charset))
      .toSorted(),
    settlementId,
    currency,
    periodStartAt,
    periodEndAt,
    depositAt,
    lineCount,
    declaredTotalMinor,
    summedTotalMinor,
    groups,
    verdict: proven ? "proven" : "quarantined",
    reasons,
    ...(book.takesOrders ? { orders: closeOrders(statement, currency, charset) } : {}),
    firstLine: statement.firstLine,
    lastLine: statement.lastLine,
  };
}

function closeGroup(
  statement: OpenStatement,
  group: OpenGroup,
  charset: Charset,
  classify: Classify,
): StatementGroup {
  const transactionType = decodeBytes(group.transactionType, charset);
  const amountType = decodeBytes(group.amountType, charset);
  const amountDescription = decodeBytes(group.amountDescription, charset);
  const kind = classify(transactionType, amountType, amountDescription);
  return {
    transactionType,
    amountType,
    amountDescription,
    class: kind.class,
    known: kind.known,
    lineCount: group.lineCount,
    totalMinor: exactTotal(statement, sumOf(group.sum)),
    firstLine: group.firstLine,
  };
}

/**
 * Minor units of a sum; zero when they are not known, and then the statement has a fault that says
 * so.
 */
function exactTotal(statement: OpenStatement, sum: bigint): bigint {
  const minor = statement.currency === null ? null : minorOf(sum, statement.currency);
  invariant(minor !== null || statement.reasons.length > 0, "an inexact sum has a fault");
  return minor ?? 0n;
}

function declaredMinor(statement: OpenStatement): bigint | null {
  if (statement.declared === null || statement.currency === null) return null;
  const minor = minorOf(statement.declared, statement.currency);
  invariant(minor !== null || statement.reasons.length > 0, "an inexact total has a fault");
  return minor;
}

function mismatch(declared: bigint, summed: bigint, currency: Currency): string {
  const amounts = [declared, summed, summed - declared].map((minor) =>
    formatMinor(minor, currency),
  );
  return `declared ${currency} ${amounts[0]}, lines sum to ${amounts[1]}, difference ${amounts[2]}`;
}

function closeReasons(statement: OpenStatement): Reason[] {
  if (statement.reasonsLeftOut === 0) return statement.reasons;
  const detail = `${statement.reasonsLeftOut} beyond the ${REASONS_PER_STATEMENT_MAX} listed`;
  return [...statement.reasons, amazonReason("more-reasons", null, detail)];
}
