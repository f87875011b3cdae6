import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { run } from "../src/cli/test-terminal.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";
import { type CompiledPrograms, compilePrograms } from "./compiled-programs.ts";
import { type ServiceProcess, startServiceProcess } from "./serving-process.ts";

const SECRET_KEY = Buffer.alloc(32, 9).toString("base64");
/** Generous: the machine may be busy. */
const WAIT = { timeout: 60_000, interval: 50 };

let programs: CompiledPrograms;
let folder: string;
let running: ServiceProcess[];

beforeAll(() => {
  programs = compilePrograms();
});

afterAll(() => programs.remove());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "serve-"));
  running = [];
});

afterEach(async () => {
  for (const process of running) process.kill("SIGKILL");
  await Promise.all(running.map((process) => process.ended()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<ServiceProcess> {
  const program = programs.program("run-command");
  const process = await startServiceProcess(program, words, { environment });
  running.push(process);
  return process;
}

function settings(json: object): string {
  const path = join(folder, "config.json");
  writeFileSync(path, JSON.stringify({ leadership: { leaseMs: 1_500, pollMs: 50 }, ...json }));
  return path;
}

async function readiness(process: ServiceProcess): Promise<Record<string, unknown>> {
  const answer = await process.get("/health/ready");
  return { status: answer.status, ...((await answer.json()) as object) };
}

describe("straitway serve on its own folder", () => {
  it("lives, is ready, counts, stops cleanly when told to, and goes on where it was", async () => {
    const data = join(folder, "data");
    const first = await serve(["--data", data]);
    expect(await readiness(first)).toEqual({
      status: 200,
      ready: true,
      role: "leader",
      database: "up",
      stopping: false,
    });
    expect((await first.get("/health/live")).status).toBe(200);
    const metrics = await (await first.get("/metrics")).text();
    expect(metrics).toMatch(/^straitway_leader 1$/m);
    expect(metrics).toMatch(/^straitway_database_up 1$/m);
    expect((await first.get("/metrics", { "x-forwarded-for": "203.0.113.9" })).status).toBe(404);
    expect((await first.get("/v1/payouts")).status).toBe(401);
    const backup = join(folder, "backup");
    expect(await run(["backup", "--data", data, "--to", backup])).toMatchObject({
      exitCode: 0,
      err: "",
      out: expect.stringContaining("the running service on"),
    });
    first.kill("SIGTERM");
    expect((await first.ended()).code).toBe(0);
    const restored = await run(["restore", "--from", backup, "--data", join(folder, "restored")]);
    expect(restored).toMatchObject({ exitCode: 0, err: "" });
    expect(first.log.map(({ event }) => event)).toContain("stopped");
    const second = await serve(["--data", data]);
    expect(await readiness(second)).toMatchObject({ ready: true, role: "leader" });
    second.kill("SIGINT");
    expect((await second.ended()).code).toBe(0);
  });
});

describe("several processes of straitway serve on one database", () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await openTestDatabase();
  });

  afterEach(async () => {
    for (const process of running) process.kill("SIGKILL");
    await Promise.all(running.map((process) => process.ended()));
    await database.close();
  });

  const environment = () => ({ DATABASE_URL: database.url, STRAITWAY_SECRET_KEY: SECRET_KEY });

  it("one leads; when it is killed another one leads within seconds", async () => {
    const config = settings({});
    const first = await serve(["--config", config], environment());
    const second = await serve(["--config", config], environment());
    expect(await readiness(first)).toMatchObject({ status: 200, role: "leader" });
    expect(await readiness(second)).toMatchObject({ status: 200, role: "standby" });
    const killedAt = Date.now();
    first.kill("SIGKILL");
    await expect.poll(() => readiness(second), WAIT).toMatchObject({ role: "leader" });
    // The lease of 1.5 s and a look; the rest is for a busy machine.
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    const third = await serve(["--config", config], environment());
    expect(await readiness(third)).toMatchObject({ role: "standby" });
    second.kill("SIGTERM");
    expect((await second.ended()).code).toBe(0);
    await expect.poll(() => readiness(third), WAIT).toMatchObject({ role: "leader" });
  });

  it("need a key that seals secrets, and say so before anything is started", async () => {
    const started = serve([], { DATABASE_URL: database.url });
    await expect(started).rejects.toThrow("secret-key-missing");
  });

  it("answer /metrics only to who names the token, where one is set", async () => {
    const token = "a-token-for-prometheus";
    const process = await serve([], { ...environment(), STRAITWAY_METRICS_TOKEN: token });
    expect((await process.get("/metrics")).status).toBe(404);
    const asked = await process.get("/metrics", { authorization: `Bearer ${token}` });
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain("straitway_queue_age_seconds");
  });
});
