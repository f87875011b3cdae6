// Loads the facts of a release decision, set-based: payouts, the statements behind them, the credits matched to them
// and what was released or undone so far. Each id is looked up by `LATERAL … OFFSET 0`, which leaves the planner no
// way but the index by that id, whatever it believes about the tables (docs/reference/benchmarks.md).

import { reviveDetail, type StoredDetail } from "../bank/transaction-rows.ts";
import { matchesNamedSince } from "../matching/named-since.ts";
import type { Proposal } from "../matching/propose-step.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import type { ReleaseFacts, ReleaseMatch, ReleaseStatement } from "./decide-release.ts";

type PayoutRow = {
  payout_id: string;
  seller_id: string | null;
  marketplace: string;
  reference: string;
  currency: Currency;
  amount_minor: bigint;
  original_currency: string | null;
  original_minor: bigint | null;
  source: string;
  announced_status: string;
  account_tail: string | null;
  settlement_ids: readonly string[];
};

/** Facts of the payouts and of those merged into them; a merged payout is answered by the one it went into. */
export async function loadReleaseFacts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  proposals: ReadonlyMap<string, Proposal> = new Map(),
): Promise<readonly ReleaseFacts[]> {
  const payouts = await tx.query<PayoutRow>(
    `SELECT p.* FROM (
        SELECT DISTINCT coalesce(q.merged_into, q.payout_id) AS payout_id
          FROM unnest($2::text[]) AS wanted(payout_id)
         CROSS JOIN LATERAL (SELECT * FROM payout q
                              WHERE q.tenant_id = $1 AND q.payout_id = wanted.payout_id OFFSET 0) AS q) AS root
      CROSS JOIN LATERAL (SELECT * FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = root.payout_id OFFSET 0) AS p
      WHERE p.merged_into IS NULL
      ORDER BY p.payout_id`,
    [tenantId, payoutIds],
    { name: "release-payouts" },
  );
  const ids = payouts.map((payout) => payout.payout_id);
  const statements = await loadStatements(tx, tenantId, ids);
  const matches = await loadMatches(tx, tenantId, ids);
  return payouts.map((payout) => {
    const own = statements.get(payout.payout_id) ?? [];
    return {
      payoutId: payout.payout_id,
      sellerId: payout.seller_id,
      marketplace: payout.marketplace,
      reference: payout.reference,
      currency: payout.currency,
      amountMinor: payout.amount_minor,
      originalCurrency: payout.original_currency,
      originalMinor: payout.original_minor,
      source: payout.source,
      announcedStatus: payout.announced_status,
      accountTail: payout.account_tail,
      missingSettlementIds: payout.settlement_ids.filter(
        (id) => !own.some((statement) => statement.settlementId === id),
      ),
      statements: own,
      matches: matches.get(payout.payout_id) ?? [],
      proposed: proposals.get(payout.payout_id) ?? null,
      returnedBeforeMinor: 0n,
      ruled: [],
      waivers: [],
    };
  });
}

async function loadStatements(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, ReleaseStatement[]>> {
  const rows = await tx.query<{
    payout_id: string;
    settlement_id: string;
    verdict: "proven" | "quarantined";
    total_minor: bigint;
    currency: string;
    reasons: readonly { message: string }[];
  }>(
    `SELECT s.payout_id, s.settlement_id, s.verdict, s.currency, s.reasons,
            CASE WHEN s.verdict = 'proven' THEN s.summed_minor ELSE coalesce(s.declared_minor, s.summed_minor)
             END AS total_minor
       FROM unnest($2::text[]) AS wanted(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM statement s
                           WHERE s.tenant_id = $1 AND s.payout_id = wanted.payout_id OFFSET 0) AS s
      WHERE s.is_current
      ORDER BY s.period_end_at, s.settlement_id`,
    [tenantId, payoutIds],
    { name: "release-statements" },
  );
  return groupBy(
    rows,
    (row) => row.payout_id,
    (row) => ({
      settlementId: row.settlement_id,
      verdict: row.verdict,
      totalMinor: row.total_minor,
      currency: row.currency,
      reasons: row.reasons,
    }),
  );
}

type MatchRow = {
  root_id: string;
  match_id: string;
  credit_id: string;
  layer: string;
  currency: Currency;
  amount_minor: bigint;
  paid_minor: bigint;
  undone_minor: bigint;
  undone_paid_minor: bigint;
  undone_released_minor: bigint;
  released_minor: bigint;
  undone_before_minor: bigint;
  account_number: string;
  account_seller_id: string | null;
  detail: StoredDetail;
};

async function loadMatches(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, ReleaseMatch[]>> {
  const rows = await tx.query<MatchRow>(
    `SELECT own.root_id, m.match_id, m.credit_id, m.layer, m.currency,
            m.amount_minor, m.paid_minor, t.account_number, 
            coalesce((SELECT c.seller_id FROM seller_account_change c
                       WHERE c.tenant_id = t.tenant_id AND c.account_number = t.account_number
                         AND c.currency = t.currency AND c.from_on <= coalesce(t.booked_on, t.value_on)
                       ORDER BY c.from_on DESC LIMIT 1), a.seller_id) AS account_seller_id, t.detail,
            coalesce(u.amount_minor, 0)::bigint AS undone_minor,
            coalesce(u.paid_minor, 0)::bigint AS undone_paid_minor,
            coalesce(u.released_minor, 0)::bigint AS undone_released_minor,
            CASE WHEN m.amount_minor = 0 OR EXISTS (
                   SELECT 1 FROM match o JOIN payout q ON q.tenant_id = o.tenant_id AND q.payout_id = o.payout_id
                    WHERE o.tenant_id = m.tenant_id AND o.credit_id = m.credit_id AND o.amount_minor > 0
                      AND (coalesce(q.merged_into, q.payout_id) <> own.root_id OR o.match_id < m.match_id)) THEN 0
                 ELSE (SELECT coalesce(sum(b.amount_minor), 0) FROM undo b WHERE b.tenant_id = m.tenant_id
                          AND b.credit_id = m.credit_id AND b.match_id IS NULL) END::bigint AS undone_before_minor,
            (SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM release r
              WHERE r.tenant_id = m.tenant_id AND r.match_id = m.match_id) AS released_minor
       FROM (SELECT payout_id AS root_id, payout_id FROM unnest($2::text[]) AS root(payout_id)
             UNION ALL
             SELECT q.merged_into, q.payout_id FROM payout q
              WHERE q.tenant_id = $1 AND q.merged_into = ANY($2::text[])) AS own
      CROSS JOIN LATERAL (SELECT * FROM match m
                           WHERE m.tenant_id = $1 AND m.payout_id = own.payout_id OFFSET 0) AS m
      CROSS JOIN LATERAL (SELECT * FROM bank_transaction t
                           WHERE t.tenant_id = $1 AND t.transaction_id = m.credit_id OFFSET 0) AS t
       LEFT JOIN seller_account a ON a.tenant_id = t.tenant_id AND a.account_number = t.account_number
        AND a.currency = t.currency
       LEFT JOIN LATERAL (
         SELECT sum(x.amount_minor) AS amount_minor, sum(x.paid_minor) AS paid_minor,
                sum(x.released_minor) AS released_minor
           FROM undo x WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS u ON true
      ORDER BY m.matched_at, m.match_id`,
    [tenantId, payoutIds],
    { name: "release-matches" },
  );
  const named = await namedSince(tx, tenantId, rows);
  return groupBy(
    rows,
    (row) => row.root_id,
    (row) => matchOf(row, named),
  );
}

/** Matches that were made without a reference which both sides know now. */
async function namedSince(
  tx: Tx,
  tenantId: string,
  rows: readonly MatchRow[],
): Promise<ReadonlySet<string>> {
  const weak = rows.filter((row) => row.layer !== "reference");
  return matchesNamedSince(
    tx,
    tenantId,
    weak.map((row) => ({
      matchId: row.match_id,
      payoutId: row.root_id,
      creditId: row.credit_id,
    })),
  );
}

function matchOf(row: MatchRow, named: ReadonlySet<string>): ReleaseMatch {
  const detail = reviveDetail(row.detail);
  return {
    matchId: row.match_id,
    creditId: row.credit_id,
    layer: named.has(row.match_id) ? "reference" : row.layer,
    currency: row.currency,
    amountMinor: row.amount_minor,
    paidMinor: row.paid_minor,
    undoneMinor: row.undone_minor,
    undonePaidMinor: row.undone_paid_minor,
    undoneBeforeMinor: row.undone_before_minor,
    everReleasedMinor: row.released_minor,
    releasedMinor: row.released_minor - row.undone_released_minor,
    accountNumber: row.account_number,
    accountSellerId: row.account_seller_id,
    payerName: detail.payer?.name ?? null,
    ultimatePayerName: detail.ultimatePayer?.name ?? null,
  };
}

function groupBy<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueOf: (row: Row) => Value,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? [];
    group.push(valueOf(row));
    groups.set(keyOf(row), group);
  }
  return groups;
}
