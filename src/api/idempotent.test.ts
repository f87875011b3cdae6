import { z } from "@hono/zod-openapi";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import { forgetAnswers } from "../runtime/forget-answers.ts";
import type { manualClock } from "../time/clock.ts";
import { apiRoute, json } from "./api-route.ts";
import { IDEMPOTENCY_DAYS, RUNNING_MS_MAX, readIdempotencyKey } from "./idempotent.ts";
import { problem } from "./problems.ts";
import { openTestApi, type TestAnswer, type TestApi, testCaller } from "./test-api.ts";

const PAYER = testCaller("operator");
const OTHER = { ...testCaller("operator"), id: "key_another-operator" };

const pay = apiRoute({
  method: "post",
  path: "/v1/test-payments",
  operationId: "testPay",
  summary: "Pay",
  tags: ["Test"],
  permission: "payouts.initiate",
  idempotent: true,
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.object({ minor: z.int().min(1) }) } },
    },
  },
  responses: { 201: json(z.object({ act: z.string(), count: z.int() }), "Paid.") },
  problems: ["not-found"],
});

let api: TestApi;
/** What the route did, by the key that it derives its acts from. */
let acts: string[] = [];
/** What the route does before it answers. */
let meanwhile: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  api = await openTestApi([]);
  api.api.app.openapi(pay, async (c) => {
    acts.push(c.get("actKey"));
    await meanwhile();
    c.header("Location", "/v1/test-payments/1");
    return c.json({ act: c.get("actKey"), count: acts.length }, 201);
  });
});
afterAll(() => api.close());
beforeEach(() => {
  acts = [];
  meanwhile = async () => undefined;
});

function send(
  key: string | null,
  body: unknown = { minor: 5 },
  caller = PAYER,
): Promise<TestAnswer> {
  return api.ask(caller, "/v1/test-payments", {
    method: "POST",
    ...(key === null ? {} : { headers: { "idempotency-key": key } }),
    json: body,
  });
}

/** Something to wait at until it is opened. */
function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  let open: (() => void) | undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open?.(), passed };
}

function advance(ms: number): void {
  (api.deps.clock as ReturnType<typeof manualClock>).advanceMs(ms);
}

describe("a request that moves money", () => {
  it("is done once for one key, and a repeat gets the same answer", async () => {
    const first = await send("pay-0001-once");
    const again = await send('"pay-0001-once"');
    expect(acts).toEqual([`${PAYER.id}/pay-0001-once`]);
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("location")).toBe("/v1/test-payments/1");
    expect(first.headers.get("idempotency-hit")).toBe("false");
    expect(again.headers.get("idempotency-hit")).toBe("true");
  });

  it("is refused without a key or with one that is none", async () => {
    expect((await send(null)).body.code).toBe("idempotency-key-missing");
    for (const key of ["short", '"unclosed-key', "with space inside", "x".repeat(129)]) {
      expect((await send(key)).body.code).toBe("idempotency-key-invalid");
    }
    expect(acts).toEqual([]);
    expect(readIdempotencyKey('"a \\"quoted\\" b"'.replaceAll(" ", "-"))).toBe('a-"quoted"-b');
  });

  it("is refused when the key came with another body before", async () => {
    await send("pay-0002-body");
    const other = await send("pay-0002-body", { minor: 6 });
    expect(other.status).toBe(422);
    expect(other.body.code).toBe("idempotency-key-reused");
    expect(acts).toHaveLength(1);
  });

  it("counts another caller's key as another key", async () => {
    await send("pay-0003-mine");
    await send("pay-0003-mine", { minor: 5 }, OTHER);
    expect(acts).toEqual([`${PAYER.id}/pay-0003-mine`, `${OTHER.id}/pay-0003-mine`]);
  });

  it("tells a repeat to wait while the first still runs", async () => {
    const opened = gate();
    const begun = gate();
    meanwhile = async () => {
      begun.open();
      await opened.passed;
    };
    const first = send("pay-0004-running");
    await begun.passed;
    const meanwhileAnswer = await send("pay-0004-running");
    expect(meanwhileAnswer.status).toBe(409);
    expect(meanwhileAnswer.body.code).toBe("idempotency-key-running");
    expect(meanwhileAnswer.headers.get("retry-after")).toBe("1");
    opened.open();
    expect((await first).status).toBe(201);
    expect((await send("pay-0004-running")).headers.get("idempotency-hit")).toBe("true");
    expect(acts).toHaveLength(1);
  });

  it("keeps the key free when only the form was wrong", async () => {
    expect((await send("pay-0005-form", { minor: 0 })).body.code).toBe("request-invalid");
    expect(acts).toEqual([]);
    expect((await send("pay-0005-form", { minor: 1 })).status).toBe(201);
  });

  it("keeps a refusal of the act itself, as it keeps its success", async () => {
    meanwhile = async () => {
      throw problem("not-found");
    };
    expect((await send("pay-0006-refused")).status).toBe(404);
    meanwhile = async () => undefined;
    const again = await send("pay-0006-refused");
    expect(again.status).toBe(404);
    expect(again.headers.get("content-type")).toContain("application/problem+json");
    expect(acts).toHaveLength(1);
  });

  it("does it again, as the same act, after an outage, and still refuses another body", async () => {
    meanwhile = async () => {
      throw new Outage("database", "gone", { retryable: true });
    };
    expect((await send("pay-0007-outage")).status).toBe(503);
    meanwhile = async () => undefined;
    expect((await send("pay-0007-outage", { minor: 9 })).body.code).toBe("idempotency-key-reused");
    expect((await send("pay-0007-outage")).status).toBe(201);
    expect(new Set(acts)).toEqual(new Set([`${PAYER.id}/pay-0007-outage`]));
    expect(acts).toHaveLength(2);
  });

  it("is taken over when its process died, and not before", async () => {
    // What a killed process leaves: a key that says it runs.
    const now = api.deps.clock.now();
    await send("pay-0008-killed");
    await api.channel.database.query(
      `UPDATE idempotency_key SET state = 'running', status = NULL, headers = NULL, body = NULL,
              lease_until = $1::timestamptz + interval '2 minutes' WHERE key = 'pay-0008-killed'`,
      [now],
    );
    expect((await send("pay-0008-killed")).status).toBe(409);
    advance(RUNNING_MS_MAX);
    expect((await send("pay-0008-killed")).status).toBe(201);
    expect(acts).toHaveLength(2);
  });

  it("is forgotten after its time, so that the key is new again", async () => {
    await send("pay-0009-old");
    const rows = async () =>
      api.channel.database.query("SELECT 1 FROM idempotency_key WHERE key = 'pay-0009-old'");
    const { tenantId, clock } = api.deps;
    await forgetAnswers(api.channel.database, tenantId, clock.now());
    expect(await rows()).toHaveLength(1);
    advance(IDEMPOTENCY_DAYS * 86_400_000);
    await send("pay-0009-old");
    expect(acts).toHaveLength(2);
    advance(IDEMPOTENCY_DAYS * 86_400_000);
    expect(await forgetAnswers(api.channel.database, tenantId, clock.now())).toBeGreaterThan(0);
    expect(await rows()).toHaveLength(0);
  });
});
