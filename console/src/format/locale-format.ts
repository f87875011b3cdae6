// Numbers, money, instants and dates in the reader's language. Made once for each language and time zone.

import { groupDigits, type NumberSigns } from "./amount.ts";

export type Language = "en" | "zh-CN";

/** Day before month, as most readers of English in the settlement trade write. */
const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", "zh-CN": "zh-CN" };

export type LocaleFormat = {
  readonly language: Language;
  /** Exact text with the locale's signs. */
  readonly amount: (text: string) => string;
  readonly count: (value: number) => string;
  /** "23 Nov 2026, 12:05:06" */
  readonly instant: (text: string) => string;
  /** "12:05:06" */
  readonly timeOfDay: (text: string) => string;
  /** "23 Nov 2026", of an instant in the reader's zone. */
  readonly dayOf: (text: string) => string;
  /** "23 Nov 2026", of a civil date, which has no zone. */
  readonly civilDate: (text: string) => string;
  /** "412 ms", "3.2 s", "2 min 5 s", "3 h 20 min", "2 d 4 h" */
  readonly duration: (ms: number) => string;
  /** 2512 basis points → "25.12 %" */
  readonly basisPoints: (bps: number) => string;
};

const made = new Map<Language, LocaleFormat>();

export function localeFormat(language: Language): LocaleFormat {
  const known = made.get(language) ?? makeFormat(language);
  made.set(language, known);
  return known;
}

function makeFormat(language: Language): LocaleFormat {
  const locale = LOCALES[language];
  const signs = signsOf(locale);
  const counts = new Intl.NumberFormat(locale);
  const instants = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  return {
    language,
    amount: (text) => groupDigits(text, signs),
    count: (value) => counts.format(value),
    instant: (text) => instants.format(new Date(text)),
    timeOfDay: (text) => times.format(new Date(text)),
    dayOf: (text) => days.format(new Date(text)),
    civilDate: (text) => dates.format(new Date(`${text}T00:00:00Z`)),
    duration: (ms) => durationText(ms, (value, unit) => unitText(locale, value, unit)),
    basisPoints: (bps) => `${groupDigits(decimalOf(bps), signs)} %`,
  };
}

function signsOf(locale: string): NumberSigns {
  const parts = new Intl.NumberFormat(locale).formatToParts(1_234_567.5);
  const sign = (type: string, otherwise: string): string =>
    parts.find((part) => part.type === type)?.value ?? otherwise;
  return { group: sign("group", ","), decimal: sign("decimal", ".") };
}

type Unit = "millisecond" | "second" | "minute" | "hour" | "day";

function unitText(locale: string, value: number, unit: Unit): string {
  const digits = unit === "second" && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(value);
}

const MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** A length of time by its two largest units: nobody needs the seconds of a day. */
function durationText(ms: number, text: (value: number, unit: Unit) => string): string {
  const pair = (large: Exclude<Unit, "millisecond">, small: Exclude<Unit, "millisecond">) => {
    const whole = Math.floor(ms / MS[large]);
    const rest = Math.floor((ms - whole * MS[large]) / MS[small]);
    return rest === 0 ? text(whole, large) : `${text(whole, large)} ${text(rest, small)}`;
  };
  if (ms < MS.second) return text(Math.max(0, Math.round(ms)), "millisecond");
  if (ms < MS.minute) return text(ms / 1000, "second");
  if (ms < MS.hour) return pair("minute", "second");
  if (ms < MS.day) return pair("hour", "minute");
  return pair("day", "hour");
}

function decimalOf(bps: number): string {
  const digits = Math.abs(Math.trunc(bps)).toString().padStart(3, "0");
  return `${bps < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
