// Loads what the linking decision needs: the statements that are owed, with the payouts that hold them, and the
// announced payouts that may pay them.

import type { Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import type { AnnouncedPayout, OwedStatement, ToldTransfer } from "./link-statements.ts";

/** SQL that says whose a row is, with the seller as $2: facts that nobody has claimed yet are a group of their own. */
export function sellerIs(column: string, sellerId: string | null): string {
  return sellerId === null ? `${column} IS NULL AND $2::text IS NULL` : `${column} = $2`;
}

/** A statement with the payout that it is linked to now, as its sources told it; no sources: nobody announced it. */
export type OwedRow = OwedStatement & { readonly holder: ToldTransfer | null };

/** Days before an announced payout within which the statements end that it may pay: six fortnights and some days. */
const REACH_DAYS = 100;
const DAY_MS = 86_400_000;

/**
 * Since when statements are looked at although their money was released: where an announcement pays no statement
 * yet, it may tell of a payout that arrived before anybody announced it. Null: all announcements are explained.
 */
export function reachOf(payouts: readonly LinkablePayout[]): Instant | null {
  const starts = payouts
    .filter((payout) => !payout.isExplained)
    .map((payout) => payout.initiatedAt ?? payout.periodEndAt)
    .filter((at) => at !== null)
    .sort();
  const [first] = starts;
  return first === undefined ? null : instantOfMs(msOf(first) - REACH_DAYS * DAY_MS);
}

/** What a payout's announcements and those of payouts merged into it are from. */
const SOURCES = `
  (SELECT coalesce(jsonb_agg(DISTINCT a.source), '[]') FROM payout q
     JOIN payout_announcement a ON a.tenant_id = q.tenant_id AND a.payout_id = q.payout_id
    WHERE q.tenant_id = p.tenant_id AND (q.payout_id = p.payout_id OR q.merged_into = p.payout_id))`;

/** Statements that somebody owes and that may be linked: their money has not arrived, or they end within reach. */
export async function loadOwed(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
  since: Instant | null,
): Promise<readonly OwedRow[]> {
  const rows = await tx.query<OwedStatement & { holder: StoredHolder | null }>(
    `SELECT s.statement_id AS "statementId", s.settlement_id AS "settlementId", s.marketplace,
            s.currency, CASE WHEN s.state <> 'quarantined' THEN s.summed_minor ELSE s.declared_minor END
              AS "totalMinor", s.period_start_at AS "periodStartAt",
            s.period_end_at AS "periodEndAt", s.payout_id AS "payoutId",
            CASE WHEN p.payout_id IS NOT NULL THEN jsonb_build_object(
              'sources', ${SOURCES}, 'marketplace', p.marketplace, 'currency', p.currency,
              'amountMinor', p.amount_minor::text, 'originalCurrency', p.original_currency,
              'originalMinor', p.original_minor::text) END AS holder
       FROM statement s
       LEFT JOIN payout p ON p.tenant_id = s.tenant_id AND p.payout_id = s.payout_id
      WHERE s.tenant_id = $1 AND ${sellerIs("s.seller_id", sellerId)} AND s.is_current AND s.currency IS NOT NULL
        AND ((s.state IN ('posted', 'awaiting-seller') AND s.summed_minor > 0) OR (s.state = 'quarantined' AND s.declared_minor > 0))
        AND (s.payout_id IS NULL OR p.is_open OR s.period_end_at >= $3::timestamptz)
      ORDER BY s.period_end_at, s.statement_id`,
    [tenantId, sellerId, since],
  );
  return rows.map((row) => ({ ...row, holder: row.holder && holderOf(row.holder) }));
}

/** A holder as it stands in JSON: amounts' minor units are decimal texts there. */
type StoredHolder = Omit<ToldTransfer, "amountMinor" | "originalMinor"> & {
  readonly amountMinor: string;
  readonly originalMinor: string | null;
};

function holderOf(stored: StoredHolder): ToldTransfer {
  return {
    ...stored,
    amountMinor: BigInt(stored.amountMinor),
    originalMinor: stored.originalMinor === null ? null : BigInt(stored.originalMinor),
  };
}

/** True where its statements, as they are linked, sum to it. */
export type LinkablePayout = AnnouncedPayout & { readonly isExplained: boolean };

/**
 * Announced payouts of the seller that may still be linked: positive, and open, or failed before their statements came.
 */
export async function loadAnnounced(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
): Promise<readonly LinkablePayout[]> {
  return tx.query<LinkablePayout>(
    `SELECT p.payout_id AS "payoutId", p.marketplace, p.currency, p.amount_minor AS "amountMinor",
            p.original_currency AS "originalCurrency", p.original_minor AS "originalMinor",
            p.settlement_ids AS "settlementIds", p.initiated_at AS "initiatedAt",
            p.period_start_at AS "periodStartAt", p.period_end_at AS "periodEndAt", ${SOURCES} AS sources,
            coalesce(t.minor = coalesce(p.original_minor, p.amount_minor), false) AS "isExplained"
       FROM payout p
       LEFT JOIN LATERAL (SELECT sum(coalesce(s.declared_minor, s.summed_minor))::bigint AS minor FROM statement s
                           WHERE s.tenant_id = p.tenant_id AND s.payout_id = p.payout_id AND s.is_current) AS t ON true
      WHERE p.tenant_id = $1 AND ${sellerIs("p.seller_id", sellerId)} AND p.source <> 'statement' AND p.amount_minor > 0
        AND p.merged_into IS NULL AND (p.is_open OR p.state = 'failed' AND t.minor IS DISTINCT FROM coalesce(p.original_minor, p.amount_minor))`,
    [tenantId, sellerId],
  );
}
