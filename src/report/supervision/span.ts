// The stretches of time a report tells of. A figure is of a period or it is cumulative, and a report has one of the two
// for all its rows: an annual figure beside a cumulative one is how a programme's success is misread.

import { addDays, type CivilDate, civilDate } from "../../time/instant.ts";

/** `period`: what happened within each span; `cumulative`: all since one day, up to the end of each span. */
export const BASES = ["period", "cumulative"] as const;
export type Basis = (typeof BASES)[number];

export const STEPS = ["day", "month", "quarter", "year"] as const;
export type Step = (typeof STEPS)[number];

export type Span = {
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** False where the report's own first or last day cuts the day, month, quarter or year short. */
  readonly isWhole: boolean;
};

/** Spans of one report at most: ten years of days are another report. */
export const SPANS_MAX = 1_000;

type Parts = { readonly year: number; readonly month: number };

function partsOf(date: CivilDate): Parts {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)) };
}

function firstOf(year: number, month: number): CivilDate {
  const moved = civilDate(year + Math.floor((month - 1) / 12), ((month - 1) % 12) + 1, 1);
  if (moved === null) throw new RangeError(`no first day of ${year}-${month}`);
  return moved;
}

/** First day of the calendar span that holds `date`. */
export function spanStart(step: Step, date: CivilDate): CivilDate {
  const { year, month } = partsOf(date);
  if (step === "day") return date;
  if (step === "month") return firstOf(year, month);
  return firstOf(year, step === "year" ? 1 : month - ((month - 1) % 3));
}

/** Last day of the calendar span that holds `date`. */
export function spanEnd(step: Step, date: CivilDate): CivilDate {
  if (step === "day") return date;
  const { year, month } = partsOf(spanStart(step, date));
  const months = step === "month" ? 1 : step === "quarter" ? 3 : 12;
  return addDays(firstOf(year, month + months), -1);
}

/** The calendar spans from the first day to the last, cut to them; null when there are more than `SPANS_MAX`. */
export function spansBetween(step: Step, from: CivilDate, to: CivilDate): readonly Span[] | null {
  const spans: Span[] = [];
  for (let day = from; day <= to; ) {
    const start = spanStart(step, day);
    const end = spanEnd(step, day);
    const last = end < to ? end : to;
    spans.push({ from: day, to: last, isWhole: start === day && end === last });
    if (spans.length > SPANS_MAX) return null;
    day = addDays(end, 1);
  }
  return spans;
}

/** The same date twelve months earlier, the day after it: the first day of a rolling year that ends on `to`. */
export function rollingYearStart(to: CivilDate): CivilDate {
  const { year, month } = partsOf(to);
  const day = Number(to.slice(8, 10));
  // 29 February's year begins on 1 March, as 28 February's does.
  const same = civilDate(year - 1, month, day) ?? civilDate(year - 1, 2, 28);
  if (same === null) throw new RangeError(`no day a year before ${to}`);
  return addDays(same, 1);
}
