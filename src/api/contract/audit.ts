// The audit trail on the wire: what somebody did, or was refused.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { instant } from "./values.ts";

const id = z.string().max(200);

export const act = z
  .object({
    id: z.string().openapi({ description: "The event's id in the feed.", example: "evt_1204" }),
    at: instant,
    actor: z.string().openapi({
      description: "`user_…`, `key_…`, `command-line`, or `nobody` who proved to be somebody.",
    }),
    kind: z.string().openapi({ example: "sign-in-refused" }),
    subject: z.string().openapi({ description: "What it is about." }),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi("Act");
export type ActJson = z.infer<typeof act>;

export const listActs = apiRoute({
  method: "get",
  path: "/v1/audit",
  operationId: "listActs",
  summary: "The audit trail, the newest act first",
  tags: ["Audit"],
  permission: "audit.read",
  request: {
    query: pageQuery.extend({
      actor: id.optional().openapi({ description: "Only what this user or key did." }),
      subject: id.optional().openapi({ description: "Only what is about this object." }),
      kind: z.string().max(60).optional().openapi({ description: "Only acts of this kind." }),
      from: instant.optional().openapi({ description: "From this moment on." }),
      to: instant.optional().openapi({ description: "Before this moment." }),
    }),
  },
  responses: { 200: json(pageOf(act, "ActPage"), "A page of acts.") },
  problems: ["cursor-invalid"],
});
