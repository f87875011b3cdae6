// Loads what the evidence step decides over, set-based: payouts with their money, the orders of their statements, and of
// each order what is on record. Each id is looked up by `LATERAL … OFFSET 0`, as release-facts.ts does and says why.

import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import type { OrderPaper, OrderShipment } from "./decide-order.ts";
import { loadOrders, type OrderRecord, ownKey } from "./order-rows.ts";
import type { QuotaChain } from "./quota.ts";
import { loadChains, type OrderKey } from "./quota-rows.ts";
import type { PaperKind } from "./reading.ts";
import type { GoodsMode } from "./settings.ts";

export type SupportedPayout = {
  readonly payoutId: string;
  readonly sellerId: string;
  readonly marketplace: string;
  /** Of the statements; null where none is on record. */
  readonly currency: Currency | null;
  /** Money of it is here: matched and not taken back. */
  readonly hasMoney: boolean;
  /** What all its current statements sum to. */
  readonly totalMinor: bigint;
  /** False where a statement's orders were never summed. */
  readonly ordersKnown: boolean;
  readonly orders: readonly PayoutOrder[];
};

export type PayoutOrder = {
  readonly orderId: string;
  readonly saleMinor: bigint;
  readonly refundMinor: bigint;
  readonly netMinor: bigint;
};

type PayoutRow = {
  payout_id: string;
  seller_id: string;
  marketplace: string;
  paid_minor: bigint;
};

/** The payouts that have a seller; a merged one is answered by the one it went into. */
export async function loadSupported(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<readonly SupportedPayout[]> {
  const payouts = await tx.query<PayoutRow>(
    `SELECT p.payout_id, p.seller_id, p.marketplace,
            (SELECT coalesce(sum(m.paid_minor), 0)
                    - coalesce(sum((SELECT sum(u.paid_minor) FROM undo u
                                     WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id)), 0)
               FROM (SELECT p.payout_id AS id
                     UNION ALL
                     SELECT q.payout_id FROM payout q WHERE q.tenant_id = $1 AND q.merged_into = p.payout_id) AS own
               JOIN match m ON m.tenant_id = $1 AND m.payout_id = own.id)::bigint AS paid_minor
       FROM (SELECT DISTINCT coalesce(q.merged_into, q.payout_id) AS payout_id
               FROM unnest($2::text[]) AS wanted(payout_id)
              CROSS JOIN LATERAL (SELECT * FROM payout q
                                   WHERE q.tenant_id = $1 AND q.payout_id = wanted.payout_id OFFSET 0) AS q) AS root
      CROSS JOIN LATERAL (SELECT * FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = root.payout_id OFFSET 0) AS p
      WHERE p.seller_id IS NOT NULL AND p.merged_into IS NULL
      ORDER BY p.payout_id`,
    [tenantId, payoutIds],
    { name: "supported-payouts" },
  );
  const statements = await loadStatements(
    tx,
    tenantId,
    payouts.map(({ payout_id }) => payout_id),
  );
  return payouts.map((row) => {
    const own = statements.get(row.payout_id) ?? [];
    return {
      payoutId: row.payout_id,
      sellerId: row.seller_id,
      marketplace: row.marketplace,
      currency: own[0]?.currency ?? null,
      hasMoney: row.paid_minor > 0n,
      totalMinor: own.reduce((sum, { summedMinor }) => sum + summedMinor, 0n),
      ordersKnown: own.length > 0 && own.every(({ orders }) => orders !== null),
      orders: mergedOrders(own.flatMap(({ orders }) => orders ?? [])),
    };
  });
}

type StatementRow = {
  payout_id: string;
  statement_id: string;
  currency: Currency;
  summed_minor: bigint;
  order_ids: readonly string[] | null;
  sale_minor: readonly bigint[];
  refund_minor: readonly bigint[];
  net_minor: readonly bigint[];
};

type PayoutStatement = {
  readonly currency: Currency;
  readonly summedMinor: bigint;
  orders: PayoutOrder[] | null;
};

async function loadStatements(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PayoutStatement[]>> {
  const rows = await tx.query<StatementRow>(
    `SELECT s.payout_id, s.statement_id, s.currency, s.summed_minor,
            o.order_ids, o.sale_minor, o.refund_minor, o.net_minor
       FROM unnest($2::text[]) AS wanted(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM statement s
                           WHERE s.tenant_id = $1 AND s.payout_id = wanted.payout_id OFFSET 0) AS s
       LEFT JOIN statement_orders o ON o.tenant_id = $1 AND o.statement_id = s.statement_id
      WHERE s.is_current AND s.verdict = 'proven' AND s.currency IS NOT NULL
      ORDER BY s.payout_id, s.period_end_at, s.settlement_id, o.part`,
    [tenantId, payoutIds],
    { name: "supported-statements" },
  );
  const byPayout = new Map<string, Map<string, PayoutStatement>>();
  for (const row of rows) {
    const own = byPayout.get(row.payout_id) ?? new Map<string, PayoutStatement>();
    byPayout.set(row.payout_id, own);
    const statement = own.get(row.statement_id) ?? {
      currency: row.currency,
      summedMinor: row.summed_minor,
      orders: row.order_ids === null ? null : [],
    };
    own.set(row.statement_id, statement);
    for (const [index, orderId] of (row.order_ids ?? []).entries()) {
      statement.orders?.push({
        orderId,
        saleMinor: row.sale_minor[index] ?? 0n,
        refundMinor: row.refund_minor[index] ?? 0n,
        netMinor: row.net_minor[index] ?? 0n,
      });
    }
  }
  return new Map([...byPayout].map(([id, own]) => [id, [...own.values()]]));
}

/** An order may stand in several statements that one payout pays. */
function mergedOrders(orders: readonly PayoutOrder[]): readonly PayoutOrder[] {
  const byId = new Map<string, PayoutOrder>();
  for (const order of orders) {
    const known = byId.get(order.orderId);
    byId.set(
      order.orderId,
      known === undefined
        ? order
        : {
            orderId: order.orderId,
            saleMinor: known.saleMinor + order.saleMinor,
            refundMinor: known.refundMinor + order.refundMinor,
            netMinor: known.netMinor + order.netMinor,
          },
    );
  }
  return [...byId.values()];
}

/** What is on record of orders, for the seller whose receipt they should support. */
export type OrderBook = {
  readonly record: (key: OrderKey, sellerId: string) => OrderRecord | null;
  readonly shipments: (key: OrderKey, sellerId: string) => readonly OrderShipment[];
  readonly papers: (key: OrderKey, sellerId: string) => readonly OrderPaper[];
  readonly chains: Map<string, QuotaChain>;
};

export async function loadOrderBook(
  tx: Tx,
  tenantId: string,
  keys: readonly OrderKey[],
): Promise<OrderBook> {
  const records = new Map(
    (await loadOrders(tx, tenantId, keys)).map((order) => [ownKey(order, order.sellerId), order]),
  );
  const shipments = await loadShipments(tx, tenantId, keys);
  const papers = await loadPapers(tx, tenantId, keys);
  const stocks = await loadStocks(tx, tenantId, [...records.values()]);
  return {
    record: (key, sellerId) => records.get(ownKey(key, sellerId)) ?? null,
    shipments: (key, sellerId) => shipments.get(ownKey(key, sellerId)) ?? [],
    papers: (key, sellerId) => [
      ...(papers.get(ownKey(key, sellerId)) ?? []),
      ...stocksOf(stocks, records.get(ownKey(key, sellerId)), sellerId),
    ],
    chains: await loadChains(tx, tenantId, keys),
  };
}

function keyArrays(keys: readonly OrderKey[]): [string[], string[]] {
  return [keys.map(({ marketplace }) => marketplace), keys.map(({ orderId }) => orderId)];
}

function pushTo<Value>(groups: Map<string, Value[]>, key: string, value: Value): void {
  const own = groups.get(key);
  if (own === undefined) groups.set(key, [value]);
  else own.push(value);
}

/** The first telling of a tracking number stands; an order of another seller that had it before makes it reused. */
async function loadShipments(
  tx: Tx,
  tenantId: string,
  keys: readonly OrderKey[],
): Promise<ReadonlyMap<string, OrderShipment[]>> {
  const rows = await tx.query<{
    marketplace: string;
    order_id: string;
    seller_id: string;
    tracking: string;
    is_of_another: boolean;
    own_orders: bigint;
  }>(
    `SELECT s.marketplace, s.order_id, s.seller_id, s.tracking,
            coalesce(bool_or(o.seller_id <> s.seller_id AND (o.recorded_at, o.seller_id) < (s.recorded_at, s.seller_id)),
                     false) AS is_of_another,
            count(*) FILTER (WHERE o.seller_id = s.seller_id) AS own_orders
       FROM unnest($2::text[], $3::text[]) AS k(marketplace, order_id)
      CROSS JOIN LATERAL (SELECT * FROM shipment_record s
                           WHERE s.tenant_id = $1 AND s.marketplace = k.marketplace AND s.order_id = k.order_id
                           OFFSET 0) AS s
      CROSS JOIN LATERAL (SELECT o.seller_id, o.recorded_at FROM shipment_record o
                           WHERE o.tenant_id = $1 AND o.tracking = s.tracking OFFSET 0) AS o
      GROUP BY s.marketplace, s.order_id, s.seller_id, s.tracking`,
    [tenantId, ...keyArrays(keys)],
    { name: "order-shipments" },
  );
  const groups = new Map<string, OrderShipment[]>();
  for (const row of rows) {
    const key = { marketplace: row.marketplace, orderId: row.order_id };
    pushTo(groups, ownKey(key, row.seller_id), {
      tracking: row.tracking,
      isOfAnother: row.is_of_another,
      ownOrders: Number(row.own_orders),
    });
  }
  return groups;
}

async function loadPapers(
  tx: Tx,
  tenantId: string,
  keys: readonly OrderKey[],
): Promise<ReadonlyMap<string, OrderPaper[]>> {
  const rows = await tx.query<{
    marketplace: string;
    order_id: string;
    seller_id: string;
    kind: PaperKind;
    mode: GoodsMode | null;
    state: string;
  }>(
    `SELECT l.marketplace, l.order_id, p.seller_id, p.kind, p.mode, p.state
       FROM unnest($2::text[], $3::text[]) AS k(marketplace, order_id)
      CROSS JOIN LATERAL (SELECT * FROM paper_order l
                           WHERE l.tenant_id = $1 AND l.marketplace = k.marketplace AND l.order_id = k.order_id
                           OFFSET 0) AS l
      CROSS JOIN LATERAL (SELECT * FROM paper_record p
                           WHERE p.tenant_id = $1 AND p.paper_id = l.paper_id OFFSET 0) AS p
      ORDER BY p.issued_on, p.paper_id`,
    [tenantId, ...keyArrays(keys)],
    { name: "order-papers" },
  );
  const groups = new Map<string, OrderPaper[]>();
  for (const row of rows) {
    const key = { marketplace: row.marketplace, orderId: row.order_id };
    pushTo(groups, ownKey(key, row.seller_id), paperOf(row));
  }
  return groups;
}

function paperOf(row: { kind: PaperKind; mode: GoodsMode | null; state: string }): OrderPaper {
  return { kind: row.kind, mode: row.mode, isRefused: row.state === "refused" };
}

/** Papers of goods stored abroad, by the seller's article: sent before anybody ordered them. */
async function loadStocks(
  tx: Tx,
  tenantId: string,
  orders: readonly OrderRecord[],
): Promise<ReadonlyMap<string, OrderPaper[]>> {
  const wanted = new Map(
    orders.flatMap(({ sellerId, detail }) =>
      detail.skus.map((sku) => [`${sellerId}\u001f${sku}`, { sellerId, sku }] as const),
    ),
  );
  if (wanted.size === 0) return new Map();
  const all = [...wanted.values()];
  const rows = await tx.query<{
    seller_id: string;
    sku: string;
    kind: PaperKind;
    mode: GoodsMode | null;
    state: string;
  }>(
    `SELECT g.seller_id, g.sku, p.kind, p.mode, p.state
       FROM unnest($2::text[], $3::text[]) AS k(seller_id, sku)
      CROSS JOIN LATERAL (SELECT * FROM paper_goods g
                           WHERE g.tenant_id = $1 AND g.seller_id = k.seller_id AND g.sku = k.sku OFFSET 0) AS g
      CROSS JOIN LATERAL (SELECT * FROM paper_record p
                           WHERE p.tenant_id = $1 AND p.paper_id = g.paper_id OFFSET 0) AS p
      WHERE p.mode IN ('9810', '1210', '1039')
      ORDER BY p.issued_on, p.paper_id`,
    [tenantId, all.map(({ sellerId }) => sellerId), all.map(({ sku }) => sku)],
    { name: "stock-papers" },
  );
  const groups = new Map<string, OrderPaper[]>();
  for (const row of rows) pushTo(groups, `${row.seller_id}\u001f${row.sku}`, paperOf(row));
  return groups;
}

/** Papers of every article of the order: what lacks one for some article lacks it. */
function stocksOf(
  stocks: ReadonlyMap<string, OrderPaper[]>,
  record: OrderRecord | undefined,
  sellerId: string,
): readonly OrderPaper[] {
  const skus = record?.detail.skus ?? [];
  const bySku = skus.map((sku) => stocks.get(`${sellerId}\u001f${sku}`) ?? []);
  return bySku.length > 0 && bySku.every((papers) => papers.length > 0) ? bySku.flat() : [];
}
