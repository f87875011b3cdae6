// One postmaster: started on a free port, watched until it is ready, stopped; and one that an earlier program,
// killed, left behind: found, stopped and waited for. Signals and the lock file's lines: PostgreSQL documentation,
// "Shutting Down the Server" (SIGINT fast, SIGQUIT immediate) and "postmaster.pid" (src/include/utils/pidfile.h).

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Outage } from "../errors/outage.ts";
import { showsLife } from "./live-socket.ts";
import { markOf, processesWorkingIn } from "./process-mark.ts";
import type { Account } from "./unprivileged-account.ts";

export type PostmasterOptions = {
  readonly postgres: string;
  /** Absolute path of the cluster. */
  readonly clusterDir: string;
  readonly logFile: string;
  readonly account: Account | null;
  /** Server settings, given on the command line so that the program's are the ones in force. */
  readonly settings: Readonly<Record<string, string>>;
};

export type Postmaster = {
  readonly pid: number;
  readonly port: number;
  /** False once the process has ended, for whatever reason. */
  readonly running: () => boolean;
  /** Calls back when the process ends. */
  readonly onEnd: (listener: () => void) => void;
  /** Stops it: fast, then immediate, then by force; done when it is gone. */
  readonly stop: () => Promise<void>;
  /** Only sends the signal to stop, for the last moment of the program. */
  readonly signalStop: () => void;
};

/** Below Linux's ephemeral ports (32768 up), so that no outgoing connection takes it meanwhile. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const PORT_ATTEMPT_COUNT_MAX = 20;
const POLL_MS = 5;
/** Recovery after a crash replays at most max_wal_size; minutes on a slow disk. */
const START_TIMEOUT_MS = 180_000;
/** A fast stop writes a checkpoint. */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 2_000;

/** Line numbers in postmaster.pid, from 0: LOCK_FILE_LINE_PID, _PORT and _PM_STATUS. */
const PID_LINE = 0;
const PORT_LINE = 3;
const STATUS_LINE = 7;

function broken(message: string, retryable: boolean, cause?: unknown): Outage {
  return new Outage("database", message, { retryable, cause });
}

/** The environment for PostgreSQL's programs: nothing of the caller's PGDATA, PGPORT or locale. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

export function accountOptions(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

function readLockFile(clusterDir: string): string[] | null {
  try {
    return readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return null;
  }
}

/** The port of the postmaster that runs on a cluster by its own word; null when none says so. */
export function runningPort(clusterDir: string): number | null {
  const lines = readLockFile(clusterDir);
  const isReady = lines?.[STATUS_LINE]?.trim() === "ready";
  const port = Number(lines?.[PORT_LINE]);
  return isReady && Number.isInteger(port) && port > 0 ? port : null;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < PORT_ATTEMPT_COUNT_MAX; attempt += 1) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) return port;
  }
  throw broken(`no free port found between ${PORT_MIN} and ${PORT_MAX}`, true);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended in this moment, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function becomesTrue(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** The processes of a cluster; where there is no /proc, the pid of its lock file if a process has it. */
function clusterProcesses(clusterDir: string): readonly number[] {
  const working = processesWorkingIn(clusterDir);
  if (working !== null) return working;
  const pid = Number(readLockFile(clusterDir)?.[PID_LINE]);
  return Number.isInteger(pid) && pid > 0 && markOf(pid) !== null ? [pid] : [];
}

/**
 * Stops what an earlier program left running on the cluster and waits until all of it is gone. The caller holds
 * the data folder's lock: whatever runs there belongs to no living program.
 */
export async function stopLeftBehind(clusterDir: string): Promise<void> {
  const gone = (): boolean => clusterProcesses(clusterDir).length === 0;
  if (!gone()) {
    const postmaster = Number(readLockFile(clusterDir)?.[PID_LINE]);
    if (clusterProcesses(clusterDir).includes(postmaster)) {
      signal(postmaster, "SIGINT");
      if (!(await becomesTrue(gone, FAST_STOP_MS))) signal(postmaster, "SIGQUIT");
    }
    // Without its postmaster a backend ends by itself within moments; one that does not is stuck.
    if (!(await becomesTrue(gone, IMMEDIATE_STOP_MS)))
      for (const pid of clusterProcesses(clusterDir)) signal(pid, "SIGKILL");
    if (!(await becomesTrue(gone, IMMEDIATE_STOP_MS)))
      throw broken(
        `processes left on ${clusterDir} do not end: ${clusterProcesses(clusterDir).join(", ")}`,
        true,
      );
  }
  // Only where /proc was asked is it known for sure that none of its processes is left.
  if (processesWorkingIn(clusterDir) !== null) await removeLockFile(clusterDir);
}

/**
 * Removes a lock file that means nothing any more: PostgreSQL would refuse to start when the pid in it was meanwhile
 * given to another process. A postmaster in another container has no pid here; it is known by its socket.
 */
async function removeLockFile(clusterDir: string): Promise<void> {
  const port = readLockFile(clusterDir)?.[PORT_LINE];
  if (port === undefined) return;
  const socket = join(clusterDir, `.s.PGSQL.${port}`);
  if (await showsLife(socket))
    throw broken(`a PostgreSQL in another container runs on ${clusterDir}: stop it first`, true);
  for (const path of [socket, `${socket}.lock`, join(clusterDir, "postmaster.pid")])
    rmSync(path, { force: true });
}

function openLog(logFile: string): { fd: number; start: number } {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`);
  const fd = openSync(logFile, "a", 0o600);
  return { fd, start: size > LOG_BYTES_MAX ? 0 : size };
}

function logSince(logFile: string, start: number): string {
  if (!existsSync(logFile)) return "";
  return readFileSync(logFile).subarray(start).toString("utf8").slice(-LOG_TAIL_BYTES).trim();
}

function spawnPostmaster(options: PostmasterOptions, port: number, logFd: number): ChildProcess {
  const settings = { ...options.settings, port: String(port), listen_addresses: "127.0.0.1" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return spawn(options.postgres, ["-D", options.clusterDir, ...flags], {
    ...accountOptions(options.account),
    cwd: options.clusterDir,
    env: postgresEnvironment(),
    stdio: ["ignore", logFd, logFd],
    // A session of its own: Ctrl-C in a terminal reaches the program first, which then stops the database.
    detached: true,
  });
}

type Ended = { readonly ended: () => boolean; readonly error: () => Error | null };

function watch(child: ChildProcess): Ended {
  let ended = false;
  let error: Error | null = null;
  child.once("exit", () => {
    ended = true;
  });
  child.once("error", (cause) => {
    ended = true;
    error = cause;
  });
  return { ended: () => ended, error: () => error };
}

function postmasterOf(child: ChildProcess, port: number, watched: Ended): Postmaster {
  const pid = child.pid!;
  const stop = async (): Promise<void> => {
    for (const [name, timeoutMs] of [
      ["SIGINT", FAST_STOP_MS],
      ["SIGQUIT", IMMEDIATE_STOP_MS],
      ["SIGKILL", IMMEDIATE_STOP_MS],
    ] as const) {
      if (watched.ended()) return;
      signal(pid, name);
      if (await becomesTrue(watched.ended, timeoutMs)) return;
    }
  };
  return {
    pid,
    port,
    running: () => !watched.ended(),
    onEnd: (listener) => {
      if (watched.ended()) listener();
      else child.once("exit", listener);
    },
    stop,
    signalStop: () => {
      if (!watched.ended()) signal(pid, "SIGINT");
    },
  };
}

function isReady(clusterDir: string, pid: number): boolean {
  const lines = readLockFile(clusterDir);
  return lines?.[PID_LINE] === String(pid) && lines[STATUS_LINE]?.trim() === "ready";
}

/** Starts on one port; null when another process took the port in between. */
async function startOn(port: number, options: PostmasterOptions): Promise<Postmaster | null> {
  const { fd, start } = openLog(options.logFile);
  const child = spawnPostmaster(options, port, fd);
  closeSync(fd);
  const watched = watch(child);
  const settled = (): boolean => watched.ended() || isReady(options.clusterDir, child.pid!);
  const inTime = await becomesTrue(settled, START_TIMEOUT_MS);
  const log = logSince(options.logFile, start);
  if (inTime && !watched.ended()) {
    child.unref();
    return postmasterOf(child, port, watched);
  }
  if (!watched.ended()) {
    await postmasterOf(child, port, watched).stop();
    throw broken(`PostgreSQL was not ready after ${START_TIMEOUT_MS} ms: ${log}`, true);
  }
  if (/could not bind|Address already in use/.test(log)) return null;
  const reason = watched.error()?.message ?? log;
  throw broken(
    `PostgreSQL did not start (log: ${options.logFile}): ${reason}`,
    false,
    watched.error(),
  );
}

/** Starts the cluster on a free port and waits until it takes connections. Nothing may be running on it. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 0; attempt < PORT_ATTEMPT_COUNT_MAX; attempt += 1) {
    const postmaster = await startOn(await freePort(), options);
    if (postmaster !== null) return postmaster;
  }
  throw broken("every port tried was taken by another program", true);
}

/** Starts it again on the port where its clients look for it. */
export async function restartPostmaster(
  options: PostmasterOptions,
  port: number,
): Promise<Postmaster> {
  await stopLeftBehind(options.clusterDir);
  const postmaster = await startOn(port, options);
  if (postmaster === null) throw broken(`port ${port} was taken by another program`, true);
  return postmaster;
}
