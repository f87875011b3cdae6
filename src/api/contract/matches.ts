// Matches and holds on the wire: which credit paid which payout, and which money may not be used yet.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { idParam, instant, money, sellerFilter } from "./values.ts";

export const match = z
  .object({
    id: z.string().openapi({ example: "ma_2k7s4j0n6b3c0d6t3m8v1w5x9q" }),
    payoutId: z.string(),
    creditId: z.string(),
    sellerId: z.string().nullable(),
    layer: z.string().openapi({
      description: "How it was found: reference, amount-date-payer, sum-date-payer. Open.",
    }),
    amount: money.openapi({ description: "Of the credit." }),
    charge: money.openapi({ description: "Deducted on the way." }),
    paid: money.openapi({ description: "Of the payout." }),
    released: money.openapi({ description: "Of the amount, what was released." }),
    returned: money.openapi({ description: "Of the amount, what the bank took back." }),
    matchedAt: instant,
  })
  .openapi("Match");
export type MatchJson = z.infer<typeof match>;

export const listMatches = apiRoute({
  method: "get",
  path: "/v1/matches",
  operationId: "listMatches",
  summary: "List matches, newest first",
  tags: ["Matches"],
  permission: "matches.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      payoutId: z.string().max(200).optional(),
      creditId: z.string().max(200).optional(),
    }),
  },
  responses: { 200: json(pageOf(match, "MatchPage"), "A page of matches.") },
  problems: ["cursor-invalid"],
});

export const getMatch = apiRoute({
  method: "get",
  path: "/v1/matches/{matchId}",
  operationId: "getMatch",
  summary: "One match",
  tags: ["Matches"],
  permission: "matches.read",
  request: {
    params: z.object({ matchId: idParam("The match's id.", "ma_2k7s4j0n6b3c0d6t3m8v1w5x9q") }),
  },
  responses: { 200: json(match, "The match.") },
  problems: ["not-found"],
});
