// Keeps the embedded postmaster running: one that was killed (out of memory, by hand) is started again on its port.
// Queries meanwhile are retryable outages; what was committed is recovered from the write-ahead log.

import { Outage } from "../errors/outage.ts";
import type { Postmaster, PostmasterOptions } from "./postgres-process.ts";
import { restartPostmaster, startPostmaster } from "./postgres-process.ts";

export type WatchedPostmaster = {
  readonly port: number;
  /** Of the postmaster that runs now, or ran last. */
  readonly pid: () => number;
  readonly running: () => boolean;
  /** Why it was not started again, or null. */
  readonly failure: () => Outage | null;
  readonly stop: () => Promise<void>;
  readonly signalStop: () => void;
};

/** A postmaster that dies more often than this is ill, and starting it again would hide it. */
const RESTART_COUNT_MAX = 5;
const RESTART_WINDOW_MS = 10 * 60_000;

/** Starts a postmaster and keeps it running until `stop`. */
export async function watchPostmaster(options: PostmasterOptions): Promise<WatchedPostmaster> {
  let current: Postmaster = await startPostmaster(options);
  let stopping = false;
  let failure: Outage | null = null;
  let restarting: Promise<void> = Promise.resolve();
  let restartedAtMs: number[] = [];
  const restart = async (): Promise<void> => {
    const now = performance.now();
    restartedAtMs = restartedAtMs.filter((ms) => now - ms < RESTART_WINDOW_MS);
    if (restartedAtMs.length >= RESTART_COUNT_MAX) {
      const message = `PostgreSQL ended ${RESTART_COUNT_MAX + 1} times within minutes (log: ${options.logFile})`;
      failure = new Outage("database", message, { retryable: false });
      return;
    }
    restartedAtMs.push(now);
    try {
      current = await restartPostmaster(options, current.port);
      watch();
    } catch (error) {
      const message = "PostgreSQL ended and could not be started again";
      failure = new Outage("database", message, { retryable: false, cause: error });
    }
  };
  const watch = (): void => {
    current.onEnd(() => {
      if (!stopping) restarting = restart();
    });
  };
  watch();
  return {
    port: current.port,
    pid: () => current.pid,
    running: () => current.running(),
    failure: () => failure,
    stop: async () => {
      stopping = true;
      await restarting;
      await current.stop();
    },
    signalStop: () => {
      stopping = true;
      current.signalStop();
    },
  };
}
