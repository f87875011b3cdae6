// Which PostgreSQL cluster belongs to a data folder, and where it is: normally `<data>/postgres`; for a data
// folder that root keeps where PostgreSQL's account may not go, a folder under /var/lib/straitway. The note
// `<data>/postgres.json` names it and holds its passwords; the cluster's own note names the data folder.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Outage } from "../errors/outage.ts";
import { writeFileWhole } from "./durable-file.ts";
import { placeForRoot } from "./shared-place.ts";
import type { Account } from "./unprivileged-account.ts";
import { mayEnter } from "./unprivileged-account.ts";

export type ClusterNote = {
  readonly format: 1;
  readonly clusterId: string;
  /** Absolute folder of a cluster that is not in the data folder; null for `<data>/postgres`. */
  readonly outside: string | null;
  readonly adminPassword: string;
  readonly password: string;
  /** False until the cluster has been made whole once: until then it may be made again. */
  readonly made: boolean;
};

const NOTE_NAME = "postgres.json";
const OWNER_NOTE_NAME = "data-folder.json";
const PASSWORD_BYTES = 24;
const CLUSTER_ID_BYTES = 8;

type OwnerNote = { readonly dataDir: string; readonly clusterId: string };

function broken(message: string, cause?: unknown): Outage {
  return new Outage("database", message, { retryable: false, cause });
}

/** Folder of the cluster that a note names. */
export function clusterDirOf(dataDir: string, note: ClusterNote): string {
  return note.outside ?? join(dataDir, "postgres");
}

/** The note of a data folder; null when it has none. */
export function readNote(dataDir: string): ClusterNote | null {
  const path = join(dataDir, NOTE_NAME);
  if (!existsSync(path)) return null;
  try {
    const note = JSON.parse(readFileSync(path, "utf8")) as ClusterNote;
    if (note.format === 1 && typeof note.password === "string") return note;
  } catch (error) {
    throw broken(`${path} cannot be read: restore it from a backup of the data folder`, error);
  }
  throw broken(`${path} was written by another version of the program`);
}

/** Keeps the note, whole and on disk before it returns; readable by the program's user only. */
export function writeNote(dataDir: string, note: ClusterNote): void {
  writeFileWhole(join(dataDir, NOTE_NAME), `${JSON.stringify(note, null, 2)}\n`, 0o600);
}

/** True when PostgreSQL, run as the account, may have its cluster inside the data folder. */
function fitsInside(dataDir: string, account: Account | null): boolean {
  return account === null || mayEnter(account, dataDir);
}

function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString("hex");
}

function newNote(dataDir: string, account: Account | null): ClusterNote {
  const clusterId = randomBytes(CLUSTER_ID_BYTES).toString("hex");
  let outside: string | null = null;
  if (account !== null && !fitsInside(dataDir, account)) {
    const place = placeForRoot(account);
    if (place === null)
      throw broken(
        `PostgreSQL's account "${account.name}" may not enter ${dataDir} and there is no writable system ` +
          "folder for its cluster: name a data folder that every user may enter",
      );
    outside = join(place, `cluster-${clusterId}`, "postgres");
  }
  return {
    format: 1,
    clusterId,
    outside,
    adminPassword: newPassword(),
    password: newPassword(),
    made: false,
  };
}

function readOwner(clusterDir: string): OwnerNote | null {
  try {
    return JSON.parse(
      readFileSync(join(dirname(clusterDir), OWNER_NOTE_NAME), "utf8"),
    ) as OwnerNote;
  } catch {
    return null;
  }
}

function writeOwner(clusterDir: string, owner: OwnerNote): void {
  mkdirSync(dirname(clusterDir), { recursive: true, mode: 0o755 });
  const path = join(dirname(clusterDir), OWNER_NOTE_NAME);
  writeFileWhole(path, `${JSON.stringify(owner, null, 2)}\n`, 0o600);
}

/** An outside cluster follows its data folder when that is moved, but never serves two copies of it. */
function claimOutside(dataDir: string, clusterDir: string, note: ClusterNote): void {
  const owner = readOwner(clusterDir);
  if (owner?.dataDir === dataDir) return;
  if (owner !== null) {
    let other: ClusterNote | null = null;
    try {
      other = readNote(owner.dataDir);
    } catch {
      // An unreadable note still is a data folder that may want its cluster: treated as its owner below.
      other = note;
    }
    if (other?.clusterId === note.clusterId)
      throw broken(
        `${dataDir} is a copy of ${owner.dataDir}: its database at ${clusterDir} belongs to that folder`,
      );
  }
  writeOwner(clusterDir, { dataDir, clusterId: note.clusterId });
}

/**
 * The note of a data folder (its real path), made when it is missing. Throws an outage that is not retryable when
 * the cluster it names is gone, or belongs to another data folder, or a cluster is there without its note.
 */
export function claimCluster(dataDir: string, account: Account | null): ClusterNote {
  let note = readNote(dataDir);
  if (note === null) {
    if (existsSync(join(dataDir, "postgres")))
      throw broken(
        `${dataDir} has a database but not its note ${NOTE_NAME}: restore it from a backup`,
      );
    note = newNote(dataDir, account);
    writeNote(dataDir, note);
  }
  const clusterDir = clusterDirOf(dataDir, note);
  if (note.made && !existsSync(join(clusterDir, "PG_VERSION")))
    throw broken(
      `the database of ${dataDir} should be at ${clusterDir} and is gone: restore it from a backup`,
    );
  if (note.outside !== null) claimOutside(dataDir, clusterDir, note);
  return note;
}

/** Who must run PostgreSQL on an existing cluster: its owner. Null: this user. */
export function ownerAccount(clusterDir: string, account: Account | null): Account | null {
  if (!existsSync(clusterDir)) return account;
  const { uid, gid } = statSync(clusterDir);
  const own = process.getuid?.();
  if (uid === own && own !== 0) return null;
  if (own === 0 && uid !== 0) return { name: `uid ${uid}`, uid, gid };
  throw broken(
    `the database at ${clusterDir} belongs to another user (uid ${uid}): run the program as that user`,
  );
}
