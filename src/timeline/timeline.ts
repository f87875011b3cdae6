// The append-only story of each object. An event's id is derived from what happened, so a step that is
// repeated after a crash tells the story once.

import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";

/** Where a figure was read: a raw file and a line in it. */
export type Source = { readonly sha256: string; readonly line: number };

export type TimelineEvent = {
  /** The object the event is about: a payout, a credit, a statement, a file, a seller. */
  readonly subject: string;
  readonly kind: string;
  readonly at: Instant;
  /** Facts for the reader, amounts as exact decimal texts. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly source: Source | null;
  /** Who did it: a user or an API key; absent when the channel did it by itself. */
  readonly actor?: string;
};

/** Events of a step that writes them together at its end. */
const gathered = new WeakMap<Tx, TimelineEvent[]>();

/** Runs `work`; what it appends through `tx` is written in one statement when it is done. */
export async function gatherEvents<Value>(
  tx: Tx,
  tenantId: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const events: TimelineEvent[] = [];
  gathered.set(tx, events);
  try {
    const value = await work();
    await insertEvents(tx, tenantId, events);
    return value;
  } finally {
    gathered.delete(tx);
  }
}

export async function appendEvents(
  tx: Tx,
  tenantId: string,
  events: readonly TimelineEvent[],
): Promise<void> {
  const gathering = gathered.get(tx);
  if (gathering === undefined) await insertEvents(tx, tenantId, events);
  else for (const event of events) gathering.push(event);
}

async function insertEvents(
  tx: Tx,
  tenantId: string,
  events: readonly TimelineEvent[],
): Promise<void> {
  await insertRows(
    tx,
    "timeline_event",
    {
      tenant_id: "text",
      subject: "text",
      event_id: "text",
      kind: "text",
      at: "timestamptz",
      data: "jsonb",
      source_sha256: "text",
      source_line: "integer",
    },
    events.map((event) => [
      tenantId,
      event.subject,
      objectId(
        "ev",
        event.subject,
        event.kind,
        JSON.stringify(event.data),
        event.source?.sha256 ?? null,
        event.source?.line ?? null,
      ),
      event.kind,
      event.at,
      event.data,
      event.source?.sha256 ?? null,
      event.source?.line ?? null,
    ]),
  );
}

/** The story of the subjects in order of time; ties in the order of the event's own id. */
export async function readTimeline(
  tx: Tx,
  tenantId: string,
  subjects: readonly string[],
): Promise<readonly TimelineEvent[]> {
  const rows = await tx.query<{
    subject: string;
    kind: string;
    at: Instant;
    data: Record<string, unknown>;
    source_sha256: string | null;
    source_line: number | null;
  }>(
    `SELECT subject, kind, at, data, source_sha256, source_line FROM timeline_event
      WHERE tenant_id = $1 AND subject = ANY($2::text[]) ORDER BY at, event_id`,
    [tenantId, subjects],
  );
  return rows.map((row) => ({
    subject: row.subject,
    kind: row.kind,
    at: row.at,
    data: row.data,
    source:
      row.source_sha256 === null ? null : { sha256: row.source_sha256, line: row.source_line ?? 0 },
  }));
}
