// Field 32A of MT103 and MT910: value date, currency and amount of the money itself,
// "251128USD1234,5".

import type { Money } from "../../money/money.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { BankEntry, BankTransaction } from "../message.ts";
import type { MtField } from "./fields.ts";
import { fieldText, singleLine } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addReason, addRefusal, quoted } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { requireField } from "./header.ts";
import { readCurrencyAmount, readDate } from "./values.ts";

/** Value date and amount, or null with a reason. */
export function readSettledAmount(
  message: MtMessage,
  findings: Findings,
): { field: MtField; valueOn: CivilDate; amount: Money } | null {
  const field = requireField(message, ["32A"], findings);
  if (field === null) return null;
  const { line } = field;
  const parts = /^(\d{6})(.+)$/.exec(singleLine(field) ?? "");
  const valueOn = readDate(parts?.[1] ?? "");
  if (parts === null || valueOn === null) {
    const text = quoted(fieldText(field));
    const message = `Line ${line}: :32A: ${text} does not begin with a date that exists.`;
    addReason(findings, "mt-date-impossible", line, message);
    return null;
  }
  const amount = readCurrencyAmount(parts[2]!, line);
  if (amount.ok) return { field, valueOn, amount: amount.value };
  addRefusal(findings, amount.refusal);
  return null;
}

/** The one entry of an advice or a transfer: a credit that its one transaction repeats. */
export function creditEntry(
  transaction: BankTransaction,
  rest: Pick<BankEntry, "status" | "bookedOn" | "valueOn" | "typeCode">,
): BankEntry {
  return {
    index: 0,
    line: transaction.line,
    amount: transaction.amount,
    direction: "credit",
    reversal: false,
    servicerReference: transaction.servicerReference,
    entryReference: null,
    additionalInfo: null,
    charges: [],
    transactions: [transaction],
    ...rest,
  };
}

/**
 * Fields that have no place of their own in a transaction, as ":tag:value", so that none is lost.
 */
export function otherFields(message: MtMessage, placedTags: ReadonlySet<string>): string | null {
  const others = message.fields
    .filter(({ tag }) => !placedTags.has(tag))
    .map((field) => `:${field.tag}:${fieldText(field)}`);
  return others.length === 0 ? null : others.join("\n");
}
