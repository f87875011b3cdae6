// The one PostgreSQL of a test run, started when the first test asks for a database: the embedded one in the run's
// folder, or the server that STRAITWAY_TEST_DATABASE_URL names.

import { join } from "node:path";
import pg from "pg";
import { openDataFolder } from "../src/storage/data-folder.ts";
import { startEmbeddedPostgres } from "../src/storage/embedded-postgres.ts";
import { migrate } from "../src/storage/migrate.ts";
import { packageMigrationsDir } from "../src/storage/migration-file.ts";
import { connectPostgres } from "../src/storage/postgres-database.ts";
import { systemClock } from "../src/time/clock.ts";

export type TestServer = {
  /** Makes a database and gives its URL. */
  readonly create: (template: "migrated" | "empty") => Promise<string>;
  readonly drop: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A PostgreSQL on which databases can be made. */
type Server = {
  readonly adminUrl: string;
  /** URL with the user and password of the tests; the database's name is replaced. */
  readonly userUrl: string;
  readonly stop: () => Promise<void>;
};

const DATABASE_PREFIX = "straitway_test_";

function urlWith(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function startEmbedded(runFolder: string): Promise<Server> {
  const opened = await openDataFolder(join(runFolder, "server"));
  if (!opened.ok) throw new Error(opened.refusal.message);
  const postgres = await startEmbeddedPostgres({ dataDir: opened.value.path, durable: false });
  process.once("exit", postgres.signalStop);
  return { adminUrl: postgres.adminUrl, userUrl: postgres.url, stop: postgres.stop };
}

async function startServer(runFolder: string): Promise<Server> {
  const url = process.env["STRAITWAY_TEST_DATABASE_URL"];
  if (url === undefined || url === "") return startEmbedded(runFolder);
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

/** Runs works one after the other: a template that is being copied cannot be copied by another session. */
function queue(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** Starts the server; the template of the migrated databases is made when the first one is asked for. */
export async function startTestServer(runFolder: string): Promise<TestServer> {
  const server = await startServer(runFolder);
  const run = `${DATABASE_PREFIX}${process.pid}x${Date.now().toString(36)}`;
  const admin = new pg.Client({ connectionString: server.adminUrl, application_name: run });
  admin.on("error", () => undefined);
  await admin.connect();
  await dropLeftDatabases(admin);
  const owner = pg.escapeIdentifier(new URL(server.userUrl).username);
  const made = new Set<string>();
  let madeCount = 0;
  const inTurn = queue();
  const createFrom = async (template: string, name: string): Promise<string> => {
    await admin.query(`create database ${name} owner ${owner} template ${template}`);
    made.add(name);
    return urlWith(server.userUrl, name);
  };
  const drop = async (name: string): Promise<void> => {
    if (!made.delete(name)) throw new Error(`no database ${name} of this run`);
    await admin.query(`drop database if exists ${name} with (force)`);
  };
  const migratedTemplate = async (): Promise<string> => {
    const name = `${run}_template`;
    // Not noted before it is filled: a failed migration is shown to every test that asks, not only to the first.
    if (!made.has(name)) {
      await admin.query(`drop database if exists ${name}`);
      await admin.query(`create database ${name} owner ${owner} template template0`);
      await fillTemplate(urlWith(server.userUrl, name));
      made.add(name);
    }
    return name;
  };
  return {
    create: (kind) =>
      inTurn(async () => {
        const template = kind === "migrated" ? await migratedTemplate() : "template0";
        madeCount += 1;
        return createFrom(template, `${run}_${madeCount}`);
      }),
    drop: (name) => inTurn(() => drop(name)),
    stop: () =>
      inTurn(async () => {
        for (const name of made) await drop(name);
        await admin.query(`drop database if exists ${run}_template`);
        await admin.end();
        await server.stop();
      }),
  };
}
