import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bookAccountId } from "../src/books/chart.ts";
import { run } from "../src/cli/test-terminal.ts";
import { accountBalances } from "../src/ledger/account-reads.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../src/runtime/channel.ts";
import { ACCOUNT, notice, SELLER, settlement, USD } from "../src/runtime/test-notices.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";
import { type CompiledPrograms, compilePrograms } from "./compiled-programs.ts";
import { type ServiceProcess, startServiceProcess } from "./serving-process.ts";

const SECRET_KEY = Buffer.alloc(32, 9).toString("base64");
/** Generous: the machine may be busy. */
const WAIT = { timeout: 90_000, interval: 50 };
const ROUND_COUNT = 3;

let programs: CompiledPrograms;
let folder: string;
let bankFolder: string;
let database: TestDatabase;
let running: ServiceProcess[];

beforeAll(() => {
  programs = compilePrograms();
});

afterAll(() => programs.remove());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "takeover-"));
  bankFolder = join(folder, "bank");
  mkdirSync(join(bankFolder, "in"), { recursive: true });
  database = await openTestDatabase();
  running = [];
});

afterEach(async () => {
  for (const process of running) process.kill("SIGKILL");
  await Promise.all(running.map((process) => process.ended()));
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(): Promise<ServiceProcess> {
  const config = join(folder, "config.json");
  writeFileSync(
    config,
    JSON.stringify({
      leadership: { leaseMs: 1_500, pollMs: 50 },
      jobs: { leaseMs: 1_500 },
      filesBindAccounts: true,
      log: { level: "debug" },
      banks: [
        {
          id: "icbc-usd",
          transport: "drop-folder",
          folder: bankFolder,
          sellerId: SELLER,
          everySeconds: 1,
        },
      ],
    }),
  );
  const environment = { DATABASE_URL: database.url, STRAITWAY_SECRET_KEY: SECRET_KEY };
  const words = ["--config", config];
  const program = programs.program("run-command");
  const process = await startServiceProcess(program, words, { environment });
  running.push(process);
  return process;
}

async function roleOf(process: ServiceProcess): Promise<string> {
  const answer = (await (await process.get("/health/ready")).json()) as { role: string };
  return answer.role;
}

/** As a bank does: written under another name first. */
function drop(name: string, bytes: Uint8Array): void {
  writeFileSync(join(bankFolder, "in", `${name}.tmp`), bytes);
  renameSync(join(bankFolder, "in", `${name}.tmp`), join(bankFolder, "in", name));
}

async function availableMinor(): Promise<bigint> {
  const scope = { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION };
  const id = bookAccountId(SELLER, "fx-account", USD);
  const [account] = await accountBalances(database, scope, [id]);
  return account === undefined ? 0n : account.debitsPosted - account.creditsPosted;
}

/** The part of a metric's text that a scrape shows as its value. */
async function metric(process: ServiceProcess, name: string): Promise<number> {
  const text = await (await process.get("/metrics")).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.split(" ")[1]);
}

async function expectSilentLogs(): Promise<void> {
  await Promise.all(running.map((process) => process.ended()));
  const logs = running.map(({ log }) => log.map((line) => JSON.stringify(line)).join("\n"));
  const told = logs.join("\n");
  expect(told).toContain('"event":"received"');
  expect(told).toContain('"event":"role-changed"');
  for (const secret of [ACCOUNT, ACCOUNT.slice(-8), "Amazon.com Services", SELLER, SECRET_KEY])
    expect(told).not.toContain(secret);
  expect(told).not.toContain(new URL(database.url).password || "no password");
}

describe("a leader that is killed again and again while files come in", () => {
  it("is followed by another each time: all money is there once, and nobody's data is in a log", async () => {
    let leader = await serve();
    let expected = 0n;
    for (let round = 0; round < ROUND_COUNT; round += 1) {
      const standby = await serve();
      expect(await roleOf(standby)).toBe("standby");
      const { id, bytes, totalMinor } = settlement(round);
      expected += totalMinor;
      drop(`${id}.txt`, bytes);
      drop(`notice-${round}.xml`, notice(round));
      // In whatever it is doing: claiming, storing, settling, archiving.
      await expect.poll(() => readdirSync(join(bankFolder, "in")).length, WAIT).toBeLessThan(2);
      leader.kill("SIGKILL");
      await expect.poll(() => roleOf(standby), WAIT).toBe("leader");
      await expect.poll(availableMinor, WAIT).toBe(expected);
      leader = standby;
    }
    const twice = await database.query(
      "SELECT payout_id FROM release GROUP BY payout_id HAVING count(*) > 1",
    );
    expect(twice).toEqual([]);
    expect(await metric(leader, "straitway_minute_clock_seconds_count")).toBeGreaterThan(0);
    leader.kill("SIGTERM");
    expect((await leader.ended()).code).toBe(0);
    const verified = await run(["verify", "--database-url", database.url, "--data", folder]);
    expect(verified.out).toContain(
      "Everything on record agrees with the files and with the ledger.",
    );
    await expectSilentLogs();
  });
});
