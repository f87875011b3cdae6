// One small object in a pack: a gzip member (RFC 1952) whose extra field holds the object's hash, the length of its
// data and a checksum, so that a pack can be read from its start without an index, by this program or by zcat, and
// a member that was cut off by a crash is known from one that was damaged later.

import { createHash } from "node:crypto";
import { crc32, deflateRawSync, gunzipSync } from "node:zlib";
import type { Sha256 } from "./raw-object.ts";

/**
 * ID1 ID2 CM=deflate FLG=FEXTRA, MTIME 0, XFL 4 (fastest), OS 255 (unknown), XLEN 44, then the one subfield "Sw" of
 * 40 bytes: RFC 1952, 2.3 and 2.3.1.1. Every member begins with these 16 bytes.
 */
const MARK = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 4, 0xff, 44, 0, 0x53, 0x77, 40, 0]);
/** In the subfield: the SHA-256 of the bytes, the length of the deflated data, CRC-32 of both and of the data. */
const HASH_AT = MARK.length;
const LENGTH_AT = HASH_AT + 32;
const CHECK_AT = LENGTH_AT + 4;
export const MEMBER_HEAD_BYTES = CHECK_AT + 4;
/** CRC-32 and length of the bytes. */
const TAIL_BYTES = 8;
const LEVEL_FASTEST = 1;

export type Member = {
  readonly sha256: Sha256;
  /** Place of the member in its pack. */
  readonly offset: number;
};

export function hashOf(bytes: Uint8Array): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
}

/** The member for bytes whose hash is `sha256`. */
export function encodeMember(bytes: Uint8Array, sha256: Sha256): Buffer {
  const data = deflateRawSync(bytes, { level: LEVEL_FASTEST });
  const member = Buffer.allocUnsafe(MEMBER_HEAD_BYTES + data.length + TAIL_BYTES);
  MARK.copy(member);
  member.write(sha256, HASH_AT, "hex");
  member.writeUInt32LE(data.length, LENGTH_AT);
  data.copy(member, MEMBER_HEAD_BYTES);
  member.writeUInt32LE(checkOf(member, data.length), CHECK_AT);
  member.writeUInt32LE(crc32(bytes), MEMBER_HEAD_BYTES + data.length);
  member.writeUInt32LE(bytes.length, MEMBER_HEAD_BYTES + data.length + 4);
  return member;
}

/** Length of the member that begins at the start of `head`, or null when none does; `head` holds its head. */
export function memberLength(head: Buffer): number | null {
  if (head.length < MEMBER_HEAD_BYTES || !head.subarray(0, MARK.length).equals(MARK)) return null;
  return MEMBER_HEAD_BYTES + head.readUInt32LE(LENGTH_AT) + TAIL_BYTES;
}

/** The bytes of a whole member, or null when they are not those of `sha256`. */
export function decodeMember(member: Buffer, sha256: Sha256): Buffer | null {
  try {
    const bytes = gunzipSync(member);
    return hashOf(bytes) === sha256 ? bytes : null;
  } catch {
    // Not a whole gzip member: zlib says so by throwing, whatever the damage.
    return null;
  }
}

/** The members that prove in the bytes of a pack; what lies between them was cut off by a crash, or is damaged. */
export function* scanMembers(pack: Buffer): Generator<Member> {
  for (let at = 0; at !== -1; ) {
    const length = memberLength(pack.subarray(at, at + MEMBER_HEAD_BYTES));
    const member = length === null ? null : pack.subarray(at, at + length);
    if (member !== null && member.length === length && isWhole(member)) {
      const sha256 = member.toString("hex", HASH_AT, LENGTH_AT) as Sha256;
      yield { sha256, offset: at };
      at += member.length;
    } else at = pack.indexOf(MARK, at + 1);
  }
}

function isWhole(member: Buffer): boolean {
  return member.readUInt32LE(CHECK_AT) === checkOf(member, member.readUInt32LE(LENGTH_AT));
}

function checkOf(member: Buffer, dataLength: number): number {
  const ofHead = crc32(member.subarray(HASH_AT, CHECK_AT));
  return crc32(member.subarray(MEMBER_HEAD_BYTES, MEMBER_HEAD_BYTES + dataLength), ofHead);
}
