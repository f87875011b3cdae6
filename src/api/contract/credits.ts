// Credits on the wire: money in as the bank tells it, every notice of it, and what it paid. The bank's debits that take
// credits back have the same shape.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { civilDate, idParam, instant, money, sellerFilter, source } from "./values.ts";

const party = z
  .object({
    name: z.string().nullable(),
    account: z.string().nullable(),
    bic: z.string().nullable(),
    country: z.string().nullable(),
  })
  .openapi("Party");

export const credit = z
  .object({
    id: z.string().openapi({ example: "cr_0d6t3m8v1w5x9q2k7s4j0n6b3c" }),
    sellerId: z.string().nullable(),
    account: z.string().openapi({ description: "The bank account." }),
    direction: z.enum(["credit", "debit"]),
    reversal: z.boolean(),
    amount: money,
    open: money.openapi({
      description: "Of it, what no payout explains yet (or, of a debit, what is not undone yet).",
    }),
    state: z.enum(["announced", "copy", "booked"]).openapi({
      description: "announced: seen, not yet money; copy: only copies were seen; booked: money.",
    }),
    role: z.enum(["incoming", "returned-to-us", "undo", "outside"]),
    unmatchedCode: z
      .string()
      .nullable()
      .openapi({ description: "Why no payout was found, while open." }),
    confirmed: z.boolean().openapi({ description: "An end-of-day statement has it." }),
    valueOn: civilDate.nullable(),
    bookedOn: civilDate.nullable(),
    storedAt: instant.nullable().openapi({ description: "The minute clock starts here." }),
    recordedAt: instant,
    payer: party.nullable(),
    references: z.object({
      uetr: z.string().nullable(),
      servicerReference: z.string().nullable(),
      endToEndId: z.string().nullable(),
      instructionId: z.string().nullable(),
      transactionId: z.string().nullable(),
    }),
    typeCode: z.string().nullable().openapi({ example: "PMNT/RCDT/XBCT" }),
    instructedAmount: money
      .nullable()
      .openapi({ description: "What the payer's side instructed." }),
    remittance: z.array(z.string()),
  })
  .openapi("Credit");
export type CreditJson = z.infer<typeof credit>;

const charge = z
  .object({
    amount: money,
    direction: z.enum(["credit", "debit"]),
    included: z.boolean().nullable(),
    bearer: z.string().nullable(),
    type: z.string().nullable(),
    agentBic: z.string().nullable(),
  })
  .openapi("Charge");

const exchange = z
  .object({
    sourceCurrency: z.string().nullable(),
    targetCurrency: z.string().nullable(),
    unitCurrency: z.string().nullable(),
    rate: z.string(),
    contractId: z.string().nullable(),
    quotedAt: instant.nullable(),
  })
  .openapi("Exchange");

export const creditWithNotices = credit
  .extend({
    charges: z.array(charge),
    exchange: exchange.nullable(),
    notices: z.array(
      z.object({
        family: z.string().openapi({ example: "camt.054" }),
        status: z.string(),
        copy: z.boolean(),
        recordedAt: instant,
        source,
      }),
    ),
    matches: z.array(z.object({ matchId: z.string(), payoutId: z.string(), amount: money })),
  })
  .openapi("CreditWithNotices");
export type CreditWithNoticesJson = z.infer<typeof creditWithNotices>;

export const listCredits = apiRoute({
  method: "get",
  path: "/v1/credits",
  operationId: "listCredits",
  summary: "List credits, the last recorded first",
  tags: ["Credits"],
  permission: "credits.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      direction: z.enum(["credit", "debit"]).default("credit"),
      open: z.enum(["true", "false"]).optional().openapi({
        description: "true: only what is not explained yet; false: only what is.",
      }),
    }),
  },
  responses: { 200: json(pageOf(credit, "CreditPage"), "A page of credits.") },
  problems: ["cursor-invalid"],
});

export const getCredit = apiRoute({
  method: "get",
  path: "/v1/credits/{creditId}",
  operationId: "getCredit",
  summary: "One credit with every notice of it and what it paid",
  tags: ["Credits"],
  permission: "credits.read",
  request: {
    params: z.object({ creditId: idParam("`cr_…` or `db_…`", "cr_0d6t3m8v1w5x9q2k7s4j0n6b3c") }),
  },
  responses: { 200: json(creditWithNotices, "The credit.") },
  problems: ["not-found"],
});
