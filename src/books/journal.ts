// Collects the postings of a step and opens the accounts they need first. A refused posting here is our own
// mistake (facts are checked before they are posted), so it breaks the step, unless the caller expects it.

import { invariant } from "../errors/invariant.ts";
import type { StepLedger } from "../ledger/partition-writer.ts";
import type { AccountOpening, Posting, PostingOutcome } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import { type Book, bookOpening } from "./chart.ts";

/** What a step of the money path may do to the ledger, inside its own transaction. */
export type LedgerStep = StepLedger;

export type BookLine = {
  readonly sellerId: string | null;
  readonly book: Book;
  readonly currency: Currency;
};

/** Opens every account that the step touches (no effect on those that are open) and posts. */
export async function postToBooks(
  ledger: LedgerStep,
  lines: readonly BookLine[],
  postings: readonly Posting[],
): Promise<readonly PostingOutcome[]> {
  if (postings.length === 0) return [];
  const openings = new Map<string, AccountOpening>();
  for (const line of lines) {
    const opening = bookOpening(line.sellerId, line.book, line.currency);
    openings.set(opening.id, opening);
  }
  for (const opened of await ledger.open([...openings.values()])) {
    invariant(opened.ok, "an account of the books is open with another currency or limit");
  }
  return ledger.post(postings);
}

/** As `postToBooks`, for postings that cannot be refused if our own facts are right. */
export async function mustPostToBooks(
  ledger: LedgerStep,
  lines: readonly BookLine[],
  postings: readonly Posting[],
): Promise<readonly PostingOutcome[]> {
  const outcomes = await postToBooks(ledger, lines, postings);
  outcomes.forEach((outcome, index) => {
    invariant(
      outcome.ok,
      `posting ${postings[index]?.id} was refused: ${outcome.ok ? "" : outcome.refusal.message}`,
    );
  });
  return outcomes;
}
