// Chance for keys, tokens and ids that are not derived from what they name: from the operating system's generator,
// the one place that asks it. Ids made here sort by the time at which they were made.

import { randomBytes as osRandomBytes, randomInt } from "node:crypto";
import type { Instant } from "../time/instant.ts";
import { msOf } from "../time/instant.ts";

/** Crockford's base 32: no i, l, o, u, so that nobody misreads one aloud. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 48 bits of milliseconds in 10 characters, as in a ULID: enough until the year 10889. */
const TIME_LENGTH = 10;
const CHANCE_LENGTH = 16;
/** 256 bits: a token that is hashed once needs no slow hash, because nobody can guess it. */
const TOKEN_BYTES = 32;

/** Bytes that nobody can foretell. */
export function randomBytes(count: number): Buffer {
  return osRandomBytes(count);
}

/** A secret as text that goes through headers, URLs and shells unquoted (base64url, 43 characters for 32 bytes). */
export function randomToken(byteCount: number = TOKEN_BYTES): string {
  return osRandomBytes(byteCount).toString("base64url");
}

/** `count` characters that are read aloud or typed by people, 5 bits each. */
export function randomCharacters(count: number): string {
  let text = "";
  for (let index = 0; index < count; index += 1) text += ALPHABET[randomInt(ALPHABET.length)];
  return text;
}

/** `prefix_` and 26 characters: the first 10 tell when, so ids sort by time; the rest is chance (80 bits). */
export function freshId<Prefix extends string>(
  prefix: Prefix,
  now: Instant,
): `${Prefix}_${string}` {
  let rest = msOf(now);
  let time = "";
  for (let index = 0; index < TIME_LENGTH; index += 1) {
    time = ALPHABET[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}_${time}${randomCharacters(CHANCE_LENGTH)}`;
}
