// Business days: which days a country's banks work, by dated calendars. China's days are announced year by year, so a
// year may be unknown; then a named setting says whether to refuse or to take weekdays.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { CENTRES, type Centre, isCentreHoliday } from "./holidays-by-rule.ts";
import { CHINA_YEARS, isOffInChina } from "./holidays-cn.ts";
import { addDays, type CivilDate, isWeekday } from "./instant.ts";

export const CALENDARS = ["CN", ...CENTRES] as const;
export type CalendarName = (typeof CALENDARS)[number];

/** What to do about a year that no notice has announced yet. */
export type UnknownYear = "refuse" | "weekdays";

/**
 * True on a day on which that calendar's banks work; null when the year is not announced. China's make-up days are
 * working days: statutory terms in working days (工作日) count them.
 */
export function isBusinessDay(calendar: CalendarName, date: CivilDate): boolean | null {
  if (calendar !== "CN") return isWeekday(date) && !isCentreHoliday(calendar, date);
  const year = CHINA_YEARS[date.slice(0, 4)];
  if (year === undefined) return null;
  if (year.makeUp.includes(date)) return true;
  return isWeekday(date) && !isOffInChina(year, date);
}

/** True where all the calendars work that day. */
export function isBusinessDayOfAll(
  calendars: readonly CalendarName[],
  date: CivilDate,
  unknownYear: UnknownYear,
): Outcome<boolean> {
  let works = true;
  for (const calendar of calendars) {
    const own = isBusinessDay(calendar, date);
    if (own === null && unknownYear === "refuse") {
      return refused(
        "calendar-year-unknown",
        `No working days of ${date.slice(0, 4)} are on record for ${calendar}: add the year's notice to the calendar, or let weekdays stand for it.`,
      );
    }
    works &&= own ?? isWeekday(date);
  }
  return accepted(works);
}

/** The day `count` business days after `date`, on which all the calendars work; zero: the day itself or the next. */
export function addBusinessDays(
  date: CivilDate,
  count: number,
  calendars: readonly CalendarName[],
  unknownYear: UnknownYear,
): Outcome<CivilDate> {
  let left = count;
  let day = count === 0 ? date : addDays(date, 1);
  for (;;) {
    const works = isBusinessDayOfAll(calendars, day, unknownYear);
    if (!works.ok) return works;
    if (works.value && (left -= 1) <= 0) return accepted(day);
    day = addDays(day, 1);
  }
}

/** Business days after `from` up to `to`, `to` included; negative where `to` is earlier. */
export function businessDaysBetween(
  from: CivilDate,
  to: CivilDate,
  calendars: readonly CalendarName[],
  unknownYear: UnknownYear,
): Outcome<number> {
  const [first, last, sign] = from <= to ? [from, to, 1] : [to, from, -1];
  let count = 0;
  for (let day = addDays(first, 1); day <= last; day = addDays(day, 1)) {
    const works = isBusinessDayOfAll(calendars, day, unknownYear);
    if (!works.ok) return works;
    if (works.value) count += 1;
  }
  return accepted(count * sign);
}

/** The calendars that a currency settles by beside China's own; none is known for other currencies. */
const CENTRE_OF_CURRENCY: Readonly<Record<string, Centre>> = {
  USD: "US",
  EUR: "TARGET",
  GBP: "UK",
  JPY: "JP",
  CAD: "CA",
  AUD: "AU",
};

export function centreOf(currency: string): Centre | null {
  return CENTRE_OF_CURRENCY[currency] ?? null;
}
