import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { tellStory } from "../report/verify/test-story.ts";
import { takeBackup } from "../runtime/backup.ts";
import type { BackupManifest } from "../runtime/backup-manifest.ts";
import { openBackupSource } from "../runtime/backup-source.ts";
import { restoreBackup } from "../runtime/restore.ts";
import { migrate } from "../storage/migrate.ts";
import { packageMigrationsDir } from "../storage/migration-file.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { run } from "./test-terminal.ts";

/** Texts that break lines, quotes and arrays where somebody is careless. */
const ODD_NAME = 'Acme "Ltd", \\N {a,b}\u2028\u2029\n\t$1 王小明';

let channel: TestChannel;
let folder: string;
let backup: string;
let databases: TestDatabase[];

beforeAll(async () => {
  channel = await openTestChannel([]);
  await tellStory(channel);
  await channel.database.query(
    `INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at) VALUES ('default', 'odd', $1, now())`,
    [ODD_NAME],
  );
});

afterAll(() => channel.close());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "backup-"));
  backup = join(folder, "backup");
  databases = [];
});

afterEach(async () => {
  await Promise.all(databases.map((database) => database.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await openTestDatabase({ migrated: false });
  databases.push(database);
  return database;
}

async function takeOne(): Promise<void> {
  const place = ["--data", dirname(channel.rawDir), "--database-url", channel.database.url];
  const { exitCode, out, err } = await run(["backup", "--to", backup, ...place]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(out).toMatch(/ledger partition 0: \d+ transfers, head [0-9a-f]{64}/);
}

function manifestOf(path: string): BackupManifest {
  return JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as BackupManifest;
}

/** What the tables hold, but for the leases that a restore ends. */
function contentOf({ tables, raw, ledger }: BackupManifest) {
  const compared = tables.filter(({ name }) => name !== "ledger_partition" && name !== "job");
  return { tables: compared, raw, ledger };
}

describe("a backup", () => {
  it("restored into another database, with raw files in it, is the same to the byte and verifies", async () => {
    await takeOne();
    const database = await emptyDatabase();
    const place = ["--data", join(folder, "none"), "--database-url", database.url];
    const restored = await run([
      "restore",
      "--from",
      backup,
      ...place,
      "--raw-store",
      "database",
      "--json",
    ]);
    expect(restored.err).toBe("");
    expect(JSON.parse(restored.out)).toMatchObject({
      restored: { rawFileCount: manifestOf(backup).raw.count },
      verification: { ok: true, findings: [] },
    });
    expect(restored.exitCode).toBe(0);
    const again = join(folder, "again");
    expect((await run(["backup", "--to", again, ...place])).exitCode).toBe(0);
    expect(contentOf(manifestOf(again))).toEqual(contentOf(manifestOf(backup)));
    const names = await database.query("SELECT legal_name FROM seller WHERE seller_id = 'odd'");
    expect(names).toEqual([{ legal_name: ODD_NAME }]);
  });

  it("restored into a folder of its own goes on settling there", async () => {
    await takeOne();
    const data = join(folder, "data");
    const restored = await run(["restore", "--from", backup, "--data", data]);
    expect(restored).toMatchObject({ exitCode: 0, err: "" });
    expect(restored.out).toContain(
      "Everything on record agrees with the files and with the ledger.",
    );
    const settled = await run(["settle", "--data", data, "scenarios/first-month/story.md"]);
    expect(settled.out).toContain("format-unknown");
    const verified = await run(["verify", "--data", data]);
    expect(verified.out).toContain("Everything on record agrees");
  });

  it("is not taken into a folder that holds something", async () => {
    await takeOne();
    const place = ["--data", dirname(channel.rawDir), "--database-url", channel.database.url];
    const again = await run(["backup", "--to", backup, ...place]);
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining("not-empty") });
  });

  it("is not taken of a database that is not ours", async () => {
    const database = await emptyDatabase();
    const taken = await run(["backup", "--to", backup, "--database-url", database.url]);
    expect(taken).toMatchObject({ exitCode: 1, err: expect.stringContaining("database-empty") });
  });
});

async function restoreInto(database: TestDatabase, from: string = backup) {
  const place = ["--data", join(folder, "none"), "--database-url", database.url];
  return run(["restore", "--from", from, ...place, "--raw-store", "database"]);
}

describe("a restore", () => {
  it("does not touch a place that holds something", async () => {
    await takeOne();
    const database = await emptyDatabase();
    expect((await restoreInto(database)).exitCode).toBe(0);
    const before = await database.query("SELECT count(*) FROM timeline_event");
    const again = await restoreInto(database);
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining("target-not-empty") });
    expect(await database.query("SELECT count(*) FROM timeline_event")).toEqual(before);
  });

  it("refuses a backup that is damaged, wherever, and leaves no books", async () => {
    await takeOne();
    const seller = join("tables", "seller.jsonl.gz");
    const packs = join("raw", "packs");
    const damages: readonly (readonly [string, (path: string) => void])[] = [
      ["another row", (path) => changeLines(join(path, seller), (text) => `${text}${text}`)],
      ["a missing row", (path) => changeLines(join(path, seller), () => "")],
      [
        "a changed value",
        (path) => changeLines(join(path, seller), (text) => text.replace("odd", "0dd")),
      ],
      [
        "a file cut off",
        (path) => writeFileSync(join(path, seller), gzipSync("[]").subarray(0, 12)),
      ],
      ["no such file", (path) => rmSync(join(path, seller))],
      ["a raw file lost", (path) => rmSync(join(path, packs), { recursive: true, force: true })],
    ];
    for (const [what, damage] of damages) {
      const damaged = join(folder, what.replaceAll(" ", "-"));
      cpSync(backup, damaged, { recursive: true });
      damage(damaged);
      const database = await emptyDatabase();
      const restored = await restoreInto(database, damaged);
      expect([what, restored.exitCode]).toEqual([what, 1]);
      expect(restored.err).toContain("backup-damaged");
      expect(await database.query("SELECT 1 FROM seller")).toEqual([]);
    }
  });

  it("refuses what is no whole backup, and one of a newer program", async () => {
    await takeOne();
    const database = await emptyDatabase();
    const missing = await restoreInto(database, folder);
    expect(missing.err).toContain("backup-missing");
    const manifest = manifestOf(backup);
    const migrations = [
      ...manifest.migrations,
      { version: manifest.migrations.length + 1, name: "later.sql", checksum: "x" },
    ];
    const path = join(backup, "manifest.json");
    writeFileSync(path, JSON.stringify({ ...manifest, migrations }));
    expect((await restoreInto(database)).err).toContain("backup-newer");
    writeFileSync(path, JSON.stringify({ ...manifest, tables: [{ name: "x; drop table y" }] }));
    expect((await restoreInto(database)).err).toContain("backup-unreadable");
  });

  it("of an older program's backup brings the schema up to date", async () => {
    const older = await emptyDatabase();
    const migrationsDir = join(folder, "migrations");
    cpSync(packageMigrationsDir(), migrationsDir, { recursive: true });
    for (const name of readdirSync(migrationsDir)) {
      if (Number(name.slice(0, 4)) > 15) rmSync(join(migrationsDir, name));
    }
    expect(await migrate(older, migrationsDir, systemClock)).toMatchObject({
      ok: true,
      value: { version: 15 },
    });
    await older.query(
      `INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at) VALUES ('default', 's', 'S', now())`,
    );
    const source = await openBackupSource({
      dataDir: join(folder, "none"),
      databaseUrl: older.url,
      tenantId: "default",
      clock: systemClock,
    });
    if (!source.ok) throw new Error(source.refusal.message);
    const options = { tenantId: "default", clock: systemClock, program: "older" };
    expect(await takeBackup(source.value, backup, options)).toMatchObject({ ok: true });
    await source.value.close();
    const target = await emptyDatabase();
    const restored = await restoreBackup(backup, {
      dataDir: join(folder, "none"),
      databaseUrl: target.url,
      rawStore: "database",
      clock: systemClock,
    });
    if (!restored.ok) throw new Error(restored.refusal.message);
    await restored.value.store.close();
    expect(await target.query("SELECT legal_name FROM seller")).toEqual([{ legal_name: "S" }]);
    const [row] = await target.query<{ version: number }>(
      "SELECT max(version)::int AS version FROM schema_migration",
    );
    expect(row!.version).toBe(readdirSync(packageMigrationsDir()).length);
  });
});

function changeLines(path: string, change: (text: string) => string): void {
  writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(path)).toString("utf8"))));
}
