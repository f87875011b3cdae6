// How values become MT text: amounts with a comma, YYMMDD dates, references of 16 characters,
// wrapped texts and FIN blocks. What a field's format does not allow is refused, never cut. Source:
// SWIFT user handbook, formats.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted, refused } from "../../errors/refusal.ts";
import type { Money } from "../../money/money.ts";
import { formatMoney } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { bicOf } from "./fin-block.ts";
import { quoted } from "./findings.ts";
import { MT_AMOUNT_CHARS_MAX } from "./limits.ts";

/** FIN blocks around the text, as an output message (received from the network). */
export type MtEnvelope = {
  readonly senderBic: string;
  readonly receiverBic: string;
  readonly sentAt: Instant;
  /** Block 3, {108:}; null leaves it out. */
  readonly userReference: string | null;
  /** Block 3, {121:}; null leaves it out. */
  readonly uetr: string | null;
  /** Block 5, {PDE:}. */
  readonly possibleDuplicate: boolean;
};

export function unwritable(field: string, value: string): Outcome<never> {
  return refused("mt-value-unwritable", `:${field}: cannot hold ${quoted(value)}.`);
}

/** 123450 USD cents → "1234,50"; 500 JPY → "500,". The amount must not be negative. */
export function amountText(amount: Money, field: string): Outcome<string> {
  const plain = formatMoney(amount);
  const text = plain.includes(".") ? plain.replace(".", ",") : `${plain},`;
  const fits = amount.minor >= 0n && text.length <= MT_AMOUNT_CHARS_MAX;
  return fits ? accepted(text) : unwritable(field, text);
}

/** "2025-11-28" → "251128". */
export function dateText(date: CivilDate): string {
  return date.replaceAll("-", "").slice(2);
}

/** One line of printable text that no reader takes for a field, a block or the end of the text. */
export function lineText(text: string, charsMax: number, field: string): Outcome<string> {
  const isPlain = /^[^\p{Cc}{}]+$/u.test(text) && !/^[:-]/.test(text) && text.trim() === text;
  return isPlain && text.length <= charsMax ? accepted(text) : unwritable(field, text);
}

/** A reference of format 16x: no slash at its ends, no two slashes in a row. */
export function referenceText(text: string, field: string): Outcome<string> {
  if (/^\/|\/$|\/\//.test(text)) return unwritable(field, text);
  return lineText(text, 16, field);
}

/**
 * A text in lines of `width`; a line that would begin with ":" or "-" takes a character of the one
 * before.
 */
export function wrappedText(
  text: string,
  width: number,
  linesMax: number,
  field: string,
): Outcome<readonly string[]> {
  if (!/^[^\p{Cc}{}]*$/u.test(text)) return unwritable(field, text);
  const lines: string[] = [];
  for (let rest = text; rest !== ""; ) {
    let length = Math.min(width, rest.length);
    while (length > 1 && /^[:-]/.test(rest.slice(length))) length -= 1;
    lines.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  const isSafe = lines.slice(1).every((line) => !/^[:-]/.test(line));
  return isSafe && lines.length <= linesMax ? accepted(lines) : unwritable(field, text);
}

/** The message around its fields: FIN blocks, or bare text that ends with "-". */
export function framed(
  type: string,
  envelope: MtEnvelope | null,
  fields: readonly string[],
): Outcome<string> {
  const text = fields.join("\r\n");
  if (envelope === null) return accepted(`${text}\r\n-\r\n`);
  const sender = terminalOf(envelope.senderBic);
  const receiver = terminalOf(envelope.receiverBic);
  if (sender === null) return unwritable("block 2", envelope.senderBic);
  if (receiver === null) return unwritable("block 1", envelope.receiverBic);
  const date = envelope.sentAt.slice(2, 10).replaceAll("-", "");
  const time = envelope.sentAt.slice(11, 16).replace(":", "");
  const application = `O${type}${time}${date}${sender}0000000000${date}${time}N`;
  const user = [
    envelope.userReference === null ? "" : `{108:${envelope.userReference}}`,
    envelope.uetr === null ? "" : `{121:${envelope.uetr}}`,
  ].join("");
  const blocks = `{1:F01${receiver}0000000000}{2:${application}}${user === "" ? "" : `{3:${user}}`}`;
  const trailer = envelope.possibleDuplicate ? "{5:{PDE:}}" : "{5:}";
  return accepted(`${blocks}{4:\r\n${text}\r\n-}${trailer}\r\n`);
}

/** BIC 8 or 11 as a logical terminal of 12: the letter A, and XXX without a branch. */
function terminalOf(bic: string): string | null {
  const valid = bicOf(bic);
  return valid === null ? null : `${valid.slice(0, 8)}A${valid.slice(8) || "XXX"}`;
}
