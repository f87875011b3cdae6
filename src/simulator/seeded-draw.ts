// Chance in the sandbox: every draw is named by the seed and by what it is for, so it does not depend on what was
// drawn before. The same seed and the same acts give the same ids, prices and delays.

import { createHash, createHmac } from "node:crypto";

/** A whole number from `low` to `high`, both included. The modulus is biased by less than 2^-28: fine for stories. */
export function drawInteger(
  seed: number,
  low: number,
  high: number,
  ...parts: readonly (string | number)[]
): number {
  return low + Number(digest(seed, parts).readBigUInt64BE(0) % BigInt(high - low + 1));
}

export function drawOne<Value>(
  seed: number,
  values: readonly [Value, ...Value[]],
  ...parts: readonly (string | number)[]
): Value {
  return values[drawInteger(seed, 0, values.length - 1, ...parts)] ?? values[0];
}

/** Digits, the first of which is not 0. */
export function drawDigits(
  seed: number,
  count: number,
  ...parts: readonly (string | number)[]
): string {
  const digits = digest(seed, parts)
    .toString("hex")
    .replace(/[a-f]/g, (letter) => String(letter.charCodeAt(0) - 97));
  return `${(Number(digits[0]) % 9) + 1}${digits.slice(1, count)}`;
}

/** Letters and digits of a URL-safe alphabet, as long as wanted up to 43. */
export function drawToken(
  seed: number,
  length: number,
  ...parts: readonly (string | number)[]
): string {
  return digest(seed, parts).toString("base64url").replace(/[-_]/g, "x").slice(0, length);
}

/** Capital letters and digits, as Amazon's own ids have them. */
export function drawCapitals(
  seed: number,
  length: number,
  ...parts: readonly (string | number)[]
): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bytes = digest(seed, parts);
  return Array.from({ length }, (_, index) => alphabet[(bytes[index % 32] ?? 0) & 31]).join("");
}

/** In the shape of a UUID of version 4. */
export function drawUuid(seed: number, ...parts: readonly (string | number)[]): string {
  const hex = digest(seed, parts).toString("hex");
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) & 3];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** A signature only this sandbox makes; its key follows from the seed, so it protects nothing outside of one. */
export function sandboxSignature(seed: number, text: string): string {
  return createHmac("sha256", `straitway sandbox ${seed}`).update(text).digest("base64url");
}

function digest(seed: number, parts: readonly (string | number)[]): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([seed, ...parts]))
    .digest();
}
