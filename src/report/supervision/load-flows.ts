// The cells of a report, summed by the database per day and dimension: receipts, refunds and netted fees as the books
// have them. A receipt that pays several payouts is divided among them; what no payout explains is a part of its own.

import type { StatementClass } from "../../marketplace/statement.ts";
import type { Currency } from "../../money/currency.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { FlowCell, FlowKind } from "./flow.ts";

export type FlowRange = {
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** Only this seller's; null: all. */
  readonly sellerId: string | null;
  /** Zone in which a settlement's end is a day. */
  readonly zone: string;
};

/** A cell before it is brought to US dollars. */
export type UnratedCell = Omit<FlowCell, "usdMinor">;

/** Classes of statement lines that are fees of the marketplace, kept back before it pays (product.md, step 7). */
const FEE_CLASSES: readonly StatementClass[] = [
  "selling-fees",
  "fulfilment-fees",
  "storage-fees",
  "advertising",
  "subscription-fees",
  "other-fees",
];

type CellRow = {
  on_day: CivilDate;
  currency: Currency;
  seller_id: string | null;
  store_id: string | null;
  marketplace: string | null;
  customs_mode: string | null;
  transaction_code: string | null;
  payer_country: string | null;
  minor: bigint;
  count: number;
};

export async function loadFlows(
  tx: Tx,
  tenantId: string,
  range: FlowRange,
): Promise<readonly UnratedCell[]> {
  const bounds = [tenantId, range.from, range.to, range.sellerId];
  const receipts = await tx.query<CellRow>(RECEIPTS, bounds);
  const refunds = await tx.query<CellRow>(REFUNDS, bounds);
  const fees = await tx.query<CellRow>(FEES, [...bounds, range.zone, FEE_CLASSES]);
  return [
    ...receipts.map((row) => cellOf("receipt", row)),
    ...refunds.map((row) => cellOf("refund", row)),
    ...fees.map((row) => cellOf("netted-fee", row)),
  ];
}

function cellOf(kind: FlowKind, row: CellRow): UnratedCell {
  return {
    kind,
    on: row.on_day,
    currency: row.currency,
    minor: row.minor,
    count: row.count,
    of: {
      seller: row.seller_id,
      store: row.store_id,
      marketplace: row.marketplace,
      "customs-mode": row.customs_mode,
      "transaction-code": row.transaction_code,
      "payer-country": row.payer_country,
    },
  };
}

/** The store whose report a payout's first statement came in. */
const STORE_OF_PAYOUT = `
  (SELECT r.store_id FROM statement s JOIN store_report r ON r.tenant_id = s.tenant_id AND r.sha256 = s.source_sha256
    WHERE s.tenant_id = part.tenant_id AND s.payout_id = part.payout_id AND s.is_current
    ORDER BY s.settlement_id, r.store_id LIMIT 1)`;

const GROUPED = `
  SELECT part.on_day, part.currency, part.seller_id, ${STORE_OF_PAYOUT} AS store_id, part.marketplace,
         NULL::text AS customs_mode, NULL::text AS transaction_code, part.payer_country,
         sum(part.minor)::bigint AS minor, sum(part.counted)::integer AS count
    FROM part GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
   ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`;

/** Credits divided by what they pay; a merged payout is the one it went into. */
const PAID_PARTS = `
  SELECT c.tenant_id, c.transaction_id, c.on_day, c.currency, c.seller_id, c.payer_country, p.payout_id, p.marketplace,
         m.amount_minor AS minor,
         (row_number() OVER (PARTITION BY c.transaction_id ORDER BY m.matched_at, m.match_id) = 1)::integer AS counted
    FROM credit c
    JOIN match m ON m.tenant_id = c.tenant_id AND m.credit_id = c.transaction_id AND m.amount_minor > 0
    JOIN payout q ON q.tenant_id = m.tenant_id AND q.payout_id = m.payout_id
    JOIN payout p ON p.tenant_id = q.tenant_id AND p.payout_id = coalesce(q.merged_into, q.payout_id)`;

const CREDITS_OF_DAYS = `
  SELECT t.tenant_id, t.transaction_id, t.currency, t.seller_id, t.amount_minor,
         coalesce(t.booked_on, t.value_on) AS on_day, t.detail->'payer'->>'country' AS payer_country
    FROM bank_transaction t
   WHERE t.tenant_id = $1 AND t.direction = 'credit' AND t.state = 'booked' AND t.role = 'incoming'
     AND coalesce(t.booked_on, t.value_on) BETWEEN $2 AND $3 AND ($4::text IS NULL OR t.seller_id = $4)`;

const RECEIPTS = `
  WITH credit AS (${CREDITS_OF_DAYS}),
       paid AS (${PAID_PARTS}),
       part AS (
         SELECT * FROM paid
         UNION ALL
         SELECT c.tenant_id, c.transaction_id, c.on_day, c.currency, c.seller_id, c.payer_country, NULL, NULL,
                c.amount_minor - coalesce(p.minor, 0), (p.minor IS NULL)::integer
           FROM credit c LEFT JOIN (SELECT transaction_id, sum(minor) AS minor FROM paid GROUP BY 1) p USING (transaction_id)
          WHERE c.amount_minor > coalesce(p.minor, 0))
  ${GROUPED}`;

/** What the bank took back, on the day it did: of a payout where it undoes a match, of nothing explained otherwise. */
const REFUNDS = `
  WITH part AS (
    SELECT u.tenant_id, coalesce(d.booked_on, d.value_on) AS on_day, c.currency, c.seller_id, p.payout_id, p.marketplace,
           c.detail->'payer'->>'country' AS payer_country, u.amount_minor AS minor,
           (row_number() OVER (PARTITION BY u.debit_id ORDER BY u.undo_id) = 1)::integer AS counted
      FROM undo u
      JOIN bank_transaction d ON d.tenant_id = u.tenant_id AND d.transaction_id = u.debit_id
      JOIN bank_transaction c ON c.tenant_id = u.tenant_id AND c.transaction_id = u.credit_id
      LEFT JOIN match m ON m.tenant_id = u.tenant_id AND m.match_id = u.match_id
      LEFT JOIN payout q ON q.tenant_id = m.tenant_id AND q.payout_id = m.payout_id
      LEFT JOIN payout p ON p.tenant_id = q.tenant_id AND p.payout_id = coalesce(q.merged_into, q.payout_id)
     WHERE u.tenant_id = $1 AND coalesce(d.booked_on, d.value_on) BETWEEN $2 AND $3
       AND ($4::text IS NULL OR c.seller_id = $4))
  ${GROUPED}`;

/** Fees of proven settlements on the day their period ends; a fee given back counts against them. */
const FEES = `
  WITH part AS (
    SELECT s.tenant_id, (s.period_end_at AT TIME ZONE $5)::date AS on_day, s.currency, s.seller_id, s.payout_id,
           s.marketplace, NULL::text AS payer_country, f.minor, 1 AS counted
      FROM statement s
     CROSS JOIN LATERAL (SELECT -sum((g->>'totalMinor')::bigint) AS minor FROM jsonb_array_elements(s.groups) g
                          WHERE g->>'class' = ANY($6::text[])) f
     WHERE s.tenant_id = $1 AND s.is_current AND s.state = 'posted'
       AND s.period_end_at IS NOT NULL AND (s.period_end_at AT TIME ZONE $5)::date BETWEEN $2 AND $3
       AND ($4::text IS NULL OR s.seller_id = $4) AND f.minor <> 0)
  ${GROUPED}`;
