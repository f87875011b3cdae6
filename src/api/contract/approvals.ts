// Requests that two people decide, on the wire: what was asked, what was decided, what became of it.

import { z } from "@hono/zod-openapi";
import { APPROVAL_KINDS, APPROVAL_REASON_LENGTH_MAX } from "../../approval/approval.ts";
import { apiRoute, json, taggedJson } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { amount, civilDate, currency, idParam, instant, money, sellerFilter } from "./values.ts";

const EXAMPLE = "appr_4t8w0m5q7s1v3x6z9b2d4f6h8k";

const reason = z.string().min(1).max(APPROVAL_REASON_LENGTH_MAX);

export const APPROVAL_STATES = [
  "pending",
  "approved",
  "denied",
  "expired",
  "executed",
  "lapsed",
] as const;

const holdRelease = z
  .object({
    payoutId: z.string(),
    holdId: z.string(),
    code: z.string().openapi({ description: "The rule that holds; the codes: policy.md. Open." }),
    message: z.string().openapi({ description: "What the hold said when this was asked for." }),
    held: money,
    amount: money.openapi({ description: "What of it would be waived." }),
    credits: z
      .array(z.object({ creditId: z.string(), amount: money, causes: z.array(z.string()) }))
      .openapi({ description: "Of which money: nothing else is waived." }),
  })
  .openapi("HoldReleaseAsked");

const accountBinding = z
  .object({
    accountNumber: z.string(),
    currency,
    before: z.string().nullable().openapi({ description: "Whose it is; null: nobody's." }),
    after: z.string(),
    fromOn: civilDate
      .nullable()
      .openapi({ description: "First day whose money is the new seller's; null: all of it." }),
  })
  .openapi("AccountBindingAsked");

export const approval = z
  .object({
    id: z.string().openapi({ example: EXAMPLE }),
    kind: z.enum(APPROVAL_KINDS),
    state: z.enum(APPROVAL_STATES).openapi({
      description:
        "`approved`: decided, and carried out in a moment; `lapsed`: approved, but no longer possible then.",
    }),
    subject: z.string().openapi({ description: "The payout, seller or user that it is about." }),
    sellerId: z.string().nullable(),
    reason: z.string(),
    maker: z.string().openapi({ description: "Who asked: `user_…` or `key_…`." }),
    requestedAt: instant,
    expiresAt: instant,
    holdRelease: holdRelease.nullable().openapi({ description: "With kind `hold-release`." }),
    accountBinding: accountBinding
      .nullable()
      .openapi({ description: "With kind `account-binding`." }),
    paymentOrder: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: "With kind `payment-order`: whom, how much, from where and when." }),
    roleChange: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: "With kind `role-change`: the act, and the user before and after." }),
    decision: z
      .object({
        outcome: z.enum(["approved", "denied", "expired"]),
        checker: z.string().nullable().openapi({ description: "Null: nobody decided in time." }),
        reason: z.string().nullable(),
        decidedAt: instant,
      })
      .nullable(),
    execution: z
      .object({
        outcome: z.enum(["executed", "lapsed"]),
        code: z.string().nullable().openapi({ description: "Why it lapsed." }),
        message: z.string().nullable(),
        executedAt: instant,
      })
      .nullable(),
  })
  .openapi("Approval");
export type ApprovalJson = z.infer<typeof approval>;

const tags = ["Approvals"];
const params = z.object({ approvalId: idParam("`appr_…`", EXAMPLE) });

export const listApprovalsRoute = apiRoute({
  method: "get",
  path: "/v1/approvals",
  operationId: "listApprovals",
  summary: "List requests that two people decide, the newest first",
  tags,
  permission: "approvals.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      kind: z.enum(APPROVAL_KINDS).optional(),
      subject: z.string().max(200).optional(),
      state: z.enum(["pending", "all"]).default("all"),
    }),
  },
  responses: { 200: json(pageOf(approval, "ApprovalPage"), "A page of requests.") },
  problems: ["cursor-invalid"],
});

export const getApprovalRoute = apiRoute({
  method: "get",
  path: "/v1/approvals/{approvalId}",
  operationId: "getApproval",
  summary: "One request, with its decision and what became of it",
  tags,
  permission: "approvals.read",
  request: { params },
  responses: { 200: taggedJson(approval, "The request.") },
  problems: ["not-found"],
});

const OF_DECIDING = [
  "not-found",
  "if-match-missing",
  "changed-meanwhile",
  "approval-own",
  "approval-about-decider",
  "approval-expired",
  "approval-decided",
  "reason-missing",
  "reason-too-long",
  "origin-refused",
] as const;

export const approveRoute = apiRoute({
  method: "post",
  path: "/v1/approvals/{approvalId}/approve",
  operationId: "approve",
  summary: "Approve a request of another person, and have it carried out",
  description:
    "Only a person whose second factor was checked a moment ago, never who asked, and only roles that decide this " +
    "kind. A hold with another reason than was asked about is refused.",
  tags,
  permission: "approvals.decide",
  stepUp: true,
  idempotent: true,
  request: {
    params,
    body: {
      required: true,
      content: {
        "application/json": { schema: z.object({ reason: reason.nullable().default(null) }) },
      },
    },
  },
  responses: {
    200: taggedJson(approval, "Approved; `executed` where this process holds the ledger."),
  },
  problems: [...OF_DECIDING, "hold-closed", "hold-changed", "account-changed", "account-has-money"],
});

export const denyRoute = apiRoute({
  method: "post",
  path: "/v1/approvals/{approvalId}/deny",
  operationId: "deny",
  summary: "Deny a request of another person, with the reason",
  tags,
  permission: "approvals.decide",
  stepUp: true,
  request: {
    params,
    body: { required: true, content: { "application/json": { schema: z.object({ reason }) } } },
  },
  responses: { 200: taggedJson(approval, "Denied.") },
  problems: [...OF_DECIDING],
});

export const requestHoldReleaseRoute = apiRoute({
  method: "post",
  path: "/v1/holds/{holdId}/release-requests",
  operationId: "requestHoldRelease",
  summary: "Ask for the release of a hold by hand, whole or in part",
  description:
    "Nothing is released by this: another person approves or denies it. It covers the money that is held now, for " +
    "this reason, and no other.",
  tags: ["Holds"],
  permission: "holds.request-release",
  idempotent: true,
  request: {
    params: z.object({ holdId: idParam("`hold_…`", "hold_7s4j0n6b3c0d6t3m8v1w5x9q2k") }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            amount: amount
              .nullable()
              .default(null)
              .openapi({ description: "In the hold's currency; null or absent: all of it." }),
            reason,
          }),
        },
      },
    },
  },
  responses: { 201: taggedJson(approval, "The request; `Location` names it.") },
  problems: [
    "not-found",
    "hold-closed",
    "hold-not-waivable",
    "amount-invalid",
    "amount-exceeds-hold",
    "approval-pending",
    "reason-missing",
    "reason-too-long",
    "origin-refused",
  ],
});

export const requestAccountBindingRoute = apiRoute({
  method: "post",
  path: "/v1/sellers/{sellerId}/account-bindings",
  operationId: "requestAccountBinding",
  summary: "Ask for a bank account to be bound to the seller, or moved to it from another",
  description: "Nothing is bound by this: another person approves or denies it.",
  tags: ["Sellers"],
  permission: "accounts.bind",
  idempotent: true,
  request: {
    params: z.object({ sellerId: idParam("The seller's id.", "jiangbei-lamps") }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            accountNumber: z.string().max(64).openapi({ example: "6222601008801" }),
            currency,
            fromOn: civilDate.nullable().default(null).openapi({
              description:
                "First day whose money is the seller's, where the account is another's; absent otherwise.",
            }),
            reason,
          }),
        },
      },
    },
  },
  responses: { 201: taggedJson(approval, "The request; `Location` names it.") },
  problems: [
    "not-found",
    "account-number-malformed",
    "currency-unknown",
    "account-bound",
    "account-of-another-seller",
    "account-has-money",
    "account-changed",
    "from-day-missing",
    "from-day-not-needed",
    "approval-pending",
    "reason-missing",
    "reason-too-long",
    "origin-refused",
  ],
});
