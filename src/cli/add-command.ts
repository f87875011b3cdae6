// What every command's file gives: a function that adds the command to the program.

import type { Command } from "commander";
import type { ExitCode, Terminal } from "./terminal.ts";

/** Adds one command; its action prints to the terminal and tells `finish` the exit code. */
export type AddCommand = (
  program: Command,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
) => void;
