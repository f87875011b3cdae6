// The folder a user names with --data: it holds the database, the raw files, the note with the passwords and the
// lock. Made when it is missing, closed to other users; a folder that was there keeps its rights.

import { accessSync, constants, existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";
import type { LockHolder } from "./data-folder-lock.ts";
import { takeFolder } from "./data-folder-lock.ts";
import { isOfAnotherContainer } from "./process-mark.ts";

export type DataFolder = {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Lets the next program in; a second call does nothing. */
  readonly release: () => void;
};

/**
 * Root's data folder lets PostgreSQL's account pass through to the cluster inside, and shows it nothing else: what
 * is in it is closed by its own rights.
 */
function modeOfNewFolder(): number {
  return process.getuid?.() === 0 ? 0o711 : 0o700;
}

/** Makes the folder with all that is missing above it; only the folder itself is given special rights. */
function makeFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) mkdirSync(path, { mode: modeOfNewFolder() });
}

function inUse(path: string, holder: LockHolder): Outcome<DataFolder> {
  const where = isOfAnotherContainer(holder) ? " in another container" : "";
  const message = `${path} is in use by the program with pid ${holder.pid}${where}: stop it first`;
  return refused("data-folder-in-use", message);
}

/**
 * Opens the folder for this program alone. Refuses with `data-folder-unusable` (not a folder, not writable) and
 * `data-folder-in-use` (names the folder and the pid of the program that has it).
 */
export async function openDataFolder(dataDir: string): Promise<Outcome<DataFolder>> {
  const path = resolve(dataDir);
  try {
    makeFolder(path);
    const real = realpathSync(path);
    accessSync(real, constants.R_OK | constants.W_OK | constants.X_OK);
    const taken = await takeFolder(real);
    if ("lock" in taken) return accepted({ path: real, release: taken.lock.release });
    return inUse(real, taken.holder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return refused("data-folder-unusable", `${path} cannot be used as the data folder: ${message}`);
  }
}
