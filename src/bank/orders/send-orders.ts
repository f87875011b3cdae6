// Sends approved orders. First they are put into a message that is stored byte for byte, with their ids; then the
// message goes, and goes again as it stands until the bank's side has taken it. A bank tells a repeat by MsgId.

import { createHash } from "node:crypto";
import type { Tx } from "../../storage/database.ts";
import { civilDateIn } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import type { OrderSettings } from "../transport/settings.ts";
import { messageOf, type TransportDeps } from "../transport/transport.ts";
import { ORDER_ZONE } from "./make-order.ts";
import { loadToSend } from "./order-rows.ts";
import { writePain001 } from "./write-pain001.ts";

/** A message as a transport gets it. */
export type OutgoingMessage = {
  readonly messageId: string;
  /** "MSG….pain001.xml". */
  readonly name: string;
  readonly bytes: Uint8Array;
};

/**
 * Hands a message to the bank's side; resolves once that side has it for good. Throws an outage when it may not have
 * it: the same message goes again. What the bank answers at once is given back, and goes through the inbox.
 */
export type SendMessage = (message: OutgoingMessage) => Promise<Uint8Array | null>;

export type SendDeps = Omit<TransportDeps, "accept"> & {
  /** Called first in each transaction: throws when another process has the job by now. */
  readonly fence?: (tx: Tx) => Promise<void>;
};

export type OrderConnection = {
  readonly connectionId: string;
  readonly settings: OrderSettings;
};

/** Messages stored and not sent that are tried in one run. */
const MESSAGES_PER_RUN = 50;

/** Returns how many messages went; `answered` gets what a bank answered at once. */
export async function sendOrders(
  deps: SendDeps,
  connection: OrderConnection,
  send: SendMessage,
  answered: (message: OutgoingMessage, answer: Uint8Array) => Promise<void>,
): Promise<number> {
  await storeMessages(deps, connection);
  const { database, tenantId } = deps;
  const unsent = await database.query<{ message_id: string; body: Uint8Array }>(
    `SELECT message_id, body FROM payment_message
      WHERE tenant_id = $1 AND connection_id = $2 AND sent_at IS NULL
      ORDER BY stored_at, message_id LIMIT ${MESSAGES_PER_RUN}`,
    [tenantId, connection.connectionId],
  );
  for (const { message_id: messageId, body } of unsent) {
    const message = { messageId, name: `${messageId}.pain001.xml`, bytes: body };
    const answer = await tried(deps, message, send);
    // What the bank answers is kept before the message counts as sent: it goes again otherwise.
    if (answer !== null) await answered(message, answer);
    await markSent(deps, messageId);
  }
  return unsent.length;
}

/** Puts approved orders into messages, each in one transaction with the orders that name it. */
async function storeMessages(
  deps: SendDeps,
  { connectionId, settings }: OrderConnection,
): Promise<void> {
  const { database, tenantId, clock } = deps;
  for (;;) {
    const count = await database.transaction(async (tx) => {
      await deps.fence?.(tx);
      const orders = await loadToSend(tx, tenantId, connectionId, settings.ordersPerFileMax);
      if (orders.length === 0) return 0;
      const now = clock.now();
      const at = { now, today: civilDateIn(ORDER_ZONE, now) };
      const message = writePain001(settings, orders, at);
      await tx.query(
        `INSERT INTO payment_message (tenant_id, message_id, connection_id, sha256, body, order_count, stored_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [
          tenantId,
          message.messageId,
          connectionId,
          createHash("sha256").update(message.bytes).digest("hex"),
          Buffer.from(message.bytes),
          orders.length,
          now,
        ],
      );
      await tx.query(
        `UPDATE payment_order o SET message_id = $2, payment_info_id = n.payment_info_id
           FROM unnest($3::text[], $4::text[]) AS n(order_id, payment_info_id)
          WHERE o.tenant_id = $1 AND o.order_id = n.order_id`,
        [
          tenantId,
          message.messageId,
          [...message.paymentInfoIds.keys()],
          [...message.paymentInfoIds.values()],
        ],
      );
      return orders.length;
    });
    if (count < settings.ordersPerFileMax) return;
  }
}

async function tried(
  { database, tenantId }: SendDeps,
  message: OutgoingMessage,
  send: SendMessage,
): Promise<Uint8Array | null> {
  const note = (error: string | null) =>
    database.query(
      `UPDATE payment_message SET attempts = attempts + 1, last_error = $3
        WHERE tenant_id = $1 AND message_id = $2`,
      [tenantId, message.messageId, error],
    );
  try {
    const answer = await send(message);
    await note(null);
    return answer;
  } catch (error) {
    await note(messageOf(error));
    throw error;
  }
}

async function markSent(deps: SendDeps, messageId: string): Promise<void> {
  const { database, tenantId, clock } = deps;
  await database.transaction(async (tx) => {
    await deps.fence?.(tx);
    const now = clock.now();
    const sent = await tx.query(
      `UPDATE payment_message SET sent_at = $3
        WHERE tenant_id = $1 AND message_id = $2 AND sent_at IS NULL RETURNING 1`,
      [tenantId, messageId, now],
    );
    if (sent.length === 0) return;
    const orders = await tx.query<{ order_id: string }>(
      `UPDATE payment_order SET sent_at = $3
        WHERE tenant_id = $1 AND message_id = $2 RETURNING order_id`,
      [tenantId, messageId, now],
    );
    await appendEvents(
      tx,
      tenantId,
      orders.map(({ order_id: subject }) => ({
        subject,
        kind: "order-sent",
        at: now,
        data: { messageId },
        source: null,
      })),
    );
  });
}
