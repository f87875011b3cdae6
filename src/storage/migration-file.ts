// The folder of migrations: plain SQL files "0001_raw_files.sql", numbered from 1 without a gap, so that a
// database administrator can review them and run them with psql. A file is known by its number and checksum.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { invariant } from "../errors/invariant.ts";
import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";

export type MigrationFile = {
  /** From 1. */
  readonly version: number;
  /** The file name: "0001_raw_files.sql". */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with line feeds only, lower-case hex: a checkout with CRLF is the same migration. */
  readonly checksum: string;
};

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** The runner owns the transaction: a file that ends it would be half applied when it fails. */
const TRANSACTION_STATEMENT = /^\s*(begin|commit|rollback|start\s+transaction|end)\s*;/im;

/** The `migrations` folder of the package, found upwards from this file, in a checkout and in dist alike. */
export function packageMigrationsDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    invariant(parent !== folder, "no package.json above the program's own files");
    folder = parent;
  }
  return join(folder, "migrations");
}

async function readMigration(
  folder: string,
  name: string,
  version: number,
): Promise<MigrationFile> {
  const sql = (await readFile(join(folder, name), "utf8")).replaceAll("\r\n", "\n");
  return { version, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

/** Reads all migrations in order; refuses a name, a number or a statement that breaks the rules. */
export async function readMigrations(folder: string): Promise<Outcome<readonly MigrationFile[]>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const migrations: MigrationFile[] = [];
  for (const name of names) {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined)
      return refused(
        "migration-name-malformed",
        `${name}: migrations are named 0001_some_words.sql`,
      );
    const expected = migrations.length + 1;
    if (Number(number) !== expected) {
      const what = Number(number) < expected ? "is there twice" : `leaves out ${expected}`;
      return refused("migration-number-gap", `${name}: the number ${what}`);
    }
    const migration = await readMigration(folder, name, expected);
    if (TRANSACTION_STATEMENT.test(migration.sql)) {
      const message = `${name}: a migration runs in one transaction and may not begin or end one`;
      return refused("migration-transaction-statement", message);
    }
    migrations.push(migration);
  }
  return accepted(migrations);
}
