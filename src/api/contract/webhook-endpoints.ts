// Webhook endpoints on the wire: where events go, and the secrets by which their receiver knows them.

import { z } from "@hono/zod-openapi";
import { apiRoute, json, taggedJson } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { idParam, instant, sellerFilter } from "./values.ts";

const url = z.string().min(1).max(2048).openapi({ example: "https://hooks.example.com/straitway" });
const description = z.string().max(200);
const eventTypes = z
  .array(z.string().max(100))
  .max(100)
  .openapi({
    description: "Types of events.md, or `payout.*` for all of an object's; empty: all.",
    example: ["payout.*", "statement.quarantined"],
  });

export const webhookEndpoint = z
  .object({
    id: z.string().openapi({ example: "we_01jd5wq3v0x5r6y7z8a9b0c1d2" }),
    url,
    description,
    eventTypes,
    sellerId: z
      .string()
      .nullable()
      .openapi({ description: "Whose events it gets; null: everybody's." }),
    state: z.enum(["enabled", "disabled"]),
    disabledCode: z.enum(["by-hand", "gone", "failing"]).nullable().openapi({
      description: "By somebody; it answered 410; or it took nothing for five days.",
    }),
    publicKey: z
      .string()
      .openapi({ description: "Checks signatures of version `v1a`.", example: "whpk_…" }),
    earlierSecretsUntil: instant.nullable().openapi({
      description: "Until when the secrets before the last rotation sign as well.",
    }),
    failureCount: z.int().openapi({ description: "Failed attempts in a row." }),
    failingSince: instant.nullable(),
    pausedUntil: instant.nullable().openapi({ description: "Not tried before, because it fails." }),
    succeededAt: instant.nullable(),
    madeBy: z.string(),
    madeAt: instant,
  })
  .openapi("WebhookEndpoint");
export type WebhookEndpointJson = z.infer<typeof webhookEndpoint>;

const webhookSecrets = z
  .object({
    endpoint: webhookEndpoint,
    secret: z.string().openapi({
      description: "`whsec_…`: checks signatures of version `v1`. Shown this once.",
    }),
    publicKey: z.string(),
  })
  .openapi("WebhookSecrets");

export const endpointId = idParam("`we_…`", "we_01jd5wq3v0x5r6y7z8a9b0c1d2");
const params = z.object({ endpointId });

export const listWebhookEndpoints = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints",
  operationId: "listWebhookEndpoints",
  summary: "List webhook endpoints, newest first",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: {
    200: json(pageOf(webhookEndpoint, "WebhookEndpointPage"), "A page of endpoints."),
  },
  problems: ["cursor-invalid"],
});

export const createWebhookEndpoint = apiRoute({
  method: "post",
  path: "/v1/webhook-endpoints",
  operationId: "createWebhookEndpoint",
  summary: "Register an endpoint for the events that come from now on",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            url,
            description: description.default(""),
            eventTypes: eventTypes.default([]),
            sellerId: z.string().max(63).nullable().default(null).openapi({
              description: "Whose events it gets; callers bound to a seller register their own.",
            }),
          }),
        },
      },
    },
  },
  responses: {
    201: taggedJson(webhookSecrets, "The endpoint and its secrets."),
  },
  problems: [
    "webhook-url-invalid",
    "webhook-url-insecure",
    "webhook-url-not-public",
    "webhook-description-too-long",
    "webhook-event-type-unknown",
    "webhook-endpoints-too-many",
  ],
});

export const getWebhookEndpoint = apiRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{endpointId}",
  operationId: "getWebhookEndpoint",
  summary: "One endpoint",
  tags: ["Webhooks"],
  permission: "webhooks.read",
  request: { params },
  responses: { 200: taggedJson(webhookEndpoint, "The endpoint.") },
  problems: ["not-found"],
});

export const changeWebhookEndpoint = apiRoute({
  method: "patch",
  path: "/v1/webhook-endpoints/{endpointId}",
  operationId: "changeWebhookEndpoint",
  summary: "Change, disable or enable an endpoint",
  description: "Enabled again, it gets what waited and what came meanwhile.",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: {
    params,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({
            url: url.optional(),
            description: description.optional(),
            eventTypes: eventTypes.optional(),
            state: z.enum(["enabled", "disabled"]).optional(),
          }),
        },
      },
    },
  },
  responses: { 200: taggedJson(webhookEndpoint, "The endpoint as it is now.") },
  problems: [
    "not-found",
    "if-match-missing",
    "changed-meanwhile",
    "webhook-url-invalid",
    "webhook-url-insecure",
    "webhook-url-not-public",
    "webhook-description-too-long",
    "webhook-event-type-unknown",
  ],
});

export const deleteWebhookEndpoint = apiRoute({
  method: "delete",
  path: "/v1/webhook-endpoints/{endpointId}",
  operationId: "deleteWebhookEndpoint",
  summary: "Delete an endpoint; what waits for it is not delivered",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: { params },
  responses: { 204: { description: "It is no more." } },
  problems: ["not-found"],
});

export const rotateWebhookSecrets = apiRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{endpointId}/rotate-secrets",
  operationId: "rotateWebhookSecrets",
  summary: "Make new secrets; those before them sign as well for a day",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: { params },
  responses: {
    200: taggedJson(webhookSecrets, "The endpoint and its secrets."),
  },
  problems: ["not-found"],
});

export const pingWebhookEndpoint = apiRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{endpointId}/ping",
  operationId: "pingWebhookEndpoint",
  summary: "Make an event to try the endpoint with",
  tags: ["Webhooks"],
  permission: "webhooks.write",
  request: { params },
  responses: { 202: { description: "`webhook.pinged` is on its way." } },
  problems: ["not-found", "webhook-disabled"],
});
