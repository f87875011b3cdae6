// The human output of `statement check`: one block a statement with its figures and groups, the
// payouts of a file, and at the end how the statements follow each other.

import type { Reason } from "../errors/refusal.ts";
import type { ChainLink } from "../marketplace/amazon/chain.ts";
import type { PayoutAnnouncement } from "../marketplace/payout.ts";
import type { MarketplaceFormat } from "../marketplace/reading.ts";
import type { StatementGroup, StatementReading } from "../marketplace/statement.ts";
import type { Currency } from "../money/currency.ts";
import { displayMoney } from "../money/money.ts";
import { counted, firstOf, oneLine, reasonText } from "./file-text.ts";
import type { Chain } from "./statement-chain.ts";
import { differenceMinor } from "./statement-json.ts";
import { table } from "./terminal.ts";

/**
 * Rows and reasons that one statement or file prints unless all are asked for; --json always has
 * all.
 */
export const GROUPS_SHOWN_MAX = 200;
export const REASONS_SHOWN_MAX = 20;
export const PAYOUTS_SHOWN_MAX = 50;

/** Characters of one word of a group that a table shows. */
const WORD_LENGTH_MAX = 48;
const NAMES_SHOWN_MAX = 5;

const FORMAT_NAMES: Readonly<Record<MarketplaceFormat, string>> = {
  "amazon-settlement-v2": "Amazon settlement report V2",
  "amazon-settlement-v1": "Amazon settlement report V1",
  "amazon-date-range": "Amazon date-range report",
  "amazon-payout-list": "Amazon payout list",
  "amazon-event-groups": "Amazon financial event groups",
  "amazon-balances": "Amazon list of balances",
  "amazon-expected-payouts": "Amazon list of expected payouts",
  "amazon-summaries": "Amazon list of summaries",
  "amazon-transactions": "Amazon list of transactions",
  "shopify-payments": "Shopify Payments answer",
};

export function formatName(format: MarketplaceFormat): string {
  return FORMAT_NAMES[format];
}

/** The block of one statement. */
export function statementText(
  file: string,
  statement: StatementReading,
  showsAll: boolean,
): string {
  const { currency } = statement;
  const names = firstOf(statement.marketplaceNames, NAMES_SHOWN_MAX);
  const stores = names.shown.map((name) => oneLine(name, WORD_LENGTH_MAX));
  if (names.leftOut > 0) stores.push(`${names.leftOut} more`);
  const lines = [
    `${oneLine(file)}: settlement ${oneLine(statement.settlementId, WORD_LENGTH_MAX) || "(no id)"}`,
    `  format      ${formatName(statement.format)}`,
    `  marketplace ${statement.marketplace}${stores.length === 0 ? "" : ` (${stores.join(", ")})`}`,
    `  currency    ${currency ?? "unknown"}`,
    `  period      ${periodText(statement)}`,
    `  lines       ${statement.lineCount.toLocaleString("en-US")} (lines ${statement.firstLine} to ${statement.lastLine} of the file)`,
    `  declared    ${declaredText(statement)}`,
    `  summed      ${amountText(statement.summedTotalMinor, currency)}`,
    `  difference  ${amountText(differenceMinor(statement), currency)}`,
    verdictLine(statement),
    ...reasonLines(statement.reasons, showsAll),
    ...unknownLines(statement, showsAll),
  ];
  const groups = statement.groups.length === 0 ? "" : `\n${groupTable(statement, showsAll)}\n`;
  return `${lines.join("\n")}\n${groups}`;
}

/** The block of a file that is refused as a whole, cannot be read or holds no statement. */
export function refusedFileText(
  file: string,
  what: string | null,
  reasons: readonly Reason[],
): string {
  const lines = [
    `${oneLine(file)}: ${what ?? "not read"}`,
    "  QUARANTINED: no statement of this file can be used.",
    ...reasonLines(reasons, true),
  ];
  return `${lines.join("\n")}\n`;
}

function periodText({ periodStartAt, periodEndAt, depositAt }: StatementReading): string {
  const period =
    periodStartAt === null && periodEndAt === null
      ? "not declared"
      : `${periodStartAt ?? "unknown"} to ${periodEndAt ?? "unknown"}`;
  return depositAt === null ? period : `${period}, nominal deposit ${depositAt.slice(0, 10)}`;
}

function declaredText({ declaredTotalMinor, currency, format }: StatementReading): string {
  return declaredTotalMinor === null && format === "amazon-date-range"
    ? "none: a date-range report declares no total"
    : amountText(declaredTotalMinor, currency);
}

function amountText(minor: bigint | null, currency: Currency | null): string {
  return minor === null || currency === null ? "unknown" : displayMoney({ currency, minor });
}

function verdictLine({ verdict, format }: StatementReading): string {
  if (verdict === "quarantined") return "  QUARANTINED: nothing of this statement is used, because";
  return format === "amazon-date-range"
    ? "  PROVEN: every line was read, and a transfer in the file equals their sum."
    : "  PROVEN: every line was read, and the lines sum to the declared total.";
}

function reasonLines(reasons: readonly Reason[], showsAll: boolean): readonly string[] {
  const { shown, leftOut } = firstOf(reasons, showsAll ? reasons.length : REASONS_SHOWN_MAX);
  return [
    ...shown.map((reason) => `  - ${reasonText(reason)}`),
    ...(leftOut === 0 ? [] : [`  - … and ${counted(leftOut, "more reason")} (--all shows them)`]),
  ];
}

/** Unknown lines are named one by one: they go to suspense and wait for a person. */
function unknownLines(statement: StatementReading, showsAll: boolean): readonly string[] {
  const unknown = statement.groups.filter((group) => !group.known);
  if (unknown.length === 0) return [];
  const { shown, leftOut } = firstOf(unknown, showsAll ? unknown.length : GROUPS_SHOWN_MAX);
  return [
    `  ${counted(unknown.length, "unknown group")} of lines (to suspense):`,
    ...shown.map(
      (group) =>
        `  - ${wordsOf(group)
          .map((word) => word || "(blank)")
          .join(" / ")}: ${amountText(group.totalMinor, statement.currency)}, ` +
        `${counted(group.lineCount, "line")}, first at line ${group.firstLine}`,
    ),
    ...(leftOut === 0 ? [] : [`  - … and ${leftOut} more (--all shows them)`]),
  ];
}

function wordsOf(group: StatementGroup): readonly string[] {
  return [group.transactionType, group.amountType, group.amountDescription].map((word) =>
    oneLine(word, WORD_LENGTH_MAX),
  );
}

function groupTable(statement: StatementReading, showsAll: boolean): string {
  const { groups, currency } = statement;
  const { shown, leftOut } = firstOf(groups, showsAll ? groups.length : GROUPS_SHOWN_MAX);
  const rows = shown.map((group) => [
    ...wordsOf(group),
    group.known ? group.class : "suspense (unknown)",
    String(group.lineCount),
    amountText(group.totalMinor, currency),
  ]);
  const header = [
    "transaction-type",
    "amount-type",
    "amount-description",
    "class",
    "lines",
    "total",
  ];
  const more = leftOut === 0 ? "" : `\n… and ${counted(leftOut, "more group")} (--all shows them)`;
  return indented(`${table(header, rows, [4, 5])}${more}`);
}

/** The payouts that one file announces; empty when it announces none. */
export function payoutsText(payouts: readonly PayoutAnnouncement[], showsAll: boolean): string {
  if (payouts.length === 0) return "";
  const { shown, leftOut } = firstOf(payouts, showsAll ? payouts.length : PAYOUTS_SHOWN_MAX);
  const rows = shown.map((payout) => [
    oneLine(payout.reference, WORD_LENGTH_MAX),
    payout.initiatedAt ?? "unknown",
    displayMoney(payout.amount),
    payout.status === "unknown" ? `unknown (${oneLine(payout.statusText, 20)})` : payout.status,
    payout.accountTail === null ? "-" : oneLine(payout.accountTail, 20),
    oneLine(payout.traceIds.join(", "), WORD_LENGTH_MAX) || "-",
    oneLine(payout.settlementIds.join(", "), WORD_LENGTH_MAX) || "-",
  ]);
  const header = [
    "payout",
    "initiated",
    "amount",
    "status",
    "account",
    "trace id",
    "pays settlement",
  ];
  const more = leftOut === 0 ? "" : `\n… and ${counted(leftOut, "more payout")} (--all shows them)`;
  return `${indented(`${table(header, rows, [2])}${more}`)}\n`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gmu, "  ");
}

/** How the statements follow each other; empty when there is nothing to say. */
export function chainText(
  chain: Chain,
  currencyOf: (settlementId: string) => Currency | null,
): string {
  if (chain.isTooLong) return "Chain: too many statements to follow; check fewer at a time.\n";
  if (chain.links.length === 0) return "";
  const rows = chain.links.map((link) => [
    oneLine(link.previousSettlementId, WORD_LENGTH_MAX),
    oneLine(link.settlementId, WORD_LENGTH_MAX),
    joinText(link),
    link.carries
      .map(
        ({ kind, amountMinor }) =>
          `${kind} ${amountText(amountMinor, currencyOf(link.settlementId))}`,
      )
      .join(", ") || "-",
  ]);
  const findings = chain.findings.map(
    ({ code, message }) => `- ${oneLine(message, 400)} [${code}]`,
  );
  const lines = [
    "Chain",
    table(["settlement", "followed by", "periods", "carried over"], rows),
    ...findings,
  ];
  return `${lines.join("\n")}\n`;
}

const HOUR_MS = 3_600_000;
/** Gaps from here on are told in days. */
const DAYS_FROM_HOURS = 72;

function joinText({ join, gapMs }: ChainLink): string {
  if (join === "touches") return "touch";
  const hours = Math.ceil(Math.abs(gapMs) / HOUR_MS);
  const days = Math.round(hours / 24);
  return `${join} of ${hours < DAYS_FROM_HOURS ? counted(hours, "hour") : counted(days, "day")}`;
}
