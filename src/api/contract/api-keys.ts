// API keys on the wire. The secret is in one answer only.

import { z } from "@hono/zod-openapi";
import {
  KEY_LIFE_DAYS_DEFAULT,
  KEY_LIFE_DAYS_MAX,
  KEY_NAME_LENGTH_MAX,
  ROTATION_HOURS_DEFAULT,
  ROTATION_HOURS_MAX,
} from "../../identity/api-keys/change-keys.ts";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { permission, role } from "./me.ts";
import { idParam, instant, sellerFilter } from "./values.ts";

const EXAMPLE = "key_01kb2m9zk4h6x8q0c5w7e3r1tn";

export const apiKey = z
  .object({
    id: z.string().openapi({ example: EXAMPLE }),
    name: z.string(),
    hint: z.string().openapi({ description: "The secret's last characters." }),
    role,
    sellerId: z.string().nullable(),
    scopes: z.array(permission),
    madeBy: z.string().openapi({ description: "The person who answers for it." }),
    madeAt: instant,
    expiresAt: instant,
    revokedAt: instant.nullable(),
    replaces: z.string().nullable(),
    usedAt: instant.nullable().openapi({ description: "To the minute." }),
  })
  .openapi("ApiKey");
export type ApiKeyJson = z.infer<typeof apiKey>;

const newKey = z
  .object({
    key: apiKey,
    secret: z.string().openapi({ description: "Shown once.", example: "swk_…" }),
  })
  .openapi("NewApiKey");

const tags = ["API keys"];
const params = z.object({ keyId: idParam("The key's id.", EXAMPLE) });

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

export const listKeysRoute = apiRoute({
  method: "get",
  path: "/v1/api-keys",
  operationId: "listApiKeys",
  summary: "List API keys, the newest first",
  tags,
  permission: "api-keys.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(apiKey, "ApiKeyPage"), "A page of keys.") },
  problems: ["cursor-invalid"],
});

export const getKeyRoute = apiRoute({
  method: "get",
  path: "/v1/api-keys/{keyId}",
  operationId: "getApiKey",
  summary: "One API key",
  tags,
  permission: "api-keys.read",
  request: { params },
  responses: { 200: json(apiKey, "The key, without its secret.") },
  problems: ["not-found"],
});

export const createKeyRoute = apiRoute({
  method: "post",
  path: "/v1/api-keys",
  operationId: "createApiKey",
  summary: "Make an API key",
  tags,
  permission: "api-keys.write",
  stepUp: true,
  request: body(
    z.object({
      name: z.string().min(1).max(KEY_NAME_LENGTH_MAX),
      role,
      sellerId: z.string().max(63).nullable().default(null),
      scopes: z
        .array(permission)
        .min(1)
        .optional()
        .openapi({ description: "Absent: all that a key of the role may carry and you may do." }),
      lifeDays: z.int().min(1).max(KEY_LIFE_DAYS_MAX).default(KEY_LIFE_DAYS_DEFAULT),
    }),
  ),
  responses: { 201: json(newKey, "The key and its secret.") },
  problems: ["role-invalid", "role-not-yours", "scope-invalid", "seller-unknown", "origin-refused"],
});

export const rotateKeyRoute = apiRoute({
  method: "post",
  path: "/v1/api-keys/{keyId}/rotate",
  operationId: "rotateApiKey",
  summary: "A new key with the same rights; the old one runs out",
  tags,
  permission: "api-keys.write",
  stepUp: true,
  request: {
    params,
    ...body(
      z.object({
        graceHours: z
          .int()
          .min(0)
          .max(ROTATION_HOURS_MAX)
          .default(ROTATION_HOURS_DEFAULT)
          .openapi({ description: "How long the old key goes on." }),
      }),
    ),
  },
  responses: { 201: json(newKey, "The new key and its secret.") },
  problems: ["not-found", "key-ended", "role-not-yours", "scope-invalid", "origin-refused"],
});

export const revokeKeyRoute = apiRoute({
  method: "post",
  path: "/v1/api-keys/{keyId}/revoke",
  operationId: "revokeApiKey",
  summary: "End an API key at once",
  tags,
  permission: "api-keys.write",
  request: { params },
  responses: { 200: json(apiKey, "The key, revoked.") },
  problems: ["not-found", "key-ended", "origin-refused"],
});
