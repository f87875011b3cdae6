// Amazon's usage plans: a bucket of calls per selling partner, application and operation that fills at the published
// rate up to the burst. Both stand in the models beside each operation.

import type { Instant } from "../../time/instant.ts";
import { msOf } from "../../time/instant.ts";
import type { MarketplaceState } from "./state.ts";

export type UsagePlan = {
  /** Calls a second. */
  readonly rate: number;
  readonly burst: number;
};

/** Takes one call out of the bucket; false when it is empty. */
export function takeCall(
  state: MarketplaceState,
  key: string,
  { rate, burst }: UsagePlan,
  now: Instant,
): boolean {
  const bucket = state.buckets[key];
  const elapsedSeconds = bucket === undefined ? 0 : (msOf(now) - msOf(bucket.at)) / 1_000;
  const filled = Math.min(burst, (bucket?.tokens ?? burst) + Math.max(0, elapsedSeconds) * rate);
  const isAllowed = filled >= 1;
  state.buckets[key] = { tokens: isAllowed ? filled - 1 : filled, at: now };
  return isAllowed;
}
