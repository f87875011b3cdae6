// Payment orders as rows, read together with what became of them.

import type { Currency } from "../../money/currency.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import {
  type Creditor,
  type OrderId,
  type OrderState,
  orderState,
  type PaymentOrder,
} from "./payment-order.ts";

/** One thing that the bank said of an order, with where it says so. */
export type OrderTold = {
  readonly code: string;
  readonly reasonCode: string | null;
  readonly reasonText: string | null;
  readonly toldAt: Instant | null;
  readonly recordedAt: Instant;
  readonly source: { readonly sha256: string; readonly line: number };
};

export type OrderOnRecord = PaymentOrder & {
  readonly state: OrderState;
  readonly sentAt: Instant | null;
  /** The latest first. */
  readonly told: readonly OrderTold[];
  /** The debit on the account that carries its end-to-end id, once the bank told of it; null before. */
  readonly debitId: string | null;
};

type ToldRow = {
  code: string;
  reason_code: string | null;
  reason_text: string | null;
  told_at: Instant | null;
  recorded_at: Instant;
  source_sha256: string;
  source_line: number;
};

type OrderRow = {
  order_id: OrderId;
  connection_id: string;
  seller_id: string;
  debtor_account: string;
  currency: Currency;
  amount_minor: bigint;
  creditor: Creditor;
  purpose: string | null;
  remittance: string | null;
  execute_on: CivilDate;
  end_to_end_id: string;
  uetr: string;
  approval_id: string;
  made_by: string;
  made_at: Instant;
  approved_at: Instant | null;
  message_id: string | null;
  sent_at: Instant | null;
};

type OrderWithRow = OrderRow & {
  decision: "approved" | "denied" | "expired" | null;
  debit_id: string | null;
};

const SELECT = `
  SELECT o.*, d.outcome AS decision,
         (SELECT t.transaction_id FROM bank_transaction t
           WHERE t.tenant_id = o.tenant_id AND t.end_to_end_id = o.end_to_end_id AND t.direction = 'debit'
           ORDER BY t.transaction_id LIMIT 1) AS debit_id
    FROM payment_order o
    LEFT JOIN approval_decision d ON d.tenant_id = o.tenant_id AND d.approval_id = o.approval_id
   WHERE o.tenant_id = $1`;

/** Orders that fit, the newest first. `where` is the program's own text; its values are $2 and on. */
export async function loadOrders(
  tx: Tx,
  tenantId: string,
  where: string,
  values: readonly unknown[],
  limit: number,
): Promise<readonly OrderOnRecord[]> {
  const rows = await tx.query<OrderWithRow>(
    `${SELECT} AND ${where} ORDER BY o.made_at DESC, o.order_id DESC LIMIT ${limit}`,
    [tenantId, ...values],
  );
  const told = await loadTold(
    tx,
    tenantId,
    rows.map(({ order_id }) => order_id),
  );
  return rows.map((row) => onRecord(row, told.get(row.order_id) ?? []));
}

export async function loadOrder(
  tx: Tx,
  tenantId: string,
  orderId: string,
): Promise<OrderOnRecord | null> {
  const [found] = await loadOrders(tx, tenantId, "o.order_id = $2", [orderId], 1);
  return found ?? null;
}

async function loadTold(
  tx: Tx,
  tenantId: string,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, readonly OrderTold[]>> {
  const rows = await tx.query<ToldRow & { order_id: string }>(
    `SELECT order_id, code, reason_code, reason_text, told_at, recorded_at, source_sha256, source_line
       FROM payment_status WHERE tenant_id = $1 AND order_id = ANY($2::text[])
      ORDER BY told_at DESC NULLS LAST, recorded_at DESC, status_id`,
    [tenantId, orderIds],
  );
  const told = new Map<string, OrderTold[]>();
  for (const row of rows) {
    const one = {
      code: row.code,
      reasonCode: row.reason_code,
      reasonText: row.reason_text,
      toldAt: row.told_at,
      recordedAt: row.recorded_at,
      source: { sha256: row.source_sha256, line: row.source_line },
    };
    told.set(row.order_id, [...(told.get(row.order_id) ?? []), one]);
  }
  return told;
}

function onRecord(row: OrderWithRow, told: readonly OrderTold[]): OrderOnRecord {
  const { decision, sent_at: sentAt, debit_id: debitId } = row;
  const order = orderOf(row);
  const codes = told.map(({ code }) => code);
  const state = orderState({ decision, approvedAt: order.approvedAt, sentAt, codes });
  return { ...order, state, sentAt, told, debitId };
}

function orderOf(row: OrderRow): PaymentOrder {
  return {
    orderId: row.order_id,
    connectionId: row.connection_id,
    sellerId: row.seller_id,
    debtorAccount: row.debtor_account,
    currency: row.currency,
    amountMinor: row.amount_minor,
    creditor: row.creditor,
    purpose: row.purpose,
    remittance: row.remittance,
    executeOn: row.execute_on,
    endToEndId: row.end_to_end_id,
    uetr: row.uetr,
    approvalId: row.approval_id,
    madeBy: row.made_by,
    madeAt: row.made_at,
    approvedAt: row.approved_at,
    messageId: row.message_id,
  };
}

/** Writes the order; false when it is on record already. */
export async function insertOrder(tx: Tx, tenantId: string, order: PaymentOrder): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO payment_order (tenant_id, order_id, connection_id, seller_id, debtor_account, currency, amount_minor,
            creditor, purpose, remittance, execute_on, end_to_end_id, uetr, approval_id, made_by, made_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [
      tenantId,
      order.orderId,
      order.connectionId,
      order.sellerId,
      order.debtorAccount,
      order.currency,
      order.amountMinor,
      order.creditor,
      order.purpose,
      order.remittance,
      order.executeOn,
      order.endToEndId,
      order.uetr,
      order.approvalId,
      order.madeBy,
      order.madeAt,
    ],
  );
  return rows.length === 1;
}

/** Approved orders of the connection that no message carries yet, the oldest first; locked until the commit. */
export async function loadToSend(
  tx: Tx,
  tenantId: string,
  connectionId: string,
  limit: number,
): Promise<readonly PaymentOrder[]> {
  const rows = await tx.query<OrderRow>(
    `SELECT * FROM payment_order
      WHERE tenant_id = $1 AND connection_id = $2 AND approved_at IS NOT NULL AND message_id IS NULL
      ORDER BY approved_at, order_id LIMIT ${limit} FOR UPDATE`,
    [tenantId, connectionId],
  );
  return rows.map(orderOf);
}

/**
 * What the seller's orders in the currency have promised away: all but those that were declined or that the bank
 * refused. An order that the bank calls both settled and refused counts.
 */
export async function promisedMinor(
  tx: Tx,
  tenantId: string,
  sellerId: string,
  currency: string,
): Promise<bigint> {
  const rows = await tx.query<{ promised: string }>(
    `SELECT coalesce(sum(o.amount_minor), 0)::text AS promised FROM payment_order o
       LEFT JOIN approval_decision d ON d.tenant_id = o.tenant_id AND d.approval_id = o.approval_id
      WHERE o.tenant_id = $1 AND o.seller_id = $2 AND o.currency = $3
        AND coalesce(d.outcome, 'pending') NOT IN ('denied', 'expired')
        AND (NOT EXISTS (SELECT 1 FROM payment_status s WHERE s.tenant_id = o.tenant_id AND s.order_id = o.order_id
                            AND s.code IN ('RJCT', 'CANC', 'BLCK'))
             OR EXISTS (SELECT 1 FROM payment_status s WHERE s.tenant_id = o.tenant_id AND s.order_id = o.order_id
                            AND s.code IN ('ACSC', 'ACCC')))`,
    [tenantId, sellerId, currency],
  );
  return BigInt(rows[0]?.promised ?? "0");
}
