// One object of the raw store: a gzip file (RFC 1952) named by the SHA-256 of the bytes inside. It is made under
// another name, synced, renamed and its folder synced, so that a file under its final name is never half an object.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { constants, createGunzip, createGzip, gzip } from "node:zlib";
import { Outage } from "../errors/outage.ts";

/** SHA-256 of an object's bytes, 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly __sha256: true };

export type StoredObject = {
  readonly sha256: Sha256;
  /** Length of the bytes as received, not of the compressed file. */
  readonly byteCount: number;
  /** `present`: the same bytes were stored before; nothing was written now. */
  readonly stored: "new" | "present";
};

/** How an object's file fails: not there, not a whole gzip file, or other bytes than were put. */
export type RawDamage = "missing" | "unreadable" | "different";

/** The store does not have the bytes that it was given. A person must bring them back from a backup. */
export class RawObjectDamaged extends Error {
  readonly sha256: Sha256;
  readonly damage: RawDamage;
  /** The object's file. */
  readonly path: string;

  constructor(sha256: Sha256, damage: RawDamage, path: string, cause?: unknown) {
    super(`the raw object ${sha256} is ${damage}: ${path}`, { cause });
    this.name = "RawObjectDamaged";
    this.sha256 = sha256;
    this.damage = damage;
    this.path = path;
  }
}

/** Sources up to this size are compressed in one call: a notice of some kilobytes needs no streams. */
const WHOLE_BYTES_MAX = 64 * 1024;
/** Settlement text: level 1 writes 3 times as fast as the default 6 and some 15 % larger. */
const GZIP_LEVEL = constants.Z_BEST_SPEED;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

const gzipWhole = promisify(gzip);

/** Files on their way to a final name; whatever is in it at a start was left by a crash. */
export function makingFolder(root: string): string {
  return join(root, "making");
}

/** `ab/cd/abcd….gz`: 65,536 folders keep each one small. */
export function objectPath(root: string, sha256: Sha256): string {
  return join(root, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.gz`);
}

function systemCode(error: unknown): string | null {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === "string" ? code : null;
}

function outage(error: unknown): Outage {
  const message = error instanceof Error ? error.message : String(error);
  return new Outage("raw-store", `the raw store failed: ${message}`, {
    retryable: true,
    cause: error,
  });
}

/** Runs disk work; what fails in it is an outage of the store. */
async function onDisk<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Outage ? error : outage(error);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const compressed = await gzipWhole(bytes, { level: GZIP_LEVEL });
  const handle = await open(path, "wx", FILE_MODE);
  try {
    await handle.writeFile(compressed);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A compressed file in the making: synced once `finish` is done. */
type Sink = {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly finish: () => Promise<void>;
  readonly abort: () => Promise<void>;
};

/** Compresses as it is written, for sources of any length. */
function streamingSink(path: string): Sink {
  const compressor = createGzip({ level: GZIP_LEVEL });
  const written = pipeline(compressor, createWriteStream(path, { flags: "wx", mode: FILE_MODE }));
  // Heard where it is awaited; without this a failure between two writes would end the process.
  written.catch(() => undefined);
  return {
    write: async (chunk) => {
      if (!compressor.write(chunk)) await Promise.race([once(compressor, "drain"), written]);
    },
    finish: async () => {
      compressor.end();
      await written;
      await syncPath(path);
    },
    abort: async () => {
      compressor.destroy();
      await written.catch(() => undefined);
    },
  };
}

/** Collects a small source and writes it at once; a larger one is streamed from where it grew too large. */
function sinkTo(path: string): Sink {
  let collected: Uint8Array[] = [];
  let byteCount = 0;
  let streaming: Sink | null = null;
  return {
    write: async (chunk) => {
      if (streaming !== null) return streaming.write(chunk);
      collected.push(chunk);
      byteCount += chunk.byteLength;
      if (byteCount <= WHOLE_BYTES_MAX) return;
      streaming = streamingSink(path);
      for (const earlier of collected) await streaming.write(earlier);
      collected = [];
    },
    finish: () => streaming?.finish() ?? writeWhole(path, Buffer.concat(collected)),
    abort: async () => streaming?.abort(),
  };
}

type Received = { readonly sha256: Sha256; readonly byteCount: number };

/** Writes the source to `path`. An error of the source passes through as it is, one of the disk is an outage. */
async function receive(source: AsyncIterable<Uint8Array>, path: string): Promise<Received> {
  const hash = createHash("sha256");
  const sink = sinkTo(path);
  let byteCount = 0;
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      byteCount += chunk.byteLength;
      await onDisk(() => sink.write(chunk));
    }
    await onDisk(sink.finish);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return { sha256: hash.digest("hex") as Sha256, byteCount };
}

/** True when the file is there and proves to be the object; a damaged one is to be replaced by the good bytes. */
export async function isPresent(root: string, sha256: Sha256): Promise<boolean> {
  if (!existsSync(objectPath(root, sha256))) return false;
  const reading = readObject(root, sha256);
  try {
    while ((await reading.next()).done !== true);
    return true;
  } catch (error) {
    if (error instanceof RawObjectDamaged) return false;
    throw error;
  }
}

/** Where objects are kept, and which of its folders are known to be on disk themselves. */
export type RawFolder = { readonly root: string; readonly syncedFolders: Set<string> };

/** Syncs the object's folder, and the ones above it until that was done once. */
async function syncFolders({ root, syncedFolders }: RawFolder, folder: string): Promise<void> {
  await syncPath(folder);
  if (syncedFolders.has(folder)) return;
  await syncPath(dirname(folder));
  await syncPath(root);
  syncedFolders.add(folder);
}

/** Gives a synced file its final name. */
async function place(root: string, making: string, sha256: Sha256): Promise<void> {
  const path = objectPath(root, sha256);
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  await rename(making, path);
}

/** Keeps the bytes of `source`; on disk, with its entry in the folders, before it answers. */
export async function writeObject(
  folder: RawFolder,
  source: AsyncIterable<Uint8Array>,
): Promise<StoredObject> {
  const { root } = folder;
  const making = join(makingFolder(root), randomBytes(12).toString("hex"));
  try {
    const { sha256, byteCount } = await receive(source, making);
    const present = await isPresent(root, sha256);
    if (!present) await onDisk(() => place(root, making, sha256));
    // One that is present may have been renamed in this moment by another caller who has not synced it yet.
    await onDisk(() => syncFolders(folder, dirname(objectPath(root, sha256))));
    return { sha256, byteCount, stored: present ? "present" : "new" };
  } finally {
    // Renamed away by now, or not wanted.
    await rm(making, { force: true });
  }
}

/** What a failed read means: damage of the object, or an outage of the disk. */
function readFailure(error: unknown, sha256: Sha256, path: string): Error {
  const code = systemCode(error);
  if (code === "ENOENT") return new RawObjectDamaged(sha256, "missing", path, error);
  const ofZlib = code?.startsWith("Z_") === true;
  return ofZlib ? new RawObjectDamaged(sha256, "unreadable", path, error) : outage(error);
}

/** The bytes of an object, proven after the last one. */
export async function* readObject(root: string, sha256: Sha256): AsyncGenerator<Uint8Array> {
  const path = objectPath(root, sha256);
  const hash = createHash("sha256");
  const file = createReadStream(path);
  const decompressor = createGunzip();
  pipeline(file, decompressor).catch(() => undefined);
  try {
    for await (const chunk of decompressor as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw readFailure(error, sha256, path);
  } finally {
    file.destroy();
    decompressor.destroy();
  }
  if (hash.digest("hex") !== sha256) throw new RawObjectDamaged(sha256, "different", path);
}
