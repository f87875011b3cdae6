import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { readConfig, serviceConfig } from "./config.ts";
import { SILENT_LOG } from "./log.ts";
import { type ServiceOptions, startService } from "./serve.ts";

const KEY = Buffer.alloc(32, 5).toString("base64");
let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "service-"));
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(settings: object = {}, options: Partial<ServiceOptions> = {}) {
  const base = { databaseUrl: database.url, secretKey: KEY, data: folder, databaseConnections: 6 };
  const text = JSON.stringify({ ...base, ...settings });
  const config = readConfig(serviceConfig, { name: "test", text }, {});
  if (!config.ok) throw new Error(config.refusal.message);
  const env = {};
  return startService(config.value, {
    clock: systemClock,
    log: SILENT_LOG,
    env,
    version: "test",
    ...options,
  });
}

async function started(settings: object = {}, options: Partial<ServiceOptions> = {}) {
  const outcome = await start(settings, options);
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value;
}

describe("the service", () => {
  it("keeps what it is sent while it stops, for the next one", async () => {
    const service = await started();
    expect(service.role()).toBe("leader");
    const bytes = Buffer.from("not a file that anybody reads");
    const item = { name: "x", bytes, sellerId: null, source: "test" };
    const accepting = service.accept(item);
    service.announceStop();
    expect(await service.health.ready()).toMatchObject({ ready: false, stopping: true });
    expect(await service.stop()).toBe(true);
    expect(await accepting).toMatchObject({ outcome: "refused" });
    const next = await started();
    expect(await next.accept(item)).toMatchObject({ outcome: "refused" });
    expect(await next.stop()).toBe(true);
  });

  it("cuts off what does not end in time, and says so", async () => {
    let open!: () => void;
    const running = new Promise<void>((resolve) => {
      open = resolve;
    });
    const deaf = {
      key: "deaf",
      everyMs: 1_000,
      run: () => {
        open();
        return new Promise<never>(() => undefined);
      },
    };
    const service = await started({ stopSeconds: 1 }, { jobs: async () => [deaf] });
    await running;
    expect(await service.stop()).toBe(false);
    await service.store.close().catch(() => undefined);
  });

  it("does not start, and leaves nothing open, where a named secret is missing", async () => {
    const banks = [
      {
        id: "icbc",
        transport: "webhook",
        signature: { algorithm: "hmac-sha256", keys: [{ id: "k1", key: { env: "NOT_SET" } }] },
      },
    ];
    await expect(start({ banks })).rejects.toMatchObject({
      port: "settings",
      message: expect.stringContaining("NOT_SET"),
    });
    const [row] = await database.query<{ count: bigint }>(
      `SELECT count(*) AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'straitway'`,
    );
    expect(row!.count).toBe(0n);
    const named = await started({ banks }, { env: { NOT_SET: "a secret of the bank's" } });
    expect(named.banks.notices("icbc")).toMatchObject({ id: "icbc" });
    expect(named.banks.notices("other")).toBeNull();
    await named.stop();
  });

  it("is refused a key that is none, before it opens anything", async () => {
    expect(await start({ secretKey: "short" })).toMatchObject({
      ok: false,
      refusal: { code: "secret-key-invalid" },
    });
  });

  it("goes on with raw files in a folder where they have always been", async () => {
    await database.query(
      "INSERT INTO raw_place (tenant_id, place, chosen_at) VALUES ('default', 'folder', now())",
    );
    const service = await started();
    expect(service.store.rawPlace).toBe("folder");
    await service.stop();
  });
});
