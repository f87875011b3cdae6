// Reads JSON and keeps every number as the text it was written with: Amazon sends amounts as JSON
// numbers, and JSON.parse would make a binary fraction of them before anyone could look. Strict RFC
// 8259; a key that stands twice is refused, because two readers could then see two amounts.

import { JSON_DEPTH_MAX } from "./limits.ts";

/** A number as written: "1250.75", "-0.10", "1e3". */
export type JsonNumber = { readonly numberText: string };
export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | JsonObject | readonly JsonValue[];

export type JsonOutcome =
  | { readonly ok: true; readonly value: JsonValue }
  /** `line` from 1: where reading stopped. */
  | { readonly ok: false; readonly line: number; readonly problem: string };

type Cursor = { readonly text: string; at: number };

/** Thrown inside this file only, to leave the recursion; never leaves `readJson`. */
class Stop extends Error {}

export function readJson(text: string): JsonOutcome {
  const cursor: Cursor = { text, at: 0 };
  try {
    const value = readValue(cursor, 0);
    skipSpace(cursor);
    if (cursor.at < text.length) stop("text after the end");
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const line = text.slice(0, cursor.at).split("\n").length;
    return { ok: false, line, problem: error.message };
  }
}

function stop(problem: string): never {
  throw new Stop(problem);
}

function skipSpace(cursor: Cursor): void {
  while (/[ \t\r\n]/.test(cursor.text[cursor.at] ?? "")) cursor.at += 1;
}

function readValue(cursor: Cursor, depth: number): JsonValue {
  if (depth > JSON_DEPTH_MAX) stop(`more than ${JSON_DEPTH_MAX} levels deep`);
  skipSpace(cursor);
  switch (cursor.text[cursor.at] ?? "") {
    case "{":
      return readObject(cursor, depth);
    case "[":
      return readArray(cursor, depth);
    case '"':
      return readString(cursor);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "n":
      return readWord(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  const entries = new Map<string, JsonValue>();
  cursor.at += 1;
  skipSpace(cursor);
  if (take(cursor, "}")) return entries;
  for (;;) {
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== '"') stop("a key was expected");
    const key = readString(cursor);
    if (entries.has(key)) stop(`the key ${JSON.stringify(key.slice(0, 60))} stands twice`);
    skipSpace(cursor);
    if (!take(cursor, ":")) stop("a colon was expected");
    entries.set(key, readValue(cursor, depth + 1));
    skipSpace(cursor);
    if (take(cursor, "}")) return entries;
    if (!take(cursor, ",")) stop("a comma or a closing brace was expected");
  }
}

function readArray(cursor: Cursor, depth: number): readonly JsonValue[] {
  const items: JsonValue[] = [];
  cursor.at += 1;
  skipSpace(cursor);
  if (take(cursor, "]")) return items;
  for (;;) {
    items.push(readValue(cursor, depth + 1));
    skipSpace(cursor);
    if (take(cursor, "]")) return items;
    if (!take(cursor, ",")) stop("a comma or a closing bracket was expected");
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * The closing quote is found by hand: a pattern over a string of megabytes would exhaust its stack.
 */
function readString(cursor: Cursor): string {
  const { text, at } = cursor;
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  if (end < 0) stop("a string does not end");
  cursor.at = end + 1;
  try {
    return JSON.parse(text.slice(at, end + 1)) as string;
  } catch {
    return stop("a string holds a bad escape or a control character");
  }
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text[quote - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

function readNumber(cursor: Cursor): JsonNumber {
  NUMBER.lastIndex = cursor.at;
  const found = NUMBER.exec(cursor.text)?.[0] ?? stop("a value was expected");
  cursor.at += found.length;
  return { numberText: found };
}

function readWord<Value extends JsonValue>(cursor: Cursor, word: string, value: Value): Value {
  if (!cursor.text.startsWith(word, cursor.at)) stop("a value was expected");
  cursor.at += word.length;
  return value;
}

function take(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The text of a string field; null when it is missing, null or not a string. */
export function textOf(object: JsonObject, key: string): string | null {
  const value = object.get(key);
  return typeof value === "string" ? value : null;
}

/** Longest exponent that is written out; beyond it the number is not an amount. */
const EXPONENT_MAX = 18;

/**
 * A number (or a string that holds one) as a plain decimal: "1.25075E3" → "1250.75"; null when it
 * is none.
 */
export function plainDecimal(value: JsonValue | undefined): string | null {
  const text = typeof value === "string" ? value.trim() : isNumber(value) ? value.numberText : null;
  const parts = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text ?? "");
  if (parts === null) return null;
  const [, sign = "", whole = "", fraction = "", power = "0"] = parts;
  const shift = Number(power);
  if (Math.abs(shift) > EXPONENT_MAX) return null;
  const digits = `${"0".repeat(EXPONENT_MAX)}${whole}${fraction}${"0".repeat(EXPONENT_MAX)}`;
  const point = EXPONENT_MAX + whole.length + shift;
  const shown = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const decimals = digits.slice(point).replace(/0+$/, "");
  return `${sign === "-" ? "-" : ""}${shown}${decimals === "" ? "" : `.${decimals}`}`;
}

function isNumber(value: JsonValue | undefined): value is JsonNumber {
  return typeof value === "object" && value !== null && "numberText" in value;
}
