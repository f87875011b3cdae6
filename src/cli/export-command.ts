// `straitway export journal`: all committed movements as a journal that accounting programs read.

import { open, rename, rm } from "node:fs/promises";
import { type Command, Option } from "commander";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { JournalFormat } from "../report/journal/journal-format.ts";
import { journalPieces } from "../report/journal/journal-format.ts";
import { CSV_FORMAT, jsonFormat } from "../report/journal/machine-forms.ts";
import { BEANCOUNT_FORMAT, HLEDGER_FORMAT, LEDGER_FORMAT } from "../report/journal/plain-text.ts";
import {
  isSeller,
  type JournalFilter,
  movedAccounts,
  readJournal,
} from "../report/journal/read-journal.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../runtime/channel.ts";
import type { Database } from "../storage/database.ts";
import { type CivilDate, parseCivilDate } from "../time/instant.ts";
import type { AddCommand } from "./add-command.ts";
import { openStoreFor } from "./channel-options.ts";
import { type ReadOptions, withReadOptions } from "./read-command.ts";
import { type ExitCode, JSON_VERSION, printRefusal, type Terminal } from "./terminal.ts";

const FORMATS: Readonly<Record<string, JournalFormat>> = {
  ledger: LEDGER_FORMAT,
  hledger: HLEDGER_FORMAT,
  beancount: BEANCOUNT_FORMAT,
  csv: CSV_FORMAT,
};

const SCOPE = { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION };

type ExportOptions = ReadOptions & {
  readonly format: string;
  readonly seller?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
};

const HELP = `
One entry a posting, in the order in which they were booked; dates are effective dates. Reserved money that is not
released yet is not in the journal. With --json: {"journal": […]}, whatever --format says.

Examples:
  straitway export journal --format ledger --out books.ledger && ledger -f books.ledger balance
  straitway export journal --format csv --seller example-trading --from 2026-10-01 --to 2026-10-31`;

export const exportCommand: AddCommand = (program, terminal, finish) => {
  const parent = program.command("export").description("take the books elsewhere");
  withExportOptions(withReadOptions(parent.command("journal")))
    .description(
      "all committed movements as a journal for ledger, hledger, beancount or a spreadsheet",
    )
    .addHelpText("after", HELP)
    .action(async (options: ExportOptions) => {
      const exported = await exportJournal(options, terminal);
      if (!exported.ok) printRefusal(terminal, exported.refusal, options.json === true);
      finish(exported.ok ? exported.value : 1);
    });
};

function withExportOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "which journal")
        .choices(Object.keys(FORMATS))
        .default("ledger"),
    )
    .option("--seller <id>", "only this seller's accounts")
    .option("--from <date>", "first effective date, YYYY-MM-DD")
    .option("--to <date>", "last effective date, YYYY-MM-DD")
    .option("--out <file>", "write to this file instead of standard output");
}

async function exportJournal(
  options: ExportOptions,
  terminal: Terminal,
): Promise<Outcome<ExitCode>> {
  const filter = filterOf(options);
  if (!filter.ok) return filter;
  const store = await openStoreFor(options, terminal);
  if (!store.ok) return store;
  try {
    const { database } = store.value;
    if (options.out === undefined) {
      return await writeJournal(database, options, filter.value, async (piece) =>
        terminal.out(piece),
      );
    }
    return await writeFileWhole(options.out, (write) =>
      writeJournal(database, options, filter.value, write),
    );
  } finally {
    await store.value.close();
  }
}

function filterOf(options: ExportOptions): Outcome<JournalFilter> {
  const dates: (CivilDate | null)[] = [];
  for (const [name, text] of [
    ["--from", options.from],
    ["--to", options.to],
  ] as const) {
    const date = text === undefined ? null : parseCivilDate(text);
    if (text !== undefined && date === null) {
      return refused("date-invalid", `${name}: "${text}" is not a date that exists (YYYY-MM-DD).`);
    }
    dates.push(date);
  }
  const [from = null, to = null] = dates;
  if (from !== null && to !== null && from > to) {
    return refused("date-invalid", `--from ${from} is after --to ${to}.`);
  }
  return accepted({ sellerId: options.seller ?? null, from, to });
}

type Write = (piece: string) => Promise<void>;

/** One moment of the database, piece by piece. */
function writeJournal(
  database: Database,
  options: ExportOptions,
  filter: JournalFilter,
  write: Write,
): Promise<Outcome<ExitCode>> {
  const format =
    options.json === true ? jsonFormat(JSON_VERSION) : (FORMATS[options.format] ?? LEDGER_FORMAT);
  return database.transaction(
    async (tx): Promise<Outcome<ExitCode>> => {
      if (filter.sellerId !== null && !(await isSeller(tx, SCOPE.tenantId, filter.sellerId))) {
        return refused("seller-unknown", `No seller "${filter.sellerId}" is on record.`);
      }
      const accounts = await movedAccounts(tx, SCOPE, filter);
      for await (const piece of journalPieces(format, accounts, readJournal(tx, SCOPE, filter))) {
        await write(piece);
      }
      return accepted(0);
    },
    { isolation: "repeatable read" },
  );
}

/** Writes beside the file and renames, so that nobody reads half a journal; a refusal leaves nothing behind. */
async function writeFileWhole(
  path: string,
  work: (write: Write) => Promise<Outcome<ExitCode>>,
): Promise<Outcome<ExitCode>> {
  const making = `${path}.${process.pid}.part`;
  let done = false;
  try {
    const file = await open(making, "w");
    try {
      const outcome = await work(async (piece) => void (await file.write(piece)));
      if (!outcome.ok) return outcome;
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(making, path);
    done = true;
    return accepted(0);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).syscall !== "string") throw error;
    return refused("file-unwritable", `${path} cannot be written: ${(error as Error).message}`);
  } finally {
    if (!done) await rm(making, { force: true });
  }
}
