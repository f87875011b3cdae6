// The one folder of a test run: every temporary file of every test is made in it (TMPDIR), so that nothing stays
// behind. A run that was killed leaves it; the next run finds it by its lock and removes it with what still runs.

import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { FolderLock } from "../src/storage/data-folder-lock.ts";
import { holderOf, takeFolder } from "../src/storage/data-folder-lock.ts";
import { placeForRoot } from "../src/storage/shared-place.ts";
import { accountForPostgres } from "../src/storage/unprivileged-account.ts";

export type RunFolder = {
  /** Absolute; root's lets other users pass through. */
  readonly path: string;
  /** Ends what still runs in it and removes it. */
  readonly remove: () => void;
};

const PREFIX = "straitway-test-";

/** Processes whose working directory is in the folder; none where there is no /proc. */
function processesUnder(folder: string): number[] {
  if (!existsSync("/proc/self/cwd")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return `${readlinkSync(`/proc/${pid}/cwd`)}${sep}`.startsWith(`${folder}${sep}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function endProcessesUnder(folder: string): void {
  for (const pid of processesUnder(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself, or with its postmaster.
    }
  }
}

/** Folders under root's shared place that hold the cluster of a data folder of this run. */
function clustersOutside(folder: string): string[] {
  const account = accountForPostgres();
  const place = account === null || account === "none-found" ? null : placeForRoot(account);
  if (place === null) return [];
  return readdirSync(place)
    .map((name) => join(place, name))
    .filter((cluster) => {
      const note = join(cluster, "data-folder.json");
      if (!existsSync(note)) return false;
      const owner = JSON.parse(readFileSync(note, "utf8")) as { dataDir: string };
      return owner.dataDir.startsWith(`${folder}${sep}`);
    });
}

function removeWhole(folder: string): void {
  for (const path of [...clustersOutside(folder), folder]) {
    endProcessesUnder(path);
    // A process that was just ended may still write for a moment.
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Removes the folders of runs that are over; one that has no lock yet is being made by another run. */
async function removeLeft(parent: string): Promise<void> {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(parent, name);
    try {
      const locked = readdirSync(folder).some((entry) => /^lock\.\d+$/.test(entry));
      if (locked && (await holderOf(folder)) === null) removeWhole(folder);
    } catch {
      // Another user's folder, or one that another run removes at the same time.
    }
  }
}

async function take(folder: string): Promise<FolderLock> {
  const taken = await takeFolder(folder);
  if ("lock" in taken) return taken.lock;
  throw new Error(`${folder} belongs to the process ${taken.holder.pid}`);
}

/** Makes the folder of this run, after removing those of killed runs. */
export async function makeRunFolder(): Promise<RunFolder> {
  await removeLeft(tmpdir());
  const path = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(path, 0o711);
  await take(path);
  return { path, remove: () => removeWhole(path) };
}
