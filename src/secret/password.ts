// Passwords are kept as scrypt hashes (RFC 7914), each with its own salt and its costs beside it, so that costs can
// rise later. High-entropy secrets (keys, tokens, codes) need no slow hash: SHA-256 keeps them.

import { createHash, scrypt } from "node:crypto";
import { randomBytes } from "./random.ts";
import { sameBytes } from "./signature.ts";

/** Work of one hash: memory is 128 · N · r bytes, time grows with N · r · p. */
export type ScryptCost = { readonly n: number; readonly r: number; readonly p: number };

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^15, r = 8, p = 3; 32 MiB and some 0.2 s a hash. */
export const SCRYPT_COST: ScryptCost = { n: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A stored hash may ask for at most this much, whatever the row says. */
const MEMORY_MAX = 256 * 1024 * 1024;

/** Hashes of one process at once; more wait: a burst of sign-ins must not take all memory and all threads. */
const HASHES_AT_ONCE_MAX = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function slow(password: string, salt: Buffer, { n, r, p }: ScryptCost): Promise<Buffer> {
  if (running >= HASHES_AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    // The same letters typed on two systems may differ in form only (NIST SP 800-63B, 5.1.1.2: NFKC).
    const text = password.normalize("NFKC");
    return await new Promise<Buffer>((resolve, reject) =>
      scrypt(text, salt, HASH_BYTES, { N: n, r, p, maxmem: MEMORY_MAX }, (error, key) =>
        error === null ? resolve(key) : reject(error),
      ),
    );
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** `scrypt$32768$8$3$salt$hash`, in base64url. */
export async function hashPassword(
  password: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await slow(password, salt, cost);
  const texts = [salt, hash].map((bytes) => bytes.toString("base64url"));
  return ["scrypt", cost.n, cost.r, cost.p, ...texts].join("$");
}

/**
 * True when it is the password. With null (nobody of that name, or no password set) it works as long and says
 * false, so that the answer's time tells nothing.
 */
export async function isPassword(
  password: string,
  stored: string | null,
  cost: ScryptCost = SCRYPT_COST,
): Promise<boolean> {
  const parts = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? "");
  if (parts === null) {
    await slow(password, randomBytes(SALT_BYTES), cost);
    return false;
  }
  const [n, r, p] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const hash = await slow(password, Buffer.from(parts[4]!, "base64url"), { n, r, p });
  return sameBytes(hash, Buffer.from(parts[5]!, "base64url"));
}

/** True when it was hashed at other costs than today's: hash it again while the password is at hand. */
export function isOldHash(stored: string, { n, r, p }: ScryptCost = SCRYPT_COST): boolean {
  return !stored.startsWith(`scrypt$${n}$${r}$${p}$`);
}

/** What is kept of a token or key that nobody can guess. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
