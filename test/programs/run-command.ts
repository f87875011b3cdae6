// The command line as a process of its own, for tests that stop and kill it: as src/main.ts, on the compiled sources.

import { runProgram } from "../../src/cli/program.ts";
import { systemClock } from "../../src/time/clock.ts";

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isInteractive: false,
  env: process.env,
  clock: systemClock,
});
