// One run of the real command line on a data folder, and the ways to kill it and its PostgreSQL with no warning.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const PROGRAM = join(import.meta.dirname, "../../bin/straitway.js");

export type Run = { readonly code: number | null; readonly out: string; readonly err: string };
export type Victim = "program" | "postgres" | "both";

/** Starts the compiled program; `done` resolves when it has ended, however it ended. */
export function start(words: readonly string[]): { child: ChildProcess; done: Promise<Run> } {
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString("utf8");
  });
  const done = new Promise<Run>((resolve) => {
    child.once("close", (code) => resolve({ code, out, err }));
  });
  return { child, done };
}

/** Kills with SIGKILL whatever of the victims runs. Returns whether the program was still at work. */
export function strike(victim: Victim, child: ChildProcess, dataDir: string): boolean {
  const wasAtWork = child.exitCode === null && child.signalCode === null;
  if (victim !== "program") for (const pid of postgresPids(dataDir)) killNow(pid);
  if (victim !== "postgres" && wasAtWork) child.kill("SIGKILL");
  return wasAtWork;
}

/** Resolves when the data folder's PostgreSQL takes connections; the program's own work begins then. */
export async function untilReady(dataDir: string, child: ChildProcess): Promise<void> {
  // A stale file of a killed server says "ready" too: the program removes it before it starts a new one.
  let wasReady = isReady(dataDir);
  while (child.exitCode === null && child.signalCode === null) {
    const ready = isReady(dataDir);
    if (ready && !wasReady) return;
    wasReady &&= ready;
    await pause(READY_POLL_MS);
  }
}

const READY_POLL_MS = 5;

function isReady(dataDir: string): boolean {
  try {
    return /^ready\s*$/m.test(readFileSync(join(dataDir, "postgres/postmaster.pid"), "utf8"));
  } catch {
    return false;
  }
}

/** The postmaster of the data folder's own cluster, and its children. */
function postgresPids(dataDir: string): readonly number[] {
  const file = join(dataDir, "postgres/postmaster.pid");
  if (!existsSync(file)) return [];
  const postmaster = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!Number.isInteger(postmaster) || postmaster <= 1) return [];
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster)
    .map(Number);
  return [postmaster, ...children];
}

function parentOf(pid: string): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
    return Number(fields?.[1]);
  } catch {
    return null;
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
