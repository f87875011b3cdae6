// Events on the wire: the same object in the list, in the stream and in a webhook.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageQuery } from "../page.ts";
import { idParam, instant, sellerFilter, sha256 } from "./values.ts";

export const event = z
  .object({
    id: z.string().openapi({
      description:
        "`evt_` and the event's place in the feed. The same in a webhook's `webhook-id`.",
      example: "evt_1204",
    }),
    type: z.string().openapi({
      description: "What happened to what; events.md. Open.",
      example: "payout.released",
    }),
    time: instant,
    source: z
      .string()
      .openapi({ description: "Which installation tells it.", example: "urn:straitway:main" }),
    subject: z.string().openapi({
      description: "The object it is about.",
      example: "po_8m2q0v7d1x4k9s3j6w5t0b2n7c",
    }),
    sequence: z.int().min(1).openapi({
      description: "The event's place in the story of its subject: from 1, without gaps.",
      example: 6,
    }),
    sellerId: z.string().nullable().openapi({
      description: "Whose object it is; null: nobody's yet, or the institution's own.",
    }),
    actor: z
      .string()
      .nullable()
      .openapi({ description: "User or key that did it; null: the channel by itself." }),
    rawFile: z
      .object({ sha256, line: z.int() })
      .nullable()
      .openapi({ description: "Where it was read." }),
    data: z
      .record(z.string(), z.unknown())
      .openapi({ description: "Facts, by type; events.md. Amounts are exact decimal texts." }),
    isDataLeftOut: z.boolean().openapi({
      description: "In a webhook of an event that is too large for one: ask for the event.",
    }),
  })
  .openapi("Event");
export type EventJson = z.infer<typeof event>;

/** What is sent to a registered endpoint: for OpenAPI's `webhooks`, so that receivers are generated from it too. */
export const eventWebhook = {
  method: "post",
  path: "event",
  operationId: "receiveEvent",
  summary: "An event, brought to a registered endpoint",
  description:
    "Signed by Standard Webhooks 1.0.0 over `webhook-id`, `.`, `webhook-timestamp`, `.` and the body. Any 2xx within 15 seconds says that it is taken; everything else brings it again. Take each `webhook-id` once.",
  tags: ["Webhooks"],
  request: {
    headers: z.object({
      "webhook-id": z.string().openapi({ example: "evt_1204" }),
      "webhook-timestamp": z
        .string()
        .openapi({ description: "Seconds since 1970.", example: "1795406706" }),
      "webhook-signature": z.string().openapi({ example: "v1,… v1a,…" }),
    }),
    body: { required: true, content: { "application/json": { schema: event } } },
  },
  responses: { 204: { description: "Taken." } },
} as const;

const eventPage = z
  .object({
    data: z.array(event),
    hasMore: z.boolean().openapi({
      description: "There is more to read now. A page may be short, or empty, and still say so.",
    }),
    nextCursor: z.string().openapi({
      description: "Where to go on, now or later: never null, because the feed grows.",
    }),
  })
  .openapi("EventPage");

const eventId = idParam("`evt_…`", "evt_1204");
const after = z
  .string()
  .max(32)
  .optional()
  .openapi({ description: "Only what came after this event.", example: "evt_1203" });

export const listEvents = apiRoute({
  method: "get",
  path: "/v1/events",
  operationId: "listEvents",
  summary: "Read the feed of events, oldest first, without gaps",
  description:
    "Events stand in the order in which they were committed. Follow `nextCursor` and you have seen every event that you may see, once, whatever is written meanwhile.",
  tags: ["Events"],
  permission: "events.read",
  request: {
    query: pageQuery.extend({
      after,
      subject: z.string().max(200).optional().openapi({ description: "Only this object's story." }),
      type: z.string().max(100).optional().openapi({
        description: "Only this type, or all of an object's.",
        example: "payout.*",
      }),
      sellerId: sellerFilter,
    }),
  },
  responses: { 200: json(eventPage, "A page of events.") },
  problems: ["cursor-invalid"],
});

export const streamEvents = apiRoute({
  method: "get",
  path: "/v1/events/stream",
  operationId: "streamEvents",
  summary: "Follow the feed of events as it grows",
  description:
    "Server-sent events: `id` is the event's id, `event` its type, `data` the event. Begins with what comes from now on, or after `after` or `Last-Event-ID`; a client that reconnects with the last id that it saw misses nothing. The stream ends after some minutes: connect again.",
  tags: ["Events"],
  permission: "events.read",
  request: {
    query: z.object({ after, subject: z.string().max(200).optional(), sellerId: sellerFilter }),
    headers: z.object({ "last-event-id": z.string().max(32).optional() }),
  },
  responses: {
    200: {
      description: "The stream.",
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
  problems: ["cursor-invalid"],
});

export const getEvent = apiRoute({
  method: "get",
  path: "/v1/events/{eventId}",
  operationId: "getEvent",
  summary: "One event",
  tags: ["Events"],
  permission: "events.read",
  request: { params: z.object({ eventId }) },
  responses: { 200: json(event, "The event.") },
  problems: ["not-found"],
});
