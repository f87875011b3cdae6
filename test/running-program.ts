// A test program as a child process: words in, JSON lines out, waited for and killed by tests.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type RunningProgram<Answer> = {
  readonly pid: number;
  readonly tell: (word: string) => void;
  /** The next answer; null when the program has ended. */
  readonly answer: () => Promise<Answer | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly endInput: () => void;
  /** Waits for its end: exit code, or null when a signal ended it; and what it wrote to stderr. */
  readonly ended: () => Promise<{ readonly code: number | null; readonly stderr: string }>;
};

export type ProgramUser = { readonly uid: number; readonly gid: number };

export type ProgramOptions = {
  /** A command to run Node with, such as `unshare` and its options. */
  readonly under?: readonly string[];
  readonly user?: ProgramUser;
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
};

function startProcess(
  path: string,
  args: readonly string[],
  options: ProgramOptions,
): ChildProcess {
  const [command, ...words] = [...(options.under ?? []), process.execPath, path, ...args];
  return spawn(command!, words, {
    ...options.user,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Starts a compiled program with Node. */
export function runProgram<Answer>(
  path: string,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram<Answer> {
  const child = startProcess(path, args, options);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  let stderr = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  // A killed program's input breaks; that is what the test wants.
  child.stdin!.on("error", () => undefined);
  return {
    pid: child.pid!,
    tell: (word) => child.stdin!.write(`${word}\n`),
    answer: async () => {
      const line = await lines.next();
      return line.done === true ? null : (JSON.parse(line.value) as Answer);
    },
    kill: (signal) => child.kill(signal),
    endInput: () => child.stdin!.end(),
    ended: async () => ({ code: await closed, stderr }),
  };
}
