// Payment orders on the wire: what is paid from a seller's account, who agreed, and what the bank says of it.

import { z } from "@hono/zod-openapi";
import { APPROVAL_REASON_LENGTH_MAX } from "../../approval/approval.ts";
import { ORDER_STATES } from "../../bank/orders/payment-order.ts";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { civilDate, idParam, instant, money, sellerFilter, source } from "./values.ts";

const EXAMPLE = "ord_8m2q0v7d1x4k9s3j6w5t0b2n7c";

export const creditor = z
  .strictObject({
    name: z.string().min(1).max(140),
    account: z
      .string()
      .regex(/^[A-Za-z0-9]{1,34}$/)
      .openapi({ description: "IBAN or account number, without blanks." }),
    bankBic: z
      .string()
      .regex(/^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/)
      .openapi({ example: "ICBKCNBJCQG" }),
    country: z.string().regex(/^[A-Z]{2}$/),
    town: z.string().min(1).max(35),
    street: z.string().min(1).max(70).nullable().default(null),
  })
  .openapi("Creditor", {
    description: "Who is paid. Town and country are mandatory in payments between countries.",
  });

const orderAsked = z
  .strictObject({
    sellerId: z.string().min(1).max(63),
    debtorAccount: z
      .string()
      .regex(/^[A-Za-z0-9]{1,34}$/)
      .openapi({ description: "The seller's account; a bank connection must take orders for it." }),
    amount: money,
    creditor,
    purpose: z
      .string()
      .regex(/^[A-Z0-9]{4}$/)
      .nullable()
      .default(null)
      .openapi({ description: "ISO 20022 external purpose code.", example: "GDDS" }),
    remittance: z.string().min(1).max(140).nullable().default(null),
    executeOn: civilDate,
    reason: z
      .string()
      .min(1)
      .max(APPROVAL_REASON_LENGTH_MAX)
      .openapi({ description: "For the person who decides." }),
  })
  .openapi("OrderAsked");

const orderTold = z
  .object({
    code: z.string().openapi({
      description: "ISO 20022: ACTC, ACCP, ACSP, ACSC, PDNG, RJCT. Open.",
      example: "ACSP",
    }),
    reasonCode: z.string().nullable().openapi({ example: "AC04" }),
    reasonText: z.string().nullable(),
    toldAt: instant.nullable().openapi({ description: "As the bank says." }),
    recordedAt: instant,
    source,
  })
  .openapi("OrderTold");

export const order = z
  .object({
    id: z.string().openapi({ example: EXAMPLE }),
    state: z.enum(ORDER_STATES).openapi({
      description:
        "`disputed`: the bank said both that it was settled and that it was not; a person asks the bank.",
    }),
    sellerId: z.string(),
    debtorAccount: z.string(),
    amount: money,
    creditor,
    purpose: z.string().nullable(),
    remittance: z.string().nullable(),
    executeOn: civilDate,
    endToEndId: z.string().openapi({
      description: "Ours, in every message about it and on the account's statement.",
    }),
    uetr: z.string(),
    messageId: z.string().nullable().openapi({ description: "Of the pain.001 that carries it." }),
    approvalId: z.string(),
    madeBy: z.string(),
    madeAt: instant,
    approvedAt: instant.nullable(),
    sentAt: instant.nullable(),
    told: z
      .array(orderTold)
      .openapi({ description: "What the bank said of it, the latest first." }),
    debitId: z
      .string()
      .nullable()
      .openapi({ description: "The debit on the account, once the bank told of it." }),
  })
  .openapi("Order");
export type OrderJson = z.infer<typeof order>;

const tags = ["Orders"];

export const createOrder = apiRoute({
  method: "post",
  path: "/v1/orders",
  operationId: "createOrder",
  summary: "Ask for a payment out of a seller's account",
  description:
    "The order is on record with its ids, and waits for another person: `approvalId` names the request. Approved, it " +
    "goes to the bank as pain.001; what the bank answers comes back as pain.002.",
  tags,
  permission: "orders.write",
  idempotent: true,
  request: { body: { required: true, content: { "application/json": { schema: orderAsked } } } },
  responses: { 201: json(order, "On record, and proposed.") },
  problems: [
    "not-found",
    "order-account-unknown",
    "order-date-invalid",
    "order-text-invalid",
    "order-funds-missing",
    "amount-invalid",
    "approval-pending",
    "reason-missing",
    "reason-too-long",
  ],
});

export const listOrders = apiRoute({
  method: "get",
  path: "/v1/orders",
  operationId: "listOrders",
  summary: "List payment orders, the newest first",
  tags,
  permission: "orders.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(order, "OrderPage"), "A page of orders.") },
  problems: ["cursor-invalid"],
});

export const getOrder = apiRoute({
  method: "get",
  path: "/v1/orders/{orderId}",
  operationId: "getOrder",
  summary: "One payment order, with all that the bank said of it",
  tags,
  permission: "orders.read",
  request: { params: z.object({ orderId: idParam("`ord_…`", EXAMPLE) }) },
  responses: { 200: json(order, "The order.") },
  problems: ["not-found"],
});
