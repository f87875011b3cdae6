// The connection to the marketplace from end to end: a store is bound by consent on the sandbox's own page, its jobs run
// as the service runs them, and what they bring goes through the inbox into the books.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Accept } from "../src/inbox/inbound.ts";
import {
  type AmazonConnection,
  openAmazonConnection,
} from "../src/marketplace/amazon/sp-api/amazon-store.ts";
import { requestPayout } from "../src/marketplace/amazon/sp-api/initiate-payout.ts";
import type { Region } from "../src/marketplace/amazon/sp-api/regions.ts";
import { amazonSettings } from "../src/marketplace/amazon/sp-api/settings.ts";
import { beginConsent, completeConsent } from "../src/marketplace/stores/consent.ts";
import { listRequests } from "../src/marketplace/stores/payout-request.ts";
import { findStore } from "../src/marketplace/stores/store.ts";
import { createStore } from "../src/marketplace/stores/store-acts.ts";
import { storeJobs } from "../src/marketplace/stores/store-jobs.ts";
import { DEFAULT_POLICY } from "../src/policy/policy.ts";
import { listExceptions } from "../src/report/exceptions.ts";
import { DEFAULT_TENANT, openChannel } from "../src/runtime/channel.ts";
import { createJobRunner, type JobRun, type JobRunner } from "../src/runtime/jobs.ts";
import { openReceiver } from "../src/runtime/receiver.ts";
import { newSealingKey, readKeyRing, sealer } from "../src/secret/seal.ts";
import {
  DAY_MS,
  HOUR_MS,
  ORIGIN,
  type TestMarketplace,
  testMarketplace,
} from "../src/simulator/marketplace/test-marketplace.ts";
import { openRawStore } from "../src/storage/raw-store.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";

const SELLER = "chongqing-sample";
const LEGAL_NAME = "CHONGQING SAMPLE TRADING COMPANY LIMITED";
const CALLBACK = "http://127.0.0.1:8420/v1/stores/callback";

/** Everything of one test, ended after it. */
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type World = TestMarketplace & {
  readonly database: TestDatabase;
  readonly connection: AmazonConnection;
  readonly jobs: JobRunner;
  readonly runs: JobRun[];
  /** Called with the address of each request before it goes out. */
  readonly onFetch: ((url: URL) => void)[];
  /** Lets the jobs run every six hours while the time passes. */
  readonly pass: (ms: number) => Promise<void>;
};

async function openWorld(country: string): Promise<World> {
  const made = await testMarketplace({
    marketplace: country,
    settings: { reserveMinor: 1_000n, periodDays: 4 },
  });
  const { clock, marketplace } = made;
  const database = await openTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), "straitway-connection-"));
  const store = {
    database,
    rawStore: openRawStore(join(dataDir, "raw")),
    dataDir,
    databaseLabel: "test",
    notice: null,
    close: () => database.close(),
    killNow: () => undefined,
  };
  const channel = await openChannel(store, { policy: DEFAULT_POLICY, clock, isOwnDatabase: true });
  await channel.register([{ id: SELLER, legalName: LEGAL_NAME, accounts: [] }]);
  const receiver = openReceiver(channel);
  const keys = readKeyRing(newSealingKey());
  if (!keys.ok) throw new Error(keys.refusal.message);
  const { application } = marketplace;
  const settings = amazonSettings.parse({
    applicationId: application.applicationId,
    clientId: application.clientId,
    clientSecret: application.clientSecret,
    redirectUri: CALLBACK,
    tokenUrl: `${ORIGIN}/auth/o2/token`,
    apiUrl: ORIGIN,
    consentUrl: ORIGIN,
  });
  const onFetch: ((url: URL) => void)[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    for (const told of onFetch) told(new URL(request.url));
    return marketplace.fetch(request);
  };
  const wait = (ms: number): Promise<void> => {
    clock.advanceMs(ms);
    return Promise.resolve();
  };
  const accept: Accept = ({ name, bytes, sellerId }) => receiver.receive(name, bytes, sellerId);
  const base = { database, tenantId: DEFAULT_TENANT, clock, sealer: sealer(keys.value) };
  const connection = openAmazonConnection({ ...base, fetch: fetcher, wait, accept }, settings);
  const runs: JobRun[] = [];
  const jobs = createJobRunner({
    ...base,
    owner: "test",
    jobs: () => storeJobs(connection),
    onRun: (run) => runs.push(run),
  });
  closing.push(async () => {
    await jobs.stop();
    await receiver.close();
    await channel.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const pass = async (ms: number): Promise<void> => {
    const end = Date.parse(clock.now()) + ms;
    while (Date.parse(clock.now()) < end) {
      clock.advanceMs(Math.min(6 * HOUR_MS, end - Date.parse(clock.now())));
      await jobs.runDue();
    }
  };
  return { ...made, database, connection, jobs, runs, onFetch, pass };
}

/** Goes through the consent as a seller's browser does; returns the id of the bound store. */
async function bindByConsent(world: World, region: Region): Promise<string> {
  const { connection, marketplace, seller } = world;
  const named = { sellerId: SELLER, marketplace: "amazon", region, name: "Sample" };
  const created = await createStore(connection, named, "user_1");
  if (!created.ok) throw new Error(created.refusal.code);
  const { storeId } = created.value;
  const begin = { storeId, country: null, actor: "user_1", inBrowser: true };
  const begun = await beginConsent(connection, begin);
  if (!begun.ok) throw new Error(begun.refusal.code);
  const page = await marketplace.fetch(new Request(begun.value.consentUrl));
  expect(page.status).toBe(200);
  const asked = new URL(begun.value.consentUrl);
  const form = new URLSearchParams(asked.searchParams);
  form.set("selling_partner_id", seller.sellerId);
  form.set("decision", "confirm");
  const decided = await marketplace.fetch(
    new Request(`${asked.origin}${asked.pathname}`, { method: "POST", body: form }),
  );
  const back = new URL(decided.headers.get("location") ?? "");
  expect(`${back.origin}${back.pathname}`).toBe(CALLBACK);
  const bound = await completeConsent(connection, {
    state: back.searchParams.get("state") ?? "",
    partnerId: back.searchParams.get("selling_partner_id") ?? "",
    code: back.searchParams.get("spapi_oauth_code") ?? "",
    browserToken: begun.value.browserToken,
    actor: null,
  });
  if (!bound.ok) throw new Error(bound.refusal.code);
  return storeId;
}

const failed = (runs: readonly JobRun[]) => runs.filter(({ result }) => !result.ok);

describe("a store from consent to payout", () => {
  it("brings the closed settlement and its payout on record, over limits, faults and addresses that ran out", async () => {
    const world = await openWorld("US");
    const { database, controls, store, clock, jobs, runs, connection } = world;
    const storeId = await bindByConsent(world, "na");
    await jobs.runDue();
    expect(await findStore(database, DEFAULT_TENANT, storeId, clock.now())).toMatchObject({
      state: "bound",
      nameCheck: "same",
    });
    controls.sell(store.storeId, { orders: 12 });
    controls.sell(store.storeId, { orders: 12, deferral: "none" });
    let documentsLeft = 1;
    world.onFetch.push((url) => {
      // The first address of a document is used after its five minutes.
      if (url.pathname.startsWith("/documents/") && documentsLeft-- > 0)
        clock.advanceMs(6 * 60_000);
    });
    controls.disturb("listPayouts", "throttled", 5);
    controls.disturb("getReports", "empty-page");
    controls.disturb("listFinancialEventGroups", "unavailable", 2);
    controls.disturb("listBalances", "internal");
    controls.setPageSize("listTransactions", 10);
    await world.pass(2 * DAY_MS);
    const outlook = await database.query<{ kind: string; count: bigint }>(
      `SELECT 'deferred' AS kind, count(*) AS count FROM deferred_told WHERE release_on IS NOT NULL
       UNION ALL SELECT 'expected', count(*) FROM expected_payout WHERE amount_minor IS NOT NULL
       UNION ALL SELECT 'balances', count(*) FROM balance_told`,
    );
    for (const { kind, count } of outlook) expect([kind, count > 0n]).toEqual([kind, true]);

    await world.pass(4.5 * DAY_MS);
    expect(failed(runs)).toEqual([]);
    const statements = await database.query<Record<string, unknown>>(
      `SELECT s.state, s.settlement_id, s.summed_minor, c.amount_minor AS control
         FROM statement s LEFT JOIN control_total c ON c.settlement_id = s.settlement_id`,
    );
    const closed = world.store.settlements.filter(({ endAt }) => endAt !== null);
    expect(statements).toHaveLength(closed.length);
    for (const { state, summed_minor: summed, control } of statements) {
      expect(state).toBe("posted");
      expect(control).toBe(summed);
    }
    const payouts = await database.query<Record<string, unknown>>(
      `SELECT p.announced_status, p.amount_minor, p.source, p.seller_id FROM payout p WHERE p.merged_into IS NULL`,
    );
    expect(payouts).toEqual(
      closed.map(({ settlementId }) => ({
        announced_status: "paid",
        amount_minor: statements.find((one) => one["settlement_id"] === settlementId)?.[
          "summed_minor"
        ],
        source: "list-payouts",
        seller_id: SELLER,
      })),
    );
    expect(documentsLeft).toBeLessThanOrEqual(0);

    controls.revokeConsents(world.seller.sellerId);
    await world.pass(2 * HOUR_MS);
    const after = await findStore(database, DEFAULT_TENANT, storeId, clock.now());
    expect(after?.state).toBe("revoked");
    expect(await storeJobs(connection)).toEqual([]);
  });

  it("puts nothing on record twice when it is asked again", async () => {
    const world = await openWorld("US");
    await bindByConsent(world, "na");
    world.controls.sell(world.store.storeId, { orders: 5, deferral: "none" });
    await world.pass(6 * DAY_MS);
    const counts = () =>
      world.database.query(
        `SELECT (SELECT count(*) FROM statement) AS statements, (SELECT count(*) FROM payout) AS payouts,
                (SELECT count(*) FROM payout_announcement) AS announcements,
                (SELECT count(*) FROM timeline_event WHERE kind = 'payout-announced') AS told`,
      );
    const before = await counts();
    await world.pass(18 * HOUR_MS);
    expect(await counts()).toEqual(before);
  });

  it("shows a report that was broken as quarantined, and takes the one that is re-issued", async () => {
    const world = await openWorld("US");
    const { controls, database } = world;
    await bindByConsent(world, "na");
    await world.jobs.runDue();
    controls.sell(world.store.storeId, { orders: 6, deferral: "none" });
    const open = world.store.settlements.at(-1)?.settlementId ?? "";
    controls.closeSettlement(world.store.storeId, {});
    world.clock.advanceMs(HOUR_MS);
    controls.breakReport(open);
    await world.pass(3 * HOUR_MS);
    const stateOf = async () =>
      database.query(`SELECT state FROM statement WHERE settlement_id = $1 AND is_current`, [open]);
    expect(await stateOf()).toEqual([{ state: "quarantined" }]);
    controls.reissueReport(open, { form: "whole", afterMs: 0 });
    await world.pass(6 * HOUR_MS);
    expect(await stateOf()).toEqual([{ state: "posted" }]);
  });
});

describe("a payout on demand", () => {
  it("is made once although the answer was lost, and comes on record like any other", async () => {
    const world = await openWorld("DE");
    const { controls, database, connection, clock } = world;
    const storeId = await bindByConsent(world, "eu");
    await world.jobs.runDue();
    controls.sell(world.store.storeId, { orders: 6, deferral: "none" });
    await world.pass(HOUR_MS);
    controls.disturb("initiatePayout", "lost-answer");
    const { marketplaceId } = world.store;
    const asked = await requestPayout(connection, {
      requestId: "pr_1",
      storeId,
      marketplaceId,
      actor: "user_1",
    });
    expect(asked).toMatchObject({ ok: true, value: { state: "asked", askCount: 1 } });
    await world.pass(2 * DAY_MS);
    const [request] = await listRequests(database, DEFAULT_TENANT, storeId, 10);
    expect(request).toMatchObject({ state: "initiated", askCount: 1 });
    const payouts = await database.query(
      `SELECT announced_status, reference FROM payout WHERE merged_into IS NULL`,
    );
    expect(payouts).toEqual([{ announced_status: "paid", reference: request?.reference }]);
    const { exceptions } = await listExceptions(database, DEFAULT_TENANT, {
      policy: DEFAULT_POLICY,
      now: clock.now(),
      limit: 100,
      sellerId: SELLER,
    });
    expect(exceptions).toEqual([]);
  });
});
