// Which deliveries are tried now, and what became of an attempt. Of each object's events only the first that waits may
// be tried, so that an endpoint gets them in the order of their sequence; different objects do not wait for each other.

import { objectId } from "../ids/object-id.ts";
import type { Database, Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import { loadEndpoint, type StoredEndpoint } from "./endpoint.ts";
import { eventIdOf } from "./event-body.ts";
import type { PostAnswer } from "./post-webhook.ts";
import { ATTEMPTS_MAX, DISABLE_AFTER_MS, pauseMs, retryWaitMs } from "./retry-schedule.ts";

/** An attempt that has not ended after this was interrupted: longer than any attempt takes. */
export const CLAIM_MS = 60_000;
/** HTTP 410: the endpoint says that it is gone for good. */
const GONE = 410;

export type Claimed = {
  readonly deliveryId: string;
  readonly seq: bigint;
  readonly eventType: string;
  /** Attempts that were made before this one. */
  readonly attemptCount: number;
};

export type Claim = {
  /** The endpoint as it stood when its deliveries were taken. */
  readonly endpoint: StoredEndpoint;
  readonly claimed: readonly Claimed[];
};

/** Endpoints that may be tried now and have something to be tried. */
export async function dueEndpoints(
  tx: Tx,
  tenantId: string,
  now: Instant,
): Promise<readonly string[]> {
  const rows = await tx.query<{ endpoint_id: string }>(
    `SELECT e.endpoint_id FROM webhook_endpoint AS e
      WHERE e.tenant_id = $1 AND e.state = 'enabled' AND (e.paused_until IS NULL OR e.paused_until <= $2)
        AND EXISTS (SELECT 1 FROM webhook_delivery AS d
                     WHERE d.tenant_id = $1 AND d.endpoint_id = e.endpoint_id AND d.state = 'pending'
                       AND d.next_attempt_at <= $2)
      ORDER BY e.endpoint_id`,
    [tenantId, now],
  );
  return rows.map((row) => row.endpoint_id);
}

/**
 * Takes what is due for an endpoint, so that no other process tries it meanwhile. The endpoint is held while it is
 * decided how much: an attempt that has failed by then counts.
 */
export async function claimDue(
  database: Database,
  tenantId: string,
  endpointId: string,
  now: Instant,
  freeLanes: (endpoint: StoredEndpoint) => number,
): Promise<Claim | null> {
  return database.transaction(async (tx) => {
    const endpoint = await loadEndpoint(tx, tenantId, endpointId, true);
    const most = endpoint === null ? 0 : freeLanes(endpoint);
    if (endpoint === null || most <= 0) return null;
    const rows = await tx.query<ClaimedRow>(
      // Materialized: a sub-select with a limit that is run again after rows were changed would take more.
      `WITH due AS MATERIALIZED (
         SELECT d.delivery_id FROM webhook_delivery AS d
          WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'pending' AND d.next_attempt_at <= $3
            AND NOT EXISTS (SELECT 1 FROM webhook_delivery AS p
                             WHERE p.tenant_id = $1 AND p.endpoint_id = $2 AND p.subject = d.subject
                               AND p.state = 'pending' AND p.seq < d.seq)
          ORDER BY d.next_attempt_at, d.seq LIMIT $5 FOR UPDATE)
       UPDATE webhook_delivery AS d SET next_attempt_at = $4 FROM due
        WHERE d.tenant_id = $1 AND d.delivery_id = due.delivery_id
       RETURNING d.delivery_id, d.seq, d.event_type, d.attempt_count`,
      [tenantId, endpointId, now, instantOfMs(msOf(now) + CLAIM_MS), most],
    );
    const claimed = rows.map((row) => ({
      deliveryId: row.delivery_id,
      seq: row.seq,
      eventType: row.event_type,
      attemptCount: row.attempt_count,
    }));
    return { endpoint, claimed };
  });
}

type ClaimedRow = {
  delivery_id: string;
  seq: bigint;
  event_type: string;
  attempt_count: number;
};

export type Attempt = {
  readonly startedAt: Instant;
  readonly durationMs: number;
  readonly answer: PostAnswer;
};

/** Why an answer does not count as delivered; null when it does: any 2xx. */
export function failureOf(answer: PostAnswer): string | null {
  if (answer.kind === "failed") return answer.code;
  if (answer.status >= 200 && answer.status < 300) return null;
  return answer.status >= 300 && answer.status < 400 ? "redirect" : "status";
}

/**
 * Records an attempt and what follows from it, in one transaction. An attempt that somebody else recorded meanwhile
 * (this process slept past its claim) changes nothing.
 */
export async function recordAttempt(
  database: Database,
  tenantId: string,
  endpointId: string,
  claimed: Claimed,
  attempt: Attempt,
  now: Instant,
): Promise<void> {
  await database.transaction(async (tx) => {
    const standing = await lockStanding(tx, tenantId, endpointId, claimed);
    if (standing === null) return;
    await insertAttempt(tx, tenantId, claimed, attempt);
    const failure = failureOf(attempt.answer);
    const events =
      failure === null
        ? await recordSuccess(tx, tenantId, endpointId, claimed, attempt, now)
        : await recordFailure(tx, tenantId, { ...standing, endpointId, claimed, attempt }, now);
    await appendEvents(tx, tenantId, events);
  });
}

type Standing = {
  readonly url: string;
  readonly isEnabled: boolean;
  readonly failureCount: number;
  readonly failingSince: Instant | null;
  readonly succeededAt: Instant | null;
  readonly firstAttemptAt: Instant | null;
};

/** The endpoint and the delivery, held until the end; null when the delivery is no longer this attempt's. */
async function lockStanding(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  claimed: Claimed,
): Promise<Standing | null> {
  const [endpoint] = await tx.query<{
    url: string;
    state: string;
    failure_count: number;
    failing_since: Instant | null;
    succeeded_at: Instant | null;
  }>(
    `SELECT url, state, failure_count, failing_since, succeeded_at FROM webhook_endpoint
      WHERE tenant_id = $1 AND endpoint_id = $2 FOR UPDATE`,
    [tenantId, endpointId],
  );
  const [delivery] = await tx.query<{ first_attempt_at: Instant | null }>(
    `SELECT first_attempt_at FROM webhook_delivery
      WHERE tenant_id = $1 AND delivery_id = $2 AND state = 'pending' AND attempt_count = $3 FOR UPDATE`,
    [tenantId, claimed.deliveryId, claimed.attemptCount],
  );
  if (endpoint === undefined || delivery === undefined) return null;
  return {
    url: endpoint.url,
    isEnabled: endpoint.state === "enabled",
    failureCount: endpoint.failure_count,
    failingSince: endpoint.failing_since,
    succeededAt: endpoint.succeeded_at,
    firstAttemptAt: delivery.first_attempt_at,
  };
}

async function insertAttempt(
  tx: Tx,
  tenantId: string,
  { deliveryId, attemptCount }: Claimed,
  { startedAt, durationMs, answer }: Attempt,
): Promise<void> {
  const answered = answer.kind === "answered" ? answer : null;
  await tx.query(
    `INSERT INTO webhook_attempt (tenant_id, delivery_id, attempt, started_at, duration_ms, status, failure_code,
       response_body, is_cut) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenantId,
      deliveryId,
      attemptCount + 1,
      startedAt,
      Math.max(0, Math.round(durationMs)),
      answered?.status ?? null,
      failureOf(answer),
      answered?.body ?? null,
      answered?.isCut ?? false,
    ],
  );
}

async function recordSuccess(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  { deliveryId }: Claimed,
  { startedAt }: Attempt,
  now: Instant,
): Promise<readonly TimelineEvent[]> {
  await tx.query(
    `UPDATE webhook_delivery SET state = 'delivered', ended_at = $3, attempt_count = attempt_count + 1,
            first_attempt_at = coalesce(first_attempt_at, $4)
      WHERE tenant_id = $1 AND delivery_id = $2`,
    [tenantId, deliveryId, now, startedAt],
  );
  await tx.query(
    `UPDATE webhook_endpoint SET failure_count = 0, failing_since = NULL, paused_until = NULL, succeeded_at = $3
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    [tenantId, endpointId, now],
  );
  return [];
}

type Failed = Standing & {
  readonly endpointId: string;
  readonly claimed: Claimed;
  readonly attempt: Attempt;
};

/**
 * What a failed attempt means. The delivery is tried again later; it is given up after its last attempt only if the
 * endpoint took something else since its first, because then it is this event that fails. An endpoint that is gone, or
 * took nothing for days, is disabled, and what waits for it goes on waiting.
 */
async function recordFailure(
  tx: Tx,
  tenantId: string,
  failed: Failed,
  now: Instant,
): Promise<readonly TimelineEvent[]> {
  const { endpointId, claimed, attempt, url } = failed;
  const { deliveryId } = claimed;
  const failures = claimed.attemptCount + 1;
  const firstAttemptAt = failed.firstAttemptAt ?? attempt.startedAt;
  const tookOthers = failed.succeededAt !== null && failed.succeededAt >= firstAttemptAt;
  const isGivenUp = failures >= ATTEMPTS_MAX && tookOthers;
  const answer = attempt.answer;
  const asked = answer.kind === "answered" ? answer.askedWaitMs : null;
  const waitMs = retryWaitMs(deliveryId, failures, asked);
  await tx.query(
    `UPDATE webhook_delivery SET state = $3, ended_at = $4, attempt_count = attempt_count + 1,
            first_attempt_at = $5, next_attempt_at = $6
      WHERE tenant_id = $1 AND delivery_id = $2`,
    [
      tenantId,
      deliveryId,
      isGivenUp ? "failed" : "pending",
      isGivenUp ? now : null,
      firstAttemptAt,
      instantOfMs(msOf(now) + waitMs),
    ],
  );
  const failingSince = failed.failingSince ?? attempt.startedAt;
  const isGone = answer.kind === "answered" && answer.status === GONE;
  const isFailing = msOf(now) - msOf(failingSince) >= DISABLE_AFTER_MS;
  const disabledCode = !failed.isEnabled ? null : isGone ? "gone" : isFailing ? "failing" : null;
  const failureCount = failed.failureCount + 1;
  const pause = pauseMs(endpointId, failureCount);
  await tx.query(
    `UPDATE webhook_endpoint SET failure_count = $3, failing_since = $4, paused_until = $5,
            state = CASE WHEN $6::text IS NULL THEN state ELSE 'disabled' END,
            disabled_code = coalesce($6, disabled_code), version = version + CASE WHEN $6::text IS NULL THEN 0 ELSE 1 END
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    [
      tenantId,
      endpointId,
      failureCount,
      failingSince,
      pause === 0 ? null : instantOfMs(msOf(now) + pause),
      disabledCode,
    ],
  );
  const about = { subject: endpointId, at: now, source: null };
  const lost = { url, deliveryId, eventId: eventIdOf(claimed.seq), eventType: claimed.eventType };
  return [
    ...(isGivenUp ? [{ ...about, kind: "webhook-delivery-failed", data: lost }] : []),
    ...(disabledCode === null
      ? []
      : [
          {
            ...about,
            kind: "webhook-disabled",
            data: { url, code: disabledCode, failingSince },
            occasion: objectId("act", deliveryId, failures),
          },
        ]),
  ];
}

/** Ends a delivery that is not to be made: its object is another seller's by now, or its event is not to be seen. */
export async function cancelDelivery(
  database: Database,
  tenantId: string,
  deliveryId: string,
  now: Instant,
): Promise<void> {
  await database.query(
    `UPDATE webhook_delivery SET state = 'cancelled', ended_at = $3
      WHERE tenant_id = $1 AND delivery_id = $2 AND state = 'pending'`,
    [tenantId, deliveryId, now],
  );
}

/** Gives back what was taken and not tried to its end, so that the next process need not wait for it. */
export async function releaseClaim(
  database: Database,
  tenantId: string,
  { deliveryId, attemptCount }: Claimed,
  now: Instant,
): Promise<void> {
  await database.query(
    `UPDATE webhook_delivery SET next_attempt_at = $4
      WHERE tenant_id = $1 AND delivery_id = $2 AND attempt_count = $3 AND state = 'pending'`,
    [tenantId, deliveryId, attemptCount, now],
  );
}

/** How many attempts may run at once for an endpoint now: one at a time while it fails, none while it is paused. */
export function lanesOf(endpoint: StoredEndpoint, now: Instant, most: number): number {
  if (endpoint.state !== "enabled") return 0;
  if (endpoint.pausedUntil !== null && now < endpoint.pausedUntil) return 0;
  return pauseMs(endpoint.id, endpoint.failureCount) > 0 ? 1 : most;
}
