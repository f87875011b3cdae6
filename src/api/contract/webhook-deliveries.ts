// The log of webhooks on the wire: deliveries with what was answered, replays, and one event sent again.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { idParam, instant } from "./values.ts";
import { endpointId } from "./webhook-endpoints.ts";

const eventIdText = z.string().max(32).openapi({ example: "evt_1204" });

export const webhookDelivery = z
  .object({
    id: z.string().openapi({ example: "dlv_8m2q0v7d1x4k9s3j6w5t0b2n7c" }),
    endpointId: z.string(),
    eventId: eventIdText,
    eventType: z.string(),
    subject: z.string(),
    origin: z.enum(["feed", "replay", "resend"]),
    replayId: z.string().nullable(),
    state: z.enum(["pending", "delivered", "failed", "cancelled"]),
    attemptCount: z.int(),
    nextAttemptAt: instant.nullable(),
    madeAt: instant,
    endedAt: instant.nullable(),
  })
  .openapi("WebhookDelivery");
export type WebhookDeliveryJson = z.infer<typeof webhookDelivery>;

const webhookAttempt = z
  .object({
    attempt: z.int(),
    startedAt: instant,
    durationMs: z.int(),
    status: z.int().nullable().openapi({ description: "HTTP status; null: no answer." }),
    failureCode: z.string().nullable().openapi({
      description:
        "Why it does not count: status, redirect, timeout, connection, tls, name-not-found, address-refused. Open.",
    }),
    responseBody: z
      .string()
      .nullable()
      .openapi({ description: "The answer's first 4,096 characters." }),
    isCut: z.boolean().openapi({ description: "The answer was longer." }),
  })
  .openapi("WebhookAttempt");

const webhookDeliveryDetail = webhookDelivery
  .extend({ attempts: z.array(webhookAttempt) })
  .openapi("WebhookDeliveryDetail");
export type WebhookDeliveryDetailJson = z.infer<typeof webhookDeliveryDetail>;

export const webhookReplay = z
  .object({
    id: z.string().openapi({ example: "wr_01jd5wq3v0x5r6y7z8a9b0c1d2" }),
    endpointId: z.string(),
    fromEventId: eventIdText,
    throughEventId: eventIdText,
    subject: z.string().nullable(),
    state: z.enum(["running", "done", "cancelled"]),
    eventCount: z.int().openapi({ description: "Deliveries made so far." }),
    askedBy: z.string(),
    askedAt: instant,
    endedAt: instant.nullable(),
  })
  .openapi("WebhookReplay");
export type WebhookReplayJson = z.infer<typeof webhookReplay>;

const ofEndpoint = z.object({ endpointId });

export const listWebhookDeliveries = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{endpointId}/deliveries",
  operationId: "listWebhookDeliveries",
  summary: "The log of an endpoint, newest first; kept for 30 days after a delivery ended",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: {
    params: ofEndpoint,
    query: pageQuery.extend({
      state: z.enum(["pending", "delivered", "failed", "cancelled"]).optional(),
      eventId: eventIdText.optional(),
    }),
  },
  responses: { 200: json(pageOf(webhookDelivery, "WebhookDeliveryPage"), "A page of deliveries.") },
  problems: ["not-found", "cursor-invalid"],
});

export const getWebhookDelivery = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{endpointId}/deliveries/{deliveryId}",
  operationId: "getWebhookDelivery",
  summary: "One delivery, with every attempt and what was answered",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: {
    params: ofEndpoint.extend({ deliveryId: idParam("`dlv_…`", "dlv_8m2q0v7d1x4k9s3j6w5t0b2n7c") }),
  },
  responses: { 200: json(webhookDeliveryDetail, "The delivery.") },
  problems: ["not-found"],
});

export const resendWebhookEvent = apiRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{endpointId}/deliveries",
  operationId: "resendWebhookEvent",
  summary: "Send one event to the endpoint, again or for the first time",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: {
    params: ofEndpoint,
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ eventId: eventIdText }) } },
    },
  },
  responses: { 202: json(webhookDelivery, "It is on its way.") },
  problems: ["not-found", "webhook-disabled", "webhook-delivery-pending", "event-unknown"],
});

export const createWebhookReplay = apiRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{endpointId}/replays",
  operationId: "createWebhookReplay",
  summary: "Deliver a stretch of the feed again, from the oldest on",
  description:
    "Of the events in the range the endpoint gets those that it wants, with the `webhook-id` that they always have. What waits already is not sent twice.",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: {
    params: ofEndpoint,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            fromEventId: eventIdText,
            throughEventId: eventIdText.optional().openapi({
              description: "The last one, itself included; without it the newest.",
            }),
            subject: z
              .string()
              .max(200)
              .optional()
              .openapi({ description: "Only this object's events." }),
          }),
        },
      },
    },
  },
  responses: { 202: json(webhookReplay, "It runs; its own URL says how far it is.") },
  problems: [
    "not-found",
    "webhook-disabled",
    "event-unknown",
    "replay-range-empty",
    "replay-running",
  ],
});

export const listWebhookReplays = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{endpointId}/replays",
  operationId: "listWebhookReplays",
  summary: "The last hundred replays to an endpoint, newest first",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: { params: ofEndpoint },
  responses: {
    200: json(z.object({ data: z.array(webhookReplay) }).openapi("WebhookReplays"), "The replays."),
  },
  problems: ["not-found"],
});

export const getWebhookReplay = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{endpointId}/replays/{replayId}",
  operationId: "getWebhookReplay",
  summary: "How far a replay is",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: {
    params: ofEndpoint.extend({ replayId: idParam("`wr_…`", "wr_01jd5wq3v0x5r6y7z8a9b0c1d2") }),
  },
  responses: { 200: json(webhookReplay, "The replay.") },
  problems: ["not-found"],
});
