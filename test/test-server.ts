// The one PostgreSQL of a test run, started when the first test asks for a database: the embedded one in a folder of
// its own, or the server that STRAITWAY_TEST_DATABASE_URL names. What a killed run left is removed by the next.

import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import pg from "pg";
import { claimCluster, clusterDirOf } from "../src/storage/cluster-place.ts";
import { openDataFolder } from "../src/storage/data-folder.ts";
import { holderOf } from "../src/storage/data-folder-lock.ts";
import { startEmbeddedPostgres } from "../src/storage/embedded-postgres.ts";
import { migrate } from "../src/storage/migrate.ts";
import { packageMigrationsDir } from "../src/storage/migration-file.ts";
import { connectPostgres } from "../src/storage/postgres-database.ts";
import { stopLeftBehind } from "../src/storage/postgres-process.ts";
import { accountForPostgres } from "../src/storage/unprivileged-account.ts";
import { systemClock } from "../src/time/clock.ts";

export type TestServer = {
  /** Makes a database and gives its URL. */
  readonly create: (template: "migrated" | "empty") => Promise<string>;
  readonly drop: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A PostgreSQL on which databases can be made, and who owns them. */
type Server = {
  readonly adminUrl: string;
  /** URL with the user and password of the tests; the database's name is replaced. */
  readonly userUrl: string;
  readonly stop: () => Promise<void>;
};

const FOLDER_PREFIX = "straitway-test-";
const DATABASE_PREFIX = "straitway_test_";

function urlWith(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Stops and removes the cluster of a folder whose run is over. The caller has made sure that it is. */
async function removeCluster(folder: string): Promise<void> {
  const account = accountForPostgres();
  const note = claimCluster(folder, account === "none-found" ? null : account);
  const clusterDir = clusterDirOf(folder, note);
  await stopLeftBehind(clusterDir);
  if (note.outside !== null) rmSync(dirname(clusterDir), { recursive: true, force: true });
}

/** Removes what killed runs left: only folders of this user whose program is gone. */
async function removeLeftFolders(): Promise<void> {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    try {
      // A folder without a lock file may be one that another run makes in this moment: younger ones are left.
      if (holderOf(folder) !== null || !readdirSync(folder).some((name) => name === "lock.1"))
        continue;
      await removeCluster(folder).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's folder, or one that another run removes at the same time.
    }
  }
}

async function startEmbedded(): Promise<Server> {
  await removeLeftFolders();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  chmodSync(folder, 0o711);
  const opened = openDataFolder(folder);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const postgres = await startEmbeddedPostgres({ dataDir: opened.value.path, durable: false });
  process.once("exit", postgres.signalStop);
  const stop = async (): Promise<void> => {
    process.off("exit", postgres.signalStop);
    await postgres.stop();
    await removeCluster(opened.value.path);
    rmSync(folder, { recursive: true, force: true });
  };
  return { adminUrl: postgres.adminUrl, userUrl: postgres.url, stop };
}

async function startServer(): Promise<Server> {
  const url = process.env["STRAITWAY_TEST_DATABASE_URL"];
  if (url === undefined || url === "") return startEmbedded();
  return { adminUrl: url, userUrl: url, stop: async () => undefined };
}

/** Drops the databases of runs whose own connection, which bears the run's name, is gone. */
async function dropLeftDatabases(admin: pg.Client): Promise<void> {
  const left = await admin.query<{ datname: string }>(
    `select datname from pg_database
      where datname like $1 || '%'
        and substring(datname from '^straitway_test_[0-9a-z]+') not in
            (select application_name from pg_stat_activity where application_name like $1 || '%')`,
    [DATABASE_PREFIX],
  );
  for (const { datname } of left.rows)
    await admin.query(`drop database if exists ${datname} with (force)`);
}

async function fillTemplate(url: string): Promise<void> {
  const database = connectPostgres(url, { poolMax: 1, applicationName: "straitway-test" });
  try {
    const migrated = await migrate(database, packageMigrationsDir(), systemClock);
    if (!migrated.ok) throw new Error(migrated.refusal.message);
  } finally {
    await database.close();
  }
}

/** Starts the server and its two templates. */
export async function startTestServer(): Promise<TestServer> {
  const server = await startServer();
  const run = `${DATABASE_PREFIX}${process.pid}x${Date.now().toString(36)}`;
  const admin = new pg.Client({ connectionString: server.adminUrl, application_name: run });
  admin.on("error", () => undefined);
  await admin.connect();
  await dropLeftDatabases(admin);
  const owner = new URL(server.userUrl).username;
  const made = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: PostgreSQL refuses to copy a template that is being copied into by another session.
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const createFrom = async (template: string, name: string): Promise<string> => {
    await admin.query(
      `create database ${name} owner ${pg.escapeIdentifier(owner)} template ${template}`,
    );
    made.add(name);
    return urlWith(server.userUrl, name);
  };
  const drop = async (name: string): Promise<void> => {
    if (!made.delete(name)) throw new Error(`no database ${basename(name)} of this run`);
    await admin.query(`drop database if exists ${name} with (force)`);
  };
  const template = `${run}_template`;
  await fillTemplate(await createFrom("template0", template));
  return {
    create: (kind) =>
      inTurn(() =>
        createFrom(
          kind === "migrated" ? template : "template0",
          `${run}_${made.size}_${Date.now()}`,
        ),
      ),
    drop: (name) => inTurn(() => drop(name)),
    stop: async () => {
      await last;
      for (const name of made) await drop(name);
      await admin.end();
      await server.stop();
    },
  };
}
