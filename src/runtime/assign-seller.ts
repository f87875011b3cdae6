// Facts that arrived before anyone said whose they are get their seller: accounts are bound, what stood in the books
// of nobody moves to the seller's, statements that waited are posted.

import {
  type CreditToPost,
  creditLines,
  creditPosting,
  creditPostingId,
} from "../bank/credit-entries.ts";
import { type LedgerStep, mustPostToBooks } from "../books/journal.ts";
import { accepted, type Outcome } from "../errors/refusal.ts";
import {
  normaliseAccountNumber,
  refuseForeign,
  registerSellers,
  type SellerAccount,
  type SellerRegistration,
} from "../identity/sellers.ts";
import { claimFiles } from "../inbox/raw-files.ts";
import type { Posting, PostingId } from "../ledger/posting.ts";
import { claimOutlook } from "../marketplace/record-outlook.ts";
import { assignStatements } from "../marketplace/record-statements.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { carryOn, type SettleContext } from "./carry-on.ts";
import { subjectsOfFiles, whoseSubjects } from "./whose-file.ts";

/**
 * Binds accounts to a seller and moves the money that stood on them for nobody; refused as a whole. Where files do not
 * bind, an account that is another seller's is refused all the same, and the others stay as they are.
 */
export async function bindAccounts(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  sellerId: string,
  accounts: readonly SellerAccount[],
): Promise<Outcome<readonly string[]>> {
  if (!context.filesBindAccounts) {
    const refusal = await refuseForeign(tx, context.tenantId, sellerId, accounts);
    return refusal === null ? accepted([]) : { ok: false, refusal };
  }
  const registered = await registerSellers(
    tx,
    context.tenantId,
    [{ id: sellerId, legalName: sellerId, accounts }],
    "settle",
    context.clock.now(),
  );
  if (!registered.ok) return registered;
  return accepted(await assignTransactions(tx, ledger, context, sellerId, accounts));
}

/** Registers the sellers of a registry and carries on whatever that makes possible. */
export async function registerRegistry(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  sellers: readonly SellerRegistration[],
): Promise<Outcome<null>> {
  const registered = await registerSellers(
    tx,
    context.tenantId,
    sellers,
    "registry",
    context.clock.now(),
  );
  if (!registered.ok) return registered;
  for (const seller of sellers) await carryOnBound(tx, ledger, context, seller.id, seller.accounts);
  return accepted(null);
}

/** After accounts were bound: what stood on them for nobody is the seller's, and carries on. */
export async function carryOnBound(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  sellerId: string,
  accounts: readonly SellerAccount[],
): Promise<void> {
  const transactionIds = await assignTransactions(tx, ledger, context, sellerId, accounts);
  if (transactionIds.length > 0)
    await carryOn(tx, ledger, context, { sellerIds: [sellerId], payoutIds: [], transactionIds });
}

/** Files that were read without a seller are this seller's: their facts follow. Refused where one is another's. */
export async function assignFiles(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  sellerId: string,
  sha256s: readonly string[],
): Promise<Outcome<null>> {
  const subjects = await subjectsOfFiles(tx, context.tenantId, sha256s);
  const { refusals } = await whoseSubjects(tx, context.tenantId, sellerId, subjects);
  const [refusal] = refusals;
  if (refusal !== undefined) return { ok: false, refusal };
  const accounts = await tx.query<{ number: string; currency: string }>(
    `SELECT DISTINCT t.account_number AS number, t.currency FROM bank_notice n
       JOIN bank_transaction t ON t.tenant_id = n.tenant_id AND t.transaction_id = n.transaction_id
      WHERE n.tenant_id = $1 AND n.source_sha256 = ANY($2::text[]) AND t.seller_id IS NULL AND t.account_number <> ''`,
    [context.tenantId, sha256s],
  );
  const bound = await bindAccounts(tx, ledger, context, sellerId, accounts);
  if (!bound.ok) return bound;
  await claimFiles(tx, context.tenantId, sha256s, sellerId);
  await claimOutlook(tx, context.tenantId, sha256s, sellerId);
  await assignStatements(tx, ledger, context.tenantId, sha256s, sellerId, context.clock.now());
  const payouts = await tx.query<{ payout_id: string }>(
    `UPDATE payout SET seller_id = $3, version = version + 1
      WHERE tenant_id = $1 AND seller_id IS NULL AND payout_id IN
            (SELECT payout_id FROM payout_announcement WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[])
             UNION SELECT payout_id FROM statement WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[]))
      RETURNING payout_id`,
    [context.tenantId, sha256s, sellerId],
  );
  await carryOn(tx, ledger, context, {
    sellerIds: [sellerId],
    payoutIds: payouts.map((row) => row.payout_id),
    transactionIds: bound.value,
  });
  return accepted(null);
}

type Unassigned = {
  transaction_id: string;
  currency: Currency;
  direction: string;
  state: string;
  amount_minor: bigint;
  undone_minor: bigint;
  value_on: CivilDate | null;
  booked_on: CivilDate | null;
};

/** Gives the accounts' transactions their seller and moves what is left of booked credits into the seller's books. */
async function assignTransactions(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, clock }: SettleContext,
  sellerId: string,
  accounts: readonly SellerAccount[],
): Promise<readonly string[]> {
  if (accounts.length === 0) return [];
  const rows = await tx.query<Unassigned>(
    `UPDATE bank_transaction t SET seller_id = $4, version = t.version + 1
       FROM unnest($2::text[], $3::text[]) AS a(number, currency)
      WHERE t.tenant_id = $1 AND t.account_number = a.number AND t.currency = a.currency AND t.seller_id IS NULL
      RETURNING t.*, (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
                       WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id) AS undone_minor`,
    [
      tenantId,
      accounts.map((account) => normaliseAccountNumber(account.number)),
      accounts.map((account) => account.currency),
      sellerId,
    ],
  );
  const moves = rows
    .filter(
      (row) =>
        row.direction === "credit" && row.state === "booked" && row.amount_minor > row.undone_minor,
    )
    .map((row) => moveOf(row, sellerId, clock.now()));
  await mustPostToBooks(
    ledger,
    moves.flatMap((move) => creditLines(move.credit)),
    moves.flatMap((move) => [move.out, move.in]),
  );
  return rows.map((row) => row.transaction_id);
}

function moveOf(
  row: Unassigned,
  sellerId: string,
  now: Instant,
): { credit: CreditToPost; out: Posting; in: Posting } {
  const credit: CreditToPost = {
    transactionId: row.transaction_id,
    sellerId,
    currency: row.currency,
    amountMinor: row.amount_minor - row.undone_minor,
    valueOn: row.value_on,
    bookedOn: row.booked_on,
  };
  const posting = creditPosting(credit, now);
  const out: Posting = {
    id: `credit-assigned:${row.transaction_id}` as PostingId,
    effectiveOn: posting.effectiveOn,
    reason: "credit-assigned",
    subject: row.transaction_id,
    legs: [
      {
        kind: "reverse",
        of: { postingId: creditPostingId(row.transaction_id, null), leg: 0 },
        amount: { currency: row.currency, minor: credit.amountMinor },
      },
    ],
  };
  return { credit, out, in: posting };
}
