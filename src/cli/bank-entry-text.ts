// One entry of a bank message for people: a row of figures, and below it whatever the bank said
// about it.

import type {
  BankEntry,
  BankTransaction,
  Charge,
  Exchange,
  Party,
  ReturnInfo,
} from "../bank/message.ts";
import { displayMoney } from "../money/money.ts";
import { counted, firstOf, oneLine } from "./file-text.ts";

/**
 * Transactions of one entry, and texts of one transaction, that are printed unless all are asked
 * for.
 */
export const TRANSACTIONS_SHOWN_MAX = 10;
const TEXTS_SHOWN_MAX = 8;

/** Columns of the row, in characters; a longer value moves what is right of it. */
const WIDTHS = { number: 6, line: 9, date: 10, status: 11, direction: 6, amount: 20 } as const;

/** The heading over the rows of entries. */
export const ENTRY_HEADING = row([
  "#",
  "LINE",
  "BOOKED",
  "VALUE",
  "STATUS",
  "",
  "AMOUNT",
  "REFERENCE",
]);

function row(cells: readonly string[]): string {
  const [
    number = "",
    line = "",
    booked = "",
    value = "",
    status = "",
    direction = "",
    amount = "",
    reference = "",
  ] = cells;
  return [
    number.padStart(WIDTHS.number),
    line.padStart(WIDTHS.line),
    booked.padEnd(WIDTHS.date),
    value.padEnd(WIDTHS.date),
    status.padEnd(WIDTHS.status),
    direction.padEnd(WIDTHS.direction),
    amount.padStart(WIDTHS.amount),
    reference,
  ]
    .join("  ")
    .trimEnd();
}

/** The row of an entry and its details, each line ended. */
export function entryText(entry: BankEntry, showsAll: boolean): string {
  const reference =
    entry.servicerReference ?? entry.entryReference ?? entry.transactions[0]?.endToEndId;
  const lines = [
    row([
      String(entry.index + 1),
      String(entry.line),
      entry.bookedOn ?? "-",
      entry.valueOn ?? "-",
      entry.status,
      entry.direction,
      displayMoney(entry.amount),
      oneLine(reference ?? "-"),
    ]),
  ];
  if (entry.reversal) lines.push(detail("reversal", "takes back an earlier entry"));
  const told = [entry.typeCode, entry.entryReference].filter((part) => part !== null);
  if (told.length > 0) lines.push(detail("type", told.map((part) => oneLine(part)).join(", ")));
  lines.push(...textDetail("info", entry.additionalInfo));
  lines.push(...chargeDetails(entry.charges, showsAll));
  lines.push(...transactionLines(entry, showsAll));
  return `${lines.join("\n")}\n`;
}

function transactionLines(entry: BankEntry, showsAll: boolean): readonly string[] {
  const { transactions } = entry;
  const [only] = transactions;
  if (only !== undefined && transactions.length === 1) return transactionDetails(only, showsAll);
  const max = showsAll ? transactions.length : TRANSACTIONS_SHOWN_MAX;
  const { shown, leftOut } = firstOf(transactions, max);
  const lines = shown.flatMap((transaction) => [
    detail(
      "part",
      `${transaction.index + 1} of ${transactions.length}, line ${transaction.line}: ` +
        `${transaction.direction} ${displayMoney(transaction.amount)}`,
    ),
    ...transactionDetails(transaction, showsAll),
  ]);
  if (leftOut > 0) {
    lines.push(detail("part", `… and ${counted(leftOut, "more transaction")} (--all shows them)`));
  }
  return lines;
}

function transactionDetails(transaction: BankTransaction, showsAll: boolean): readonly string[] {
  const { exchange, returned, instructedAmount, remittance } = transaction;
  const texts = firstOf(remittance, showsAll ? remittance.length : TEXTS_SHOWN_MAX);
  const references = [
    ["end-to-end", transaction.endToEndId],
    ["uetr", transaction.uetr],
    ["instruction", transaction.instructionId],
    ["transaction", transaction.transactionId],
    ["servicer", transaction.servicerReference],
    ["clearing", transaction.clearingReference],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name} ${oneLine(value ?? "")}`]));
  return [
    ...partyDetail("payer", transaction.payer),
    ...partyDetail("for", transaction.ultimatePayer),
    ...partyDetail("payer bank", transaction.payerAgent),
    ...partyDetail("payee", transaction.payee),
    ...(references.length === 0 ? [] : [detail("references", references.join(", "))]),
    ...(instructedAmount === null ? [] : [detail("instructed", displayMoney(instructedAmount))]),
    ...(exchange === null ? [] : [detail("exchange", exchangeText(exchange))]),
    ...chargeDetails(transaction.charges, showsAll),
    ...(returned === null ? [] : [detail("returned", returnText(returned))]),
    ...textDetail("purpose", transaction.purpose),
    ...texts.shown.flatMap((text) => textDetail("remittance", text)),
    ...(texts.leftOut === 0
      ? []
      : [detail("remittance", `… and ${texts.leftOut} more (--all shows them)`)]),
    ...textDetail("info", transaction.additionalInfo),
  ];
}

function detail(name: string, text: string): string {
  return `${" ".repeat(WIDTHS.number + 2)}${name.padEnd(11)} ${text}`;
}

function textDetail(name: string, text: string | null): readonly string[] {
  return text === null || text.trim() === "" ? [] : [detail(name, oneLine(text))];
}

function partyDetail(name: string, party: Party | null): readonly string[] {
  if (party === null) return [];
  const parts = [
    party.name,
    party.account === null ? null : `account ${party.account}`,
    party.bic === null ? null : `BIC ${party.bic}`,
    party.country,
  ].filter((part) => part !== null);
  return parts.length === 0 ? [] : [detail(name, parts.map((part) => oneLine(part)).join(", "))];
}

function exchangeText(exchange: Exchange): string {
  const { sourceCurrency, targetCurrency, unitCurrency, contractId, quotedAt } = exchange;
  const parts = [
    `${sourceCurrency ?? "?"} to ${targetCurrency ?? "?"} at ${exchange.rate}`,
    unitCurrency === null ? null : `for one ${unitCurrency}`,
    contractId === null ? null : `contract ${contractId}`,
    quotedAt === null ? null : `quoted ${quotedAt}`,
  ].filter((part) => part !== null);
  return oneLine(parts.join(", "));
}

function chargeDetails(charges: readonly Charge[], showsAll: boolean): readonly string[] {
  const { shown, leftOut } = firstOf(charges, showsAll ? charges.length : TEXTS_SHOWN_MAX);
  const lines = shown.map((charge) => detail("charge", chargeText(charge)));
  return leftOut === 0
    ? lines
    : [...lines, detail("charge", `… and ${leftOut} more (--all shows them)`)];
}

function chargeText(charge: Charge): string {
  const { included, bearer, type, agentBic } = charge;
  const parts = [
    `${displayMoney(charge.amount)} ${charge.direction === "debit" ? "taken" : "given back"}`,
    included === null ? null : included ? "already in the amount" : "beside the amount",
    bearer === null ? null : `borne by ${bearer}`,
    type,
    agentBic === null ? null : `by ${agentBic}`,
  ].filter((part) => part !== null);
  return oneLine(parts.join(", "));
}

function returnText(returned: ReturnInfo): string {
  const parts = [
    returned.reasonCode,
    returned.reasonText,
    returned.originalUetr === null ? null : `original uetr ${returned.originalUetr}`,
    returned.originalEndToEndId === null
      ? null
      : `original end-to-end ${returned.originalEndToEndId}`,
    returned.originalInstructionId === null
      ? null
      : `original instruction ${returned.originalInstructionId}`,
    returned.originalTransactionId === null
      ? null
      : `original transaction ${returned.originalTransactionId}`,
  ].filter((part) => part !== null);
  return oneLine(parts.join(", ")) || "without a reason";
}
