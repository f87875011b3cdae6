// How PostgreSQL values become ours, so that no money passes through a float and no instant through a local
// zone: int8 → bigint, numeric, date and zoneless time → text, timestamptz → Instant, and the same in arrays.

import pg from "pg";
import { invariant } from "../errors/invariant.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs } from "../time/instant.ts";

type Parser = (text: string) => unknown;

/** Type numbers of pg_type.dat; an array type has its own. */
const OID = {
  int8: 20,
  int8Array: 1016,
  date: 1082,
  dateArray: 1182,
  timestamp: 1114,
  timestampArray: 1115,
  timestamptz: 1184,
  timestamptzArray: 1185,
  interval: 1186,
  intervalArray: 1187,
  numeric: 1700,
  numericArray: 1231,
} as const;
const TEXT_ARRAY = 1009;

/** The driver's own reading of a type; its typing knows the numbers as an enum that lacks the array types. */
const driverParser = pg.types.getTypeParser as (oid: number, format?: "text" | "binary") => Parser;

const asText: Parser = (text) => text;

/** Splits an SQL array literal, nested and with nulls, and leaves its elements as text. */
const splitArray = driverParser(TEXT_ARRAY, "text") as (text: string) => unknown[];

function mapNested(element: unknown, parse: Parser): unknown {
  if (Array.isArray(element)) return element.map((inner) => mapNested(inner, parse));
  return typeof element === "string" ? parse(element) : element;
}

function arrayOf(parse: Parser): Parser {
  return (text) => mapNested(splitArray(text), parse);
}

/** "2026-11-23 04:05:06.789+00" (the server's ISO style) as an Instant; parts below a millisecond are cut off. */
export function parseTimestamptz(text: string): Instant {
  const parts =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?([+-]\d{2}(?::?\d{2})?)$/.exec(text);
  invariant(parts !== null, `an instant outside the years 0001 to 9999: ${text}`);
  const ms = (parts[3] ?? "").slice(0, 3).padEnd(3, "0");
  const zone = parts[4]!;
  if (zone === "+00") return `${parts[1]}T${parts[2]}.${ms}Z` as Instant;
  const offset = zone.length === 3 ? `${zone}:00` : zone;
  return instantOfMs(Date.parse(`${parts[1]}T${parts[2]}.${ms}${offset}`));
}

const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [OID.int8, BigInt],
  [OID.int8Array, arrayOf(BigInt)],
  [OID.numeric, asText],
  [OID.numericArray, arrayOf(asText)],
  [OID.date, asText],
  [OID.dateArray, arrayOf(asText)],
  [OID.timestamp, asText],
  [OID.timestampArray, arrayOf(asText)],
  [OID.timestamptz, parseTimestamptz],
  [OID.timestamptzArray, arrayOf(parseTimestamptz)],
  [OID.interval, asText],
  [OID.intervalArray, arrayOf(asText)],
]);

/** The type map for a `pg` connection; types not named here keep the driver's own reading. */
export const sqlTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    parsers.get(oid) ?? driverParser(oid, format),
};
