// Signatures as Standard Webhooks 1.0.0 defines them (github.com/standard-webhooks/standard-webhooks, spec): over
// `id.timestamp.body`, v1 by HMAC-SHA256 with a shared secret, v1a by Ed25519 so that a subscriber need keep no secret.

import { randomBytes } from "../secret/random.ts";
import {
  ed25519PairOf,
  ed25519Verifier,
  hmacSha256,
  newEd25519Pair,
  sameBytes,
  signEd25519,
} from "../secret/signature.ts";

/** Bytes of a new HMAC secret; the specification asks for 24 to 64. */
const SECRET_BYTES = 32;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
/** Seconds by which a message's time may differ from the receiver's: the specification's reference tolerance. */
export const TOLERANCE_SECONDS = 5 * 60;

export type WebhookSecrets = {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** `whsk_` and base64 of the 32 bytes of the private key. */
  readonly privateKey: string;
  /** `whpk_` and base64 of the 32 bytes of the public key. */
  readonly publicKey: string;
};

export type WebhookMessage = {
  /** The same for every attempt and every replay of an event: a receiver takes each once. */
  readonly id: string;
  /** When this attempt is sent, in seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
};

export function newWebhookSecrets(): WebhookSecrets {
  const pair = newEd25519Pair();
  return {
    secret: `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`,
    privateKey: `whsk_${pair.privateKey.toString("base64")}`,
    publicKey: `whpk_${pair.publicKey.toString("base64")}`,
  };
}

/** Secrets that are always the same for the same 32 bytes: for a receiver that is set up once and developed with. */
export function secretsFromSeed(seed: Uint8Array): WebhookSecrets {
  const derived = (what: string): Buffer => hmacSha256(seed, what);
  const pair = ed25519PairOf(derived("v1a"));
  return {
    secret: `whsec_${derived("v1").toString("base64")}`,
    privateKey: `whsk_${pair.privateKey.toString("base64")}`,
    publicKey: `whpk_${pair.publicKey.toString("base64")}`,
  };
}

/** The bytes of a secret that somebody chose; null when it is none: 24 to 64 bytes of base64 after `whsec_`. */
export function secretBytes(text: string): Buffer | null {
  const bytes = keyBytes("whsec_", text);
  const fits =
    bytes !== null && bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX;
  return fits ? bytes : null;
}

function keyBytes(prefix: string, text: string): Buffer | null {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : null;
}

function signedText({ id, timestamp, body }: WebhookMessage): Buffer {
  return Buffer.from(`${id}.${timestamp}.${body}`, "utf8");
}

export function signV1(secret: string, message: WebhookMessage): string {
  const key = secretBytes(secret);
  if (key === null) throw new RangeError("a webhook secret is not whsec_ and 24 to 64 bytes");
  return `v1,${hmacSha256(key, signedText(message)).toString("base64")}`;
}

function signV1a(secrets: WebhookSecrets, message: WebhookMessage): string {
  const privateKey = keyBytes("whsk_", secrets.privateKey);
  const publicKey = keyBytes("whpk_", secrets.publicKey);
  if (privateKey === null || publicKey === null) throw new RangeError("a webhook key is malformed");
  return `v1a,${signEd25519({ privateKey, publicKey }, signedText(message)).toString("base64")}`;
}

/** The headers of an attempt, signed with every set of secrets, newest first: two of them while secrets change. */
export function signedHeaders(
  sets: readonly WebhookSecrets[],
  message: WebhookMessage,
): Readonly<Record<string, string>> {
  const signatures = sets.flatMap((secrets) => [
    signV1(secrets.secret, message),
    signV1a(secrets, message),
  ]);
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": signatures.join(" "),
  };
}

export type SignedHeaders = {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
};

/**
 * What a receiver checks, with the key it was given (`whsec_…` or `whpk_…`): true when one of the signatures is this
 * key's and the message is not older or newer than the tolerance.
 */
export function isSignedBy(
  key: string,
  headers: SignedHeaders,
  body: string,
  nowSeconds: number,
): boolean {
  const { id, timestamp: stamp, signature } = headers;
  if (id === undefined || signature === undefined || !/^\d{1,12}$/.test(stamp ?? "")) return false;
  const timestamp = Number(stamp);
  if (Math.abs(nowSeconds - timestamp) > TOLERANCE_SECONDS) return false;
  const message = { id, timestamp, body };
  return signature.split(" ").some((one) => {
    const [version, base64 = ""] = one.split(",", 2);
    if (version === "v1" && secretBytes(key) !== null) {
      return sameBytes(Buffer.from(signV1(key, message)), Buffer.from(one));
    }
    const publicKey = version === "v1a" ? keyBytes("whpk_", key) : null;
    const verifier = publicKey === null ? null : ed25519Verifier(publicKey);
    return (
      verifier?.ok === true && verifier.value(signedText(message), Buffer.from(base64, "base64"))
    );
  });
}
