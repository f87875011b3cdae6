// Rule packs on the wire: what is shipped, what is in force, and what a pack would have decided otherwise.

import { z } from "@hono/zod-openapi";
import { CONFIDENCES } from "../../policy/rule-source.ts";
import { apiRoute, json } from "../api-route.ts";
import { sha256 } from "./values.ts";

const both = z.object({ en: z.string(), zh: z.string() });

const rulePack = z
  .object({
    id: z.string().openapi({ example: "cn-goods-receipts" }),
    version: z.int(),
    title: both,
    region: z.string(),
    effectiveFrom: z.string(),
    effectiveTo: z.string().nullable(),
    sha256,
    isInForce: z.boolean().openapi({ description: "The policy names it." }),
    rules: z.array(
      z.object({
        rule: z.string().openapi({ example: "cn-goods-receipts/class-c" }),
        title: both,
        effect: z.enum(["hold", "refuse", "warn", "require-report", "relax"]),
        when: z.string().openapi({ description: "CEL." }),
        source: z.object({
          notice: z.string(),
          article: z.string().nullable(),
          url: z.string().nullable(),
          confidence: z.enum(CONFIDENCES),
          quote: z.string(),
        }),
      }),
    ),
  })
  .openapi("RulePack");
export type RulePackJson = z.infer<typeof rulePack>;

export const listRulePacks = apiRoute({
  method: "get",
  path: "/v1/rule-packs",
  operationId: "listRulePacks",
  summary: "The rule packs that are shipped or in force, with their sources",
  tags: ["Rules"],
  permission: "payouts.read",
  responses: { 200: json(z.object({ data: z.array(rulePack) }), "The packs.") },
});

export const rehearsePackRoute = apiRoute({
  method: "get",
  path: "/v1/rule-packs/{packId}/rehearsal",
  operationId: "rehearseRulePack",
  summary: "Which payouts on record a pack would have decided otherwise; changes nothing",
  tags: ["Rules"],
  permission: "rehearsals.read",
  request: {
    params: z.object({
      packId: z
        .string()
        .regex(/^[a-z0-9-]{1,60}$/)
        .openapi({ example: "cn-goods-receipts" }),
    }),
  },
  responses: {
    200: json(
      z
        .object({
          payouts: z.int().openapi({ description: "Looked at." }),
          otherwise: z.array(
            z.object({
              payoutId: z.string(),
              reference: z.string(),
              before: z
                .array(z.string())
                .openapi({ description: "Hold codes by the packs in force." }),
              after: z.array(z.string()),
            }),
          ),
        })
        .openapi("RulePackRehearsal"),
      "What would be otherwise.",
    ),
  },
  problems: ["not-found"],
});
