// `straitway statement check FILE…`: reads settlement files without storing anything and says of
// every statement whether it is proven to the cent. Formats: docs/reference/statement-formats.md;
// JSON: docs/reference/json.md.

import { sniffBankFile } from "../bank/sniff.ts";
import type { Reason } from "../errors/refusal.ts";
import type { PayoutAnnouncement } from "../marketplace/payout.ts";
import { readMarketplaceFile } from "../marketplace/read-marketplace-file.ts";
import type { MarketplaceFormat, MarketplaceReading } from "../marketplace/reading.ts";
import { sniffMarketplaceFile } from "../marketplace/sniff.ts";
import { peek } from "../runtime/read-file.ts";
import type { AddCommand } from "./add-command.ts";
import { counted } from "./file-text.ts";
import { FILE_EMPTY, readInput } from "./input-file.ts";
import { printJsonDocument } from "./json-document.ts";
import { type Chain, type CheckedStatement, chainOf } from "./statement-chain.ts";
import { payoutJson, refusedStatementJson, statementJson } from "./statement-json.ts";
import {
  chainText,
  formatName,
  payoutsText,
  refusedFileText,
  statementText,
} from "./statement-text.ts";
import { type ExitCode, progressLine, type Terminal } from "./terminal.ts";

type CheckOptions = { readonly json?: boolean; readonly all?: boolean };

/** What one file on the command line turned out to be. */
type CheckedFile = {
  readonly file: string;
  readonly format: MarketplaceFormat | null;
  readonly charset: string | null;
  readonly statements: readonly CheckedStatement[];
  readonly payouts: readonly PayoutAnnouncement[];
  /** Why the file has no statement; empty when it has at least one. */
  readonly reasons: readonly Reason[];
};

const DESCRIPTION =
  "read settlement files without storing them, and prove every statement to the cent";

const HELP = `
A statement is proven when every line of it was read and the lines sum to the total that the
marketplace declares (in a date-range report: to a transfer in the same file). Otherwise it is
quarantined, with its reasons and lines.
Formats are recognised by content: Amazon settlement report V2 and V1 (flat file), date-range
report (CSV), Shopify Payments (JSON: payouts with their balance transactions).
Several files are also followed as a chain: does the next period begin where the last one ended, was
a negative total carried over, did a reserve come back? What does not fit is told and changes no
verdict.

Exit codes: 0 every statement is proven, 1 one is quarantined or a file is refused, 2 wrong usage.

Examples:
  straitway statement check settlement.txt
  straitway statement check 2026-*.txt
  straitway statement check --json *.txt | jq '.statements[] | {settlementId, verdict}'`;

export const statementCommand: AddCommand = (program, terminal, finish) => {
  program
    .command("statement")
    .description("settlement statements of a marketplace")
    .command("check")
    .description(DESCRIPTION)
    .argument("<file...>", "settlement files as received")
    .option("--all", "print every group, reason and payout, however many there are")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: CheckOptions) => {
      finish(await checkStatements(paths, options, terminal));
    });
};

async function checkStatements(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = progressLine(terminal);
  const files: CheckedFile[] = [];
  for (const path of paths) {
    const file = await checkFile(path, (bytes) => progress.show(path, bytes));
    progress.done();
    files.push(file);
    if (options.json !== true) terminal.out(fileText(file, options.all === true));
  }
  const chain = chainOf(files.flatMap((file) => file.statements));
  if (options.json === true) printJson(files, chain, terminal);
  else terminal.out(closingText(files, chain));
  return files.every((file) => isProven(file)) ? 0 : 1;
}

function isProven({ reasons, statements }: CheckedFile): boolean {
  return (
    reasons.length === 0 && statements.every(({ statement }) => statement.verdict === "proven")
  );
}

async function checkFile(path: string, onProgress: (bytes: number) => void): Promise<CheckedFile> {
  const outcome = await readInput(path, (source) => readStatements(path, source, onProgress));
  return outcome.ok ? outcome.value : refusedFile(path, null, [outcome.refusal]);
}

function refusedFile(
  file: string,
  format: MarketplaceFormat | null,
  reasons: readonly Reason[],
): CheckedFile {
  return { file, format, charset: null, statements: [], payouts: [], reasons };
}

async function readStatements(
  file: string,
  source: AsyncIterable<Uint8Array>,
  onProgress: (bytes: number) => void,
): Promise<CheckedFile> {
  const { head, whole } = await peek(source);
  const format = sniffMarketplaceFile(head);
  if (format === null) return refusedFile(file, null, [notAStatement(head)]);
  const reading = await readMarketplaceFile(whole, format, { onProgress });
  const { charset, payouts, refusals } = reading;
  const statements = reading.statements.map((statement) => ({ file, statement }));
  const reasons =
    refusals.length === 0 && statements.length === 0 ? [noStatement(reading)] : refusals;
  return { file, format, charset, statements, payouts, reasons };
}

function notAStatement(head: Uint8Array): Reason {
  if (head.length === 0) return FILE_EMPTY;
  const message =
    sniffBankFile(head) === null
      ? "This is no settlement file that is read here. `straitway statement check --help` lists them."
      : "This is a bank message, no settlement file. `straitway bank read` reads it.";
  return { code: "not-a-statement", line: null, message };
}

function noStatement({ format, payouts }: MarketplaceReading): Reason {
  const message =
    `This is an ${formatName(format)} with ${counted(payouts.length, "payout")} and no statement: ` +
    "there is nothing to prove. `straitway settle` takes it.";
  return { code: "no-statement", line: null, message };
}

function fileText(file: CheckedFile, showsAll: boolean): string {
  const blocks = file.statements.map(({ statement }) =>
    statementText(file.file, statement, showsAll),
  );
  if (file.reasons.length > 0) {
    const what = file.format === null ? null : formatName(file.format);
    blocks.push(refusedFileText(file.file, what, file.reasons));
  }
  const payouts = payoutsText(file.payouts, showsAll);
  if (payouts !== "") blocks.push(payouts);
  return `${blocks.join("\n")}\n`;
}

function closingText(files: readonly CheckedFile[], chain: Chain): string {
  const statements = files.flatMap((file) => file.statements);
  const currencies = new Map(
    statements.map(({ statement }) => [statement.settlementId, statement.currency]),
  );
  const chained = chainText(chain, (settlementId) => currencies.get(settlementId) ?? null);
  const proven = statements.filter(({ statement }) => statement.verdict === "proven").length;
  const refused = files.filter((file) => file.reasons.length > 0).length;
  const summary =
    `${counted(statements.length, "statement")} in ${counted(files.length, "file")}: ` +
    `${proven} proven, ${statements.length - proven} quarantined; ${counted(refused, "file")} refused.\n`;
  return chained === "" ? summary : `${chained}\n${summary}`;
}

function printJson(files: readonly CheckedFile[], chain: Chain, terminal: Terminal): void {
  const entries = function* () {
    for (const { file, format, charset, statements, reasons } of files) {
      for (const checked of statements) yield statementJson(checked, charset ?? "", chain);
      if (reasons.length > 0) yield refusedStatementJson(file, format, charset, reasons);
    }
  };
  const payouts = function* () {
    for (const { file, payouts } of files) {
      for (const payout of payouts) yield payoutJson(file, payout);
    }
  };
  printJsonDocument(terminal, { statements: entries(), payouts: payouts() });
}
