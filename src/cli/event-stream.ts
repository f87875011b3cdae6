// The stream of events as a client follows it: server-sent events over HTTP, connected again after every end with the
// last id that was seen, so that nothing is missed.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";

/** Waits before a connection is tried again: the first one, doubled each time up to the longest. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
/** A quiet stream has a line at least every 15 seconds: without one for so long it is dead. */
const SILENCE_MS_MAX = 60_000;

export type StreamSource = {
  /** "http://127.0.0.1:8420". */
  readonly server: string;
  readonly key: string;
  /** Events after this one; null: from now on. */
  readonly after: string | null;
  readonly subject: string | null;
};

export type StreamedEvent = {
  readonly id: string;
  readonly type: string;
  /** The event as JSON, as it came. */
  readonly text: string;
};

export type StreamWatch = {
  /** False ends the stream. */
  readonly onEvent: (event: StreamedEvent) => Promise<boolean>;
  readonly onConnected: () => void;
  /** The connection ended and is tried again after so long. */
  readonly onLost: (why: string, waitMs: number) => void;
};

/** Follows the stream until `onEvent` or the signal ends it. Refused: `server-refused`, by the server's own words. */
export async function followEvents(
  source: StreamSource,
  watch: StreamWatch,
  signal: AbortSignal,
): Promise<Outcome<null>> {
  let last = source.after;
  let waitMs = RETRY_FIRST_MS;
  while (!signal.aborted) {
    let why = "the stream ended";
    try {
      const opened = await openStream(source, last, signal);
      if (!opened.ok) return opened;
      if (typeof opened.value === "string") why = opened.value;
      else {
        watch.onConnected();
        for await (const event of messagesIn(opened.value)) {
          waitMs = RETRY_FIRST_MS;
          const goesOn = await watch.onEvent(event);
          last = event.id;
          if (!goesOn) return accepted(null);
        }
      }
    } catch (error) {
      why = causeOf(error);
    }
    if (signal.aborted) break;
    watch.onLost(why, waitMs);
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, RETRY_MAX_MS);
  }
  return accepted(null);
}

/** The body of the stream; a text when it is to be tried again; a refusal when that would be in vain. */
async function openStream(
  { server, key, subject }: StreamSource,
  after: string | null,
  signal: AbortSignal,
): Promise<Outcome<ReadableStream<Uint8Array> | string>> {
  const url = new URL("/v1/events/stream", server);
  if (subject !== null) url.searchParams.set("subject", subject);
  const answer = await fetch(url, {
    headers: {
      accept: "text/event-stream",
      authorization: `Bearer ${key}`,
      ...(after === null ? {} : { "last-event-id": after }),
    },
    redirect: "error",
    signal,
  });
  if (answer.ok && answer.body !== null) return accepted(answer.body);
  const told = await problemText(answer);
  const isPassing = answer.status === 429 || answer.status >= 500;
  return isPassing ? accepted(told) : refused("server-refused", told);
}

async function problemText(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => null);
  const { detail, code } = (body ?? {}) as { detail?: unknown; code?: unknown };
  if (typeof detail !== "string" || typeof code !== "string")
    return `the server answered ${answer.status}`;
  return `${detail} [${code}]`;
}

/** Messages of a body of server-sent events (WHATWG HTML, 9.2.6); comments and messages without data are left out. */
async function* messagesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read());
      if (done) return;
      const parts = `${rest}${value}`.split(/\r?\n\r?\n/);
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const message = messageOf(part);
        if (message !== null) yield message;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function messageOf(part: string): StreamedEvent | null {
  const fields = { id: "", event: "", data: [] as string[] };
  for (const line of part.split(/\r?\n/)) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") fields.data.push(value);
    else if (name === "id" || name === "event") fields[name] = value;
  }
  if (fields.data.length === 0) return null;
  return { id: fields.id, type: fields.event, text: fields.data.join("\n") };
}

async function inTime<Value>(reading: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the stream fell silent")), SILENCE_MS_MAX);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string } } & Error;
  return cause?.code ?? cause?.message ?? message;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
