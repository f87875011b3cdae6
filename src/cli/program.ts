// The command line: one file a command, wired here by hand.

import { Command, CommanderError } from "commander";
import { InvariantBroken } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import { accountCommand } from "./account-command.ts";
import type { AddCommand } from "./add-command.ts";
import { backupCommand, restoreCommand } from "./backup-command.ts";
import { bankCommand } from "./bank-command.ts";
import { declarationCommand } from "./declaration-command.ts";
import { demoCommand } from "./demo-command.ts";
import { enterpriseCommand } from "./enterprise-command.ts";
import { exceptionCommand } from "./exception-command.ts";
import { exportCommand } from "./export-command.ts";
import { listenCommand } from "./listen-command.ts";
import { packageVersion } from "./package-version.ts";
import { payoutCommand } from "./payout-command.ts";
import { policyCommand } from "./policy-command.ts";
import { sandboxCommand } from "./sandbox-command.ts";
import { screeningCommand } from "./screening-command.ts";
import { serveCommand } from "./serve-command.ts";
import { settleCommand } from "./settle-command.ts";
import { statementCommand } from "./statement-command.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { triggerCommand } from "./trigger-command.ts";
import { keyCommand, userCommand } from "./user-command.ts";
import { verifyCommand } from "./verify-command.ts";

/** In the order in which help shows them: the main job, what came of it, the proofs, the files alone. */
const COMMANDS: readonly AddCommand[] = [
  serveCommand,
  sandboxCommand,
  triggerCommand,
  listenCommand,
  userCommand,
  keyCommand,
  settleCommand,
  payoutCommand,
  accountCommand,
  exceptionCommand,
  policyCommand,
  enterpriseCommand,
  screeningCommand,
  declarationCommand,
  verifyCommand,
  exportCommand,
  backupCommand,
  restoreCommand,
  statementCommand,
  bankCommand,
  demoCommand,
];

/** Runs one command line (without node and script); returns the exit code. */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const finish = (code: ExitCode) => {
    exitCode = code;
  };
  const program = new Command("straitway")
    .description(
      "Marketplace proceeds straight to the seller's own foreign-exchange account, proven to the cent.",
    )
    .version(packageVersion())
    .showHelpAfterError("(add --help for what this command takes)")
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 refused, held or different (the reasons are printed), 2 wrong usage." +
        "\nEvery command takes --json; amounts are exact decimal texts there.",
    );
  for (const add of COMMANDS) add(program, terminal, finish);
  try {
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    return failureOf(error, terminal);
  }
}

function failureOf(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Outage) {
    terminal.err(
      `straitway: ${error.message}${error.retryable ? " Try again; nothing is lost." : ""}\n`,
    );
    return 1;
  }
  if (error instanceof InvariantBroken) {
    terminal.err(
      `straitway: something that must always be true is not: ${error.message}. Nothing was changed by this step; please report it.\n`,
    );
    return 1;
  }
  terminal.err(
    `straitway: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
