// `straitway bank read FILE…`: reads bank messages without storing anything, with every sum checked.
// Formats: docs/reference/bank-formats.md and docs/reference/mt-formats.md; JSON:
// docs/reference/json.md.

import { statSync } from "node:fs";
import type { Command } from "commander";
import type { AddCommand } from "./add-command.ts";
import { readBankInput } from "./bank-input.ts";
import { type BankTally, createJsonOutput, createTextOutput } from "./bank-output.ts";
import { type ExitCode, progressLine, type Terminal } from "./terminal.ts";

type ReadOptions = { readonly json?: boolean; readonly all?: boolean; readonly xsd?: string };

const HELP = `
Formats are recognised by content: ISO 20022 camt.052, camt.053, camt.054, pacs.008 and pacs.004
(any version), SWIFT MT940, MT942, MT910 and MT103. Of a statement, opening balance + booked entries
= closing balance is checked, of every batch its sum and count. A message is
  proven       every sum holds, from the opening to the closing balance
  read         every sum that it has holds; an advice has no balances
  quarantined  something is wrong; the reasons say what and where, and nothing of it would be used
A file that is cut off or hostile is refused as a whole.

Exit codes: 0 every message is proven or read, 1 one is quarantined or a file is refused,
2 wrong usage.

Examples:
  straitway bank read credit.xml
  straitway bank read --all statement.sta
  straitway bank read --xsd schemas/ credit.xml
  straitway bank read --json credit.xml | jq '.messages[].entries[] | {amount, currency}'`;

export const bankCommand: AddCommand = (program, terminal, finish) => {
  const read = program
    .command("bank")
    .description("messages of the bank")
    .command("read")
    .description(
      "read bank messages without storing them, every entry and transaction, with every sum checked",
    )
    .argument("<file...>", "bank files as received")
    .option(
      "--xsd <dir>",
      "also validate ISO 20022 messages against the schemas (.xsd) in this folder",
    )
    .option("--all", "print every entry, transaction and reason, however many there are")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP);
  read.action(async (paths: string[], options: ReadOptions) => {
    requireFolder(read, options.xsd);
    finish(await readBankFiles(paths, options, terminal));
  });
};

/**
 * A folder that is not there is wrong usage: else every message would be told to lack its schema.
 */
function requireFolder(command: Command, folder: string | undefined): void {
  if (folder === undefined || isFolder(folder)) return;
  command.error(`error: --xsd needs a folder that exists, and ${JSON.stringify(folder)} is none`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function readBankFiles(
  paths: readonly string[],
  options: ReadOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = progressLine(terminal);
  // A line of progress on the same terminal is taken away before the answer goes on.
  const out = (text: string): void => {
    progress.done();
    terminal.out(text);
  };
  const output =
    options.json === true ? createJsonOutput(out) : createTextOutput(out, options.all === true);
  let tally: BankTally = { files: 0, refusedFiles: 0, messages: 0, quarantined: 0 };
  for (const path of paths) {
    const file = output.file(path);
    const end = await readBankInput(path, file.sink, {
      xsdFolder: options.xsd ?? null,
      onProgress: (bytes) => progress.show(path, bytes),
    });
    progress.done();
    file.end(end);
    const isRefused = end.refusals.length > 0;
    tally = {
      files: tally.files + 1,
      refusedFiles: tally.refusedFiles + (isRefused ? 1 : 0),
      messages: tally.messages + (isRefused ? 0 : end.messageCount),
      quarantined: tally.quarantined + (isRefused ? 0 : end.quarantinedCount),
    };
  }
  output.end(tally);
  return tally.quarantined + tally.refusedFiles === 0 ? 0 : 1;
}
