// Puts what banks say of our orders on record. A status of a whole message or group is one of each order in it. The
// same report again changes nothing, and reports may come in any order: the state follows from all of them.

import { objectId } from "../../ids/object-id.ts";
import type { Tx } from "../../storage/database.ts";
import { insertRows } from "../../storage/insert-rows.ts";
import type { Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import { orderState } from "./payment-order.ts";
import type { StatusReport, StatusTelling } from "./status-report.ts";

/** The reports of one file. */
export type StatusArrival = {
  readonly sha256: string;
  readonly reports: readonly StatusReport[];
};

type OwnOrder = {
  order_id: string;
  message_id: string | null;
  payment_info_id: string | null;
  end_to_end_id: string;
  uetr: string;
};

type Told = {
  readonly orderId: string;
  readonly statusId: string;
  readonly telling: StatusTelling;
  readonly report: StatusReport;
  readonly sha256: string;
};

/** Returns the orders of which something new was said. */
export async function recordStatuses(
  tx: Tx,
  tenantId: string,
  arrivals: readonly StatusArrival[],
  now: Instant,
): Promise<readonly string[]> {
  const tellings = arrivals.flatMap(({ sha256, reports }) =>
    reports.flatMap((report) => report.statuses.map((telling) => ({ telling, report, sha256 }))),
  );
  if (tellings.length === 0) return [];
  const orders = await loadNamed(
    tx,
    tenantId,
    tellings.map(({ telling }) => telling),
  );
  const told = new Map<string, Told>();
  const strangers = new Map<string, number>();
  for (const { telling, report, sha256 } of tellings) {
    const own = orders.filter((order) => isOf(order, telling));
    if (own.length === 0) strangers.set(sha256, (strangers.get(sha256) ?? 0) + 1);
    for (const { order_id: orderId } of own) {
      const { code, reasonCode } = telling;
      const statusId = objectId("ps", orderId, code, reasonCode, report.reportId);
      told.set(`${orderId}/${statusId}`, { orderId, statusId, telling, report, sha256 });
    }
  }
  await tellStrangers(tx, tenantId, strangers, now);
  const fresh = await withoutKnown(tx, tenantId, [...told.values()]);
  if (fresh.length === 0) return [];
  await insertStatuses(tx, tenantId, fresh, now);
  await tellStatuses(tx, tenantId, fresh, now);
  return [...new Set(fresh.map(({ orderId }) => orderId))];
}

/** Of a message or group, not of one payment. */
function isWide({ endToEndId, uetr }: StatusTelling): boolean {
  return endToEndId === null && uetr === null;
}

/** Every order that the statuses can mean, in one question. */
function loadNamed(
  tx: Tx,
  tenantId: string,
  tellings: readonly StatusTelling[],
): Promise<readonly OwnOrder[]> {
  const named = (pick: (telling: StatusTelling) => string | null) => [
    ...new Set(tellings.map(pick).filter((id) => id !== null)),
  ];
  return tx.query<OwnOrder>(
    `SELECT order_id, message_id, payment_info_id, end_to_end_id, uetr FROM payment_order
      WHERE tenant_id = $1
        AND (end_to_end_id = ANY($2::text[]) OR uetr = ANY($3::text[]) OR message_id = ANY($4::text[]))
      ORDER BY order_id`,
    [
      tenantId,
      named(({ endToEndId }) => endToEndId),
      named(({ uetr }) => uetr?.toLowerCase() ?? null),
      named((telling) => (isWide(telling) ? telling.messageId : null)),
    ],
  );
}

/** A payment by its own ids, which must not contradict the message's; a group by the message and the group. */
function isOf(order: OwnOrder, telling: StatusTelling): boolean {
  const { messageId, paymentInfoId, endToEndId, uetr } = telling;
  if (order.message_id === null) return false;
  if (messageId !== null && messageId !== order.message_id) return false;
  if (endToEndId !== null) return endToEndId === order.end_to_end_id;
  if (uetr !== null) return uetr.toLowerCase() === order.uetr;
  if (messageId === null) return false;
  return paymentInfoId === null || paymentInfoId === order.payment_info_id;
}

async function withoutKnown(
  tx: Tx,
  tenantId: string,
  told: readonly Told[],
): Promise<readonly Told[]> {
  const rows = await tx.query<{ order_id: string; status_id: string }>(
    `SELECT order_id, status_id FROM payment_status WHERE tenant_id = $1 AND order_id = ANY($2::text[])`,
    [tenantId, told.map(({ orderId }) => orderId)],
  );
  const known = new Set(rows.map((row) => `${row.order_id}/${row.status_id}`));
  return told.filter(({ orderId, statusId }) => !known.has(`${orderId}/${statusId}`));
}

async function insertStatuses(
  tx: Tx,
  tenantId: string,
  told: readonly Told[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "payment_status",
    {
      tenant_id: "text",
      order_id: "text",
      status_id: "text",
      code: "text",
      reason_code: "text",
      reason_text: "text",
      told_at: "timestamptz",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
    },
    told.map(({ orderId, statusId, telling, report, sha256 }) => [
      tenantId,
      orderId,
      statusId,
      telling.code,
      telling.reasonCode,
      telling.reasonText,
      report.createdAt,
      sha256,
      telling.line,
      now,
    ]),
  );
}

/** What each order is now, by all that was ever said of it. */
async function tellStatuses(
  tx: Tx,
  tenantId: string,
  told: readonly Told[],
  now: Instant,
): Promise<void> {
  const rows = await tx.query<{ order_id: string; codes: readonly string[] }>(
    `SELECT order_id, array_agg(code) AS codes FROM payment_status
      WHERE tenant_id = $1 AND order_id = ANY($2::text[]) GROUP BY order_id`,
    [tenantId, [...new Set(told.map(({ orderId }) => orderId))]],
  );
  const codes = new Map(rows.map((row) => [row.order_id, row.codes]));
  await appendEvents(
    tx,
    tenantId,
    told.map(({ orderId, telling, sha256 }) => ({
      subject: orderId,
      kind: "order-told",
      at: now,
      data: {
        code: telling.code,
        reasonCode: telling.reasonCode,
        state: orderState({
          decision: "approved",
          approvedAt: now,
          sentAt: now,
          codes: codes.get(orderId) ?? [],
        }),
      },
      source: { sha256, line: telling.line },
    })),
  );
}

/** Statuses of payments that are none of ours: on the story of the file, so that they do not pass in silence. */
async function tellStrangers(
  tx: Tx,
  tenantId: string,
  strangers: ReadonlyMap<string, number>,
  now: Instant,
): Promise<void> {
  await appendEvents(
    tx,
    tenantId,
    [...strangers].map(([sha256, count]) => ({
      subject: sha256,
      kind: "order-unknown",
      at: now,
      data: { count },
      source: { sha256, line: 1 },
    })),
  );
}
