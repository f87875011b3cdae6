// The append-only story of each object, and of the tenant as one feed. An event's id is derived from what happened, so
// a step that is repeated after a crash tells the story once.

import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { EVENT_COLUMNS, type EventRow, eventOf } from "./event-row.ts";
import { recordEvents } from "./record-events.ts";

/** Where a figure was read: a raw file and a line in it. */
export type Source = { readonly sha256: string; readonly line: number };

export type TimelineEvent = {
  /** The object the event is about: a payout, a credit, a statement, a file, a seller, a user. */
  readonly subject: string;
  readonly kind: string;
  readonly at: Instant;
  /** Facts for the reader, amounts as exact decimal texts. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly source: Source | null;
  /** Who did it: a user or an API key; absent when the channel did it by itself. */
  readonly actor?: string;
  /**
   * What tells the event apart from an equal one: a hold that is opened a second time, a third wrong password. Absent:
   * what somebody does is told apart by its moment, and what the channel finds is told once.
   */
  readonly occasion?: string;
};

/** An event on record, with its places: both from 1, without gaps, in the order in which they were committed. */
export type RecordedEvent = Omit<TimelineEvent, "occasion"> & {
  /** Its place among all events of the tenant. */
  readonly seq: bigint;
  /** Its place in the story of its object. */
  readonly subjectSeq: bigint;
};

/** Events of a step that writes them together at its end. */
const gathered = new WeakMap<Tx, TimelineEvent[]>();

/**
 * Runs `work`; what it appends through `tx` is written in two statements when it is done, so that the feed is held
 * only from there to the commit.
 */
export async function gatherEvents<Value>(
  tx: Tx,
  tenantId: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const events: TimelineEvent[] = [];
  gathered.set(tx, events);
  try {
    const value = await work();
    await recordEvents(tx, tenantId, events);
    return value;
  } finally {
    gathered.delete(tx);
  }
}

/**
 * Adds events to the feed. Outside of `gatherEvents` the tenant's feed is held from here to the end of the
 * transaction: append last, or other writers wait for the rest of it.
 */
export async function appendEvents(
  tx: Tx,
  tenantId: string,
  events: readonly TimelineEvent[],
): Promise<void> {
  const gathering = gathered.get(tx);
  if (gathering === undefined) await recordEvents(tx, tenantId, events);
  else for (const event of events) gathering.push(event);
}

/** The story of the subjects in order of time; ties in the order in which they were recorded. */
export async function readTimeline(
  tx: Tx,
  tenantId: string,
  subjects: readonly string[],
): Promise<readonly RecordedEvent[]> {
  const rows = await tx.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM timeline_event AS e
      WHERE e.tenant_id = $1 AND e.subject = ANY($2::text[]) ORDER BY e.at, e.seq`,
    [tenantId, subjects],
  );
  return rows.map(eventOf);
}
