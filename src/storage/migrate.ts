// Brings a database to the program's schema: each migration in one transaction, recorded with its checksum. Any
// number of programs may try at once: a locked row lets one through. Needs no superuser and no extension.

import type { Outcome, Refusal } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";
import type { Clock } from "../time/clock.ts";
import type { Database, Tx } from "./database.ts";
import { codeOf, isConflict, outageOf } from "./database-outage.ts";
import type { MigrationFile } from "./migration-file.ts";
import { readMigrations } from "./migration-file.ts";

export type MigrationReport = {
  /** Names of the files that were applied now, in order; empty when the database was up to date. */
  readonly applied: readonly string[];
  /** The database's version now; 0 for an empty migrations folder. */
  readonly version: number;
};

type AppliedRow = { readonly version: number; readonly name: string; readonly checksum: string };

/** Row 0 is no migration: it is what migrators lock, so that one at a time goes on. */
const LOCK_VERSION = 0;
const LOCK_NAME = "lock";
/** Two programs may create the table at the same instant: one of them is told so by one of these and looks again. */
const CREATED_MEANWHILE: ReadonlySet<string> = new Set(["23505", "42P07", "42710"]);
const CREATE_ATTEMPT_COUNT_MAX = 5;

async function createTable(database: Database, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.transaction(async (tx) => {
        await tx.query(
          `create table if not exists schema_migration (
             version int primary key,
             name text not null,
             checksum text not null,
             applied_at timestamptz not null
           )`,
        );
        await tx.query(
          `insert into schema_migration (version, name, checksum, applied_at)
           values ($1, $2, '', $3) on conflict (version) do nothing`,
          [LOCK_VERSION, LOCK_NAME, clock.now()],
        );
      });
      return;
    } catch (error) {
      const meanwhile = CREATED_MEANWHILE.has(codeOf(error) ?? "");
      if (!meanwhile || attempt >= CREATE_ATTEMPT_COUNT_MAX) throw error;
    }
  }
}

function refusal(code: string, message: string): Refusal {
  return { code, message, line: null };
}

/** Why the applied migrations are not a beginning of the program's own, or null when they are. */
function contradictionOf(
  applied: readonly AppliedRow[],
  migrations: readonly MigrationFile[],
): Refusal | null {
  for (const [index, row] of applied.entries()) {
    const own = migrations[row.version - 1];
    if (row.version !== index + 1)
      return refusal(
        "database-version-gap",
        `the database has migration ${row.version} but not ${index + 1}`,
      );
    if (own === undefined)
      return refusal(
        "database-newer",
        `the database is at migration ${applied.at(-1)!.version} and this program knows ` +
          `${migrations.length}: run the newer program, or restore the older database`,
      );
    if (own.checksum !== row.checksum)
      return refusal(
        "migration-changed",
        `${own.name} is not the file that this database applied as ${row.name}: ` +
          "a migration is never edited, add a new one",
      );
  }
  return null;
}

/** The line of the file that the server's error points at, or null. */
function lineOf(error: unknown, sql: string): number | null {
  const position = Number((error as { position?: unknown }).position);
  return Number.isInteger(position) && position > 0
    ? sql.slice(0, position - 1).split("\n").length
    : null;
}

function loadApplied(tx: Tx): Promise<AppliedRow[]> {
  return tx.query<AppliedRow>(
    "select version, name, checksum from schema_migration where version > $1 order by version",
    [LOCK_VERSION],
  );
}

/** What is applied, read without a lock or a right to write; null when the database was never migrated. */
async function readApplied(database: Database): Promise<AppliedRow[] | null> {
  const [row] = await database.query("select to_regclass('schema_migration') is not null as there");
  return row!["there"] === true ? loadApplied(database) : null;
}

/** Runs the SQL of a migration; a statement that the server rejects is a refusal with file and line. */
async function runSql(tx: Tx, migration: MigrationFile): Promise<Refusal | null> {
  try {
    await tx.query(migration.sql);
    return null;
  } catch (error) {
    if (codeOf(error) === null || isConflict(error) || outageOf(error) !== null) throw error;
    const message = `${migration.name}: ${(error as Error).message}`;
    return { code: "migration-failed", message, line: lineOf(error, migration.sql) };
  }
}

/** Carries a refusal out of a transaction that must roll back. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Applies the next migration, if there is one; gives its name, or null when the database is up to date. */
async function applyNext(
  tx: Tx,
  migrations: { readonly all: readonly MigrationFile[]; readonly wanted: number },
  clock: Clock,
): Promise<string | null> {
  await tx.query("select version from schema_migration where version = $1 for update", [
    LOCK_VERSION,
  ]);
  const applied = await loadApplied(tx);
  const contradiction = contradictionOf(applied, migrations.all);
  if (contradiction !== null) throw new Refused(contradiction);
  const next = migrations.all.slice(0, migrations.wanted)[applied.length];
  if (next === undefined) return null;
  const failure = await runSql(tx, next);
  if (failure !== null) throw new Refused(failure);
  await tx.query(
    "insert into schema_migration (version, name, checksum, applied_at) values ($1, $2, $3, $4)",
    [next.version, next.name, next.checksum, clock.now()],
  );
  return next.name;
}

/**
 * Applies what is missing from `folder`; with `upTo` no further than that version (a restore fills an older schema
 * before it is brought up to date). Refuses, and changes nothing more, when the folder breaks its rules
 * (`migration-name-malformed`, `migration-number-gap`, `migration-transaction-statement`), when an applied file
 * was edited (`migration-changed`), when the database has a hole or is newer than the program
 * (`database-version-gap`, `database-newer`), or when the server rejects a file (`migration-failed`).
 */
export async function migrate(
  database: Database,
  folder: string,
  clock: Clock,
  upTo = Infinity,
): Promise<Outcome<MigrationReport>> {
  const read = await readMigrations(folder);
  if (!read.ok) return read;
  const before = await readApplied(database);
  const contradiction = contradictionOf(before ?? [], read.value);
  if (contradiction !== null) return { ok: false, refusal: contradiction };
  const migrations = read.value.slice(0, upTo);
  const version = Math.max(migrations.length, before?.length ?? 0);
  // So a program whose role may not write this table starts on a database that someone else migrated.
  if (before?.length === version) return accepted({ applied: [], version });
  if (before === null) await createTable(database, clock);
  const applied: string[] = [];
  try {
    for (;;) {
      const name = await database.transaction((tx) =>
        applyNext(tx, { all: read.value, wanted: version }, clock),
      );
      if (name === null) return accepted({ applied, version });
      applied.push(name);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(error.refusal.code, error.refusal.message, error.refusal.line);
  }
}
