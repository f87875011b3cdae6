import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Caller } from "../../identity/caller.ts";
import { openAmazonConnection } from "../../marketplace/amazon/sp-api/amazon-store.ts";
import { checkAccount } from "../../marketplace/amazon/sp-api/check-account.ts";
import { amazonSettings } from "../../marketplace/amazon/sp-api/settings.ts";
import {
  HOST,
  loginRoutes,
  NO_LEASE,
  PARTNER,
  type ScriptedAmazon,
  scriptedAmazon,
} from "../../marketplace/amazon/sp-api/test-amazon.ts";
import { findStore } from "../../marketplace/stores/store.ts";
import { openTestApi, type TestApi, type TestRequest, testCaller } from "../test-api.ts";

const SELLER = { id: "acme", legalName: "Acme Trading Company Limited", accounts: [] };
const OTHER = { id: "other", legalName: "Other", accounts: [] };
const INITIATE = "/finances/transfers/2024-06-01/payouts";
const GERMANY = "A1PA6795UKMFR9";

const person = (caller: Caller): Caller => ({ ...caller, kind: "user", sessionId: "ses_1" });
const OWNER = person(testCaller("seller-owner", SELLER.id));
const KEY = testCaller("seller-owner", SELLER.id);
const VIEWER = testCaller("seller-viewer", SELLER.id);
const STRANGER = testCaller("seller-owner", OTHER.id);
const OPERATOR = person(testCaller("operator"));

let api: TestApi;
let amazon: ScriptedAmazon;

beforeAll(async () => {
  amazon = scriptedAmazon(loginRoutes());
  api = await openTestApi([SELLER, OTHER], ({ store, tenantId, clock, access, intake }) => {
    const settings = amazonSettings.parse({
      applicationId: "app",
      clientId: "client",
      clientSecret: "secret",
      redirectUri: "http://localhost/v1/stores/callback",
      tokenUrl: `${HOST}/auth/o2/token`,
      apiUrl: HOST,
    });
    const base = { database: store.database, tenantId, clock, sealer: access.sealer };
    const parts = { ...base, fetch: amazon.fetch, wait: () => Promise.resolve(), accept: intake };
    return { amazon: openAmazonConnection(parts, settings) };
  });
});
afterAll(() => api.close());

beforeEach(async () => {
  for (const table of ["store", "store_binding", "store_consent", "payout_request"]) {
    await api.channel.database.query(`DELETE FROM ${table}`);
  }
  amazon.routes = loginRoutes();
});

const post = (json: unknown = {}, headers: Record<string, string> = {}): TestRequest => ({
  method: "POST",
  json,
  headers,
});

async function newStore(caller = OWNER, region = "eu"): Promise<string> {
  const wish = { marketplace: "amazon", region, name: "Lamps" };
  const made = await api.ask(caller, "/v1/stores", post(wish));
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toBe(`/v1/stores/${made.body.id}`);
  return made.body.id;
}

/** Begins a consent as a person; what the browser has then. */
async function begin(storeId: string) {
  const begun = await api.ask(OWNER, `/v1/stores/${storeId}/consents`, post({ country: "DE" }));
  expect(begun.status).toBe(201);
  const state = new URL(begun.body.consentUrl).searchParams.get("state") ?? "";
  return { begun, state, cookie: (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
}

const back = (state: string, more = `&selling_partner_id=${PARTNER}&spapi_oauth_code=code`) =>
  `/v1/stores/callback?state=${encodeURIComponent(state)}${more}`;

async function boundStore(): Promise<string> {
  const storeId = await newStore();
  const { state, cookie } = await begin(storeId);
  const done = await api.ask(null, back(state), { headers: { cookie } });
  expect(done.status).toBe(200);
  const { amazon: connection, tenantId, clock } = api.deps;
  const view = await findStore(api.channel.database, tenantId, storeId, clock.now());
  await checkAccount(connection!, view!, NO_LEASE);
  return storeId;
}

it("a store is bound in the browser that began its consent, and the page on the way back leads nowhere", async () => {
  const storeId = await newStore();
  const { begun, state, cookie } = await begin(storeId);
  expect(begun.body.state).toBeNull();
  expect(begun.headers.get("set-cookie")).toMatch(/HttpOnly/);
  expect((await api.ask(null, back(state))).body.code).toBe("consent-begun-elsewhere");
  const declined = await api.ask(null, back(state, "&error=access_denied"), {
    headers: { cookie },
  });
  expect(declined.body.code).toBe("consent-declined");
  const done = await api.ask(null, back(state), {
    headers: { cookie, "accept-language": "zh-CN" },
  });
  expect(done.headers.get("content-type")).toMatch(/text\/html/);
  expect(done.headers.get("referrer-policy")).toBe("no-referrer");
  expect(done.text).toContain("店铺已授权: Lamps");
  expect(done.text).not.toMatch(/href|src=/);
  const store = await api.ask(VIEWER, `/v1/stores/${storeId}`);
  expect(store.body).toMatchObject({ state: "bound", partnerId: PARTNER });
  expect(store.text).not.toContain("Atzr");
  const again = await api.ask(null, back(state), { headers: { cookie } });
  expect(again.body.code).toBe("consent-used");
});

it("a program completes the consent that it began, and nobody else does", async () => {
  const storeId = await newStore(KEY);
  const begun = await api.ask(KEY, `/v1/stores/${storeId}/consents`, post());
  const given = { state: begun.body.state, partnerId: PARTNER, code: "code" };
  expect(begun.headers.get("set-cookie")).toBeNull();
  const stolen = await api.ask(STRANGER, "/v1/store-consents", post(given));
  expect(stolen.body.code).toBe("consent-begun-elsewhere");
  expect((await api.ask(null, back(given.state))).body.code).toBe("consent-begun-elsewhere");
  const done = await api.ask(KEY, "/v1/store-consents", post(given));
  expect(done.body).toMatchObject({ id: storeId, state: "bound" });
});

it("a seller acts on its own stores only, and only in roles that may", async () => {
  const storeId = await newStore();
  for (const path of ["consents", "unbind", "payout-requests", "confirm-name"]) {
    const body = { marketplaceId: GERMANY, reason: "r" };
    const headers = { "Idempotency-Key": `stranger-${path}` };
    const caller = path === "confirm-name" ? steppedUp(person(STRANGER)) : STRANGER;
    const theirs = await api.ask(caller, `/v1/stores/${storeId}/${path}`, post(body, headers));
    expect([path, theirs.status, theirs.body.code]).toEqual([path, 404, "not-found"]);
  }
  const named = { sellerId: OTHER.id, marketplace: "amazon", region: "eu", name: "X" };
  expect((await api.ask(OWNER, "/v1/stores", post(named))).body.code).toBe("seller-unknown");
  expect((await api.ask(OPERATOR, "/v1/stores", post(named))).body.sellerId).toBe(OTHER.id);
  expect((await api.ask(VIEWER, "/v1/stores", post(named))).status).toBe(403);
  const shop = { marketplace: "shopify", region: "eu", name: "X" };
  expect((await api.ask(OWNER, "/v1/stores", post(shop))).body.code).toBe(
    "marketplace-not-connected",
  );
});

function steppedUp(caller: Caller): Caller {
  return { ...caller, steppedUpAt: api.deps.clock.now() };
}

it("a name in doubt is confirmed by a person who sees all sellers, with a second factor", async () => {
  amazon.routes = loginRoutes("Somebody Else GmbH");
  const storeId = await boundStore();
  const confirm = (caller: Caller) =>
    api.ask(caller, `/v1/stores/${storeId}/confirm-name`, post({ reason: "papers seen" }));
  expect((await confirm(OPERATOR)).body.code).toBe("step-up-needed");
  expect((await confirm(steppedUp(OWNER))).body.code).toBe("not-permitted");
  expect((await confirm(steppedUp(OPERATOR))).body.nameCheck).toBe("confirmed");
  expect((await confirm(steppedUp(OPERATOR))).body.code).toBe("name-not-in-doubt");
});

it("a payout is asked for once with one key, and a second one is told when", async () => {
  const storeId = await boundStore();
  amazon.routes[`POST ${INITIATE}`] = () => ({ body: { payoutReferenceId: "group-1" } });
  const ask = (key: string, marketplaceId = GERMANY) =>
    api.ask(
      OWNER,
      `/v1/stores/${storeId}/payout-requests`,
      post({ marketplaceId }, { "Idempotency-Key": key }),
    );
  const first = await ask("key-0001");
  expect(first.body).toMatchObject({ state: "initiated", reference: "group-1", askCount: 1 });
  expect((await ask("key-0001")).text).toBe(first.text);
  expect((await ask("key-0002")).body.code).toBe("payout-asked-lately");
  expect((await ask("key-0003", "ATVPDKIKX0DER")).body.code).toBe("payout-not-on-demand");
  const sent = amazon.asked.filter(({ method, path }) => method === "POST" && path === INITIATE);
  expect(sent.map(({ body }) => JSON.parse(body))).toEqual([
    { marketplaceId: GERMANY, accountType: "Standard Orders" },
  ]);
  const listed = await api.ask(VIEWER, `/v1/stores/${storeId}/payout-requests`);
  expect(listed.body.data).toEqual([first.body]);
});

it("a store that is unbound is read no more, and can be bound again", async () => {
  const storeId = await boundStore();
  const ended = await api.ask(OWNER, `/v1/stores/${storeId}/unbind`, post());
  expect(ended.body.state).toBe("revoked");
  const again = await api.ask(OWNER, `/v1/stores/${storeId}/unbind`, post());
  expect(again.body.code).toBe("store-not-bound");
  const { state, cookie } = await begin(storeId);
  expect((await api.ask(null, back(state), { headers: { cookie } })).status).toBe(200);
  const store = await api.ask(OWNER, `/v1/stores/${storeId}`);
  expect(store.body.bindings).toHaveLength(2);
});

it("money on the way is the seller's own", async () => {
  const balances = [
    {
      partnerMetadata: {
        partnerId: PARTNER,
        accountType: "Standard Orders",
        marketplaceId: GERMANY,
      },
      balanceType: "TOTAL",
      amount: { currencyCode: "EUR", currencyAmount: 12.5 },
    },
  ];
  await api.channel.settle([{ name: "b.json", content: JSON.stringify({ balances }) }], SELLER.id);
  const own = await api.ask(VIEWER, "/v1/money-on-the-way");
  expect(own.body.balances).toMatchObject([
    { kind: "total", amount: { amount: "12.50", currency: "EUR" }, marketplaceId: GERMANY },
  ]);
  expect((await api.ask(STRANGER, "/v1/money-on-the-way?sellerId=acme")).body.balances).toEqual([]);
});
