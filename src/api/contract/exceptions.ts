// Exceptions on the wire: what a person must look at, most money and age first.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { instant, money, sellerFilter } from "./values.ts";

export const exception = z
  .object({
    kind: z
      .string()
      .openapi({ description: "Open; the kinds: json.md.", example: "credit-unmatched" }),
    code: z.string().openapi({ description: "Finer reason. Open.", example: "no-payout-found" }),
    subject: z
      .string()
      .openapi({ description: "The object to open: po_…, cr_…, db_…, st_…, or a file's sha256." }),
    message: z.string(),
    amount: money.nullable().openapi({ description: "Money at stake; null where none is known." }),
    sellerId: z.string().nullable(),
    since: instant,
    ageDays: z.int(),
    file: z.string().nullable(),
    line: z.int().nullable(),
  })
  .openapi("Exception");
export type ExceptionJson = z.infer<typeof exception>;

export const listExceptions = apiRoute({
  method: "get",
  path: "/v1/exceptions",
  operationId: "listExceptions",
  summary: "List open exceptions, most money and age first",
  tags: ["Exceptions"],
  permission: "exceptions.read",
  request: {
    query: pageQuery.extend({ sellerId: sellerFilter, kind: z.string().max(60).optional() }),
  },
  responses: { 200: json(pageOf(exception, "ExceptionPage"), "A page of exceptions.") },
  problems: ["cursor-invalid"],
});
