// Finding a marketplace's reference in a bank's texts. Banks wrap lines at 35 or 65 characters, glue words together
// and pad numbers, so a reference is looked for as a word, as a word over a line break, and, if it is long and
// has letters, inside a longer word. A number is never looked for inside a longer number: account numbers would hit.

import { normaliseReference, TRACE_LENGTH_MIN } from "../marketplace/record-payouts.ts";

export type CreditTexts = {
  /** Words of at least six characters, normalised (A-Z0-9), and runs of at least eight digits. */
  readonly words: ReadonlySet<string>;
  /** All texts without anything but letters and digits. */
  readonly joined: string;
};

/** From this length on, a reference with letters is looked for inside longer words. */
const INSIDE_LENGTH_MIN = 10;

/** `references` are whole fields; `lines` are remittance lines that may be wrapped. */
export function creditTexts(references: readonly string[], lines: readonly string[]): CreditTexts {
  const texts = [...references, ...lines, lines.join("")];
  const words = new Set<string>();
  for (const text of texts) {
    const upper = text.toUpperCase();
    for (const word of [
      ...upper.split(/[^A-Z0-9]+/),
      ...(upper.match(/\d{8,}/g) ?? []),
      normaliseReference(text),
    ]) {
      if (word.length >= TRACE_LENGTH_MIN) words.add(word);
    }
  }
  return { words, joined: texts.map(normaliseReference).join("|") };
}

/** Whether the texts name the reference (normalised, at least six characters). */
export function namesToken(texts: CreditTexts, token: string): boolean {
  if (texts.words.has(token)) return true;
  return token.length >= INSIDE_LENGTH_MIN && /[A-Z]/.test(token) && texts.joined.includes(token);
}
