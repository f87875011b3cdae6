import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Caller } from "../../identity/caller.ts";
import { SALE, statementFile } from "../../report/verify/test-files.ts";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";
import { ApiRefusal, type Client, createClient, ServerUnreachable } from "./client.ts";
import { OPERATIONS } from "./operations.ts";

const OPERATOR = testCaller("operator");

let api: TestApi;
let client: Client;
beforeAll(async () => {
  api = await openTestApi([SELLER]);
  await tellStory(api.channel);
  client = await clientAs(OPERATOR);
});
afterAll(() => api.close());

async function clientAs(caller: Caller): Promise<Client> {
  // Makes the caller known to the test's door.
  await api.ask(caller, "/v1");
  return createClient({
    baseUrl: "http://client.test",
    key: "unused",
    fetch: (request) => {
      request.headers.set("x-test-caller", caller.id);
      return api.api.fetch(request);
    },
  });
}

describe("the client", () => {
  it("has every operation under its operationId, with method and path, but those of browsers and banks", () => {
    const described = new Map(
      Object.entries(api.api.openApiDocument().paths ?? {}).flatMap(([path, methods]) =>
        Object.entries(methods as Record<string, { operationId: string; tags: string[] }>).map(
          ([method, { operationId, tags }]) => [operationId, { place: `${method} ${path}`, tags }],
        ),
      ),
    );
    for (const [name, { method, path }] of Object.entries(OPERATIONS)) {
      expect(described.get(name)?.place, name).toBe(`${method} ${path}`);
    }
    const ofPeople = new Set(["Sign-in", "My account", "Bank"]);
    const others = [...described]
      .filter(([name, { tags }]) => !(name in OPERATIONS) && !tags.some((tag) => ofPeople.has(tag)))
      .map(([name]) => name);
    expect(others.sort()).toEqual([
      "downloadReport",
      "finishStoreConsent",
      "getFileContent",
      "getOpenApi",
      "getService",
      "streamEvents",
    ]);
  });

  it("gives the tag of what it read, and an edit of an older reading is refused", async () => {
    const engineer = await clientAs(testCaller("engineer"));
    const made = await engineer.createWebhookEndpoint({ json: { url: "http://127.0.0.1:9/hook" } });
    const params = { endpointId: made.endpoint.id };
    const { value, etag } = await engineer.tagged("getWebhookEndpoint", { params });
    expect(value.url).toBe("http://127.0.0.1:9/hook");
    const edit = { params, ifMatch: etag ?? "" };
    const changed = await engineer.changeWebhookEndpoint({
      ...edit,
      json: { description: "Books" },
    });
    expect(changed.description).toBe("Books");
    await expect(
      engineer.changeWebhookEndpoint({ ...edit, json: { description: "Other books" } }),
    ).rejects.toMatchObject({ status: 412, code: "changed-meanwhile" });
  });

  it("reads an object with its types, and walks a list to its end", async () => {
    const references: string[] = [];
    for await (const payout of client.all("listPayouts", { query: { limit: 2 } })) {
      references.push(payout.reference);
    }
    const whole = await client.listPayouts({ query: { limit: 100 } });
    expect(references).toEqual(whole.data.map((payout) => payout.reference));
    expect(references.length).toBeGreaterThan(2);
    const [first] = whole.data;
    const shown = await client.getPayout({ params: { payoutId: first!.id } });
    expect(shown.amount).toEqual(first!.amount);
  });

  it("hands in a file", async () => {
    const { name, content } = statementFile({ id: "71", endOn: "2026-11-01", lines: [SALE(1n)] });
    const upload = await client.createUpload({
      file: { name, bytes: Buffer.from(content) },
      query: { sellerId: SELLER.id },
    });
    expect(upload).toMatchObject({ name, state: "read", sellerId: SELLER.id });
  });

  it("gives what the server refused, in its own words, without trying again", async () => {
    const refused = await client
      .getPayout({ params: { payoutId: "po_none" } })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiRefusal);
    expect(refused).toMatchObject({ status: 404, code: "not-found", retryable: false });
    expect((refused as ApiRefusal).requestId).toMatch(/^req_/);
  });
});

/** A client of a made-up server that answers so, and what it was asked and how long it waited. */
function scripted(answers: readonly (Response | Error)[]) {
  const asked: Request[] = [];
  const waits: number[] = [];
  const scriptedClient = createClient({
    baseUrl: "http://client.test/",
    key: "swk_secret",
    fetch: async (request) => {
      asked.push(request);
      const answer = answers[asked.length - 1] ?? answers.at(-1)!;
      if (answer instanceof Error) throw answer;
      return answer.clone();
    },
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  return { client: scriptedClient, asked, waits };
}

function busy(status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ code: "unavailable", retryable: true, detail: "Busy." }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

describe("the client, when a server is busy", () => {
  const page = Response.json({ data: [], hasMore: false, nextCursor: null });

  it("waits as long as it is told, else longer each time, and asks again", async () => {
    const told = scripted([busy(429, { "retry-after": "3" }), busy(503), page]);
    await told.client.listHolds({ query: { state: "open" } });
    expect(told.waits).toEqual([3000, 400]);
    expect(told.asked.map((request) => request.url)).toEqual(
      Array.from({ length: 3 }, () => "http://client.test/v1/holds?state=open"),
    );
    expect(told.asked[0]?.headers.get("authorization")).toBe("Bearer swk_secret");
  });

  it("gives up after its attempts, and does not wait for hours", async () => {
    const always = scripted([busy(503)]);
    await expect(always.client.listHolds({})).rejects.toThrow("Busy.");
    expect(always.asked).toHaveLength(4);
    const hours = scripted([busy(429, { "retry-after": "7200" })]);
    await expect(hours.client.listHolds({})).rejects.toThrow("Busy.");
    expect(hours.waits).toEqual([]);
    const gone = scripted([new TypeError("fetch failed")]);
    await expect(gone.client.listHolds({})).rejects.toBeInstanceOf(ServerUnreachable);
  });

  it("repeats an act under one key, and never one that has none", async () => {
    const act = scripted([busy(503), Response.json({})]);
    await act.client.playScenario({ params: { name: "late-credit" } });
    const keys = act.asked.map((request) => request.headers.get("idempotency-key"));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
    const plain = scripted([busy(503), Response.json({})]);
    await expect(
      plain.client.pingWebhookEndpoint({ params: { endpointId: "we_1" } }),
    ).rejects.toThrow("Busy.");
    expect(plain.asked).toHaveLength(1);
  });
});
