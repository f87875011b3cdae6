// Sends over AMQP 1.0 and waits until the broker has taken the message: only then is it sent. The same id again is the
// same message to whoever reads it.

import type { Connection, EventContext } from "rhea";
import rhea from "rhea";
import { type AmqpAccess, amqpOutage, amqpWords, connectAmqp, ended } from "./amqp-access.ts";

/** Milliseconds until the broker must have answered. */
const SEND_TIMEOUT_MS = 20_000;

export type AmqpMessage = {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly properties?: Readonly<Record<string, string>>;
};

/** Sends one message over a connection that stands; an outage unless the broker accepts it. */
export function sendOver(
  connection: Connection,
  address: string,
  message: AmqpMessage,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sender = connection.open_sender({ target: { address } });
    const end = (fault: unknown): void => {
      clearTimeout(timer);
      connection.removeListener("disconnected", lost);
      if (sender.is_open()) sender.close();
      if (fault === null) resolve();
      else reject(amqpOutage(`${address} did not take a message: ${amqpWords(fault)}`, fault));
    };
    const lost = ({ error }: EventContext): void => end(error);
    const timer = setTimeout(() => end({ message: "no answer" }), SEND_TIMEOUT_MS);
    sender.once("sendable", () => {
      sender.send({
        message_id: message.id,
        durable: true,
        content_type: "application/octet-stream",
        application_properties: { ...message.properties },
        body: rhea.message.data_section(Buffer.from(message.bytes)),
      });
    });
    sender.once("accepted", () => end(null));
    sender.once("released", () => end({ message: "it was released" }));
    sender.once("modified", () => end({ message: "it was given back" }));
    sender.once("rejected", ({ delivery }: EventContext) => end(delivery?.remote_state?.["error"]));
    sender.once("sender_error", ({ sender: link }: EventContext) => end(link?.error));
    connection.once("disconnected", lost);
  });
}

/** Connects, sends one message, and leaves. */
export async function sendAmqp(
  access: AmqpAccess,
  name: string,
  address: string,
  message: AmqpMessage,
): Promise<void> {
  const connection = connectAmqp(access, name, { reconnect: false });
  try {
    await opened(connection);
    await sendOver(connection, address, message);
  } finally {
    await ended(connection);
  }
}

function opened(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(amqpOutage(`no AMQP connection: ${amqpWords(error)}`, error));
    };
    const timer = setTimeout(() => fail({ message: "no answer" }), SEND_TIMEOUT_MS);
    connection.once("connection_open", () => {
      clearTimeout(timer);
      resolve();
    });
    connection.on("connection_error", ({ connection: broken }: EventContext) => fail(broken.error));
    connection.on("disconnected", ({ error }: EventContext) => fail(error));
    connection.on("error", fail);
    connection.on("protocol_error", fail);
  });
}
