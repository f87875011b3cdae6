// Days off and make-up working days in China, year by year as the State Council's General Office announces them each
// autumn. Nobody can compute them: a year that is not here is not known.
//
// Sources: 国办发明电〔2023〕7号 (2024), 〔2024〕12号 (2025), 〔2025〕7号 (2026). Taken down from general knowledge of these
// notices, not from a copy at hand: an institution checks them against its own calendar before it relies on them.

import type { CivilDate } from "./instant.ts";

export type AnnouncedYear = {
  /** Stretches of days off, both ends included; weekends in them are days off anyway. */
  readonly off: readonly (readonly [from: string, to: string])[];
  /** Weekend days on which people work. */
  readonly makeUp: readonly string[];
};

export const CHINA_YEARS: Readonly<Record<string, AnnouncedYear>> = {
  "2024": {
    off: [
      ["2024-01-01", "2024-01-01"],
      ["2024-02-10", "2024-02-17"],
      ["2024-04-04", "2024-04-06"],
      ["2024-05-01", "2024-05-05"],
      ["2024-06-10", "2024-06-10"],
      ["2024-09-15", "2024-09-17"],
      ["2024-10-01", "2024-10-07"],
    ],
    makeUp: [
      "2024-02-04",
      "2024-02-18",
      "2024-04-07",
      "2024-04-28",
      "2024-05-11",
      "2024-09-14",
      "2024-09-29",
      "2024-10-12",
    ],
  },
  "2025": {
    off: [
      ["2025-01-01", "2025-01-01"],
      ["2025-01-28", "2025-02-04"],
      ["2025-04-04", "2025-04-06"],
      ["2025-05-01", "2025-05-05"],
      ["2025-05-31", "2025-06-02"],
      ["2025-10-01", "2025-10-08"],
    ],
    makeUp: ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
  },
  "2026": {
    off: [
      ["2026-01-01", "2026-01-03"],
      ["2026-02-15", "2026-02-23"],
      ["2026-04-04", "2026-04-06"],
      ["2026-05-01", "2026-05-05"],
      ["2026-06-19", "2026-06-21"],
      ["2026-09-25", "2026-09-27"],
      ["2026-10-01", "2026-10-07"],
    ],
    makeUp: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
  },
};

export function isOffInChina(year: AnnouncedYear, date: CivilDate): boolean {
  return year.off.some(([from, to]) => date >= from && date <= to);
}
