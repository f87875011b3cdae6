// `straitway backup` and `straitway restore`: a copy of everything that the channel keeps, taken while it runs, and the
// way back into an empty place.

import { Option } from "commander";
import { accepted, type Refusal } from "../errors/refusal.ts";
import { DEFAULT_POLICY, readPolicy } from "../policy/policy.ts";
import type { Verification } from "../report/verify/verification.ts";
import { verifyChannel } from "../report/verify/verify-channel.ts";
import { takeBackup } from "../runtime/backup.ts";
import type { BackupManifest } from "../runtime/backup-manifest.ts";
import { openBackupSource } from "../runtime/backup-source.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../runtime/channel.ts";
import { readFileContent } from "../runtime/read-file.ts";
import { restoreBackup } from "../runtime/restore.ts";
import { RawObjectDamaged } from "../storage/raw-object.ts";
import type { RawPlace } from "../storage/raw-place.ts";
import type { AddCommand } from "./add-command.ts";
import { type ChannelOptions, withStoreOptions } from "./channel-options.ts";
import { printJsonDocument } from "./json-document.ts";
import { packageVersion } from "./package-version.ts";
import { type ExitCode, printRefusal, safeText, type Terminal } from "./terminal.ts";

type BackupCommandOptions = ChannelOptions & { readonly to: string; readonly json?: boolean };
type RestoreCommandOptions = ChannelOptions & {
  readonly from: string;
  readonly rawStore?: RawPlace;
  readonly json?: boolean;
};

const BACKUP_HELP = `
Everything as of one moment, while the service runs: each table, each raw file that it names, and a manifest with the hash
of each and the head of the ledger's chain. Secrets stay sealed: the key that seals them (STRAITWAY_SECRET_KEY, or
secret.key in the data folder) is not in the backup and must be kept apart from it.

Examples:
  straitway backup --to /backup/2026-11-23
  DATABASE_URL=postgres://… straitway backup --to /backup/2026-11-23`;

const RESTORE_HELP = `
The place must be empty: a data folder that is not there, or a database without tables. The schema is brought up to this
program's; a backup of a newer program is refused. At the end everything is verified, as \`straitway verify\` does.

Examples:
  straitway restore --from /backup/2026-11-23 --data straitway-data
  DATABASE_URL=postgres://… straitway restore --from /backup/2026-11-23 --raw-store database`;

export const backupCommand: AddCommand = (program, terminal, finish) => {
  withStoreOptions(program.command("backup"))
    .description("copy everything that the channel keeps, while it runs")
    .requiredOption("--to <folder>", "a new or empty folder")
    .option("--json", "print one JSON document")
    .addHelpText("after", BACKUP_HELP)
    .action(async (options: BackupCommandOptions) => finish(await backup(options, terminal)));
};

export const restoreCommand: AddCommand = (program, terminal, finish) => {
  withStoreOptions(program.command("restore"))
    .description("bring a backup back into an empty place, and verify it")
    .requiredOption("--from <folder>", "the folder of the backup")
    .addOption(
      new Option("--raw-store <place>", "where raw files shall be kept").choices([
        "folder",
        "database",
      ]),
    )
    .option(
      "--policy <file>",
      "settings of matching and release that the channel settles with (JSON)",
    )
    .option("--json", "print one JSON document")
    .addHelpText("after", RESTORE_HELP)
    .action(async (options: RestoreCommandOptions) => finish(await restore(options, terminal)));
};

async function backup(options: BackupCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const json = options.json === true;
  const source = await openBackupSource({
    dataDir: options.data,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    tenantId: DEFAULT_TENANT,
    clock: terminal.clock,
  });
  if (!source.ok) return refuse(terminal, source.refusal, json);
  try {
    const taken = await takeBackup(source.value, options.to, {
      tenantId: DEFAULT_TENANT,
      clock: terminal.clock,
      program: packageVersion(),
      onPart: progressOf(terminal, "backing up"),
    });
    endProgress(terminal);
    if (!taken.ok) return refuse(terminal, taken.refusal, json);
    if (json) printJsonDocument(terminal, { backup: summaryOf(taken.value, options.to) });
    else terminal.out(`${textOf(taken.value, options.to, source.value.label)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RawObjectDamaged)) throw error;
    endProgress(terminal);
    const message = `${error.message}. There is no backup; run \`straitway verify\` and bring the file back first.`;
    return refuse(terminal, { code: "raw-object-damaged", message, line: null }, json);
  } finally {
    await source.value.close();
  }
}

async function restore(options: RestoreCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const json = options.json === true;
  const policy =
    options.policy === undefined ? accepted(DEFAULT_POLICY) : await readPolicy(options.policy);
  if (!policy.ok) return refuse(terminal, policy.refusal, json);
  const restored = await restoreBackup(options.from, {
    dataDir: options.data,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    ...(options.rawStore === undefined ? {} : { rawStore: options.rawStore }),
    clock: terminal.clock,
    onPart: progressOf(terminal, "restoring"),
  });
  endProgress(terminal);
  if (!restored.ok) return refuse(terminal, restored.refusal, json);
  const { manifest, store } = restored.value;
  try {
    const verification = await verifyChannel({
      database: store.database,
      rawStore: store.rawStore,
      readFacts: readFileContent,
      policy: policy.value,
      scope: { tenantId: manifest.tenantId, partition: DEFAULT_PARTITION },
      now: terminal.clock.now(),
      onPart: progressOf(terminal, "verifying"),
    });
    endProgress(terminal);
    if (json) {
      const summary = summaryOf(manifest, options.from);
      printJsonDocument(terminal, { restored: summary, verification });
    } else terminal.out(`${restoredText(manifest, store.databaseLabel, verification)}\n`);
    return verification.ok ? 0 : 1;
  } finally {
    await store.close();
  }
}

function refuse(terminal: Terminal, refusal: Refusal, json: boolean): ExitCode {
  printRefusal(terminal, refusal, json);
  return 1;
}

function progressOf(terminal: Terminal, doing: string): (part: string) => void {
  return (part) => {
    if (terminal.isInteractive) terminal.err(`\r\u001b[K${doing}: ${part}`);
  };
}

function endProgress(terminal: Terminal): void {
  if (terminal.isInteractive) terminal.err("\r\u001b[K");
}

function summaryOf(manifest: BackupManifest, folder: string) {
  return {
    folder,
    takenAt: manifest.takenAt,
    program: manifest.program,
    rowCount: rowsOf(manifest),
    rawFileCount: manifest.raw.count,
    rawByteCount: manifest.raw.byteCount,
    ledger: manifest.ledger,
  };
}

function rowsOf(manifest: BackupManifest): number {
  return manifest.tables.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

function textOf(manifest: BackupManifest, folder: string, label: string): string {
  return [
    `Backed up ${safeText(label)}`,
    `  to     ${safeText(folder)}`,
    `  as of  ${manifest.takenAt}`,
    `  rows   ${rowsOf(manifest)} in ${manifest.tables.length} tables`,
    `  files  ${manifest.raw.count} raw files, ${manifest.raw.byteCount} bytes`,
    ...headLines(manifest),
    "Keep the ledger's head elsewhere, and the key that seals secrets apart from the backup.",
  ].join("\n");
}

function headLines({ ledger }: BackupManifest): readonly string[] {
  return ledger.map(
    ({ partition, nextSeq, headHash }) =>
      `  ledger partition ${partition}: ${BigInt(nextSeq) - 1n} transfers, head ${headHash}`,
  );
}

function restoredText(manifest: BackupManifest, label: string, verification: Verification): string {
  const verdict = verification.ok
    ? "Everything on record agrees with the files and with the ledger."
    : `${verification.findingCount} differences: \`straitway verify\` names them.`;
  return [
    `Restored the backup of ${manifest.takenAt} into ${safeText(label)}`,
    `  rows   ${rowsOf(manifest)} in ${manifest.tables.length} tables`,
    `  files  ${manifest.raw.count} raw files, ${manifest.raw.byteCount} bytes`,
    ...headLines(manifest),
    verdict,
  ].join("\n");
}
