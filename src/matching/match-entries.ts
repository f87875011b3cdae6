// From a match to its posting: what was in suspense is explained by what was in transit, charges on the way
// become a cost of their own, and the money is reserved for the seller's account (pending) until it is released.

import { type Book, bookAccountId } from "../books/chart.ts";
import type { BookLine } from "../books/journal.ts";
import type { Leg, Posting, PostingId } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";

export type MatchToPost = {
  readonly matchId: string;
  readonly payoutId: string;
  readonly sellerId: string;
  readonly creditCurrency: Currency;
  readonly amountMinor: bigint;
  readonly payoutCurrency: Currency;
  readonly paidMinor: bigint;
  readonly chargeMinor: bigint;
  readonly effectiveOn: CivilDate;
};

export function matchPostingId(matchId: string): PostingId {
  return `match:${matchId}` as PostingId;
}

/** Legs of a match posting, by position: a release commits the pending leg, an undo reverses the others. */
export const MATCH_LEG = { pending: 0, explained: 1, exchangedOrCharge: 2 } as const;

/** Position of the leg that bears the charge or the exchange: a charge that came later is alone in its posting. */
export function chargeLegOf(amountMinor: bigint): number {
  return amountMinor === 0n ? 0 : MATCH_LEG.exchangedOrCharge;
}

/** An amount of zero is a charge that was documented after its money was matched: only the charge is posted. */
export function matchPosting(match: MatchToPost): { posting: Posting; lines: readonly BookLine[] } {
  const exchanged = match.creditCurrency !== match.payoutCurrency;
  const account = (book: Book, currency: Currency) => bookAccountId(match.sellerId, book, currency);
  const arrived = { currency: match.creditCurrency, minor: match.amountMinor };
  const legs: Leg[] =
    match.amountMinor === 0n
      ? []
      : [
          {
            kind: "pending",
            debit: account("fx-account", match.creditCurrency),
            credit: account("fx-account-pending", match.creditCurrency),
            amount: arrived,
          },
          {
            kind: "post",
            debit: account("credit-suspense", match.creditCurrency),
            credit: account(exchanged ? "exchange" : "payout-in-transit", match.creditCurrency),
            amount: arrived,
          },
        ];
  if (exchanged) {
    legs.push({
      kind: "post",
      debit: account("exchange", match.payoutCurrency),
      credit: account("payout-in-transit", match.payoutCurrency),
      amount: { currency: match.payoutCurrency, minor: match.paidMinor },
    });
  } else if (match.chargeMinor > 0n) {
    legs.push({
      kind: "post",
      debit: account("overseas-charges", match.payoutCurrency),
      credit: account("payout-in-transit", match.payoutCurrency),
      amount: { currency: match.payoutCurrency, minor: match.chargeMinor },
    });
  }
  const { sellerId } = match;
  return {
    posting: {
      id: matchPostingId(match.matchId),
      effectiveOn: match.effectiveOn,
      reason: "credit-matched",
      subject: match.payoutId,
      legs,
    },
    lines: [
      ...(["fx-account", "fx-account-pending", "credit-suspense"] as const).map((book) => ({
        sellerId,
        book,
        currency: match.creditCurrency,
      })),
      ...(["exchange", "payout-in-transit", "overseas-charges"] as const).flatMap((book) =>
        [...new Set([match.creditCurrency, match.payoutCurrency])].map((currency) => ({
          sellerId,
          book,
          currency,
        })),
      ),
    ],
  };
}

/** The marketplace itself converted a payout: what was in transit in the store's currency arrives in another. */
export function conversionPosting(payout: {
  readonly payoutId: string;
  readonly sellerId: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly originalCurrency: Currency;
  readonly originalMinor: bigint;
  readonly effectiveOn: CivilDate;
}): { posting: Posting; lines: readonly BookLine[] } {
  const { sellerId } = payout;
  const account = (book: Book, currency: Currency) => bookAccountId(sellerId, book, currency);
  return {
    posting: {
      id: `payout-converted:${payout.payoutId}` as PostingId,
      effectiveOn: payout.effectiveOn,
      reason: "payout-converted",
      subject: payout.payoutId,
      legs: [
        {
          kind: "post",
          debit: account("exchange", payout.originalCurrency),
          credit: account("payout-in-transit", payout.originalCurrency),
          amount: { currency: payout.originalCurrency, minor: payout.originalMinor },
        },
        {
          kind: "post",
          debit: account("payout-in-transit", payout.currency),
          credit: account("exchange", payout.currency),
          amount: { currency: payout.currency, minor: payout.amountMinor },
        },
      ],
    },
    lines: (["exchange", "payout-in-transit"] as const).flatMap((book) =>
      [payout.currency, payout.originalCurrency].map((currency) => ({ sellerId, book, currency })),
    ),
  };
}
