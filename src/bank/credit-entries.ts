// From a credit that became money to its posting: the money stands on the pending side of the account, and
// what explains it stands open in suspense until a payout is matched.

import { bookAccountId, UNASSIGNED } from "../books/chart.ts";
import { type BookLine, type LedgerStep, mustPostToBooks } from "../books/journal.ts";
import type { Posting, PostingId } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

export type CreditToPost = {
  readonly transactionId: string;
  readonly sellerId: string | null;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly valueOn: CivilDate | null;
  readonly bookedOn: CivilDate | null;
};

/** The posting that holds a credit in the books of its seller, or of nobody while its account is unbound. */
export function creditPostingId(creditId: string, sellerId: string | null): PostingId {
  return `credit:${creditId}:${sellerId ?? UNASSIGNED}` as PostingId;
}

export function creditPosting(credit: CreditToPost, now: Instant): Posting {
  return {
    id: creditPostingId(credit.transactionId, credit.sellerId),
    effectiveOn: credit.valueOn ?? credit.bookedOn ?? (now.slice(0, 10) as CivilDate),
    reason: "credit-received",
    subject: credit.transactionId,
    legs: [
      {
        kind: "post",
        debit: bookAccountId(credit.sellerId, "fx-account-pending", credit.currency),
        credit: bookAccountId(credit.sellerId, "credit-suspense", credit.currency),
        amount: { currency: credit.currency, minor: credit.amountMinor },
      },
    ],
  };
}

export function creditLines(
  credit: Pick<CreditToPost, "sellerId" | "currency">,
): readonly BookLine[] {
  const { sellerId, currency } = credit;
  return [
    { sellerId, book: "fx-account-pending", currency },
    { sellerId, book: "credit-suspense", currency },
  ];
}

/** Posts credits; one of amount zero (a legal bank line) moves nothing and is not posted. */
export async function postCredits(
  ledger: LedgerStep,
  credits: readonly CreditToPost[],
  now: Instant,
): Promise<void> {
  const moving = credits.filter((credit) => credit.amountMinor > 0n);
  await mustPostToBooks(
    ledger,
    moving.flatMap(creditLines),
    moving.map((credit) => creditPosting(credit, now)),
  );
}
