// Bank holidays of the centres of currencies that follow from rules, for any year: TARGET, the Federal Reserve, England
// and Wales, Japan, Canada's and Australia's large-value systems.
//
// Sources, from general knowledge of these pages: ECB "TARGET calendar"; Federal Reserve Banks "Holiday schedules" (a
// holiday on a Saturday is not moved, one on a Sunday is kept on Monday); Banking and Financial Dealings Act 1971 with
// its schedule; 国民の祝日に関する法律 and 銀行法 art. 15 (31 December to 3 January); Payments Canada, statutory holidays;
// Reserve Bank of Australia, RITS holidays (days that Sydney and Melbourne share).

import { addDays, type CivilDate, civilDate, isWeekday } from "./instant.ts";

export const CENTRES = ["TARGET", "US", "UK", "JP", "CA", "AU"] as const;
export type Centre = (typeof CENTRES)[number];

const RULES: Readonly<Record<Centre, (year: number) => readonly CivilDate[]>> = {
  TARGET: (year) => [
    day(year, 1, 1),
    goodFriday(year),
    easterMonday(year),
    day(year, 5, 1),
    day(year, 12, 25),
    day(year, 12, 26),
  ],
  US: (year) =>
    [
      day(year, 1, 1),
      nthMonday(year, 1, 3),
      nthMonday(year, 2, 3),
      lastMonday(year, 5),
      day(year, 6, 19),
      day(year, 7, 4),
      nthMonday(year, 9, 1),
      nthMonday(year, 10, 2),
      day(year, 11, 11),
      nthWeekday(year, 11, THURSDAY, 4),
      day(year, 12, 25),
    ].map((date) => (weekday(date) === SUNDAY ? addDays(date, 1) : date)),
  UK: (year) => [
    monday(day(year, 1, 1)),
    goodFriday(year),
    easterMonday(year),
    nthMonday(year, 5, 1),
    lastMonday(year, 5),
    lastMonday(year, 8),
    ...christmas(year),
  ],
  JP: (year) => japan(year),
  CA: (year) => [
    monday(day(year, 1, 1)),
    goodFriday(year),
    // The Monday before 25 May.
    lastMondayBefore(day(year, 5, 25)),
    monday(day(year, 7, 1)),
    nthMonday(year, 9, 1),
    monday(day(year, 9, 30)),
    nthMonday(year, 10, 2),
    monday(day(year, 11, 11)),
    ...christmas(year),
  ],
  AU: (year) => [
    monday(day(year, 1, 1)),
    monday(day(year, 1, 26)),
    goodFriday(year),
    easterMonday(year),
    day(year, 4, 25),
    nthMonday(year, 6, 2),
    ...christmas(year),
  ],
};

const known = new Map<string, ReadonlySet<CivilDate>>();

export function isCentreHoliday(centre: Centre, date: CivilDate): boolean {
  const year = date.slice(0, 4);
  const key = `${centre} ${year}`;
  const holidays = known.get(key) ?? new Set(RULES[centre](Number(year)));
  known.set(key, holidays);
  return holidays.has(date);
}

const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;

function weekday(date: CivilDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

function day(year: number, month: number, dayOfMonth: number): CivilDate {
  const date = civilDate(year, month, dayOfMonth);
  if (date === null) throw new RangeError(`no day ${year}-${month}-${dayOfMonth}`);
  return date;
}

function nthWeekday(year: number, month: number, wanted: number, nth: number): CivilDate {
  const first = day(year, month, 1);
  return addDays(first, ((wanted - weekday(first) + 7) % 7) + 7 * (nth - 1));
}

function nthMonday(year: number, month: number, nth: number): CivilDate {
  return nthWeekday(year, month, MONDAY, nth);
}

function lastMonday(year: number, month: number): CivilDate {
  const next = month === 12 ? day(year + 1, 1, 1) : day(year, month + 1, 1);
  return lastMondayBefore(next);
}

function lastMondayBefore(date: CivilDate): CivilDate {
  const before = addDays(date, -1);
  return addDays(before, -((weekday(before) - MONDAY + 7) % 7));
}

/** The day itself, or the Monday after a weekend. */
function monday(date: CivilDate): CivilDate {
  return isWeekday(date) ? date : addDays(date, weekday(date) === SUNDAY ? 1 : 2);
}

/** 25 and 26 December, on weekdays: what falls on a weekend is kept on the next weekdays that are free. */
function christmas(year: number): readonly CivilDate[] {
  const eve = weekday(day(year, 12, 25));
  if (eve === 6) return [day(year, 12, 27), day(year, 12, 28)];
  if (eve === SUNDAY) return [day(year, 12, 26), day(year, 12, 27)];
  return eve === 5
    ? [day(year, 12, 25), day(year, 12, 28)]
    : [day(year, 12, 25), day(year, 12, 26)];
}

/** Easter Sunday of the Gregorian calendar (Anonymous Gregorian algorithm, Meeus/Jones/Butcher). */
function easter(year: number): CivilDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return day(year, month, ((h + l - 7 * m + 114) % 31) + 1);
}

function goodFriday(year: number): CivilDate {
  return addDays(easter(year), -2);
}

function easterMonday(year: number): CivilDate {
  return addDays(easter(year), 1);
}

/** Holidays by law, what is kept instead of a Sunday, the day between two holidays, and the banks' own days. */
function japan(year: number): readonly CivilDate[] {
  const byLaw = [
    day(year, 1, 1),
    nthMonday(year, 1, 2),
    day(year, 2, 11),
    day(year, 2, 23),
    day(year, 3, equinox(year, 20.8431)),
    day(year, 4, 29),
    day(year, 5, 3),
    day(year, 5, 4),
    day(year, 5, 5),
    nthMonday(year, 7, 3),
    day(year, 8, 11),
    nthMonday(year, 9, 3),
    day(year, 9, equinox(year, 23.2488)),
    nthMonday(year, 10, 2),
    day(year, 11, 3),
    day(year, 11, 23),
  ];
  const holidays = new Set<CivilDate>(byLaw);
  for (const date of byLaw) {
    if (weekday(date) !== SUNDAY) continue;
    let instead = addDays(date, 1);
    while (holidays.has(instead)) instead = addDays(instead, 1);
    holidays.add(instead);
  }
  for (const date of byLaw) {
    if (byLaw.includes(addDays(date, 2))) holidays.add(addDays(date, 1));
  }
  return [...holidays, day(year, 1, 2), day(year, 1, 3), day(year, 12, 31)];
}

/** Day of the equinox by the usual formula for 1980 to 2099; the day is fixed by notice the February before. */
function equinox(year: number, base: number): number {
  return Math.floor(base + 0.242194 * (year - 1980) - Math.floor((year - 1980) / 4));
}
