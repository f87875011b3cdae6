// Sellers: who is paid, and which bank accounts are theirs.

import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { getSeller, listSellers, type SellerJson } from "../contract/sellers.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "sellers";

export const sellerRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listSellers, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const caller = c.get("caller");
    const page = await deps.read(caller, async (tx) => {
      const rows = await loadSellers(tx, deps.tenantId, {
        sellerId: caller.sellerId,
        limit: limit + 1,
        after: placeOf(LIST, cursor, ["instant", "text"]),
      });
      const view = await sellerViewer(tx, deps.tenantId, rows);
      return pageFrom(LIST, rows, limit, (row) => [row.registered_at, row.seller_id], view);
    });
    return c.json(page, 200);
  });
  app.openapi(getSeller, async (c) => {
    const { sellerId } = c.req.valid("param");
    const caller = c.get("caller");
    const seller = await deps.read(caller, async (tx) => {
      const rows = await loadSellers(tx, deps.tenantId, {
        sellerId: sellerScope(caller, sellerId),
        limit: 1,
        after: null,
      });
      const [row] = rows;
      if (row === undefined) throw problem("not-found");
      return (await sellerViewer(tx, deps.tenantId, rows))(row);
    });
    return c.json(seller, 200);
  });
};

type SellerRow = { seller_id: string; legal_name: string; registered_at: Instant };

async function loadSellers(
  tx: Tx,
  tenantId: string,
  filter: { sellerId: string | null; limit: number; after: Place | null },
): Promise<SellerRow[]> {
  return tx.query<SellerRow>(
    `SELECT seller_id, legal_name, registered_at FROM seller
      WHERE tenant_id = $1 AND ($2::text IS NULL OR seller_id = $2)
        AND ($3::timestamptz IS NULL OR (registered_at, seller_id) < ($3::timestamptz, $4::text))
      ORDER BY registered_at DESC, seller_id DESC LIMIT $5`,
    [tenantId, filter.sellerId, filter.after?.[0] ?? null, filter.after?.[1] ?? null, filter.limit],
  );
}

async function sellerViewer(
  tx: Tx,
  tenantId: string,
  sellers: readonly SellerRow[],
): Promise<(row: SellerRow) => SellerJson> {
  const accounts = await tx.query<{
    seller_id: string;
    account_number: string;
    currency: string;
    bound_at: Instant;
  }>(
    `SELECT seller_id, account_number, currency, bound_at FROM seller_account
      WHERE tenant_id = $1 AND seller_id = ANY($2::text[]) ORDER BY account_number, currency`,
    [tenantId, sellers.map((seller) => seller.seller_id)],
  );
  return (row) => ({
    id: row.seller_id,
    legalName: row.legal_name,
    registeredAt: row.registered_at,
    accounts: accounts
      .filter((account) => account.seller_id === row.seller_id)
      .map((account) => ({
        number: account.account_number,
        currency: account.currency,
        boundAt: account.bound_at,
      })),
  });
}
