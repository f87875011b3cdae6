// One program per data folder: two would corrupt the database. A lock is a file "lock.N" that names its holder by
// pid and start time; it is taken over only when that very process is gone, never by age.
//
// Why numbered: a stale lock must not be deleted and made anew, since a slow second starter could delete the new one.
// Instead the next number is linked into place, which exactly one starter can do, and the highest number is never
// deleted: whoever holds it holds the folder. Letting go rewrites the file as released and leaves it.

import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { invariant } from "../errors/invariant.ts";
import { writeFileWhole } from "./durable-file.ts";
import { showLife, showsLife } from "./live-socket.ts";
import type { ProcessMark } from "./process-mark.ts";
import { isLiving, isOfAnotherContainer, markOf } from "./process-mark.ts";

/** Who holds a folder: the process, and the socket in the folder by which it is seen from another container. */
export type LockHolder = ProcessMark & { readonly live: string | null };

export type FolderLock = {
  /** Lets go; a second call does nothing. Synchronous, so that it can be the last act of a program. */
  readonly release: () => void;
};

type LockFile = { readonly number: number; readonly holder: LockHolder | null };

const LOCK_NAME = /^lock\.(\d+)$/;
const TAKE_ATTEMPT_COUNT_MAX = 100;

function pathOf(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

/** The holder written in a lock file; null when it was released, or emptied by a power cut. */
function holderIn(path: string): LockHolder | null {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as LockHolder | null;
    return typeof holder?.pid === "number" ? holder : null;
  } catch (error) {
    // Gone: a winner has deleted it, and its own has a higher number. Unreadable as JSON: a power cut.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT")
      return null;
    throw error;
  }
}

function lockNumbers(folder: string): number[] {
  return readdirSync(folder)
    .map((name) => LOCK_NAME.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number);
}

function highestLock(folder: string): LockFile {
  const number = Math.max(0, ...lockNumbers(folder));
  return { number, holder: number === 0 ? null : holderIn(pathOf(folder, number)) };
}

async function lives(folder: string, holder: LockHolder): Promise<boolean> {
  if (isLiving(holder)) return true;
  if (!isOfAnotherContainer(holder) || holder.live === null) return false;
  return showsLife(join(folder, holder.live));
}

/** The living process that holds the folder, or null. */
export async function holderOf(folder: string): Promise<LockHolder | null> {
  const { holder } = highestLock(folder);
  return holder !== null && (await lives(folder, holder)) ? holder : null;
}

function releaseLock(folder: string, number: number, own: LockHolder): void {
  const path = pathOf(folder, number);
  // A folder that was deleted meanwhile, or a lock taken over, is not ours to write.
  const holder = holderIn(path);
  if (holder?.pid === own.pid && holder.startedAt === own.startedAt)
    writeFileWhole(path, "null\n", 0o600);
}

/** Removes the locks that were passed, and what showed their holders' life. */
function removePassed(folder: string, numbers: readonly number[]): void {
  for (const number of numbers) {
    const live = holderIn(pathOf(folder, number))?.live;
    if (typeof live === "string") rmSync(join(folder, live), { force: true });
    rmSync(pathOf(folder, number), { force: true });
  }
}

/** Links the next number into place; false when another starter was faster. */
function takeNumber(folder: string, number: number, own: LockHolder): boolean {
  const making = join(folder, `lock-of-${own.pid}-${randomBytes(4).toString("hex")}.making`);
  writeFileWhole(making, `${JSON.stringify(own)}\n`, 0o600);
  try {
    linkSync(making, pathOf(folder, number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(making, { force: true });
  }
  // A slow starter may have linked a number that had already been passed and deleted: it holds nothing.
  const numbers = lockNumbers(folder);
  if (numbers.some((other) => other > number)) {
    rmSync(pathOf(folder, number), { force: true });
    return false;
  }
  removePassed(
    folder,
    numbers.filter((other) => other < number),
  );
  return true;
}

export type Taking = { readonly lock: FolderLock } | { readonly holder: LockHolder };

/** Takes the folder for this process, or gives the living process that has it. */
export async function takeFolder(folder: string): Promise<Taking> {
  const mark = markOf(process.pid);
  invariant(mark !== null, "the program's own process cannot be found");
  const name = `live.${randomBytes(6).toString("hex")}`;
  const live = showLife(join(folder, name));
  const own: LockHolder = { ...mark, live: live === null ? null : name };
  for (let attempt = 0; ; attempt += 1) {
    invariant(attempt < TAKE_ATTEMPT_COUNT_MAX, `the lock of ${folder} changes all the time`);
    const { number, holder } = highestLock(folder);
    if (holder !== null && (await lives(folder, holder))) {
      live?.close();
      return { holder };
    }
    if (!takeNumber(folder, number + 1, own)) continue;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      releaseLock(folder, number + 1, own);
      live?.close();
    };
    return { lock: { release } };
  }
}
