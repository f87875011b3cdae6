// How many requests a caller may send: an allowance that refills evenly, told on every answer (RateLimit and
// RateLimit-Policy, draft-ietf-httpapi-ratelimit-headers-10). Each process counts for itself.

import type { Clock } from "../time/clock.ts";
import { msOf } from "../time/instant.ts";

/** Callers remembered at once; past it those with a whole allowance are forgotten, then the longest idle. */
const CALLERS_MAX = 20_000;

export type Allowance = {
  /** False: this request is over the limit and was not counted. */
  readonly granted: boolean;
  /** Requests left now. */
  readonly left: number;
  /** Seconds until the allowance is whole again. */
  readonly wholeInSeconds: number;
  /** Seconds until one more request is granted; 0 when one is now. */
  readonly nextInSeconds: number;
};

export type RateLimit = { readonly take: (caller: string) => Allowance };

type Bucket = { left: number; atMs: number };

export function rateLimit(
  clock: Clock,
  limit: { readonly count: number; readonly windowSeconds: number },
): RateLimit {
  const buckets = new Map<string, Bucket>();
  const perMs = limit.count / (limit.windowSeconds * 1000);
  const refilled = (bucket: Bucket, nowMs: number) =>
    Math.min(limit.count, bucket.left + Math.max(0, nowMs - bucket.atMs) * perMs);
  const forget = (nowMs: number): void => {
    for (const [caller, bucket] of buckets) {
      if (refilled(bucket, nowMs) >= limit.count) buckets.delete(caller);
    }
    // In the order of the last request: a map keeps the order in which keys were set.
    for (const caller of buckets.keys()) {
      if (buckets.size < CALLERS_MAX) break;
      buckets.delete(caller);
    }
  };
  return {
    take: (caller) => {
      const nowMs = msOf(clock.now());
      const known = buckets.get(caller);
      if (known === undefined && buckets.size >= CALLERS_MAX) forget(nowMs);
      const before = known === undefined ? limit.count : refilled(known, nowMs);
      const granted = before >= 1;
      const left = granted ? before - 1 : before;
      buckets.delete(caller);
      buckets.set(caller, { left, atMs: nowMs });
      return {
        granted,
        left: Math.floor(left),
        wholeInSeconds: Math.ceil((limit.count - left) / perMs / 1000),
        nextInSeconds: left >= 1 ? 0 : Math.ceil((1 - left) / perMs / 1000),
      };
    },
  };
}
