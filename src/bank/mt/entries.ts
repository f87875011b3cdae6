// Fields 61 and 86 of a statement or interim report as bank entries, in order. A line that cannot
// be read gives a reason with its text; the message is then quarantined, never short by a line in
// silence.

import type { Currency } from "../../money/currency.ts";
import type { BankEntry, BankTransaction, Charge, ReturnInfo } from "../message.ts";
import { readSupplementaryAmounts } from "./coded-details.ts";
import type { EntryDetails } from "./details.ts";
import { NO_DETAILS } from "./details.ts";
import { readEntryDetails } from "./entry-details.ts";
import type { EntryLine } from "./entry-line.ts";
import { readEntryLine } from "./entry-line.ts";
import type { MtField } from "./fields.ts";
import { fieldText, joinWrapped } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addNote, addReason, addRefusal, quoted } from "./findings.ts";
import { MT_DETAILS_LINE_CHARS, MT_ENTRIES_MAX, MT_FIELD_LINES_MAX } from "./limits.ts";
import { referenceOf } from "./values.ts";

/** Reads all entries; `expectedAllowed` for MT942 (marks EC and ED). */
export function readEntries(
  fields: readonly MtField[],
  currency: Currency,
  expectedAllowed: boolean,
  findings: Findings,
): readonly BankEntry[] {
  const entries: BankEntry[] = [];
  for (const { line, details } of pairsOf(fields, findings)) {
    if (entries.length >= MT_ENTRIES_MAX) {
      const message = `Line ${line.line}: the message has more than ${MT_ENTRIES_MAX} entries.`;
      addReason(findings, "mt-entries-too-many", line.line, message);
      break;
    }
    const read = readEntryLine(line, currency, expectedAllowed, findings);
    if (read.ok) entries.push(entryOf(entries.length, line.line, read.value, details));
    else addRefusal(findings, read.refusal);
  }
  return entries;
}

/**
 * Each :61: with the :86: fields that follow it; an :86: after a balance is about the whole
 * statement.
 */
function pairsOf(
  fields: readonly MtField[],
  findings: Findings,
): readonly { line: MtField; details: readonly string[] }[] {
  const pairs: { line: MtField; details: string[] }[] = [];
  let open: { line: MtField; details: string[] } | null = null;
  for (const field of fields) {
    if (field.tag === "61") {
      open = { line: field, details: [] };
      pairs.push(open);
    } else if (field.tag === "86" && open !== null) addDetails(open.details, field, findings);
    else if (field.tag === "86")
      addNote(
        findings,
        "mt-note-statement-text",
        field.line,
        `Line ${field.line}: the bank writes about the statement: ${quoted(fieldText(field))}.`,
      );
    else if (field.tag !== "NS") open = null;
  }
  return pairs;
}

/** A second :86: goes on with the first; together they have the lines that one field may have. */
function addDetails(details: string[], field: MtField, findings: Findings): void {
  if (details.length + field.lines.length <= MT_FIELD_LINES_MAX) details.push(...field.lines);
  else {
    const message = `Line ${field.line}: the details of one entry have more than ${MT_FIELD_LINES_MAX} lines.`;
    addReason(findings, "mt-field-too-long", field.line, message);
  }
}

function entryOf(
  index: number,
  lineNumber: number,
  line: EntryLine,
  detailLines: readonly string[],
): BankEntry {
  const read = detailLines.length === 0 ? NO_DETAILS : readEntryDetails(detailLines);
  const text = joinWrapped(detailLines, MT_DETAILS_LINE_CHARS).join("\n");
  return {
    index,
    line: lineNumber,
    amount: line.amount,
    direction: line.direction,
    reversal: line.reversal,
    status: line.status,
    bookedOn: line.bookedOn,
    valueOn: line.valueOn,
    servicerReference: referenceOf(line.bankReference),
    entryReference: referenceOf(line.ownerReference),
    typeCode: line.typeCode,
    additionalInfo: line.supplementary,
    charges: [],
    transactions: [transactionOf(lineNumber, line, read, text === "" ? null : text)],
  };
}

function transactionOf(
  lineNumber: number,
  line: EntryLine,
  details: EntryDetails,
  text: string | null,
): BankTransaction {
  const stated = readSupplementaryAmounts(line.supplementary ?? "");
  // The other side of a reversed credit is its payer, although the reversal is a debit.
  const fromPayer = (line.direction === "credit") !== line.reversal;
  return {
    index: 0,
    line: lineNumber,
    amount: line.amount,
    direction: line.direction,
    endToEndId: details.endToEndId ?? ownerReferenceOf(line),
    uetr: details.uetr,
    instructionId: details.instructionId,
    transactionId: null,
    servicerReference: referenceOf(line.bankReference),
    clearingReference: null,
    instructedAmount: stated.instructedAmount ?? details.instructedAmount,
    exchange: stated.exchange ?? details.exchange,
    charges: chargesOf(stated.charges, details.charges),
    payer: fromPayer ? details.counterparty : null,
    ultimatePayer: fromPayer ? ultimateOf(details) : null,
    payerAgent: null,
    payee: fromPayer ? null : details.counterparty,
    purpose: details.purpose,
    remittance: remittanceOf(line, details, text),
    additionalInfo: text,
    returned: returnOf(line, details),
  };
}

/** "KREF+" only points to the reference in :86:; it is none itself. */
function ownerReferenceOf(line: EntryLine): string | null {
  return line.ownerReference === "KREF+" ? null : referenceOf(line.ownerReference);
}

/** Banks that state a charge in :61: and again in :86: took it once. */
function chargesOf(inLine: readonly Charge[], inDetails: readonly Charge[]): readonly Charge[] {
  return inLine.length > 0 ? inLine : inDetails;
}

/**
 * What may name the payout: the remittance, or the whole :86: where the bank marks none in it, and
 * supplementary details that are not amounts.
 */
function remittanceOf(
  line: EntryLine,
  details: EntryDetails,
  text: string | null,
): readonly string[] {
  const inDetails = details.remittance.length > 0 ? details.remittance : [text ?? ""];
  const isAmounts = /^\/(OCMT|CHGS|EXCH)\//.test(line.supplementary ?? "");
  const supplementary = isAmounts ? "" : (line.supplementary ?? "");
  return [...inDetails, supplementary].filter((remittance) => remittance !== "");
}

function ultimateOf(details: EntryDetails): BankTransaction["ultimatePayer"] {
  return details.ultimateName === null
    ? null
    : { name: details.ultimateName, account: null, bic: null, country: null };
}

/** A returned item: transaction type RTI, or the code word /RTRN/ with the reason. */
function returnOf(line: EntryLine, details: EntryDetails): ReturnInfo | null {
  if (details.returnCode === null && line.typeCode.slice(1) !== "RTI") return null;
  return {
    reasonCode: details.returnCode,
    reasonText: null,
    originalUetr: null,
    originalEndToEndId: details.endToEndId ?? ownerReferenceOf(line),
    originalInstructionId: details.instructionId,
    originalTransactionId: null,
  };
}
