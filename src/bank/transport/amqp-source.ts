// Takes a bank's messages from a queue. A message is accepted at the broker only after the inbox has it: what a crash
// leaves unaccepted comes again. While the inbox cannot take a message now, it is tried again later, and credit for
// others is spent; a message that fails each time for its own sake goes to a place of its own.

import { createHash } from "node:crypto";
import type { Connection, Delivery, EventContext } from "rhea";
import { BANK_FILE_BYTES_MAX } from "../limits.ts";
import { type AmqpAccess, amqpOutage, amqpWords, connectAmqp, ended } from "./amqp-access.ts";
import { messageBytes } from "./amqp-message.ts";
import { sendOver } from "./amqp-send.ts";
import {
  ATTEMPTS_MAX,
  isPassing,
  messageOf,
  noteAttempt,
  sourceOf,
  type TransportDeps,
} from "./transport.ts";

/** First wait before a message is tried again; it doubles up to the longest. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

export type AmqpInbound = {
  readonly connectionId: string;
  readonly sellerId: string | null;
  readonly address: string;
  /** Address for messages that fail each time; null: they are rejected. */
  readonly poison: string | null;
  /** Messages under way at once. */
  readonly credit: number;
  /** First wait before a message is tried again; for tests. */
  readonly retryMs?: number;
};

export type AmqpSource = {
  /** What is wrong with the connection now; null: it stands. */
  readonly fault: () => string | null;
  /** Messages that the inbox has, and those put aside, since the start. */
  readonly counts: () => { readonly accepted: number; readonly poisoned: number };
  /** Takes no further message, waits for those under way, and leaves. What it did not accept comes again. */
  readonly close: () => Promise<void>;
};

/** `onFault` is told of each loss of the connection, and of errors that are nobody's message. */
export function openAmqpSource(
  deps: TransportDeps,
  access: AmqpAccess,
  inbound: AmqpInbound,
  onFault: (fault: unknown) => void,
): AmqpSource {
  const state = { fault: "not connected yet" as string | null, accepted: 0, poisoned: 0 };
  // Counts the times that the link was opened: a message of an earlier one cannot be answered any more, and comes again.
  let opening = 0;
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  const connection = connectAmqp(access, `straitway-${inbound.connectionId}`, { reconnect: true });
  const receiver = connection.open_receiver({
    source: { address: inbound.address },
    // Credit is given by hand, one for each message that is done.
    credit_window: 0,
    autoaccept: false,
  });
  const lost = (error: unknown): void => {
    if (closing.signal.aborted) return;
    state.fault = amqpWords(error);
    onFault(amqpOutage(`${inbound.connectionId}: ${state.fault}`, error));
  };
  receiver.on("receiver_open", () => {
    state.fault = null;
    opening += 1;
    receiver.add_credit(inbound.credit);
  });
  receiver.on("receiver_error", ({ receiver: link }: EventContext) => lost(link?.error));
  connection.on("connection_error", ({ connection: broken }: EventContext) => lost(broken.error));
  connection.on("disconnected", ({ error }: EventContext) => lost(error));
  // Without a listener an error would end the process.
  connection.on("error", lost);
  connection.on("protocol_error", lost);
  receiver.on("message", (context: EventContext) => {
    const since = opening;
    const isAnswerable = (): boolean => since === opening && receiver.is_open();
    const taking = takeMessage(deps, connection, inbound, context, {
      stopping: closing.signal,
      isAnswerable,
    });
    const done = async (): Promise<void> => {
      try {
        const outcome = await taking;
        if (outcome !== "left") state[outcome] += 1;
        if (outcome !== "left" && isAnswerable()) receiver.add_credit(1);
      } catch (error) {
        onFault(error);
      }
    };
    const ending = done().finally(() => underWay.delete(ending));
    underWay.add(ending);
  });
  return {
    fault: () => state.fault,
    counts: () => ({ accepted: state.accepted, poisoned: state.poisoned }),
    close: async () => {
      closing.abort();
      await Promise.all(underWay);
      await ended(connection);
    },
  };
}

type Taking = {
  readonly stopping: AbortSignal;
  /** False once the link was lost over which the message came. */
  readonly isAnswerable: () => boolean;
};

/** Tries until the inbox has the message or it is put aside; "left": the program stops, or the link was lost, before. */
async function takeMessage(
  deps: TransportDeps,
  connection: Connection,
  inbound: AmqpInbound,
  { message, delivery }: EventContext,
  { stopping, isAnswerable }: Taking,
): Promise<"accepted" | "poisoned" | "left"> {
  const bytes = messageBytes(message?.body);
  if (bytes === null || bytes.byteLength > BANK_FILE_BYTES_MAX) {
    const why = bytes === null ? "its body is neither data nor text" : "it is too large";
    return putAside(connection, inbound, bytes ?? new Uint8Array(), delivery!, why);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const name = `${inbound.connectionId}-${sha256.slice(0, 12)}`;
  let waitMs = inbound.retryMs ?? RETRY_FIRST_MS;
  for (;;) {
    if (stopping.aborted || !isAnswerable()) return "left";
    try {
      const source = sourceOf(inbound.connectionId);
      await deps.accept({ name, bytes, sellerId: inbound.sellerId, source });
      if (!isAnswerable()) return "left";
      delivery!.accept();
      return "accepted";
    } catch (error) {
      const attempts = isPassing(error)
        ? 0
        : await noteAttempt(deps, inbound.connectionId, sha256, error).catch(() => 0);
      if (attempts >= ATTEMPTS_MAX) {
        const why = `it was tried ${attempts} times: ${messageOf(error)}`;
        return putAside(connection, inbound, bytes, delivery!, why);
      }
    }
    await pause(waitMs, stopping);
    waitMs = Math.min(waitMs * 2, RETRY_MAX_MS);
  }
}

/** To its own address first, and accepted here only once it is there; without such an address, rejected. */
async function putAside(
  connection: Connection,
  { poison }: AmqpInbound,
  bytes: Uint8Array,
  delivery: Delivery,
  why: string,
): Promise<"poisoned"> {
  if (poison === null) {
    delivery.reject({ condition: "straitway:message-not-taken", description: why });
    return "poisoned";
  }
  const properties = { "straitway-reason": why.slice(0, 200) };
  const id = createHash("sha256").update(bytes).digest("hex");
  await sendOver(connection, poison, { id, bytes, properties });
  delivery.accept();
  return "poisoned";
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stopping.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.addEventListener("abort", done);
  });
}
