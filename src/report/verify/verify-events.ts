// The feed of events: every place taken once, in the tenant and in each object's story, and the next place right behind
// the last. An event that somebody took out leaves a hole, and one that was put in has no place.

import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "events";

export async function verifyEvents(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  const [feed] = await tx.query<{ count: bigint; last: bigint; next_seq: bigint | null }>(
    `SELECT count(*) AS count, coalesce(max(seq), 0) AS last,
            (SELECT next_seq FROM event_feed WHERE tenant_id = $1) AS next_seq
       FROM timeline_event WHERE tenant_id = $1`,
    [scope.tenantId],
  );
  const { count = 0n, last = 0n, next_seq: next = null } = feed ?? {};
  findings.compared(CHECK, "events", Number(count));
  if ((next ?? 1n) !== last + 1n) {
    const values = { expected: String(last + 1n), found: next === null ? null : String(next) };
    findings.report(CHECK, "feed", "the next place does not follow from the last event", values);
  }
  await verifyPlaces(context);
  await verifyStories(context);
}

/** Places from 1, one after the other. */
async function verifyPlaces({ tx, scope, findings }: VerifyContext): Promise<void> {
  const holes = await tx.query<{ seq: bigint; expected: bigint }>(
    `SELECT seq, expected FROM
       (SELECT seq, coalesce(lag(seq) OVER (ORDER BY seq), 0) + 1 AS expected FROM timeline_event WHERE tenant_id = $1) AS e
      WHERE seq <> expected ORDER BY seq LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const { seq, expected } of holes) {
    const values = { expected: String(expected), found: String(seq) };
    findings.report(CHECK, `event evt_${seq}`, "events are missing before it", values);
  }
}

/** Each object's own places, in the order of the feed. */
async function verifyStories({ tx, scope, findings }: VerifyContext): Promise<void> {
  const wrong = await tx.query<{ seq: bigint; subject: string; found: bigint; expected: bigint }>(
    `SELECT seq, subject, subject_seq AS found, expected FROM
       (SELECT seq, subject, subject_seq, row_number() OVER (PARTITION BY subject ORDER BY seq) AS expected
          FROM timeline_event WHERE tenant_id = $1) AS e
      WHERE subject_seq <> expected ORDER BY seq LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const { seq, subject, found, expected } of wrong) {
    const values = { expected: String(expected), found: String(found) };
    findings.report(
      CHECK,
      `event evt_${seq}`,
      `it is not at its place in the story of ${subject}`,
      values,
    );
  }
}
