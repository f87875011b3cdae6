// `straitway bank read FILE…`: reads bank messages without storing anything, with every sum
// checked. Formats: docs/reference/mt-formats.md and docs/reference/iso20022.md; JSON:
// docs/reference/json.md.

import { statSync } from "node:fs";
import type { Command } from "commander";
import { validateXsd } from "../bank/iso20022/xsd.ts";
import { BANK_FILE_BYTES_MAX } from "../bank/limits.ts";
import type { BankEntry, BankMessage, BankMessageHeader, BankSink } from "../bank/message.ts";
import { streamBankFile } from "../bank/read-bank-file.ts";
import { type BankFormat, sniffBankFile } from "../bank/sniff.ts";
import type { Reason } from "../errors/refusal.ts";
import { sniffMarketplaceFile } from "../marketplace/sniff.ts";
import { peek } from "../runtime/read-file.ts";
import { type MessageJson, messageJson, refusedMessageJson } from "./bank-json.ts";
import { createBankPrinter, refusedBankFileText } from "./bank-text.ts";
import { counted } from "./file-text.ts";
import { FILE_EMPTY, readInput } from "./input-file.ts";
import { printJsonDocument } from "./json-document.ts";
import type { AddCommand } from "./program.ts";
import { withSchemaReasons } from "./schema-reasons.ts";
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

/** What is told of one file while it is read and at its end. */
type FilePresenter = {
  readonly sink: BankSink;
  readonly refuse: (format: BankFormat | null, reasons: readonly Reason[]) => void;
};

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
  const collector = options.json === true ? createCollector() : null;
  const tally = { messages: 0, quarantined: 0, refused: 0 };
  for (const path of paths) {
    const presenter = collector?.file(path) ?? createTextPresenter(path, out, options.all === true);
    const read = await readFileInto(path, presenter.sink, options.xsd, (bytes) =>
      progress.show(path, bytes),
    );
    progress.done();
    if (read.refusals.length > 0) {
      presenter.refuse(read.format, read.refusals);
      tally.refused += 1;
    } else {
      tally.messages += read.messageCount;
      tally.quarantined += read.quarantinedCount;
    }
  }
  if (collector !== null) collector.print(terminal);
  else {
    terminal.out(
      `${counted(tally.messages, "message")} in ${counted(paths.length, "file")}: ` +
        `${tally.messages - tally.quarantined} proven or read, ${tally.quarantined} quarantined; ` +
        `${counted(tally.refused, "file")} refused.\n`,
    );
  }
  return tally.quarantined + tally.refused === 0 ? 0 : 1;
}

type ReadFile = {
  readonly format: BankFormat | null;
  readonly refusals: readonly Reason[];
  readonly messageCount: number;
  readonly quarantinedCount: number;
};

async function readFileInto(
  path: string,
  sink: BankSink,
  xsdFolder: string | undefined,
  onProgress: (bytes: number) => void,
): Promise<ReadFile> {
  let format: BankFormat | null = null;
  let messageCount = 0;
  let quarantinedCount = 0;
  const counting: BankSink = {
    ...sink,
    messageEnd: (proof) => {
      messageCount += 1;
      if (proof.verdict === "quarantined") quarantinedCount += 1;
      sink.messageEnd(proof);
    },
  };
  const outcome = await readInput(path, async (source): Promise<readonly Reason[]> => {
    const { head, whole } = await peek(source);
    format = sniffMarketplaceFile(head) === null ? sniffBankFile(head) : null;
    if (format === null) return [notABankMessage(head)];
    const isValidated = xsdFolder !== undefined && format === "iso20022";
    const kept = isValidated ? await keptBytes(whole) : null;
    const reasons = kept === null ? [] : await validateXsd(kept, xsdFolder ?? "");
    const schema = withSchemaReasons(counting, reasons);
    const bytes = kept === null ? whole : slicesOf(kept);
    const reading = await streamBankFile(bytes, format, schema.sink, { onProgress });
    schema.end();
    return reading.refusals;
  });
  const refusals = outcome.ok ? outcome.value : [outcome.refusal];
  return { format, refusals, messageCount, quarantinedCount };
}

function notABankMessage(head: Uint8Array): Reason {
  if (head.length === 0) return FILE_EMPTY;
  const message =
    sniffMarketplaceFile(head) === null
      ? "This is no bank message that is read here. `straitway bank read --help` lists the formats."
      : "This is a file of the marketplace, no bank message. `straitway statement check` reads it.";
  return { code: "not-a-bank-message", line: null, message };
}

/**
 * The bytes for validation and reading both; it stops past the limit, where both refuse the file.
 */
async function keptBytes(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    byteCount += chunk.length;
    if (byteCount > BANK_FILE_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

const SLICE_BYTES = 1024 * 1024;

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    yield bytes.subarray(from, from + SLICE_BYTES);
  }
}

function createTextPresenter(
  path: string,
  out: (text: string) => void,
  showsAll: boolean,
): FilePresenter {
  let isPrinted = false;
  const print = (text: string): void => {
    isPrinted = true;
    out(text);
  };
  return {
    sink: createBankPrinter(path, print, showsAll),
    refuse: (format, reasons) => out(refusedBankFileText(path, format, reasons, isPrinted)),
  };
}

type CollectedFile = { readonly file: string; messages: BankMessage[]; refused: Refused | null };
type Refused = { readonly format: BankFormat | null; readonly reasons: readonly Reason[] };

/** Holds the messages of all files for one JSON document; a refused file's are let go. */
function createCollector(): {
  readonly file: (path: string) => FilePresenter;
  readonly print: (terminal: Terminal) => void;
} {
  const files: CollectedFile[] = [];
  return {
    file: (path) => {
      const file: CollectedFile = { file: path, messages: [], refused: null };
      files.push(file);
      const refuse: FilePresenter["refuse"] = (format, reasons) => {
        file.messages = [];
        file.refused = { format, reasons };
      };
      return { sink: collectingSink(file), refuse };
    },
    print: (terminal) => printJsonDocument(terminal, { messages: eachMessage(files) }),
  };
}

function* eachMessage(files: readonly CollectedFile[]): Generator<MessageJson> {
  for (const { file, messages, refused } of files) {
    for (const message of messages) yield messageJson(file, message);
    if (refused !== null) yield refusedMessageJson(file, refused.format, refused.reasons);
  }
}

function collectingSink(file: CollectedFile): BankSink {
  let open: { readonly header: BankMessageHeader; readonly entries: BankEntry[] } | null = null;
  return {
    message: (header) => {
      open = { header, entries: [] };
    },
    entry: (entry) => open?.entries.push(entry),
    messageEnd: (proof) => {
      if (open !== null) file.messages.push({ ...open.header, ...proof, entries: open.entries });
      open = null;
    },
  };
}
