import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answerStatic, readStaticPairs, type StaticPair } from "./static-sandbox.ts";
import { ORIGIN, testMarketplace } from "./test-marketplace.ts";

const SAMPLES = new URL("../../../../shared/samples/amazon/spapi-sandbox/", import.meta.url);
const missing = !existsSync(SAMPLES);
const why = missing ? " (skipped: the folder of Amazon's pairs is not here)" : "";

const MADE_UP: readonly StaticPair[] = [
  {
    operationId: "getThing",
    method: "GET",
    path: "/things/v1/{thingId}",
    status: 200,
    request: { parameters: { thingId: { value: "T 1" } } },
    response: { thing: 1 },
  },
  {
    operationId: "getThing",
    method: "GET",
    path: "/things/v1/{thingId}",
    status: 200,
    request: { parameters: { thingId: { value: "T 1" }, kinds: { value: ["A", "B"] } } },
    response: { thing: 2 },
  },
];

/** The request that a pair wants. */
function requestOf({ method, path, request }: StaticPair): Request {
  const url = new URL(`${ORIGIN}/static-sandbox${path}`);
  let body: unknown = null;
  for (const [name, given] of Object.entries(request.parameters)) {
    const value = given?.value;
    if (name === "body") body = value;
    else if (path.includes(`{${name}}`)) {
      url.pathname = decodeURIComponent(url.pathname).replace(`{${name}}`, String(value));
    } else url.searchParams.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return new Request(url, {
    method,
    headers: { "x-amz-access-token": "Atza|any" },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
}

function ask(path: string, query = "", hasToken = true) {
  return answerStatic(MADE_UP, {
    method: "GET",
    path,
    query: new URLSearchParams(query),
    body: null,
    hasToken,
  });
}

describe("the static sandbox", () => {
  it("answers with the pair that asks for most of what was given, and says when none fits", () => {
    expect(ask("/things/v1/T%201")).toMatchObject({ status: 200, body: { thing: 1 } });
    expect(ask("/things/v1/T%201", "kinds=A,B")).toMatchObject({ body: { thing: 2 } });
    expect(ask("/things/v1/T2")).toMatchObject({
      status: 400,
      body: { errors: [{ message: "Could not match input arguments" }] },
    });
    expect(ask("/nothing")).toMatchObject({ status: 404 });
    expect(ask("/things/v1/T%201", "", false)).toMatchObject({ status: 403 });
  });

  it("is what a caller reaches at its host or under its path", async () => {
    const { marketplace } = await testMarketplace({}, { staticPairs: MADE_UP });
    const headers = { "x-amz-access-token": "Atza|any" };
    for (const [url, host] of [
      [`${ORIGIN}/static-sandbox/things/v1/T%201`, "sandbox.test"],
      [
        "http://sandbox.sellingpartnerapi-na.amazon.com/things/v1/T%201",
        "sandbox.sellingpartnerapi-na.amazon.com",
      ],
    ] as const) {
      const answer = await marketplace.fetch(new Request(url, { headers: { ...headers, host } }));
      expect([answer.status, await answer.text()]).toEqual([200, '{"thing":1}']);
    }
  });

  it.skipIf(missing)(`serves every official pair unchanged${why}`, async () => {
    const pairs = readStaticPairs(SAMPLES.pathname);
    expect(pairs.length).toBeGreaterThan(150);
    const { marketplace } = await testMarketplace({}, { staticPairs: pairs });
    let exact = 0;
    for (const pair of pairs) {
      const answer = await marketplace.fetch(requestOf(pair));
      const text = await answer.text();
      // Where two pairs ask for the same, the first is told; Amazon's own sandbox can tell only one, too.
      const alike = pairs.filter(
        (other) =>
          other.operationId === pair.operationId &&
          JSON.stringify(other.request) === JSON.stringify(pair.request),
      );
      const told = alike[0] ?? pair;
      const body: unknown = text === "" ? null : JSON.parse(text);
      const isExact =
        answer.status === told.status && JSON.stringify(body) === JSON.stringify(told.response);
      expect([pair.operationId, pair.status, isExact]).toEqual([
        pair.operationId,
        pair.status,
        true,
      ]);
      if (told === pair) exact += 1;
    }
    expect(exact).toBeGreaterThan(140);
  });
});
