// A payout as its readers see it: what it is, what proves it, what arrived, what is held and why, what was released,
// and how long each leg took. Reads only.

import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { type CivilDate, type Instant, msOf } from "../time/instant.ts";
import { type HoldRow, type HoldView, holdOf, loadHolds } from "./hold-view.ts";

export type StatementOfPayout = {
  readonly id: string;
  readonly settlementId: string;
  readonly verdict: "proven" | "quarantined";
  readonly currency: string;
  readonly total: string;
  readonly lineCount: number;
  readonly periodStart: Instant | null;
  readonly periodEnd: Instant | null;
  readonly file: string;
  readonly sha256: string;
  readonly line: number;
};

export type CreditOfPayout = {
  readonly id: string;
  readonly matchId: string;
  /** How it was found: reference, amount-date-payer, sum-date-payer. */
  readonly layer: string;
  readonly amount: string;
  readonly currency: string;
  readonly charges: string;
  readonly released: string;
  readonly returned: string;
  readonly account: string;
  readonly payer: string | null;
  readonly valueOn: CivilDate | null;
  readonly storedAt: Instant | null;
  readonly recordedAt: Instant;
  readonly matchedAt: Instant;
  readonly releasedAt: Instant | null;
  readonly confirmed: boolean;
  /** Null where its file came for nobody and tells of others too: their reader is not told of it. */
  readonly file: string | null;
  readonly sha256: string;
  readonly line: number;
};

export type PayoutView = {
  readonly id: string;
  readonly reference: string;
  readonly sellerId: string | null;
  readonly marketplace: string;
  readonly source: string;
  readonly announcedStatus: string;
  readonly amount: string;
  readonly currency: string;
  readonly originalAmount: string | null;
  readonly originalCurrency: string | null;
  readonly state: string;
  readonly initiatedAt: Instant | null;
  /** Usable on the seller's account now, in `creditedCurrency`. */
  readonly creditedAmount: string;
  readonly creditedCurrency: string;
  /** Deducted on the way, in the payout's currency. */
  readonly chargedAmount: string;
  readonly holds: readonly HoldView[];
  readonly statements: readonly StatementOfPayout[];
  readonly credits: readonly CreditOfPayout[];
  /** From the stored credit notice to the released money, the last credit's; null while nothing is released. */
  readonly minuteClockMs: number | null;
  /** From the marketplace's initiation to the bank's value date, in days; null where either is unknown. */
  readonly transitDays: number | null;
};

type PayoutRow = {
  payout_id: string;
  reference: string;
  seller_id: string | null;
  marketplace: string;
  source: string;
  announced_status: string;
  currency: Currency;
  amount_minor: bigint;
  original_currency: Currency | null;
  original_minor: bigint | null;
  state: string;
  initiated_at: Instant | null;
};

/** Payouts per page of a listing. */
export const PAYOUTS_PER_PAGE = 200;

/** The views of the payouts, in the order of their day; a merged payout is shown as the one it went into. */
export async function viewPayouts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<readonly PayoutView[]> {
  const payouts = await tx.query<PayoutRow>(
    `SELECT * FROM payout WHERE tenant_id = $1 AND merged_into IS NULL AND payout_id IN
            (SELECT coalesce(merged_into, payout_id) FROM payout WHERE tenant_id = $1 AND payout_id = ANY($2::text[]))
      ORDER BY coalesce(initiated_at, period_end_at, recorded_at), reference, payout_id`,
    [tenantId, payoutIds],
  );
  const ids = payouts.map((payout) => payout.payout_id);
  const statements = await loadStatements(tx, tenantId, ids);
  const credits = await loadCredits(tx, tenantId, ids);
  const holds = await loadHolds(tx, tenantId, ids);
  return payouts.map((payout) =>
    viewOf(
      payout,
      statements.filter((row) => row.payout_id === payout.payout_id),
      credits.filter((row) => row.root_id === payout.payout_id),
      holds.filter((row) => row.payout_id === payout.payout_id),
    ),
  );
}

function viewOf(
  payout: PayoutRow,
  statements: readonly StatementRow[],
  credits: readonly CreditRow[],
  holds: readonly HoldRow[],
): PayoutView {
  const creditedCurrency = credits[0]?.currency ?? payout.currency;
  const credited = credits.reduce(
    (sum, row) => sum + row.released_minor - row.undone_released_minor,
    0n,
  );
  const charged = credits.reduce(
    (sum, row) => sum + (row.charge_undone ? 0n : row.charge_minor),
    0n,
  );
  const released = credits.filter((row) => row.released_at !== null && row.stored_at !== null);
  const clocks = released.map(
    (row) => msOf(row.released_at as Instant) - msOf(row.stored_at as Instant),
  );
  const valueDates = credits.map((row) => row.value_on).filter((date) => date !== null);
  const lastValue = valueDates.sort().at(-1) ?? null;
  return {
    id: payout.payout_id,
    reference: payout.reference,
    sellerId: payout.seller_id,
    marketplace: payout.marketplace,
    source: payout.source,
    announcedStatus: payout.announced_status,
    amount: formatMinor(payout.amount_minor, payout.currency),
    currency: payout.currency,
    originalAmount:
      payout.original_currency === null || payout.original_minor === null
        ? null
        : formatMinor(payout.original_minor, payout.original_currency),
    originalCurrency: payout.original_currency,
    state: payout.state,
    initiatedAt: payout.initiated_at,
    creditedAmount: formatMinor(credited, creditedCurrency),
    creditedCurrency,
    chargedAmount: formatMinor(charged, payout.currency),
    holds: holds.map(holdOf),
    statements: statements.map(statementOf),
    credits: credits.map(creditOf),
    minuteClockMs: clocks.length === 0 ? null : Math.max(...clocks),
    transitDays:
      payout.initiated_at === null || lastValue === null
        ? null
        : Math.round(
            (Date.parse(`${lastValue}T00:00:00Z`) -
              Date.parse(`${payout.initiated_at.slice(0, 10)}T00:00:00Z`)) /
              86_400_000,
          ),
  };
}

type StatementRow = {
  payout_id: string;
  statement_id: string;
  settlement_id: string;
  verdict: "proven" | "quarantined";
  currency: Currency;
  summed_minor: bigint;
  declared_minor: bigint | null;
  line_count: bigint;
  period_start_at: Instant | null;
  period_end_at: Instant | null;
  name: string;
  source_sha256: string;
  first_line: number;
};

async function loadStatements(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<StatementRow[]> {
  return tx.query<StatementRow>(
    `SELECT s.*, f.name FROM statement s
       JOIN raw_file f ON f.tenant_id = s.tenant_id AND f.sha256 = s.source_sha256
      WHERE s.tenant_id = $1 AND s.payout_id = ANY($2::text[]) AND s.is_current
      ORDER BY s.period_end_at, s.settlement_id`,
    [tenantId, ids],
  );
}

function statementOf(row: StatementRow): StatementOfPayout {
  return {
    id: row.statement_id,
    settlementId: row.settlement_id,
    verdict: row.verdict,
    currency: row.currency,
    total: formatMinor(
      row.verdict === "proven" ? row.summed_minor : (row.declared_minor ?? row.summed_minor),
      row.currency,
    ),
    lineCount: Number(row.line_count),
    periodStart: row.period_start_at,
    periodEnd: row.period_end_at,
    file: row.name,
    sha256: row.source_sha256,
    line: row.first_line,
  };
}

type CreditRow = {
  root_id: string;
  match_id: string;
  credit_id: string;
  layer: string;
  currency: Currency;
  charge_currency: Currency;
  amount_minor: bigint;
  charge_minor: bigint;
  released_minor: bigint;
  undone_minor: bigint;
  undone_released_minor: bigint;
  /** The charge is given back with the whole match only. */
  charge_undone: boolean;
  account_number: string;
  payer: string | null;
  value_on: CivilDate | null;
  stored_at: Instant | null;
  recorded_at: Instant;
  matched_at: Instant;
  released_at: Instant | null;
  confirmed: boolean;
  name: string | null;
  source_sha256: string;
  source_line: number;
};

async function loadCredits(tx: Tx, tenantId: string, ids: readonly string[]): Promise<CreditRow[]> {
  return tx.query<CreditRow>(
    `SELECT coalesce(p.merged_into, p.payout_id) AS root_id, m.match_id, m.credit_id, m.layer, m.currency,
            m.charge_currency, m.amount_minor, m.charge_minor, t.account_number, t.value_on, t.stored_at, t.confirmed,
            t.recorded_at, m.matched_at,
            t.detail->'payer'->>'name' AS payer, n.source_sha256, n.source_line, f.name,
            coalesce(r.minor, 0)::bigint AS released_minor, r.released_at,
            coalesce(u.minor, 0)::bigint AS undone_minor, coalesce(u.released, 0)::bigint AS undone_released_minor,
            coalesce(u.paid, 0) = m.paid_minor AS charge_undone
       FROM payout p
       JOIN match m ON m.tenant_id = p.tenant_id AND m.payout_id = p.payout_id
       JOIN bank_transaction t ON t.tenant_id = m.tenant_id AND t.transaction_id = m.credit_id
       LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor, max(released_at) AS released_at FROM release x
                           WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS r ON true
       LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor, sum(released_minor) AS released, sum(paid_minor) AS paid
                            FROM undo x
                           WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS u ON true
       JOIN LATERAL (SELECT source_sha256, source_line FROM bank_notice x
                      WHERE x.tenant_id = t.tenant_id AND x.transaction_id = t.transaction_id
                      ORDER BY x.recorded_at, x.family DESC, x.notice_id LIMIT 1) AS n ON true
       LEFT JOIN raw_file f ON f.tenant_id = m.tenant_id AND f.sha256 = n.source_sha256
      WHERE p.tenant_id = $1 AND (p.payout_id = ANY($2::text[]) OR p.merged_into = ANY($2::text[]))
      ORDER BY t.value_on, m.match_id`,
    [tenantId, ids],
  );
}

function creditOf(row: CreditRow): CreditOfPayout {
  return {
    id: row.credit_id,
    matchId: row.match_id,
    layer: row.layer,
    amount: formatMinor(row.amount_minor, row.currency),
    currency: row.currency,
    charges: formatMinor(row.charge_minor, row.charge_currency),
    released: formatMinor(row.released_minor - row.undone_released_minor, row.currency),
    returned: formatMinor(row.undone_minor, row.currency),
    account: row.account_number,
    payer: row.payer,
    valueOn: row.value_on,
    storedAt: row.stored_at,
    recordedAt: row.recorded_at,
    matchedAt: row.matched_at,
    releasedAt: row.released_at,
    confirmed: row.confirmed,
    file: row.name,
    sha256: row.source_sha256,
    line: row.source_line,
  };
}

/** Payouts that the files speak of: through statements, announcements or the credits that pay them. */
export async function payoutsOfFiles(
  tx: Tx,
  tenantId: string,
  sha256s: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.query<{ payout_id: string }>(
    `SELECT c.payout_id FROM statement s
       JOIN statement c ON c.tenant_id = s.tenant_id AND c.marketplace = s.marketplace
        AND c.settlement_id = s.settlement_id AND c.is_current
      WHERE s.tenant_id = $1 AND s.source_sha256 = ANY($2::text[]) AND c.payout_id IS NOT NULL
     UNION
     SELECT payout_id FROM payout_announcement WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[])
     UNION
     SELECT m.payout_id FROM bank_notice n
       JOIN match m ON m.tenant_id = n.tenant_id AND m.credit_id = n.transaction_id
      WHERE n.tenant_id = $1 AND n.source_sha256 = ANY($2::text[])`,
    [tenantId, sha256s],
  );
  return rows.map((row) => row.payout_id);
}

/** Ids of payouts, newest first, a page at a time. */
export async function listPayoutIds(
  tx: Tx,
  tenantId: string,
  filter: { sellerId: string | null; state: string | null; limit: number },
): Promise<readonly string[]> {
  const rows = await tx.query<{ payout_id: string }>(
    `SELECT payout_id FROM payout
      WHERE tenant_id = $1 AND merged_into IS NULL AND ($2::text IS NULL OR seller_id = $2)
        AND ($3::text IS NULL OR state = $3)
      ORDER BY coalesce(initiated_at, period_end_at, recorded_at) DESC, payout_id LIMIT $4`,
    [tenantId, filter.sellerId, filter.state, filter.limit],
  );
  return rows.map((row) => row.payout_id);
}

/** The payout with this id, or the one payout with this marketplace reference. */
export async function findPayout(
  tx: Tx,
  tenantId: string,
  idOrReference: string,
): Promise<readonly string[]> {
  const rows = await tx.query<{ payout_id: string }>(
    `SELECT DISTINCT coalesce(merged_into, payout_id) AS payout_id FROM payout
      WHERE tenant_id = $1 AND (payout_id = $2 OR reference = $2) ORDER BY 1`,
    [tenantId, idOrReference],
  );
  return rows.map((row) => row.payout_id);
}
