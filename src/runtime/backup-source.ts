// What a backup is taken from: a database by URL, the embedded one of a service that runs, or of a folder that nobody
// has open. Nothing is changed in it, and nothing is migrated: a backup is taken before an upgrade.

import { join } from "node:path";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import type { Database } from "../storage/database.ts";
import { checkDatabaseUrl, databaseUrlLabel } from "../storage/database-url.ts";
import { runningDatabaseUrl, startEmbeddedPostgres } from "../storage/embedded-postgres.ts";
import { connectPostgres } from "../storage/postgres-database.ts";
import { openDatabaseRawStore } from "../storage/raw-database.ts";
import { peekRawStore, type RawStore } from "../storage/raw-store.ts";
import type { Clock } from "../time/clock.ts";

export type BackupSource = {
  readonly database: Database;
  readonly raw: Pick<RawStore, "open">;
  /** For people. */
  readonly label: string;
  readonly close: () => Promise<void>;
};

export type BackupSourceOptions = {
  readonly dataDir: string;
  readonly databaseUrl?: string;
  readonly tenantId: string;
  readonly clock: Clock;
};

/** Connections of a backup: one copies the rows, one reads raw objects. */
const POOL_MAX = 3;

export async function openBackupSource(
  options: BackupSourceOptions,
): Promise<Outcome<BackupSource>> {
  const { databaseUrl, dataDir } = options;
  if (databaseUrl !== undefined) {
    const checked = checkDatabaseUrl(databaseUrl);
    if (!checked.ok) return checked;
    return sourceOn(options, databaseUrl, databaseUrlLabel(databaseUrl), async () => undefined);
  }
  const folder = await openDataFolder(dataDir);
  if (!folder.ok) {
    if (folder.refusal.code !== "data-folder-in-use") return folder;
    const url = runningDatabaseUrl(dataDir);
    const label = `the running service on ${dataDir}`;
    return url === null ? folder : sourceOn(options, url, label, async () => undefined);
  }
  const { path, release } = folder.value;
  try {
    const own = await startEmbeddedPostgres({ dataDir: path });
    const label = `embedded PostgreSQL ${own.version} in ${own.clusterDir}`;
    return await sourceOn(options, own.url, label, async () => {
      await own.stop();
      release();
    });
  } catch (error) {
    release();
    throw error;
  }
}

async function sourceOn(
  { dataDir, tenantId, clock }: BackupSourceOptions,
  url: string,
  label: string,
  stop: () => Promise<void>,
): Promise<Outcome<BackupSource>> {
  const database = connectPostgres(url, { poolMax: POOL_MAX, applicationName: "straitway-backup" });
  const close = async (): Promise<void> => {
    await database.close();
    await stop();
  };
  try {
    const place = await rawPlaceOf(database, tenantId);
    if (place === null) {
      await close();
      return refused("database-empty", `${label} is not a database of Straitway's.`);
    }
    const raw =
      place === "database"
        ? openDatabaseRawStore(database, { tenantId, clock })
        : peekRawStore(join(dataDir, "raw"));
    return accepted({ database, raw, label, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the raw objects are; null: there is no schema of ours. */
async function rawPlaceOf(
  database: Database,
  tenantId: string,
): Promise<"folder" | "database" | null> {
  const [tables] = await database.query<{ schema: boolean; place: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS schema,
            to_regclass('raw_place') IS NOT NULL AS place`,
  );
  if (tables?.schema !== true) return null;
  if (!tables.place) return "folder";
  const [row] = await database.query<{ place: "folder" | "database" }>(
    "SELECT place FROM raw_place WHERE tenant_id = $1",
    [tenantId],
  );
  return row?.place ?? "folder";
}
