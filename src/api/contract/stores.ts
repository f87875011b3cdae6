// Stores on the wire: a marketplace's account bound to a seller, where its consent stands, and what it was before.

import { z } from "@hono/zod-openapi";
import { apiRoute, json, taggedJson } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { idParam, instant, sellerFilter } from "./values.ts";

const participation = z
  .object({
    marketplaceId: z.string().openapi({ example: "ATVPDKIKX0DER" }),
    country: z.string().nullable(),
    name: z.string().nullable(),
    currency: z.string().nullable(),
    storeName: z.string().nullable(),
    isParticipating: z.boolean(),
    hasSuspendedListings: z.boolean(),
  })
  .openapi("StoreParticipation");

export const store = z
  .object({
    id: z.string().openapi({ example: "sto_01jd5wq3v0x5r6y7z8a9b0c1d2" }),
    sellerId: z.string(),
    marketplace: z.string().openapi({ example: "amazon" }),
    region: z.string().openapi({ description: "Of the marketplace's API.", example: "na" }),
    name: z.string().openapi({ description: "As people call it." }),
    partnerId: z
      .string()
      .nullable()
      .openapi({ description: "The marketplace's id of the account." }),
    state: z.enum(["pending-consent", "bound", "expiring", "expired", "revoked"]).openapi({
      description:
        "expiring: the consent runs out within 30 days, renew it; revoked: ended here or at the marketplace.",
    }),
    nameCheck: z.enum(["unchecked", "same", "differs", "unknown", "confirmed"]).openapi({
      description:
        "Whether the marketplace's legal name is the seller's; only `same` and `confirmed` stores are polled.",
    }),
    legalName: z.string().nullable().openapi({ description: "As the marketplace tells it." }),
    participations: z.array(participation).openapi({ description: "Its country stores." }),
    boundAt: instant.nullable(),
    expiresAt: instant.nullable(),
    checkedAt: instant.nullable(),
    createdAt: instant,
  })
  .openapi("Store");
export type StoreJson = z.infer<typeof store>;

export const storeWithBindings = store
  .extend({
    bindings: z
      .array(
        z.object({
          id: z.string(),
          partnerId: z.string(),
          boundAt: instant,
          boundBy: z.string(),
          expiresAt: instant,
          endedAt: instant.nullable(),
          endReason: z.enum(["renewed", "unbound", "withdrawn"]).nullable(),
        }),
      )
      .openapi({ description: "Every authorisation it had, oldest first." }),
  })
  .openapi("StoreWithBindings");

export const listStores = apiRoute({
  method: "get",
  path: "/v1/stores",
  operationId: "listStores",
  summary: "List stores, the last made first",
  tags: ["Stores"],
  permission: "stores.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(store, "StorePage"), "A page of stores.") },
  problems: ["cursor-invalid"],
});

export const getStore = apiRoute({
  method: "get",
  path: "/v1/stores/{storeId}",
  operationId: "getStore",
  summary: "One store with the history of its authorisations",
  tags: ["Stores"],
  permission: "stores.read",
  request: {
    params: z.object({ storeId: idParam("`sto_…`", "sto_01jd5wq3v0x5r6y7z8a9b0c1d2") }),
  },
  responses: { 200: taggedJson(storeWithBindings, "The store.") },
  problems: ["not-found"],
});
