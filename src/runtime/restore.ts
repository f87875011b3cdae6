// Brings a backup back into an empty place: the schema as it was, the raw objects, the rows, and then the schema brought
// up to date. Every hash of the manifest is checked on the way; the rows come in one transaction or not at all.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { InvariantBroken } from "../errors/invariant.ts";
import { accepted, type Outcome, type Refusal, refused } from "../errors/refusal.ts";
import type { Database, Tx } from "../storage/database.ts";
import { type DumpedTable, listTables, loadRows, writePlainly } from "../storage/dump-tables.ts";
import { migrate } from "../storage/migrate.ts";
import { packageMigrationsDir, readMigrations } from "../storage/migration-file.ts";
import { RawObjectDamaged } from "../storage/raw-object.ts";
import { PACKED_BYTES_MAX } from "../storage/raw-packs.ts";
import type { RawPlace } from "../storage/raw-place.ts";
import { peekRawStore, type RawStore } from "../storage/raw-store.ts";
import { type OpenedStore, openStore } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { instantOfMs } from "../time/instant.ts";
import { wholeOf } from "./backup.ts";
import { type BackupManifest, rawFolder, readManifest, tableFile } from "./backup-manifest.ts";

/** Any of these with a row in it, and the place is somebody's already. */
const TELLING_TABLES = ["raw_file", "seller", "ledger_transfer", "timeline_event"] as const;
/** Small raw objects that are written together. */
const RAW_BATCH = 200;

export type RestoreOptions = {
  /** Folder that is not there or empty; with `databaseUrl` only for raw files in a folder. */
  readonly dataDir: string;
  /** An empty database. */
  readonly databaseUrl?: string;
  readonly rawStore?: RawPlace;
  readonly clock: Clock;
  readonly onPart?: (part: string) => void;
  /** The package's own migrations unless told (tests). */
  readonly migrationsDir?: string;
};

export type Restored = { readonly manifest: BackupManifest; readonly store: OpenedStore };

/**
 * Restores the backup and gives the open store. Refused, with nothing brought back: `backup-missing`,
 * `backup-unreadable`, `backup-newer`, `migration-changed`, `backup-damaged`, `restore-target-not-empty`, and what
 * opening a store is refused with.
 */
export async function restoreBackup(
  folder: string,
  options: RestoreOptions,
): Promise<Outcome<Restored>> {
  const { dataDir, databaseUrl, rawStore, clock, onPart } = options;
  const migrationsDir = options.migrationsDir ?? packageMigrationsDir();
  const read = await readManifest(folder);
  if (!read.ok) return read;
  const manifest = read.value;
  const fits = await fitsProgram(manifest, migrationsDir);
  if (!fits.ok) return fits;
  const opened = await openStore({
    dataDir,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(rawStore === undefined ? {} : { rawStore }),
    clock,
    migrationsDir,
    migrateTo: manifest.migrations.length,
    tenantId: manifest.tenantId,
  });
  if (!opened.ok) return opened;
  const store = opened.value;
  const done = await fill(store, folder, manifest, onPart).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const migrated = done.ok ? await migrate(store.database, migrationsDir, clock) : done;
  if (migrated.ok) return accepted({ manifest, store });
  await store.close();
  return migrated;
}

/** A backup of a newer program, or of other migrations than ours, is not ours to read. */
async function fitsProgram(
  { migrations }: BackupManifest,
  migrationsDir: string,
): Promise<Outcome<null>> {
  const own = await readMigrations(migrationsDir);
  if (!own.ok) return own;
  if (migrations.length > own.value.length)
    return refused(
      "backup-newer",
      `The backup is at migration ${migrations.length} and this program knows ${own.value.length}: ` +
        "restore it with the program that took it, or a later one.",
    );
  const changed = migrations.find(({ checksum }, index) => own.value[index]?.checksum !== checksum);
  return changed === undefined
    ? accepted(null)
    : refused("migration-changed", `The backup was taken with another file ${changed.name}.`);
}

async function fill(
  store: OpenedStore,
  folder: string,
  manifest: BackupManifest,
  onPart?: (part: string) => void,
): Promise<Outcome<null>> {
  const used = await usedTable(store.database);
  if (used !== null)
    return refused(
      "restore-target-not-empty",
      `There is something in ${used} already: restore into a new folder or an empty database.`,
    );
  onPart?.("raw files");
  const raw = await restoreRaw(peekRawStore(rawFolder(folder)), store.rawStore, manifest);
  if (raw !== null) return { ok: false, refusal: raw };
  try {
    await store.database.transaction(async (tx) => {
      await writePlainly(tx);
      const standing = await listTables(tx);
      for (const table of manifest.tables) {
        onPart?.(table.name);
        requireSameColumns(table, standing);
        await restoreTable(tx, table, tableFile(folder, table.name));
      }
      await endLeases(tx);
    });
  } catch (error) {
    if (error instanceof Damaged) return { ok: false, refusal: error.refusal };
    throw error;
  }
  return accepted(null);
}

async function usedTable(database: Database): Promise<string | null> {
  for (const table of TELLING_TABLES) {
    const rows = await database.query(`SELECT 1 FROM ${table} LIMIT 1`);
    if (rows.length > 0) return table;
  }
  return null;
}

/** SQLSTATE classes 22 and 23: a value that is none of its type, a row that breaks a key or a check. */
const NOT_A_ROW = /^2[23]...$/;

/** Carries a refusal out of a transaction that must roll back. */
class Damaged extends Error {
  readonly refusal: Refusal;
  constructor(what: string) {
    super(what);
    this.refusal = {
      code: "backup-damaged",
      message: `The backup is damaged: ${what}. Its books were not restored; use another one, and another new place.`,
      line: null,
    };
  }
}

function requireSameColumns(table: DumpedTable, standing: readonly DumpedTable[]): void {
  const own = standing.find(({ name }) => name === table.name);
  const isSame =
    own?.columns.length === table.columns.length &&
    own.columns.every(({ name, type }, index) => {
      const column = table.columns[index];
      return column?.name === name && column.type === type;
    });
  if (!isSame) throw new Damaged(`${table.name} has other columns than its migrations make`);
}

async function restoreTable(
  tx: Tx,
  table: BackupManifest["tables"][number],
  path: string,
): Promise<void> {
  const hash = createHash("sha256");
  try {
    const rowCount = await loadRows(tx, table, linesOf(path, hash));
    if (rowCount === table.rowCount && hash.digest("hex") === table.sha256) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isOfFile =
      code === "ENOENT" ||
      code?.startsWith("Z_") === true ||
      NOT_A_ROW.test(code ?? "") ||
      error instanceof SyntaxError ||
      error instanceof InvariantBroken;
    if (!isOfFile) throw error;
  }
  throw new Damaged(`the rows of ${table.name} are not those that were written`);
}

async function* linesOf(path: string, hash: ReturnType<typeof createHash>): AsyncGenerator<string> {
  const file = createReadStream(path);
  const text = createGunzip();
  file.on("error", (error) => text.destroy(error));
  for await (const line of createInterface({ input: file.pipe(text), crlfDelay: Infinity })) {
    hash.update(`${line}\n`);
    yield line;
  }
}

/** Copies the objects; null when they are those of the manifest, else why not. */
async function restoreRaw(
  from: Pick<RawStore, "open" | "list">,
  to: RawStore,
  { raw }: BackupManifest,
): Promise<Refusal | null> {
  const hash = createHash("sha256");
  let count = 0;
  let batch: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    await to.putAll(batch);
    batch = [];
  };
  try {
    for await (const sha256 of from.list()) {
      hash.update(`${sha256}\n`);
      count += 1;
      const head = await smallOf(from.open(sha256));
      if (head === null) await to.put(from.open(sha256));
      else batch.push(head);
      if (batch.length >= RAW_BATCH) await flush();
    }
    await flush();
  } catch (error) {
    if (error instanceof RawObjectDamaged) return new Damaged(error.message).refusal;
    throw error;
  }
  const isWhole = count === raw.count && hash.digest("hex") === raw.sha256;
  return isWhole ? null : new Damaged("raw files are missing or too many").refusal;
}

/** A small object whole; null for one that is better streamed. */
async function smallOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  let byteCount = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    byteCount += chunk.byteLength;
    if (byteCount > PACKED_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return wholeOf(piecesOf(chunks));
}

async function* piecesOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Who held the ledger and the jobs when the backup was taken does not hold them here. */
async function endLeases(tx: Tx): Promise<void> {
  await tx.query("UPDATE ledger_partition SET lease_until = $1", [instantOfMs(0)]);
  await tx.query("UPDATE job SET lease_until = $1", [instantOfMs(0)]);
}
