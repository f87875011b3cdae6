// A row of `timeline_event` as an event.

import type { Instant } from "../time/instant.ts";
import type { RecordedEvent } from "./timeline.ts";

/** The columns of `EventRow`, of the table named `e`. */
export const EVENT_COLUMNS =
  "e.subject, e.kind, e.at, e.data, e.source_sha256, e.source_line, e.seq, e.subject_seq, e.actor";

export type EventRow = {
  readonly subject: string;
  readonly kind: string;
  readonly at: Instant;
  readonly data: Readonly<Record<string, unknown>>;
  readonly source_sha256: string | null;
  readonly source_line: number | null;
  readonly seq: bigint;
  readonly subject_seq: bigint;
  readonly actor: string | null;
};

export function eventOf(row: EventRow): RecordedEvent {
  return {
    subject: row.subject,
    kind: row.kind,
    at: row.at,
    data: row.data,
    source:
      row.source_sha256 === null ? null : { sha256: row.source_sha256, line: row.source_line ?? 0 },
    ...(row.actor === null ? {} : { actor: row.actor }),
    seq: row.seq,
    subjectSeq: row.subject_seq,
  };
}
