// The chart of accounts: which ledger accounts a seller's books have, what each means and on which side it
// grows. Every room posts to these names only, so that the journal, the exports and the proofs agree.

import type { AccountLimit, AccountOpening, LedgerAccountId } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";

export type BookNature = "asset" | "liability" | "income" | "expense" | "equity";

type BookMeaning = {
  readonly nature: BookNature;
  readonly limit: AccountLimit;
  readonly meaning: string;
};

/** Every account of a seller's books in one currency. Assets and expenses grow by debits, the others by credits. */
export const BOOKS = {
  "fx-account": {
    nature: "asset",
    limit: "credits-within-debits",
    meaning: "Money the seller can use on the foreign-exchange account",
  },
  "fx-account-pending": {
    nature: "asset",
    limit: "credits-within-debits",
    meaning: "Money the bank has credited that is not released yet",
  },
  "credit-suspense": {
    nature: "liability",
    limit: "debits-within-credits",
    meaning: "Credits that no payout explains yet",
  },
  "payout-in-transit": {
    nature: "asset",
    limit: "none",
    meaning: "Closed settlements that the marketplace has yet to deliver",
  },
  "marketplace-balance": {
    nature: "asset",
    limit: "none",
    meaning: "The open settlement at the marketplace",
  },
  "marketplace-carried": {
    nature: "asset",
    limit: "none",
    meaning: "Negative settlements carried from one statement to the next",
  },
  "marketplace-reserve": {
    nature: "asset",
    limit: "none",
    meaning: "Money the marketplace keeps back as a reserve",
  },
  "charged-to-seller": {
    nature: "liability",
    limit: "none",
    meaning: "Debts the marketplace took from the seller's card or account",
  },
  "overseas-charges": {
    nature: "expense",
    limit: "none",
    meaning: "Bank charges deducted on the way",
  },
  exchange: {
    nature: "equity",
    limit: "none",
    meaning: "The two sides of an exchange between currencies",
  },
  sales: { nature: "income", limit: "none", meaning: "Goods and shipping paid by buyers" },
  refunds: { nature: "income", limit: "none", meaning: "Money given back to buyers" },
  promotions: { nature: "income", limit: "none", meaning: "Rebates borne by the seller" },
  "tax-collected": { nature: "liability", limit: "none", meaning: "Tax collected from buyers" },
  "tax-withheld": {
    nature: "liability",
    limit: "none",
    meaning: "Tax the marketplace keeps and remits itself",
  },
  "selling-fees": { nature: "expense", limit: "none", meaning: "Commission and referral fees" },
  "fulfilment-fees": {
    nature: "expense",
    limit: "none",
    meaning: "Picking, packing and delivery fees",
  },
  "storage-fees": {
    nature: "expense",
    limit: "none",
    meaning: "Warehouse storage and removal fees",
  },
  advertising: { nature: "expense", limit: "none", meaning: "Advertising" },
  "subscription-fees": { nature: "expense", limit: "none", meaning: "Subscription of the store" },
  "other-fees": { nature: "expense", limit: "none", meaning: "Other marketplace fees" },
  reimbursements: {
    nature: "income",
    limit: "none",
    meaning: "Payments for goods the marketplace lost or damaged",
  },
  adjustments: { nature: "income", limit: "none", meaning: "Other adjustments by the marketplace" },
  "bank-verification": {
    nature: "expense",
    limit: "none",
    meaning: "Tiny transfers by which the marketplace checks the bank account",
  },
  "statement-suspense": {
    nature: "liability",
    limit: "none",
    meaning: "Statement lines whose kind is not known; a person must classify them",
  },
} as const satisfies Record<string, BookMeaning>;

export type Book = keyof typeof BOOKS;

/** Owner of credits on a bank account that is not bound to a seller yet. */
export const UNASSIGNED = "unassigned";

export function bookAccountId(
  sellerId: string | null,
  book: Book,
  currency: Currency,
): LedgerAccountId {
  return `seller/${sellerId ?? UNASSIGNED}/${book}/${currency}` as LedgerAccountId;
}

export function bookOpening(
  sellerId: string | null,
  book: Book,
  currency: Currency,
): AccountOpening {
  return { id: bookAccountId(sellerId, book, currency), currency, limit: BOOKS[book].limit };
}

/** The parts of an account id made by `bookAccountId`; null for any other text. */
export function bookOf(
  accountId: string,
): { sellerId: string; book: Book; currency: Currency } | null {
  const parts = /^seller\/([^/]+)\/([^/]+)\/([A-Z]{3})$/.exec(accountId);
  if (parts === null) return null;
  const [, sellerId = "", book = "", currency = ""] = parts;
  return book in BOOKS ? { sellerId, book: book as Book, currency: currency as Currency } : null;
}
