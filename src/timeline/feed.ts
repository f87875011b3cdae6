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
  /** Leaves out sign-ins and changes of power (`isAccessSubject`), for those who do not audit. */
  readonly withoutAccess?: boolean;
};

/** How the ids of those who act begin. */
const ACCESS_PREFIXES: readonly string[] = ["user_", "key_", "ses_"];
/** What refused sign-ins of nobody known are about. */
const ACCESS_NOBODY = "sign-in";

/** True for who may act, and for who tried: shown to those who may audit, and to nobody else. */
export function isAccessSubject(subject: string): boolean {
  return subject === ACCESS_NOBODY || ACCESS_PREFIXES.some((prefix) => subject.startsWith(prefix));
}

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
  const { afterSeq, limit, subjects, withoutAccess = false } = query;
  const sellerId = query.sellerId ?? null;
  const last = await lastSeq(tx, tenantId);
  const through = query.throughSeq === undefined ? last : least(last, query.throughSeq);
  if (through <= afterSeq) return { events: [], throughSeq: afterSeq, hasMore: false };
  // Some objects' events are found by the objects, wherever they stand; a filtered feed is looked through in stretches.
  const isStretch = subjects === undefined && (sellerId !== null || withoutAccess);
  const end = isStretch ? least(through, afterSeq + BigInt(SCANNED_MAX)) : through;
  const values: unknown[] = [tenantId, afterSeq, end, limit];
  const conditions = ["e.tenant_id = $1 AND e.seq > $2 AND e.seq <= $3"];
  if (subjects !== undefined) {
    values.push(subjects);
    conditions.push(`e.subject = ANY($${values.length}::text[])`);
  }
  for (const prefix of withoutAccess ? ACCESS_PREFIXES : []) {
    values.push(prefix);
    conditions.push(`NOT starts_with(e.subject, $${values.length})`);
  }
  if (withoutAccess) conditions.push(`e.subject <> '${ACCESS_NOBODY}'`);
  values.push(sellerId);
  const rows = await tx.query<FeedRow>(
    `SELECT * FROM (SELECT ${EVENT_COLUMNS}, ${subjectOwnerSql("e.tenant_id", "e.subject")} AS seller_id
                      FROM timeline_event AS e WHERE ${conditions.join(" AND ")}) AS f
      WHERE $${values.length}::text IS NULL OR f.seller_id = $${values.length} ORDER BY f.seq LIMIT $4`,
    values,
  );
  return pageOf(rows, limit, end, through);
}

/** The events at these places, for those who may see everything, in the order of their places. */
export async function readEvents(
  tx: Tx,
  tenantId: string,
  seqs: readonly bigint[],
): Promise<readonly FeedEvent[]> {
  const rows = await tx.query<FeedRow>(
    `SELECT ${EVENT_COLUMNS}, ${subjectOwnerSql("e.tenant_id", "e.subject")} AS seller_id
       FROM timeline_event AS e WHERE e.tenant_id = $1 AND e.seq = ANY($2::bigint[]) ORDER BY e.seq`,
    [tenantId, seqs],
  );
  return rows.map(feedEventOf);
}

type FeedRow = EventRow & { readonly seller_id: string | null };

function feedEventOf(row: FeedRow): FeedEvent {
  return { ...eventOf(row), sellerId: row.seller_id };
}

function pageOf(rows: readonly FeedRow[], limit: number, end: bigint, last: bigint): FeedPage {
  const events = rows.map(feedEventOf);
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

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
