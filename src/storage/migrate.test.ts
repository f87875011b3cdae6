import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { migrate } from "./migrate.ts";
import { packageMigrationsDir, readMigrations } from "./migration-file.ts";
import { connectPostgres } from "./postgres-database.ts";
import type { TestDatabase } from "./test-database.ts";
import { openTestDatabase } from "./test-database.ts";

const clock = manualClock("2026-11-23T04:05:06.789Z" as Instant);
let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
  database = await openTestDatabase({ migrated: false });
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

async function refusalOf(): Promise<unknown> {
  const outcome = await migrate(database, folder, clock);
  return outcome.ok ? outcome : outcome.refusal;
}

async function tableNames(): Promise<unknown[]> {
  const rows = await database.query(
    "select table_name from information_schema.tables where table_schema = 'public' order by 1",
  );
  return rows.map((row) => row["table_name"]);
}

describe("migrating", () => {
  it("applies the files in order, several statements each, and records when", async () => {
    write(
      "0001_first.sql",
      "create table a (id int8);\n-- a note; with a semicolon\ncreate table b (id int8);",
    );
    write("0002_second.sql", "alter table a add column name text;");
    expect(await migrate(database, folder, clock)).toEqual({
      ok: true,
      value: { applied: ["0001_first.sql", "0002_second.sql"], version: 2 },
    });
    const rows = await database.query(
      "select version, name, applied_at from schema_migration where version > 0 order by version",
    );
    expect(rows).toEqual([
      { version: 1, name: "0001_first.sql", applied_at: clock.now() },
      { version: 2, name: "0002_second.sql", applied_at: clock.now() },
    ]);
  });

  it("applies nothing a second time, and only what is new a third time", async () => {
    write("0001_first.sql", "create table a (id int8);");
    await migrate(database, folder, clock);
    expect(await migrate(database, folder, clock)).toMatchObject({ value: { applied: [] } });
    write("0002_second.sql", "create table b (id int8);");
    expect(await migrate(database, folder, clock)).toMatchObject({
      value: { applied: ["0002_second.sql"], version: 2 },
    });
  });

  it("starts on an up-to-date database with a role that may only read", async () => {
    write("0001_first.sql", "create table a (id int8);");
    await migrate(database, folder, clock);
    const reader = connectPostgres(
      `${database.url}?options=-c%20default_transaction_read_only%3Don`,
    );
    expect(await migrate(reader, folder, clock)).toEqual({
      ok: true,
      value: { applied: [], version: 1 },
    });
    await reader.close();
  });

  it("lets several programs start at once: each file is applied exactly once", async () => {
    for (const number of [1, 2, 3])
      write(`000${number}_step.sql`, `create table step_${number} (id int8);`);
    const pools = Array.from({ length: 4 }, () => connectPostgres(database.url));
    const outcomes = await Promise.all(pools.map((pool) => migrate(pool, folder, clock)));
    const applied = outcomes.flatMap((outcome) =>
      outcome.ok ? outcome.value.applied : ["refused"],
    );
    expect([...applied].sort()).toEqual(["0001_step.sql", "0002_step.sql", "0003_step.sql"]);
    await Promise.all(pools.map((pool) => pool.close()));
  });

  it("keeps nothing of a file that fails, says where, and keeps the files before it", async () => {
    write("0001_first.sql", "create table a (id int8);");
    write(
      "0002_second.sql",
      "create table b (id int8);\n\nalter table missing add column x int8;\n",
    );
    expect(await refusalOf()).toEqual({
      code: "migration-failed",
      message: '0002_second.sql: relation "missing" does not exist',
      line: null,
    });
    expect(await tableNames()).toEqual(["a", "schema_migration"]);
    write("0002_second.sql", "create table b (id int8);\nselect * from missing;\n");
    expect(await refusalOf()).toMatchObject({ code: "migration-failed", line: 2 });
    write("0002_second.sql", "create table b (id int8);");
    expect(await migrate(database, folder, clock)).toMatchObject({ ok: true });
  });
});

describe("a database that contradicts the files is refused and left as it is", () => {
  it("when an applied file was edited", async () => {
    write("0001_first.sql", "create table a (id int8);");
    await migrate(database, folder, clock);
    write("0001_first.sql", "create table a (id int8, name text);");
    write("0002_second.sql", "create table b (id int8);");
    expect(await refusalOf()).toMatchObject({ code: "migration-changed" });
    expect(await tableNames()).toEqual(["a", "schema_migration"]);
  });

  it("but not when only its line ends changed", async () => {
    write("0001_first.sql", "create table a (\n  id int8\n);\n");
    await migrate(database, folder, clock);
    write("0001_first.sql", "create table a (\r\n  id int8\r\n);\r\n");
    expect(await migrate(database, folder, clock)).toMatchObject({ ok: true });
  });

  it("when it is newer than the program", async () => {
    write("0001_first.sql", "create table a (id int8);");
    write("0002_second.sql", "create table b (id int8);");
    await migrate(database, folder, clock);
    rmSync(join(folder, "0002_second.sql"));
    expect(await refusalOf()).toMatchObject({
      code: "database-newer",
      message:
        "the database is at migration 2 and this program knows 1: " +
        "run the newer program, or restore the older database",
    });
  });

  it("when its own record has a hole", async () => {
    write("0001_first.sql", "create table a (id int8);");
    write("0002_second.sql", "create table b (id int8);");
    await migrate(database, folder, clock);
    await database.query("delete from schema_migration where version = 1");
    expect(await refusalOf()).toMatchObject({ code: "database-version-gap" });
  });
});

describe("a folder that breaks its rules is refused before anything is done", () => {
  it("when a number is left out, is there twice, or the first is not 1", async () => {
    write("0001_first.sql", "create table a (id int8);");
    write("0003_third.sql", "create table c (id int8);");
    expect(await refusalOf()).toMatchObject({
      code: "migration-number-gap",
      message: "0003_third.sql: the number leaves out 2",
    });
    renameSync(join(folder, "0003_third.sql"), join(folder, "0001_other.sql"));
    expect(await refusalOf()).toMatchObject({ code: "migration-number-gap" });
    expect(await tableNames()).toEqual([]);
  });

  it("when a name is not number and words", async () => {
    write("1-first.sql", "create table a (id int8);");
    expect(await refusalOf()).toMatchObject({ code: "migration-name-malformed" });
  });

  it("when a file would end the runner's transaction", async () => {
    write("0001_first.sql", "create table a (id int8);\nCOMMIT;\ncreate table b (id int8);");
    expect(await refusalOf()).toMatchObject({ code: "migration-transaction-statement" });
  });
});

it("the program's own migrations keep the rules", async () => {
  expect(await readMigrations(packageMigrationsDir())).toMatchObject({ ok: true });
});
