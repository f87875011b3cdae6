// Secrets at rest: what the channel must read again (refresh tokens, webhook secrets, TOTP secrets) is sealed with
// AES-256-GCM under a key that is not in the database. The key's own id stands in the envelope, so that keys rotate.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { Outage } from "../errors/outage.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { randomBytes } from "./random.ts";

const KEY_BYTES = 32;
/** NIST SP 800-38D 8.2.2: 96 random bits, at most 2^32 seals under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_LENGTH = 8;
const ENVELOPE = /^s1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

export type SealingKey = {
  /** The first 8 hex characters of the key's SHA-256: tells keys apart, gives nothing away. */
  readonly id: string;
  readonly bytes: Uint8Array;
};

export type Sealer = {
  /**
   * An envelope that only the same keys open, and only with the same `aad`: name there what the secret is of
   * ("totp:user_…"), so that a row copied to another place stays closed.
   */
  readonly seal: (plain: string, aad: string) => string;
  /** The secret; throws an `Outage` of port "secret" when no key of the ring opens it. */
  readonly open: (sealed: string, aad: string) => string;
  /** True when it was sealed under an older key of the ring: seal it again at the next occasion. */
  readonly isOld: (sealed: string) => boolean;
};

/**
 * Reads a key ring as settings carry it: base64 keys of 32 bytes, separated by commas. The first one seals, all of
 * them open. Refused: `secret-key-invalid`.
 */
export function readKeyRing(text: string): Outcome<readonly SealingKey[]> {
  const keys: SealingKey[] = [];
  for (const part of text.split(",").map((word) => word.trim())) {
    const bytes = Buffer.from(part, "base64");
    if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(part)) {
      return refused(
        "secret-key-invalid",
        "A secret key is 32 random bytes in base64 (openssl rand -base64 32); several are separated by commas.",
      );
    }
    keys.push({ id: keyIdOf(bytes), bytes });
  }
  return accepted(keys);
}

function keyIdOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, KEY_ID_LENGTH);
}

/** Text of a new key, as settings carry it. */
export function newSealingKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/** Seals with the first key and opens with any. */
export function sealer(keys: readonly SealingKey[]): Sealer {
  const [current] = keys;
  if (current === undefined) throw new Error("a sealer needs a key");
  return {
    seal: (plain, aad) =>
      `s1.${current.id}.${encrypt(current.bytes, plain, aad).toString("base64url")}`,
    open: (sealed, aad) => {
      const [, keyId, body] = ENVELOPE.exec(sealed) ?? [];
      const key = keys.find(({ id }) => id === keyId);
      if (key === undefined || body === undefined) {
        throw unreadable(`no key ${keyId ?? "(unknown form)"} in the key ring for a sealed secret`);
      }
      try {
        return decrypt(key.bytes, Buffer.from(body, "base64url"), aad);
      } catch (error) {
        throw unreadable("a sealed secret was changed or moved since it was sealed", error);
      }
    },
    isOld: (sealed) => ENVELOPE.exec(sealed)?.[1] !== current.id,
  };
}

function unreadable(message: string, cause?: unknown): Outage {
  return new Outage("secret", message, { retryable: false, cause });
}

function encrypt(key: Uint8Array, plain: string, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad, "utf8"));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Buffer, aad: string): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(-TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, "utf8"));
  decipher.setAuthTag(tag);
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
}
