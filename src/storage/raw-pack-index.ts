// Where each object is in a pack that is not written any more: hashes in order with their offsets, searched by
// halves. Kept beside the pack as a file that can be made anew from it at any time.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { syncFile, writeFileWhole } from "./durable-file.ts";
import type { Sha256 } from "./raw-object.ts";
import { type Member, scanMembers } from "./raw-pack-member.ts";

/** 32 bytes of hash and 4 of offset, big-endian: in memory and in the file alike, 36 MB for a million objects. */
const HASH_BYTES = 32;
const ENTRY_BYTES = HASH_BYTES + 4;
/** The file ends with the SHA-256 of its entries. */
const PROOF_BYTES = 32;
const FILE_MODE = 0o600;

export type PackIndex = {
  readonly offsetOf: (sha256: Sha256) => number | null;
  /** Hashes whose first byte is this one, in order. */
  readonly startingWith: (firstByte: number) => readonly Sha256[];
};

/**
 * The index of a pack that another program may be writing: what is in it by now. Nothing is kept, since the pack grows.
 */
export function peekIndex(packPath: string, indexPath: string): PackIndex {
  const kept = readIndex(indexPath);
  return indexOver(kept ?? entriesOf([...scanMembers(readFileSync(packPath))]));
}

/** The index of a sealed pack; made anew from the pack when its file is missing or does not prove. */
export function openIndex(packPath: string, indexPath: string): PackIndex {
  const kept = readIndex(indexPath);
  if (kept !== null) return indexOver(kept);
  // A program that was killed may have written what it had no time to sync.
  syncFile(packPath);
  const entries = entriesOf([...scanMembers(readFileSync(packPath))]);
  writeIndex(indexPath, entries);
  return indexOver(entries);
}

/** Writes the index of a pack that is not written any more, and gives it. */
export function sealIndex(indexPath: string, members: readonly Member[]): PackIndex {
  const entries = entriesOf(members);
  writeIndex(indexPath, entries);
  return indexOver(entries);
}

function readIndex(path: string): Buffer | null {
  if (!existsSync(path)) return null;
  const file = readFileSync(path);
  const end = file.length - PROOF_BYTES;
  if (end < 0 || end % ENTRY_BYTES !== 0) return null;
  const entries = file.subarray(0, end);
  return proofOf(entries).equals(file.subarray(end)) ? entries : null;
}

function writeIndex(path: string, entries: Buffer): void {
  writeFileWhole(path, Buffer.concat([entries, proofOf(entries)]), FILE_MODE);
}

function proofOf(entries: Buffer): Buffer {
  return createHash("sha256").update(entries).digest();
}

function entriesOf(members: readonly Member[]): Buffer {
  const entries = Buffer.alloc(members.length * ENTRY_BYTES);
  const sorted = members.toSorted((left, right) => (left.sha256 < right.sha256 ? -1 : 1));
  for (const [index, { sha256, offset }] of sorted.entries()) {
    entries.write(sha256, index * ENTRY_BYTES, "hex");
    entries.writeUInt32BE(offset, index * ENTRY_BYTES + HASH_BYTES);
  }
  return entries;
}

function indexOver(entries: Buffer): PackIndex {
  const count = entries.length / ENTRY_BYTES;
  /** The first entry that is not before `hash`. */
  const placeOf = (hash: Buffer): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = middle * ENTRY_BYTES;
      if (entries.compare(hash, 0, hash.length, at, at + hash.length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const hashAt = (place: number): Sha256 =>
    entries.toString("hex", place * ENTRY_BYTES, place * ENTRY_BYTES + HASH_BYTES) as Sha256;
  return {
    offsetOf: (sha256) => {
      const place = placeOf(Buffer.from(sha256, "hex"));
      const isThere = place < count && hashAt(place) === sha256;
      return isThere ? entries.readUInt32BE(place * ENTRY_BYTES + HASH_BYTES) : null;
    },
    startingWith: (firstByte) => {
      const from = placeOf(Buffer.from([firstByte]));
      const to = firstByte === 0xff ? count : placeOf(Buffer.from([firstByte + 1]));
      return Array.from({ length: to - from }, (_, index) => hashAt(from + index));
    },
  };
}
