// The packs of the raw store: files to which many small objects are appended, synced once for all that came
// together. A pack is only appended to, never changed; after a restart the next objects go to a new one, so that
// what a crash cut off is never written over. A file of its own for each notice took 800 µs of processor time and
// three syncs; in a pack of 100 it is 30 µs and the hundredth of one (docs/reference/benchmarks.md).

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Outage } from "../errors/outage.ts";
import { syncFolder } from "./durable-file.ts";
import type { Sha256, StoredObject } from "./raw-object.ts";
import { openIndex, type PackIndex, peekIndex, sealIndex } from "./raw-pack-index.ts";
import {
  decodeMember,
  encodeMember,
  hashOf,
  MEMBER_HEAD_BYTES,
  memberLength,
} from "./raw-pack-member.ts";

/** Largest object in a pack, in bytes as received: larger ones are files of their own. */
export const PACKED_BYTES_MAX = 64 * 1024;
/** A pack that has grown to this is sealed; as much is read at once when a crash left one without its index. */
const PACK_BYTES_MAX = 128 * 1024 * 1024;
/** Read at once for one object: most notices end in it. */
const FIRST_READ_BYTES = 4 * 1024;
/** Longer than any member can be: deflate never adds more than a few bytes to 64 KiB. */
const MEMBER_BYTES_MAX = 2 * PACKED_BYTES_MAX;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const PACK_FILE = /^(\d{8})\.pack$/;

/** A pack with what is known of its objects. */
type Pack = { readonly path: string; readonly index: PackIndex };

/** The pack that is appended to. */
type OpenPack = Pack & {
  readonly indexPath: string;
  readonly offsets: Map<Sha256, number>;
  size: number;
};

type Encoded = { readonly sha256: Sha256; readonly member: Buffer };

/** Opens the packs of a folder, making it when it is missing. The caller holds the data folder's lock. */
export function openRawPacks(folder: string): RawPacks {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  syncFolder(dirname(folder));
  const names = readdirSync(folder)
    .filter((name) => PACK_FILE.test(name))
    .sort();
  const sealed = names.map((name): Pack => {
    const path = join(folder, name);
    return { path, index: openIndex(path, indexPathOf(path)) };
  });
  return new RawPacks(folder, sealed, Number.parseInt(names.at(-1) ?? "0", 10) + 1);
}

/** The packs of a folder that another program may have open: what they hold by now, to read and nothing else. */
export function peekRawPacks(folder: string): Pick<RawPacks, "read" | "startingWith"> {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => PACK_FILE.test(name))
    : [];
  const packs = names.sort().map((name): Pack => {
    const path = join(folder, name);
    return { path, index: peekIndex(path, indexPathOf(path)) };
  });
  return new RawPacks(folder, packs, 0);
}

export class RawPacks {
  readonly #folder: string;
  /** Oldest first. */
  readonly #packs: Pack[];
  #nextNumber: number;
  #current: OpenPack | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /** Use `openRawPacks`. */
  constructor(folder: string, sealed: readonly Pack[], nextNumber: number) {
    this.#folder = folder;
    this.#packs = [...sealed];
    this.#nextNumber = nextNumber;
  }

  /** Keeps bodies of at most `PACKED_BYTES_MAX`; on disk when it answers, in the order of the bodies. */
  put(bodies: readonly Uint8Array[]): Promise<readonly StoredObject[]> {
    const put = this.#turn.then(() => asOutage(() => this.#put(bodies)));
    this.#turn = put.catch(() => undefined);
    return put;
  }

  has(sha256: Sha256): boolean {
    return this.#packs.some(({ index }) => index.offsetOf(sha256) !== null);
  }

  /** The proven bytes; null when no pack has them whole. */
  async read(sha256: Sha256): Promise<Uint8Array | null> {
    // Newest first: an object that was damaged and put again is whole in its later place.
    for (const { path, index } of this.#packs.toReversed()) {
      const offset = index.offsetOf(sha256);
      const bytes = offset === null ? null : await asOutage(() => readMember(path, offset, sha256));
      if (bytes !== null) return bytes;
    }
    return null;
  }

  /** Hashes whose first byte is this one, in no order; one that was put again may come twice. */
  startingWith(firstByte: number): readonly Sha256[] {
    return this.#packs.flatMap(({ index }) => index.startingWith(firstByte));
  }

  async #put(bodies: readonly Uint8Array[]): Promise<readonly StoredObject[]> {
    const fresh = new Map<Sha256, Encoded>();
    const stored: StoredObject[] = [];
    for (const bytes of bodies) {
      const sha256 = hashOf(bytes);
      const isKept = fresh.has(sha256) || (this.has(sha256) && (await this.read(sha256)) !== null);
      if (!isKept) fresh.set(sha256, { sha256, member: encodeMember(bytes, sha256) });
      stored.push({ sha256, byteCount: bytes.byteLength, stored: isKept ? "present" : "new" });
    }
    if (fresh.size > 0) await this.#append([...fresh.values()]);
    return stored;
  }

  async #append(encoded: readonly Encoded[]): Promise<void> {
    const pack = await this.#writable();
    try {
      await writeSynced(pack.path, Buffer.concat(encoded.map(({ member }) => member)), pack.size);
    } catch (error) {
      // How much of it is on disk is not known, so nothing may follow it. What was answered for stays where it is.
      this.#current = null;
      throw error;
    }
    for (const { sha256, member } of encoded) {
      pack.offsets.set(sha256, pack.size);
      pack.size += member.length;
    }
  }

  async #writable(): Promise<OpenPack> {
    if (this.#current !== null && this.#current.size >= PACK_BYTES_MAX) this.#seal(this.#current);
    if (this.#current === null) {
      const name = `${String(this.#nextNumber).padStart(8, "0")}.pack`;
      this.#nextNumber += 1;
      this.#current = await startPack(join(this.#folder, name));
      this.#packs.push(this.#current);
    }
    return this.#current;
  }

  #seal(pack: OpenPack): void {
    this.#current = null;
    const members = [...pack.offsets].map(([sha256, offset]) => ({ sha256, offset }));
    const index = sealIndex(pack.indexPath, members);
    this.#packs[this.#packs.indexOf(pack)] = { path: pack.path, index };
  }
}

function indexPathOf(packPath: string): string {
  return packPath.replace(/\.pack$/, ".index");
}

/** Makes a pack whose name is on disk before anything is in it. */
async function startPack(path: string): Promise<OpenPack> {
  await (await open(path, "wx", FILE_MODE)).close();
  syncFolder(dirname(path));
  const offsets = new Map<Sha256, number>();
  const index: PackIndex = {
    offsetOf: (sha256) => offsets.get(sha256) ?? null,
    startingWith: (firstByte) => {
      const start = firstByte.toString(16).padStart(2, "0");
      return [...offsets.keys()].filter((sha256) => sha256.startsWith(start));
    },
  };
  return { path, indexPath: indexPathOf(path), index, offsets, size: 0 };
}

/** Writes at the end of a pack and syncs it. No file stays open between: a store need not be closed. */
async function writeSynced(path: string, bytes: Buffer, end: number): Promise<void> {
  const handle = await open(path, "r+");
  try {
    for (let written = 0; written < bytes.length; ) {
      const left = bytes.length - written;
      const { bytesWritten } = await handle.write(bytes, written, left, end + written);
      written += bytesWritten;
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** The proven bytes of the member at a place of a pack; null when they are not there whole. */
async function readMember(
  path: string,
  offset: number,
  sha256: Sha256,
): Promise<Uint8Array | null> {
  const handle = await open(path, "r");
  try {
    const first = await readAt(handle, offset, FIRST_READ_BYTES);
    const length = memberLength(first.subarray(0, MEMBER_HEAD_BYTES));
    if (length === null || length > MEMBER_BYTES_MAX) return null;
    const member = length <= first.length ? first : await readAt(handle, offset, length);
    return decodeMember(member.subarray(0, length), sha256);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** A disk that fails is an outage of the store. */
async function asOutage<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Outage) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const cause = { retryable: true, cause: error };
    throw new Outage("raw-store", `the raw store failed: ${message}`, cause);
  }
}
