import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HttpServer, listenHttp } from "../api/http-server.ts";
import { openTestApi, type TestApi, testCaller } from "../api/test-api.ts";
import { systemClock } from "../time/clock.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { openTestReceiver, type TestReceiver } from "../webhook/test-receiver.ts";
import { listen } from "./listen-command.ts";
import { run } from "./test-terminal.ts";

const KEY = "swk_test-only";

let api: TestApi;
let http: HttpServer;
let receiver: TestReceiver;

beforeAll(async () => {
  const caller = testCaller("engineer");
  api = await openTestApi([], () => ({
    authenticate: async (c) => (c.req.header("authorization") === `Bearer ${KEY}` ? caller : null),
  }));
  http = await listenHttp(api.api.fetch, { host: "127.0.0.1", port: 0 });
  receiver = await openTestReceiver();
});
afterAll(async () => {
  await receiver.close();
  await http.close(0);
  await api.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = () => ({ status: 200 });
});

let told = 0;

async function tell(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    told += 1;
    const event = {
      subject: `po_${told % 2}`,
      kind: "payout-expected",
      at: systemClock.now(),
      data: { settlementId: String(told), amount: "12.50", currency: "USD" },
      source: null,
    };
    await api.deps.store.database.transaction((tx) => appendEvents(tx, api.deps.tenantId, [event]));
  }
}

type Options = Parameters<typeof listen>[0];

/** Listens with a terminal that keeps what is printed. */
function listening(options: Partial<Options>) {
  const said = { out: "", err: "" };
  const stopping = new AbortController();
  const ended = listen(
    { server: http.url, key: KEY, ...options },
    {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      isInteractive: false,
      env: {},
      clock: systemClock,
    },
    stopping.signal,
  );
  return { said, ended, stop: () => stopping.abort() };
}

describe("straitway listen", () => {
  it("shows a line for each event, and ends after as many as it is told", async () => {
    await tell(3);
    const { said, ended } = listening({ after: "evt_0", count: 3 });
    expect(await ended).toBe(0);
    const lines = said.out.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}evt_1 {2}payout\.expected {2}po_1#1 {2}USD 12\.50$/,
    );
  });

  it("begins with what comes from now on, and ends when it is told to stop", async () => {
    const { said, ended, stop } = listening({ json: true });
    await expect.poll(() => said.err, { timeout: 20_000 }).toContain("Listening to");
    await tell(2);
    await expect.poll(() => said.out.split("\n").length, { timeout: 20_000 }).toBe(3);
    stop();
    expect(await ended).toBe(0);
    const events = said.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ id }) => id)).toEqual([`evt_${told - 1}`, `evt_${told}`]);
  });

  it("forwards each event signed, in order, and says what was answered", async () => {
    await tell(4);
    let count = 0;
    receiver.answer = () => {
      count += 1;
      return { status: count === 2 ? 500 : 202 };
    };
    const after = `evt_${told - 4}`;
    const { said, ended } = listening({ after, count: 4, forwardTo: receiver.url });
    expect(await ended).toBe(0);
    const printed = await run(["listen", "--key", KEY, "--print-secret"]);
    const [secret = ""] = printed.out.split("\n");
    for (const { headers, text, event } of receiver.received)
      expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toEqual(event);
    expect(receiver.received.map(({ event }) => event.id)).toEqual(
      [3, 2, 1, 0].map((back) => `evt_${told - back}`),
    );
    const results = said.out
      .trimEnd()
      .split("\n")
      .map((line) => line.split("  → ")[1]);
    expect(results).toEqual(["202", "NOT TAKEN: 500 status", "202", "202"]);
  });

  it("shows only the types and the object that it is asked for", async () => {
    await tell(4);
    const ofObject = listening({ after: "evt_0", subject: "po_1", count: 2 });
    await ofObject.ended;
    expect(ofObject.said.out.match(/po_\d#\d/g)).toEqual(["po_1#1", "po_1#2"]);
    const ofType = listening({ after: "evt_0", types: ["credit.*", "payout.expected"], count: 1 });
    await ofType.ended;
    expect(ofType.said.out).toContain("payout.expected");
  });

  it("connects again after the server was gone, and misses nothing", async () => {
    const own = await listenHttp(api.api.fetch, { host: "127.0.0.1", port: 0 });
    const start = told;
    const { said, ended } = listening({ server: own.url, after: `evt_${start}`, count: 4 });
    await tell(2);
    await expect.poll(() => said.out.split("\n").length, { timeout: 20_000 }).toBe(3);
    await own.close(0);
    await tell(2);
    await expect.poll(() => said.err, { timeout: 20_000 }).toContain("No connection");
    const again = await listenHttp(api.api.fetch, { host: "127.0.0.1", port: own.port });
    expect(await ended).toBe(0);
    await again.close(0);
    expect(said.out.match(/evt_\d+/g)).toEqual([1, 2, 3, 4].map((after) => `evt_${start + after}`));
  });

  it("says why the server refuses, and what is missing", async () => {
    const wrong = listening({ key: "swk_wrong" });
    expect(await wrong.ended).toBe(1);
    expect(wrong.said.err).toContain("[not-signed-in]");
    const none = await run(["listen"]);
    expect([none.exitCode, none.err]).toEqual([1, expect.stringContaining("[key-missing]")]);
    const ftp = await run(["listen", "--key", KEY, "--forward-to", "ftp://x"]);
    expect(ftp.err).toContain("[url-invalid]");
    expect((await run(["listen", "--count", "0"])).exitCode).toBe(2);
  });
});
