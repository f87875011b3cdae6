// Acts on stores on the wire: to name one, to bind it by consent, to end it, to ask for a payout; and the money that its
// marketplace still holds.

import { z } from "@hono/zod-openapi";
import { REGIONS } from "../../marketplace/amazon/sp-api/regions.ts";
import { STORE_NAME_LENGTH_MAX } from "../../marketplace/stores/store-acts.ts";
import { apiRoute, json, taggedJson } from "../api-route.ts";
import { store } from "./stores.ts";
import { civilDate, idParam, instant, money, reason, sellerFilter } from "./values.ts";

const tags = ["Stores"];
const STORE_EXAMPLE = "sto_01jd5wq3v0x5r6y7z8a9b0c1d2";
const params = z.object({ storeId: idParam("`sto_…`", STORE_EXAMPLE) });
const body = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: { "application/json": { schema } } }) as const;

export const createStoreRoute = apiRoute({
  method: "post",
  path: "/v1/stores",
  operationId: "createStore",
  summary: "Name a store for a seller, to be bound by consent",
  tags,
  permission: "stores.bind",
  request: {
    body: body(
      z.object({
        sellerId: z
          .string()
          .max(63)
          .optional()
          .openapi({ description: "Whose; a caller bound to a seller leaves it out." }),
        marketplace: z.string().max(30).openapi({ example: "amazon" }),
        region: z.enum(REGIONS).openapi({ description: "Of the marketplace's API." }),
        name: z.string().trim().min(1).max(STORE_NAME_LENGTH_MAX),
      }),
    ),
  },
  responses: { 201: taggedJson(store, "The store; nobody has consented yet.") },
  problems: ["seller-unknown", "marketplace-not-connected", "too-many-stores"],
});

const begun = z
  .object({
    consentUrl: z.string().openapi({ description: "Where the seller's browser goes." }),
    state: z.string().nullable().openapi({
      description: "For a key that completes it itself; a browser keeps it in a cookie.",
    }),
    expiresAt: instant,
  })
  .openapi("StoreConsentBegun");

export const beginConsentRoute = apiRoute({
  method: "post",
  path: "/v1/stores/{storeId}/consents",
  operationId: "beginStoreConsent",
  summary: "Begin the consent by which a store is bound or renewed",
  description:
    "The seller signs in at the marketplace and lets this installation read the account. A person's browser is sent back " +
    "to `/v1/stores/callback`; a program catches the way back itself and sends what it brings to `/v1/store-consents`.",
  tags,
  permission: "stores.bind",
  request: {
    params,
    body: body(
      z.object({
        country: z
          .string()
          .regex(/^[A-Z]{2}$/)
          .nullable()
          .default(null)
          .openapi({
            description: "Where the seller signs in; null: the region's first.",
            example: "US",
          }),
      }),
    ),
  },
  responses: { 201: json(begun, "Good for half an hour, once, where it was begun.") },
  problems: ["not-found", "marketplace-not-connected"],
});

const OF_CONSENT = [
  "consent-unknown",
  "consent-used",
  "consent-expired",
  "consent-begun-elsewhere",
  "consent-code-invalid",
  "store-of-another-account",
  "store-already-bound",
  "marketplace-not-connected",
] as const;

const consentCode = z.string().min(1).max(500);
const partnerId = z.string().min(1).max(100);

export const consentCallbackRoute = apiRoute({
  method: "get",
  path: "/v1/stores/callback",
  operationId: "finishStoreConsent",
  summary: "Come back from the marketplace's consent",
  tags,
  permission: "public",
  request: {
    query: z.object({
      state: z.string().max(200),
      selling_partner_id: partnerId.optional(),
      spapi_oauth_code: consentCode.optional(),
      error: z.string().max(200).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page that says so: the store is bound.",
      content: { "text/html": { schema: z.string() } },
    },
  },
  problems: [...OF_CONSENT, "consent-declined"],
});

export const completeConsentRoute = apiRoute({
  method: "post",
  path: "/v1/store-consents",
  operationId: "completeStoreConsent",
  summary: "Complete a consent that this key began",
  tags,
  permission: "stores.bind",
  request: {
    body: body(z.object({ state: z.string().max(200), partnerId, code: consentCode })),
  },
  responses: { 200: taggedJson(store, "The store, bound.") },
  problems: [...OF_CONSENT],
});

export const unbindStoreRoute = apiRoute({
  method: "post",
  path: "/v1/stores/{storeId}/unbind",
  operationId: "unbindStore",
  summary: "End a store's authorisation here and forget its token",
  description: "What is on record stays. The seller also withdraws the consent at the marketplace.",
  tags,
  permission: "stores.bind",
  request: { params },
  responses: { 200: taggedJson(store, "Revoked.") },
  problems: ["not-found", "store-not-bound"],
});

export const confirmStoreNameRoute = apiRoute({
  method: "post",
  path: "/v1/stores/{storeId}/confirm-name",
  operationId: "confirmStoreName",
  summary: "Say that the account is the seller's although its name differs or is not told",
  description:
    "Only a person who sees all sellers and showed a second factor a moment ago. From then on the store is polled.",
  tags,
  permission: "stores.bind",
  stepUp: true,
  request: { params, body: body(z.object({ reason: z.string().trim().min(1).max(500) })) },
  responses: { 200: taggedJson(store, "Confirmed.") },
  problems: ["not-found", "store-not-bound", "name-not-in-doubt"],
});

export const payoutRequest = z
  .object({
    id: z.string().openapi({ example: "pr_7s4j0n6b3c0d6t3m8v1w5x9q2k" }),
    storeId: z.string(),
    sellerId: z.string(),
    marketplaceId: z.string().openapi({ example: "A1PA6795UKMFR9" }),
    accountType: z.string(),
    state: z.enum(["intended", "asked", "initiated", "refused", "given-up"]).openapi({
      description:
        "asked: sent, and its answer is being looked up; given-up: sent as often as it may be, and no payout is to be seen.",
    }),
    requestedAt: instant,
    requestedBy: z.string(),
    askedAt: instant.nullable(),
    askCount: z.int(),
    answeredAt: instant.nullable(),
    reference: z
      .string()
      .nullable()
      .openapi({ description: "The marketplace's own, of the payout." }),
    reasons: z.array(reason),
  })
  .openapi("PayoutRequest");
export type PayoutRequestJson = z.infer<typeof payoutRequest>;

export const requestPayoutRoute = apiRoute({
  method: "post",
  path: "/v1/stores/{storeId}/payout-requests",
  operationId: "requestPayout",
  summary: "Ask the marketplace to pay a country store's whole available balance now",
  description:
    "Where the marketplace offers it: marketplaces.md. There is no amount, and one request in 24 hours. An answer that does " +
    "not come is looked up before anything is sent again.",
  tags,
  permission: "payouts.initiate",
  idempotent: true,
  request: {
    params,
    body: body(z.object({ marketplaceId: z.string().min(1).max(40) })),
  },
  responses: { 201: json(payoutRequest, "The request as it stands.") },
  problems: [
    "not-found",
    "marketplace-not-connected",
    "store-not-bound",
    "store-name-in-doubt",
    "payout-not-on-demand",
    "payout-asked-lately",
  ],
});

/** Requests of a store that are shown: more than half a year of daily ones. */
export const REQUESTS_SHOWN_MAX = 200;

export const listPayoutRequestsRoute = apiRoute({
  method: "get",
  path: "/v1/stores/{storeId}/payout-requests",
  operationId: "listPayoutRequests",
  summary: "The last payouts that were asked for, newest first",
  tags,
  permission: "payouts.read",
  request: { params },
  responses: {
    200: json(
      z.object({ data: z.array(payoutRequest) }).openapi("PayoutRequests"),
      `At most ${REQUESTS_SHOWN_MAX}.`,
    ),
  },
  problems: ["not-found"],
});

const told = {
  sellerId: z.string().nullable(),
  marketplace: z.string(),
  marketplaceId: z.string().nullable(),
  toldAt: instant.openapi({ description: "When the marketplace said so last." }),
};
const accountType = z.string().nullable();

export const moneyOnTheWay = z
  .object({
    balances: z.array(
      z.object({
        ...told,
        accountType,
        kind: z.string().openapi({
          description: "total, available, reserved, deferred, account-level-reserve. Open.",
        }),
        amount: money,
      }),
    ),
    expectedPayouts: z.array(
      z.object({
        ...told,
        accountType,
        status: z.enum(["scheduled", "disabled", "at-risk", "none", "unknown"]),
        amount: money.nullable(),
        scheduledAt: instant.nullable(),
        settlementIds: z.array(z.string()),
      }),
    ),
    deferred: z.array(
      z.object({
        ...told,
        amount: money,
        transactionCount: z.int(),
        releaseOn: civilDate.nullable(),
        reason: z.string().nullable().openapi({ example: "DD7" }),
      }),
    ),
  })
  .openapi("MoneyOnTheWay");
export type MoneyOnTheWayJson = z.infer<typeof moneyOnTheWay>;

export const moneyOnTheWayRoute = apiRoute({
  method: "get",
  path: "/v1/money-on-the-way",
  operationId: "getMoneyOnTheWay",
  summary: "What marketplaces still hold, plan to pay, and let go on which day",
  description: "As they told it last. Nothing of it is in the books yet.",
  tags,
  permission: "payouts.read",
  request: { query: z.object({ sellerId: sellerFilter }) },
  responses: { 200: json(moneyOnTheWay, "As told last.") },
});
