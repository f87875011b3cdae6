// A queue in this process for tests, served by an AMQP container: gives each message to one reader, and again when it
// was not accepted. Its lines can be broken.

import type { Connection, Delivery, EventContext, Sender } from "rhea";
import rhea from "rhea";
import { messageBytes } from "./amqp-message.ts";
import type { TestBroker } from "./test-rabbit.ts";

type Sent = { readonly queue: string; readonly bytes: Uint8Array; readonly sender: Sender };

type Queues = {
  readonly waiting: Map<string, Uint8Array[]>;
  readonly readers: Map<string, Set<Sender>>;
  readonly sent: Map<Delivery, Sent>;
};

function queueOf({ waiting }: Queues, name: string): Uint8Array[] {
  const known = waiting.get(name) ?? [];
  waiting.set(name, known);
  return known;
}

function flow(queues: Queues, name: string): void {
  const queue = queueOf(queues, name);
  for (const sender of queues.readers.get(name) ?? []) {
    while (queue.length > 0 && sender.sendable()) {
      const bytes = queue.shift()!;
      const delivery = sender.send({ body: rhea.message.data_section(Buffer.from(bytes)) });
      queues.sent.set(delivery, { queue: name, bytes, sender });
    }
  }
}

function settle(queues: Queues, delivery: Delivery | undefined, again: boolean): void {
  const found = delivery === undefined ? undefined : queues.sent.get(delivery);
  if (delivery === undefined || found === undefined) return;
  queues.sent.delete(delivery);
  if (again) queueOf(queues, found.queue).push(found.bytes);
}

/** The readers are gone: what they had not accepted waits for others. */
function leave(queues: Queues, isGone: (sender: Sender) => boolean): void {
  for (const all of queues.readers.values()) {
    for (const sender of all) if (isGone(sender)) all.delete(sender);
  }
  for (const [delivery, { sender }] of queues.sent) {
    if (isGone(sender)) settle(queues, delivery, true);
  }
  for (const name of queues.waiting.keys()) flow(queues, name);
}

function serve(queues: Queues): ReturnType<typeof rhea.create_container> {
  const container = rhea.create_container({ id: "test-queue" });
  container.on("sender_open", ({ sender }: EventContext) => {
    const name = sender!.source.address;
    sender!.set_source({ address: name });
    queues.readers.set(name, (queues.readers.get(name) ?? new Set()).add(sender!));
    flow(queues, name);
  });
  container.on("sendable", ({ sender }: EventContext) => {
    flow(queues, sender!.source.address);
  });
  container.on("receiver_open", ({ receiver }: EventContext) => {
    receiver!.set_target({ address: receiver!.target.address });
  });
  container.on("message", ({ receiver, message }: EventContext) => {
    const name = receiver!.target.address;
    queueOf(queues, name).push(messageBytes(message?.body) ?? new Uint8Array());
    flow(queues, name);
  });
  for (const [event, again] of [
    ["accepted", false],
    ["rejected", false],
    ["released", true],
    ["modified", true],
  ] as const) {
    container.on(event, ({ delivery, sender }: EventContext) => {
      settle(queues, delivery, again);
      flow(queues, sender!.source.address);
    });
  }
  container.on("sender_close", ({ sender }: EventContext) => {
    leave(queues, (one) => one === sender);
  });
  const left = (connection: Connection): void => {
    leave(queues, (one) => one.connection === connection);
  };
  container.on("connection_close", ({ connection }: EventContext) => left(connection));
  container.on("disconnected", ({ connection }: EventContext) => left(connection));
  return container;
}

export type TestQueue = TestBroker & { readonly breakLinks: () => void };

export async function startTestQueue(): Promise<TestQueue> {
  const queues: Queues = { waiting: new Map(), readers: new Map(), sent: new Map() };
  const server = serve(queues).listen({ port: 0, host: "127.0.0.1" });
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connection", (socket: { destroy: () => void }) => sockets.add(socket));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const breakLinks = (): void => {
    leave(queues, () => true);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    access: {
      host: "127.0.0.1",
      port,
      tls: false,
      authority: null,
      username: null,
      password: null,
    },
    address: (queue) => queue,
    breakLinks,
    stop: async () => {
      breakLinks();
      server.close();
    },
  };
}
