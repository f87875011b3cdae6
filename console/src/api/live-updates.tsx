// Keeps what is on screen as it is on record: every event of the feed makes it be asked for again, a moment later and
// together with others, so that a busy channel does not make a busy console.

import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { followEvents, type StreamedEvent } from "./event-stream.ts";

/** Quiet time after an event before anything is asked for; and how long a busy feed may put it off. */
const QUIET_MS = 400;
const PUT_OFF_MS_MAX = 3000;
/** A list of more pages than this is not read again by itself: its reader is far down in it. */
const PAGES_MAX = 2;
/** What no event changes. */
const STILL: ReadonlySet<unknown> = new Set([
  "getMe",
  "listSignInWays",
  "listFileLines",
  "listStatementLines",
]);

type Live = {
  readonly isConnected: boolean;
  /** Tells of each event; returns how to stop. */
  readonly listen: (hear: (event: StreamedEvent) => void) => () => void;
};

const LiveContext = createContext<Live>({ isConnected: false, listen: () => () => {} });

export function useLive(): Live {
  return useContext(LiveContext);
}

export function LiveUpdates({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [isConnected, setConnected] = useState(false);
  const listeners = useRef(new Set<(event: StreamedEvent) => void>());
  const [listen] = useState(() => (hear: (event: StreamedEvent) => void) => {
    listeners.current.add(hear);
    return () => listeners.current.delete(hear);
  });
  useEffect(() => {
    const refresh = refreshing(client);
    const stop = followEvents((event) => {
      refresh();
      for (const hear of listeners.current) hear(event);
    }, setConnected);
    return () => {
      stop();
      refresh.cancel();
    };
  }, [client]);
  return <LiveContext value={{ isConnected, listen }}>{children}</LiveContext>;
}

function refreshing(client: QueryClient): (() => void) & { readonly cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let sinceMs: number | null = null;
  const run = (): void => {
    timer = null;
    sinceMs = null;
    void client.invalidateQueries({ predicate: isRefreshed });
  };
  const refresh = (): void => {
    sinceMs ??= performance.now();
    if (timer !== null) clearTimeout(timer);
    const leftMs = PUT_OFF_MS_MAX - (performance.now() - sinceMs);
    timer = setTimeout(run, Math.max(0, Math.min(QUIET_MS, leftMs)));
  };
  return Object.assign(refresh, {
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
    },
  });
}

function isRefreshed({ queryKey, state }: Query): boolean {
  if (STILL.has(queryKey[0])) return false;
  const pages = (state.data as { readonly pages?: readonly unknown[] } | undefined)?.pages;
  return pages === undefined || pages.length <= PAGES_MAX;
}
