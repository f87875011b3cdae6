import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { connectPostgres } from "./postgres-database.ts";
import { type DatabaseRawStore, openDatabaseRawStore } from "./raw-database.ts";
import { RawObjectDamaged, type Sha256 } from "./raw-object.ts";
import { openTestDatabase, type TestDatabase } from "./test-database.ts";
import { bytesOf, chunksOf, itKeepsRawObjects, listed, noise } from "./test-raw-store.ts";

const START = "2026-11-23T00:00:00.000Z" as Instant;
const DAY_MS = 24 * 60 * 60_000;

let database: TestDatabase;
let store: DatabaseRawStore;
let clock: ReturnType<typeof manualClock>;
let tenantCount = 0;
let tenantId: string;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

beforeEach(() => {
  clock = manualClock(START);
  tenantId = `tenant-${(tenantCount += 1)}`;
  store = openDatabaseRawStore(database, { tenantId, clock });
});

itKeepsRawObjects(() => store);

async function damageOf(sha256: Sha256): Promise<unknown> {
  const error = await bytesOf(store, sha256).catch((caught: unknown) => caught);
  return error instanceof RawObjectDamaged ? error.damage : error;
}

async function partCount(): Promise<number> {
  const rows = await database.query("SELECT 1 FROM raw_part WHERE tenant_id = $1", [tenantId]);
  return rows.length;
}

function damage(sql: string, sha256: Sha256) {
  return database.query(
    `${sql} WHERE tenant_id = $1 AND content_id = (SELECT content_id FROM raw_object WHERE tenant_id = $1 AND sha256 = $2)`,
    [tenantId, sha256],
  );
}

describe("an object in the database that is not what was put", () => {
  it("is never given out as whole: changed, cut off, gone", async () => {
    const { sha256 } = await store.put(chunksOf(noise(1_200_000)));
    await damage("UPDATE raw_part SET bytes = substr(bytes, 1, 1000)", sha256);
    expect(await damageOf(sha256)).toBe("unreadable");
    const other = await store.put(chunksOf(noise(600_000)));
    await damage("DELETE FROM raw_part", other.sha256);
    expect(await damageOf(other.sha256)).toBe("missing");
    const cut = await store.put(chunksOf(noise(1_100_000)));
    await database.query(
      `DELETE FROM raw_part WHERE tenant_id = $1 AND part = 2 AND content_id =
         (SELECT content_id FROM raw_object WHERE tenant_id = $1 AND sha256 = $2)`,
      [tenantId, cut.sha256],
    );
    expect(await damageOf(cut.sha256)).toBe("different");
  });

  it("is made good when the same bytes arrive again, alone or with others", async () => {
    const { sha256 } = await store.put(chunksOf("statement"));
    await damage("DELETE FROM raw_part", sha256);
    expect(await store.put(chunksOf("statement"))).toMatchObject({ sha256, stored: "new" });
    expect((await bytesOf(store, sha256)).toString()).toBe("statement");
    await damage("UPDATE raw_part SET bytes = 'rubbish'", sha256);
    const [object] = await store.putAll([Buffer.from("statement"), Buffer.from("another")]);
    expect(object).toMatchObject({ sha256, stored: "new" });
    expect((await bytesOf(store, sha256)).toString()).toBe("statement");
  });
});

describe("the store in the database", () => {
  it("is one for every process on it, and another for every tenant", async () => {
    const second = connectPostgres(database.url, { poolMax: 1 });
    const { sha256 } = await store.put(chunksOf("shared"));
    const elsewhere = openDatabaseRawStore(second, { tenantId, clock });
    expect((await bytesOf(elsewhere, sha256)).toString()).toBe("shared");
    const stranger = openDatabaseRawStore(second, { tenantId: "stranger", clock });
    expect(await stranger.has(sha256)).toBe(false);
    await second.close();
  });

  it("sweeps what programs left half made, a day later, and nothing else", async () => {
    const { sha256 } = await store.put(chunksOf(noise(600_000)));
    await database.query(
      "INSERT INTO raw_part (tenant_id, content_id, part, bytes, made_at) VALUES ($1, 'left', 0, 'x', $2)",
      [tenantId, START],
    );
    expect(await store.sweep()).toBe(0);
    clock.advanceMs(DAY_MS + 1);
    expect(await store.sweep()).toBe(1);
    expect(await partCount()).toBe(2);
    expect((await bytesOf(store, sha256)).byteLength).toBe(600_000);
  });

  it("keeps nothing of a second copy", async () => {
    await store.put(chunksOf("once"));
    await store.put(chunksOf("once"));
    await store.putAll([Buffer.from("once"), Buffer.from("once")]);
    expect(await partCount()).toBe(1);
    expect(await listed(store)).toHaveLength(1);
  });
});
