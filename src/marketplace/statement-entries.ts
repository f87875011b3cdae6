// From a proven statement to its posting: one leg per class of lines against the marketplace balance, then
// the total leaves that balance, to be delivered (positive) or carried to the next statement (negative).
// Why: the marketplace's receivable is known when it settles, and the bank leg only when the bank says so
// (facts of settlement files: deposit-date is nominal and no proof of payment).

import { type Book, bookAccountId } from "../books/chart.ts";
import type { BookLine } from "../books/journal.ts";
import type { Leg, Posting, PostingId } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import type { StatementClass, StatementGroup } from "./statement.ts";

/** The account that stands against the marketplace balance for each class of lines. */
const BOOK_OF_CLASS: Readonly<Record<StatementClass, Book | null>> = {
  sales: "sales",
  refunds: "refunds",
  promotions: "promotions",
  "tax-collected": "tax-collected",
  "tax-withheld": "tax-withheld",
  "selling-fees": "selling-fees",
  "fulfilment-fees": "fulfilment-fees",
  "storage-fees": "storage-fees",
  advertising: "advertising",
  "subscription-fees": "subscription-fees",
  "other-fees": "other-fees",
  reimbursements: "reimbursements",
  adjustments: "adjustments",
  reserve: "marketplace-reserve",
  "previous-balance": "marketplace-carried",
  "charge-to-seller": "charged-to-seller",
  // A failed transfer comes back into the balance: what was in transit will not be delivered.
  "failed-transfer": "payout-in-transit",
  "bank-verification": "bank-verification",
  // A payout row is not part of a statement's sum.
  payout: null,
  suspense: "statement-suspense",
};

export type StatementToPost = {
  readonly statementId: string;
  readonly marketplace: string;
  readonly settlementId: string;
  readonly sellerId: string;
  readonly currency: Currency;
  readonly groups: readonly StatementGroup[];
  readonly totalMinor: bigint;
  readonly effectiveOn: CivilDate;
};

/** The posting of a proven statement, or null when nothing in it moves money (all classes sum to zero). */
export function statementPosting(
  statement: StatementToPost,
): { posting: Posting; lines: readonly BookLine[] } | null {
  const totals = new Map<Book, bigint>();
  for (const group of statement.groups) {
    const book = BOOK_OF_CLASS[group.class];
    if (book !== null) totals.set(book, (totals.get(book) ?? 0n) + group.totalMinor);
  }
  const movements = [...totals]
    .filter(([, total]) => total !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const legs: Leg[] = movements.map(([book, total]) =>
    leg(statement, "marketplace-balance", book, total),
  );
  if (statement.totalMinor > 0n) {
    legs.push(leg(statement, "payout-in-transit", "marketplace-balance", statement.totalMinor));
  } else if (statement.totalMinor < 0n) {
    legs.push(leg(statement, "marketplace-balance", "marketplace-carried", -statement.totalMinor));
  }
  if (legs.length === 0) return null;
  const books = new Set<Book>([
    "marketplace-balance",
    "payout-in-transit",
    "marketplace-carried",
    ...movements.map(([book]) => book),
  ]);
  return {
    posting: {
      id: `statement:${statement.marketplace}:${statement.settlementId}` as PostingId,
      effectiveOn: statement.effectiveOn,
      reason: "statement-proven",
      subject: statement.statementId,
      legs,
    },
    lines: [...books].map((book) => ({
      sellerId: statement.sellerId,
      book,
      currency: statement.currency,
    })),
  };
}

/** Debit `debit`, credit `credit` by a positive amount; a negative amount swaps the sides. */
function leg(statement: StatementToPost, debit: Book, credit: Book, minor: bigint): Leg {
  const [from, to] = minor < 0n ? [credit, debit] : [debit, credit];
  return {
    kind: "post",
    debit: bookAccountId(statement.sellerId, from, statement.currency),
    credit: bookAccountId(statement.sellerId, to, statement.currency),
    amount: { currency: statement.currency, minor: minor < 0n ? -minor : minor },
  };
}
