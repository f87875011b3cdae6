// From the feed to deliveries: for each endpoint, what it wants of what it has not been looked through for. The place in
// the feed is saved with the deliveries in one transaction, so nothing is left out and nothing made twice.

import { objectId } from "../ids/object-id.ts";
import type { Database, Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { type FeedEvent, readFeed } from "../timeline/feed.ts";
import { type Endpoint, loadEndpoint, wantsType } from "./endpoint.ts";
import { eventTypeOf } from "./event-types.ts";

/** Events that become deliveries in one transaction at most. */
export const FAN_OUT_MAX = 500;

export type FanOut = {
  readonly database: Database;
  readonly tenantId: string;
  readonly now: Instant;
};

const DELIVERY_COLUMNS = {
  tenant_id: "text",
  delivery_id: "text",
  endpoint_id: "text",
  seq: "bigint",
  subject: "text",
  event_type: "text",
  origin: "text",
  replay_id: "text",
  state: "text",
  attempt_count: "integer",
  next_attempt_at: "timestamptz",
  made_at: "timestamptz",
} as const;

/** Where a delivery comes from: the feed as it grows, a replay of a stretch, or one event sent again. */
export type Origin =
  | { readonly kind: "feed" }
  | { readonly kind: "replay" | "resend"; readonly id: string };

/** Makes deliveries of events; an event that waits for this endpoint already is not made to wait twice. */
export async function makeDeliveries(
  tx: Tx,
  tenantId: string,
  endpoint: Endpoint,
  events: readonly FeedEvent[],
  origin: Origin,
  now: Instant,
): Promise<number> {
  const rows = events.flatMap((event) => {
    const type = eventTypeOf(event.subject, event.kind);
    // Who asks for one event gets it; otherwise the endpoint's own choice counts.
    if (origin.kind !== "resend" && !wantsType(endpoint, type)) return [];
    const made = origin.kind === "feed" ? "feed" : origin.id;
    return [
      [
        tenantId,
        objectId("dlv", endpoint.id, event.seq, made),
        endpoint.id,
        event.seq,
        event.subject,
        type,
        origin.kind,
        origin.kind === "replay" ? origin.id : null,
        "pending",
        0,
        now,
        now,
      ],
    ];
  });
  return insertRows(tx, "webhook_delivery", DELIVERY_COLUMNS, rows);
}

/** Looks the feed on for an endpoint; returns whether there is more. */
export async function fanOutFeed(
  { database, tenantId, now }: FanOut,
  endpointId: string,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const endpoint = await loadEndpoint(tx, tenantId, endpointId, true);
    if (endpoint === null || endpoint.state !== "enabled") return false;
    const page = await readFeed(tx, tenantId, {
      afterSeq: endpoint.afterSeq,
      limit: FAN_OUT_MAX,
      sellerId: endpoint.sellerId,
      withoutAccess: true,
    });
    if (page.throughSeq === endpoint.afterSeq) return false;
    await makeDeliveries(tx, tenantId, endpoint, page.events, { kind: "feed" }, now);
    await tx.query(
      "UPDATE webhook_endpoint SET after_seq = $3 WHERE tenant_id = $1 AND endpoint_id = $2",
      [tenantId, endpointId, page.throughSeq],
    );
    return page.hasMore;
  });
}

/** Endpoints to which a stretch is being delivered again. */
export async function replayingEndpoints(tx: Tx, tenantId: string): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ endpoint_id: string }>(
    "SELECT DISTINCT endpoint_id FROM webhook_replay WHERE tenant_id = $1 AND state = 'running'",
    [tenantId],
  );
  return new Set(rows.map((row) => row.endpoint_id));
}

type ReplayRow = {
  replay_id: string;
  through_seq: bigint;
  after_seq: bigint;
  subject: string | null;
};

/** Looks a running replay of an endpoint on; returns whether there is more of it, or another one. */
export async function fanOutReplay(
  { database, tenantId, now }: FanOut,
  endpointId: string,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const endpoint = await loadEndpoint(tx, tenantId, endpointId, true);
    if (endpoint === null || endpoint.state !== "enabled") return false;
    const [replay] = await tx.query<ReplayRow>(
      `SELECT replay_id, through_seq, after_seq, subject FROM webhook_replay
        WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'running' ORDER BY asked_at, replay_id LIMIT 1`,
      [tenantId, endpointId],
    );
    if (replay === undefined) return false;
    const page = await readFeed(tx, tenantId, {
      afterSeq: replay.after_seq,
      throughSeq: replay.through_seq,
      limit: FAN_OUT_MAX,
      sellerId: endpoint.sellerId,
      withoutAccess: true,
      ...(replay.subject === null ? {} : { subjects: [replay.subject] }),
    });
    const origin = { kind: "replay", id: replay.replay_id } as const;
    const count = await makeDeliveries(tx, tenantId, endpoint, page.events, origin, now);
    await tx.query(
      `UPDATE webhook_replay SET after_seq = $3, event_count = event_count + $4::bigint, state = $5, ended_at = $6
        WHERE tenant_id = $1 AND replay_id = $2`,
      [
        tenantId,
        replay.replay_id,
        page.throughSeq,
        count,
        page.hasMore ? "running" : "done",
        page.hasMore ? null : now,
      ],
    );
    return true;
  });
}
