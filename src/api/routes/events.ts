// Events: the one feed, read page by page, event by event, or followed as it grows.

import { streamSSE } from "hono/streaming";
import { type Caller, callerMay, maySeeSeller } from "../../identity/caller.ts";
import { jsonText } from "../../storage/insert-rows.ts";
import {
  type FeedEvent,
  type FeedPage,
  isAccessSubject,
  lastSeq,
  readEvents,
  readFeed,
} from "../../timeline/feed.ts";
import { eventBody, seqOfEventId } from "../../webhook/event-body.ts";
import { isTypeIn } from "../../webhook/event-types.ts";
import { type EventJson, getEvent, listEvents, streamEvents } from "../contract/events.ts";
import type { ApiDeps } from "../deps.ts";
import { cursorOf, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "events";
/** Milliseconds between two looks at the feed for one stream: one key look-up each. */
const LOOK_MS = 500;
/** A line that says nothing keeps proxies from ending a quiet stream. */
const KEEP_ALIVE_MS = 15_000;
/** A stream ends after this, so that a key that was revoked does not listen on. */
const STREAM_MS_MAX = 10 * 60_000;
/** Streams of one process at once. */
const STREAMS_MAX = 200;
const EVENTS_PER_LOOK = 100;

export const eventRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId } = deps;
  const streams = { open: 0 };
  app.openapi(listEvents, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const place = placeOf(LIST, query.cursor, ["count"]);
    const afterSeq = place === null ? seqAfter(query.after) : BigInt(place[0] ?? "0");
    const page = await read(deps, caller, { ...query, afterSeq, limit: query.limit });
    const { type } = query;
    const events = page.events
      .map((event) => eventJson(tenantId, event))
      .filter((event) => type === undefined || isTypeIn(event.type, [type]));
    const nextCursor = cursorOf(LIST, [page.throughSeq.toString()]);
    return c.json({ data: events, hasMore: page.hasMore, nextCursor }, 200);
  });
  // Before the route of one event: "stream" is no event's id.
  app.openapi(streamEvents, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const from = c.req.valid("header")["last-event-id"] ?? query.after;
    const afterSeq =
      from === undefined ? await lastSeq(deps.store.database, tenantId) : seqAfter(from);
    if (streams.open >= STREAMS_MAX) throw problem("unavailable");
    streams.open += 1;
    return streamSSE(c, async (stream) => {
      const ended = endOf(deps.stopping, (end) => stream.onAbort(end));
      try {
        await follow(
          deps,
          caller,
          { ...query, afterSeq },
          ended,
          async (event) => {
            const { id, type } = event;
            await stream.writeSSE({ id, event: type, data: jsonText(event) });
          },
          () => stream.write(": \n\n"),
        );
      } finally {
        ended.release();
        streams.open -= 1;
      }
    });
  });
  app.openapi(getEvent, async (c) => {
    const { eventId } = c.req.valid("param");
    const caller = c.get("caller");
    const seq = seqOfEventId(eventId);
    if (seq === null) throw problem("not-found");
    const [event] = await deps.read(caller, (tx) => readEvents(tx, tenantId, [seq]));
    if (event === undefined || !maySee(caller, event)) throw problem("not-found");
    return c.json(eventJson(tenantId, event), 200);
  });
};

/** The place after which to read; 0 without one. */
function seqAfter(eventId: string | undefined): bigint {
  if (eventId === undefined) return 0n;
  const seq = eventId === "evt_0" ? 0n : seqOfEventId(eventId);
  if (seq === null) throw problem("cursor-invalid");
  return seq;
}

function mayAudit(caller: Caller): boolean {
  return callerMay(caller, "audit.read");
}

function maySee(caller: Caller, event: FeedEvent): boolean {
  return (
    maySeeSeller(caller, event.sellerId) && (mayAudit(caller) || !isAccessSubject(event.subject))
  );
}

function eventJson(tenantId: string, event: FeedEvent): EventJson {
  const body = eventBody(tenantId, event);
  return { ...body, data: { ...body.data } };
}

type Wanted = {
  readonly afterSeq: bigint;
  readonly subject?: string | undefined;
  readonly sellerId?: string | undefined;
  readonly limit?: number;
};

function read(deps: ApiDeps, caller: Caller, wanted: Wanted): Promise<FeedPage> {
  const { afterSeq, subject, sellerId, limit = EVENTS_PER_LOOK } = wanted;
  return deps.read(caller, (tx) =>
    readFeed(tx, deps.tenantId, {
      afterSeq,
      limit,
      sellerId: sellerScope(caller, sellerId),
      withoutAccess: !mayAudit(caller),
      ...(subject === undefined ? {} : { subjects: [subject] }),
    }),
  );
}

/** Gives every event that comes, until the stream ends. */
async function follow(
  deps: ApiDeps,
  caller: Caller,
  wanted: Wanted,
  ended: StreamEnd,
  give: (event: EventJson) => Promise<void>,
  keepAlive: () => Promise<unknown>,
): Promise<void> {
  let { afterSeq } = wanted;
  let quietMs = 0;
  for (let lastedMs = 0; lastedMs < STREAM_MS_MAX && !ended.isEnded(); ) {
    const isNew = (await lastSeq(deps.store.database, deps.tenantId)) > afterSeq;
    const page = isNew ? await read(deps, caller, { ...wanted, afterSeq }) : null;
    for (const event of page?.events ?? []) await give(eventJson(deps.tenantId, event));
    afterSeq = page?.throughSeq ?? afterSeq;
    quietMs = (page?.events.length ?? 0) > 0 ? 0 : quietMs + LOOK_MS;
    if (page?.hasMore === true) continue;
    if (quietMs >= KEEP_ALIVE_MS) {
      await keepAlive();
      quietMs = 0;
    }
    await ended.pause(LOOK_MS);
    lastedMs += LOOK_MS;
  }
}

type StreamEnd = {
  readonly isEnded: () => boolean;
  /** Waits so long, or until the stream ends. */
  readonly pause: (ms: number) => Promise<void>;
  readonly release: () => void;
};

/** The end of a stream: its reader went away, or the program stops. */
function endOf(stopping: AbortSignal, onAbort: (end: () => void) => void): StreamEnd {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  onAbort(end);
  stopping.addEventListener("abort", end);
  if (stopping.aborted) end();
  return {
    isEnded: () => ending.signal.aborted,
    pause: (ms) =>
      new Promise((resolve) => {
        if (ending.signal.aborted) return resolve();
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          ending.signal.removeEventListener("abort", done);
          resolve();
        }
        ending.signal.addEventListener("abort", done);
      }),
    release: () => stopping.removeEventListener("abort", end),
  };
}
