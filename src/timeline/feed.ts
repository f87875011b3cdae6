// The timeline read as one feed: every event of the tenant in the order of its place, without gaps. Events are added
// under a lock that is held until the commit, so what a page shows is final: nothing appears before its end later.

import type { Tx } from "../storage/database.ts";
import { EVENT_COLUMNS, type EventRow, eventOf } from "./event-row.ts";
import { subjectOwnerSql } from "./subject-owner.ts";
import type { RecordedEvent } from "./timeline.ts";

/** An event with the seller whose it is; null where it is nobody's (yet). */
export type FeedEvent = RecordedEvent & { readonly sellerId: string | null };

export type FeedQuery = {
  /** Events after this place; 0 from the beginning. */
  readonly afterSeq: bigint;
  /** Events at most. */
  readonly limit: number;
  /** Events up to this place, itself included; absent: to the end. */
  readonly throughSeq?: bigint;
  /** Events about these objects only; absent: about all. */
  readonly subjects?: readonly string[];
  /** Events about this seller's objects only; absent or null: everybody's, for those who may see them. */
  readonly sellerId?: string | null;
};

export type FeedPage = {
  readonly events: readonly FeedEvent[];
  /**
   * The place to which the feed was looked through: the next page begins after it. It may lie beyond the last event
   * of the page, and moves even where a page is empty, when what was looked through is about others.
   */
  readonly throughSeq: bigint;
  /** True when there may be more to read now. */
  readonly hasMore: boolean;
};

/** Events that are looked through for one page of a seller at most: a bound on what one question costs. */
export const SCANNED_MAX = 5_000;

/** Events in the order of their places, the oldest first. */
export async function readFeed(tx: Tx, tenantId: string, query: FeedQuery): Promise<FeedPage> {
  const { afterSeq, limit } = query;
  const through = await lastOf(tx, tenantId, query.throughSeq);
  if (through <= afterSeq) return { events: [], throughSeq: afterSeq, hasMore: false };
  if (query.subjects !== undefined) return readSubjects(tx, tenantId, query, through);
  const isFiltered = query.sellerId !== undefined && query.sellerId !== null;
  const end = isFiltered ? least(through, afterSeq + BigInt(SCANNED_MAX)) : through;
  const rows = await tx.query<FeedRow>(
    `SELECT * FROM (SELECT ${EVENT_COLUMNS}, ${subjectOwnerSql("e.tenant_id", "e.subject")} AS seller_id
                      FROM timeline_event AS e WHERE e.tenant_id = $1 AND e.seq > $2 AND e.seq <= $3) AS f
      WHERE $4::text IS NULL OR f.seller_id = $4 ORDER BY f.seq LIMIT $5`,
    [tenantId, afterSeq, end, query.sellerId ?? null, limit],
  );
  return pageOf(rows, limit, end, through);
}

/** Some objects' events, found by the objects: there are few of them, wherever they stand in the feed. */
async function readSubjects(
  tx: Tx,
  tenantId: string,
  { afterSeq, limit, subjects, sellerId }: FeedQuery,
  through: bigint,
): Promise<FeedPage> {
  const rows = await tx.query<FeedRow>(
    `SELECT * FROM (SELECT ${EVENT_COLUMNS}, ${subjectOwnerSql("e.tenant_id", "e.subject")} AS seller_id
                      FROM timeline_event AS e
                     WHERE e.tenant_id = $1 AND e.subject = ANY($6::text[]) AND e.seq > $2 AND e.seq <= $3) AS f
      WHERE $4::text IS NULL OR f.seller_id = $4 ORDER BY f.seq LIMIT $5`,
    [tenantId, afterSeq, through, sellerId ?? null, limit, subjects ?? []],
  );
  return pageOf(rows, limit, through, through);
}

type FeedRow = EventRow & { readonly seller_id: string | null };

function pageOf(rows: readonly FeedRow[], limit: number, end: bigint, last: bigint): FeedPage {
  const events = rows.map((row) => ({ ...eventOf(row), sellerId: row.seller_id }));
  const isFull = events.length >= limit;
  const throughSeq = isFull ? (events.at(-1)?.seq ?? end) : end;
  return { events, throughSeq, hasMore: throughSeq < last };
}

/** The place of the last event on record; 0 before the first. */
export async function lastSeq(tx: Tx, tenantId: string): Promise<bigint> {
  const [feed] = await tx.query<{ next_seq: bigint }>(
    "SELECT next_seq FROM event_feed WHERE tenant_id = $1",
    [tenantId],
    { name: "last-seq" },
  );
  return (feed?.next_seq ?? 1n) - 1n;
}

async function lastOf(tx: Tx, tenantId: string, throughSeq: bigint | undefined): Promise<bigint> {
  const last = await lastSeq(tx, tenantId);
  return throughSeq === undefined ? last : least(last, throughSeq);
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
