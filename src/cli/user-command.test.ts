import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { presentKey } from "../identity/api-keys/api-keys.ts";
import { findTicket } from "../identity/sessions/tickets.ts";
import { DEFAULT_TENANT } from "../runtime/channel.ts";
import { newSealingKey, readKeyRing, sealer } from "../secret/seal.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { runProgram } from "./program.ts";

let database: TestDatabase;
let folder: string;
const KEY = newSealingKey();

beforeAll(async () => {
  database = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "straitway-users-"));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(
  words: readonly string[],
  env: Record<string, string> = { STRAITWAY_SECRET_KEY: KEY },
) {
  const said = { out: "", err: "" };
  const place = ["--data", folder, "--database-url", database.url];
  const exitCode = await runProgram([...words, ...place], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    isInteractive: false,
    env,
    clock: systemClock,
  });
  return { exitCode, ...said };
}

const ADD = ["user", "add", "--email", "Boss@bank.example", "--name", "Boss", "--role", "admin"];

describe("straitway user", () => {
  it("admits the first admin, by an invitation that the running channel knows", async () => {
    const { exitCode, out } = await run([...ADD, "--public-url", "https://channel.example.com"]);
    expect(exitCode).toBe(0);
    expect(out).toContain("boss@bank.example is admin (user_");
    const token =
      /https:\/\/channel\.example\.com\/sign-in\?invitation=([\w-]+)/.exec(out)?.[1] ?? "";
    const keys = readKeyRing(KEY);
    const deps = { tenantId: DEFAULT_TENANT, sealer: sealer(keys.ok ? keys.value : []) };
    const ticket = await findTicket(database, deps, "invitation", token, systemClock.now());
    expect(ticket?.boundTo).toMatch(/^user_/);
    const list = await run(["user", "list", "--json"]);
    expect(JSON.parse(list.out)).toMatchObject({
      users: [{ email: "boss@bank.example", role: "admin", state: "invited", signedInAt: null }],
    });
  });

  it("begins a sign-in anew, and says who is not known", async () => {
    const reset = await run(["user", "reset", "boss@bank.example"]);
    expect(reset.out).toContain("http://localhost:8420/sign-in?invitation=");
    const unknown = await run(["user", "reset", "nobody@bank.example"]);
    expect(unknown).toMatchObject({ exitCode: 1, out: "" });
    expect(unknown.err).toContain("[user-unknown]");
  });

  it.each([
    [ADD, "email-taken"],
    [[...ADD.slice(0, 7), "seller-owner"], "role-invalid"],
    [[...ADD.slice(0, 7), "seller-owner", "--seller", "nowhere"], "seller-unknown"],
    [[...ADD, "--public-url", "channel"], "config-invalid"],
  ])("refuses %j with %s", async (words, code) => {
    const { exitCode, err } = await run(words);
    expect(exitCode).toBe(1);
    expect(err).toContain(`[${code}]`);
  });

  it("is wrong usage with a role that there is not", async () => {
    expect((await run([...ADD.slice(0, 7), "king"])).exitCode).toBe(2);
  });

  it("needs the key that seals secrets where the database is elsewhere", async () => {
    const { exitCode, err } = await run(
      [...ADD.slice(0, 3), "b@bank.example", ...ADD.slice(4)],
      {},
    );
    expect(exitCode).toBe(1);
    expect(err).toContain("[secret-key-missing]");
  });
});

describe("straitway key add", () => {
  it("makes a key that the running channel takes, with the scopes it names", async () => {
    const { exitCode, out } = await run(
      "key add --name robot --role engineer --json --scope events.read payouts.read".split(" "),
    );
    expect(exitCode).toBe(0);
    const { secret } = JSON.parse(out) as { secret: string };
    const presented = await presentKey(database, DEFAULT_TENANT, secret, systemClock.now());
    expect(presented).toMatchObject({
      ok: true,
      caller: { scopes: ["events.read", "payouts.read"] },
    });
  });

  it.each([
    [["--days", "0"], "key-life-invalid"],
    [["--scope", "everything"], "scope-invalid"],
    [["--scope", "approvals.decide"], "scope-invalid"],
  ])("refuses %j with %s", async (words, code) => {
    const { exitCode, err } = await run([
      "key",
      "add",
      "--name",
      "x",
      "--role",
      "approver",
      ...words,
    ]);
    expect(exitCode).toBe(1);
    expect(err).toContain(`[${code}]`);
  });
});
