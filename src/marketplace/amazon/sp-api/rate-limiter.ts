// Token buckets, one for each key (selling partner and operation), on the clock that is passed in. The marketplace's
// own word counts more than the published plan: a rate in an answer replaces it, a refused call empties the bucket.

import type { Clock } from "../../../time/clock.ts";
import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { UsagePlan } from "./operations.ts";

export type Reservation =
  /** A token is taken; the call may be made after so many milliseconds. */
  | { readonly ok: true; readonly waitMs: number }
  /** No token is taken: it would be longer than the caller waits. */
  | { readonly ok: false; readonly freeAt: Instant };

export type RateLimiter = {
  readonly reserve: (key: string, plan: UsagePlan, waitMsMax: number) => Reservation;
  /** The rate that an answer named, in calls a second; others than positive ones are not heard. */
  readonly told: (key: string, ratePerSecond: number) => void;
  /** A call was refused for its rate: nothing is left, and the first token comes after a whole turn. */
  readonly refused: (key: string, plan: UsagePlan) => void;
};

type Bucket = { tokens: number; atMs: number; ratePerSecond: number };

export function createRateLimiter(clock: Clock): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const filled = (key: string, plan: UsagePlan): Bucket => {
    const nowMs = msOf(clock.now());
    const { ratePerSecond, burst } = plan;
    const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs, ratePerSecond };
    buckets.set(key, bucket);
    // A clock that was set back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1000) * bucket.ratePerSecond);
    bucket.atMs = nowMs;
    return bucket;
  };
  return {
    reserve: (key, plan, waitMsMax) => {
      const bucket = filled(key, plan);
      const missing = Math.max(0, 1 - bucket.tokens);
      const waitMs = Math.ceil((missing / bucket.ratePerSecond) * 1000);
      if (waitMs > waitMsMax) return { ok: false, freeAt: instantOfMs(bucket.atMs + waitMs) };
      bucket.tokens -= 1;
      return { ok: true, waitMs };
    },
    told: (key, ratePerSecond) => {
      const bucket = buckets.get(key);
      if (bucket !== undefined && Number.isFinite(ratePerSecond) && ratePerSecond > 0) {
        bucket.ratePerSecond = ratePerSecond;
      }
    },
    refused: (key, plan) => {
      const bucket = filled(key, plan);
      bucket.tokens = Math.min(bucket.tokens, 0);
    },
  };
}
