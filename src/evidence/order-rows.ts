// Orders on record: the newest telling of each for each seller, and the next one where a report says something else.

import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { keyText, type OrderKey } from "./quota-rows.ts";
import type { OrderDetail, OrderStatus, OrderTold } from "./reading.ts";

export type OrderRecord = {
  readonly marketplace: string;
  readonly orderId: string;
  readonly sellerId: string;
  readonly version: number;
  readonly status: OrderStatus;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly quantity: bigint;
  readonly orderedAt: Instant;
  readonly detail: OrderDetail;
  readonly sha256: string;
  readonly line: number;
};

type Row = {
  marketplace: string;
  order_id: string;
  seller_id: string;
  version: number;
  status: OrderStatus;
  currency: Currency;
  amount_minor: bigint;
  quantity: bigint;
  ordered_at: Instant;
  detail: OrderDetail;
  source_sha256: string;
  source_line: number;
};

/** The newest telling of each order for each seller that has one. */
export async function loadOrders(
  tx: Tx,
  tenantId: string,
  keys: readonly OrderKey[],
): Promise<readonly OrderRecord[]> {
  if (keys.length === 0) return [];
  const rows = await tx.query<Row>(
    `SELECT o.* FROM unnest($2::text[], $3::text[]) AS k(marketplace, order_id)
      CROSS JOIN LATERAL (SELECT DISTINCT ON (o.seller_id) * FROM order_record o
                           WHERE o.tenant_id = $1 AND o.marketplace = k.marketplace AND o.order_id = k.order_id
                           ORDER BY o.seller_id, o.version DESC) AS o`,
    [tenantId, keys.map(({ marketplace }) => marketplace), keys.map(({ orderId }) => orderId)],
    { name: "order-records" },
  );
  return rows.map(orderOf);
}

export function orderOf(row: Row): OrderRecord {
  return {
    marketplace: row.marketplace,
    orderId: row.order_id,
    sellerId: row.seller_id,
    version: row.version,
    status: row.status,
    currency: row.currency,
    amountMinor: row.amount_minor,
    quantity: row.quantity,
    orderedAt: row.ordered_at,
    detail: row.detail,
    sha256: row.source_sha256,
    line: row.source_line,
  };
}

/** An order goes forward: an older report that comes later does not take it back. */
const RANK: Readonly<Record<OrderStatus, number>> = {
  pending: 0,
  unshipped: 1,
  shipped: 2,
  cancelled: 3,
};

/** True where the telling says something that is not on record and is not older than it. */
export function isNews(known: OrderRecord | undefined, told: OrderTold): boolean {
  if (known === undefined) return true;
  if (RANK[told.status] !== RANK[known.status]) return RANK[told.status] > RANK[known.status];
  return (
    told.amountMinor !== known.amountMinor ||
    told.currency !== known.currency ||
    told.quantity !== known.quantity
  );
}

export async function writeOrders(
  tx: Tx,
  tenantId: string,
  orders: readonly OrderRecord[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "order_record",
    {
      tenant_id: "text",
      marketplace: "text",
      order_id: "text",
      seller_id: "text",
      version: "integer",
      status: "text",
      currency: "text",
      amount_minor: "bigint",
      quantity: "bigint",
      ordered_at: "timestamptz",
      detail: "jsonb",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
    },
    orders.map((order) => [
      tenantId,
      order.marketplace,
      order.orderId,
      order.sellerId,
      order.version,
      order.status,
      order.currency,
      order.amountMinor,
      order.quantity,
      order.orderedAt,
      order.detail,
      order.sha256,
      order.line,
      now,
    ]),
  );
}

/** Of a seller and an order, as a key of a map. */
export function ownKey(key: OrderKey, sellerId: string): string {
  return `${keyText(key)}\u001f${sellerId}`;
}
