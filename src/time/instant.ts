// Instants are UTC texts with milliseconds ("2026-11-23T04:05:06.789Z"): they sort as text and JSON keeps them.
// Civil dates are "YYYY-MM-DD" in a zone that is always named. The two are never mixed.

/** An instant in UTC, RFC 3339 with exactly three decimals and "Z". */
export type Instant = string & { readonly __instant: true };
/** A calendar date without time or zone. */
export type CivilDate = string & { readonly __civilDate: true };

export function instantOfMs(epochMs: number): Instant {
  return new Date(epochMs).toISOString() as Instant;
}

export function msOf(instant: Instant): number {
  return Date.parse(instant);
}

/** Reads an RFC 3339 / ISO 8601 text that carries its offset; null when it is not one or names no offset. */
export function parseInstant(text: string): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text))
    return null;
  const epochMs = Date.parse(text.replace(" ", "T").replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(epochMs) ? null : instantOfMs(epochMs);
}

/** A date that exists in the calendar, or null: 30 February is null. */
export function civilDate(year: number, month: number, day: number): CivilDate | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? (date.toISOString().slice(0, 10) as CivilDate) : null;
}

/** Reads "YYYY-MM-DD"; null when it is not one or the day does not exist. */
export function parseCivilDate(text: string): CivilDate | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return parts === null ? null : civilDate(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

export function addDays(date: CivilDate, days: number): CivilDate {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10) as CivilDate;
}

/** Days from one date to another; negative when `to` is earlier. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Monday to Friday. Bank holidays are not in this table: a dated holiday calendar narrows it where one is given. */
export function isWeekday(date: CivilDate): boolean {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return day !== 0 && day !== 6;
}

/** The date `count` weekdays after `date` (Monday to Friday). */
export function addWeekdays(date: CivilDate, count: number): CivilDate {
  if (count <= 0) return date;
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  // A weekend counts from the Friday before it.
  const [back, from] = day === 6 ? [1, 5] : day === 0 ? [2, 5] : [0, day];
  const rest = count % 5;
  const overWeekend = from + rest > 5 ? 2 : 0;
  return addDays(date, Math.floor(count / 5) * 7 + rest + overWeekend - back);
}

/** The civil date of an instant in a named IANA zone, such as "Asia/Shanghai". */
export function civilDateIn(zone: string, instant: Instant): CivilDate {
  return dateFormat(zone).format(new Date(instant)) as CivilDate;
}

/** Zones in use are a few; making a formatter takes some 100 µs, using one takes 1. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(zone: string): Intl.DateTimeFormat {
  const known = dateFormats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  dateFormats.set(zone, format);
  return format;
}
