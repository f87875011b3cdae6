// MT942, the interim report: entries since the last statement, without balances. Where the bank
// declares number and sum of debits (:90D:) and credits (:90C:), they must agree with the entries.
// Source: SWIFT user handbook.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { displayMoney } from "../../money/money.ts";
import type { BankEntry, Direction } from "../message.ts";
import { readEntries } from "./entries.ts";
import type { MtField } from "./fields.ts";
import { refuseRepeats, singleLine } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addNote, addReason, addRefusal, quoted } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { accountIn25, headerOf, readDateTimeIn13D, requireField } from "./header.ts";
import type { MtContent } from "./read-statement.ts";
import { numberAndPage } from "./read-statement.ts";
import { refuseUnknownFields } from "./unknown-fields.ts";
import { readCurrencyAmount, refuse } from "./values.ts";

const SINGLE_TAGS: ReadonlySet<string> = new Set([
  "20",
  "21",
  "25",
  "25P",
  "28",
  "28C",
  "13",
  "13D",
  "90C",
  "90D",
]);
const KNOWN_TAGS: ReadonlySet<string> = new Set([...SINGLE_TAGS, "34F", "61", "86", "NS"]);

export function readInterimReport(message: MtMessage, findings: Findings): MtContent {
  refuseRepeats(message.fields, SINGLE_TAGS, findings);
  refuseUnknownFields(message, KNOWN_TAGS, findings);
  requireField(message, ["20"], findings);
  requireField(message, ["25", "25P"], findings);
  const currency = readFloorLimits(message, findings);
  const entries = currency === null ? [] : readEntries(message.fields, currency, true, findings);
  const totals = message.fields.filter(({ tag }) => tag === "90C" || tag === "90D");
  for (const field of totals) checkTotal(field, currency, entries, findings);
  const header = headerOf(message, accountIn25(message, currency), {
    createdAt: readDateTimeIn13D(message, findings)?.at ?? null,
    ...numberAndPage(message, totals.length > 0),
  });
  return { header, entries, balances: [] };
}

/**
 * :34F: "USDD0," or "USD0,": the currency of the account, and from which amount up entries are
 * listed.
 */
function readFloorLimits(message: MtMessage, findings: Findings): Currency | null {
  requireField(message, ["34F"], findings);
  let account: Currency | null = null;
  for (const field of message.fields.filter(({ tag }) => tag === "34F")) {
    const limit = readFloorLimit(field);
    if (!limit.ok) {
      addRefusal(findings, limit.refusal);
      continue;
    }
    const { currency, minor } = limit.value;
    account ??= currency;
    if (currency !== account)
      addReason(
        findings,
        "mt-currency-mismatch",
        field.line,
        `Line ${field.line}: :34F: is in ${currency}, the report in ${account}.`,
      );
    if (minor !== 0n)
      addNote(
        findings,
        "mt-note-floor-limit",
        field.line,
        `Line ${field.line}: only entries from ${displayMoney(limit.value)} up are listed.`,
      );
  }
  return account;
}

function readFloorLimit(field: MtField): Outcome<Money> {
  const parts = /^([A-Z]{3})([CD])?(.*)$/.exec(singleLine(field) ?? "");
  if (parts === null || currencyOf(parts[1]!) === null)
    return refuse(
      "mt-currency-unknown",
      field.line,
      `:34F: ${quoted(field.lines.join(" "))} names no currency of ISO 4217.`,
    );
  return readCurrencyAmount(`${parts[1]}${parts[3]}`, field.line);
}

/**
 * :90D: "1EUR2,30": number and sum of debits; reversed credits are debits, expected entries count
 * too.
 */
function checkTotal(
  field: MtField,
  currency: Currency | null,
  entries: readonly BankEntry[],
  findings: Findings,
): void {
  const direction: Direction = field.tag === "90C" ? "credit" : "debit";
  const declared = readTotal(field);
  if (!declared.ok) {
    addRefusal(findings, declared.refusal);
    return;
  }
  const { count, sum } = declared.value;
  const listed = entries.filter((entry) => entry.direction === direction);
  const listedMinor = listed.reduce((total, entry) => total + entry.amount.minor, 0n);
  if (currency === null) return;
  if (count === listed.length && sum.minor === listedMinor && sum.currency === currency) return;
  addReason(
    findings,
    "mt-total-mismatch",
    field.line,
    `Line ${field.line}: :${field.tag}: declares ${count} ${direction}s of together ${displayMoney(sum)}, ` +
      `but ${listed.length} are listed with ${displayMoney({ currency, minor: listedMinor })}.`,
  );
}

function readTotal(field: MtField): Outcome<{ count: number; sum: Money }> {
  const parts = /^(\d{1,5})([A-Z]{3}.+)$/.exec(singleLine(field) ?? "");
  if (parts === null)
    return refuse(
      "mt-field-malformed",
      field.line,
      `:${field.tag}: ${quoted(field.lines.join(" "))} is not a number and a sum.`,
    );
  const sum = readCurrencyAmount(parts[2]!, field.line);
  return sum.ok ? accepted({ count: Number(parts[1]), sum: sum.value }) : sum;
}
