// Signed calls between a bank and the channel, both ways: the signature covers the time and the exact bytes, so neither
// can be changed or used later. `signCall` is what the other side does; our own orders are signed with it too.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted, refused } from "../../errors/refusal.ts";
import {
  hmacSha256,
  hmacVerifier,
  rsaVerifier,
  sm2Verifier,
  type Verifier,
} from "../../secret/signature.ts";
import { SM2_DEFAULT_NAME } from "../../secret/sm2.ts";
import { type Instant, instantOfMs, msOf, parseInstant } from "../../time/instant.ts";
import type { ReadSecret, SignatureSettings } from "./settings.ts";

/** Gives a header's value by its name in lower case; null when it is absent. */
export type HeaderOf = (name: string) => string | null;

export type SignatureRefusalCode =
  | "signature-missing"
  | "signature-key-unknown"
  | "signature-wrong"
  | "signature-time-unreadable"
  | "signature-too-old"
  | "signature-too-early";

/** Says whether a call is the bank's and of this moment. */
export type CallVerifier = (
  headers: HeaderOf,
  body: Uint8Array,
  now: Instant,
) => Outcome<{ readonly keyId: string }>;

/** What is signed: the time as it stands in its header, a point, and the body byte for byte. */
export function signedBytes(timestamp: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${timestamp}.`, "latin1"), body]);
}

/**
 * The check of one connection. A key in the settings that cannot be read is refused here, when the program starts, with
 * `signature-key-invalid`.
 */
export function callVerifier(
  settings: SignatureSettings,
  readSecret: ReadSecret,
): Outcome<CallVerifier> {
  const verifiers = new Map<string, Verifier>();
  for (const { id, key } of settings.keys) {
    const made = VERIFIERS[settings.algorithm](
      readSecret(key),
      settings.sm2Name ?? SM2_DEFAULT_NAME,
    );
    if (!made.ok) return made;
    verifiers.set(id, made.value);
  }
  return accepted((headers, body, now) => verifyCall(settings, verifiers, headers, body, now));
}

const VERIFIERS: Readonly<
  Record<SignatureSettings["algorithm"], (key: string, sm2Name: string) => Outcome<Verifier>>
> = {
  "hmac-sha256": (key) => hmacVerifier(Buffer.from(key, "utf8")),
  "rsa-sha256": (key) => rsaVerifier(key),
  "sm2-sm3": sm2Verifier,
};

function verifyCall(
  settings: SignatureSettings,
  verifiers: ReadonlyMap<string, Verifier>,
  headers: HeaderOf,
  body: Uint8Array,
  now: Instant,
): Outcome<{ readonly keyId: string }> {
  const header = (name: string): string | null => headers(name.toLowerCase())?.trim() ?? null;
  const timestamp = header(settings.timestampHeader);
  const signature = header(settings.signatureHeader);
  if (timestamp === null || signature === null) {
    const needed = `${settings.timestampHeader} and ${settings.signatureHeader}`;
    return no("signature-missing", `Send ${needed}.`);
  }
  // A bank with one key need not name it.
  const [only] = verifiers.size === 1 ? verifiers.keys() : [];
  const keyId = header(settings.keyIdHeader) ?? only ?? "";
  const verifier = verifiers.get(keyId);
  if (verifier === undefined) {
    return no("signature-key-unknown", `${settings.keyIdHeader} names no key of this connection.`);
  }
  const bytes = decoded(signature, settings.encoding);
  if (bytes === null || !verifier(signedBytes(timestamp, body), bytes)) {
    return no("signature-wrong", "The signature is not one of these bytes with this time and key.");
  }
  const at = timeOf(timestamp);
  if (at === null) {
    const forms = "seconds or milliseconds since 1970, or RFC 3339 with an offset";
    return no("signature-time-unreadable", `${settings.timestampHeader} is ${forms}.`);
  }
  const ageMs = msOf(now) - msOf(at);
  const windowMs = settings.windowSeconds * 1000;
  if (ageMs > windowMs) {
    return no("signature-too-old", `It was signed at ${at}; sign it anew to send it again.`);
  }
  return ageMs < -windowMs
    ? no("signature-too-early", `It was signed at ${at}, which is in the future here.`)
    : accepted({ keyId });
}

function no(code: SignatureRefusalCode, message: string): Outcome<never> {
  return refused(code, message);
}

const ENCODED = {
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
  hex: /^(?:[0-9a-fA-F]{2})+$/,
} as const;

function decoded(text: string, encoding: SignatureSettings["encoding"]): Uint8Array | null {
  return ENCODED[encoding].test(text) ? Buffer.from(text, encoding) : null;
}

/** 10 digits are seconds, 13 milliseconds (both until the year 2286); else RFC 3339. */
function timeOf(text: string): Instant | null {
  if (/^\d{10}$/.test(text)) return instantOfMs(Number(text) * 1000);
  if (/^\d{13}$/.test(text)) return instantOfMs(Number(text));
  return parseInstant(text);
}

/** Signs bytes; the sandbox bank gives RSA or SM2, our own calls HMAC. */
export type Signer = (message: Uint8Array) => Uint8Array;

export function hmacSigner(key: string): Signer {
  return (message) => hmacSha256(Buffer.from(key, "utf8"), message);
}

/** The headers of a signed call, made now. */
export function signCall(
  names: Pick<
    SignatureSettings,
    "timestampHeader" | "keyIdHeader" | "signatureHeader" | "encoding"
  >,
  keyId: string,
  signer: Signer,
  body: Uint8Array,
  now: Instant,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(msOf(now) / 1000));
  const signature = Buffer.from(signer(signedBytes(timestamp, body)));
  return {
    [names.timestampHeader]: timestamp,
    [names.keyIdHeader]: keyId,
    [names.signatureHeader]: signature.toString(names.encoding),
  };
}
