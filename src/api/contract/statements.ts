// Statements on the wire: what a marketplace settled, whether it is proven, and the lines themselves out of the raw file.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { PAGE_SIZE_MAX, pageOf, pageQuery } from "../page.ts";
import { currency, idParam, instant, money, reason, sellerFilter, source } from "./values.ts";

const STATES = [
  "quarantined",
  "awaiting-seller",
  "posted",
  "replaced",
  "confirming",
  "differing",
] as const;

export const statement = z
  .object({
    id: z.string().openapi({ example: "st_4v7k0n2d8q1s5w9x3j6m0t2b7c" }),
    marketplace: z.string(),
    marketplaceNames: z
      .array(z.string())
      .openapi({ description: "The stores that the lines name." }),
    settlementId: z.string(),
    sellerId: z.string().nullable(),
    format: z.string().openapi({ example: "amazon-settlement-v2" }),
    currency: currency.nullable(),
    periodStart: instant.nullable(),
    periodEnd: instant.nullable(),
    lineCount: z.int(),
    declaredTotal: money.nullable(),
    summedTotal: money.nullable(),
    verdict: z.enum(["proven", "quarantined"]),
    reasons: z.array(reason),
    state: z.enum(STATES).openapi({
      description:
        "posted: in the books; confirming, differing: a second reading of a proven one; replaced: a re-issue took its place.",
    }),
    isCurrent: z.boolean().openapi({ description: "The reading of its settlement that counts." }),
    payoutId: z
      .string()
      .nullable()
      .openapi({ description: "The payout that pays it, once known." }),
    recordedAt: instant,
    source,
    lastLine: z.int().openapi({ description: "Where it ends in the file." }),
  })
  .openapi("Statement");
export type StatementJson = z.infer<typeof statement>;

const statementGroup = z
  .object({
    transactionType: z.string(),
    amountType: z.string(),
    amountDescription: z.string(),
    class: z.string(),
    known: z.boolean(),
    lineCount: z.int(),
    total: money.nullable(),
    firstLine: z.int(),
  })
  .openapi("StatementGroup");

export const statementWithGroups = statement
  .extend({
    groups: z.array(statementGroup).openapi({ description: "Its lines, summed by kind." }),
  })
  .openapi("StatementWithGroups");
export type StatementWithGroupsJson = z.infer<typeof statementWithGroups>;

export const fileLine = z
  .object({
    line: z.int().openapi({ description: "From 1, the header included." }),
    text: z.string().openapi({ description: "As in the file, without its line end." }),
    isCut: z.boolean().openapi({ description: "It is longer than is shown." }),
  })
  .openapi("FileLine");
export type FileLineJson = z.infer<typeof fileLine>;

export const lineQuery = z.object({
  from: z.coerce.number().int().min(1).max(2_147_483_647).optional().openapi({
    description: "The first line that is wanted.",
  }),
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(20),
  cursor: pageQuery.shape.cursor,
});

const statementId = idParam("`st_…`", "st_4v7k0n2d8q1s5w9x3j6m0t2b7c");

export const listStatements = apiRoute({
  method: "get",
  path: "/v1/statements",
  operationId: "listStatements",
  summary: "List statements, the last recorded first",
  tags: ["Statements"],
  permission: "statements.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      settlementId: z.string().max(200).optional(),
      verdict: z.enum(["proven", "quarantined"]).optional(),
      all: z.enum(["true", "false"]).default("false").openapi({
        description: "Also readings that do not count any more.",
      }),
    }),
  },
  responses: { 200: json(pageOf(statement, "StatementPage"), "A page of statements.") },
  problems: ["cursor-invalid"],
});

export const getStatement = apiRoute({
  method: "get",
  path: "/v1/statements/{statementId}",
  operationId: "getStatement",
  summary: "One statement with its lines summed by kind",
  tags: ["Statements"],
  permission: "statements.read",
  request: { params: z.object({ statementId }) },
  responses: { 200: json(statementWithGroups, "The statement.") },
  problems: ["not-found"],
});

export const listStatementLines = apiRoute({
  method: "get",
  path: "/v1/statements/{statementId}/lines",
  operationId: "listStatementLines",
  summary: "Lines of one statement, out of the raw file as it was received",
  tags: ["Statements"],
  permission: "statements.read",
  request: { params: z.object({ statementId }), query: lineQuery },
  responses: { 200: json(pageOf(fileLine, "FileLinePage"), "A page of lines, in their order.") },
  problems: ["not-found", "cursor-invalid"],
});
