// Amazon as a test scripts it: a function that answers requests as `fetch` does, and keeps what it was asked. Used by
// tests only.

import type { InboundItem, InboundReceipt } from "../../../inbox/inbound.ts";
import { newSealingKey, readKeyRing, sealer } from "../../../secret/seal.ts";
import type { Database } from "../../../storage/database.ts";
import { manualClock } from "../../../time/clock.ts";
import type { Instant } from "../../../time/instant.ts";
import type { PollContext } from "../../stores/connection.ts";
import { beginConsent, completeConsent } from "../../stores/consent.ts";
import type { StoreView } from "../../stores/store.ts";
import { findStore } from "../../stores/store.ts";
import { createStore } from "../../stores/store-acts.ts";
import { type AmazonConnection, openAmazonConnection } from "./amazon-store.ts";
import { checkAccount } from "./check-account.ts";
import type { Region } from "./regions.ts";
import { amazonSettings } from "./settings.ts";

export const TENANT = "default";
export const START = "2026-07-30T08:00:00.000Z" as Instant;
export const PARTNER = "A3TH9S8BH6GOGM";
export const HOST = "https://amazon.test";

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly headers: Headers;
};
export type Reply = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
};
export type Route = (asked: Asked) => Reply | Promise<Reply>;

/** Answers by "METHOD /path"; a text or bytes goes out as it is, anything else as JSON. */
export function scriptedAmazon(scripted: Record<string, Route>) {
  let routes = scripted;
  const asked: Asked[] = [];
  const fetcher = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    const method = init?.method ?? "GET";
    const one: Asked = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: typeof init?.body === "string" ? init.body : "",
      headers: new Headers(init?.headers),
    };
    asked.push(one);
    const route = routes[`${method} ${url.pathname}`];
    const reply = route === undefined ? errorReply(404, "NotFound") : await route(one);
    const isRaw = typeof reply.body === "string" || reply.body instanceof Uint8Array;
    const body = isRaw ? (reply.body as string) : JSON.stringify(reply.body);
    const { status = 200, headers = {} } = reply;
    return new Response(body, { status, headers });
  };
  return {
    fetch: fetcher as typeof fetch,
    asked,
    get routes() {
      return routes;
    },
    set routes(replaced: Record<string, Route>) {
      routes = replaced;
    },
    askedFor: (path: string) => asked.filter((one) => one.path === path),
  };
}

export type ScriptedAmazon = ReturnType<typeof scriptedAmazon>;

export function errorReply(status: number, code: string): Reply {
  return { status, body: { errors: [{ code, message: `made up ${code}` }] } };
}

/** Login, participations and account of one seller, as a bound store needs them. */
export function loginRoutes(
  legalName: string | null = "Acme Trading Co., Ltd.",
): Record<string, Route> {
  let count = 0;
  return {
    "POST /auth/o2/token": ({ body }) => {
      count += 1;
      const isCode = body.includes("authorization_code");
      const access_token = `Atza|${count}`;
      const refresh = isCode ? { refresh_token: "Atzr|made-up" } : {};
      return { body: { access_token, token_type: "bearer", expires_in: 3600, ...refresh } };
    },
    "GET /sellers/v1/marketplaceParticipations": () => ({
      body: { payload: ["ATVPDKIKX0DER", "A1PA6795UKMFR9"].map(participation) },
    }),
    "GET /sellers/v1/account": () =>
      legalName === null
        ? errorReply(403, "Unauthorized")
        : { body: { payload: { business: { name: legalName } } } },
  };
}

function participation(id: string) {
  return {
    marketplace: { id, countryCode: id === "ATVPDKIKX0DER" ? "US" : "DE", name: "Amazon" },
    storeName: "Acme",
    participation: { isParticipating: true, hasSuspendedListings: false },
  };
}

export const NO_LEASE: PollContext = {
  signal: new AbortController().signal,
  fence: () => Promise.resolve(),
};

/** A connection to a scripted Amazon: its waits move its clock, and what it accepts is kept. */
export function testConnection(database: Database, amazon: ScriptedAmazon) {
  const clock = manualClock(START);
  const waits: number[] = [];
  const accepted: InboundItem[] = [];
  const keys = readKeyRing(newSealingKey());
  if (!keys.ok) throw new Error(keys.refusal.message);
  const accept = (item: InboundItem): Promise<InboundReceipt> => {
    accepted.push(item);
    const receipt = {
      sha256: `sha-${accepted.length}`,
      format: null,
      outcome: "new",
      reasons: [],
    } as const;
    return Promise.resolve({ ...receipt, storedAt: clock.now(), settledAt: clock.now() });
  };
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    clock.advanceMs(ms);
    return Promise.resolve();
  };
  const settings = amazonSettings.parse({
    applicationId: "amzn1.sellerapps.app.test",
    clientId: "amzn1.application-oa2-client.test",
    clientSecret: "made-up",
    redirectUri: "http://127.0.0.1:8080/v1/stores/callback",
    tokenUrl: `${HOST}/auth/o2/token`,
    apiUrl: HOST,
  });
  const base = { database, tenantId: TENANT, clock, sealer: sealer(keys.value) };
  const parts = { ...base, fetch: amazon.fetch, wait, accept };
  return { connection: openAmazonConnection(parts, settings), clock, waits, accepted };
}

/** A store of the seller, bound by consent and checked. */
export async function boundStore(
  connection: AmazonConnection,
  region: Region = "na",
): Promise<StoreView> {
  const { database, tenantId, clock } = connection;
  await database.query(
    `INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at)
     VALUES ($1, 'acme', 'Acme Trading Company Limited', $2) ON CONFLICT DO NOTHING`,
    [tenantId, clock.now()],
  );
  const named = { sellerId: "acme", marketplace: "amazon", region, name: "Acme store" };
  const store = must(await createStore(connection, named, "user_1"));
  const { storeId } = store;
  const begin = { storeId, country: null, actor: "user_1", inBrowser: true };
  const { state, browserToken } = must(await beginConsent(connection, begin));
  const given = { state, partnerId: PARTNER, code: "code", browserToken, actor: null };
  const bound = must(await completeConsent(connection, given));
  await checkAccount(connection, bound, NO_LEASE);
  const checked = await findStore(database, tenantId, storeId, clock.now());
  if (checked === null) throw new Error("the store is not there");
  return checked;
}

export function must<Value>(
  outcome: { ok: true; value: Value } | { ok: false; refusal: { code: string } },
): Value {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.value;
}
