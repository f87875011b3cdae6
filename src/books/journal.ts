// How the rooms post: into the books of a step, with the accounts that the postings need. A posting that our own facts
// make right is gathered and must not be refused; one that may be refused is posted at once and tells.

import type { Posting, PostingOutcome } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import type { Book } from "./chart.ts";

export type BookLine = {
  readonly sellerId: string | null;
  readonly book: Book;
  readonly currency: Currency;
};

/** What a step of the money path may do to the books, inside its own transaction (step-books.ts). */
export type LedgerStep = {
  /** Posts before the step ends, in the order of the calls; a refusal breaks the step. */
  readonly gather: (lines: readonly BookLine[], postings: readonly Posting[]) => Promise<void>;
  /** Posts at once, after all that was gathered, and tells the outcomes. */
  readonly post: (
    lines: readonly BookLine[],
    postings: readonly Posting[],
  ) => Promise<readonly PostingOutcome[]>;
};

/** Opens every account that the postings touch (no effect on those that are open) and posts, whatever was gathered before. */
export async function postToBooks(
  ledger: LedgerStep,
  lines: readonly BookLine[],
  postings: readonly Posting[],
): Promise<readonly PostingOutcome[]> {
  return postings.length === 0 ? [] : ledger.post(lines, postings);
}

/** For postings that cannot be refused if our own facts are right: they are in the ledger when the step commits. */
export async function mustPostToBooks(
  ledger: LedgerStep,
  lines: readonly BookLine[],
  postings: readonly Posting[],
): Promise<void> {
  if (postings.length > 0) await ledger.gather(lines, postings);
}
