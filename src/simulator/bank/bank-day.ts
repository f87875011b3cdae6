// The bank's day, which ends at midnight in China: what is booked before belongs to that day's statement.

import type { CivilDate, Instant } from "../../time/instant.ts";
import { addDays, civilDateIn, instantOfMs, msOf } from "../../time/instant.ts";

export const BANK_ZONE = "Asia/Shanghai";
/** China has no daylight saving: its days begin at 16:00 UTC. */
const ZONE_OFFSET_MS = 8 * 3_600_000;

export function bankDayOf(at: Instant): CivilDate {
  return civilDateIn(BANK_ZONE, at);
}

/** The first instant after the day. */
export function endOfBankDay(day: CivilDate): Instant {
  return instantOfMs(Date.parse(`${addDays(day, 1)}T00:00:00.000Z`) - ZONE_OFFSET_MS);
}

/** "2026-11-23 12:05:06" in China. */
export function bankTimeOf(at: Instant): string {
  return instantOfMs(msOf(at) + ZONE_OFFSET_MS)
    .slice(0, 19)
    .replace("T", " ");
}
