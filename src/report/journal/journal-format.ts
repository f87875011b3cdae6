// The one shape of every journal format: what stands before the entries, each entry, and what stands after. Pieces of
// text in order, so that a journal of any length is written without standing in memory.

import type { JournalEntry } from "./journal-entry.ts";
import type { MovedAccount } from "./read-journal.ts";

export type JournalFormat = {
  readonly head: (accounts: readonly MovedAccount[]) => string;
  /** `index` counts the entries from 0. */
  readonly entry: (entry: JournalEntry, index: number) => string;
  readonly tail: (entryCount: number) => string;
};

/** Characters collected before they are handed on. */
const PIECE_LENGTH = 64 * 1024;

export async function* journalPieces(
  format: JournalFormat,
  accounts: readonly MovedAccount[],
  entries: AsyncIterable<JournalEntry>,
): AsyncGenerator<string> {
  let collected = format.head(accounts);
  let count = 0;
  for await (const entry of entries) {
    collected += format.entry(entry, count);
    count += 1;
    if (collected.length < PIECE_LENGTH) continue;
    yield collected;
    collected = "";
  }
  yield collected + format.tail(count);
}
