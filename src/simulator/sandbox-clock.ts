// The time of the sandbox: real time plus an offset that only grows, or a time that stands still until it is moved.
// Marketplace, bank and channel of a sandbox share one, so that a fortnight can pass in a second for all of them.

import { invariant } from "../errors/invariant.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs, msOf } from "../time/instant.ts";

/** What a sandbox clock remembers across a stop: how far ahead it is, and the latest time it ever told. */
export type SavedClock = {
  readonly offsetMs: number;
  readonly lastAt: Instant;
};

export type SandboxClock = Clock & {
  /** Moves forward; returns the new time. A negative number is a broken invariant. */
  readonly advanceMs: (ms: number) => Instant;
  /** Moves forward to the instant; one that has passed changes nothing. Returns the time. */
  readonly advanceTo: (at: Instant) => Instant;
  /** How far ahead of its source it is, in ms. */
  readonly offsetMs: () => number;
  readonly saved: () => SavedClock;
  /** Calls the listener after each move (not as real time passes); returns how to stop that. */
  readonly onMove: (listener: (now: Instant) => void) => () => void;
};

/**
 * Real time plus an offset. It never tells an earlier time than before, also when the real clock is set back and
 * also across a stop: with `saved` it goes on where it was.
 */
export function sandboxClock(real: Clock, saved: SavedClock | null = null): SandboxClock {
  return movable(real, saved);
}

/** Stands still at `start` until it is moved: for tests and for simulations that own all of time. */
export function manualSandboxClock(start: Instant): SandboxClock {
  return movable({ now: () => start }, null);
}

function movable(source: Clock, saved: SavedClock | null): SandboxClock {
  let offsetMs = saved?.offsetMs ?? 0;
  let lastMs = saved === null ? Number.NEGATIVE_INFINITY : msOf(saved.lastAt);
  const listeners = new Set<(now: Instant) => void>();
  invariant(offsetMs >= 0, "a sandbox clock is never behind its source");
  const nowMs = (): number => {
    lastMs = Math.max(lastMs, msOf(source.now()) + offsetMs);
    return lastMs;
  };
  const moveBy = (ms: number): Instant => {
    invariant(Number.isFinite(ms) && ms >= 0, "a sandbox clock only moves forward");
    const target = nowMs() + ms;
    // Measured from the source, so that a source that was set back is made up for.
    offsetMs = Math.max(offsetMs, target - msOf(source.now()));
    const now = instantOfMs(nowMs());
    if (ms > 0) for (const listener of listeners) listener(now);
    return now;
  };
  return {
    now: () => instantOfMs(nowMs()),
    advanceMs: moveBy,
    advanceTo: (at) => moveBy(Math.max(0, msOf(at) - nowMs())),
    offsetMs: () => offsetMs,
    saved: () => ({ offsetMs, lastAt: instantOfMs(nowMs()) }),
    onMove: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
