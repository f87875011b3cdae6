// Takes a backup while the service runs: every table as of one moment, and every raw object that a row of that moment
// names. Raw objects are on disk before a row names them and are never changed, so they need no moment of their own.

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import { type DumpedTable, dumpRows, listTables, writePlainly } from "../storage/dump-tables.ts";
import { syncFile, syncFolder, writeFileWhole } from "../storage/durable-file.ts";
import type { Sha256 } from "../storage/raw-object.ts";
import { PACKED_BYTES_MAX } from "../storage/raw-packs.ts";
import { openRawStore, type RawStore } from "../storage/raw-store.ts";
import type { Clock } from "../time/clock.ts";
import {
  BACKUP_FORMAT,
  type BackupManifest,
  MANIFEST_FILE,
  rawFolder,
  tableFile,
} from "./backup-manifest.ts";
import type { BackupSource } from "./backup-source.ts";

/**
 * Tables that are not copied: the schema's own (the manifest names it), which policies stand (each database makes its
 * own) and the raw objects (they stand beside).
 */
export const TABLES_LEFT_OUT: ReadonlySet<string> = new Set([
  "schema_migration",
  "row_security",
  "raw_place",
  "raw_object",
  "raw_part",
]);

/** Small raw objects that are written together, and hashes of a page. */
const RAW_PAGE = 200;

export type BackupOptions = {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly program: string;
  /** Told before each part, for somebody who waits. */
  readonly onPart?: (part: string) => void;
};

/**
 * Writes the backup into a new or empty folder. Refused: `backup-folder-not-empty`. A raw object that is damaged stops
 * it (`RawObjectDamaged`): a backup that is not whole is none.
 */
export async function takeBackup(
  source: BackupSource,
  folder: string,
  options: BackupOptions,
): Promise<Outcome<BackupManifest>> {
  const { tenantId, clock, program, onPart } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    return refused("backup-folder-not-empty", `${folder} is not empty: name a new folder.`);
  await mkdir(join(folder, "tables"), { mode: 0o700 });
  const takenAt = clock.now();
  const manifest = await source.database.transaction(
    async (tx): Promise<BackupManifest> => {
      await writePlainly(tx);
      const tables = (await listTables(tx)).filter(({ name }) => !TABLES_LEFT_OUT.has(name));
      const dumped: BackupManifest["tables"] = [];
      for (const table of tables) {
        onPart?.(table.name);
        dumped.push(await dumpTable(tx, table, tableFile(folder, table.name)));
      }
      onPart?.("raw files");
      const raw = await copyRaw(tx, source.raw, rawFolder(folder), tenantId);
      return {
        format: BACKUP_FORMAT,
        takenAt,
        program,
        tenantId,
        migrations: await migrationsOf(tx),
        tables: dumped,
        raw,
        ledger: await headsOf(tx, tenantId),
      };
    },
    { isolation: "repeatable read" },
  );
  syncFolder(join(folder, "tables"));
  writeFileWhole(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
  return accepted(manifest);
}

async function dumpTable(
  tx: Tx,
  table: DumpedTable,
  path: string,
): Promise<BackupManifest["tables"][number]> {
  const hash = createHash("sha256");
  let rowCount = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for await (const page of dumpRows(tx, table)) {
      rowCount += page.length;
      const text = `${page.join("\n")}\n`;
      hash.update(text);
      yield text;
    }
  };
  // "w" and not "wx": a transaction that met a conflict is run again from its start.
  const file = createWriteStream(path, { flags: "w", mode: 0o600 });
  await pipeline(Readable.from(lines()), createGzip(), file);
  syncFile(path);
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  return { name: table.name, columns, rowCount, sha256: hash.digest("hex") };
}

/** Copies every object that a row names; each is proven as it is read. */
async function copyRaw(
  tx: Tx,
  from: Pick<RawStore, "open">,
  folder: string,
  tenantId: string,
): Promise<BackupManifest["raw"]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const to = openRawStore(folder);
  const hash = createHash("sha256");
  let count = 0;
  let byteCount = 0;
  for (let after = ""; ; ) {
    const rows = await tx.query<{ sha256: Sha256; byte_count: bigint }>(
      `SELECT sha256, byte_count FROM raw_file WHERE tenant_id = $1 AND sha256 > $2
        ORDER BY sha256 LIMIT ${RAW_PAGE}`,
      [tenantId, after],
    );
    const small: Uint8Array[] = [];
    for (const { sha256, byte_count } of rows) {
      if (byte_count > PACKED_BYTES_MAX) await to.put(from.open(sha256));
      else small.push(await wholeOf(from.open(sha256)));
      hash.update(`${sha256}\n`);
      count += 1;
      byteCount += Number(byte_count);
    }
    await to.putAll(small);
    const last = rows.at(-1);
    if (last === undefined || rows.length < RAW_PAGE) break;
    after = last.sha256;
  }
  return { count, byteCount, sha256: hash.digest("hex") };
}

export async function wholeOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function migrationsOf(tx: Tx): Promise<BackupManifest["migrations"]> {
  return tx.query<BackupManifest["migrations"][number]>(
    "SELECT version, name, checksum FROM schema_migration WHERE version > 0 ORDER BY version",
  );
}

async function headsOf(tx: Tx, tenantId: string): Promise<BackupManifest["ledger"]> {
  const rows = await tx.query<{ partition: number; next_seq: bigint; head_hash: string }>(
    `SELECT partition, next_seq, encode(head_hash, 'hex') AS head_hash FROM ledger_partition
      WHERE tenant_id = $1 ORDER BY partition`,
    [tenantId],
  );
  return rows.map(({ partition, next_seq, head_hash }) => ({
    partition,
    nextSeq: String(next_seq),
    headHash: head_hash,
  }));
}
