// Transfers that a later statement takes back ("Transfer of funds unsuccessful"): its amount says which payouts failed.
// A payout whose failure is told already goes before one that may still arrive, and where several fit alike, none is
// chosen: the money of the wrong one would find its payout closed.

import { refoldPayouts } from "../marketplace/record-payouts.ts";
import type { Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { sellerIs } from "./link-facts.ts";

/** What a statement takes back into the balance; positive, in the statement's currency. */
export type TakenBack = {
  readonly statementId: string;
  readonly marketplace: string;
  readonly currency: string;
  readonly minor: bigint;
  readonly periodEndAt: Instant;
};

/** A payout of which no money is there, as it left the store: before the marketplace converted it. */
export type UnpaidPayout = {
  readonly payoutId: string;
  readonly marketplace: string;
  readonly currency: string;
  readonly minor: bigint;
  /** End of its period, else the day it was sent. */
  readonly at: Instant;
  /** The marketplace said that it failed, or the bank took its money back. */
  readonly isKnownToFail: boolean;
};

/** Failed transfers that one statement takes back together; more would find sums by chance. */
export const FAILED_TOGETHER_MAX = 4;
/** Payouts among which such a sum is looked for, latest first: fewer than 800 sets. */
export const FAILED_CANDIDATES_MAX = 12;

/** The payouts that the statement takes back; none where no set or more than one is its amount. */
export function payoutsTakenBack(
  taken: TakenBack,
  payouts: readonly UnpaidPayout[],
): readonly UnpaidPayout[] {
  const before = payouts
    .filter(
      (payout) =>
        payout.marketplace === taken.marketplace &&
        payout.currency === taken.currency &&
        payout.minor <= taken.minor &&
        payout.at < taken.periodEndAt,
    )
    .sort((a, b) => (`${a.at}${a.payoutId}` < `${b.at}${b.payoutId}` ? 1 : -1))
    .slice(0, FAILED_CANDIDATES_MAX);
  const known = before.filter(({ isKnownToFail }) => isKnownToFail);
  // Of several that are known to have failed, the statement takes the latest back: the others had their statement.
  const [latest] = known.filter(({ minor }) => minor === taken.minor);
  if (latest !== undefined) return [latest];
  for (const candidates of [known, before]) {
    const [set, another] = setsOf(candidates, taken.minor);
    if (set !== undefined) return another === undefined ? set : [];
  }
  return [];
}

/** All sets that sum to the amount, up to the limit of members. */
function setsOf(
  payouts: readonly UnpaidPayout[],
  minor: bigint,
  most: number = FAILED_TOGETHER_MAX,
): readonly (readonly UnpaidPayout[])[] {
  if (minor === 0n) return [[]];
  if (most === 0) return [];
  return payouts.flatMap((payout, index) =>
    payout.minor > minor
      ? []
      : setsOf(payouts.slice(index + 1), minor - payout.minor, most - 1).map((rest) => [
          payout,
          ...rest,
        ]),
  );
}

/** Statements looked at again whenever something of their seller changes, latest first; older ones are settled. */
const STATEMENTS_MAX = 12;
/** Days before the end of a statement within which the payouts end that it may take back: some seven fortnights. */
const REACH_DAYS = 100;
const DAY_MS = 86_400_000;

/**
 * Decides anew which of the seller's payouts failed because a later statement took them back, so that it does not
 * matter which fact came first: what was taken for failed and is not is open again. Returns the payouts that changed.
 */
export async function failTakenBack(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
  now: Instant,
): Promise<readonly string[]> {
  const statements = await loadTakenBack(tx, tenantId, sellerId);
  if (statements.length === 0) return [];
  const payouts = await loadPayouts(tx, tenantId, sellerId, statements);
  const unpaid = payouts.filter(({ isUnpaid }) => isUnpaid);
  const failedBy = new Map<string, string>();
  for (const taken of statements) {
    const left = unpaid.filter(({ payoutId }) => !failedBy.has(payoutId));
    for (const { payoutId } of payoutsTakenBack(taken, left))
      failedBy.set(payoutId, taken.statementId);
  }
  const changed = payouts.filter(
    (payout) => payout.failedBy !== (failedBy.get(payout.payoutId) ?? null),
  );
  const failed = changed.filter(({ payoutId }) => failedBy.has(payoutId));
  const open = changed.filter(({ payoutId }) => !failedBy.has(payoutId));
  await markFailed(
    tx,
    tenantId,
    failed.map(({ payoutId }) => ({ payoutId, statementId: failedBy.get(payoutId) ?? "" })),
    now,
  );
  await reopen(
    tx,
    tenantId,
    open.map(({ payoutId }) => payoutId),
    now,
  );
  return changed.map(({ payoutId }) => payoutId);
}

async function markFailed(
  tx: Tx,
  tenantId: string,
  failed: readonly { readonly payoutId: string; readonly statementId: string }[],
  now: Instant,
): Promise<void> {
  if (failed.length === 0) return;
  await tx.query(
    `UPDATE payout p SET announced_status = 'failed', state = 'failed', is_open = false, failed_by = n.statement_id,
            version = p.version + 1
       FROM unnest($2::text[], $3::text[]) AS n(payout_id, statement_id)
      WHERE p.tenant_id = $1 AND p.payout_id = n.payout_id`,
    [tenantId, failed.map((item) => item.payoutId), failed.map((item) => item.statementId)],
  );
  await appendEvents(
    tx,
    tenantId,
    failed.map(({ payoutId, statementId }) => ({
      subject: payoutId,
      kind: "payout-failed",
      at: now,
      data: { takenBackBy: statementId },
      source: null,
      occasion: now,
    })),
  );
}

/** What the statement takes back turned out to be another transfer. */
async function reopen(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  now: Instant,
): Promise<void> {
  if (payoutIds.length === 0) return;
  await tx.query(
    `UPDATE payout SET failed_by = NULL, announced_status = 'unknown', is_open = true, version = version + 1,
            state = CASE WHEN source = 'statement' THEN 'expected' ELSE 'announced' END
      WHERE tenant_id = $1 AND payout_id = ANY($2::text[])`,
    [tenantId, payoutIds],
  );
  await refoldPayouts(tx, tenantId, payoutIds, new Map(), now);
  await appendEvents(
    tx,
    tenantId,
    payoutIds.map((subject) => ({
      subject,
      kind: "payout-reopened",
      at: now,
      data: {},
      source: null,
      occasion: now,
    })),
  );
}

/** The same for the sellers and for those of the transactions: money that came for one payout leaves the others. */
export async function failTakenBackOf(
  tx: Tx,
  tenantId: string,
  touched: {
    readonly sellerIds: readonly (string | null)[];
    readonly transactionIds: readonly string[];
  },
  now: Instant,
): Promise<readonly string[]> {
  const sellers = await tx.query<{ seller_id: string | null }>(
    `SELECT t.seller_id FROM (
       SELECT unnest($2::text[]) AS seller_id
       UNION
       SELECT seller_id FROM bank_transaction
        WHERE tenant_id = $1 AND transaction_id = ANY($3::text[]) AND seller_id IS NOT NULL) AS t
      WHERE EXISTS (
        SELECT 1 FROM statement s
         WHERE s.tenant_id = $1 AND (s.seller_id = t.seller_id OR s.seller_id IS NULL AND t.seller_id IS NULL)
           AND s.is_current AND s.taken_back_minor > 0)
      ORDER BY t.seller_id`,
    [tenantId, touched.sellerIds, touched.transactionIds],
    { name: "sellers-taking-back" },
  );
  const changed: string[] = [];
  for (const { seller_id: sellerId } of sellers) {
    changed.push(...(await failTakenBack(tx, tenantId, sellerId, now)));
  }
  return changed;
}

/** The latest statements that take transfers back, oldest first. */
async function loadTakenBack(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
): Promise<readonly TakenBack[]> {
  const latest = await tx.query<TakenBack>(
    `SELECT s.statement_id AS "statementId", s.marketplace, s.currency, s.taken_back_minor AS minor,
            s.period_end_at AS "periodEndAt"
       FROM statement s
      WHERE s.tenant_id = $1 AND ${sellerIs("s.seller_id", sellerId)} AND s.is_current AND s.taken_back_minor > 0
        AND s.currency IS NOT NULL AND s.period_end_at IS NOT NULL
      ORDER BY s.period_end_at DESC, s.statement_id DESC LIMIT $3`,
    [tenantId, sellerId, STATEMENTS_MAX],
    { name: sellerId === null ? "taken-back-of-nobody" : "taken-back" },
  );
  return latest.toReversed();
}

type Candidate = UnpaidPayout & {
  readonly failedBy: string | null;
  /** Nothing of it is there: never paid, or paid and taken back. */
  readonly isUnpaid: boolean;
};

/** Payouts within reach that are unpaid, and those that were taken for failed before. */
async function loadPayouts(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
  statements: readonly TakenBack[],
): Promise<readonly Candidate[]> {
  const ends = statements.map(({ periodEndAt }) => periodEndAt).sort();
  const from = instantOfMs(msOf(ends[0] as Instant) - REACH_DAYS * DAY_MS);
  return tx.query<Candidate>(
    `SELECT p.payout_id AS "payoutId", p.marketplace, coalesce(p.original_currency, p.currency) AS currency,
            coalesce(p.original_minor, p.amount_minor) AS minor, coalesce(p.period_end_at, p.initiated_at) AS at,
            p.failed_by AS "failedBy", paid.minor = 0 AS "isUnpaid",
            (p.state = 'returned' OR paid.count > 0 OR EXISTS (
              SELECT 1 FROM payout q JOIN payout_announcement a ON a.tenant_id = q.tenant_id AND a.payout_id = q.payout_id
               WHERE q.tenant_id = p.tenant_id AND (q.payout_id = p.payout_id OR q.merged_into = p.payout_id)
                 AND a.announced->>'status' IN ('failed', 'cancelled'))) AS "isKnownToFail"
       FROM payout p
      CROSS JOIN LATERAL (
         SELECT count(*) AS count,
                coalesce(sum(m.paid_minor - (SELECT coalesce(sum(u.paid_minor), 0) FROM undo u
                                              WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id)), 0) AS minor
           FROM payout q JOIN match m ON m.tenant_id = q.tenant_id AND m.payout_id = q.payout_id
          WHERE q.tenant_id = p.tenant_id AND (q.payout_id = p.payout_id OR q.merged_into = p.payout_id)) AS paid
      WHERE p.tenant_id = $1 AND ${sellerIs("p.seller_id", sellerId)} AND p.merged_into IS NULL AND p.amount_minor > 0
        AND (p.failed_by IS NULL OR p.failed_by = ANY($3::text[]))
        AND coalesce(p.period_end_at, p.initiated_at) >= $4 AND (paid.minor = 0 OR p.failed_by IS NOT NULL)
      ORDER BY p.payout_id`,
    [tenantId, sellerId, statements.map(({ statementId }) => statementId), from],
  );
}
