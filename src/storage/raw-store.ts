// Raw bytes first: every inbound file or message is kept as received, under the SHA-256 of its bytes, before
// anything reads it. An object is never changed; it is on disk, synced, before `put` answers, and reading it proves
// that its bytes are still the ones that were put.

import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "./durable-file.ts";
import type { RawFolder, Sha256, StoredObject } from "./raw-object.ts";
import { isPresent, makingFolder, objectPath, readObject, writeObject } from "./raw-object.ts";
import { hashOf } from "./raw-pack-member.ts";
import { openRawPacks, PACKED_BYTES_MAX, peekRawPacks, type RawPacks } from "./raw-packs.ts";

export type RawStore = {
  /** Keeps the bytes of `source`. An error of the source passes through, and nothing is kept. */
  readonly put: (source: AsyncIterable<Uint8Array>) => Promise<StoredObject>;
  /**
   * Keeps many bodies at once; an answer stands at the place of its body. Small ones go into a pack together and are
   * synced once for all: a file of its own costs three syncs and some 800 µs each (docs/reference/benchmarks.md).
   */
  readonly putAll: (bodies: readonly Uint8Array[]) => Promise<readonly StoredObject[]>;
  /**
   * The bytes of an object. Throws `RawObjectDamaged` at the latest after the last chunk: a reader that acts on
   * them before the end acts on bytes that are not proven yet.
   */
  readonly open: (sha256: Sha256) => AsyncIterable<Uint8Array>;
  /** True when something is kept for the object; `open` tells whether it is whole. */
  readonly has: (sha256: Sha256) => Promise<boolean>;
  /** All objects, in the order of their hashes. */
  readonly list: () => AsyncIterable<Sha256>;
};

const SHA256 = /^[0-9a-f]{64}$/;
const FOLDER = /^[0-9a-f]{2}$/;
const OBJECT_FILE = /^([0-9a-f]{64})\.gz$/;

/** Reads a hash from outside; null when it is not one. */
export function parseSha256(text: string): Sha256 | null {
  return SHA256.test(text) ? (text as Sha256) : null;
}

async function foldersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => FOLDER.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function* listFiles(folder: string): AsyncGenerator<Sha256> {
  if (!existsSync(folder)) return;
  for (const second of await foldersIn(folder)) {
    for (const name of (await readdir(second)).sort()) {
      const sha256 = OBJECT_FILE.exec(name)?.[1];
      if (sha256 !== undefined) yield sha256 as Sha256;
    }
  }
}

/** Files and packs together, by first byte: what stands in both is told once. */
async function* listObjects(
  root: string,
  packs: Pick<RawPacks, "startingWith">,
): AsyncGenerator<Sha256> {
  for (let firstByte = 0; firstByte <= 0xff; firstByte += 1) {
    const found = new Set(packs.startingWith(firstByte));
    const folder = join(root, firstByte.toString(16).padStart(2, "0"));
    for await (const sha256 of listFiles(folder)) found.add(sha256);
    yield* [...found].sort();
  }
}

async function* readAny(
  root: string,
  packs: Pick<RawPacks, "read">,
  sha256: Sha256,
): AsyncGenerator<Uint8Array> {
  const packed = await packs.read(sha256);
  if (packed !== null) yield packed;
  else yield* readObject(root, sha256);
}

async function putAll(
  folder: RawFolder,
  packs: RawPacks,
  bodies: readonly Uint8Array[],
): Promise<readonly StoredObject[]> {
  const objects = await Promise.all(
    bodies.map(async (bytes) => {
      if (bytes.byteLength > PACKED_BYTES_MAX) return writeObject(folder, onePiece(bytes));
      const sha256 = hashOf(bytes);
      return (await isPresent(folder.root, sha256)) ? presentOf(sha256, bytes) : null;
    }),
  );
  const small = bodies.filter((_, index) => objects[index] === null);
  const packed = (await packs.put(small)).values();
  return objects.map((object) => object ?? packed.next().value!);
}

function presentOf(sha256: Sha256, bytes: Uint8Array): StoredObject {
  return { sha256, byteCount: bytes.byteLength, stored: "present" };
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Opens the store in a folder, making it when it is missing. One program at a time: the caller holds a lock. */
export function openRawStore(root: string): RawStore {
  const making = makingFolder(root);
  mkdirSync(making, { recursive: true, mode: 0o700 });
  syncFolder(dirname(root));
  for (const left of readdirSync(making)) rmSync(join(making, left), { force: true });
  const folder: RawFolder = { root, syncedFolders: new Set() };
  const packs = openRawPacks(join(root, "packs"));
  return {
    put: (source) => writeObject(folder, source),
    putAll: (bodies) => putAll(folder, packs, bodies),
    open: (sha256) => readAny(root, packs, sha256),
    has: async (sha256) => packs.has(sha256) || existsSync(objectPath(root, sha256)),
    list: () => listObjects(root, packs),
  };
}

/** The objects of a folder that another program may have open: those that are there now, to read and nothing else. */
export function peekRawStore(root: string): Pick<RawStore, "open" | "list"> {
  const packs = peekRawPacks(join(root, "packs"));
  return { open: (sha256) => readAny(root, packs, sha256), list: () => listObjects(root, packs) };
}
