import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER } from "../../report/verify/test-story.ts";
import { systemClock } from "../../time/clock.ts";
import { createDeliverer, type Deliverer } from "../../webhook/deliverer.ts";
import { webhookPoster } from "../../webhook/post-webhook.ts";
import { openTestReceiver, type TestReceiver } from "../../webhook/test-receiver.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const ENGINEER = testCaller("engineer");
const OPERATOR = testCaller("operator");
const OWNER = testCaller("seller-owner", SELLER.id);
const OTHER = testCaller("seller-owner", "nanan-toys");

let api: TestApi;
let receiver: TestReceiver;
let deliverer: Deliverer;

beforeAll(async () => {
  receiver = await openTestReceiver();
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
  const { store, tenantId, clock, webhooks, access } = api.deps;
  deliverer = createDeliverer({
    database: store.database,
    tenantId,
    clock,
    wallClock: systemClock,
    sealer: access.sealer,
    post: webhookPoster(webhooks),
    userAgent: "Straitway/test",
  });
});
afterAll(async () => {
  await receiver.close();
  await api.close();
});

async function create(caller: typeof ENGINEER, more: Readonly<Record<string, unknown>> = {}) {
  return api.ask(caller, "/v1/webhook-endpoints", {
    method: "POST",
    json: { url: receiver.url, eventTypes: ["webhook.*"], ...more },
  });
}

async function deliver(): Promise<void> {
  while ((await deliverer.deliverDue()).more);
}

describe("webhook endpoints over the API", () => {
  it("are registered, tried, changed under their version, and deleted", async () => {
    const made = await create(ENGINEER, { description: "books" });
    expect(made.status).toBe(201);
    expect(made.body.endpoint).toMatchObject({
      state: "enabled",
      sellerId: null,
      description: "books",
      madeBy: ENGINEER.id,
    });
    const path = `/v1/webhook-endpoints/${made.body.endpoint.id}`;
    expect(made.headers.get("location")).toBe(path);
    expect((await api.ask(ENGINEER, `${path}/ping`, { method: "POST" })).status).toBe(202);
    await deliver();
    const ping = receiver.received.find(({ event }) => event.type === "webhook.pinged");
    expect(ping?.event).toMatchObject({ subject: made.body.endpoint.id, actor: ENGINEER.id });
    const headers = ping?.headers as Record<string, string>;
    expect(new Webhook(made.body.secret).verify(ping?.text ?? "", headers)).toEqual(ping?.event);
    const shown = await api.ask(OPERATOR, path);
    expect(shown.text).not.toContain(made.body.secret);
    const edit = { method: "PATCH", json: { state: "disabled", eventTypes: ["payout.*"] } };
    expect((await api.ask(ENGINEER, path, edit)).body.code).toBe("if-match-missing");
    const old = { ...edit, headers: { "if-match": '"99"' } };
    expect((await api.ask(ENGINEER, path, old)).status).toBe(412);
    const tag = shown.headers.get("etag") ?? "";
    const changed = await api.ask(ENGINEER, path, { ...edit, headers: { "if-match": tag } });
    expect(changed.body).toMatchObject({ state: "disabled", eventTypes: ["payout.*"] });
    expect(changed.headers.get("etag")).not.toBe(tag);
    const ofDisabled = await api.ask(ENGINEER, `${path}/ping`, { method: "POST" });
    expect(ofDisabled.body.code).toBe("webhook-disabled");
    expect((await api.ask(ENGINEER, path, { method: "DELETE" })).status).toBe(204);
    expect((await api.ask(ENGINEER, path)).status).toBe(404);
  });

  it("are described to those who write receivers", () => {
    const { webhooks } = api.api.openApiDocument();
    expect(webhooks?.["event"]).toMatchObject({
      post: {
        operationId: "receiveEvent",
        requestBody: {
          content: { "application/json": { schema: { $ref: "#/components/schemas/Event" } } },
        },
      },
    });
  });

  it("are refused at addresses and for types that cannot be", async () => {
    for (const [more, status, code] of [
      [{ url: "http://hooks.example.com/" }, 422, "webhook-url-insecure"],
      [{ url: "https://169.254.169.254/" }, 422, "webhook-url-not-public"],
      [{ url: "nowhere" }, 422, "webhook-url-invalid"],
      [{ eventTypes: ["payout.lost"] }, 422, "webhook-event-type-unknown"],
      [{ sellerId: "nobody-knows" }, 400, "request-invalid"],
      [{ secret: "whsec_mine" }, 400, "request-invalid"],
    ] as const) {
      const refused = await create(ENGINEER, more);
      expect([refused.status, refused.body.code]).toEqual([status, code]);
    }
    expect((await create(OPERATOR)).status).toBe(403);
  });

  it("of a seller are that seller's to make, to see and to change", async () => {
    const made = await create(OWNER, { sellerId: null });
    expect(made.body.endpoint.sellerId).toBe(SELLER.id);
    const path = `/v1/webhook-endpoints/${made.body.endpoint.id}`;
    expect((await create(OWNER, { sellerId: "nanan-toys" })).status).toBe(400);
    for (const [way, method] of [
      [path, "GET"],
      [path, "DELETE"],
      [`${path}/rotate-secrets`, "POST"],
      [`${path}/ping`, "POST"],
      [`${path}/deliveries`, "GET"],
      [`${path}/replays`, "GET"],
    ] as const)
      expect((await api.ask(OTHER, way, { method })).status).toBe(404);
    const list = await api.ask(OTHER, "/v1/webhook-endpoints");
    expect(list.body.data).toEqual([]);
    expect((await api.ask(OWNER, "/v1/webhook-endpoints")).body.data).toHaveLength(1);
    const all = await api.ask(OPERATOR, `/v1/webhook-endpoints?sellerId=${SELLER.id}`);
    expect(all.body.data).toHaveLength(1);
    const rotated = await api.ask(OWNER, `${path}/rotate-secrets`, { method: "POST" });
    expect(rotated.body.secret).not.toBe(made.body.secret);
    expect(rotated.body.endpoint.earlierSecretsUntil).not.toBeNull();
    expect((await api.ask(OWNER, path, { method: "DELETE" })).status).toBe(204);
  });

  it("have a log with what was answered, and give events again", async () => {
    const made = await create(ENGINEER);
    const path = `/v1/webhook-endpoints/${made.body.endpoint.id}`;
    receiver.answer = () => ({ status: 418, body: "short and stout" });
    await deliver();
    const log = await api.ask(OPERATOR, `${path}/deliveries?state=pending`);
    expect(log.body.data).toMatchObject([
      { eventType: "webhook.created", origin: "feed", attemptCount: 1 },
    ]);
    const [delivery] = log.body.data;
    const detail = await api.ask(OPERATOR, `${path}/deliveries/${delivery.id}`);
    expect(detail.body.attempts).toMatchObject([
      { attempt: 1, status: 418, failureCode: "status", responseBody: "short and stout" },
    ]);
    const resend = (eventId: string) =>
      api.ask(ENGINEER, `${path}/deliveries`, { method: "POST", json: { eventId } });
    expect((await resend(delivery.eventId)).body.code).toBe("webhook-delivery-pending");
    expect((await resend("evt_999")).body.code).toBe("event-unknown");
    receiver.answer = () => ({ status: 200 });
    const again = await resend("evt_1");
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ eventId: "evt_1", origin: "resend" });
    const replay = await api.ask(ENGINEER, `${path}/replays`, {
      method: "POST",
      json: { fromEventId: "evt_1", subject: made.body.endpoint.id },
    });
    expect(replay.status).toBe(202);
    const second = { method: "POST", json: { fromEventId: "evt_1" } };
    expect((await api.ask(ENGINEER, `${path}/replays`, second)).body.code).toBe("replay-running");
    await deliver();
    const done = await api.ask(ENGINEER, replay.headers.get("location") ?? "");
    expect(done.body).toMatchObject({ state: "done", subject: made.body.endpoint.id });
    expect((await api.ask(ENGINEER, `${path}/replays`)).body.data).toHaveLength(1);
    const far = { method: "POST", json: { fromEventId: "evt_9999" } };
    expect((await api.ask(ENGINEER, `${path}/replays`, far)).body.code).toBe("replay-range-empty");
  });
});
