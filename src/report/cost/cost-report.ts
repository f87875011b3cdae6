// What the way cost and how long it took: of each month for itself, never cumulative, beside a baseline that the reader
// chooses. Cost is what banks took on the way, as the books have it; the loss of a conversion is no part of it while nothing
// is converted here, and the report says so.

import type { Currency } from "../../money/currency.ts";
import { divideMinor } from "../../money/money.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate } from "../../time/instant.ts";

export type CostAsked = {
  readonly sellerId: string | null;
  /** Of the credits, both ends included. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** Of the baseline: fee and spread together, in ten-thousandths of the amount. */
  readonly baselineBps: number;
};

/** One currency in one month. */
export type CostMonth = {
  /** "2026-11". */
  readonly month: string;
  readonly currency: Currency;
  readonly payoutCount: number;
  /** What the marketplaces sent. */
  readonly sentMinor: bigint;
  /** What banks took on the way. */
  readonly chargedMinor: bigint;
  /** `chargedMinor` of `sentMinor`, in ten-thousandths, rounded up. */
  readonly chargedBps: number;
  readonly baselineMinor: bigint;
  /** Baseline less cost; negative where the way was dearer. */
  readonly savedMinor: bigint;
  /** Days from the marketplace's initiation to the bank's value date, of which a half took no longer, and the longest. */
  readonly transitDaysMedian: number | null;
  readonly transitDaysMax: number | null;
  /** Milliseconds from the stored notice to the money available. */
  readonly clockMsMedian: number | null;
  readonly clockMsMax: number | null;
};

const BPS = 10_000n;

type Row = {
  month: string;
  currency: Currency;
  payouts: number;
  sent: bigint;
  charged: bigint;
  transit_median: number | null;
  transit_max: number | null;
  clock_median: number | null;
  clock_max: number | null;
};

export async function reportCost(
  tx: Tx,
  tenantId: string,
  asked: CostAsked,
): Promise<readonly CostMonth[]> {
  const rows = await tx.query<Row>(COSTS, [tenantId, asked.from, asked.to, asked.sellerId]);
  return rows.map((row) => {
    const baselineMinor = divideMinor(row.sent * BigInt(asked.baselineBps), BPS, "half-even");
    return {
      month: row.month,
      currency: row.currency,
      payoutCount: row.payouts,
      sentMinor: row.sent,
      chargedMinor: row.charged,
      chargedBps: row.sent <= 0n ? 0 : Number(divideMinor(row.charged * BPS, row.sent, "up")),
      baselineMinor,
      savedMinor: baselineMinor - row.charged,
      transitDaysMedian: row.transit_median,
      transitDaysMax: row.transit_max,
      clockMsMedian: row.clock_median,
      clockMsMax: row.clock_max,
    };
  });
}

/** Credits that pay payouts in the payout's own currency and were not taken back whole, with the charges on the way. */
const COSTS = `
  WITH part AS (
    SELECT to_char(coalesce(c.value_on, c.booked_on), 'YYYY-MM') AS month, c.currency,
           coalesce(q.merged_into, q.payout_id) AS payout_id, m.paid_minor AS sent,
           CASE WHEN m.charge_currency = c.currency THEN m.charge_minor ELSE 0 END AS charged,
           coalesce(c.value_on, c.booked_on) - (p.initiated_at AT TIME ZONE 'UTC')::date AS transit_days,
           (SELECT extract(epoch FROM max(r.released_at) - (SELECT min(f.stored_at) FROM bank_notice n
                    JOIN raw_file f ON f.tenant_id = n.tenant_id AND f.sha256 = n.source_sha256
                   WHERE n.tenant_id = $1 AND n.transaction_id = c.transaction_id)) * 1000
              FROM release r WHERE r.tenant_id = $1 AND r.match_id = m.match_id)::bigint AS clock_ms
      FROM match m
      JOIN bank_transaction c ON c.tenant_id = $1 AND c.transaction_id = m.credit_id
      JOIN payout q ON q.tenant_id = $1 AND q.payout_id = m.payout_id
      JOIN payout p ON p.tenant_id = $1 AND p.payout_id = coalesce(q.merged_into, q.payout_id)
     WHERE m.tenant_id = $1 AND coalesce(c.value_on, c.booked_on) BETWEEN $2 AND $3 AND p.currency = c.currency
       AND ($4::text IS NULL OR p.seller_id = $4)
       AND m.amount_minor > coalesce((SELECT sum(u.amount_minor) FROM undo u
                                       WHERE u.tenant_id = $1 AND u.match_id = m.match_id), 0))
  SELECT month, currency, count(DISTINCT payout_id)::integer AS payouts, sum(sent)::bigint AS sent,
         sum(charged)::bigint AS charged,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY transit_days)::integer AS transit_median,
         max(transit_days)::integer AS transit_max,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY clock_ms)::float8 AS clock_median, max(clock_ms)::float8 AS clock_max
    FROM part GROUP BY month, currency ORDER BY month, currency`;
