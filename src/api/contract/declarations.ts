// Declarations on the wire: what declares each receipt, where it stands, what is wrong with it.

import { z } from "@hono/zod-openapi";
import { DECLARATION_STATES } from "../../declaration/declaration-rows.ts";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { civilDate, currency, idParam, instant, sellerFilter } from "./values.ts";

const declaration = z
  .object({
    id: z.string().openapi({ example: "decl_7s4j0n6b3c0d6t3m8v1w5x9q2k" }),
    rptNo: z
      .string()
      .openapi({ description: "Declaration number.", example: "500000001402261123N001" }),
    creditId: z.string(),
    payoutId: z.string().nullable(),
    sellerId: z.string(),
    kind: z.enum(["plain", "actual", "restored-income", "restored-expense"]),
    state: z.enum(DECLARATION_STATES),
    isLate: z.boolean().openapi({ description: "Its day is over and it is not filed." }),
    creditedOn: civilDate,
    dueOn: civilDate,
    currency,
    amount: z.string().openapi({ description: "Whole units, as it is declared.", example: "1414" }),
    country: z.string(),
    codes: z.array(z.object({ code: z.string(), amount: z.string(), remark: z.string() })),
    faults: z.array(
      z.object({ rule: z.string(), field: z.string(), message: z.string(), source: z.string() }),
    ),
    answer: z.string().nullable(),
    madeAt: instant,
  })
  .openapi("Declaration");
export type DeclarationJson = z.infer<typeof declaration>;

export const listDeclarations = apiRoute({
  method: "get",
  path: "/v1/declarations",
  operationId: "listDeclarations",
  summary: "List declarations of receipts, by number",
  tags: ["Declarations"],
  permission: "declarations.read",
  request: {
    query: pageQuery.extend({ sellerId: sellerFilter, creditId: z.string().max(200).optional() }),
  },
  responses: { 200: json(pageOf(declaration, "DeclarationPage"), "A page of declarations.") },
  problems: ["cursor-invalid"],
});

export const completeDeclarationRoute = apiRoute({
  method: "post",
  path: "/v1/declarations/{declarationId}/completions",
  operationId: "completeDeclaration",
  summary: "Supply what only the payee knows, and confirm the declaration",
  tags: ["Declarations"],
  permission: "declarations.write",
  idempotent: true,
  request: {
    params: z.object({ declarationId: idParam("`decl_…`", "decl_7s4j0n6b3c0d6t3m8v1w5x9q2k") }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            country: z
              .string()
              .regex(/^[A-Z]{2,3}$/)
              .nullable()
              .default(null)
              .openapi({
                description: "Where the payer resides, ISO 3166 letters; null: as it is.",
                example: "USA",
              }),
            payType: z
              .enum(["A", "O"])
              .nullable()
              .default(null)
              .openapi({ description: "A advance receipt, O other." }),
            remark: z.string().min(1).max(50).nullable().default(null),
          }),
        },
      },
    },
  },
  responses: { 200: json(declaration, "The declaration with its new version.") },
  problems: ["not-found", "declaration-filed", "country-unknown", "declarations-off"],
});
