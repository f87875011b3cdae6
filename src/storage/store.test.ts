import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../time/clock.ts";
import { openDataFolder } from "./data-folder.ts";
import { packageMigrationsDir } from "./migration-file.ts";
import type { OpenedStore, StoreOptions } from "./store.ts";
import { openStore } from "./store.ts";
import type { TestDatabase } from "./test-database.ts";
import { openTestDatabase } from "./test-database.ts";

let folder: string;
let migrationsDir: string;
let database: TestDatabase;
const open: OpenedStore[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ migrated: false });
});
afterAll(async () => database.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
  migrationsDir = join(folder, "migrations");
  mkdirSync(migrationsDir);
  writeFileSync(join(migrationsDir, "0001_fact.sql"), "create table fact (text text primary key);");
});

afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await database.query("drop table if exists schema_migration, fact");
  rmSync(folder, { recursive: true });
});

async function opened(options: Partial<StoreOptions> = {}): Promise<OpenedStore> {
  const outcome = await openStore({
    dataDir: join(folder, "data"),
    clock: systemClock,
    migrationsDir,
    ...options,
  });
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  open.push(outcome.value);
  return outcome.value;
}

async function refusalOf(options: Partial<StoreOptions>): Promise<unknown> {
  const dataDir = join(folder, "data");
  const outcome = await openStore({ dataDir, clock: systemClock, migrationsDir, ...options });
  if (!outcome.ok) return outcome.refusal;
  await outcome.value.close();
  return "opened";
}

/** Removes also a cluster that had to be put outside of the folder: root, with a TMPDIR closed to others. */
function removeCluster(dataDir: string): void {
  const note = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8"));
  if (note.outside !== null) rmSync(dirname(note.outside), { recursive: true });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe("the store with its own PostgreSQL", () => {
  it("is durable, migrated, keeps rows and raw objects over a restart, and closes twice", async () => {
    const first = await opened();
    const settings = await first.database.query(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('full_page_writes') as pages, current_setting('TimeZone') as zone,
              current_setting('is_superuser') as superuser, current_setting('server_encoding') as encoding`,
    );
    expect(settings).toEqual([
      { fsync: "on", commit: "on", pages: "on", zone: "UTC", superuser: "off", encoding: "UTF8" },
    ]);
    expect(first.databaseLabel).toMatch(/^embedded PostgreSQL 18\.\d+ in \//);
    await first.database.query("insert into fact values ('kept')");
    const { sha256 } = await first.rawStore.put(bytes("raw"));
    await first.close();
    await first.close();
    const second = await opened();
    expect(await second.database.query("select * from fact")).toEqual([{ text: "kept" }]);
    expect(await second.rawStore.has(sha256)).toBe(true);
    for (const name of ["postgres.json", "postgres.log"])
      expect(statSync(join(second.dataDir, name)).mode & 0o077).toBe(0);
    await second.close();
    removeCluster(second.dataDir);
  });

  it("refuses a second program, a newer database and a lost cluster, each in plain words", async () => {
    const first = await opened();
    expect(await refusalOf({})).toMatchObject({ code: "data-folder-in-use" });
    await first.close();
    writeFileSync(join(migrationsDir, "0002_more.sql"), "create table more (id int8);");
    expect(await refusalOf({})).toBe("opened");
    rmSync(join(migrationsDir, "0002_more.sql"));
    expect(await refusalOf({})).toMatchObject({ code: "database-newer" });
    const { dataDir } = first;
    removeCluster(dataDir);
    rmSync(join(dataDir, "postgres"), { recursive: true, force: true });
    expect(await refusalOf({})).toMatchObject({
      code: "database-unavailable",
      message: expect.stringContaining("is gone: restore it from a backup"),
    });
    rmSync(join(dataDir, "postgres.json"));
    mkdirSync(join(dataDir, "postgres"));
    expect(await refusalOf({})).toMatchObject({
      code: "database-unavailable",
      message: expect.stringContaining("has a database but not its note postgres.json"),
    });
  });
});

describe("the store with a database by URL", () => {
  it("works on it, shows it without its password and leaves it running", async () => {
    const store = await opened({ databaseUrl: database.url });
    await store.database.query("insert into fact values ('by url')");
    const { username, password, host, pathname } = new URL(database.url);
    expect(store.databaseLabel).toBe(`postgres://${username}@${host}${pathname}`);
    if (password !== "") expect(store.databaseLabel).not.toContain(password);
    expect(existsSync(join(store.dataDir, "postgres.json"))).toBe(false);
    await store.close();
    expect(await database.query("select * from fact")).toEqual([{ text: "by url" }]);
  });

  it("opens on the program's own migrations", async () => {
    const fresh = await openTestDatabase({ migrated: false });
    const store = await opened({ databaseUrl: fresh.url, migrationsDir: packageMigrationsDir() });
    await store.close();
    await fresh.close();
  });

  it("keeps raw files in the database when told so at first, needs no folder then, and says so to those that differ", async () => {
    const fresh = await openTestDatabase({ migrated: false });
    const shared = { databaseUrl: fresh.url, migrationsDir: packageMigrationsDir() };
    const first = await opened({ ...shared, rawStore: "database" });
    const second = await opened(shared);
    expect([first.rawPlace, second.rawPlace]).toEqual(["database", "database"]);
    const { sha256 } = await first.rawStore.put(bytes("raw"));
    expect(await second.rawStore.has(sha256)).toBe(true);
    expect(existsSync(first.dataDir)).toBe(false);
    expect(await refusalOf({ ...shared, rawStore: "folder" })).toMatchObject({
      code: "raw-store-elsewhere",
    });
    await first.close();
    await second.close();
    await fresh.close();
  });

  it("leaves raw files in their folder where they were before anybody could choose", async () => {
    const fresh = await openTestDatabase();
    await fresh.query(
      `INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, kind, state)
       VALUES ('default', 'aa', 1, 'old', now(), 'unknown', 'stored')`,
    );
    const shared = { databaseUrl: fresh.url, migrationsDir: packageMigrationsDir() };
    expect(await refusalOf({ ...shared, rawStore: "database" })).toMatchObject({
      code: "raw-store-elsewhere",
    });
    const store = await opened(shared);
    expect(store.rawPlace).toBe("folder");
    await store.close();
    await fresh.close();
  });

  it("refuses a text that is no such URL, without repeating it", async () => {
    for (const databaseUrl of [
      "",
      "secret",
      "mysql://u:secret@h/d",
      "postgres://u:secret@h",
      "postgres://u:se%cr/et@h/d",
    ]) {
      const refusal = await refusalOf({ databaseUrl });
      expect(refusal).toMatchObject({ code: "database-url-malformed" });
      expect(JSON.stringify(refusal)).not.toContain("secret");
    }
  });

  it("refuses a server that is not there and a database that does not exist, and frees the folder", async () => {
    expect(await refusalOf({ databaseUrl: "postgres://u:secret@127.0.0.1:1/d" })).toMatchObject({
      code: "database-unavailable",
      message: expect.stringMatching(/^postgres:\/\/u@127\.0\.0\.1:1\/d: .*ECONNREFUSED/),
    });
    const missing = new URL(database.url);
    missing.pathname = "/no_such_database";
    expect(await refusalOf({ databaseUrl: missing.href })).toMatchObject({
      code: "database-unavailable",
      message: expect.stringContaining('database "no_such_database" does not exist'),
    });
    expect(await openDataFolder(join(folder, "data"))).toMatchObject({ ok: true });
  });
});
