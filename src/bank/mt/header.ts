// What all MT messages have in common: references, sender, copy marks, and the flaws of the
// envelope.

import type { CivilDate, Instant } from "../../time/instant.ts";
import type { AccountReference, BankMessageHeader } from "../message.ts";
import type { MtField } from "./fields.ts";
import { fieldText, singleLine } from "./fields.ts";
import { bicOf, senderBicOf } from "./fin-block.ts";
import type { Findings } from "./findings.ts";
import { addNote, addReason, addRefusal, quoted } from "./findings.ts";
import type { MtFamily } from "./message-type.ts";
import type { RawMessage } from "./split-messages.ts";
import { readDateTime, referenceOf } from "./values.ts";

/** A message whose type is known and whose text is in fields. */
export type MtMessage = {
  readonly raw: RawMessage;
  readonly family: MtFamily;
  readonly fields: readonly MtField[];
};

export function fieldOf(message: MtMessage, ...tags: readonly string[]): MtField | undefined {
  return message.fields.find((field) => tags.includes(field.tag));
}

/**
 * The reference in a field of one line, null without one or where the bank wrote that there is
 * none.
 */
export function referenceIn(message: MtMessage, tag: string): string | null {
  const field = fieldOf(message, tag);
  return field === undefined ? null : referenceOf(singleLine(field) ?? field.lines[0]);
}

/** Sender by FIN header, or the first BIC among header lines ("ABNANL2A", "940", "ABNANL2A"). */
export function senderOf(raw: RawMessage): string | null {
  if (raw.applicationHeader !== "") return senderBicOf(raw.basicHeader, raw.applicationHeader);
  return raw.headerLines.map(bicOf).find((bic) => bic !== null) ?? null;
}

/** The header of a message; statement number and page only where the type has them. */
export function headerOf(
  message: MtMessage,
  account: AccountReference,
  rest: Partial<Pick<BankMessageHeader, "statementId" | "sequence" | "page">> & {
    createdAt: Instant | null;
  },
): BankMessageHeader {
  const { raw, family } = message;
  return {
    family,
    format: family.toUpperCase(),
    line: raw.line,
    messageId: referenceIn(message, "20"),
    senderBic: senderOf(raw),
    copy: raw.trailer.has("PDE") || raw.trailer.has("PDM") ? "DUPL" : null,
    statementId: null,
    sequence: null,
    page: null,
    account,
    ...rest,
  };
}

/**
 * :25: as written, blanks removed. German "bank code/account" is kept whole: the standard has one
 * text, 35x.
 */
export function accountIn25(message: MtMessage, currency: string | null): AccountReference {
  const field = fieldOf(message, "25", "25P");
  const lines = field?.lines ?? [];
  // Option P has the BIC of the account's bank in the second line.
  const bic = field?.tag === "25P" ? bicOf(lines[1] ?? "") : null;
  return {
    number: (lines[0] ?? "").replaceAll(/\s/g, ""),
    currency,
    servicerBic: bic ?? senderOf(message.raw),
    ownerName: null,
  };
}

/**
 * A bare statement with its final closing balance has all its money in it, and the balance proves it: some banks
 * write no end mark. In a FIN block the end mark is part of the format, so its absence is a cut.
 */
function endsWithClosingBalance(raw: RawMessage): boolean {
  return raw.basicHeader === "" && raw.text.some((line) => line.text.startsWith(":62F:"));
}

/** Reasons that lie in the envelope and not in the fields. */
export function addEnvelopeReasons(raw: RawMessage, findings: Findings): void {
  for (const flaw of raw.flaws) addRefusal(findings, flaw);
  const last = raw.text.at(-1)?.number ?? raw.line;
  if (!raw.closed && endsWithClosingBalance(raw))
    addNote(
      findings,
      "mt-note-no-end-mark",
      last,
      `The statement of line ${raw.line} ends after its closing balance, without "-".`,
    );
  else if (!raw.closed)
    addReason(
      findings,
      "mt-cut-off",
      last,
      `The message of line ${raw.line} has no end ("-" or "-}") after line ${last}: it is cut off.`,
    );
  if (raw.trailer.has("TNG"))
    addReason(
      findings,
      "mt-training-message",
      raw.line,
      "Block 5 carries {TNG:}: a test and training message is not money.",
    );
}

/** Mandatory fields; `alternatives` are the options of one field. */
export function requireField(
  message: MtMessage,
  alternatives: readonly string[],
  findings: Findings,
): MtField | null {
  const field = fieldOf(message, ...alternatives);
  if (field !== undefined) return field;
  addReason(
    findings,
    "mt-field-missing",
    message.raw.line,
    `The ${message.family.toUpperCase()} of line ${message.raw.line} has no :${alternatives.join(": or :")}:.`,
  );
  return null;
}

/** :13D:, date and time with offset; a text that is none is a reason. Null without the field. */
export function readDateTimeIn13D(
  message: MtMessage,
  findings: Findings,
): { at: Instant; on: CivilDate } | null {
  const field = fieldOf(message, "13D");
  if (field === undefined) return null;
  const read = readDateTime(singleLine(field) ?? "");
  if (read === null)
    addReason(
      findings,
      "mt-date-impossible",
      field.line,
      `Line ${field.line}: :13D: ${quoted(fieldText(field))} is no date and time with an offset.`,
    );
  return read;
}
