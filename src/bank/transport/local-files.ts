// A folder of this machine, or one that is mounted: a bank's own front-end or a transfer program shares it.

import { access, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Outage } from "../../errors/outage.ts";
import { syncFolder } from "../../storage/durable-file.ts";
import { type BankFiles, type FileSighting, FileTooLarge } from "./bank-files.ts";

/** Others of the same group may read and replace what is written here; the folder's own mode narrows it. */
const FILE_MODE = 0o660;

export function openLocalFiles(root: string): BankFiles {
  const at = (path: string): string => join(root, path);
  const move = async (from: string, to: string): Promise<boolean> => {
    const moved = await present(rename(at(from), at(to)).then(() => true));
    if (moved === null) return false;
    syncFolder(dirname(at(to)));
    return true;
  };
  return guarded(root, {
    list: async (folder) => sightings(at(folder)),
    read: (path, bytesMax) => readWhole(at(path), bytesMax),
    has: async (path) => (await present(access(at(path)).then(() => true))) !== null,
    claim: move,
    move,
    write: (path, bytes) => writeWhole(at(path), bytes),
    remove: (path) => rm(at(path), { force: true }),
    makeFolder: async (folder) => {
      await mkdir(at(folder), { recursive: true });
    },
    close: async () => undefined,
  });
}

async function sightings(folder: string): Promise<readonly FileSighting[]> {
  const names = (await present(readdir(folder))) ?? [];
  const found: FileSighting[] = [];
  for (const name of names.sort()) {
    const about = await present(lstat(join(folder, name)));
    if (about === null || !about.isFile()) continue;
    found.push({ name, byteCount: about.size, modifiedAtMs: Math.trunc(about.mtimeMs) });
  }
  return found;
}

async function readWhole(path: string, bytesMax: number): Promise<Uint8Array | null> {
  const about = await present(lstat(path));
  if (about === null) return null;
  if (about.size > bytesMax) throw new FileTooLarge(path, bytesMax);
  return present(readFile(path));
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const making = `${path}.tmp`;
  const file = await open(making, "w", FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(making, path);
  syncFolder(dirname(path));
}

/** Null when there is no such file; any other fault is thrown. */
async function present<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** What the file system refuses is an outage of the folder: no space, no permission, a mount that went away. */
function guarded(root: string, files: BankFiles): BankFiles {
  const guard =
    <Args extends readonly unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      try {
        return await call(...args);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        const message = `the folder ${root} cannot be used: ${(error as Error).message}`;
        throw new Outage("bank-folder", message, { retryable: true, cause: error });
      }
    };
  return {
    list: guard(files.list),
    read: guard(files.read),
    has: guard(files.has),
    claim: guard(files.claim),
    move: guard(files.move),
    write: guard(files.write),
    remove: guard(files.remove),
    makeFolder: guard(files.makeFolder),
    close: files.close,
  };
}
