// The clock is passed in, so that tests and the simulator own time.

import type { Instant } from "./instant.ts";
import { instantOfMs } from "./instant.ts";

export type Clock = { readonly now: () => Instant };

export const systemClock: Clock = { now: () => instantOfMs(Date.now()) };

/** A clock that stands still until it is moved forward. */
export function manualClock(start: Instant): Clock & { advanceMs: (ms: number) => void } {
  let epochMs = Date.parse(start);
  return {
    now: () => instantOfMs(epochMs),
    advanceMs: (ms) => {
      epochMs += ms;
    },
  };
}
