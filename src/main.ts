// The program: one command line, run to its end.

import { runProgram } from "./cli/program.ts";
import { systemClock } from "./time/clock.ts";

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isInteractive: process.stderr.isTTY,
  env: process.env,
  clock: systemClock,
});
