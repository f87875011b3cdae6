// How a pain.001 gets to the bank over each connection: a file in `out/`, a signed call, a message in a queue. All of
// them may be done twice with the same bytes and the same id; the bank tells a repeat by MsgId.

import { Outage } from "../../errors/outage.ts";
import type { Clock } from "../../time/clock.ts";
import type { SendMessage } from "../orders/send-orders.ts";
import { amqpAccessOf } from "./amqp-access.ts";
import { sendAmqp } from "./amqp-send.ts";
import { callBank } from "./bank-http.ts";
import { hmacSigner, signCall } from "./notice-signature.ts";
import { folderOpener, inFolder } from "./open-folder.ts";
import type { BankConnection, BankConnectionOf, ReadSecret } from "./settings.ts";

/** Null: the connection takes no orders. Reads its secrets now. */
export function orderSender(
  connection: BankConnection,
  readSecret: ReadSecret,
  clock: Clock,
): SendMessage | null {
  if (connection.orders === null) return null;
  if (connection.transport === "webhook") return callSender(connection, readSecret, clock);
  if (connection.transport === "amqp") return queueSender(connection, readSecret);
  if (connection.transport === "cib-api" || connection.transport === "cmb-api") return null;
  const open = folderOpener(connection, readSecret);
  return ({ name, bytes }) =>
    inFolder(open, async (files) => {
      await files.makeFolder("out");
      await files.write(`out/${name}`, bytes);
      return null;
    });
}

function callSender(
  { id, orderCalls, signature }: BankConnectionOf<"webhook">,
  readSecret: ReadSecret,
  clock: Clock,
): SendMessage | null {
  if (orderCalls === null) return null;
  const signer = hmacSigner(readSecret(orderCalls.key.key));
  return async ({ messageId, bytes }) => {
    const signed = signCall(signature, orderCalls.key.id, signer, bytes, clock.now());
    const { status, body } = await callBank(orderCalls.url, bytes, {
      "content-type": "application/xml",
      "idempotency-key": messageId,
      ...signed,
    });
    if (status >= 200 && status < 300) return body.byteLength === 0 ? null : body;
    // Whatever it says, the bank may have it: the same message goes again, and a person sees that it does not get on.
    const message = `${id} answered HTTP ${status} to an order`;
    throw new Outage("bank-orders", message, { retryable: true });
  };
}

function queueSender(
  connection: BankConnectionOf<"amqp">,
  readSecret: ReadSecret,
): SendMessage | null {
  const { id, outbound } = connection;
  if (outbound === null) return null;
  const access = amqpAccessOf(connection, readSecret);
  return async ({ messageId, name, bytes }) => {
    const properties = { name };
    await sendAmqp(access, `straitway-${id}-orders`, outbound, {
      id: messageId,
      bytes,
      properties,
    });
    return null;
  };
}
