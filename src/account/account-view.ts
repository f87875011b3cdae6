// A seller's account in one currency: a view of the ledger. Every figure is the sum of entries, and every entry names
// the object it is about, which opens to file and line.

import {
  BOOKS,
  type Book,
  type BookNature,
  bookAccountId,
  bookOf,
  UNASSIGNED,
} from "../books/chart.ts";
import { type Currency, currencyOf } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

export type AccountView = {
  /** `<seller>/<currency>`; the seller is "unassigned" for bank accounts bound to nobody. */
  readonly id: string;
  readonly sellerId: string;
  readonly currency: string;
  /** Bank account numbers behind it. */
  readonly numbers: readonly string[];
  /** Usable now. */
  readonly available: string;
  /** Matched to a payout, not released yet (held or in part). */
  readonly held: string;
  /** Credited by the bank, not explained by any payout yet. */
  readonly unexplained: string;
  /** Settled by the marketplace, not arrived yet. */
  readonly inTransit: string;
  /** Deducted on the way, in all. */
  readonly overseasCharges: string;
};

type Totals = {
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
};

type BalanceRow = {
  account_id: string;
  debits_posted: bigint;
  credits_posted: bigint;
  debits_pending: bigint;
  credits_pending: bigint;
};

export async function listAccounts(
  tx: Tx,
  tenantId: string,
  partition: number,
  sellerId: string | null,
): Promise<readonly AccountView[]> {
  const rows = await tx.query<BalanceRow>(
    `SELECT account_id, debits_posted, credits_posted, debits_pending, credits_pending FROM ledger_account
      WHERE tenant_id = $1 AND partition = $2 AND ($3::text IS NULL OR account_id LIKE 'seller/' || $3 || '/%')`,
    [tenantId, partition, sellerId],
  );
  const numbers = await tx.query<{ seller_id: string; currency: string; account_number: string }>(
    `SELECT seller_id, currency, account_number FROM seller_account WHERE tenant_id = $1 ORDER BY account_number`,
    [tenantId],
  );
  const balances = new Map(rows.map((row) => [row.account_id, totalsOf(row)]));
  const accounts = new Map<string, { sellerId: string; currency: Currency }>();
  for (const row of rows) {
    const book = bookOf(row.account_id);
    if (book !== null) accounts.set(`${book.sellerId}/${book.currency}`, book);
  }
  for (const row of numbers) {
    const currency = currencyOf(row.currency);
    if (currency !== null && (sellerId === null || row.seller_id === sellerId)) {
      accounts.set(`${row.seller_id}/${currency}`, { sellerId: row.seller_id, currency });
    }
  }
  return [...accounts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, account]) => {
      const own = numbers.filter(
        (row) => row.seller_id === account.sellerId && row.currency === account.currency,
      );
      return viewOf(
        id,
        account,
        own.map((row) => row.account_number),
        balances,
      );
    });
}

function viewOf(
  id: string,
  account: { sellerId: string; currency: Currency },
  numbers: readonly string[],
  balances: ReadonlyMap<string, Totals>,
): AccountView {
  const { sellerId, currency } = account;
  const owner = sellerId === UNASSIGNED ? null : sellerId;
  const total = (book: Book) => balances.get(bookAccountId(owner, book, currency)) ?? NOTHING;
  const posted = (book: Book) => {
    const { debitsPosted, creditsPosted } = total(book);
    return BOOKS[book].nature === "liability"
      ? creditsPosted - debitsPosted
      : debitsPosted - creditsPosted;
  };
  const text = (minor: bigint) => formatMinor(minor, currency);
  return {
    id,
    sellerId,
    currency,
    numbers,
    available: text(posted("fx-account")),
    held: text(total("fx-account").debitsPending),
    unexplained: text(posted("credit-suspense")),
    inTransit: text(posted("payout-in-transit")),
    overseasCharges: text(posted("overseas-charges")),
  };
}

const NOTHING: Totals = {
  debitsPosted: 0n,
  creditsPosted: 0n,
  debitsPending: 0n,
  creditsPending: 0n,
};

function totalsOf(row: BalanceRow): Totals {
  return {
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    debitsPending: row.debits_pending,
    creditsPending: row.credits_pending,
  };
}

export type BookView = {
  readonly book: string;
  readonly meaning: string;
  readonly nature: BookNature;
  /** Positive on the side on which the account grows. */
  readonly balance: string;
  readonly pending: string;
};

export type EntryView = {
  readonly seq: string;
  readonly effectiveOn: CivilDate;
  readonly bookedAt: Instant;
  readonly kind: string;
  readonly reason: string;
  /** The object to open: po_…, cr_…, st_…. */
  readonly subject: string;
  readonly postingId: string;
  readonly against: string;
  /** Positive: the account grew. */
  readonly amount: string;
  readonly balance: string;
};

/** Every book of the account with its balance. */
export async function accountBooks(
  tx: Tx,
  tenantId: string,
  partition: number,
  account: { sellerId: string; currency: Currency },
): Promise<readonly BookView[]> {
  const rows = await tx.query<BalanceRow>(
    `SELECT account_id, debits_posted, credits_posted, debits_pending, credits_pending FROM ledger_account
      WHERE tenant_id = $1 AND partition = $2 AND account_id LIKE 'seller/' || $3 || '/%/' || $4
      ORDER BY account_id`,
    [tenantId, partition, account.sellerId, account.currency],
  );
  return rows.flatMap((row) => {
    const parts = bookOf(row.account_id);
    if (parts === null) return [];
    const { nature, meaning } = BOOKS[parts.book];
    const growsByDebit = nature === "asset" || nature === "expense";
    const posted = row.debits_posted - row.credits_posted;
    const pending = row.debits_pending - row.credits_pending;
    return [
      {
        book: parts.book,
        meaning,
        nature,
        balance: formatMinor(growsByDebit ? posted : -posted, account.currency),
        pending: formatMinor(growsByDebit ? pending : -pending, account.currency),
      },
    ];
  });
}

/** Entries per page of an account's history. */
export const ENTRIES_PER_PAGE = 200;

/** Movements of one book, newest first: posted money only. */
export async function accountEntries(
  tx: Tx,
  tenantId: string,
  partition: number,
  of: {
    sellerId: string;
    book: Book;
    currency: Currency;
    limit: number;
    /** Only entries before this number in the ledger; null or absent: from the newest on. */
    beforeSeq?: bigint | null;
  },
): Promise<readonly EntryView[]> {
  const accountId = bookAccountId(
    of.sellerId === UNASSIGNED ? null : of.sellerId,
    of.book,
    of.currency,
  );
  const rows = await tx.query<{
    seq: bigint;
    effective_on: CivilDate;
    booked_at: Instant;
    kind: string;
    reason: string;
    subject: string;
    posting_id: string;
    debit_account: string;
    credit_account: string;
    amount: bigint;
    balance: bigint;
  }>(
    `SELECT * FROM (
       (SELECT seq, effective_on, booked_at, kind, reason, subject, posting_id, debit_account, credit_account, amount,
               debit_debits_posted - debit_credits_posted AS balance
          FROM ledger_transfer
         WHERE tenant_id = $1 AND partition = $2 AND debit_account = $3 AND ($5::bigint IS NULL OR seq < $5)
         ORDER BY debit_version DESC LIMIT $4)
       UNION ALL
       (SELECT seq, effective_on, booked_at, kind, reason, subject, posting_id, debit_account, credit_account, amount,
               credit_debits_posted - credit_credits_posted
          FROM ledger_transfer
         WHERE tenant_id = $1 AND partition = $2 AND credit_account = $3 AND ($5::bigint IS NULL OR seq < $5)
         ORDER BY credit_version DESC LIMIT $4)) AS moved
      ORDER BY seq DESC LIMIT $4`,
    [tenantId, partition, accountId, of.limit, of.beforeSeq ?? null],
  );
  const { nature } = BOOKS[of.book];
  const growsByDebit = nature === "asset" || nature === "expense";
  return rows.map((row) => {
    const isDebit = row.debit_account === accountId;
    const signed = isDebit === growsByDebit ? row.amount : -row.amount;
    return {
      seq: row.seq.toString(),
      effectiveOn: row.effective_on,
      bookedAt: row.booked_at,
      kind: row.kind,
      reason: row.reason,
      subject: row.subject,
      postingId: row.posting_id,
      against: bookOf(isDebit ? row.credit_account : row.debit_account)?.book ?? "",
      amount: formatMinor(signed, of.currency),
      balance: formatMinor(growsByDebit ? row.balance : -row.balance, of.currency),
    };
  });
}
