// The log of deliveries: what was sent, what was answered, and the wish to have it again. Kept for a month after a
// delivery ended; the events themselves stay in the feed for ever and can be replayed.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { freshId } from "../secret/random.ts";
import type { Database, Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { isAccessSubject, lastSeq, readEvents } from "../timeline/feed.ts";
import { appendEvents } from "../timeline/timeline.ts";
import type { Endpoint } from "./endpoint.ts";
import { eventIdOf } from "./event-body.ts";
import { makeDeliveries } from "./fan-out.ts";

export const DELIVERY_LOG_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Deliveries that one look forgets at most. */
const FORGOTTEN_MAX = 1_000;

export type DeliveryState = "pending" | "delivered" | "failed" | "cancelled";

export type Delivery = {
  readonly id: string;
  readonly endpointId: string;
  readonly seq: bigint;
  readonly subject: string;
  readonly eventType: string;
  readonly origin: "feed" | "replay" | "resend";
  readonly replayId: string | null;
  readonly state: DeliveryState;
  readonly attemptCount: number;
  readonly nextAttemptAt: Instant | null;
  readonly madeAt: Instant;
  readonly endedAt: Instant | null;
};

export type DeliveryAttempt = {
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly durationMs: number;
  readonly status: number | null;
  readonly failureCode: string | null;
  readonly responseBody: string | null;
  readonly isCut: boolean;
};

type DeliveryRow = {
  delivery_id: string;
  endpoint_id: string;
  seq: bigint;
  subject: string;
  event_type: string;
  origin: "feed" | "replay" | "resend";
  replay_id: string | null;
  state: DeliveryState;
  attempt_count: number;
  next_attempt_at: Instant;
  made_at: Instant;
  ended_at: Instant | null;
};

export type DeliveryFilter = {
  readonly state: DeliveryState | null;
  readonly seq: bigint | null;
  readonly limit: number;
  /** Deliveries older than this one. */
  readonly before: { readonly madeAt: string; readonly id: string } | null;
};

/** Deliveries to an endpoint, the newest first. */
export async function listDeliveries(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  { state, seq, limit, before }: DeliveryFilter,
): Promise<readonly Delivery[]> {
  const rows = await tx.query<DeliveryRow>(
    `SELECT * FROM webhook_delivery
      WHERE tenant_id = $1 AND endpoint_id = $2 AND ($3::text IS NULL OR state = $3)
        AND ($4::bigint IS NULL OR seq = $4)
        AND ($5::timestamptz IS NULL OR (made_at, delivery_id) < ($5::timestamptz, $6::text))
      ORDER BY made_at DESC, delivery_id DESC LIMIT $7`,
    [tenantId, endpointId, state, seq, before?.madeAt ?? null, before?.id ?? null, limit],
  );
  return rows.map(deliveryOf);
}

export async function loadDelivery(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  deliveryId: string,
): Promise<Delivery | null> {
  const [row] = await tx.query<DeliveryRow>(
    "SELECT * FROM webhook_delivery WHERE tenant_id = $1 AND endpoint_id = $2 AND delivery_id = $3",
    [tenantId, endpointId, deliveryId],
  );
  return row === undefined ? null : deliveryOf(row);
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.delivery_id,
    endpointId: row.endpoint_id,
    seq: row.seq,
    subject: row.subject,
    eventType: row.event_type,
    origin: row.origin,
    replayId: row.replay_id,
    state: row.state,
    attemptCount: row.attempt_count,
    nextAttemptAt: row.state === "pending" ? row.next_attempt_at : null,
    madeAt: row.made_at,
    endedAt: row.ended_at,
  };
}

/** Every attempt of a delivery, the first first. */
export async function listAttempts(
  tx: Tx,
  tenantId: string,
  deliveryId: string,
): Promise<readonly DeliveryAttempt[]> {
  const rows = await tx.query<{
    attempt: number;
    started_at: Instant;
    duration_ms: number;
    status: number | null;
    failure_code: string | null;
    response_body: string | null;
    is_cut: boolean;
  }>(
    `SELECT attempt, started_at, duration_ms, status, failure_code, response_body, is_cut FROM webhook_attempt
      WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY attempt`,
    [tenantId, deliveryId],
  );
  return rows.map((row) => ({
    attempt: row.attempt,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    status: row.status,
    failureCode: row.failure_code,
    responseBody: row.response_body,
    isCut: row.is_cut,
  }));
}

/**
 * Sends one event again, whatever the endpoint's types. Refused: `webhook-disabled`; `event-unknown` (none that this
 * endpoint may see); `webhook-delivery-pending` while it waits anyway.
 */
export async function resendEvent(
  tx: Tx,
  tenantId: string,
  endpoint: Endpoint,
  { seq, askedBy }: { readonly seq: bigint; readonly askedBy: string },
  now: Instant,
): Promise<Outcome<string>> {
  if (endpoint.state !== "enabled") return disabled();
  const [event] = await readEvents(tx, tenantId, [seq]);
  const isVisible =
    event !== undefined &&
    (endpoint.sellerId === null || endpoint.sellerId === event.sellerId) &&
    !isAccessSubject(event.subject);
  if (!isVisible) return refused("event-unknown", `There is no event ${eventIdOf(seq)} for it.`);
  const origin = { kind: "resend", id: freshId("act", now) } as const;
  const count = await makeDeliveries(tx, tenantId, endpoint, [event], origin, now);
  const [pending] = await tx.query<{ delivery_id: string }>(
    `SELECT delivery_id FROM webhook_delivery
      WHERE tenant_id = $1 AND endpoint_id = $2 AND seq = $3 AND state = 'pending'`,
    [tenantId, endpoint.id, seq],
  );
  if (count === 0 || pending === undefined) {
    const told = `${eventIdOf(seq)} waits to be delivered to this endpoint already.`;
    return refused("webhook-delivery-pending", told);
  }
  const { url } = endpoint;
  const { id } = origin;
  await appendEvents(tx, tenantId, [
    {
      subject: endpoint.id,
      kind: "webhook-resend-asked",
      at: now,
      data: { url, deliveryId: pending.delivery_id, eventId: eventIdOf(seq) },
      source: null,
      actor: askedBy,
      occasion: id,
    },
  ]);
  return accepted(pending.delivery_id);
}

function disabled(): Outcome<never> {
  return refused("webhook-disabled", "The endpoint is disabled. Enable it first.");
}

export type Replay = {
  readonly id: string;
  readonly endpointId: string;
  readonly fromSeq: bigint;
  readonly throughSeq: bigint;
  /** Of this object only; null: of all. */
  readonly subject: string | null;
  readonly state: "running" | "done" | "cancelled";
  /** Deliveries made so far. */
  readonly eventCount: number;
  readonly askedBy: string;
  readonly askedAt: Instant;
  readonly endedAt: Instant | null;
};

export type ReplayDraft = {
  readonly fromSeq: bigint;
  /** Null: to the last event on record now. */
  readonly throughSeq: bigint | null;
  readonly subject: string | null;
  readonly askedBy: string;
};

/**
 * Asks for a stretch of the feed again. Its deliveries are made from the oldest on, as the endpoint's types say; the
 * same event keeps its webhook-id. Refused: `webhook-disabled`, `replay-range-empty`, `replay-running`.
 */
export async function askReplay(
  tx: Tx,
  tenantId: string,
  endpoint: Endpoint,
  { fromSeq, throughSeq, subject, askedBy }: ReplayDraft,
  now: Instant,
): Promise<Outcome<Replay>> {
  if (endpoint.state !== "enabled") return disabled();
  const last = await lastSeq(tx, tenantId);
  const through = throughSeq === null || throughSeq > last ? last : throughSeq;
  if (fromSeq > through) {
    return refused("replay-range-empty", `There is no event from ${eventIdOf(fromSeq)} on there.`);
  }
  const [running] = await tx.query<{ replay_id: string }>(
    `SELECT replay_id FROM webhook_replay WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'running' LIMIT 1`,
    [tenantId, endpoint.id],
  );
  if (running !== undefined) {
    return refused("replay-running", `${running.replay_id} is not done yet.`);
  }
  const id = freshId("wr", now);
  await tx.query(
    `INSERT INTO webhook_replay (tenant_id, replay_id, endpoint_id, from_seq, through_seq, subject, after_seq,
       event_count, state, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'running', $8, $9)`,
    [tenantId, id, endpoint.id, fromSeq, through, subject, fromSeq - 1n, askedBy, now],
  );
  await appendEvents(tx, tenantId, [
    {
      subject: endpoint.id,
      kind: "webhook-replay-asked",
      at: now,
      data: {
        url: endpoint.url,
        replayId: id,
        from: eventIdOf(fromSeq),
        through: eventIdOf(through),
      },
      source: null,
      actor: askedBy,
      occasion: id,
    },
  ]);
  const [replay] = await listReplays(tx, tenantId, endpoint.id, id);
  if (replay === undefined) throw new RangeError(`there is no replay ${id}`);
  return accepted(replay);
}

/** Replays that are not forgotten yet, the newest first; one of them when it is named. */
export async function listReplays(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  replayId: string | null = null,
): Promise<readonly Replay[]> {
  const rows = await tx.query<{
    replay_id: string;
    from_seq: bigint;
    through_seq: bigint;
    subject: string | null;
    state: Replay["state"];
    event_count: bigint;
    asked_by: string;
    asked_at: Instant;
    ended_at: Instant | null;
  }>(
    `SELECT * FROM webhook_replay
      WHERE tenant_id = $1 AND endpoint_id = $2 AND ($3::text IS NULL OR replay_id = $3)
      ORDER BY asked_at DESC, replay_id DESC LIMIT 100`,
    [tenantId, endpointId, replayId],
  );
  return rows.map((row) => ({
    id: row.replay_id,
    endpointId,
    fromSeq: row.from_seq,
    throughSeq: row.through_seq,
    subject: row.subject,
    state: row.state,
    eventCount: Number(row.event_count),
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    endedAt: row.ended_at,
  }));
}

/** Forgets deliveries that ended long ago, with their attempts. */
export async function forgetEnded(
  database: Database,
  tenantId: string,
  now: Instant,
): Promise<void> {
  const before = instantOfMs(msOf(now) - DELIVERY_LOG_DAYS * DAY_MS);
  const old = await database.query<{ delivery_id: string }>(
    `SELECT delivery_id FROM webhook_delivery
      WHERE tenant_id = $1 AND state <> 'pending' AND ended_at < $2 ORDER BY ended_at LIMIT $3`,
    [tenantId, before, FORGOTTEN_MAX],
  );
  if (old.length === 0) return;
  const ids = old.map((row) => row.delivery_id);
  await database.transaction(async (tx) => {
    for (const table of ["webhook_attempt", "webhook_delivery"])
      await tx.query(
        `DELETE FROM ${table} WHERE tenant_id = $1 AND delivery_id = ANY($2::text[])`,
        [tenantId, ids],
      );
  });
}
