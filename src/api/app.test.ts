import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import type { manualClock } from "../time/clock.ts";
import { languageOf } from "./language.ts";
import { cursorOf, placeOf } from "./page.ts";
import { PROBLEMS } from "./problems.ts";
import { rateLimit } from "./rate-limits.ts";
import { openTestApi, type TestApi, testCaller } from "./test-api.ts";
import { traceContext, traceparentOf } from "./trace-context.ts";

const OPERATOR = testCaller("operator");

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi([], (deps) => ({
    settings: { ...deps.settings, requestsPerWindow: 100, anonymousRequestsPerWindow: 40 },
  }));
  api.api.app.get("/v1/test-fault", () => {
    throw new Error("relation secret_table does not exist");
  });
  api.api.app.get("/v1/test-outage", () => {
    throw new Outage("database", "the database at 10.0.0.1 is gone", { retryable: true });
  });
  api.api.app.get("/v1/test-tagged", (c) => c.json({ name: "x" }, 200, { ETag: '"v3"' }));
});
afterAll(() => api.close());

describe("every answer", () => {
  it("carries an id, what is left of the allowance, and closed doors", async () => {
    const { headers } = await api.ask(OPERATOR, "/v1/payouts");
    expect(headers.get("request-id")).toMatch(/^req_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(headers.get("ratelimit-policy")).toBe('"caller";q=100;w=60');
    expect(headers.get("ratelimit")).toMatch(/^"caller";r=\d+;t=\d+$/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is told to the observer by its route, without ids of what was asked for", async () => {
    api.seen.length = 0;
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    await api.ask(OPERATOR, "/v1/payouts/po_secret", {
      headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    });
    await api.ask(OPERATOR, "/v1/nothing/secret");
    expect(api.seen).toMatchObject([
      {
        method: "GET",
        route: "/v1/payouts/{payoutId}",
        status: 404,
        problem: "not-found",
        traceId: trace,
        callerId: OPERATOR.id,
        fault: null,
      },
      { route: "none", status: 404 },
    ]);
    expect(JSON.stringify(api.seen)).not.toContain("secret");
  });
});

describe("a problem", () => {
  it("says nothing of what is inside, and tells the log what broke", async () => {
    api.seen.length = 0;
    const fault = await api.ask(OPERATOR, "/v1/test-fault");
    expect(fault.status).toBe(500);
    expect(fault.text).not.toContain("secret_table");
    expect(fault.body.instance).toBe(fault.headers.get("request-id"));
    expect(String(api.seen[0]?.fault)).toContain("secret_table");
    const outage = await api.ask(OPERATOR, "/v1/test-outage");
    expect(outage.status).toBe(503);
    expect(outage.body.retryable).toBe(true);
    expect(outage.headers.get("retry-after")).toBe("2");
    expect(outage.text).not.toContain("10.0.0.1");
  });

  it("is titled in the reader's language, under the same code", async () => {
    const chinese = await api.ask(OPERATOR, "/v1/payouts/none", {
      headers: { "accept-language": "de, zh-Hans;q=0.8, en;q=0.5" },
    });
    expect(chinese.body.title).toBe("未找到");
    expect(chinese.headers.get("content-language")).toBe("zh-CN");
    const english = await api.ask(OPERATOR, "/v1/payouts/none");
    expect(english.body.code).toBe(chinese.body.code);
    expect(languageOf("zh;q=0, en;q=0.1")).toBe("en");
    expect(languageOf("en;q=0.3,zh-CN")).toBe("zh-CN");
    expect(languageOf(undefined)).toBe("en");
  });

  it("points to a page that says what to do", async () => {
    const { body } = await api.ask(OPERATOR, "/v1/payouts/none");
    const page = await api.ask(null, body.type);
    expect(page.status).toBe(200);
    expect(page.text).toContain(PROBLEMS["not-found"].titleZh);
    const all = await api.ask(null, "/problems");
    for (const code of Object.keys(PROBLEMS)) expect(all.text).toContain(`id="${code}"`);
    expect((await api.ask(null, "/problems/toString")).status).toBe(404);
  });

  it("names the methods that a path takes, and how large a body may be", async () => {
    const wrong = await api.ask(OPERATOR, "/v1/payouts", { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toContain("GET");
    const large = await api.ask(OPERATOR, "/v1/payouts", {
      method: "POST",
      body: "x".repeat(300_000),
    });
    expect(large.body.code).toBe("body-too-large");
  });
});

describe("the rate limit", () => {
  it("stops a caller who spends it, says when to come back, and lets them then", async () => {
    const caller = testCaller("supervisor");
    const answers = [];
    for (let sent = 0; sent < 101; sent += 1)
      answers.push(await api.ask(caller, "/v1/sellers?limit=1"));
    const last = answers.at(-1)!;
    expect(answers.slice(0, 100).every((answer) => answer.status === 200)).toBe(true);
    expect(last.status).toBe(429);
    expect(last.body.code).toBe("rate-limited");
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    // Another caller is not stopped by it.
    expect((await api.ask(OPERATOR, "/v1/sellers")).status).toBe(200);
    (api.deps.clock as ReturnType<typeof manualClock>).advanceMs(1_000);
    expect((await api.ask(caller, "/v1/sellers")).status).toBe(200);
  });

  it("never grants more than its count in a window, plus what the window refills", () => {
    let nowMs = Date.parse("2026-11-25T00:00:00.000Z");
    const clock = { now: () => new Date(nowMs).toISOString() as never };
    const limit = rateLimit(clock, { count: 10, windowSeconds: 10 });
    let granted = 0;
    for (let step = 0; step < 400; step += 1) {
      if (limit.take("one").granted) granted += 1;
      nowMs += 50;
    }
    // 20 seconds: the allowance once, and one more each second.
    expect(granted).toBeLessThanOrEqual(10 + 20);
    expect(granted).toBeGreaterThanOrEqual(10 + 19);
    expect(limit.take("two")).toMatchObject({ granted: true, left: 9 });
  });
});

describe("a tagged object", () => {
  it("is not sent again to a reader who has it", async () => {
    const headers = { "if-none-match": 'W/"v3"' };
    const same = await api.ask(OPERATOR, "/v1/test-tagged", { headers });
    expect(same.status).toBe(304);
    expect(same.text).toBe("");
    expect(same.headers.get("etag")).toBe('"v3"');
    const other = await api.ask(OPERATOR, "/v1/test-tagged", {
      headers: { "if-none-match": '"v2"' },
    });
    expect(other.status).toBe(200);
  });
});

describe("a cursor", () => {
  it("brings back the place that it was made of, for its own list only", () => {
    const place = ["2026-11-25T00:00:00.000Z", "po_ü"];
    const cursor = cursorOf("payouts", place);
    expect(placeOf("payouts", cursor, ["instant", "text"])).toEqual(place);
    expect(placeOf("payouts", undefined, ["instant", "text"])).toBeNull();
    expect(() => placeOf("credits", cursor, ["instant", "text"])).toThrow(/cursor/);
    expect(() => placeOf("payouts", cursor, ["instant"])).toThrow(/cursor/);
    expect(() => placeOf("payouts", cursor, ["count", "text"])).toThrow(/cursor/);
  });
});

describe("a trace", () => {
  it("goes on from a valid traceparent and begins anew from any other", () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    expect(traceContext(`00-${trace}-b7ad6b7169203331-01`)).toMatchObject({
      traceId: trace,
      sampled: true,
    });
    // A later version may say more; version 00 and ff may not.
    expect(traceContext(`cc-${trace}-b7ad6b7169203331-00-more`).traceId).toBe(trace);
    for (const wrong of [
      undefined,
      "",
      `ff-${trace}-b7ad6b7169203331-01`,
      `00-${trace}-b7ad6b7169203331-01-more`,
      `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      `00-${trace}-${"0".repeat(16)}-01`,
      `00-${trace.toUpperCase()}-b7ad6b7169203331-01`,
    ]) {
      const begun = traceContext(wrong);
      expect(begun.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(begun.traceId).not.toBe(trace);
      expect(traceparentOf(begun)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    }
  });
});
