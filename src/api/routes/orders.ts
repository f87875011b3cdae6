// Payment orders: asked for here, decided as an approval, sent by the bank's connection.

import { listAccounts } from "../../account/account-view.ts";
import { makeOrder, type OrderDeps } from "../../bank/orders/make-order.ts";
import { loadOrder, loadOrders, type OrderOnRecord } from "../../bank/orders/order-rows.ts";
import { maySeeSeller } from "../../identity/caller.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";
import { parseMinor } from "../../money/money.ts";
import type { Tx } from "../../storage/database.ts";
import { parseCivilDate } from "../../time/instant.ts";
import { createOrder, getOrder, listOrders, type OrderJson } from "../contract/orders.ts";
import { moneyOfMinor } from "../contract/values.ts";
import type { ApiDeps } from "../deps.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "orders";

function placeOfRow({ madeAt, orderId }: OrderOnRecord): Place {
  return [madeAt, orderId];
}

export const orderRoutes: RegisterRoutes = (app, deps) => {
  const { store, tenantId, clock } = deps;
  app.openapi(createOrder, async (c) => {
    const { amount, executeOn, ...asked } = c.req.valid("json");
    const caller = c.get("caller");
    if (!maySeeSeller(caller, asked.sellerId)) throw problem("not-found");
    const money = amountOf(amount);
    const day = parseCivilDate(executeOn);
    if (day === null) throw problem("order-date-invalid");
    const draft = { ...asked, ...money, executeOn: day };
    const maker = { id: caller.id, personId: caller.personId };
    const made = await store.database.transaction((tx) =>
      makeOrder(tx, tenantId, orderDepsOf(deps), draft, {
        key: c.get("actKey"),
        maker,
        now: clock.now(),
      }),
    );
    if (!made.ok) throw refusalProblem(made.refusal);
    c.header("Location", `/v1/orders/${made.value.orderId}`);
    return c.json(await shown(store.database, tenantId, made.value), 201);
  });
  app.openapi(listOrders, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const page = await deps.read(caller, async (tx) => {
      const rows = await loadOrders(
        tx,
        tenantId,
        `($2::text IS NULL OR o.seller_id = $2)
         AND ($3::timestamptz IS NULL OR (o.made_at, o.order_id) < ($3::timestamptz, $4::text))`,
        [sellerScope(caller, query.sellerId), after?.[0] ?? null, after?.[1] ?? null],
        query.limit + 1,
      );
      const names = await fileNames(tx, tenantId, rows);
      return pageFrom(LIST, rows, query.limit, placeOfRow, (row) => orderJson(row, names));
    });
    return c.json(page, 200);
  });
  app.openapi(getOrder, async (c) => {
    const { orderId } = c.req.valid("param");
    const caller = c.get("caller");
    const body = await deps.read(caller, async (tx) => {
      const found = await loadOrder(tx, tenantId, orderId);
      if (found === null || !maySeeSeller(caller, found.sellerId)) throw problem("not-found");
      return shown(tx, tenantId, found);
    });
    return c.json(body, 200);
  });
};

/** What may be spent is what the ledger shows as usable. */
function orderDepsOf({ bankConnections, tenantId, partition }: ApiDeps): OrderDeps {
  return {
    connections: bankConnections,
    availableMinor: async (tx, sellerId, currency) => {
      const accounts = await listAccounts(tx, tenantId, partition, sellerId);
      const found = accounts.find((account) => account.currency === currency);
      const parsed = parseMinor(found?.available ?? "0", currency);
      return parsed.ok ? parsed.minor : 0n;
    },
  };
}

function amountOf(asked: { readonly amount: string; readonly currency: string }): {
  currency: Currency;
  amountMinor: bigint;
} {
  const currency = currencyOf(asked.currency);
  const parsed = currency === null ? null : parseMinor(asked.amount, currency);
  if (currency === null || parsed === null || !parsed.ok || parsed.minor <= 0n) {
    const detail = `"${asked.amount}" is no amount of ${asked.currency} above zero.`;
    throw problem("amount-invalid", { detail });
  }
  return { currency, amountMinor: parsed.minor };
}

async function shown(tx: Tx, tenantId: string, order: OrderOnRecord): Promise<OrderJson> {
  return orderJson(order, await fileNames(tx, tenantId, [order]));
}

/** Under which name each report first came. */
async function fileNames(
  tx: Tx,
  tenantId: string,
  orders: readonly OrderOnRecord[],
): Promise<ReadonlyMap<string, string>> {
  const hashes = orders.flatMap(({ told }) => told.map(({ source }) => source.sha256));
  if (hashes.length === 0) return new Map();
  const rows = await tx.query<{ sha256: string; name: string }>(
    "SELECT sha256, name FROM raw_file WHERE tenant_id = $1 AND sha256 = ANY($2::text[])",
    [tenantId, hashes],
  );
  return new Map(rows.map(({ sha256, name }) => [sha256, name]));
}

function orderJson(order: OrderOnRecord, names: ReadonlyMap<string, string>): OrderJson {
  const { orderId, currency, amountMinor, told, connectionId: _connectionId, ...rest } = order;
  return {
    ...rest,
    id: orderId,
    amount: moneyOfMinor(amountMinor, currency),
    told: told.map((one) => ({
      ...one,
      source: { ...one.source, file: names.get(one.source.sha256) ?? null },
    })),
  };
}
