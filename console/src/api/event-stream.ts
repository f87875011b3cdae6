// The feed of events as it grows, read from the API's stream. A browser's own EventSource knows only types that it is told
// beforehand, and the feed's are open; so the few lines of the format are read here. Reconnecting misses nothing.

export type StreamedEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
};

/** Cuts text that arrives in pieces into events (HTML Living Standard, 9.2.6, of which the API uses these fields). */
export function eventReader(): (piece: string) => readonly StreamedEvent[] {
  let waiting = "";
  return (piece) => {
    waiting += piece;
    const blocks = waiting.split(/\r?\n\r?\n/);
    waiting = blocks.pop() ?? "";
    return blocks.map(eventOf).filter((event) => event !== null);
  };
}

function eventOf(block: string): StreamedEvent | null {
  const fields = { id: "", event: "message", data: "" };
  let hasData = false;
  for (const line of block.split(/\r?\n/)) {
    const [, name = "", value = ""] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name === "id" || name === "event") fields[name] = value;
    if (name !== "data") continue;
    fields.data = hasData ? `${fields.data}\n${value}` : value;
    hasData = true;
  }
  return hasData ? { id: fields.id, type: fields.event, data: fields.data } : null;
}

/** Pause before the stream is asked for again; doubled while nobody answers. */
const AGAIN_MS = 1000;
const AGAIN_MS_MAX = 30_000;

/** Follows the feed until told to stop; `onState` hears whether it is connected. */
export function followEvents(
  onEvent: (event: StreamedEvent) => void,
  onState: (isConnected: boolean) => void,
): () => void {
  const stop = new AbortController();
  let lastId = "";
  let pauseMs = AGAIN_MS;
  const read = async (): Promise<void> => {
    const headers = { accept: "text/event-stream", ...(lastId ? { "last-event-id": lastId } : {}) };
    const answer = await fetch("/v1/events/stream", {
      headers,
      signal: stop.signal,
      cache: "no-store",
    });
    if (!answer.ok || answer.body === null) return;
    onState(true);
    pauseMs = AGAIN_MS;
    const take = eventReader();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const event of take(value)) {
        lastId = event.id;
        onEvent(event);
      }
    }
  };
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // Whatever ended it, the next connection goes on behind the last event.
      await read().catch(() => {});
      if (stop.signal.aborted) return;
      onState(false);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(AGAIN_MS_MAX, pauseMs * 2);
    }
  };
  void follow();
  return () => stop.abort();
}
