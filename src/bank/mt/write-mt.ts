// Writes MT940 and MT910 from plain data, for the simulator, the sandbox and tests: what is written
// here reads back to the same money and references. Amounts that do not fit are refused, closing
// balances are computed.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { absMinor, money } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import type { Direction } from "../message.ts";
import { MT_DETAILS_LINE_CHARS, MT_NARRATIVE_LINE_CHARS } from "./limits.ts";
import { readDate, readEntryDate } from "./values.ts";
import type { MtEnvelope } from "./write-fields.ts";
import {
  amountText,
  dateText,
  framed,
  lineText,
  referenceText,
  unwritable,
  wrappedText,
} from "./write-fields.ts";

/** Lines that :86: and :72: may have: formats 6*65x and 6*35x. */
const TEXT_LINES_MAX = 6;

export type Mt940Entry = {
  readonly valueOn: CivilDate;
  readonly bookedOn: CivilDate;
  /** Minor units of the statement's currency, not negative. */
  readonly amountMinor: bigint;
  /** The final sign: a reversed credit is a debit. */
  readonly direction: Direction;
  readonly reversal: boolean;
  /** "NTRF", "S103". */
  readonly typeCode: string;
  /** At most 16 characters; null is written NONREF. */
  readonly ownerReference: string | null;
  readonly servicerReference: string | null;
  /** Text of :86:, up to 390 characters; null leaves it out. */
  readonly details: string | null;
};

export type Mt940Statement = {
  /** Null writes bare text from :20: to "-". */
  readonly envelope: MtEnvelope | null;
  readonly reference: string;
  readonly account: string;
  /** "00143/1": number and page, at most 5 digits each. */
  readonly statementNumber: string;
  readonly currency: Currency;
  readonly openingOn: CivilDate;
  /** Positive: money of the account owner. */
  readonly openingMinor: bigint;
  readonly closingOn: CivilDate;
  readonly entries: readonly Mt940Entry[];
};

/** The statement as MT940 text with CRLF line ends; the closing balance is opening plus entries. */
export function writeMt940(statement: Mt940Statement): Outcome<string> {
  const { currency } = statement;
  const reference = referenceText(statement.reference, "20");
  if (!reference.ok) return reference;
  const account = lineText(statement.account, 35, "25");
  if (!account.ok) return account;
  if (!/^\d{1,5}(\/\d{1,5})?$/.test(statement.statementNumber))
    return unwritable("28C", statement.statementNumber);
  const opening = balanceText("60F", statement.openingMinor, currency, statement.openingOn);
  if (!opening.ok) return opening;
  const closingMinor = statement.entries.reduce(
    (sum, entry) => sum + (entry.direction === "credit" ? entry.amountMinor : -entry.amountMinor),
    statement.openingMinor,
  );
  const closing = balanceText("62F", closingMinor, currency, statement.closingOn);
  if (!closing.ok) return closing;
  const entryFields: string[] = [];
  for (const entry of statement.entries) {
    const fields = entryText(entry, currency);
    if (!fields.ok) return fields;
    entryFields.push(...fields.value);
  }
  return framed("940", statement.envelope, [
    `:20:${reference.value}`,
    `:25:${account.value}`,
    `:28C:${statement.statementNumber}`,
    opening.value,
    ...entryFields,
    closing.value,
  ]);
}

function balanceText(
  tag: string,
  minor: bigint,
  currency: Currency,
  on: CivilDate,
): Outcome<string> {
  const amount = amountText(money(currency, absMinor(minor)), tag);
  if (!amount.ok) return amount;
  if (readDate(dateText(on)) !== on) return unwritable(tag, on);
  return accepted(`:${tag}:${minor < 0n ? "D" : "C"}${dateText(on)}${currency}${amount.value}`);
}

function entryText(entry: Mt940Entry, currency: Currency): Outcome<readonly string[]> {
  const amount = amountText(money(currency, entry.amountMinor), "61");
  if (!amount.ok) return amount;
  if (!/^[A-Z][A-Z0-9]{3}$/.test(entry.typeCode)) return unwritable("61", entry.typeCode);
  const owner = referenceText(entry.ownerReference ?? "NONREF", "61");
  if (!owner.ok) return owner;
  const servicer = referenceText(entry.servicerReference ?? "NONREF", "61");
  if (!servicer.ok) return servicer;
  const details = wrappedText(entry.details ?? "", MT_DETAILS_LINE_CHARS, TEXT_LINES_MAX, "86");
  if (!details.ok) return details;
  const dates = entryDatesText(entry);
  if (!dates.ok) return dates;
  const references = `${owner.value}${entry.servicerReference === null ? "" : `//${servicer.value}`}`;
  const line = `:61:${dates.value}${markOf(entry)}${amount.value}${entry.typeCode}${references}`;
  const [first, ...others] = details.value;
  return accepted(first === undefined ? [line] : [line, `:86:${first}`, ...others]);
}

/** An entry date has no year: one that would read back as another day is refused. */
function entryDatesText(entry: Mt940Entry): Outcome<string> {
  const entryDate = dateText(entry.bookedOn).slice(2);
  const readBack = readEntryDate(entryDate, entry.valueOn);
  if (readBack !== entry.bookedOn || readDate(dateText(entry.valueOn)) !== entry.valueOn)
    return unwritable("61", `${entry.valueOn} ${entry.bookedOn}`);
  return accepted(dateText(entry.valueOn) + entryDate);
}

/** RC reverses a credit and so is a debit; RD the other way round. */
function markOf(entry: Mt940Entry): string {
  if (entry.reversal) return entry.direction === "debit" ? "RC" : "RD";
  return entry.direction === "credit" ? "C" : "D";
}

export type Mt910Advice = {
  /** Null writes bare text from :20: to "-". */
  readonly envelope: MtEnvelope | null;
  readonly reference: string;
  /** :21:, the payer's side's reference; null is written NONREF. */
  readonly relatedReference: string | null;
  readonly account: string;
  /** :13D:, when the credit was posted; written in UTC. Null leaves it out. */
  readonly postedAt: Instant | null;
  readonly valueOn: CivilDate;
  readonly amount: Money;
  /** :50K:; without it `payerAgentBic` must be given. */
  readonly payer: { readonly account: string | null; readonly nameLines: readonly string[] } | null;
  /** :52A:. */
  readonly payerAgentBic: string | null;
  /** :72: in lines of 35, up to 210 characters; null leaves it out. */
  readonly information: string | null;
};

/**
 * The advice as MT910 text with CRLF line ends. A payer or the payer's bank must be named (rule
 * C1).
 */
export function writeMt910(advice: Mt910Advice): Outcome<string> {
  const reference = referenceText(advice.reference, "20");
  if (!reference.ok) return reference;
  const related = referenceText(advice.relatedReference ?? "NONREF", "21");
  if (!related.ok) return related;
  const account = lineText(advice.account, 35, "25");
  if (!account.ok) return account;
  const amount = amountText(advice.amount, "32A");
  if (!amount.ok) return amount;
  const payer = payerText(advice);
  if (!payer.ok) return payer;
  const information = advice.information ?? "";
  const notes = wrappedText(information, MT_NARRATIVE_LINE_CHARS, TEXT_LINES_MAX, "72");
  if (!notes.ok) return notes;
  const posted = advice.postedAt === null ? [] : [`:13D:${postedText(advice.postedAt)}`];
  const [firstNote, ...otherNotes] = notes.value;
  return framed("910", advice.envelope, [
    `:20:${reference.value}`,
    `:21:${related.value}`,
    `:25:${account.value}`,
    ...posted,
    `:32A:${dateText(advice.valueOn)}${advice.amount.currency}${amount.value}`,
    ...payer.value,
    ...(firstNote === undefined ? [] : [`:72:${firstNote}`, ...otherNotes]),
  ]);
}

function payerText(advice: Mt910Advice): Outcome<readonly string[]> {
  const { payer, payerAgentBic } = advice;
  if (payer === null && payerAgentBic === null) return unwritable("50K", "");
  const lines: string[] = [];
  if (payer !== null) {
    const given = [...(payer.account === null ? [] : [`/${payer.account}`]), ...payer.nameLines];
    if (payer.nameLines.length < 1 || payer.nameLines.length > 4)
      return unwritable("50K", payer.nameLines.join(" "));
    for (const text of given) {
      const line = lineText(text, MT_NARRATIVE_LINE_CHARS, "50K");
      if (!line.ok) return line;
      lines.push(lines.length === 0 ? `:50K:${line.value}` : line.value);
    }
  }
  return accepted(payerAgentBic === null ? lines : [...lines, `:52A:${payerAgentBic}`]);
}

/** "2025-11-28T04:05:06.000Z" → "2511280405+0000". */
function postedText(postedAt: Instant): string {
  const [date = "", time = ""] = postedAt.split("T");
  return `${date.replaceAll("-", "").slice(2)}${time.slice(0, 5).replace(":", "")}+0000`;
}
