import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Outage } from "../../../errors/outage.ts";
import { manualClock } from "../../../time/clock.ts";
import { type Access, createSpApi } from "./client.ts";
import { consentUrl } from "./login.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { amazonSettings } from "./settings.ts";
import {
  errorReply,
  HOST,
  loginRoutes,
  type Route,
  type ScriptedAmazon,
  START,
  scriptedAmazon,
} from "./test-amazon.ts";
import { Throttled } from "./throttled.ts";

const ACCESS: Access = { region: "na", partnerId: "A1", refreshToken: "Atzr|1" };
const PAYOUTS = "/finances/transfers/2024-06-01/payouts";
const INITIATE = { marketplaceId: "A1PA6795UKMFR9", accountType: "Standard Orders" };

const SETTINGS = amazonSettings.parse({
  applicationId: "app",
  clientId: "client",
  clientSecret: "secret",
  redirectUri: "https://channel.example/v1/stores/callback",
  tokenUrl: `${HOST}/auth/o2/token`,
  apiUrl: HOST,
});

function apiOf(amazon: ScriptedAmazon) {
  const clock = manualClock(START);
  const waits: number[] = [];
  const wait = (ms: number) => {
    waits.push(ms);
    clock.advanceMs(ms);
    return Promise.resolve();
  };
  const limiter = createRateLimiter(clock);
  const api = createSpApi({ fetch: amazon.fetch, clock, wait, settings: SETTINGS, limiter });
  return { api, clock, waits };
}

/** Gives the replies one after the other, and the last one from then on. */
function inTurn(...replies: ReturnType<typeof errorReply>[]): Route {
  let turn = 0;
  return () => replies[Math.min(turn++, replies.length - 1)]!;
}

const hangUp: Route = () => Promise.reject(new Error("socket hang up"));

const EMPTY = { body: { payouts: [] } };

/** A token that the API does not take any more. */
const taken: Route = ({ headers }) =>
  headers.get("x-amz-access-token") === "Atza|1" ? errorReply(403, "Unauthorized") : EMPTY;

describe("a call of the API", () => {
  it("carries the access token, asks for it once an hour, and puts lists into one parameter", async () => {
    const amazon = scriptedAmazon({ ...loginRoutes(), [`GET ${PAYOUTS}`]: () => EMPTY });
    const { api, clock } = apiOf(amazon);
    const query = { marketplaceIds: ["A", "B"], createdAfter: START, payoutId: null };
    await api.call(ACCESS, { operation: "listPayouts", query });
    await api.call(ACCESS, { operation: "listPayouts" });
    expect(amazon.askedFor("/auth/o2/token")).toHaveLength(1);
    const [first] = amazon.askedFor(PAYOUTS);
    expect(first?.query).toEqual({ marketplaceIds: "A,B", createdAfter: START });
    expect(first?.headers.get("x-amz-access-token")).toBe("Atza|1");
    clock.advanceMs(59 * 60_000);
    await api.call(ACCESS, { operation: "listPayouts" });
    expect(amazon.askedFor("/auth/o2/token")).toHaveLength(2);
  });

  it("asks for a new access token once when the API does not take the old one", async () => {
    const amazon = scriptedAmazon({ ...loginRoutes(), [`GET ${PAYOUTS}`]: taken });
    expect((await apiOf(amazon).api.call(ACCESS, { operation: "listPayouts" })).ok).toBe(true);
    amazon.routes[`GET ${PAYOUTS}`] = () => errorReply(403, "Unauthorized");
    const denied = await apiOf(amazon).api.call(ACCESS, { operation: "listPayouts" });
    expect(denied).toMatchObject({ ok: false, status: 403, reasons: [{ code: "Unauthorized" }] });
  });

  it("waits for its turn after a 429, and puts the work off when that goes on", async () => {
    const once = inTurn(errorReply(429, "QuotaExceeded"), EMPTY);
    const amazon = scriptedAmazon({ ...loginRoutes(), [`GET ${PAYOUTS}`]: once });
    const patient = apiOf(amazon);
    expect((await patient.api.call(ACCESS, { operation: "listPayouts" })).ok).toBe(true);
    expect(patient.waits).toEqual([2000]);
    amazon.routes[`GET ${PAYOUTS}`] = () => ({
      ...errorReply(429, "QuotaExceeded"),
      headers: { "x-amzn-RateLimit-Limit": "0.2" },
    });
    const { api, clock, waits } = apiOf(amazon);
    const put = api.call(ACCESS, { operation: "listPayouts" });
    await expect(put).rejects.toBeInstanceOf(Throttled);
    expect(waits).toEqual([5000, 5000]);
    const later = await api
      .call(ACCESS, { operation: "listPayouts" })
      .catch((error: unknown) => error);
    expect((later as Throttled).freeAt > clock.now()).toBe(true);
  });

  it("is put off at once where the bucket is empty for long, without a call", async () => {
    const amazon = scriptedAmazon({
      ...loginRoutes(),
      "GET /reports/2021-06-30/reports": () => ({ body: { reports: [] } }),
    });
    const { api } = apiOf(amazon);
    for (let call = 0; call < 10; call += 1) await api.call(ACCESS, { operation: "getReports" });
    const over = await api
      .call(ACCESS, { operation: "getReports" })
      .catch((error: unknown) => error);
    expect(over).toBeInstanceOf(Throttled);
    // 1 / 0.0222 per second, as published.
    expect((over as Throttled).freeAt).toBe("2026-07-30T08:00:45.046Z");
    expect(amazon.askedFor("/reports/2021-06-30/reports")).toHaveLength(10);
  });

  it("tries a reading call again when Amazon fails, and a paying one never", async () => {
    const amazon = scriptedAmazon({
      ...loginRoutes(),
      [`GET ${PAYOUTS}`]: inTurn(
        errorReply(503, "ServiceUnavailable"),
        errorReply(500, "InternalFailure"),
        EMPTY,
      ),
      [`POST ${PAYOUTS}`]: () => errorReply(503, "ServiceUnavailable"),
    });
    const { api, waits } = apiOf(amazon);
    expect((await api.call(ACCESS, { operation: "listPayouts" })).ok).toBe(true);
    expect(waits).toEqual([1000, 2000]);
    const paying = api.call(ACCESS, { operation: "initiatePayout", body: INITIATE });
    await expect(paying).rejects.toMatchObject({ port: "amazon", retryable: true });
    expect(
      amazon.asked.filter(({ method, path }) => method === "POST" && path === PAYOUTS),
    ).toHaveLength(1);
  });

  it("tells a withdrawn authorisation from a fault of Amazon's or of the application", async () => {
    const faults = [
      [400, { error: "invalid_grant" }, "amazon-authorisation", false],
      [401, { error: "invalid_client" }, "amazon-login", false],
      [503, "busy", "amazon-login", true],
      [200, { token: "no" }, "amazon-login", true],
    ] as const;
    for (const [status, body, port, retryable] of faults) {
      const amazon = scriptedAmazon({ "POST /auth/o2/token": () => ({ status, body }) });
      const error = await apiOf(amazon)
        .api.call(ACCESS, { operation: "listPayouts" })
        .catch((thrown: unknown) => thrown as Outage);
      expect(error).toMatchObject({ port, retryable });
    }
  });

  it("never shows a token or an address in what it throws", async () => {
    const amazon = scriptedAmazon({ ...loginRoutes(), [`GET ${PAYOUTS}`]: hangUp });
    const error = await apiOf(amazon)
      .api.call(ACCESS, { operation: "listPayouts" })
      .catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toBe("listPayouts got no answer");
  });

  it("refuses an answer that is no JSON, and passes errors on with their codes", async () => {
    const amazon = scriptedAmazon({
      ...loginRoutes(),
      [`GET ${PAYOUTS}`]: inTurn({ body: "<html>" }, errorReply(400, "InvalidInput"), {
        status: 404,
        body: "",
      }),
    });
    const { api } = apiOf(amazon);
    await expect(api.call(ACCESS, { operation: "listPayouts" })).rejects.toThrow("no JSON");
    const refused = await api.call(ACCESS, { operation: "listPayouts" });
    expect(refused).toMatchObject({ ok: false, status: 400, reasons: [{ code: "InvalidInput" }] });
    const bare = await api.call(ACCESS, { operation: "listPayouts" });
    expect(bare).toMatchObject({ ok: false, reasons: [{ code: "404" }] });
  });
});

describe("the address of the consent", () => {
  it("is of the seller's country, names the application and the way back, and says beta for a draft", () => {
    const url = new URL(consentUrl(SETTINGS, "fe", "AU", "s t"));
    expect(url.origin).toBe("https://sellercentral.amazon.com.au");
    expect(url.pathname).toBe("/apps/authorize/consent");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      application_id: "app",
      state: "s t",
      redirect_uri: "https://channel.example/v1/stores/callback",
    });
    const draft = new URL(consentUrl({ ...SETTINGS, isDraft: true }, "eu", null, "s"));
    expect(draft.origin).toBe("https://sellercentral-europe.amazon.com");
    expect(draft.searchParams.get("version")).toBe("beta");
  });
});

type Pair = {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly request: { readonly parameters: Record<string, { readonly value: unknown }> };
  readonly response: unknown;
};

const SAMPLES = join(import.meta.dirname, "../../../../../shared/samples/amazon/spapi-sandbox");
const FILES = [
  "transfers_2024-06-01",
  "finances_2024-06-19",
  "financesV0",
  "reports_2021-06-30",
  "sellers",
];
const CALLED = new Set([
  "initiatePayout",
  "listPayouts",
  "listExpectedPayouts",
  "listTransactions",
  "listBalances",
  "listSummary",
  "listFinancialEventGroups",
  "getReports",
  "getReportDocument",
  "getMarketplaceParticipations",
  "getAccount",
]);

function officialPairs(): readonly Pair[] {
  try {
    return FILES.flatMap((file) => {
      const text = readFileSync(join(SAMPLES, `${file}.sandbox.json`), "utf8");
      return JSON.parse(text) as Pair[];
    }).filter(({ operationId }) => CALLED.has(operationId));
  } catch {
    return [];
  }
}

const PAIRS = officialPairs();

describe.skipIf(PAIRS.length === 0)(
  "the official request and response pairs (skipped without the samples)",
  () => {
    it("cover every operation that is called", () => {
      expect(new Set(PAIRS.map(({ operationId }) => operationId))).toEqual(CALLED);
    });

    for (const [index, pair] of PAIRS.entries()) {
      const { operationId, method, path, status, request, response } = pair;
      it(`${operationId} ${status} (${index + 1}) is asked as published, and its answer arrives unchanged`, async () => {
        const texts = new Map(
          Object.entries(request.parameters).map(([key, { value }]) => [
            key,
            Array.isArray(value) ? value.map(String) : String(value),
          ]),
        );
        const inPath = Object.fromEntries(
          [...texts].flatMap(([key, value]) =>
            path.includes(`{${key}}`) && typeof value === "string" ? [[key, value]] : [],
          ),
        );
        const query = Object.fromEntries(
          [...texts].filter(([key]) => key !== "body" && !(key in inPath)),
        );
        const body = request.parameters["body"]?.value as Record<string, string> | undefined;
        const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => inPath[key] ?? "");
        const answer = { status, body: JSON.stringify(response) };
        const amazon = scriptedAmazon({ ...loginRoutes(), [`${method} ${filled}`]: () => answer });
        const call = { operation: operationId as "listPayouts", path: inPath, query };
        const got = await apiOf(amazon).api.call(
          ACCESS,
          body === undefined ? call : { ...call, body },
        );
        if (got.ok) expect(got.bytes.toString("utf8")).toBe(answer.body);
        else {
          const { errors } = response as { errors: { code: string }[] };
          expect(got.reasons.map(({ code }) => code)).toEqual(errors.map(({ code }) => code));
        }
        expect(got.ok).toBe(status < 400);
        const [asked] = amazon.askedFor(filled);
        const sent = Object.fromEntries(
          Object.entries(query).map(([key, value]) => [key, String(value)]),
        );
        expect(asked?.query).toEqual(sent);
        expect(asked?.body).toBe(body === undefined ? "" : JSON.stringify(body));
      });
    }
  },
);
