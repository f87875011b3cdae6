// One posting as an accountant reads it: when, why, about what, and which accounts moved by how much. Only what moved
// posted money is in a journal: reserved (pending) amounts are told by the account, not by the books.

import { BOOKS, type Book, type BookNature, bookOf } from "../../books/chart.ts";
import { invariant } from "../../errors/invariant.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";

/** An account of the chart, in one currency. */
export type JournalAccount = {
  /** The ledger's own id, "seller/acme/fx-account/USD". */
  readonly id: string;
  readonly sellerId: string;
  readonly book: Book;
  readonly nature: BookNature;
  /** For plain-text accounting, "Assets:Acme:Fx-Account"; the currency is the commodity. */
  readonly name: string;
  readonly currency: Currency;
};

/** One side of one transfer; `minor` is positive. */
export type JournalLine = {
  readonly seq: bigint;
  readonly leg: number;
  readonly side: "debit" | "credit";
  readonly account: JournalAccount;
  readonly minor: bigint;
};

export type JournalEntry = {
  /** Place of its first transfer in the ledger: orders the journal, and never changes. */
  readonly seq: bigint;
  readonly postingId: string;
  readonly effectiveOn: CivilDate;
  readonly bookedAt: Instant;
  readonly reason: string;
  readonly subject: string;
  /** Debit and credit of each transfer in turn, so that it balances in each currency. */
  readonly lines: readonly JournalLine[];
};

/** The roots that ledger, hledger and beancount know. */
const ROOT_OF_NATURE: Readonly<Record<BookNature, string>> = {
  asset: "Assets",
  liability: "Liabilities",
  income: "Income",
  expense: "Expenses",
  equity: "Equity",
};

/**
 * The account of a ledger id. Names are legal in all three tools: components of letters, digits and hyphens that
 * begin with a capital or a digit (the beancount language; the others take any text). Seller ids are lower case, so
 * two of them never become one name.
 */
export function journalAccount(accountId: string): JournalAccount {
  const parts = bookOf(accountId);
  invariant(parts !== null, `${accountId} is not an account of the chart`);
  const { sellerId, book, currency } = parts;
  const { nature } = BOOKS[book];
  const words = book.split("-").map(capitalised).join("-");
  const name = [ROOT_OF_NATURE[nature], capitalised(sellerId), words].join(":");
  return { id: accountId, sellerId, book, nature, name, currency };
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
