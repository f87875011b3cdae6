// Holds on the wire: an amount that may not be used yet, why, what is needed, who acts next and until when.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { civilDate, idParam, instant, money, sellerFilter } from "./values.ts";

export const hold = z
  .object({
    id: z.string().openapi({ example: "hold_7s4j0n6b3c0d6t3m8v1w5x9q2k" }),
    payoutId: z.string(),
    sellerId: z.string().nullable(),
    code: z.string().openapi({ description: "Why; the codes: policy.md. Open." }),
    amount: money,
    message: z.string(),
    messageZh: z
      .string()
      .nullable()
      .openapi({ description: "Null where the channel's own rule speaks." }),
    consequence: z
      .string()
      .nullable()
      .openapi({ description: "What happens when nothing is brought." }),
    consequenceZh: z.string().nullable(),
    rule: z
      .string()
      .nullable()
      .openapi({ description: "The rule behind it, `pack/rule`; null: the channel's own." }),
    papers: z.array(z.string()).openapi({ description: "What is needed to lift it." }),
    owner: z
      .string()
      .openapi({ description: "Who acts next: seller, operator, bank, marketplace." }),
    dueOn: civilDate,
    openedAt: instant,
    closedAt: instant.nullable().openapi({ description: "Null while it stands." }),
  })
  .openapi("Hold");
export type HoldJson = z.infer<typeof hold>;

export const listHolds = apiRoute({
  method: "get",
  path: "/v1/holds",
  operationId: "listHolds",
  summary: "List holds, newest first",
  tags: ["Holds"],
  permission: "holds.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      payoutId: z.string().max(200).optional(),
      state: z.enum(["open", "closed", "all"]).default("open"),
    }),
  },
  responses: { 200: json(pageOf(hold, "HoldPage"), "A page of holds.") },
  problems: ["cursor-invalid"],
});

export const getHold = apiRoute({
  method: "get",
  path: "/v1/holds/{holdId}",
  operationId: "getHold",
  summary: "One hold",
  tags: ["Holds"],
  permission: "holds.read",
  request: { params: z.object({ holdId: idParam("`hold_…`", "hold_7s4j0n6b3c0d6t3m8v1w5x9q2k") }) },
  responses: { 200: json(hold, "The hold.") },
  problems: ["not-found"],
});
