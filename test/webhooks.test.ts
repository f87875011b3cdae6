// Events leave real processes: an endpoint is registered over HTTP, a file is handed in, and what follows from it comes
// signed, whichever process delivers; and a terminal that listens sees the same.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../src/cli/listen-command.ts";
import { runProgram } from "../src/cli/program.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";
import { systemClock } from "../src/time/clock.ts";
import { openTestReceiver, type TestReceiver } from "../src/webhook/test-receiver.ts";
import { type CompiledPrograms, compilePrograms } from "./compiled-programs.ts";
import { type ServiceProcess, startServiceProcess } from "./serving-process.ts";

const SECRET_KEY = Buffer.alloc(32, 9).toString("base64");
const SETTLEMENT = join(import.meta.dirname, "../fixtures/amazon/us-v2-1.txt");
/** Generous: the machine may be busy. */
const WAIT = { timeout: 60_000, interval: 50 };

let programs: CompiledPrograms;
let folder: string;
let database: TestDatabase;
let receiver: TestReceiver;
let running: ServiceProcess[] = [];
let key: string;

beforeAll(async () => {
  programs = compilePrograms();
  folder = mkdtempSync(join(tmpdir(), "webhooks-"));
  database = await openTestDatabase();
  receiver = await openTestReceiver();
});

afterAll(async () => {
  for (const process of running) process.kill("SIGKILL");
  await Promise.all(running.map((process) => process.ended()));
  await receiver.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  programs.remove();
});

/** A terminal that keeps what is printed. */
function quiet(said: { out: string; err: string }) {
  return {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    isInteractive: false,
    env: { STRAITWAY_SECRET_KEY: SECRET_KEY },
    clock: systemClock,
  };
}

async function makeKey(): Promise<string> {
  const said = { out: "", err: "" };
  const words = ["key", "add", "--name", "test", "--role", "engineer", "--json"];
  const place = ["--data", folder, "--database-url", database.url];
  expect(await runProgram([...words, ...place], quiet(said)), said.err).toBe(0);
  return (JSON.parse(said.out) as { secret: string }).secret;
}

async function serve(): Promise<ServiceProcess> {
  const config = join(folder, "config.json");
  const settings = {
    leadership: { leaseMs: 1_500, pollMs: 50 },
    jobs: { leaseMs: 1_500 },
    webhooks: { allowLoopback: true },
  };
  writeFileSync(config, JSON.stringify(settings));
  const environment = { DATABASE_URL: database.url, STRAITWAY_SECRET_KEY: SECRET_KEY };
  const program = programs.program("run-command");
  const process = await startServiceProcess(program, ["--config", config], { environment });
  running.push(process);
  return process;
}

async function post(
  service: ServiceProcess,
  path: string,
  body: string | Uint8Array,
  type = "application/json",
): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": type },
    body,
  });
}

function typesReceived(): readonly string[] {
  return receiver.received.map(({ event }) => event.type);
}

describe("webhooks of straitway serve", () => {
  it("bring what follows from a file, signed, and go on from another process when one is killed", async () => {
    const first = await serve();
    const second = await serve();
    key = await makeKey();
    const registration = JSON.stringify({ url: receiver.url });
    const made = await post(first, "/v1/webhook-endpoints", registration);
    expect(made.status).toBe(201);
    const { endpoint, secret } = (await made.json()) as {
      endpoint: { id: string };
      secret: string;
    };
    const uploaded = await post(
      second,
      "/v1/uploads?name=us.txt",
      readFileSync(SETTLEMENT),
      "application/octet-stream",
    );
    expect(uploaded.status, await uploaded.text()).toBeLessThan(300);
    await expect
      .poll(typesReceived, WAIT)
      .toEqual(
        expect.arrayContaining(["webhook.created", "upload.received", "statement.awaiting-seller"]),
      );
    for (const { headers, text, event } of receiver.received) {
      const signed = headers as Record<string, string>;
      expect(new Webhook(secret).verify(text, signed)).toEqual(event);
    }
    const log = `/v1/webhook-endpoints/${endpoint.id}/deliveries?state=pending`;
    const pending = async () => {
      const answer = await second.get(log, { authorization: `Bearer ${key}` });
      return ((await answer.json()) as { data: unknown[] }).data;
    };
    await expect.poll(pending, WAIT).toEqual([]);
    first.kill("SIGKILL");
    const ping = await post(second, `/v1/webhook-endpoints/${endpoint.id}/ping`, "");
    expect(ping.status).toBe(202);
    await expect.poll(typesReceived, WAIT).toContain("webhook.pinged");
    const ids = receiver.received.map(({ event }) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are what a terminal that listens sees, and a stop ends its stream", async () => {
    const [, second] = running;
    if (second === undefined) throw new Error("the first test started two processes");
    const said = { out: "", err: "" };
    const stopping = new AbortController();
    const ended = listen(
      { server: second.url, key, after: "evt_0", json: true },
      quiet(said),
      stopping.signal,
    );
    const seen = () => said.out.match(/"id":"evt_\d+"/g)?.length ?? 0;
    await expect.poll(seen, WAIT).toBe(receiver.received.length);
    second.kill("SIGTERM");
    expect((await second.ended()).code).toBe(0);
    expect(second.log.findLast(({ event }) => event === "stopped")).toMatchObject({
      outcome: "clean",
    });
    stopping.abort();
    expect(await ended).toBe(0);
  });
});
