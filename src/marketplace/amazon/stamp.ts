// Reads a time stamp as Amazon writes it, in every language of the marketplaces, as an instant. The
// zone is read as written and never assumed: an unknown zone word refuses the row. Real examples:
// "2026-06-17 08:14:22 UTC", "17.06.2026 08:14:22 UTC", "2025/01/01 0:21:14 JST", "Jun 8, 2025
// 10:23:05 PM PDT", "1 janv. 2025 03:27:03 UTC".

import type { Instant } from "../../time/instant.ts";
import { civilDate, instantOfMs, msOf, parseInstant } from "../../time/instant.ts";

/** How the date part is written: `d/m` or `m/d` with slashes cannot be told apart by one stamp. */
export type DateStyle = "y-m-d" | "y/m/d" | "d.m.y" | "d/m/y" | "m/d/y" | "words" | "iso";

export type StampText =
  | { readonly kind: "instant"; readonly at: Instant; readonly style: DateStyle }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "zone-unknown"; readonly zone: string };

const MINUTE_MS = 60_000;

/**
 * Zone word → minutes east of UTC. Only words with one meaning in Amazon files stand here: CST
 * (China, US central) and IST (India, Ireland, Israel) have several and are refused. HNP and HAP
 * are French Canadian PST, PDT.
 */
const ZONE_MINUTES: ReadonlyMap<string, number> = new Map([
  ...(["UTC", "GMT", "Z", "WET"] as const).map((zone) => [zone, 0] as const),
  ...(["BST", "WEST", "CET", "MEZ"] as const).map((zone) => [zone, 60] as const),
  ...(["CEST", "MESZ", "EET"] as const).map((zone) => [zone, 120] as const),
  ...(["EEST", "MSK"] as const).map((zone) => [zone, 180] as const),
  ...(["PST", "HNP"] as const).map((zone) => [zone, -480] as const),
  ...(["PDT", "HAP", "MST"] as const).map((zone) => [zone, -420] as const),
  ["MDT", -360],
  ["CDT", -300],
  ["EST", -300],
  ["EDT", -240],
  ["SGT", 480],
  ["JST", 540],
  ["AEST", 600],
  ["AEDT", 660],
]);

/**
 * First letters of month names in en, de, fr, it, es, nl, sv, pl, without marks; `juin` and `juil`
 * need four.
 */
const MONTH_STEMS: readonly (readonly string[])[] = [
  ["jan", "gen", "ene", "sty"],
  ["feb", "fev", "lut"],
  ["mar", "mrt", "maa"],
  ["apr", "avr", "abr", "kwi"],
  ["may", "mai", "mag", "mei", "maj"],
  ["jun", "juin", "giu", "cze"],
  ["jul", "juil", "lug", "lip"],
  ["aug", "aou", "ago", "sie"],
  ["sep", "set", "wrz"],
  ["oct", "okt", "ott", "paz"],
  ["nov", "lis"],
  ["dec", "dez", "dic", "gru"],
];

const MONTHS: ReadonlyMap<string, number> = new Map(
  MONTH_STEMS.flatMap((stems, index) => stems.map((stem) => [stem, index + 1] as const)),
);

type Day = { year: number; month: number; day: number; style: DateStyle };

/** Reads one stamp. A stamp without a zone is unreadable: its instant is not known. */
export function readStamp(raw: string): StampText {
  const text = raw
    .trim()
    .replace(/^"(.*)"$/, "$1")
    .replace(/[\u00a0\u202f\s]+/g, " ");
  const iso = parseInstant(text);
  if (iso !== null) return { kind: "instant", at: iso, style: "iso" };
  const day = readDay(text);
  if (day === null) return { kind: "unreadable" };
  if (day === "ambiguous") return { kind: "ambiguous" };
  const time = /(\d{1,2})[:.](\d{2})[:.](\d{2})\s*(a\.?\s?m\.?|p\.?\s?m\.?)?\s*(\S.*)$/i.exec(
    text.slice(dayLength(text)),
  );
  if (time === null) return { kind: "unreadable" };
  const [, hour = "", minute = "", second = "", half = "", zone = ""] = time;
  const offset = readZone(zone);
  if (offset === null) return { kind: "zone-unknown", zone };
  const atMs = clockMs(day, Number(hour), Number(minute), Number(second), half);
  return atMs === null
    ? { kind: "unreadable" }
    : { kind: "instant", at: instantOfMs(atMs - offset * MINUTE_MS), style: day.style };
}

/**
 * The instant of a day that was ambiguous between d/m and m/d, read in the order that is known by
 * now.
 */
export function readStampInOrder(raw: string, order: "d/m/y" | "m/d/y"): StampText {
  const parts = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(.*)$/.exec(raw.trim());
  if (parts === null) return { kind: "unreadable" };
  const [, first = "", second = "", year = "", rest = ""] = parts;
  const [day, month] = order === "d/m/y" ? [first, second] : [second, first];
  const read = readStamp(`${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}${rest}`);
  return read.kind === "instant" ? { ...read, style: order } : read;
}

/** Minutes east of UTC of a zone as written ("PDT", "GMT+9", "UTC+09:00", "+0900"), or null. */
export function readZone(raw: string): number | null {
  const zone = raw.trim().toUpperCase();
  const named = ZONE_MINUTES.get(zone);
  if (named !== undefined) return named;
  const parts = /^(?:GMT|UTC)?([+\-\u2212])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (parts === null) return null;
  const [, sign = "", hours = "", minutes = "0"] = parts;
  const east = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 14 || Number(minutes) > 59) return null;
  return sign === "+" ? east : -east;
}

const NUMERIC_DAY = /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})/;
const DAY_FIRST = /^(\d{1,2})\.?\s+(?:de\s+)?([\p{L}.]+)\s+(?:de\s+)?(\d{4})/u;
const MONTH_FIRST = /^([\p{L}.]+)\s+(\d{1,2}),?\s+(\d{4})/u;

function dayLength(text: string): number {
  const found = NUMERIC_DAY.exec(text) ?? DAY_FIRST.exec(text) ?? MONTH_FIRST.exec(text);
  return found?.[0].length ?? 0;
}

function readDay(text: string): Day | "ambiguous" | null {
  const numeric = NUMERIC_DAY.exec(text);
  if (numeric !== null) return readNumericDay(numeric);
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) return wordsDay(dayFirst[1], dayFirst[2], dayFirst[3]);
  const monthFirst = MONTH_FIRST.exec(text);
  return monthFirst === null ? null : wordsDay(monthFirst[2], monthFirst[1], monthFirst[3]);
}

function readNumericDay(parts: RegExpExecArray): Day | "ambiguous" | null {
  const [, first = "", mark = "", second = "", third = ""] = parts;
  const [one, two, three] = [Number(first), Number(second), Number(third)];
  if (first.length === 4 && mark !== ".") {
    return { year: one, month: two, day: three, style: mark === "-" ? "y-m-d" : "y/m/d" };
  }
  if (third.length !== 4 || first.length > 2) return null;
  if (mark === ".") return { year: three, month: two, day: one, style: "d.m.y" };
  if (mark !== "/") return null;
  if (one > 12) return { year: three, month: two, day: one, style: "d/m/y" };
  if (two > 12) return { year: three, month: one, day: two, style: "m/d/y" };
  return "ambiguous";
}

function wordsDay(day = "", word = "", year = ""): Day | null {
  const month = monthOf(word);
  return month === null ? null : { year: Number(year), month, day: Number(day), style: "words" };
}

function monthOf(word: string): number | null {
  const plain = word
    .normalize("NFD")
    .replace(/[^\p{L}]/gu, "")
    .replace("ź", "z")
    .toLowerCase();
  return MONTHS.get(plain.slice(0, 4)) ?? MONTHS.get(plain.slice(0, 3)) ?? null;
}

function clockMs(
  day: Day,
  hour: number,
  minute: number,
  second: number,
  half: string,
): number | null {
  const date = civilDate(day.year, day.month, day.day);
  const twelve = half !== "";
  if (date === null || minute > 59 || second > 59) return null;
  if (twelve ? hour < 1 || hour > 12 : hour > 23) return null;
  const afternoon = /^p/i.test(half);
  const hours = twelve ? (hour % 12) + (afternoon ? 12 : 0) : hour;
  return msOf(`${date}T00:00:00.000Z` as Instant) + ((hours * 60 + minute) * 60 + second) * 1000;
}
