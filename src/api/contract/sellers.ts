// Sellers on the wire: who is paid, and which bank accounts are theirs.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { currency, idParam, instant } from "./values.ts";

export const seller = z
  .object({
    id: z.string().openapi({ example: "jiangbei-lamps" }),
    legalName: z.string().openapi({ example: "Chongqing Jiangbei Lamps Co., Ltd." }),
    registeredAt: instant,
    accounts: z
      .array(z.object({ number: z.string(), currency, boundAt: instant }))
      .openapi({ description: "Bank accounts bound to the seller." }),
  })
  .openapi("Seller");
export type SellerJson = z.infer<typeof seller>;

export const listSellers = apiRoute({
  method: "get",
  path: "/v1/sellers",
  operationId: "listSellers",
  summary: "List sellers, the last registered first",
  tags: ["Sellers"],
  permission: "sellers.read",
  request: { query: pageQuery },
  responses: { 200: json(pageOf(seller, "SellerPage"), "A page of sellers.") },
  problems: ["cursor-invalid"],
});

export const getSeller = apiRoute({
  method: "get",
  path: "/v1/sellers/{sellerId}",
  operationId: "getSeller",
  summary: "One seller",
  tags: ["Sellers"],
  permission: "sellers.read",
  request: { params: z.object({ sellerId: idParam("The seller's id.", "jiangbei-lamps") }) },
  responses: { 200: json(seller, "The seller.") },
  problems: ["not-found"],
});
