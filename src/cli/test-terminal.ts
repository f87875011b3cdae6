// A terminal that keeps what commands print, for tests: the real command line runs, without a
// process.

import { systemClock } from "../time/clock.ts";
import { runProgram } from "./program.ts";
import type { ExitCode } from "./terminal.ts";

export type Run = {
  readonly exitCode: ExitCode;
  /** What went to standard output. */
  readonly out: string;
  /** What went to standard error. */
  readonly err: string;
};

/** Runs one command line, words as a shell would give them. */
export async function run(
  words: readonly string[],
  options: { readonly isInteractive?: boolean } = {},
): Promise<Run> {
  let out = "";
  let err = "";
  const exitCode = await runProgram(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: options.isInteractive === true,
    env: {},
    clock: systemClock,
  });
  return { exitCode, out, err };
}

/** Control characters but the line end, and characters that turn the direction of text. */
export const STEERING_CHARACTER = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u;
