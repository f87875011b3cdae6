// Search on the wire: one text, objects of every kind.

import { z } from "@hono/zod-openapi";
import { FOUND_KINDS, FOUND_OF_KIND_MAX } from "../../report/search.ts";
import { apiRoute, json } from "../api-route.ts";
import { money } from "./values.ts";

export const SEARCH_TEXT_LENGTH_MAX = 200;

const found = z
  .object({
    kind: z.enum(FOUND_KINDS),
    id: z.string(),
    text: z.string().openapi({
      description: "What it is known by: its reference, settlement, name or code.",
      example: "11900000178",
    }),
    amount: money.nullable(),
    sellerId: z.string().nullable(),
    of: z.string().nullable().openapi({ description: "The payout of a hold." }),
  })
  .openapi("FoundObject");
export type FoundJson = z.infer<typeof found>;

export const searchRoute = apiRoute({
  method: "get",
  path: "/v1/search",
  operationId: "search",
  summary: "Find objects by an id, a reference, an amount or the name of a store",
  description:
    "Ids, references and file names are found from their beginning, amounts exactly, names of stores anywhere in them. " +
    `At most ${FOUND_OF_KIND_MAX} of each kind, of those that the caller may read.`,
  tags: ["Search"],
  permission: "payouts.read",
  request: { query: z.object({ q: z.string().min(1).max(SEARCH_TEXT_LENGTH_MAX) }) },
  responses: { 200: json(z.object({ data: z.array(found) }), "What was found.") },
});
