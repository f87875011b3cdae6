// An event as it leaves: the same object in the list of events, in the stream and in a webhook. It maps one to one to
// CloudEvents 1.0 (docs/reference/events.md).

import { jsonText } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import type { FeedEvent } from "../timeline/feed.ts";
import { eventTypeOf } from "./event-types.ts";

/** Bytes of a webhook's body at most; Standard Webhooks recommends less than 20 kB. */
export const BODY_BYTES_MAX = 20_000;

export type EventBody = {
  /** `evt_` and its place in the feed: sorts as the numbers do, and is the same wherever the event is told. */
  readonly id: string;
  readonly type: string;
  readonly time: Instant;
  /** Which installation tells it: `urn:straitway:<tenant>`. */
  readonly source: string;
  /** The object that it is about. */
  readonly subject: string;
  /** Its place in the object's own story, from 1 without gaps. */
  readonly sequence: number;
  /** The seller whose object it is; null: nobody's yet, or the institution's own. */
  readonly sellerId: string | null;
  /** Who did it: user or API key; null: the channel by itself. */
  readonly actor: string | null;
  /** Where it was read. */
  readonly rawFile: { readonly sha256: string; readonly line: number } | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** True when `data` was left out because the whole is too large for a webhook: ask for the event. */
  readonly isDataLeftOut: boolean;
};

export function eventIdOf(seq: bigint): string {
  return `evt_${seq}`;
}

/** The place that an event's id names; null when it is no id of an event. */
export function seqOfEventId(text: string): bigint | null {
  return /^evt_[1-9]\d{0,17}$/.test(text) ? BigInt(text.slice("evt_".length)) : null;
}

export function eventBody(tenantId: string, event: FeedEvent): EventBody {
  return {
    id: eventIdOf(event.seq),
    type: eventTypeOf(event.subject, event.kind),
    time: event.at,
    source: `urn:straitway:${tenantId}`,
    subject: event.subject,
    sequence: Number(event.subjectSeq),
    sellerId: event.sellerId,
    actor: event.actor ?? null,
    rawFile: event.source,
    data: event.data,
    isDataLeftOut: false,
  };
}

/** The body of a webhook; an event that is too large comes without its data. */
export function webhookText(tenantId: string, event: FeedEvent): string {
  const body = eventBody(tenantId, event);
  const text = jsonText(body);
  if (Buffer.byteLength(text) <= BODY_BYTES_MAX) return text;
  return jsonText({ ...body, data: {}, isDataLeftOut: true });
}
