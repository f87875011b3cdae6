import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instant } from "../time/instant.ts";
import { lastSeq, readFeed } from "../timeline/feed.ts";
import { createDeliverer } from "./deliverer.ts";
import {
  askReplay,
  listAttempts,
  listDeliveries,
  listReplays,
  resendEvent,
} from "./delivery-log.ts";
import {
  changeEndpoint,
  deleteEndpoint,
  rotateSecrets,
  setEndpointEnabled,
} from "./endpoint-acts.ts";
import { isSignedBy } from "./standard-signature.ts";
import { openTestReceiver, type TestReceiver } from "./test-receiver.ts";
import { made, openTestWebhooks, TENANT, type TestWebhooks } from "./test-webhooks.ts";

const HOUR_MS = 3_600_000;
const NEWEST = { state: null, seq: null, limit: 100, before: null } as const;
let webhooks: TestWebhooks;
let receiver: TestReceiver;

beforeEach(async () => {
  webhooks = await openTestWebhooks();
  receiver = await openTestReceiver();
});
afterEach(async () => {
  await webhooks.deliverer.idle();
  await receiver.close();
  await webhooks.database.close();
});

function told(): string[] {
  return receiver.received.map(({ event }) => `${event.subject}#${event.sequence}`);
}

async function kindsOf(endpointId: string): Promise<string[]> {
  const page = await readFeed(webhooks.database, TENANT, {
    afterSeq: 0n,
    limit: 100,
    subjects: [endpointId],
  });
  return page.events.map(({ kind }) => kind);
}

describe("deliveries", () => {
  it("bring each event once, signed, to the endpoints that want it", async () => {
    const all = await webhooks.create(receiver.url);
    const other = await openTestReceiver();
    try {
      await webhooks.create(other.url, ["payout.*", "statement.posted"]);
      await webhooks.append([made("po_a"), made("cr_b", "bank-notice-booked"), made("user_1")]);
      await webhooks.append([made("st_c", "statement-posted"), made("st_c", "statement-replaced")]);
      await webhooks.deliver();
      expect(other.received.map(({ event }) => event.type).toSorted()).toEqual([
        "payout.reopened",
        "statement.posted",
      ]);
    } finally {
      await other.close();
    }
    expect(receiver.received.map(({ event }) => event.type).toSorted()).toEqual([
      "credit.booked",
      "payout.reopened",
      "statement.posted",
      "statement.replaced",
      "webhook.created",
      "webhook.created",
    ]);
    for (const { headers, text, event } of receiver.received) {
      expect(headers["webhook-id"]).toBe(event.id);
      const signed = {
        id: event.id,
        timestamp: String(headers["webhook-timestamp"]),
        signature: String(headers["webhook-signature"]),
      };
      const now = Date.parse(webhooks.clock.now()) / 1000;
      expect(isSignedBy(all.secrets.publicKey, signed, text, now)).toBe(true);
      expect(isSignedBy(all.secrets.secret, signed, text, now)).toBe(true);
    }
    expect(await webhooks.deliver()).toBe(0);
  });

  it("are stamped by the receiver's time, whatever the sandbox's clock says", async () => {
    const wall = { now: () => new Date().toISOString() as Instant };
    const deliverer = createDeliverer({ ...webhooks.deps, wallClock: wall });
    const { secrets } = await webhooks.create(receiver.url);
    await deliverer.deliverDue();
    const [first] = receiver.received;
    const headers = first?.headers as Record<string, string>;
    expect(new Webhook(secrets.secret).verify(first?.text ?? "", headers)).toMatchObject({
      type: "webhook.created",
    });
  });

  it("come in the order of each object's sequence, whatever fails in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("po_a", "po_b", "po_c"), fc.nat(3)), {
          minLength: 1,
          maxLength: 12,
        }),
        async (plan) => {
          receiver.received.length = 0;
          const before = await lastSeq(webhooks.database, TENANT);
          const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
          const failures = new Map(
            plan.map(([, count], index) => [`evt_${before + 2n + BigInt(index)}`, count]),
          );
          const taken: string[] = [];
          receiver.answer = ({ event }) => {
            const left = failures.get(event.id) ?? 0;
            failures.set(event.id, left - 1);
            if (left > 0) return { status: 503 };
            taken.push(`${event.subject}#${event.sequence}`);
            return { status: 204 };
          };
          await webhooks.append(plan.map(([subject]) => made(subject)));
          for (let hours = 0; hours < 60 && taken.length < plan.length; hours += 1) {
            await webhooks.deliver();
            webhooks.clock.advanceMs(HOUR_MS);
          }
          expect(taken).toHaveLength(plan.length);
          for (const subject of ["po_a", "po_b", "po_c"]) {
            const own = taken
              .filter((one) => one.startsWith(subject))
              .map((one) => Number(one.split("#")[1]));
            expect(own).toEqual(own.toSorted((one, other) => one - other));
          }
          await webhooks.database.transaction((tx) =>
            deleteEndpoint(tx, webhooks.acts(), endpoint),
          );
        },
      ),
      { numRuns: 12 },
    );
  });

  it("do not wait for an object whose event fails, nor for an endpoint that is slow", async () => {
    await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = ({ event }) => ({ status: event.subject === "po_a" ? 500 : 200 });
    await webhooks.append([made("po_a"), made("po_a"), made("po_b"), made("po_b")]);
    await webhooks.deliver();
    expect(told().filter((one) => one.startsWith("po_b"))).toEqual(["po_b#1", "po_b#2"]);
    expect(new Set(told().filter((one) => one.startsWith("po_a")))).toEqual(new Set(["po_a#1"]));
  });

  it("are made again after a crash between the answer and its record, with the same id", async () => {
    await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append([made("po_a"), made("po_a")]);
    const crashing = createDeliverer({
      ...webhooks.deps,
      post: async (post, signal) => {
        await webhooks.deps.post(post, signal);
        throw new Error("the process dies");
      },
    });
    await expect(crashing.deliverDue()).rejects.toThrow("the process dies");
    expect(told()).toEqual(["po_a#1"]);
    // Another process does not try it while it may still run, and goes on when it cannot.
    expect(await webhooks.deliver()).toBe(0);
    webhooks.clock.advanceMs(61_000);
    expect(await webhooks.deliver()).toBe(2);
    expect(told()).toEqual(["po_a#1", "po_a#1", "po_a#2"]);
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids[0]).toBe(ids[1]);
    expect(receiver.received[0]?.text).toBe(receiver.received[1]?.text);
  });

  it("are shared by several processes without a second copy", async () => {
    await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append(Array.from({ length: 30 }, (_, at) => made(`po_${at % 10}`)));
    const others = [1, 2, 3].map(() => createDeliverer(webhooks.deps));
    const drain = async (one: (typeof others)[number]): Promise<void> => {
      while ((await one.deliverDue()).more);
    };
    await Promise.all(others.map(drain));
    while (receiver.received.length < 30) await Promise.all(others.map(drain));
    expect(new Set(told()).size).toBe(30);
    expect(told()).toHaveLength(30);
  });

  it("to an endpoint of a seller are about that seller's objects alone", async () => {
    for (const [id, seller] of [
      ["mine", "Mine Ltd"],
      ["theirs", "Theirs Ltd"],
    ])
      await webhooks.database.query("INSERT INTO seller VALUES ($1, $2, $3, $4)", [
        TENANT,
        id,
        seller,
        webhooks.clock.now(),
      ]);
    await webhooks.create(receiver.url, [], "mine");
    await webhooks.append([
      made("mine", "seller-x"),
      made("theirs", "seller-x"),
      made("po_nobody"),
    ]);
    await webhooks.deliver();
    const shown = told().map((one) => one.replace(/^we_[^#]+/, "we"));
    expect(shown.toSorted()).toEqual(["mine#1", "we#1"]);
  });

  it("of an event that is too large come without its data, and say so", async () => {
    await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append([{ ...made("po_a"), data: { words: "收汇".repeat(5000) } }]);
    await webhooks.deliver();
    expect(receiver.received[0]?.event).toMatchObject({
      subject: "po_a",
      data: {},
      isDataLeftOut: true,
    });
  });
});

describe("an endpoint that fails", () => {
  it("is tried again over days, at the waits of the standard, then with what waited", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    const start = Date.parse(webhooks.clock.now());
    const at: number[] = [];
    receiver.answer = () => {
      at.push((Date.parse(webhooks.clock.now()) - start) / 1000);
      return { status: 500, body: "not now" };
    };
    await webhooks.append([made("po_a"), made("po_a")]);
    for (let step = 0; step < 900 && at.length < 9; step += 1) {
      await webhooks.deliver();
      webhooks.clock.advanceMs(at.length < 2 ? 1_000 : 300_000);
    }
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, each at most a fifth longer, on steps of 5 minutes.
    const waits = at.slice(1).map((second, index) => second - (at[index] ?? 0));
    const schedule = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000];
    expect(waits).toHaveLength(8);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(schedule[index]!);
      expect(wait).toBeLessThanOrEqual(schedule[index]! * 1.2 + 301);
    }
    const [second, first] = await listDeliveries(webhooks.database, TENANT, endpoint.id, NEWEST);
    const [one, ...rest] = [first, second].toSorted((a, b) =>
      Number((a?.seq ?? 0n) - (b?.seq ?? 0n)),
    );
    expect(one).toMatchObject({ state: "pending", attemptCount: 9 });
    expect(rest).toMatchObject([{ state: "pending", attemptCount: 0 }]);
    const attempts = await listAttempts(webhooks.database, TENANT, one?.id ?? "");
    expect(attempts).toHaveLength(9);
    expect(attempts[0]).toMatchObject({
      attempt: 1,
      status: 500,
      failureCode: "status",
      responseBody: "not now",
      isCut: false,
    });
    receiver.answer = () => ({ status: 200 });
    webhooks.clock.advanceMs(30 * HOUR_MS);
    await webhooks.deliver();
    expect(told().slice(-2)).toEqual(["po_a#1", "po_a#2"]);
  });

  it("is left alone more and more, and probed with one message at a time", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = () => ({ status: 500 });
    await webhooks.append(Array.from({ length: 20 }, (_, at) => made(`po_${at}`)));
    await webhooks.deliver();
    const first = receiver.received.length;
    expect(first).toBeLessThanOrEqual(7);
    expect((await webhooks.load(endpoint.id)).pausedUntil).not.toBeNull();
    webhooks.clock.advanceMs(HOUR_MS);
    await webhooks.deliver();
    expect(receiver.received.length).toBe(first + 1);
    receiver.answer = () => ({ status: 200 });
    webhooks.clock.advanceMs(HOUR_MS);
    await webhooks.deliver();
    expect((await webhooks.load(endpoint.id)).failureCount).toBe(0);
    const taken = new Set(told());
    expect(taken.size).toBe(20);
  });

  it("is disabled after five days without an answer, tells so, and loses nothing", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = () => ({ status: 502 });
    await webhooks.append([made("po_a"), made("po_b")]);
    for (let hours = 0; hours < 24 * 5 + 2; hours += 1) {
      await webhooks.deliver();
      webhooks.clock.advanceMs(HOUR_MS);
    }
    for (let hours = 0; hours < 48; hours += 1) {
      await webhooks.deliver();
      webhooks.clock.advanceMs(HOUR_MS);
    }
    const disabled = await webhooks.load(endpoint.id);
    expect(disabled).toMatchObject({ state: "disabled", disabledCode: "failing" });
    expect(await kindsOf(endpoint.id)).toEqual(["webhook-created", "webhook-disabled"]);
    const before = receiver.received.length;
    await webhooks.append([made("po_a")]);
    expect(await webhooks.deliver()).toBe(0);
    receiver.answer = () => ({ status: 200 });
    await webhooks.database.transaction((tx) =>
      setEndpointEnabled(tx, webhooks.acts(), disabled, true),
    );
    await webhooks.deliver();
    expect(told().slice(before).toSorted()).toEqual(["po_a#1", "po_a#2", "po_b#1"]);
  });

  it("is disabled at once when it says that it is gone", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = () => ({ status: 410 });
    await webhooks.append([made("po_a")]);
    await webhooks.deliver();
    expect(await webhooks.load(endpoint.id)).toMatchObject({
      state: "disabled",
      disabledCode: "gone",
    });
  });

  it("waits as it is asked to, and takes no redirect for an answer", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = () => ({ status: 429, headers: { "retry-after": "3600" } });
    await webhooks.append([made("po_a")]);
    await webhooks.deliver();
    webhooks.clock.advanceMs(HOUR_MS - 1_000);
    expect(await webhooks.deliver()).toBe(0);
    webhooks.clock.advanceMs(1_000);
    receiver.answer = () => ({ status: 302, headers: { location: "http://127.0.0.1:1/" } });
    expect(await webhooks.deliver()).toBe(1);
    const [delivery] = await listDeliveries(webhooks.database, TENANT, endpoint.id, NEWEST);
    const attempts = await listAttempts(webhooks.database, TENANT, delivery?.id ?? "");
    expect(attempts.map(({ failureCode }) => failureCode)).toEqual(["status", "redirect"]);
  });

  it("gives up one event that alone is refused for days, and tells so", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = ({ event }) => ({ status: event.subject === "po_bad" ? 422 : 200 });
    await webhooks.append([made("po_bad"), made("po_bad"), made("po_good")]);
    for (let hours = 0; hours < 24 * 9; hours += 2) {
      await webhooks.append([made("po_good")]);
      await webhooks.deliver();
      webhooks.clock.advanceMs(2 * HOUR_MS);
      const [second] = await listDeliveries(webhooks.database, TENANT, endpoint.id, {
        ...NEWEST,
        state: "failed",
      });
      if (second !== undefined) break;
    }
    const lost = await listDeliveries(webhooks.database, TENANT, endpoint.id, {
      ...NEWEST,
      state: "failed",
    });
    expect(lost).toMatchObject([{ subject: "po_bad", attemptCount: 10 }]);
    expect(await kindsOf(endpoint.id)).toEqual(["webhook-created", "webhook-delivery-failed"]);
    expect(await webhooks.load(endpoint.id)).toMatchObject({ state: "enabled" });
    await webhooks.deliver();
    expect(told()).toContain("po_bad#2");
  });

  it("is left with the beginning of its answer in the log", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    receiver.answer = () => ({ status: 400, body: `\u0000\u001b[31m${"x".repeat(10_000)}` });
    await webhooks.append([made("po_a")]);
    await webhooks.deliver();
    const [delivery] = await listDeliveries(webhooks.database, TENANT, endpoint.id, NEWEST);
    const [attempt] = await listAttempts(webhooks.database, TENANT, delivery?.id ?? "");
    expect(attempt?.isCut).toBe(true);
    expect(attempt?.responseBody).toHaveLength(4096);
    expect(attempt?.responseBody?.startsWith("\uFFFD\uFFFD[31mxx")).toBe(true);
  });
});

describe("what people do with an endpoint", () => {
  it("replays a stretch of the feed in order, with the ids that the events have", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append(["po_a", "po_b", "po_a", "po_a"].map((subject) => made(subject)));
    await webhooks.deliver();
    const first = receiver.received.map(({ headers }) => headers["webhook-id"]);
    receiver.received.length = 0;
    const asked = await webhooks.database.transaction((tx) =>
      askReplay(
        tx,
        TENANT,
        endpoint,
        { fromSeq: 3n, throughSeq: null, subject: null, askedBy: "user_test" },
        webhooks.clock.now(),
      ),
    );
    expect(asked).toMatchObject({ ok: true, value: { state: "running", fromSeq: 3n } });
    await webhooks.deliver();
    const again = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(again)).toEqual(new Set(first.filter((id) => id !== "evt_2")));
    expect(told().filter((one) => one.startsWith("po_a"))).toEqual(["po_a#2", "po_a#3"]);
    expect(await listReplays(webhooks.database, TENANT, endpoint.id)).toMatchObject([
      { state: "done", eventCount: 3, throughSeq: 5n },
    ]);
  });

  it("replays the events of one object alone", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append(["po_a", "po_b", "po_a"].map((subject) => made(subject)));
    await webhooks.deliver();
    receiver.received.length = 0;
    const draft = { fromSeq: 1n, throughSeq: 99n, subject: "po_a", askedBy: "user_test" };
    await webhooks.database.transaction((tx) =>
      askReplay(tx, TENANT, endpoint, draft, webhooks.clock.now()),
    );
    await webhooks.deliver();
    expect(told()).toEqual(["po_a#1", "po_a#2"]);
  });

  it("sends one event again, of whatever type, but never one of who may act", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append([made("st_a", "statement-posted"), made("user_1", "user-signed-in")]);
    await webhooks.deliver();
    const again = (seq: bigint) =>
      webhooks.database.transaction((tx) =>
        resendEvent(tx, TENANT, endpoint, { seq, askedBy: "user_test" }, webhooks.clock.now()),
      );
    expect(await again(2n)).toMatchObject({ ok: true });
    expect(await again(2n)).toMatchObject({ refusal: { code: "webhook-delivery-pending" } });
    expect(await again(3n)).toMatchObject({ refusal: { code: "event-unknown" } });
    expect(await again(99n)).toMatchObject({ refusal: { code: "event-unknown" } });
    await webhooks.deliver();
    expect(told()).toEqual(["st_a#1"]);
    expect(await again(2n)).toMatchObject({ ok: true });
  });

  it("changes its secrets with a day on which both sign", async () => {
    const { endpoint, secrets: old } = await webhooks.create(receiver.url, ["payout.*"]);
    const { secrets } = await webhooks.database.transaction((tx) =>
      rotateSecrets(tx, webhooks.acts(), endpoint),
    );
    const signedBy = async (key: string): Promise<boolean> => {
      receiver.received.length = 0;
      await webhooks.append([made("po_a")]);
      await webhooks.deliver();
      const [message] = receiver.received;
      const header = (name: string) => String(message?.headers[name]);
      const signed = {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
      };
      const now = Date.parse(webhooks.clock.now()) / 1000;
      return isSignedBy(key, signed, message?.text ?? "", now);
    };
    expect(await signedBy(old.secret)).toBe(true);
    expect(await signedBy(old.publicKey)).toBe(true);
    expect(await signedBy(secrets.secret)).toBe(true);
    webhooks.clock.advanceMs(24 * HOUR_MS);
    expect(await signedBy(old.secret)).toBe(false);
    expect(await signedBy(old.publicKey)).toBe(false);
    expect(await signedBy(secrets.publicKey)).toBe(true);
  });

  it("keeps secrets where the database alone does not show them", async () => {
    const { secrets } = await webhooks.create(receiver.url);
    const rows = await webhooks.database.query("SELECT * FROM webhook_endpoint");
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    expect(text).not.toContain(secrets.secret.slice("whsec_".length));
    expect(text).not.toContain(secrets.privateKey.slice("whsk_".length));
    expect(text).toContain(secrets.publicKey);
  });

  it("disables it by hand, changes where it is, and deletes it: nothing is sent any more", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    const acts = webhooks.acts();
    const disabled = await webhooks.database.transaction((tx) =>
      setEndpointEnabled(tx, acts, endpoint, false),
    );
    expect(disabled).toMatchObject({ state: "disabled", disabledCode: "by-hand" });
    await webhooks.append([made("po_a")]);
    expect(await webhooks.deliver()).toBe(0);
    const unknown = await webhooks.database.transaction((tx) =>
      changeEndpoint(tx, acts, endpoint, { eventTypes: ["payout.lost"] }),
    );
    expect(unknown).toMatchObject({ refusal: { code: "webhook-event-type-unknown" } });
    const changed = await webhooks.database.transaction((tx) =>
      changeEndpoint(tx, acts, endpoint, { url: `${receiver.url}/new`, eventTypes: [] }),
    );
    expect(changed).toMatchObject({ value: { url: `${receiver.url}/new`, eventTypes: [] } });
    await webhooks.database.transaction((tx) => deleteEndpoint(tx, acts, endpoint));
    await expect(webhooks.load(endpoint.id)).rejects.toThrow("no endpoint");
    expect(await webhooks.deliver()).toBe(0);
    expect(await kindsOf(endpoint.id)).toEqual([
      "webhook-created",
      "webhook-disabled",
      "webhook-changed",
      "webhook-deleted",
    ]);
  });

  it("forgets deliveries a month after they ended", async () => {
    const { endpoint } = await webhooks.create(receiver.url, ["payout.*"]);
    await webhooks.append([made("po_a")]);
    await webhooks.deliver();
    webhooks.clock.advanceMs(29 * 24 * HOUR_MS);
    await webhooks.deliver();
    expect(await listDeliveries(webhooks.database, TENANT, endpoint.id, NEWEST)).toHaveLength(1);
    webhooks.clock.advanceMs(2 * 24 * HOUR_MS);
    await webhooks.deliver();
    expect(await listDeliveries(webhooks.database, TENANT, endpoint.id, NEWEST)).toEqual([]);
    const attempts = await webhooks.database.query("SELECT * FROM webhook_attempt");
    expect(attempts).toEqual([]);
  });
});
