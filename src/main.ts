// The program: one command line, run to its end.

import { runProgram } from "./cli/program.ts";
import { systemClock } from "./time/clock.ts";

// A reader that has seen enough (`straitway … | head`) closes the pipe: that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isInteractive: process.stderr.isTTY,
  env: process.env,
  clock: systemClock,
});
