import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAccounts } from "../account/account-view.ts";
import { type HttpServer, listenHttp } from "../api/http-server.ts";
import { openTestApi, type TestApi, testCaller } from "../api/test-api.ts";
import { listExceptions } from "../report/exceptions.ts";
import { listPayoutIds, viewPayouts } from "../report/payout-view.ts";
import { SELLER, tellStory } from "../report/verify/test-story.ts";
import { run } from "./test-terminal.ts";

const KEY = "swk_test-only";

let api: TestApi;
let http: HttpServer;

beforeAll(async () => {
  const caller = testCaller("supervisor");
  api = await openTestApi([SELLER], () => ({
    authenticate: async (c) => (c.req.header("authorization") === `Bearer ${KEY}` ? caller : null),
  }));
  await tellStory(api.channel);
  http = await listenHttp(api.api.fetch, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await http.close(0);
  await api.close();
});

function ask(...words: string[]) {
  return run([...words, "--server", http.url, "--key", KEY]);
}

async function document(...words: string[]) {
  const { exitCode, out } = await ask(...words, "--json");
  expect(exitCode).toBe(0);
  return JSON.parse(out);
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("commands that ask a running channel", () => {
  it("print the payouts that they would read themselves, and one with its timeline", async () => {
    const { database } = api.channel;
    const { tenantId } = api.deps;
    const ids = await listPayoutIds(database, tenantId, { sellerId: null, state: null, limit: 99 });
    const views = await viewPayouts(database, tenantId, ids);
    const { version, payouts } = await document("payout", "list");
    expect(version).toBe(1);
    expect(payouts.toSorted(byId)).toEqual(asJson(views.toSorted(byId)));
    expect((await document("payout", "list", "--limit", "2")).payouts).toHaveLength(2);
    const shown = await document("payout", "show", "31100000001");
    expect(shown.payout).toEqual(asJson(views.find((view) => view.reference === "31100000001")));
    expect(shown.timeline.length).toBeGreaterThan(3);
    const text = await ask("payout", "show", shown.payout.id);
    expect(text.out).toContain("31100000001");
    expect(text.out).toContain("payout-released");
  });

  it("print the accounts and exceptions that they would read themselves", async () => {
    const { database } = api.channel;
    const { tenantId, partition, policy, clock } = api.deps;
    const accounts = await listAccounts(database, tenantId, partition, null);
    expect((await document("account", "list")).accounts).toEqual(asJson(accounts));
    const now = clock.now();
    const all = { policy, now, limit: 1000, sellerId: null };
    const { exceptions, total } = await listExceptions(database, tenantId, all);
    expect(await document("exception", "list")).toEqual({
      version: 1,
      exceptions: asJson(exceptions),
      exceptionCount: total,
    });
    const one = await document("exception", "list", "--limit", "1");
    expect(one.exceptions).toHaveLength(1);
    expect(one.exceptionCount).toBe(total);
  });

  it("say in the server's words what it refuses, and that nobody answers", async () => {
    const nobody = await run(["payout", "list", "--server", http.url, "--key", "swk_wrong"]);
    expect(nobody.exitCode).toBe(1);
    expect(nobody.err).toMatch(/\[not-signed-in\]/);
    expect(nobody.err).toMatch(/request req_/);
    const unknown = await ask("payout", "list", "--state", "lost");
    expect(unknown.err).toMatch(/\[request-invalid\]/);
    const wrong = await run(["account", "list", "--server", "not an address", "--key", KEY]);
    expect(wrong.err).toMatch(/\[server-invalid\]/);
    const missing = await ask("payout", "show", "po_none", "--json");
    expect(JSON.parse(missing.out).refusal.code).toBe("not-found");
  });
});
