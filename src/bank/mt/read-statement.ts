// MT940, the statement: opening balance, entries, closing balance. It is proven when opening +
// entries = closing, for a whole statement (60F … 62F) and for each page of one (60M, 62M) alike.
// Source: SWIFT user handbook, MT940.

import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { Balance, BankEntry, BankMessageHeader } from "../message.ts";
import { balanceTypeOf, readBalance, signedMinor } from "./balances.ts";
import { readEntries } from "./entries.ts";
import { fieldText, refuseRepeats, singleLine } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addNote, addReason, addRefusal, quoted } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { accountIn25, fieldOf, headerOf, requireField } from "./header.ts";

/** A message as read; its verdict is for the caller, who knows all reasons. */
export type MtContent = {
  readonly header: BankMessageHeader;
  readonly entries: readonly BankEntry[];
  readonly balances: readonly Balance[];
};

const SINGLE_TAGS: ReadonlySet<string> = new Set([
  "20",
  "21",
  "25",
  "25P",
  "28",
  "28C",
  "60F",
  "60M",
  "62F",
  "62M",
  "64",
]);

/** Any other field is noted and left aside: the balances prove the statement without it. */
const KNOWN_TAGS: ReadonlySet<string> = new Set([...SINGLE_TAGS, "61", "86", "65"]);

export function readStatement(message: MtMessage, findings: Findings): MtContent {
  refuseRepeats(message.fields, SINGLE_TAGS, findings);
  requireField(message, ["20"], findings);
  requireField(message, ["25", "25P"], findings);
  for (const field of message.fields)
    if (!KNOWN_TAGS.has(field.tag))
      addNote(
        findings,
        "mt-note-field-unused",
        field.line,
        `Line ${field.line}: :${field.tag}: ${quoted(fieldText(field))} was left aside.`,
      );
  const balances = readBalances(message, findings);
  const opening = balances.find(({ code }) => code.startsWith("60"));
  const closing = balances.find(({ code }) => code.startsWith("62"));
  const currency = opening?.amount.currency ?? closing?.amount.currency ?? null;
  const entries = currency === null ? [] : readEntries(message.fields, currency, false, findings);
  if (opening !== undefined && closing !== undefined && currency !== null)
    proveBalances(opening, closing, entries, message, findings);
  const header = headerOf(message, accountIn25(message, currency), {
    createdAt: null,
    ...numberAndPage(message, fieldOf(message, "62F") !== undefined),
  });
  return { header, entries, balances };
}

function readBalances(message: MtMessage, findings: Findings): readonly Balance[] {
  requireField(message, ["60F", "60M"], findings);
  requireField(message, ["62F", "62M"], findings);
  const balances: Balance[] = [];
  for (const field of message.fields) {
    const type = balanceTypeOf(field.tag);
    if (type === null) continue;
    const balance = readBalance(field, type);
    if (!balance.ok) addRefusal(findings, balance.refusal);
    else {
      const first = balances[0]?.amount.currency ?? balance.value.amount.currency;
      balances.push(balance.value);
      refuseOtherCurrency(first, balance.value, field.line, findings);
    }
  }
  for (const kind of ["60", "62"]) refuseTwoOptions(message, kind, findings);
  return balances;
}

/** 60F beside 60M, or 62F beside 62M: two pages ran together. */
function refuseTwoOptions(message: MtMessage, kind: string, findings: Findings): void {
  const first = fieldOf(message, `${kind}F`);
  const other = fieldOf(message, `${kind}M`);
  if (first === undefined || other === undefined) return;
  const line = Math.max(first.line, other.line);
  const text = `Line ${line}: :${kind}F: and :${kind}M: stand in one message.`;
  addReason(findings, "mt-field-repeated", line, text);
}

function refuseOtherCurrency(
  currency: Currency,
  balance: Balance,
  line: number,
  findings: Findings,
): void {
  if (balance.amount.currency !== currency)
    addReason(
      findings,
      "mt-currency-mismatch",
      line,
      `Line ${line}: :${balance.code}: is in ${balance.amount.currency}, the statement in ${currency}.`,
    );
}

function proveBalances(
  opening: Balance,
  closing: Balance,
  entries: readonly BankEntry[],
  message: MtMessage,
  findings: Findings,
): void {
  const { currency } = opening.amount;
  const moved = entries.reduce((sum, entry) => sum + signedMinor(entry), 0n);
  const reached = signedMinor(opening) + moved;
  const declared = signedMinor(closing);
  if (reached === declared) return;
  const show = (minor: bigint) => `${currency} ${formatMinor(minor, currency)}`;
  addReason(
    findings,
    "mt-balance-mismatch",
    fieldOf(message, closing.code)?.line ?? message.raw.line,
    `Opening ${show(signedMinor(opening))} and ${entries.length} entries of together ${show(moved)} ` +
      `make ${show(reached)}, but the closing balance :${closing.code}: says ${show(declared)}.`,
  );
}

/** :28C: "00004/00001" → statement 00004, page 00001, both as written. */
export function numberAndPage(
  message: MtMessage,
  isLastPage: boolean,
): Pick<BankMessageHeader, "statementId" | "sequence" | "page"> {
  const field = fieldOf(message, "28C", "28");
  const [number = "", page = ""] = (field === undefined ? "" : (singleLine(field) ?? "")).split(
    "/",
  );
  const written = number.trim() === "" ? null : number.trim();
  return {
    statementId: written,
    sequence: written,
    page: page.trim() === "" ? null : { number: page.trim(), last: isLastPage },
  };
}
