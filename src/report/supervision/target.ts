// Programme targets: what a programme set out to reach, and how far it is. A claim is of a year or cumulative, and says
// which: "three billion in three years" and "three billion a year" are told apart here, and the growth that each takes
// is computed from its own baseline.

import { addDays, type CivilDate, daysBetween } from "../../time/instant.ts";
import type { FlowCell, FlowDimension, FlowKind } from "./flow.ts";

export const TARGET_FIGURES = [
  "receipts-usd",
  "conversions-usd",
  "refunds-usd",
  "netted-fees-usd",
  "receipt-count",
  "sellers-paid",
] as const;
export type TargetFigure = (typeof TARGET_FIGURES)[number];

/** `year`: of the calendar year in which it is due; `cumulative`: of all since its first day. */
export const TARGET_BASES = ["year", "cumulative"] as const;
export type TargetBasis = (typeof TARGET_BASES)[number];

export type Target = {
  readonly figure: TargetFigure;
  /** Only flows of which this dimension has this value. */
  readonly only: { readonly dimension: FlowDimension; readonly value: string } | null;
  readonly basis: TargetBasis;
  /** Of a cumulative target, its first day; null for a target of a year. */
  readonly sinceOn: CivilDate | null;
  readonly dueOn: CivilDate;
  /** US dollar cents, or a number of things. */
  readonly goal: bigint;
  readonly baseline: {
    readonly value: bigint;
    readonly from: CivilDate;
    readonly to: CivilDate;
  };
};

export type TargetProgress = {
  /** The days that the target is about. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** What was reached of it up to the day of asking; zero before its first day. */
  readonly actual: bigint;
  /** Percent of the goal, with one decimal, rounded down: nothing is reached before it is. */
  readonly reachedPercent: string;
  /** The twelve months up to the day of asking, whatever the target's basis: how things go now. */
  readonly rollingYear: bigint;
  /** Length in years, with one decimal; a target of a year has "1.0". */
  readonly years: string;
  /** The baseline and the goal brought to one year, so that they can be compared. */
  readonly baselinePerYear: bigint;
  readonly goalPerYear: bigint;
  /**
   * Growth that the goal takes, percent a year with one decimal: from the baseline's year, the same each year, so that
   * the year due (or the sum of the target's years) is the goal. Null where the baseline is nothing, or the target lies before it.
   */
  readonly growthPerYearPercent: string | null;
};

const DAYS_A_YEAR = 365.25;

/** A quantity, not money moved: a growth rate is told to a tenth of a percent, for which doubles are exact enough. */
export function targetProgress(
  target: Target,
  cells: readonly FlowCell[],
  today: CivilDate,
): TargetProgress {
  const { from, to } = targetSpan(target);
  const own = cells.filter((cell) => counts(target, cell));
  const until = today < to ? today : to;
  const actual = measure(target.figure, own, from, until);
  const years = target.basis === "year" ? 1 : spanYears(from, to);
  const baselineYears = spanYears(target.baseline.from, target.baseline.to);
  return {
    from,
    to,
    actual,
    reachedPercent: tenths((actual * 1000n) / target.goal),
    rollingYear: measure(target.figure, own, addDays(today, -364), today),
    years: years.toFixed(1),
    baselinePerYear: perYear(target.baseline.value, baselineYears),
    goalPerYear: perYear(target.goal, years),
    growthPerYearPercent: growthNeeded(target, {
      from,
      to,
      years,
      start: Number(target.baseline.value) / baselineYears,
    }),
  };
}

/** The days a target is about: its calendar year, or from its first day to the day it is due. */
export function targetSpan(target: Pick<Target, "basis" | "sinceOn" | "dueOn">): {
  readonly from: CivilDate;
  readonly to: CivilDate;
} {
  const year = target.dueOn.slice(0, 4);
  return target.basis === "year"
    ? { from: `${year}-01-01` as CivilDate, to: `${year}-12-31` as CivilDate }
    : { from: target.sinceOn ?? target.dueOn, to: target.dueOn };
}

const KIND_OF_FIGURE: Readonly<Record<TargetFigure, FlowKind>> = {
  "receipts-usd": "receipt",
  "conversions-usd": "conversion",
  "refunds-usd": "refund",
  "netted-fees-usd": "netted-fee",
  "receipt-count": "receipt",
  "sellers-paid": "receipt",
};

function counts(target: Target, cell: FlowCell): boolean {
  const { only } = target;
  return (
    cell.kind === KIND_OF_FIGURE[target.figure] &&
    (only === null || cell.of[only.dimension] === only.value)
  );
}

function measure(
  figure: TargetFigure,
  cells: readonly FlowCell[],
  from: CivilDate,
  to: CivilDate,
): bigint {
  const within = cells.filter((cell) => cell.on >= from && cell.on <= to);
  if (figure === "sellers-paid") {
    return BigInt(new Set(within.flatMap((cell) => cell.of.seller ?? [])).size);
  }
  return figure === "receipt-count"
    ? within.reduce((sum, cell) => sum + BigInt(cell.count), 0n)
    : within.reduce((sum, cell) => sum + (cell.usdMinor ?? 0n), 0n);
}

/** Whole calendar years, and the days beyond them as a part of one. */
function spanYears(from: CivilDate, to: CivilDate): number {
  const end = addDays(to, 1);
  let whole = 0;
  while (anniversary(from, whole + 1) <= end) whole += 1;
  return whole + daysBetween(anniversary(from, whole), end) / DAYS_A_YEAR;
}

function anniversary(date: CivilDate, years: number): CivilDate {
  const rest = date.slice(4);
  return `${Number(date.slice(0, 4)) + years}${rest === "-02-29" ? "-02-28" : rest}` as CivilDate;
}

function perYear(value: bigint, years: number): bigint {
  return BigInt(Math.round(Number(value) / years));
}

function tenths(thousandths: bigint): string {
  return `${thousandths / 10n}.${thousandths % 10n}`;
}

/** The yearly growth that reaches the goal, by halving: what is reached rises with the growth. */
function growthNeeded(
  target: Target,
  at: { readonly from: CivilDate; readonly to: CivilDate; readonly years: number; start: number },
): string | null {
  const lead = (daysBetween(target.baseline.to, at.from) - 1) / DAYS_A_YEAR;
  if (at.start <= 0 || at.to <= target.baseline.to) return null;
  const goal = Number(target.goal);
  let low = -0.999;
  let high = 10_000;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (reached(at.start, middle, lead, at.years) < goal) low = middle;
    else high = middle;
  }
  return high > 9_999 ? null : (high * 100).toFixed(1);
}

/** Sum of the target's years when each is `growth` above the one before; the first follows `lead` years after the baseline. */
function reached(start: number, growth: number, lead: number, years: number): number {
  let sum = 0;
  for (let year = 0; year < years; year += 1) {
    const part = Math.min(1, years - year);
    sum += part * start * (1 + growth) ** (lead + year + 1);
  }
  return sum;
}
