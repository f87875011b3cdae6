// Checks of signatures over the exact bytes received, one function an algorithm, and the signing that the sandbox and
// the webhooks need. A key that cannot be read is a refusal when settings are read, never a false "verified".

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import {
  readSm2PublicKey,
  readSm2Signature,
  SM2_DEFAULT_NAME,
  type Sm2Point,
  verifySm2,
} from "./sm2.ts";

/** Says whether these bytes carry this signature. Never throws for what came from outside. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;

/** RSA keys below this are no longer secure (NIST SP 800-131A). */
const RSA_BITS_MIN = 2048;
/** HMAC keys below the hash's half are weaker than the hash (RFC 2104, 3; here 128 bits). */
const HMAC_KEY_BYTES_MIN = 16;
/** 1.2.156.10197.1.301 (GM/T 0006-2012), as it stands in DER. */
const SM2_CURVE_OID = Buffer.from("06082a811ccf5501822d", "hex");

/** Equal bytes, in a time that does not tell how many of them were equal. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** As `sameBytes`, for secrets as text. */
export function sameText(one: string, other: string): boolean {
  return sameBytes(Buffer.from(one, "utf8"), Buffer.from(other, "utf8"));
}

export function hmacSha256(key: Uint8Array, message: Uint8Array | string): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

export function hmacVerifier(key: Uint8Array): Outcome<Verifier> {
  if (key.length < HMAC_KEY_BYTES_MIN) {
    return refused(
      "signature-key-invalid",
      `An HMAC key has ${HMAC_KEY_BYTES_MIN} bytes at least.`,
    );
  }
  return accepted((message, signature) => sameBytes(hmacSha256(key, message), signature));
}

/** RSASSA-PKCS1-v1_5 with SHA-256, what bank interfaces call "RSA-SHA256" or "SHA256withRSA". */
export function rsaVerifier(publicKeyPem: string): Outcome<Verifier> {
  const key = readKey(() => createPublicKey(publicKeyPem));
  if (key === null || key.asymmetricKeyType !== "rsa") {
    return refused("signature-key-invalid", "This is no RSA public key or certificate in PEM.");
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS_MIN) {
    return refused("signature-key-invalid", `An RSA key has ${RSA_BITS_MIN} bits at least.`);
  }
  return accepted((message, signature) =>
    verified(() => verify("sha256", message, key, signature)),
  );
}

/** Ed25519 (RFC 8032), as webhooks of version v1a are signed. */
export function ed25519Verifier(publicKey: Uint8Array): Outcome<Verifier> {
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
  const key = readKey(() => createPublicKey({ format: "jwk", key: jwk }));
  if (key === null) return refused("signature-key-invalid", "An Ed25519 public key is 32 bytes.");
  return accepted((message, signature) => verified(() => verify(null, message, key, signature)));
}

/** SM2 with SM3. The key is a PEM or the hex of `04` and both coordinates; `name` is what the bank signs under. */
export function sm2Verifier(publicKey: string, name: string = SM2_DEFAULT_NAME): Outcome<Verifier> {
  const point = readSm2Key(publicKey.trim());
  if (point === null) {
    return refused(
      "signature-key-invalid",
      "This is no SM2 public key: give a PEM, or 04… in hex.",
    );
  }
  return accepted((message, bytes) => {
    const signature = readSm2Signature(bytes);
    return signature !== null && verifySm2(point, message, signature, name);
  });
}

function readSm2Key(text: string): Sm2Point | null {
  if (/^04[0-9a-f]{128}$/i.test(text)) return readSm2PublicKey(Buffer.from(text, "hex"));
  // Node has no name for the type of such a key; the curve's own number stands in its DER.
  const der = readKey(() => createPublicKey(text))?.export({ format: "der", type: "spki" });
  return der?.includes(SM2_CURVE_OID) === true ? readSm2PublicKey(der) : null;
}

export function signRsaSha256(privateKeyPem: string, message: Uint8Array): Buffer {
  return sign("sha256", message, createPrivateKey(privateKeyPem));
}

/** A pair of raw Ed25519 keys, 32 bytes each. */
export function newEd25519Pair(): { readonly privateKey: Buffer; readonly publicKey: Buffer } {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return {
    privateKey: Buffer.from(jwk.d!, "base64url"),
    publicKey: Buffer.from(jwk.x!, "base64url"),
  };
}

/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410, 7). */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The pair of a private key of 32 bytes. */
export function ed25519PairOf(privateKey: Uint8Array): {
  readonly privateKey: Buffer;
  readonly publicKey: Buffer;
} {
  const der = Buffer.concat([ED25519_PKCS8, privateKey]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return { privateKey: Buffer.from(privateKey), publicKey: Buffer.from(x!, "base64url") };
}

export function signEd25519(
  pair: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array },
  message: Uint8Array,
): Buffer {
  const [d, x] = [pair.privateKey, pair.publicKey].map((key) =>
    Buffer.from(key).toString("base64url"),
  );
  const jwk = { kty: "OKP", crv: "Ed25519", d: d!, x: x! };
  return sign(null, message, createPrivateKey({ format: "jwk", key: jwk }));
}

function readKey(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** OpenSSL answers a malformed signature with an error in places: for us it is a signature that does not verify. */
function verified(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
