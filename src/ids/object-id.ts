// Ids of facts are derived from what makes the fact itself (its natural key), not from a clock: the same file
// or message read twice, by two programs or after a crash, gives the same id, so a repeat cannot make a second.

import { hash } from "node:crypto";

export type StatementId = `st_${string}`;
export type PayoutId = `po_${string}`;
export type CreditId = `cr_${string}`;
export type DebitId = `db_${string}`;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 26 characters of 5 bits: 130 bits of SHA-256, so a collision is out of reach. */
const ID_LENGTH = 26;

/** `prefix_` and 26 characters that depend on every part, in order. Parts may not run into each other. */
export function objectId<Prefix extends string>(
  prefix: Prefix,
  ...parts: readonly (string | number | bigint | boolean | null)[]
): `${Prefix}_${string}` {
  const digest = hash("sha256", JSON.stringify(parts.map(String)), "buffer");
  let text = "";
  for (let index = 0; index < ID_LENGTH; index += 1) {
    const bit = index * 5;
    const pair = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    text += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  return `${prefix}_${text}`;
}
