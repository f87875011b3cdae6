// Everything the program keeps: one PostgreSQL (its own or one by URL) brought to the program's schema, the raw store,
// and a data folder with its lock, unless all is in a database by URL. Opened first, closed last.

import { join, resolve } from "node:path";
import { Outage } from "../errors/outage.ts";
import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";
import type { Clock } from "../time/clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { openDataFolder } from "./data-folder.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./database-outage.ts";
import { checkDatabaseUrl, databaseUrlLabel } from "./database-url.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { migrate } from "./migrate.ts";
import { packageMigrationsDir } from "./migration-file.ts";
import { connectPostgres } from "./postgres-database.ts";
import { openDatabaseRawStore } from "./raw-database.ts";
import { type RawPlace, settleRawPlace } from "./raw-place.ts";
import type { RawStore } from "./raw-store.ts";
import { openRawStore } from "./raw-store.ts";
import { type RowSecurity, secureRows } from "./row-security.ts";

export type StoreOptions = {
  /** The folder named by --data; made when it is missing. */
  readonly dataDir: string;
  /** A PostgreSQL 15 or later to use instead of the program's own. */
  readonly databaseUrl?: string;
  readonly clock: Clock;
  /** Connections at most; the database's default unless told. */
  readonly poolMax?: number;
  /** The package's own migrations unless told (tests). */
  readonly migrationsDir?: string;
  /** Migrates no further than this version; to the program's own unless told. */
  readonly migrateTo?: number;
  /** Where raw files must be; a database that keeps them elsewhere is refused. */
  readonly rawStore?: RawPlace;
  /** Where raw files are kept when that is decided, at a database's first use; in the folder unless told. */
  readonly rawStoreAtFirst?: RawPlace;
  /** Whose raw objects, where they are in the database; "default" unless told. */
  readonly tenantId?: string;
};

/** The tenant of a store that names none. */
const TENANT_DEFAULT = "default";

export type Store = {
  readonly database: Database;
  readonly rawStore: RawStore;
  /** Absolute path of the data folder, links resolved; not made where everything is in the database. */
  readonly dataDir: string;
  /** Which database this is, for people; without a password. */
  readonly databaseLabel: string;
  /** One sentence a user should see at the start, or null: where the database is when not in the data folder. */
  readonly notice: string | null;
  /** Closes the connections, stops the embedded PostgreSQL, lets go of the folder. A second call does nothing. */
  readonly close: () => Promise<void>;
  /**
   * The last resort, for the process's "exit" event: tells the embedded PostgreSQL to stop and lets go of the
   * folder, without waiting. What runs on is waited for by the next start.
   */
  readonly killNow: () => void;
};

/** A store that this program opened itself, and may ask about its server. */
export type OpenedStore = Store & {
  /** Why the embedded PostgreSQL is down for good, or null: it is started again by itself when it was killed. */
  readonly failure: () => Outage | null;
  readonly rawPlace: RawPlace;
  /** Whether the database itself narrows a seller's reads (row-security.ts). */
  readonly rowSecurity: RowSecurity;
};

/** The oldest server, as server_version_num: 150000 is 15.0. */
const SERVER_VERSION_MIN = 150_000;

/** A database server that is there, and how to let go of it. */
type Server = {
  readonly url: string;
  readonly label: string;
  readonly notice: string | null;
  readonly failure: () => Outage | null;
  readonly stop: () => Promise<void>;
  readonly signalStop: () => void;
};

async function startOwn(dataDir: string): Promise<Server> {
  const own = await startEmbeddedPostgres({ dataDir });
  const label = `embedded PostgreSQL ${own.version} in ${own.clusterDir}`;
  const { url, notice, failure, stop, signalStop } = own;
  return { url, label, notice, failure, stop, signalStop };
}

function byUrl(url: string): Server {
  return {
    url,
    label: databaseUrlLabel(url),
    notice: null,
    failure: () => null,
    stop: async () => undefined,
    signalStop: () => undefined,
  };
}

/** Refuses a server that is too old. */
async function checkServer(database: Database): Promise<Outcome<null>> {
  const [row] = await database.query<{ version: number; name: string }>(
    `select current_setting('server_version_num')::int as version,
            current_setting('server_version') as name`,
  );
  return row!.version >= SERVER_VERSION_MIN
    ? accepted(null)
    : refused("database-too-old", `the database is PostgreSQL ${row!.name}: 15 or later is needed`);
}

/** SQLSTATE class 42501: the role may connect but not do what a start needs. */
const INSUFFICIENT_PRIVILEGE = "42501";

function refusalOfStart(error: unknown, label: string): Outcome<never> {
  const cause = error instanceof Outage ? error : null;
  if (cause === null && codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
  return refused("database-unavailable", `${label}: ${(error as Error).message}`);
}

/** Checks and migrates the server's database; what is not accepted is closed again. */
async function prepare(server: Server, options: StoreOptions): Promise<Outcome<Database>> {
  const { poolMax, clock } = options;
  const database = connectPostgres(server.url, poolMax === undefined ? {} : { poolMax });
  let ready = false;
  try {
    const checked = await checkServer(database);
    if (!checked.ok) return checked;
    const folder = options.migrationsDir ?? packageMigrationsDir();
    const migrated = await migrate(database, folder, clock, options.migrateTo);
    if (!migrated.ok) return migrated;
    ready = true;
    return accepted(database);
  } finally {
    if (!ready) await database.close();
  }
}

/** What is opened for a store besides its server. */
type Parts = {
  readonly server: Server;
  readonly database: Database;
  readonly dataDir: string;
  /** Null where everything is in the database. */
  readonly folder: DataFolder | null;
  readonly rawPlace: RawPlace;
  readonly rawStore: RawStore;
  readonly rowSecurity: RowSecurity;
};

function storeOf(parts: Parts): OpenedStore {
  const { server, database, dataDir, folder, rawPlace, rawStore, rowSecurity } = parts;
  let closing: Promise<void> | null = null;
  const closeAll = async (): Promise<void> => {
    try {
      await database.close();
    } finally {
      await server.stop();
      folder?.release();
    }
  };
  return {
    database,
    rawStore,
    rawPlace,
    dataDir,
    databaseLabel: server.label,
    notice: server.notice,
    failure: server.failure,
    rowSecurity,
    close: () => {
      closing ??= closeAll();
      return closing;
    },
    killNow: () => {
      server.signalStop();
      folder?.release();
    },
  };
}

/** Opens all but the server; what was opened is closed again when something is refused. */
async function openOn(
  server: Server,
  options: StoreOptions,
  taken: DataFolder | null,
): Promise<Outcome<OpenedStore>> {
  const prepared = await prepare(server, options);
  if (!prepared.ok) return prepared;
  const database = prepared.value;
  const { clock, tenantId = TENANT_DEFAULT } = options;
  let folder = taken;
  let ready = false;
  try {
    const wish = { wanted: options.rawStore, preferred: options.rawStoreAtFirst };
    const place = await settleRawPlace(database, tenantId, wish, clock);
    if (!place.ok) return place;
    const rawPlace = place.value;
    if (folder === null && rawPlace === "folder") {
      const opened = await openDataFolder(options.dataDir);
      if (!opened.ok) return opened;
      folder = opened.value;
    }
    const rawStore =
      rawPlace === "folder" && folder !== null
        ? openRawStore(join(folder.path, "raw"))
        : openDatabaseRawStore(database, { tenantId, clock });
    const rowSecurity = await secureRows(database);
    ready = true;
    const dataDir = folder?.path ?? resolve(options.dataDir);
    return accepted(
      storeOf({ server, database, dataDir, folder, rawPlace, rawStore, rowSecurity }),
    );
  } finally {
    if (!ready) {
      await database.close();
      if (taken === null) folder?.release();
    }
  }
}

/** Starts or names the server, and stops it again when the store cannot be opened on it. */
async function openWith(
  options: StoreOptions,
  folder: DataFolder | null,
): Promise<Outcome<OpenedStore>> {
  const { databaseUrl } = options;
  let server: Server | null = null;
  let opened: Outcome<OpenedStore>;
  try {
    server = databaseUrl === undefined ? await startOwn(folder!.path) : byUrl(databaseUrl);
    opened = await openOn(server, options, folder);
  } catch (error) {
    await server?.stop();
    return refusalOfStart(error, server?.label ?? "the embedded PostgreSQL");
  }
  if (!opened.ok) await server.stop();
  return opened;
}

/**
 * Opens the store, or says why not: the folder's refusals (`data-folder-in-use`, `data-folder-unusable`),
 * `database-url-malformed`, `database-unavailable` (not there, not startable, no right), `database-too-old`,
 * `raw-store-elsewhere`, or one of the migrations' (`database-newer`, `migration-changed`, …).
 */
export async function openStore(options: StoreOptions): Promise<Outcome<OpenedStore>> {
  if (options.databaseUrl !== undefined) {
    const checked = checkDatabaseUrl(options.databaseUrl);
    // Whether it needs a folder at all, the database says.
    return checked.ok ? openWith(options, null) : checked;
  }
  const folder = await openDataFolder(options.dataDir);
  if (!folder.ok) return folder;
  let opened = false;
  try {
    const outcome = await openWith(options, folder.value);
    opened = outcome.ok;
    return outcome;
  } finally {
    if (!opened) folder.value.release();
  }
}
