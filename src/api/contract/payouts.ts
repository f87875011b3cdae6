// Payouts on the wire: the object, its list and its story.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { hold } from "./holds.ts";
import { civilDate, idParam, instant, money, sellerFilter, sha256, source } from "./values.ts";

export const PAYOUT_STATES = [
  "expected",
  "announced",
  "held",
  "released",
  "part-released",
  "returned",
  "failed",
  "charged",
] as const;

const payoutHold = hold
  .omit({ payoutId: true, sellerId: true, closedAt: true })
  .openapi("PayoutHold");

const payoutStatement = z
  .object({
    id: z.string(),
    settlementId: z.string(),
    verdict: z.enum(["proven", "quarantined"]),
    total: money,
    lineCount: z.int(),
    periodStart: instant.nullable(),
    periodEnd: instant.nullable(),
    source,
  })
  .openapi("PayoutStatement");

const payoutMatch = z
  .object({
    matchId: z.string(),
    creditId: z.string(),
    layer: z.string().openapi({
      description: "How it was found: reference, amount-date-payer, sum-date-payer. Open.",
    }),
    amount: money,
    charges: money,
    released: money,
    returned: money,
    account: z.string().openapi({ description: "The bank account that was credited." }),
    payer: z.string().nullable(),
    valueOn: civilDate.nullable(),
    storedAt: instant.nullable(),
    recordedAt: instant,
    matchedAt: instant,
    releasedAt: instant.nullable(),
    confirmed: z.boolean().openapi({ description: "An end-of-day statement has it." }),
    source,
  })
  .openapi("PayoutMatch");

const minuteClock = z
  .object({
    storedAt: instant.openapi({ description: "When the credit's notice was stored." }),
    releasedAt: instant.openapi({ description: "When its money was released." }),
    ms: z.int().openapi({ description: "Milliseconds between the two.", example: 412 }),
  })
  .openapi("MinuteClock", {
    description: "From the stored credit notice to the released money, the slowest credit's.",
  });

export const payout = z
  .object({
    id: z.string().openapi({ example: "po_8m2q0v7d1x4k9s3j6w5t0b2n7c" }),
    reference: z
      .string()
      .openapi({ description: "The marketplace's own.", example: "12410710019" }),
    sellerId: z.string().nullable(),
    marketplace: z.string().openapi({ example: "amazon" }),
    source: z.string().openapi({
      description:
        "Who told of it: list-payouts, event-group, date-range-transfer, statement. Open.",
    }),
    announcedStatus: z.string(),
    state: z.enum(PAYOUT_STATES),
    amount: money,
    originalAmount: money.nullable().openapi({
      description: "In the store's currency, where the marketplace converted.",
    }),
    initiatedAt: instant.nullable(),
    credited: money.openapi({ description: "Usable on the seller's account now." }),
    charged: money.openapi({ description: "Deducted on the way." }),
    holds: z.array(payoutHold),
    statements: z.array(payoutStatement),
    matches: z.array(payoutMatch),
    minuteClock: minuteClock.nullable().openapi({ description: "Null while nothing is released." }),
    transitDays: z.int().nullable().openapi({
      description:
        "From the marketplace's initiation to the bank's value date; no part of the minute clock.",
    }),
  })
  .openapi("Payout");
export type PayoutJson = z.infer<typeof payout>;

export const timelineEntry = z
  .object({
    at: instant,
    subject: z
      .string()
      .openapi({ description: "The object it is about: the payout, a statement, a credit." }),
    kind: z.string().openapi({ description: "Open." }),
    actor: z.string().nullable().openapi({ description: "User or key; null: the channel itself." }),
    data: z.record(z.string(), z.unknown()),
    source: z.object({ file: z.string().nullable(), sha256, line: z.int() }).nullable(),
  })
  .openapi("TimelineEntry");
export type TimelineEntryJson = z.infer<typeof timelineEntry>;

const payoutId = idParam("`po_…`", "po_8m2q0v7d1x4k9s3j6w5t0b2n7c");

const missingPaper = z.object({
  orderId: z
    .string()
    .nullable()
    .openapi({ description: "Null: a paper of the payout as a whole." }),
  paper: z.string().openapi({ description: "Which paper. Open." }),
  amount: money.openapi({ description: "Of the sales, what it would support." }),
  owner: z.string(),
  dueOn: civilDate,
  isOverdue: z.boolean(),
});

export const payoutEvidence = z
  .object({
    state: z.enum(["complete", "provisional", "incomplete", "unknown", "not-in-force"]).openapi({
      description:
        "`provisional`: covered, and tracking numbers are owed; `unknown`: its orders are not on record; `not-in-force`: " +
        "the policy asks for no evidence, or nothing was computed.",
    }),
    required: money.nullable().openapi({ description: "Sales of the payout's orders." }),
    covered: money.nullable(),
    uncovered: money.nullable(),
    provisional: money
      .nullable()
      .openapi({ description: "Of the covered, what still owes a tracking number." }),
    refunded: money.nullable(),
    other: money.nullable().openapi({ description: "Money of no order; may be negative." }),
    orderCount: z.int(),
    ordersCovered: z.int(),
    ordersUnshipped: z.int(),
    ordersOverdue: z.int(),
    missingPapers: z.array(z.object({ paper: z.string(), count: z.int(), amount: money })).openapi({
      description: "Every missing paper, counted.",
    }),
    missing: z
      .array(missingPaper)
      .openapi({ description: "One by one; of a very large payout the first 1,000." }),
    findings: z.array(
      z.object({
        code: z.string(),
        orderId: z.string(),
        amount: money,
        trackingNumber: z.string().nullable(),
        by: z.enum(["own", "another-seller"]).nullable(),
      }),
    ),
    findingCount: z.int(),
    customsModes: z.array(z.object({ mode: z.string(), amount: money })),
    refusedModes: z.array(z.string()),
  })
  .openapi("PayoutEvidence");
export type PayoutEvidenceJson = z.infer<typeof payoutEvidence>;

export const getPayoutEvidence = apiRoute({
  method: "get",
  path: "/v1/payouts/{payoutId}/evidence",
  operationId: "getPayoutEvidence",
  summary:
    "How far a payout is supported by orders, goods and papers, and what would cure the rest",
  tags: ["Payouts"],
  permission: "payouts.read",
  request: { params: z.object({ payoutId }) },
  responses: { 200: json(payoutEvidence, "The meter.") },
  problems: ["not-found"],
});

const bothLanguages = z.object({ en: z.string(), zh: z.string() });

export const payoutVerdicts = z
  .object({
    payoutId: z.string(),
    packs: z.array(
      z.object({
        id: z.string(),
        version: z.int(),
        title: bothLanguages,
        effectiveFrom: z.string(),
        effectiveTo: z.string().nullable(),
        sha256,
      }),
    ),
    own: z.array(z.object({ code: z.string(), message: z.string() })).openapi({
      description: "The channel's own rules that hold it.",
    }),
    verdicts: z.array(
      z.object({
        rule: z.string().openapi({ example: "cn-goods-receipts/evidence-missing" }),
        title: bothLanguages,
        effect: z.enum(["hold", "refuse", "warn", "require-report", "relax"]),
        outcome: z.enum(["silent", "speaks", "relaxed", "failed"]),
        creditId: z.string().nullable(),
        lookedAt: z.array(z.object({ fact: z.string(), value: z.string() })),
        amount: money.nullable(),
        message: z.string(),
        messageZh: z.string(),
        dueOn: civilDate.nullable(),
        relaxedBy: z.string().nullable(),
        failure: z.string().nullable(),
        source: z.object({
          notice: z.string(),
          article: z.string().nullable(),
          url: z.string().nullable(),
          confidence: z.enum(["official", "secondary", "general-knowledge", "uncertain"]),
          quote: z.string(),
        }),
      }),
    ),
    facts: z.array(z.object({ fact: z.string(), meaning: z.string(), value: z.string() })),
  })
  .openapi("PayoutVerdicts");
export type PayoutVerdictsJson = z.infer<typeof payoutVerdicts>;

export const getPayoutVerdicts = apiRoute({
  method: "get",
  path: "/v1/payouts/{payoutId}/verdicts",
  operationId: "getPayoutVerdicts",
  summary: "What each rule in force says of a payout, what it looked at and where it comes from",
  tags: ["Payouts"],
  permission: "payouts.read",
  request: { params: z.object({ payoutId }) },
  responses: { 200: json(payoutVerdicts, "The verdicts as of today.") },
  problems: ["not-found"],
});

export const listPayouts = apiRoute({
  method: "get",
  path: "/v1/payouts",
  operationId: "listPayouts",
  summary: "List payouts, newest first",
  tags: ["Payouts"],
  permission: "payouts.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      state: z.enum(PAYOUT_STATES).optional(),
      reference: z
        .string()
        .max(200)
        .optional()
        .openapi({ description: "The marketplace's reference." }),
    }),
  },
  responses: { 200: json(pageOf(payout, "PayoutPage"), "A page of payouts.") },
  problems: ["cursor-invalid"],
});

export const getPayout = apiRoute({
  method: "get",
  path: "/v1/payouts/{payoutId}",
  operationId: "getPayout",
  summary: "One payout, with what proves it, what arrived, what is held and how long it took",
  tags: ["Payouts"],
  permission: "payouts.read",
  request: { params: z.object({ payoutId }) },
  responses: { 200: json(payout, "The payout.") },
  problems: ["not-found"],
});

export const getPayoutTimeline = apiRoute({
  method: "get",
  path: "/v1/payouts/{payoutId}/timeline",
  operationId: "getPayoutTimeline",
  summary: "The story of one payout, its statements and its credits, oldest first",
  tags: ["Payouts"],
  permission: "payouts.read",
  request: { params: z.object({ payoutId }) },
  responses: {
    200: json(z.object({ data: z.array(timelineEntry) }).openapi("Timeline"), "All of its story."),
  },
  problems: ["not-found"],
});
