// The zone of a business date is a setting and not on record with it, so the civil dates that an instant has in any
// zone are all right.

import { addDays, type CivilDate, type Instant } from "../../time/instant.ts";

/** The days around the instant: no zone is more than a day from UTC. */
export function datesOf(at: Instant): readonly CivilDate[] {
  const date = at.slice(0, 10) as CivilDate;
  return [addDays(date, -1), date, addDays(date, 1)];
}
