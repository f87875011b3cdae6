// How a broker is reached over AMQP 1.0: what IBM MQ, ActiveMQ, Artemis, RabbitMQ and Azure speak alike. The
// connection is the only thing that the two directions share.

import type { Connection, ConnectionOptions } from "rhea";
import rhea from "rhea";
import { Outage } from "../../errors/outage.ts";
import type { BankConnectionOf, ReadSecret } from "./settings.ts";

export type AmqpAccess = {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the authority that signed the broker's certificate; null: those of the system. */
  readonly authority: string | null;
  readonly username: string | null;
  readonly password: string | null;
};

export function amqpAccessOf(
  settings: BankConnectionOf<"amqp">,
  readSecret: ReadSecret,
): AmqpAccess {
  const { host, port, tls, username, authority, password } = settings;
  return {
    host,
    port,
    tls,
    username,
    authority: authority === null ? null : readSecret(authority),
    password: password === null ? null : readSecret(password),
  };
}

/** Milliseconds without a frame after which the other side is taken for dead. */
const IDLE_MS = 30_000;
const RECONNECT_FIRST_MS = 200;
const RECONNECT_MAX_MS = 30_000;

export function connectAmqp(
  access: AmqpAccess,
  name: string,
  options: { readonly reconnect: boolean },
): Connection {
  // The password is sent in plain inside of TLS; without a name nothing is sent at all.
  const asWhom =
    access.username === null
      ? {}
      : { username: access.username, password: access.password ?? undefined };
  const plain = {
    host: access.host,
    port: access.port,
    container_id: name,
    idle_time_out: IDLE_MS,
    reconnect: options.reconnect,
    initial_reconnect_delay: RECONNECT_FIRST_MS,
    max_reconnect_delay: RECONNECT_MAX_MS,
    ...asWhom,
  };
  const authority = access.authority === null ? {} : { ca: access.authority };
  const settings = access.tls
    ? { ...plain, transport: "tls", servername: access.host, ...authority }
    : { ...plain, transport: "tcp" };
  return rhea.create_container({ id: name }).connect(settings as ConnectionOptions);
}

export function amqpOutage(message: string, cause: unknown = null): Outage {
  return new Outage("bank-amqp", message, { retryable: true, cause });
}

/** What an error event of rhea says: a condition of AMQP with its description, or an error of the socket. */
export function amqpWords(error: unknown): string {
  if (error === null || error === undefined) return "the connection was lost";
  const { condition, description, message } = error as {
    condition?: string;
    description?: string;
    message?: string;
  };
  return [condition, description ?? message].filter((word) => word !== undefined).join(": ");
}

/** Milliseconds that the broker has to say goodbye. */
const GOODBYE_MS = 2_000;

/** Closes the connection and waits for the broker's answer. */
export function ended(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (!connection.is_open()) {
      // Nothing to say goodbye to; this also ends the tries to connect anew.
      connection.close();
      resolve();
      return;
    }
    const timer = setTimeout(resolve, GOODBYE_MS);
    connection.once("connection_close", () => {
      clearTimeout(timer);
      resolve();
    });
    connection.close();
  });
}
