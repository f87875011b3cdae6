import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../errors/refusal.ts";
import {
  ed25519Verifier,
  hmacSha256,
  hmacVerifier,
  newEd25519Pair,
  rsaVerifier,
  signEd25519,
  signRsaSha256,
  sm2Verifier,
  type Verifier,
} from "./signature.ts";
import {
  newSm2PrivateKey,
  signSm2,
  sm2PublicKeyBytes,
  sm2PublicKeyOf,
  sm2SignatureBytes,
} from "./sm2.ts";

const MESSAGE = Buffer.from("1764000000.<Document>…</Document>");
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const RSA_PUBLIC = RSA.publicKey.export({ format: "pem", type: "spki" }) as string;
const RSA_PRIVATE = RSA.privateKey.export({ format: "pem", type: "pkcs8" }) as string;
const HMAC_KEY = Buffer.alloc(32, 7);
const PAIR = newEd25519Pair();
const SM2_KEY = newSm2PrivateKey();
const SM2_PUBLIC = sm2PublicKeyBytes(sm2PublicKeyOf(SM2_KEY)).toString("hex");

const CASES: readonly (readonly [string, Outcome<Verifier>, Buffer])[] = [
  ["HMAC-SHA256", hmacVerifier(HMAC_KEY), hmacSha256(HMAC_KEY, MESSAGE)],
  ["RSA-SHA256", rsaVerifier(RSA_PUBLIC), signRsaSha256(RSA_PRIVATE, MESSAGE)],
  ["Ed25519", ed25519Verifier(PAIR.publicKey), signEd25519(PAIR, MESSAGE)],
  ["SM2 with SM3", sm2Verifier(SM2_PUBLIC), sm2SignatureBytes(signSm2(SM2_KEY, MESSAGE))],
];

describe.each(CASES)("%s", (_name, outcome, signature) => {
  const verifier = outcome.ok ? outcome.value : () => false;

  it("takes the signature over exactly these bytes", () => {
    expect(outcome.ok && verifier(MESSAGE, signature)).toBe(true);
    expect(verifier(Buffer.concat([MESSAGE, Buffer.of(10)]), signature)).toBe(false);
  });

  it("takes no changed, cut, empty or foreign signature, and throws at none", () => {
    const changed = Buffer.from(signature);
    changed[changed.length - 1]! ^= 1;
    const cut = signature.subarray(0, -1);
    for (const wrong of [changed, cut, Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(5000, 1)]) {
      expect(verifier(MESSAGE, wrong)).toBe(false);
    }
  });
});

describe("keys of settings", () => {
  it("are refused when they are none, or too weak", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    for (const outcome of [
      hmacVerifier(Buffer.alloc(8)),
      rsaVerifier("nothing"),
      rsaVerifier(weak.export({ format: "pem", type: "spki" }) as string),
      rsaVerifier(curve.export({ format: "pem", type: "spki" }) as string),
      ed25519Verifier(Buffer.alloc(31)),
      sm2Verifier(curve.export({ format: "pem", type: "spki" }) as string),
      sm2Verifier(`04${"11".repeat(64)}`),
    ]) {
      expect(outcome).toMatchObject({ ok: false, refusal: { code: "signature-key-invalid" } });
    }
  });

  it("hold SM2 keys as PEM as well", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "SM2" });
    expect(sm2Verifier(pair.publicKey.export({ format: "pem", type: "spki" }) as string).ok).toBe(
      true,
    );
  });
});

it("signs HMAC as RFC 4231 test case 2 does", () => {
  expect(hmacSha256(Buffer.from("Jefe"), "what do ya want for nothing?").toString("hex")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
