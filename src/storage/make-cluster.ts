// Makes a new, empty PostgreSQL cluster with initdb: whole or not at all, owned by the account that will run it.

import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Outage } from "../errors/outage.ts";
import { syncFolder } from "./durable-file.ts";
import { accountOptions, postgresEnvironment, stopLeftBehind } from "./postgres-process.ts";
import type { Account } from "./unprivileged-account.ts";

/** Name of the cluster's superuser. */
export const CLUSTER_ADMIN = "postgres";

function broken(message: string, cause?: unknown): Outage {
  return new Outage("database", message, { retryable: false, cause });
}

async function runInitdb(
  initdb: string,
  account: Account | null,
  workDir: string,
  flags: readonly string[],
): Promise<void> {
  const child = spawn(initdb, flags, {
    ...accountOptions(account),
    cwd: workDir,
    env: postgresEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const failure = await new Promise<string | null>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? null : output.trim()));
  });
  if (failure === null) return;
  const hint = failure.includes("could not look up effective user ID")
    ? " (PostgreSQL needs this user in the account table; or give a database URL)"
    : "";
  throw broken(`the database could not be made by ${initdb}: ${failure}${hint}`);
}

/** Removes what a program that was killed while it made the cluster left, once its initdb has ended. */
async function removeHalfMade(parent: string, prefix: string): Promise<void> {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    const workDir = join(parent, name);
    await stopLeftBehind(workDir);
    await stopLeftBehind(join(workDir, "cluster"));
    rmSync(workDir, { recursive: true, force: true });
  }
}

export type ClusterMaking = {
  /** Absolute path; must not exist. */
  readonly clusterDir: string;
  /** Of the superuser. */
  readonly password: string;
  readonly initdb: string;
  readonly account: Account | null;
  /** False only for tests: nothing is synced. */
  readonly durable: boolean;
};

/** Makes the cluster under another name and renames it, so that a crash never leaves half of one. */
export async function makeCluster(making: ClusterMaking): Promise<void> {
  const { clusterDir, password, initdb, account, durable } = making;
  const parent = dirname(clusterDir);
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const prefix = `.${basename(clusterDir)}-making-`;
  await removeHalfMade(parent, prefix);
  const workDir = mkdtempSync(join(parent, prefix));
  try {
    const passwordFile = join(workDir, "password");
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const path of [passwordFile, workDir])
      if (account !== null) chownSync(path, account.uid, account.gid);
    chmodSync(workDir, 0o700);
    const made = join(workDir, "cluster");
    await runInitdb(initdb, account, workDir, [
      `--pgdata=${made}`,
      `--username=${CLUSTER_ADMIN}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      ...(durable ? [] : ["--no-sync"]),
    ]);
    renameSync(made, clusterDir);
    syncFolder(parent);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}
