// `straitway enterprise import FILE`: class, directory, quality list and tier of sellers, as bank and authority say them.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { refusalOf } from "../errors/refusal.ts";
import { readEnterprises } from "../identity/enterprises.ts";
import type { AddCommand } from "./add-command.ts";
import { type ChannelOptions, openChannelFor, withStoreOptions } from "./channel-options.ts";
import { printJsonDocument } from "./json-document.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

type ImportOptions = ChannelOptions & { readonly json?: boolean };

const HELP = `
The table is comma-separated, with the head line "seller,from,class,directory,quality,tier":

  seller,from,class,directory,quality,tier
  chongqing-example-trading,2026-01-01,A,listed,yes,I

Each line says what holds from a day on; what was said before stays on record for the days before. Payouts that wait are
decided anew at once. Bringing the same table again changes nothing.`;

/** Who did it, where no user is signed in: the person at the machine. */
const AT_THE_MACHINE = "at-the-machine";

export const enterpriseCommand: AddCommand = (program, terminal, finish) => {
  const enterprise = program
    .command("enterprise")
    .description("sellers as enterprises: class, directory, quality list, tier");
  withStoreOptions(enterprise.command("import"))
    .description("take a table of enterprises")
    .argument("<file>", "the table (CSV)")
    .option("--policy <file>", "settings of matching and release (JSON)")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (path: string, options: ImportOptions) => {
      finish(await importTable(path, options, terminal));
    });
};

async function importTable(
  path: string,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const json = options.json === true;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    printRefusal(terminal, refusalOf("file-unreadable", `${path} cannot be read.`), json);
    return 1;
  }
  const read = readEnterprises(text, basename(path));
  if (!read.ok) {
    printRefusal(terminal, read.refusal, json);
    return 1;
  }
  const opened = await openChannelFor(options, terminal);
  if (!opened.ok) {
    printRefusal(terminal, opened.refusal, json);
    return 1;
  }
  try {
    const taken = await opened.value.takeEnterprises(read.value, AT_THE_MACHINE);
    if (json) printJsonDocument(terminal, taken);
    else {
      terminal.out(
        `${taken.recorded} of ${read.value.length} lines were new; ${taken.decidedAgain} waiting payouts decided anew.\n`,
      );
    }
    return 0;
  } finally {
    await opened.value.close();
  }
}
