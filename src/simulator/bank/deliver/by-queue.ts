// Messages over AMQP 1.0: what a bank does whose own systems talk by queues.

import type { AmqpAccess } from "../../../bank/transport/amqp-access.ts";
import { sendAmqp } from "../../../bank/transport/amqp-send.ts";
import type { Delivery, DeliveryRoute } from "./delivery.ts";

export type QueueRoute = DeliveryRoute & {
  readonly access: AmqpAccess;
  /** Address of the queue at the broker. */
  readonly address: string;
};

/** A message is sent once the broker has it; its id is the bank's own number of it. */
export function byQueue({ name, takes, access, address }: QueueRoute): Delivery {
  return {
    name,
    takes,
    put: (message) =>
      sendAmqp(access, `sandbox-bank-${name}`, address, {
        id: message.messageId,
        bytes: Buffer.from(message.text, "utf8"),
        properties: { name: message.name },
      }),
  };
}
