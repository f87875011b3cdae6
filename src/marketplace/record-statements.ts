// Puts statement readings on record: a quarantined one gives way to a proven re-issue, a proven one is never
// replaced, a second reading of a proven settlement confirms it or differs from it. Proven statements of a
// known seller are posted in the same transaction.

import type { LedgerStep } from "../books/journal.ts";
import { mustPostToBooks } from "../books/journal.ts";
import { objectId } from "../ids/object-id.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import type { StatementGroup, StatementReading } from "./statement.ts";
import { type StatementToPost, statementPosting } from "./statement-entries.ts";

export type StatementState =
  | "quarantined"
  | "awaiting-seller"
  | "posted"
  | "replaced"
  | "confirming"
  | "differing";

/** A statement reading and where it comes from. */
export type StatementArrival = {
  readonly reading: StatementReading;
  readonly sha256: string;
  readonly sellerId: string | null;
};

type Known = {
  statement_id: string;
  marketplace: string;
  settlement_id: string;
  seller_id: string | null;
  verdict: "proven" | "quarantined";
  summed_minor: bigint;
  currency: string | null;
  line_count: bigint;
  source_sha256: string;
};

export function statementId(arrival: StatementArrival): string {
  const { marketplace, settlementId, firstLine } = arrival.reading;
  return objectId("st", marketplace, settlementId, arrival.sha256, firstLine);
}

type Decision = { state: StatementState; isCurrent: boolean; replaces: string | null };

/**
 * What becomes of a reading, given the current one of the same settlement. A quarantined reading gives way to a
 * proven one, and among quarantined ones the one with more lines stands (ties: the smaller hash), whichever came
 * first.
 */
export function decideStatement(
  current: Pick<
    Known,
    "statement_id" | "verdict" | "summed_minor" | "currency" | "line_count" | "source_sha256"
  > | null,
  arrival: StatementArrival,
): Decision {
  const { reading } = arrival;
  const standing: StatementState =
    reading.verdict === "quarantined"
      ? "quarantined"
      : arrival.sellerId === null
        ? "awaiting-seller"
        : "posted";
  if (current === null) return { state: standing, isCurrent: true, replaces: null };
  if (current.verdict === "proven" && reading.verdict === "proven") {
    const agrees =
      reading.summedTotalMinor === current.summed_minor && reading.currency === current.currency;
    return { state: agrees ? "confirming" : "differing", isCurrent: false, replaces: null };
  }
  if (current.verdict === "proven") return { state: "replaced", isCurrent: false, replaces: null };
  const isFuller =
    BigInt(reading.lineCount) > current.line_count ||
    (BigInt(reading.lineCount) === current.line_count && arrival.sha256 < current.source_sha256);
  if (reading.verdict === "proven" || isFuller) {
    return { state: standing, isCurrent: true, replaces: current.statement_id };
  }
  return { state: "replaced", isCurrent: false, replaces: null };
}

/** What became of a reading, and whose it is. */
export type StatementOutcome = {
  readonly statementId: string;
  readonly state: StatementState | "repeat";
  /** Whose the settlement is, said with this reading or with an earlier one. */
  readonly sellerId: string | null;
};

/**
 * Records the readings in order and posts those that are proven and have a seller. A reading that nobody claims is
 * the seller's whose settlement it is. Repeats change nothing. Returns what became of each.
 */
export async function recordStatements(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  arrivals: readonly StatementArrival[],
  now: Instant,
): Promise<readonly StatementOutcome[]> {
  if (arrivals.length === 0) return [];
  const known = await loadKnown(tx, tenantId, arrivals);
  const outcomes: StatementOutcome[] = [];
  const rows: unknown[][] = [];
  const replaced: string[] = [];
  const posts: StatementToPost[] = [];
  const events: TimelineEvent[] = [];
  for (const arrived of arrivals) {
    const id = statementId(arrived);
    const key = `${arrived.reading.marketplace}\u001f${arrived.reading.settlementId}`;
    const current = known.current.get(key) ?? null;
    const sellerId = arrived.sellerId ?? current?.seller_id ?? null;
    const arrival = { ...arrived, sellerId };
    if (known.ids.has(id)) {
      outcomes.push({ statementId: id, state: "repeat", sellerId });
      continue;
    }
    const decision = decideStatement(current, arrival);
    if (decision.replaces !== null) replaced.push(decision.replaces);
    known.ids.add(id);
    if (decision.isCurrent) known.current.set(key, asKnown(id, arrival));
    rows.push(statementRow(tenantId, id, arrival, decision, now));
    events.push(statementEvent(id, arrival, decision, now));
    outcomes.push({ statementId: id, state: decision.state, sellerId });
    if (decision.state === "posted") posts.push(toPost(id, arrival, now));
  }
  await insertRows(tx, "statement", STATEMENT_COLUMNS, rows);
  await markReplaced(tx, tenantId, replaced);
  await postStatements(ledger, posts);
  await appendEvents(tx, tenantId, events);
  return outcomes;
}

export async function postStatements(
  ledger: LedgerStep,
  statements: readonly StatementToPost[],
): Promise<void> {
  const drafts = statements.map(statementPosting).filter((draft) => draft !== null);
  await mustPostToBooks(
    ledger,
    drafts.flatMap((draft) => draft.lines),
    drafts.map((draft) => draft.posting),
  );
}

const STATEMENT_COLUMNS = {
  tenant_id: "text",
  statement_id: "text",
  marketplace: "text",
  settlement_id: "text",
  seller_id: "text",
  format: "text",
  marketplace_names: "jsonb",
  currency: "text",
  period_start_at: "timestamptz",
  period_end_at: "timestamptz",
  line_count: "bigint",
  declared_minor: "bigint",
  summed_minor: "bigint",
  verdict: "text",
  reasons: "jsonb",
  groups: "jsonb",
  source_sha256: "text",
  first_line: "integer",
  last_line: "integer",
  recorded_at: "timestamptz",
  is_current: "boolean",
  state: "text",
  has_unknown: "boolean",
  taken_back_minor: "bigint",
} as const;

function statementRow(
  tenantId: string,
  id: string,
  arrival: StatementArrival,
  decision: Decision,
  now: Instant,
): unknown[] {
  const { reading } = arrival;
  return [
    tenantId,
    id,
    reading.marketplace,
    reading.settlementId,
    arrival.sellerId,
    reading.format,
    reading.marketplaceNames,
    reading.currency,
    reading.periodStartAt,
    reading.periodEndAt,
    reading.lineCount,
    reading.declaredTotalMinor,
    reading.summedTotalMinor,
    reading.verdict,
    reading.reasons,
    reading.groups,
    arrival.sha256,
    reading.firstLine,
    reading.lastLine,
    now,
    decision.isCurrent,
    decision.state,
    reading.groups.some((group) => !group.known),
    reading.groups
      .filter((group) => group.class === "failed-transfer")
      .reduce((sum, group) => sum + group.totalMinor, 0n),
  ];
}

async function loadKnown(tx: Tx, tenantId: string, arrivals: readonly StatementArrival[]) {
  const rows = await tx.query<Known & { is_current: boolean }>(
    `SELECT s.statement_id, s.marketplace, s.settlement_id, s.seller_id, s.verdict, s.summed_minor, s.currency,
            s.line_count, s.source_sha256, s.is_current
       FROM statement s
      WHERE s.tenant_id = $1 AND s.marketplace = ANY($2::text[]) AND s.settlement_id = ANY($3::text[])`,
    [
      tenantId,
      [...new Set(arrivals.map((arrival) => arrival.reading.marketplace))],
      [...new Set(arrivals.map((arrival) => arrival.reading.settlementId))],
    ],
  );
  const current = new Map<string, Known>();
  for (const row of rows) {
    if (row.is_current) current.set(`${row.marketplace}\u001f${row.settlement_id}`, row);
  }
  return { ids: new Set(rows.map((row) => row.statement_id)), current };
}

function asKnown(id: string, arrival: StatementArrival): Known {
  const { reading } = arrival;
  return {
    statement_id: id,
    marketplace: reading.marketplace,
    settlement_id: reading.settlementId,
    seller_id: arrival.sellerId,
    verdict: reading.verdict,
    summed_minor: reading.summedTotalMinor,
    currency: reading.currency,
    line_count: BigInt(reading.lineCount),
    source_sha256: arrival.sha256,
  };
}

function toPost(id: string, arrival: StatementArrival, now: Instant): StatementToPost {
  const { reading } = arrival;
  return {
    statementId: id,
    marketplace: reading.marketplace,
    settlementId: reading.settlementId,
    sellerId: arrival.sellerId as string,
    currency: reading.currency as Currency,
    groups: reading.groups,
    totalMinor: reading.summedTotalMinor,
    effectiveOn: effectiveOn(reading.periodEndAt, now),
  };
}

function effectiveOn(periodEndAt: Instant | null, now: Instant): CivilDate {
  return (periodEndAt ?? now).slice(0, 10) as CivilDate;
}

async function markReplaced(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `UPDATE statement SET is_current = false, state = 'replaced'
      WHERE tenant_id = $1 AND statement_id = ANY($2::text[])`,
    [tenantId, ids],
  );
}

function statementEvent(
  id: string,
  arrival: StatementArrival,
  decision: Decision,
  now: Instant,
): TimelineEvent {
  const { reading } = arrival;
  const currency = reading.currency;
  return {
    subject: id,
    kind: `statement-${decision.state}`,
    at: now,
    data: {
      settlementId: reading.settlementId,
      currency,
      total: currency === null ? null : formatMinor(reading.summedTotalMinor, currency),
      lineCount: reading.lineCount,
      replaces: decision.replaces,
    },
    source: { sha256: arrival.sha256, line: reading.firstLine },
  };
}

/** Files with other readings of the same settlements that nobody has claimed yet. */
export async function unclaimedReadings(
  tx: Tx,
  tenantId: string,
  statementIds: readonly string[],
): Promise<readonly { readonly sha256: string; readonly sellerId: string }[]> {
  return tx.query<{ sha256: string; sellerId: string }>(
    `SELECT DISTINCT o.source_sha256 AS sha256, n.seller_id AS "sellerId" FROM statement n
       JOIN statement o ON o.tenant_id = n.tenant_id AND o.marketplace = n.marketplace
        AND o.settlement_id = n.settlement_id AND o.seller_id IS NULL
      WHERE n.tenant_id = $1 AND n.statement_id = ANY($2::text[]) AND n.seller_id IS NOT NULL
      ORDER BY 1, 2`,
    [tenantId, statementIds],
  );
}

/** Statements that waited for a seller now have one: they are posted. Returns how many. */
export async function assignStatements(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  sha256s: readonly string[],
  sellerId: string,
  now: Instant,
): Promise<number> {
  const rows = await tx.query<{
    statement_id: string;
    marketplace: string;
    settlement_id: string;
    currency: Currency;
    groups: readonly (Omit<StatementGroup, "totalMinor"> & { totalMinor: string })[];
    summed_minor: bigint;
    period_end_at: Instant | null;
    state: StatementState;
  }>(
    `UPDATE statement SET seller_id = $3, state = CASE WHEN state = 'awaiting-seller' THEN 'posted' ELSE state END
      WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[]) AND seller_id IS NULL
      RETURNING statement_id, marketplace, settlement_id, currency, groups, summed_minor, period_end_at, state`,
    [tenantId, sha256s, sellerId],
  );
  await postStatements(
    ledger,
    rows
      .filter((row) => row.state === "posted")
      .map((row) => ({
        statementId: row.statement_id,
        marketplace: row.marketplace,
        settlementId: row.settlement_id,
        sellerId,
        currency: row.currency,
        groups: row.groups.map((group) => ({ ...group, totalMinor: BigInt(group.totalMinor) })),
        totalMinor: row.summed_minor,
        effectiveOn: effectiveOn(row.period_end_at, now),
      })),
  );
  return rows.length;
}
