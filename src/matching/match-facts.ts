// Loads what the matching decision needs: open credits with their texts, and the payouts they may pay.

import { reviveDetail, type TransactionRow } from "../bank/transaction-rows.ts";
import { UNASSIGNED } from "../books/chart.ts";
import type { Currency } from "../money/currency.ts";
import { isKnownPayer, type Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { addWeekdays, civilDateIn, type Instant } from "../time/instant.ts";
import { type CreditTexts, creditTexts } from "./credit-texts.ts";
import type { OpenCredit, OpenPayout } from "./match-credits.ts";

/** Open payouts of one seller looked through for a credit that no reference or amount explains. */
export const SELLER_PAYOUTS_MAX = 500;

/** What was taken back of a credit while nothing explained it. */
const UNDONE_OPEN = `
  (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
    WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id AND u.match_id IS NULL) AS undone_open`;

type CreditRow = TransactionRow & { readonly undone_open: bigint };

/** Open incoming credits of known sellers, by id or by seller, oldest first. */
export async function loadOpenCredits(
  tx: Tx,
  tenantId: string,
  which: { creditIds: readonly string[]; sellerIds: readonly string[] },
  policy: Policy,
): Promise<readonly OpenCredit[]> {
  const rows = await tx.query<CreditRow>(
    `SELECT t.*, ${UNDONE_OPEN} FROM (
        SELECT transaction_id FROM unnest($2::text[]) AS named(transaction_id)
        UNION
        SELECT o.transaction_id FROM bank_transaction o
         WHERE o.tenant_id = $1 AND o.is_open AND o.seller_id = ANY($3::text[])) AS which
      CROSS JOIN LATERAL (SELECT * FROM bank_transaction t
                           WHERE t.tenant_id = $1 AND t.transaction_id = which.transaction_id OFFSET 0) AS t
      WHERE t.is_open AND t.state = 'booked' AND t.role = 'incoming' AND t.seller_id IS NOT NULL
      ORDER BY t.value_on, t.transaction_id`,
    [tenantId, which.creditIds, which.sellerIds],
    { name: "open-credits" },
  );
  return rows.map((row) => openCreditOf(row, policy));
}

/** Open incoming credits on accounts that nobody has claimed yet, oldest first, at most `SELLER_PAYOUTS_MAX`. */
export async function loadUnclaimedCredits(
  tx: Tx,
  tenantId: string,
  policy: Policy,
): Promise<readonly OpenCredit[]> {
  const rows = await tx.query<CreditRow>(
    `SELECT t.*, ${UNDONE_OPEN} FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.is_open AND t.state = 'booked' AND t.role = 'incoming' AND t.seller_id IS NULL
      ORDER BY t.value_on, t.transaction_id LIMIT $2`,
    [tenantId, SELLER_PAYOUTS_MAX],
  );
  return rows.map((row) => openCreditOf(row, policy));
}

/** Open payouts that nobody has claimed yet, latest first. */
export async function loadUnclaimedPayouts(
  tx: Tx,
  tenantId: string,
  policy: Policy,
): Promise<readonly OpenPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT ${PAYOUT_FIELDS} FROM payout p WHERE p.tenant_id = $1 AND p.is_open AND p.seller_id IS NULL
      ORDER BY coalesce(p.initiated_at, p.period_end_at) DESC NULLS LAST, p.payout_id LIMIT $2`,
    [tenantId, SELLER_PAYOUTS_MAX],
    { name: "unclaimed-payouts" },
  );
  return rows.map((row) => openPayoutOf(row, policy));
}

function openCreditOf(row: CreditRow, policy: Policy): OpenCredit {
  const detail = reviveDetail(row.detail);
  const payer = detail.payer?.name ?? null;
  const ultimate = detail.ultimatePayer?.name ?? null;
  return {
    creditId: row.transaction_id,
    sellerId: row.seller_id ?? UNASSIGNED,
    accountNumber: row.account_number,
    currency: row.currency,
    openMinor: row.open_minor,
    amountMinor: row.amount_minor,
    undoneMinor: row.undone_open,
    creditedOn: row.booked_on ?? row.value_on,
    instructed: detail.instructed,
    charges: detail.charges
      .filter((charge) => charge.direction === "debit")
      .map((charge) => ({
        currency: charge.amount.currency,
        minor: charge.amount.minor,
        included: charge.included,
      })),
    texts: textsOfTransaction(row),
    payerOf: new Set(
      Object.keys(policy.payers).filter(
        (marketplace) =>
          isKnownPayer(policy, marketplace, payer) || isKnownPayer(policy, marketplace, ultimate),
      ),
    ),
  };
}

/** A bank transaction's texts, as references are looked for in them. */
export function textsOfTransaction(
  row: Pick<TransactionRow, "end_to_end_id" | "servicer_ref" | "detail">,
): CreditTexts {
  return creditTexts(textsOf(row), row.detail.remittance);
}

/** Every text in which a bank may print the marketplace's reference. */
function textsOf(row: Pick<TransactionRow, "end_to_end_id" | "servicer_ref" | "detail">): string[] {
  return [
    row.end_to_end_id,
    row.servicer_ref,
    row.detail.instructionId,
    row.detail.transactionId,
    ...row.detail.remittance,
  ].filter((text) => text !== null);
}

type PayoutRow = {
  payout_id: string;
  seller_id: string | null;
  marketplace: string;
  currency: Currency;
  amount_minor: bigint;
  paid_minor: bigint;
  source: string;
  initiated_at: Instant | null;
  period_end_at: Instant | null;
  account_tail: string | null;
  tokens: string[] | null;
};

const PAYOUT_FIELDS = `
  p.payout_id, p.seller_id, p.marketplace, p.currency, p.amount_minor, p.source, p.initiated_at,
  p.period_end_at, p.account_tail,
  (SELECT coalesce(sum(m.paid_minor - (SELECT coalesce(sum(u.paid_minor), 0) FROM undo u
                                        WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id)), 0)::bigint
     FROM (SELECT p.payout_id AS id
           UNION ALL
           SELECT q.payout_id FROM payout q
            WHERE q.tenant_id = p.tenant_id AND q.merged_into = p.payout_id) AS own
    CROSS JOIN LATERAL (SELECT * FROM match m
                         WHERE m.tenant_id = p.tenant_id AND m.payout_id = own.id OFFSET 0) AS m) AS paid_minor,
  (SELECT array_agg(t.token ORDER BY t.token) FROM payout_trace t
    WHERE t.tenant_id = p.tenant_id AND t.payout_id = p.payout_id) AS tokens`;

/** Payouts that a credit names, or whose amount it has: found by index, whatever the length of the history. */
export async function loadLikelyPayouts(
  tx: Tx,
  tenantId: string,
  credits: readonly OpenCredit[],
  policy: Policy,
): Promise<readonly OpenPayout[]> {
  const tokens = [...new Set(credits.flatMap((credit) => [...credit.texts.words]))];
  const amounts = credits.flatMap(likelyAmounts);
  const rows = await tx.query<PayoutRow>(
    `WITH likely AS (
       SELECT t.payout_id FROM unnest($2::text[]) AS word(token)
        CROSS JOIN LATERAL (SELECT * FROM payout_trace t
                             WHERE t.tenant_id = $1 AND t.token = word.token OFFSET 0) AS t
       UNION
       SELECT p.payout_id FROM unnest($3::text[], $4::text[], $5::bigint[]) AS a(seller_id, currency, minor)
        CROSS JOIN LATERAL (SELECT * FROM payout p
                             WHERE p.tenant_id = $1 AND p.is_open AND p.seller_id = a.seller_id
                               AND p.currency = a.currency AND p.amount_minor = a.minor OFFSET 0) AS p)
     SELECT ${PAYOUT_FIELDS} FROM likely l
      CROSS JOIN LATERAL (SELECT * FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = l.payout_id OFFSET 0) AS p
      WHERE p.is_open AND p.seller_id = ANY($6::text[])`,
    [
      tenantId,
      tokens,
      amounts.map((amount) => amount.sellerId),
      amounts.map((amount) => amount.currency),
      amounts.map((amount) => amount.minor),
      [...new Set(credits.map((credit) => credit.sellerId))],
    ],
    { name: "likely-payouts" },
  );
  return rows.map((row) => openPayoutOf(row, policy));
}

/** The latest open payouts of the sellers, for sums and for references inside longer words. */
export async function loadSellerPayouts(
  tx: Tx,
  tenantId: string,
  sellerIds: readonly string[],
  policy: Policy,
): Promise<readonly OpenPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT ${PAYOUT_FIELDS}
       FROM unnest($2::text[]) AS s(seller_id)
       CROSS JOIN LATERAL (
         SELECT * FROM payout q WHERE q.tenant_id = $1 AND q.is_open AND q.seller_id = s.seller_id
          ORDER BY coalesce(q.initiated_at, q.period_end_at) DESC NULLS LAST, q.payout_id LIMIT $3) AS p`,
    [tenantId, [...new Set(sellerIds)], SELLER_PAYOUTS_MAX],
  );
  return rows.map((row) => openPayoutOf(row, policy));
}

/** Amounts of a payout that the credit could be: as it arrived, as instructed, with its documented charges. */
function likelyAmounts(
  credit: OpenCredit,
): { sellerId: string; currency: string; minor: bigint }[] {
  const { sellerId, currency } = credit;
  const charges = credit.charges.filter((charge) => charge.currency === currency);
  const sums = [
    0n,
    charges
      .filter((charge) => charge.included === true)
      .reduce((sum, charge) => sum + charge.minor, 0n),
    charges
      .filter((charge) => charge.included !== false)
      .reduce((sum, charge) => sum + charge.minor, 0n),
  ];
  const amounts = [...new Set(sums)].map((sum) => ({
    sellerId,
    currency: currency as string,
    minor: credit.openMinor + sum,
  }));
  if (credit.instructed !== null) {
    amounts.push({
      sellerId,
      currency: credit.instructed.currency,
      minor: credit.instructed.minor,
    });
  }
  return amounts;
}

function openPayoutOf(row: PayoutRow, policy: Policy): OpenPayout {
  const { firstOn, lastOn } = windowOf(row, policy);
  return {
    payoutId: row.payout_id,
    sellerId: row.seller_id ?? UNASSIGNED,
    marketplace: row.marketplace,
    currency: row.currency,
    amountMinor: row.amount_minor,
    openMinor: row.amount_minor - row.paid_minor,
    firstOn,
    lastOn,
    accountTail: row.account_tail,
    tokens: row.tokens ?? [],
  };
}

/**
 * When its money may come without a reference: some days from the end of its period, or from its initiation. What
 * is learned of a payout later may only widen the window: money that came within it before stays its own.
 */
function windowOf(
  row: Pick<PayoutRow, "initiated_at" | "period_end_at">,
  policy: Policy,
): Pick<OpenPayout, "firstOn" | "lastOn"> {
  const windows = [
    { from: row.period_end_at, days: policy.expectedWindowWeekdays },
    { from: row.initiated_at, days: policy.creditWindowWeekdays },
  ].flatMap(({ from, days }) => {
    if (from === null) return [];
    const firstOn = civilDateIn("UTC", from);
    return [{ firstOn, lastOn: addWeekdays(firstOn, days) }];
  });
  return {
    firstOn: windows.map(({ firstOn }) => firstOn).sort()[0] ?? null,
    lastOn:
      windows
        .map(({ lastOn }) => lastOn)
        .sort()
        .at(-1) ?? null,
  };
}

/** The named payouts, in any state; a merged one is answered by the one it went into. */
export async function loadPayouts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  policy: Policy,
): Promise<readonly OpenPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT ${PAYOUT_FIELDS} FROM payout p
      WHERE p.tenant_id = $1 AND p.merged_into IS NULL
        AND p.payout_id IN (SELECT coalesce(q.merged_into, q.payout_id) FROM payout q
                             WHERE q.tenant_id = $1 AND q.payout_id = ANY($2::text[]))`,
    [tenantId, payoutIds],
  );
  return rows.map((row) => openPayoutOf(row, policy));
}

/** The named credits, in any state. */
export async function loadCredits(
  tx: Tx,
  tenantId: string,
  creditIds: readonly string[],
  policy: Policy,
): Promise<readonly OpenCredit[]> {
  const rows = await tx.query<CreditRow>(
    `SELECT t.*, ${UNDONE_OPEN} FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.transaction_id = ANY($2::text[]) ORDER BY t.value_on, t.transaction_id`,
    [tenantId, creditIds],
  );
  return rows.map((row) => openCreditOf(row, policy));
}
