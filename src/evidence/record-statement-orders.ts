// Keeps the sums of each order of a statement, packed a thousand to a row: a settlement of a hundred thousand orders is a
// hundred rows. Without a row for a statement, its orders are not known.

import type { StatementOrder } from "../marketplace/statement.ts";
import type { Tx } from "../storage/database.ts";
import { arrayParameters, type ColumnTypes, columnArrays } from "../storage/insert-rows.ts";

const ORDERS_PER_ROW = 1000;

const COLUMNS = {
  statement_id: "text",
  part: "integer",
  order_ids: "text",
  sale_minor: "text",
  refund_minor: "text",
  net_minor: "text",
} as const satisfies ColumnTypes;

export async function recordStatementOrders(
  tx: Tx,
  tenantId: string,
  statements: readonly {
    readonly statementId: string;
    readonly orders: readonly StatementOrder[];
  }[],
): Promise<void> {
  const rows = statements.flatMap(({ statementId, orders }) =>
    partsOf(orders).map((part, index) => [
      statementId,
      index,
      columnArrays(
        { id: "text" },
        part.map(({ orderId }) => [orderId]),
      )[0],
      columnArrays(
        { sale: "bigint" },
        part.map(({ saleMinor }) => [saleMinor]),
      )[0],
      columnArrays(
        { refund: "bigint" },
        part.map(({ refundMinor }) => [refundMinor]),
      )[0],
      columnArrays(
        { net: "bigint" },
        part.map(({ netMinor }) => [netMinor]),
      )[0],
    ]),
  );
  if (rows.length === 0) return;
  // Arrays of arrays must be of one length in SQL: each inner one travels as its own literal.
  await tx.query(
    `INSERT INTO statement_orders (tenant_id, statement_id, part, order_ids, sale_minor, refund_minor, net_minor)
     SELECT $1, statement_id, part, order_ids::text[], sale_minor::bigint[], refund_minor::bigint[], net_minor::bigint[]
       FROM unnest(${arrayParameters(COLUMNS, 2)})
         AS r(statement_id, part, order_ids, sale_minor, refund_minor, net_minor)
     ON CONFLICT DO NOTHING`,
    [tenantId, ...columnArrays(COLUMNS, rows)],
    { name: "record-statement-orders" },
  );
}

/** A statement without orders has one empty row: that it has none is known. */
function partsOf(orders: readonly StatementOrder[]): readonly (readonly StatementOrder[])[] {
  const parts: (readonly StatementOrder[])[] = [];
  for (let from = 0; from < orders.length || from === 0; from += ORDERS_PER_ROW) {
    parts.push(orders.slice(from, from + ORDERS_PER_ROW));
  }
  return parts;
}
