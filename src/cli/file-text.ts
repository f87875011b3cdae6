// Words from a file as they may stand in a line of human output: one line, bounded, unable to steer
// the terminal.

import type { Reason } from "../errors/refusal.ts";
import { safeText } from "./terminal.ts";

/** Characters of one text from a file that human output shows; --json has all of it. */
export const SHOWN_TEXT_LENGTH_MAX = 160;

/** The text on one line, cut at `lengthMax` characters. */
export function oneLine(text: string, lengthMax = SHOWN_TEXT_LENGTH_MAX): string {
  // Cut before the costly part: a hostile text may have megabytes.
  const plain = text
    .slice(0, lengthMax * 4)
    .replace(/\s+/gu, " ")
    .trim();
  const characters = Array.from(plain);
  const isCut = characters.length > lengthMax || text.length > lengthMax * 4;
  return safeText(isCut ? `${characters.slice(0, lengthMax).join("")}…` : plain);
}

/** "line 12: The lines do not sum … [total-mismatch]" */
export function reasonText(reason: Reason): string {
  // The bank's readers say the line in the sentence too; once is enough.
  const isTold = reason.line === null || reason.message.startsWith(`Line ${reason.line}:`);
  const where = isTold ? "" : `line ${reason.line}: `;
  return `${where}${oneLine(reason.message, REASON_LENGTH_MAX)} [${reason.code}]`;
}

/** Reasons' own sentences are longer than a name: they hold the remedy. */
const REASON_LENGTH_MAX = 400;

/** "1 line", "2 lines". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** The first `max` of a list, and how many are left out. */
export function firstOf<Item>(
  items: readonly Item[],
  max: number,
): { readonly shown: readonly Item[]; readonly leftOut: number } {
  return { shown: items.slice(0, max), leftOut: Math.max(0, items.length - max) };
}
