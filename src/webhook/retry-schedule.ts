// When a failed delivery is tried again, and when an endpoint that fails is left alone. Waits are spread by up to a
// fifth, drawn from the delivery's own id: the same for whoever computes it, different for each delivery.

import { hash } from "node:crypto";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits after the 1st, 2nd, … failed attempt: the schedule that Standard Webhooks recommends; 75 hours in all. */
export const RETRY_WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;
/** Attempts of one delivery while its endpoint takes others. */
export const ATTEMPTS_MAX = RETRY_WAITS_MS.length + 1;
/** An endpoint that took nothing for this long is disabled. */
export const DISABLE_AFTER_MS = 5 * 24 * HOUR_MS;
/** A wait that the endpoint itself asks for (Retry-After) is kept up to this. */
export const ASKED_WAIT_MS_MAX = 24 * HOUR_MS;

/** From so many failures in a row on one delivery at a time is tried, after a pause that doubles. */
export const PAUSE_FROM_FAILURES = 3;
const PAUSE_FIRST_MS = SECOND_MS;
const PAUSE_MAX_MS = 5 * MINUTE_MS;
const SPREAD = 0.2;

/** 0 to 1, evenly, always the same for the same words. */
function share(words: string): number {
  return Number.parseInt(hash("sha256", words, "hex").slice(0, 8), 16) / 2 ** 32;
}

/** The wait before the next attempt of a delivery, after so many failed ones; at least what the endpoint asked for. */
export function retryWaitMs(deliveryId: string, failed: number, askedMs: number | null): number {
  const wait = RETRY_WAITS_MS[Math.min(failed, RETRY_WAITS_MS.length) - 1] ?? RETRY_WAITS_MS[0];
  const spread = Math.round(wait * (1 + SPREAD * share(`${deliveryId}/${failed}`)));
  return Math.max(spread, Math.min(askedMs ?? 0, ASKED_WAIT_MS_MAX));
}

/** How long an endpoint is left alone after so many failures in a row; 0 while they are few. */
export function pauseMs(endpointId: string, failures: number): number {
  if (failures < PAUSE_FROM_FAILURES) return 0;
  const doubled = PAUSE_FIRST_MS * 2 ** Math.min(failures - PAUSE_FROM_FAILURES, 20);
  const wait = Math.min(doubled, PAUSE_MAX_MS);
  return Math.round(wait * (1 + SPREAD * share(`${endpointId}/${failures}`)));
}
