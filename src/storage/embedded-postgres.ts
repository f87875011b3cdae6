// The database that comes with the program: a real PostgreSQL 18, started and stopped by it, durable (fsync on),
// reachable only from this machine with a random password. Made on first use, found again afterwards.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { Outage } from "../errors/outage.ts";
import type { ClusterNote } from "./cluster-place.ts";
import { claimCluster, clusterDirOf, ownerAccount, readNote, writeNote } from "./cluster-place.ts";
import { CLUSTER_ADMIN, makeCluster } from "./make-cluster.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { runningPort, stopLeftBehind } from "./postgres-process.ts";
import type { WatchedPostmaster } from "./postgres-watch.ts";
import { watchPostmaster } from "./postgres-watch.ts";
import { SELLER_ROLE } from "./row-security.ts";
import type { Account } from "./unprivileged-account.ts";
import { accountForPostgres } from "./unprivileged-account.ts";

export type EmbeddedPostgresOptions = {
  /** Real path of the data folder; its lock is held by this program. */
  readonly dataDir: string;
  /** False only for tests: nothing is synced to disk, and a power cut would lose the cluster. */
  readonly durable?: boolean;
};

export type EmbeddedPostgres = WatchedPostmaster & {
  /** URL of the program's own database, with its password: for `connectPostgres`, never to be shown. */
  readonly url: string;
  /** URL of the cluster's superuser, for tests and for the operator's own tools. */
  readonly adminUrl: string;
  /** Version of PostgreSQL: "18.4". */
  readonly version: string;
  readonly clusterDir: string;
  /** One plain sentence when the cluster had to be put outside of the data folder; null when it is inside. */
  readonly notice: string | null;
};

const ROLE = "straitway";
const DATABASE = "straitway";
const HOST = "127.0.0.1";

const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // In the cluster itself, where only its owner may go: the program connects by TCP, and this socket is how a
  // postmaster in another container is seen to be living. Relative, since a socket's path may not be long.
  unix_socket_directories: ".",
  max_connections: "60",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
} as const;

/** For the shared cluster of a test run, which is thrown away afterwards. */
const TEST_SETTINGS = {
  ...SETTINGS,
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_buffers: "64MB",
} as const;

function broken(message: string, cause?: unknown): Outage {
  return new Outage("database", message, { retryable: false, cause });
}

function requireAccount(): Account | null {
  const account = accountForPostgres();
  if (account !== "none-found") return account;
  throw broken(
    'PostgreSQL does not run as root and there is no account "postgres" or "nobody" to run it as: ' +
      "start the program as an ordinary user, or give a database URL",
  );
}

function requireSameVersion(clusterDir: string, binaries: PostgresBinaries): void {
  const made = readFileSync(join(clusterDir, "PG_VERSION"), "utf8").trim();
  const major = binaries.version.split(".")[0];
  if (made !== major)
    throw broken(
      `the database at ${clusterDir} was made by PostgreSQL ${made} and this program brings ${major}: ` +
        "it must be moved with pg_upgrade or pg_dump",
    );
}

function urlOf(port: number, user: string, password: string, database: string): string {
  return `postgres://${user}:${password}@${HOST}:${port}/${database}`;
}

/**
 * URL of the database of a data folder that another program has open, for who may read that folder anyway; null when
 * its PostgreSQL does not run. With its password: never to be shown.
 */
export function runningDatabaseUrl(dataDir: string): string | null {
  const note = readNote(dataDir);
  if (note === null) return null;
  const port = runningPort(clusterDirOf(dataDir, note));
  return port === null ? null : urlOf(port, ROLE, note.password, DATABASE);
}

/** Makes the program's role, without special rights, and its database. May be run again after a crash. */
async function makeDatabase(adminUrl: string, note: ClusterNote): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const role = await client.query("select 1 from pg_roles where rolname = $1", [ROLE]);
    const verb = role.rows.length === 0 ? "create" : "alter";
    // The password is hexadecimal: made by this program, nothing to escape.
    await client.query(`${verb} role ${ROLE} login password '${note.password}'`);
    const found = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (found.rows.length === 0) await client.query(`create database ${DATABASE} owner ${ROLE}`);
  } finally {
    await client.end();
  }
}

/** Makes the role under which sellers' reads run: the program's own role may make none. Clusters of before have none. */
async function makeSellerRole(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_roles where rolname = $1", [SELLER_ROLE]);
    if (found.rows.length === 0) await client.query(`create role ${SELLER_ROLE} nologin`);
    await client.query(`grant ${SELLER_ROLE} to ${ROLE}`);
  } finally {
    await client.end();
  }
}

/** What a user should know about where the data is. */
function noticeOf(dataDir: string, note: ClusterNote): string | null {
  if (note.outside === null) return null;
  return (
    `The database of ${dataDir} is kept at ${note.outside}: PostgreSQL does not run as root, ` +
    "and its account may not enter the data folder. Back up and remove both together."
  );
}

/**
 * Starts the data folder's PostgreSQL, making it on first use and stopping one that a killed program left behind.
 * The caller holds the data folder's lock. Throws an outage that says what a person must mend when there is no
 * PostgreSQL for this machine, no account to run it as, or the cluster is gone, foreign or of another version.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { dataDir, durable = true } = options;
  const account = requireAccount();
  const binaries = postgresBinaries(account, join(dataDir, "postgres-binaries"));
  const note = claimCluster(dataDir, account);
  const clusterDir = clusterDirOf(dataDir, note);
  if (!existsSync(clusterDir)) {
    const password = note.adminPassword;
    await makeCluster({ clusterDir, password, initdb: binaries.initdb, account, durable });
  }
  requireSameVersion(clusterDir, binaries);
  await stopLeftBehind(clusterDir);
  const postmaster = await watchPostmaster({
    postgres: binaries.postgres,
    clusterDir,
    logFile: join(dataDir, "postgres.log"),
    account: ownerAccount(clusterDir, account),
    settings: durable ? SETTINGS : TEST_SETTINGS,
  });
  const adminUrl = urlOf(postmaster.port, CLUSTER_ADMIN, note.adminPassword, "postgres");
  try {
    if (!note.made) {
      await makeDatabase(adminUrl, note);
      writeNote(dataDir, { ...note, made: true });
    }
    await makeSellerRole(adminUrl);
  } catch (error) {
    await postmaster.stop();
    throw error;
  }
  return {
    ...postmaster,
    url: urlOf(postmaster.port, ROLE, note.password, DATABASE),
    adminUrl,
    version: binaries.version,
    clusterDir,
    notice: noticeOf(dataDir, note),
  };
}
