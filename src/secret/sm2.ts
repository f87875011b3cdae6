// SM2 signatures with SM3 (GB/T 32918.2-2016, curve of GB/T 32918.5): what Chinese banks sign notices with. OpenSSL has
// the curve, but Node cannot hand it the signer's name that enters the hash, so the few equations stand here.

import { createHash } from "node:crypto";
import { invariant } from "../errors/invariant.ts";
import { randomBytes } from "./random.ts";

/** GB/T 32918.5-2017, clause 2: y² = x³ + ax + b over the prime field p, base point G of order n. */
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const A = 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n;
const GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n;
const FIELD_BYTES = 32;

/** GM/T 0009-2012, 10: the signer's name where two parties agreed on none. */
export const SM2_DEFAULT_NAME = "1234567812345678";

export type Sm2Point = { readonly x: bigint; readonly y: bigint };
export type Sm2Signature = { readonly r: bigint; readonly s: bigint };

/** Jacobian coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity. */
type Jacobian = { readonly x: bigint; readonly y: bigint; readonly z: bigint };
const INFINITY: Jacobian = { x: 1n, y: 1n, z: 0n };
const G: Sm2Point = { x: GX, y: GY };

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** Extended Euclid; the value is not a multiple of the prime modulus. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high] = [mod(value, modulus), modulus];
  let [lowFactor, highFactor] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [lowFactor, highFactor] = [highFactor - quotient * lowFactor, lowFactor];
  }
  return mod(lowFactor, modulus);
}

function double({ x, y, z }: Jacobian): Jacobian {
  if (z === 0n || y === 0n) return INFINITY;
  const yy = mod(y * y, P);
  const s = mod(4n * x * yy, P);
  const zz = mod(z * z, P);
  const m = mod(3n * x * x + A * zz * zz, P);
  const x3 = mod(m * m - 2n * s, P);
  return { x: x3, y: mod(m * (s - x3) - 8n * yy * yy, P), z: mod(2n * y * z, P) };
}

function add(one: Jacobian, other: Jacobian): Jacobian {
  if (one.z === 0n) return other;
  if (other.z === 0n) return one;
  const [z1, z2] = [mod(one.z * one.z, P), mod(other.z * other.z, P)];
  const [u1, u2] = [mod(one.x * z2, P), mod(other.x * z1, P)];
  const [s1, s2] = [mod(one.y * other.z * z2, P), mod(other.y * one.z * z1, P)];
  if (u1 === u2) return s1 === s2 ? double(one) : INFINITY;
  const h = mod(u2 - u1, P);
  const hh = mod(h * h, P);
  const hhh = mod(h * hh, P);
  const r = mod(s2 - s1, P);
  const v = mod(u1 * hh, P);
  const x = mod(r * r - hhh - 2n * v, P);
  return { x, y: mod(r * (v - x) - s1 * hhh, P), z: mod(one.z * other.z * h, P) };
}

function multiply(point: Sm2Point, scalar: bigint): Jacobian {
  const base: Jacobian = { ...point, z: 1n };
  let sum = INFINITY;
  for (const bit of scalar.toString(2)) {
    sum = double(sum);
    if (bit === "1") sum = add(sum, base);
  }
  return sum;
}

function affine({ x, y, z }: Jacobian): Sm2Point | null {
  if (z === 0n) return null;
  const factor = inverse(z, P);
  const square = mod(factor * factor, P);
  return { x: mod(x * square, P), y: mod(y * square * factor, P) };
}

function isOnCurve({ x, y }: Sm2Point): boolean {
  return x < P && y < P && mod(y * y - x * x * x - A * x - B, P) === 0n;
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(FIELD_BYTES * 2, "0"), "hex");
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** Clause 5.5: the hash of the signer's name, the curve and the key, that stands before the message. */
export function sm2NameDigest(point: Sm2Point, name: string): Buffer {
  const id = Buffer.from(name, "utf8");
  const bitCount = Buffer.alloc(2);
  bitCount.writeUInt16BE(id.length * 8);
  const numbers = [A, B, GX, GY, point.x, point.y].map(bytesOf);
  return createHash("sm3")
    .update(Buffer.concat([bitCount, id, ...numbers]))
    .digest();
}

function digestOf(point: Sm2Point, name: string, message: Uint8Array): bigint {
  return numberOf(createHash("sm3").update(sm2NameDigest(point, name)).update(message).digest());
}

/**
 * A public key as banks hand it over: `04` and the coordinates in hex (130 characters), or the DER of a
 * SubjectPublicKeyInfo, which ends in the same 65 bytes. Null when it is no point of the curve.
 */
export function readSm2PublicKey(bytes: Uint8Array): Sm2Point | null {
  const tail = Buffer.from(bytes).subarray(-(2 * FIELD_BYTES + 1));
  if (tail.length !== 2 * FIELD_BYTES + 1 || tail[0] !== 4) return null;
  const point = {
    x: numberOf(tail.subarray(1, FIELD_BYTES + 1)),
    y: numberOf(tail.subarray(FIELD_BYTES + 1)),
  };
  return isOnCurve(point) ? point : null;
}

/** Clause 7: true when the holder of the key's other half signed exactly this message under this name. */
export function verifySm2(
  point: Sm2Point,
  message: Uint8Array,
  { r, s }: Sm2Signature,
  name: string = SM2_DEFAULT_NAME,
): boolean {
  if (r < 1n || r >= N || s < 1n || s >= N) return false;
  const t = mod(r + s, N);
  if (t === 0n) return false;
  const sum = affine(add(multiply(G, s), multiply(point, t)));
  return sum !== null && mod(digestOf(point, name, message) + sum.x, N) === r;
}

/**
 * Clause 6. For the sandbox bank and tests: the arithmetic takes a time that depends on the key, so a real key is
 * not for this function. `nonce` is for known answers only.
 */
export function signSm2(
  privateKey: bigint,
  message: Uint8Array,
  options: { readonly name?: string; readonly nonce?: bigint } = {},
): Sm2Signature {
  const digest = digestOf(sm2PublicKeyOf(privateKey), options.name ?? SM2_DEFAULT_NAME, message);
  for (;;) {
    const k = options.nonce ?? mod(numberOf(randomBytes(FIELD_BYTES + 8)), N - 1n) + 1n;
    const r = mod(digest + affine(multiply(G, k))!.x, N);
    const s = mod(inverse(1n + privateKey, N) * (k - r * privateKey), N);
    if (r !== 0n && r + k !== N && s !== 0n) return { r, s };
    invariant(options.nonce === undefined, "an SM2 nonce that gives no signature");
  }
}

export function sm2PublicKeyOf(privateKey: bigint): Sm2Point {
  invariant(privateKey > 0n && privateKey < N - 1n, "an SM2 private key outside its range");
  return affine(multiply(G, privateKey))!;
}

export function newSm2PrivateKey(): bigint {
  return mod(numberOf(randomBytes(FIELD_BYTES + 8)), N - 2n) + 1n;
}

/** `04` and the coordinates: what `readSm2PublicKey` reads. */
export function sm2PublicKeyBytes({ x, y }: Sm2Point): Buffer {
  return Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)]);
}

/** A signature as bytes: r and s of 32 bytes each, or the DER sequence of two integers (GM/T 0009, 7.3). */
export function readSm2Signature(bytes: Uint8Array): Sm2Signature | null {
  if (bytes.length === 2 * FIELD_BYTES) {
    return {
      r: numberOf(bytes.subarray(0, FIELD_BYTES)),
      s: numberOf(bytes.subarray(FIELD_BYTES)),
    };
  }
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2 || bytes.length > 72) return null;
  const r = derInteger(bytes, 2);
  const s = r === null ? null : derInteger(bytes, r.end);
  return r === null || s === null || s.end !== bytes.length ? null : { r: r.value, s: s.value };
}

/** A positive DER integer in its shortest form, and where it ends; null for any other form. */
function derInteger(bytes: Uint8Array, at: number): { value: bigint; end: number } | null {
  const length = bytes[at + 1] ?? 0;
  const body = bytes.subarray(at + 2, at + 2 + length);
  const isWhole = bytes[at] === 2 && length > 0 && body.length === length;
  const isShortest = length === 1 || body[0] !== 0 || (body[1] ?? 0) >= 0x80;
  if (!isWhole || !isShortest || (body[0] ?? 0x80) >= 0x80) return null;
  return { value: numberOf(body), end: at + 2 + length };
}

export function sm2SignatureBytes({ r, s }: Sm2Signature): Buffer {
  return Buffer.concat([bytesOf(r), bytesOf(s)]);
}
