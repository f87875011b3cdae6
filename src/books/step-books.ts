// The books during one step. Postings that our own facts make right are gathered and posted together, with the
// accounts they need opened once: one credit is three postings, and each call to the ledger is three round trips.

import { invariant } from "../errors/invariant.ts";
import type { PartitionWriter, StepLedger } from "../ledger/partition-writer.ts";
import type { AccountOpening, Posting, PostingOutcome } from "../ledger/posting.ts";
import type { Tx } from "../storage/database.ts";
import { bookOpening } from "./chart.ts";
import type { BookLine, LedgerStep } from "./journal.ts";

/** Legs gathered before they are posted all the same, and posted in one call: what a step holds in memory of them. */
const GATHERED_LEGS_MAX = 4_000;
/** Accounts that a program remembers to be open, some 100 bytes each. An account is never closed. */
const KNOWN_ACCOUNTS_MAX = 200_000;

/** The accounts of the books that are known to be open, from step to step. */
export type OpenBooks = Set<string>;

/** Runs `work` as one step of the writer, with the books; what it gathered is posted before the commit. */
export async function stepInBooks<Value>(
  writer: PartitionWriter,
  known: OpenBooks,
  work: (tx: Tx, books: LedgerStep) => Promise<Value>,
): Promise<Value> {
  let opened: readonly string[] = [];
  const value = await writer.step(async (tx, ledger) => {
    const books = new StepBooks(ledger, known);
    const result = await work(tx, books);
    await books.flush();
    opened = books.opened;
    return result;
  });
  // Only now: a step that rolled back has opened nothing.
  if (known.size + opened.length > KNOWN_ACCOUNTS_MAX) known.clear();
  for (const id of opened) known.add(id);
  return value;
}

class StepBooks implements LedgerStep {
  readonly opened: string[] = [];
  readonly #ledger: StepLedger;
  readonly #known: OpenBooks;
  #openings = new Map<string, AccountOpening>();
  #postings: Posting[] = [];
  #legCount = 0;

  constructor(ledger: StepLedger, known: OpenBooks) {
    this.#ledger = ledger;
    this.#known = known;
  }

  gather = async (lines: readonly BookLine[], postings: readonly Posting[]): Promise<void> => {
    this.#note(lines, postings);
    if (this.#legCount >= GATHERED_LEGS_MAX) await this.flush();
  };

  post = async (
    lines: readonly BookLine[],
    postings: readonly Posting[],
  ): Promise<readonly PostingOutcome[]> => {
    await this.flush();
    this.#note(lines, []);
    await this.#open();
    return postings.length === 0 ? [] : this.#ledger.post(postings);
  };

  async flush(): Promise<void> {
    await this.#open();
    const postings = this.#postings;
    this.#postings = [];
    this.#legCount = 0;
    for (let from = 0; from < postings.length; ) {
      const to = endOfCall(postings, from);
      const outcomes = await this.#ledger.post(postings.slice(from, to));
      for (const [index, outcome] of outcomes.entries()) {
        const message = outcome.ok ? "" : outcome.refusal.message;
        invariant(outcome.ok, `posting ${postings[from + index]?.id} was refused: ${message}`);
      }
      from = to;
    }
  }

  #note(lines: readonly BookLine[], postings: readonly Posting[]): void {
    for (const { sellerId, book, currency } of lines) {
      const opening = bookOpening(sellerId, book, currency);
      if (!this.#known.has(opening.id)) this.#openings.set(opening.id, opening);
    }
    for (const posting of postings) {
      this.#postings.push(posting);
      this.#legCount += posting.legs.length;
    }
  }

  async #open(): Promise<void> {
    if (this.#openings.size === 0) return;
    const openings = [...this.#openings.values()];
    this.#openings = new Map();
    for (const opened of await this.#ledger.open(openings))
      invariant(opened.ok, "an account of the books is open with another currency or limit");
    this.opened.push(...openings.map(({ id }) => id));
  }
}

/** Where the postings of one call end: at least one posting, then as many as fit. */
function endOfCall(postings: readonly Posting[], from: number): number {
  let legCount = 0;
  let to = from;
  do {
    legCount += postings[to]?.legs.length ?? 0;
    to += 1;
  } while (to < postings.length && legCount < GATHERED_LEGS_MAX);
  return to;
}
