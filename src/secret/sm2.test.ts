import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  newSm2PrivateKey,
  readSm2PublicKey,
  readSm2Signature,
  SM2_DEFAULT_NAME,
  type Sm2Signature,
  signSm2,
  sm2NameDigest,
  sm2PublicKeyBytes,
  sm2PublicKeyOf,
  sm2SignatureBytes,
  verifySm2,
} from "./sm2.ts";

/** GB/T 32918.5-2017, annex A.2: the worked example of the standard. */
const EXAMPLE = {
  message: Buffer.from("message digest"),
  privateKey: 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n,
  x: 0x09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020n,
  y: 0xccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13n,
  nameDigest: "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3",
  nonce: 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n,
  r: 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n,
  s: 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan,
};

/** OpenSSL 3.0.19: pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:1234567812345678, over "hello". */
const OPENSSL_KEY =
  "041fec76b849b965802ba8fe1a99d9b132e3ee360f3a6a9529343375d05c682c631cddb052e0c327250d619fb804907719dd07e39dc00861a5c3bb90c915a9042f";
const OPENSSL_SIGNATURE =
  "30440220422be82fa52e8606003b835b1e0c2c6fc47c3a2fac7f35101492fd7a3f43010a022056bda0775dcb6455c0fafedf396d3ca3bb558f16b85aa2c537c37bd053746ead";

/** DER: integers in their shortest form, with a zero before a set first bit. */
function derOf(signature: Sm2Signature): Buffer {
  const raw = sm2SignatureBytes(signature);
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((bytes) => {
    const short = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const body = short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
    return Buffer.concat([Buffer.of(2, body.length), body]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

describe("SM2", () => {
  it("verifies what OpenSSL signed under the default name", () => {
    const point = readSm2PublicKey(Buffer.from(OPENSSL_KEY, "hex"))!;
    const signature = readSm2Signature(Buffer.from(OPENSSL_SIGNATURE, "hex"))!;
    expect(verifySm2(point, Buffer.from("hello"), signature)).toBe(true);
    expect(verifySm2(point, Buffer.from("hello!"), signature)).toBe(false);
  });

  it("gives the numbers of the standard's own example", () => {
    const point = sm2PublicKeyOf(EXAMPLE.privateKey);
    expect(point).toEqual({ x: EXAMPLE.x, y: EXAMPLE.y });
    expect(sm2NameDigest(point, SM2_DEFAULT_NAME).toString("hex")).toBe(EXAMPLE.nameDigest);
    const signature = signSm2(EXAMPLE.privateKey, EXAMPLE.message, { nonce: EXAMPLE.nonce });
    expect(signature).toEqual({ r: EXAMPLE.r, s: EXAMPLE.s });
    expect(verifySm2(point, EXAMPLE.message, signature)).toBe(true);
  });

  it("takes no other message, name, key or number for signed", () => {
    const key = newSm2PrivateKey();
    const point = sm2PublicKeyOf(key);
    const message = Buffer.from("<Document/>");
    const signature = signSm2(key, message, { name: "CIB" });
    expect(verifySm2(point, message, signature, "CIB")).toBe(true);
    expect(verifySm2(point, message, signature)).toBe(false);
    expect(verifySm2(point, Buffer.from("<Document />"), signature, "CIB")).toBe(false);
    expect(verifySm2(sm2PublicKeyOf(newSm2PrivateKey()), message, signature, "CIB")).toBe(false);
    expect(verifySm2(point, message, { ...signature, s: signature.s + 1n }, "CIB")).toBe(false);
    expect(verifySm2(point, message, { r: 0n, s: signature.s }, "CIB")).toBe(false);
  });

  it("agrees with OpenSSL, whose signer has no name, both ways", () => {
    // Made keys sign plain ECDSA over this curve; keys that were read sign SM2.
    const made = generateKeyPairSync("ec", { namedCurve: "SM2" });
    const spki = made.publicKey.export({ format: "der", type: "spki" });
    const pkcs8 = made.privateKey.export({ format: "der", type: "pkcs8" });
    const pair = {
      publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
      privateKey: createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }),
    };
    const point = readSm2PublicKey(spki)!;
    const message = Buffer.from("notice 2026-11-23 USD 5,421.00");
    const theirs = readSm2Signature(sign("sm3", message, pair.privateKey))!;
    expect(verifySm2(point, message, theirs, "")).toBe(true);

    const at = pkcs8.indexOf(Buffer.from([2, 1, 1, 4, 32])) + 5;
    const key = BigInt(`0x${pkcs8.subarray(at, at + 32).toString("hex")}`);
    const ours = signSm2(key, message, { name: "" });
    expect(verify("sm3", message, pair.publicKey, derOf(ours))).toBe(true);
  });
});

describe("the encodings", () => {
  it("read a key as hex point or DER, and refuse what is no point of the curve", () => {
    const point = sm2PublicKeyOf(EXAMPLE.privateKey);
    const bytes = sm2PublicKeyBytes(point);
    expect(readSm2PublicKey(bytes)).toEqual(point);
    bytes[40]! ^= 1;
    expect(readSm2PublicKey(bytes)).toBeNull();
    expect(readSm2PublicKey(Buffer.alloc(64))).toBeNull();
  });

  it("read a signature as two numbers or DER, and refuse other forms", () => {
    const raw = sm2SignatureBytes(EXAMPLE);
    const der = derOf(EXAMPLE);
    expect(readSm2Signature(raw)).toEqual({ r: EXAMPLE.r, s: EXAMPLE.s });
    expect(readSm2Signature(der)).toEqual({ r: EXAMPLE.r, s: EXAMPLE.s });
    expect(readSm2Signature(Buffer.concat([der, Buffer.of(0)]))).toBeNull();
    expect(readSm2Signature(der.subarray(0, -1))).toBeNull();
    expect(readSm2Signature(Buffer.alloc(0))).toBeNull();
  });
});
