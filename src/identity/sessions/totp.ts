// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, 30 seconds, six digits. A pure
// function of secret and time; that no code counts twice is kept by who stores the last step.

import { createHmac } from "node:crypto";
import { randomBytes } from "../../secret/random.ts";
import { sameText } from "../../secret/signature.ts";
import { type Instant, msOf } from "../../time/instant.ts";

export const TOTP_STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226, 4 R6: 160 bits recommended. */
const SECRET_BYTES = 20;
/** RFC 6238, 5.2: one step back for a slow network, one ahead for a fast clock. */
const STEPS_AROUND = [0, -1, 1] as const;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret, in base 32 as apps take it. */
export function newTotpSecret(): string {
  return base32Of(randomBytes(SECRET_BYTES));
}

export function stepOf(now: Instant): number {
  return Math.floor(msOf(now) / TOTP_STEP_MS);
}

/** RFC 4226, 5.3: the code of one step. */
export function totpCode(secret: string, step: number, digits: number = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOfBase32(secret)).update(counter).digest();
  const offset = mac[mac.length - 1]! & 15;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The step whose code this is, near `now` and after `lastStep`; null when it is none. */
export function matchTotp(
  secret: string,
  code: string,
  now: Instant,
  lastStep: number,
): number | null {
  const typed = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(typed)) return null;
  const steps = STEPS_AROUND.map((around) => stepOf(now) + around);
  const found = steps.filter((step) => sameText(totpCode(secret, step), typed));
  return found.find((step) => step > lastStep) ?? null;
}

/** What an authenticator app reads from a QR code ("Key Uri Format" of Google Authenticator). */
export function totpUri(secret: string, email: string): string {
  const label = encodeURIComponent(`Straitway:${email}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=Straitway&algorithm=SHA1&digits=${DIGITS}&period=30`;
}

/** RFC 4648, 6, without padding. */
function base32Of(bytes: Uint8Array): string {
  let [bits, value, text] = [0, 0, ""];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >> bits) & 31];
    }
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

function bytesOfBase32(text: string): Buffer {
  let [bits, value] = [0, 0];
  const bytes: number[] = [];
  for (const character of text.toUpperCase().replace(/[\s=]/g, "")) {
    value = ((value << 5) | BASE32.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 255);
  }
  return Buffer.from(bytes);
}
