// Writes events with their places in the feed. Places are given in the order of commits and without gaps: the writing
// transaction holds the tenant's row of `event_feed` until it commits, and an event on record already takes none.

import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { arrayParameters, columnArrays } from "../storage/insert-rows.ts";
import type { TimelineEvent } from "./timeline.ts";

const COLUMNS = {
  subject: "text",
  event_id: "text",
  kind: "text",
  at: "timestamptz",
  data: "jsonb",
  source_sha256: "text",
  source_line: "integer",
  actor: "text",
} as const;
const NAMES = Object.keys(COLUMNS).join(", ");

const LOCK = "SELECT next_seq FROM event_feed WHERE tenant_id = $1 FOR UPDATE";

/**
 * What is known is found by scalar sub-selects, one key look-up for each row: a join would let the planner read the
 * whole table where it has no statistics yet.
 */
const RECORD = `
  WITH fresh AS (
    SELECT g.*, row_number() OVER (ORDER BY place) AS nth,
           row_number() OVER (PARTITION BY subject ORDER BY place) AS nth_of_subject
      FROM unnest(${arrayParameters(COLUMNS, 3)}) WITH ORDINALITY AS g(${NAMES}, place)
     WHERE (SELECT true FROM timeline_event AS e
             WHERE e.tenant_id = $1 AND e.subject = g.subject AND e.event_id = g.event_id) IS NULL
  ), recorded AS (
    INSERT INTO timeline_event (tenant_id, ${NAMES}, seq, subject_seq)
    SELECT $1, ${NAMES}, $2::bigint + nth - 1,
           nth_of_subject + coalesce((SELECT max(e.subject_seq) FROM timeline_event AS e
                                       WHERE e.tenant_id = $1 AND e.subject = fresh.subject), 0)
      FROM fresh
    RETURNING 1
  )
  UPDATE event_feed SET next_seq = next_seq + (SELECT count(*) FROM recorded) WHERE tenant_id = $1`;

/** Records those of the events that are not on record yet, in two statements whatever their number. */
export async function recordEvents(
  tx: Tx,
  tenantId: string,
  events: readonly TimelineEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = new Map<string, readonly unknown[]>();
  for (const event of events) {
    const eventId = eventIdOf(event);
    if (!rows.has(eventId)) rows.set(eventId, rowOf(event, eventId));
  }
  const nextSeq = await lockFeed(tx, tenantId);
  // A statement of its own, begun after the lock is held: it sees all that was committed under the lock before.
  await tx.query(RECORD, [tenantId, nextSeq, ...columnArrays(COLUMNS, [...rows.values()])], {
    name: "record-events",
  });
}

/** Takes the tenant's feed until the transaction ends; returns the place of the next event. */
async function lockFeed(tx: Tx, tenantId: string): Promise<bigint> {
  const lock = () => tx.query<{ next_seq: bigint }>(LOCK, [tenantId], { name: "lock-feed" });
  const [feed] = await lock();
  if (feed !== undefined) return feed.next_seq;
  await tx.query(
    "INSERT INTO event_feed (tenant_id, next_seq) VALUES ($1, 1) ON CONFLICT DO NOTHING",
    [tenantId],
  );
  const [made] = await lock();
  return made?.next_seq ?? 1n;
}

/**
 * What happened makes the id, so that a repeated step tells it once. An act of somebody may be repeated in the same
 * words: its moment, or the occasion that it names, tells it apart.
 */
function eventIdOf(event: TimelineEvent): string {
  const occasion = event.occasion ?? (event.actor === undefined ? null : event.at);
  return objectId(
    "ev",
    event.subject,
    event.kind,
    JSON.stringify(event.data),
    event.source?.sha256 ?? null,
    event.source?.line ?? null,
    ...(occasion === null ? [] : [event.actor ?? null, occasion]),
  );
}

function rowOf(event: TimelineEvent, eventId: string): readonly unknown[] {
  return [
    event.subject,
    eventId,
    event.kind,
    event.at,
    event.data,
    event.source?.sha256 ?? null,
    event.source?.line ?? null,
    event.actor ?? null,
  ];
}
