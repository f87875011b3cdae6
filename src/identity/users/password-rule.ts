// What a password must be (NIST SP 800-63B, 3.1.1.2; ASVS 5.0, 6.2): long, not made of what everybody knows, and
// nothing about mixtures of characters.

import type { Refusal } from "../../errors/refusal.ts";

export const PASSWORD_LENGTH_MIN = 12;
/** A hash's input must end somewhere (ASVS 5.0, 6.2.9 asks for 64 at least). */
export const PASSWORD_LENGTH_MAX = 256;
/** Fewer different characters than this is a pattern. */
const DIFFERENT_CHARACTERS_MIN = 5;
/** Roots of the passwords that lists of leaked ones are full of, of a length that matters here. */
const KNOWN_ROOTS = [
  "password",
  "passw0rd",
  "qwertyuiop",
  "1234567890",
  "0987654321",
  "abcdefghij",
  "iloveyou",
  "letmein",
  "straitway",
  "administrator",
] as const;
/** What is left beside a known root must be a password of its own. */
const REST_LENGTH_MIN = 8;

/** Why it is not taken, or null. `about` is what others know of its owner: address, name. */
export function passwordRefusal(password: string, about: readonly string[]): Refusal | null {
  const text = password.normalize("NFKC");
  const length = Array.from(text).length;
  if (length < PASSWORD_LENGTH_MIN) {
    return refusal(
      `A password has at least ${PASSWORD_LENGTH_MIN} characters; a sentence is good.`,
    );
  }
  if (length > PASSWORD_LENGTH_MAX) {
    return refusal(`A password has at most ${PASSWORD_LENGTH_MAX} characters.`);
  }
  const lower = text.toLowerCase();
  if (new Set(lower).size < DIFFERENT_CHARACTERS_MIN) {
    return refusal("This password repeats a few characters: use more different ones.");
  }
  const known = [...KNOWN_ROOTS, ...about.flatMap(wordsOf)];
  const found = known.find(
    (word) => lower.includes(word) && lower.replaceAll(word, "").length < REST_LENGTH_MIN,
  );
  return found === undefined
    ? null
    : refusal("This password is made of what others know or guess first: add words of your own.");
}

/** The words of an address or name that are long enough to be guessed by. */
function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => Array.from(word).length >= 4);
}

function refusal(message: string): Refusal {
  return { code: "password-weak", message, line: null };
}
