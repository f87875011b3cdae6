import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { readTimeline } from "../../timeline/timeline.ts";
import type { AmazonConnection } from "../amazon/sp-api/amazon-store.ts";
import { checkAccount } from "../amazon/sp-api/check-account.ts";
import { pollPayouts } from "../amazon/sp-api/poll-payouts.ts";
import {
  boundStore,
  errorReply,
  loginRoutes,
  must,
  NO_LEASE,
  PARTNER,
  type ScriptedAmazon,
  scriptedAmazon,
  TENANT,
  testConnection,
} from "../amazon/sp-api/test-amazon.ts";
import { beginConsent, CONSENT_MS_MAX, completeConsent } from "./consent.ts";
import { findStore, listBindings, listStores, storeState } from "./store.ts";
import { confirmStoreName, createStore, unbindStore } from "./store-acts.ts";
import { storeJobs } from "./store-jobs.ts";

let database: TestDatabase;
let amazon: ScriptedAmazon;
let connection: AmazonConnection;
let clock: ReturnType<typeof testConnection>["clock"];

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  for (const table of ["store", "store_binding", "store_consent", "store_cursor", "seller"]) {
    await database.query(`DELETE FROM ${table}`);
  }
  await database.query(
    `INSERT INTO seller VALUES ($1, 'acme', 'Acme Trading Company Limited', now()), ($1, 'other', 'Other', now())`,
    [TENANT],
  );
  amazon = scriptedAmazon(loginRoutes());
  ({ connection, clock } = testConnection(database, amazon));
});

async function newStore(sellerId = "acme") {
  const named = { sellerId, marketplace: "amazon", region: "na", name: "Store" };
  return must(await createStore(connection, named, "user_1"));
}

async function begun(storeId: string, inBrowser = true) {
  const begin = { storeId, country: "US", actor: "user_1", inBrowser };
  return must(await beginConsent(connection, begin));
}

function codeOf(outcome: { ok: boolean; refusal?: { code: string } }): string | null {
  return outcome.ok ? null : (outcome.refusal?.code ?? null);
}

const kindsOf = async (subject: string) =>
  (await readTimeline(database, TENANT, [subject])).map(({ kind }) => kind).sort();

describe("binding a store by consent", () => {
  it("goes from nobody's consent to a bound, checked store whose token is nowhere to be read", async () => {
    const store = await newStore();
    expect(store).toMatchObject({
      state: "pending-consent",
      nameCheck: "unchecked",
      partnerId: null,
    });
    const bound = await boundStore(connection);
    expect(bound).toMatchObject({
      state: "bound",
      nameCheck: "same",
      partnerId: PARTNER,
      legalName: "Acme Trading Co., Ltd.",
      expiresAt: "2027-07-30T08:00:00.000Z",
    });
    expect(bound.participations.map(({ country }) => country)).toEqual(["US", "DE"]);
    const rows = await database.query<{ row: string }>(
      `SELECT row_to_json(b)::text AS row FROM store_binding b
       UNION ALL SELECT row_to_json(c)::text FROM store_consent c
       UNION ALL SELECT row_to_json(e)::text FROM timeline_event e`,
    );
    expect(rows.length).toBeGreaterThan(3);
    for (const { row } of rows) expect(row).not.toContain("Atzr|made-up");
    expect(await kindsOf(bound.storeId)).toEqual([
      "store-bound",
      "store-consent-begun",
      "store-name-checked",
      "store-named",
    ]);
  });

  it("takes a state once, in time, in the browser that began it", async () => {
    const { storeId } = await newStore();
    const first = await begun(storeId);
    const given = { state: first.state, partnerId: PARTNER, code: "c", actor: null };
    const complete = (browserToken: string | null, actor: string | null = null) =>
      completeConsent(connection, { ...given, browserToken, actor });
    expect(codeOf(await complete(null))).toBe("consent-begun-elsewhere");
    expect(codeOf(await complete("another"))).toBe("consent-begun-elsewhere");
    expect(codeOf(await complete(null, "user_1"))).toBe("consent-begun-elsewhere");
    expect(codeOf(await complete(first.browserToken))).toBeNull();
    expect(codeOf(await complete(first.browserToken))).toBe("consent-used");
    const unknown = { ...given, state: "x", browserToken: first.browserToken };
    expect(codeOf(await completeConsent(connection, unknown))).toBe("consent-unknown");
    const late = await begun(storeId);
    clock.advanceMs(CONSENT_MS_MAX);
    const tooLate = { ...given, state: late.state, browserToken: late.browserToken };
    expect(codeOf(await completeConsent(connection, tooLate))).toBe("consent-expired");
    expect(amazon.askedFor("/auth/o2/token")).toHaveLength(1);
  });

  it("lets a program complete what it began itself, and no other", async () => {
    const { storeId } = await newStore();
    const { state, browserToken } = await begun(storeId, false);
    expect(browserToken).toBeNull();
    const given = { state, partnerId: PARTNER, code: "c", browserToken: null };
    const other = await completeConsent(connection, { ...given, actor: "key_2" });
    expect(codeOf(other)).toBe("consent-begun-elsewhere");
    const anybody = await completeConsent(connection, { ...given, actor: null });
    expect(codeOf(anybody)).toBe("consent-begun-elsewhere");
    expect(codeOf(await completeConsent(connection, { ...given, actor: "user_1" }))).toBeNull();
  });

  it("binds nothing when Amazon does not take the code", async () => {
    amazon.routes["POST /auth/o2/token"] = () => ({
      status: 400,
      body: { error: "invalid_grant" },
    });
    const { storeId } = await newStore();
    const { state, browserToken } = await begun(storeId);
    const given = { state, partnerId: PARTNER, code: "c", browserToken, actor: null };
    expect(codeOf(await completeConsent(connection, given))).toBe("consent-code-invalid");
    expect(await listBindings(database, TENANT, storeId)).toEqual([]);
  });

  it("keeps an account to one store, and a store to one account", async () => {
    const bound = await boundStore(connection);
    const others = await newStore("other");
    const taken = await begun(others.storeId);
    const given = { partnerId: PARTNER, code: "c", actor: null };
    const stolen = await completeConsent(connection, {
      ...given,
      state: taken.state,
      browserToken: taken.browserToken,
    });
    expect(codeOf(stolen)).toBe("store-already-bound");
    const again = await begun(bound.storeId);
    const changed = await completeConsent(connection, {
      ...given,
      partnerId: "A2OTHER",
      state: again.state,
      browserToken: again.browserToken,
    });
    expect(codeOf(changed)).toBe("store-of-another-account");
    const [standing] = await listStores(database, TENANT, clock.now(), { storeId: bound.storeId });
    expect(standing?.state).toBe("bound");
  });

  it("keeps the history when it is renewed, ended and bound again, and forgets ended tokens", async () => {
    const { storeId } = await boundStore(connection);
    const renew = async () => {
      const { state, browserToken } = await begun(storeId);
      const given = { state, partnerId: PARTNER, code: "c", browserToken, actor: null };
      return must(await completeConsent(connection, given));
    };
    clock.advanceMs(340 * 86_400_000);
    expect((await findStore(database, TENANT, storeId, clock.now()))?.state).toBe("expiring");
    expect((await renew()).state).toBe("bound");
    clock.advanceMs(366 * 86_400_000);
    expect((await findStore(database, TENANT, storeId, clock.now()))?.state).toBe("expired");
    expect((await storeJobs(connection)).length).toBeGreaterThan(1);
    expect(must(await unbindStore(connection, storeId, "user_9")).state).toBe("revoked");
    expect(codeOf(await unbindStore(connection, storeId, "user_9"))).toBe("store-not-bound");
    expect(await storeJobs(connection)).toEqual([]);
    expect((await renew()).state).toBe("bound");
    const bindings = await listBindings(database, TENANT, storeId);
    expect(bindings.map(({ endReason }) => endReason)).toEqual(["renewed", "unbound", null]);
    const tokens = await database.query<{ sealed_token: string }>(
      `SELECT sealed_token FROM store_binding WHERE store_id = $1 ORDER BY bound_at`,
      [storeId],
    );
    expect(tokens.map(({ sealed_token }) => sealed_token !== "")).toEqual([false, false, true]);
  });
});

describe("the name of the account", () => {
  it("keeps a store from being polled while it differs or is not told, until a person says so", async () => {
    for (const [told, check] of [
      ["Somebody Else LLC", "differs"],
      [null, "unknown"],
    ] as const) {
      await database.query("DELETE FROM store_binding");
      amazon = scriptedAmazon(loginRoutes(told));
      ({ connection, clock } = testConnection(database, amazon));
      const store = await boundStore(connection);
      expect(store.nameCheck).toBe(check);
      const jobs = await storeJobs(connection);
      expect(jobs.filter(({ key }) => key.endsWith(store.storeId)).map(({ key }) => key)).toEqual([
        `store-account:${store.storeId}`,
      ]);
      const confirmed = must(
        await confirmStoreName(connection, store.storeId, "papers seen", "user_2"),
      );
      expect(confirmed.nameCheck).toBe("confirmed");
      await checkAccount(connection, confirmed, NO_LEASE);
      const after = await findStore(database, TENANT, store.storeId, clock.now());
      expect(after?.nameCheck).toBe("confirmed");
      const again = await confirmStoreName(connection, store.storeId, "again", "user_2");
      expect(codeOf(again)).toBe("name-not-in-doubt");
    }
  });

  it("is in doubt again when the marketplace tells another one than was confirmed", async () => {
    amazon = scriptedAmazon(loginRoutes("Somebody Else LLC"));
    ({ connection, clock } = testConnection(database, amazon));
    const store = await boundStore(connection);
    must(await confirmStoreName(connection, store.storeId, "papers seen", "user_2"));
    Object.assign(amazon.routes, loginRoutes("A Third One Ltd"));
    await checkAccount(connection, store, NO_LEASE);
    const after = await findStore(database, TENANT, store.storeId, clock.now());
    expect(after).toMatchObject({ nameCheck: "differs", legalName: "A Third One Ltd" });
  });

  it("stands when the marketplace once tells none", async () => {
    const store = await boundStore(connection);
    amazon.routes["GET /sellers/v1/account"] = () => errorReply(400, "InvalidInput");
    await checkAccount(connection, store, NO_LEASE);
    const after = await findStore(database, TENANT, store.storeId, clock.now());
    expect(after).toMatchObject({ nameCheck: "same", legalName: "Acme Trading Co., Ltd." });
  });
});

describe("an authorisation that the marketplace does not take any more", () => {
  it("ends the binding, once, and is told on the store's timeline", async () => {
    const store = await boundStore(connection);
    clock.advanceMs(2 * 3_600_000);
    amazon.routes["POST /auth/o2/token"] = () => ({
      status: 400,
      body: { error: "invalid_grant" },
    });
    expect(await pollPayouts(connection, store, NO_LEASE)).toEqual({ count: 0 });
    expect(await pollPayouts(connection, store, NO_LEASE)).toEqual({ count: 0 });
    const after = await findStore(database, TENANT, store.storeId, clock.now());
    expect(after?.state).toBe("revoked");
    const [binding] = await listBindings(database, TENANT, store.storeId);
    expect(binding?.endReason).toBe("withdrawn");
    expect(
      (await kindsOf(store.storeId)).filter((kind) => kind === "store-withdrawn"),
    ).toHaveLength(1);
  });
});

describe("the state of a store", () => {
  it("follows from its last authorisation and the clock", () => {
    const at = clock.now();
    expect(storeState(null, at)).toBe("pending-consent");
    expect(storeState({ expiresAt: at, endedAt: null }, at)).toBe("expired");
    expect(storeState({ expiresAt: at, endedAt: at }, at)).toBe("revoked");
  });
});
