// What the metrics show of the books and the queues, read from the database when somebody asks: sums and ages, nothing
// that names a seller or an account.

import { currencyOf } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { msOf } from "../time/instant.ts";

export type Queue = {
  readonly count: number;
  /** When the oldest came; null when it is empty. */
  readonly since: Instant | null;
};

export type ChannelGauges = {
  /** Money in by currency that no payout explains yet, in units of the currency. */
  readonly unmatched: ReadonlyMap<string, number>;
  /** Money by currency that is on hold, in units of the currency. */
  readonly held: ReadonlyMap<string, number>;
  readonly openHolds: Queue;
  /** Files that are stored and not settled. */
  readonly stored: Queue;
  /** Jobs that are due and that nobody runs. */
  readonly overdueJobs: Queue;
};

type QueueRow = { count: bigint; since: Instant | null };
type SumRow = { currency: string; minor: string };

export async function readChannelGauges(
  tx: Tx,
  tenantId: string,
  now: Instant,
): Promise<ChannelGauges> {
  const unmatched = await tx.query<SumRow>(
    `SELECT currency, sum(open_minor)::text AS minor FROM bank_transaction
      WHERE tenant_id = $1 AND is_open AND direction = 'credit' AND state = 'booked' AND role = 'incoming'
      GROUP BY currency`,
    [tenantId],
  );
  // Several holds may name the same money of a payout: it is held once.
  const held = await tx.query<SumRow>(
    `SELECT currency, sum(minor)::text AS minor FROM (
       SELECT payout_id, currency, max(amount_minor) AS minor FROM hold
        WHERE tenant_id = $1 AND closed_at IS NULL GROUP BY payout_id, currency) AS h
      GROUP BY currency`,
    [tenantId],
  );
  const queue = async (sql: string, values: readonly unknown[]): Promise<Queue> => {
    const [row] = await tx.query<QueueRow>(sql, values);
    return { count: Number(row?.count ?? 0n), since: row?.since ?? null };
  };
  return {
    unmatched: unitsOf(unmatched),
    held: unitsOf(held),
    openHolds: await queue(
      `SELECT count(*) AS count, min(opened_at) AS since FROM hold
        WHERE tenant_id = $1 AND closed_at IS NULL`,
      [tenantId],
    ),
    stored: await queue(
      `SELECT count(*) AS count, min(stored_at) AS since FROM raw_file
        WHERE tenant_id = $1 AND state = 'stored'`,
      [tenantId],
    ),
    overdueJobs: await queue(
      `SELECT count(*) AS count, min(due_at) AS since FROM job
        WHERE tenant_id = $1 AND due_at <= $2 AND lease_until <= $2`,
      [tenantId, now],
    ),
  };
}

/** A gauge is a float: for a look at how much, never for books. */
function unitsOf(rows: readonly SumRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap(({ currency: code, minor }) => {
      const currency = currencyOf(code);
      return currency === null ? [] : [[code, Number(formatMinor(BigInt(minor), currency))]];
    }),
  );
}

/** Minute clocks of money that became available in a part of the feed. */
export type MinuteClocks = { readonly clocksMs: readonly number[]; readonly throughSeq: bigint };

/** Events looked through at once. */
const FEED_PAGE = 5_000n;

/** The place of the feed's last event: where the watch of the minute clock begins. */
export async function feedEnd(tx: Tx, tenantId: string): Promise<bigint> {
  const [row] = await tx.query<{ next_seq: bigint }>(
    "SELECT next_seq FROM event_feed WHERE tenant_id = $1",
    [tenantId],
  );
  return (row?.next_seq ?? 1n) - 1n;
}

/**
 * From the stored notice to the available money, for each credit that a payout was released by after this place of the
 * feed. The feed has no gaps, so none is missed and none comes twice.
 */
export async function readMinuteClocks(
  tx: Tx,
  tenantId: string,
  afterSeq: bigint,
): Promise<MinuteClocks> {
  const end = await feedEnd(tx, tenantId);
  const throughSeq = end > afterSeq + FEED_PAGE ? afterSeq + FEED_PAGE : end;
  if (throughSeq <= afterSeq) return { clocksMs: [], throughSeq: afterSeq };
  const rows = await tx.query<{ at: Instant; stored_at: Instant }>(
    `SELECT e.at, t.stored_at FROM timeline_event e
       JOIN bank_transaction t ON t.tenant_id = e.tenant_id AND t.transaction_id = e.subject
      WHERE e.tenant_id = $1 AND e.seq > $2 AND e.seq <= $3 AND e.kind = 'payout-released'
        AND t.stored_at IS NOT NULL`,
    [tenantId, afterSeq, throughSeq],
  );
  return {
    clocksMs: rows.map(({ at, stored_at }) => Math.max(0, msOf(at) - msOf(stored_at))),
    throughSeq,
  };
}
