// What a backup says of itself: which tables and raw objects it holds, each with its hash, of which schema, and where
// the ledger stood. Written last, so that a folder without it is no backup.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";

export const MANIFEST_FILE = "manifest.json";
export const BACKUP_FORMAT = "straitway-backup-1";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Types and names stand in SQL when a backup is restored: the catalogue's own writing, and nothing else. */
const sqlType = z.string().regex(/^[a-z][a-z0-9 ]*(\(\d+(,\d+)?\))?(\[\])?$/);
const sqlName = z.string().regex(/^[a-z][a-z0-9_]*$/);

const manifest = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  /** When the copy was begun: everything that was committed by then is in it. */
  takenAt: z.string(),
  program: z.string(),
  tenantId: z.string(),
  /** The migrations that the database had. */
  migrations: z.array(z.strictObject({ version: z.int(), name: z.string(), checksum: z.string() })),
  tables: z.array(
    z.strictObject({
      name: sqlName,
      columns: z.array(z.strictObject({ name: sqlName, type: sqlType })),
      rowCount: z.int().min(0),
      /** Of the lines, not of the compressed file. */
      sha256,
    }),
  ),
  raw: z.strictObject({
    count: z.int().min(0),
    byteCount: z.int().min(0),
    /** Of the objects' hashes, one a line, in order. */
    sha256,
  }),
  /** The last transfer of each ledger partition: keep it elsewhere, it fixes everything before it. */
  ledger: z.array(
    z.strictObject({ partition: z.int(), nextSeq: z.string(), headHash: z.string() }),
  ),
});

export type BackupManifest = z.infer<typeof manifest>;

export function tableFile(folder: string, name: string): string {
  return join(folder, "tables", `${name}.jsonl.gz`);
}

export function rawFolder(folder: string): string {
  return join(folder, "raw");
}

/** Refused: `backup-missing`, `backup-unreadable`. */
export async function readManifest(folder: string): Promise<Outcome<BackupManifest>> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_FILE), "utf8");
  } catch {
    const message = `${folder} holds no whole backup: there is no ${MANIFEST_FILE} in it.`;
    return refused("backup-missing", message);
  }
  try {
    return accepted(manifest.parse(JSON.parse(text)));
  } catch {
    const message = `${join(folder, MANIFEST_FILE)} is not a manifest that this program can read.`;
    return refused("backup-unreadable", message);
  }
}
