import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../storage/test-database.ts";
import { listRequests } from "../../stores/payout-request.ts";
import type { StoreView } from "../../stores/store.ts";
import type { AmazonConnection } from "./amazon-store.ts";
import { carryRequestsOn, requestPayout } from "./initiate-payout.ts";
import { pollBalances, pollDeferred } from "./poll-outlook.ts";
import { pollEventGroups, pollPayouts } from "./poll-payouts.ts";
import { pollReports } from "./poll-reports.ts";
import {
  type Asked,
  boundStore,
  errorReply,
  HOST,
  loginRoutes,
  must,
  NO_LEASE,
  PARTNER,
  type Reply,
  type ScriptedAmazon,
  scriptedAmazon,
  TENANT,
  testConnection,
} from "./test-amazon.ts";

const PAYOUTS = "/finances/transfers/2024-06-01/payouts";
const GROUPS = "/finances/v0/financialEventGroups";
const REPORTS = "/reports/2021-06-30/reports";
const DAY_MS = 86_400_000;

let database: TestDatabase;
let amazon: ScriptedAmazon;
let connection: AmazonConnection;
let store: StoreView;
let made: ReturnType<typeof testConnection>;

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  const tables = ["store", "store_binding", "store_cursor", "store_report", "payout_request"];
  for (const table of tables) await database.query(`DELETE FROM ${table}`);
  amazon = scriptedAmazon(loginRoutes());
  made = testConnection(database, amazon);
  connection = made.connection;
  store = await boundStore(connection, "eu");
});

const texts = () => made.accepted.map(({ bytes }) => Buffer.from(bytes).toString("utf8"));

function payout(id: string, currentStatus: string, creationDate: string, more: object = {}) {
  const partnerMetadata = {
    partnerId: PARTNER,
    marketplaceId: "A1PA6795UKMFR9",
    accountType: "STANDARD_ORDERS",
  };
  return { id, currentStatus, creationDate, partnerMetadata, ...more };
}

/** Answers with these bodies one after the other, and the last one from then on. */
function inTurn(...bodies: unknown[]) {
  let turn = 0;
  return (): Reply => ({ body: bodies[Math.min(turn++, bodies.length - 1)] });
}

const listOf = (status: string, nextToken: string) => ({
  payouts: [payout("1", status, "2026-07-15T00:00:00Z")],
  nextToken: status === "none" ? nextToken : undefined,
});

const pollAfter = async (afterMs: number) => {
  made.clock.advanceMs(afterMs);
  return (await pollPayouts(connection, store, NO_LEASE)).count;
};

describe("polling payouts", () => {
  it("hands over each page as it came, goes on over empty ones, and repeats the question with the token", async () => {
    const first = `{"payouts": [ ${JSON.stringify(payout("1", "PAID", "2026-07-01T00:00:00Z"))} ], "nextToken": "t1"}`;
    const last = JSON.stringify({ payouts: [payout("2", "STARTED", "2026-07-29T00:00:00Z")] });
    amazon.routes[`GET ${PAYOUTS}`] = inTurn(first, { payouts: [], nextToken: "t2" }, last);
    expect(await pollPayouts(connection, store, NO_LEASE)).toEqual({ count: 2 });
    expect(texts()).toEqual([first, last]);
    expect(made.accepted[0]).toMatchObject({ sellerId: "acme", source: `store:${store.storeId}` });
    const asked = amazon.askedFor(PAYOUTS).map(({ query }) => query);
    const createdAfter = asked[0]?.["createdAfter"];
    expect(asked).toEqual([
      { createdAfter },
      { createdAfter, nextToken: "t1" },
      { createdAfter, nextToken: "t2" },
    ]);
  });

  it("hands over only what is new, asks for what may still change, and once a day for all", async () => {
    let status = "IN_TRANSIT";
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: listOf(status, "x") });
    expect([await pollAfter(0), await pollAfter(3_600_000), await pollAfter(3_600_000)]).toEqual([
      1, 0, 0,
    ]);
    status = "PAID";
    expect([await pollAfter(3_600_000), await pollAfter(3_600_000)]).toEqual([1, 0]);
    const after = () => amazon.askedFor(PAYOUTS).map(({ query }) => query["createdAfter"]);
    expect(after()).toEqual([
      "2026-05-01T08:00:00.000Z",
      "2026-07-15T00:00:00.000Z",
      "2026-07-15T00:00:00.000Z",
      "2026-07-15T00:00:00.000Z",
      "2026-07-27T12:00:00.000Z",
    ]);
    expect(await pollAfter(DAY_MS)).toBe(0);
    expect(after().at(-1)).toBe("2026-05-02T12:00:00.000Z");
    status = "FAILED";
    expect(await pollAfter(DAY_MS)).toBe(1);
  });

  it("takes nothing that the API tells of another account, and counts that as a failure", async () => {
    const partnerMetadata = { partnerId: "A2SOMEBODY" };
    const other = payout("1", "PAID", "2026-07-01T00:00:00Z", { partnerMetadata });
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: [other] } });
    await expect(pollPayouts(connection, store, NO_LEASE)).rejects.toThrow("another account");
    expect(made.accepted).toEqual([]);
    const cursors = await database.query(
      `SELECT failure_count, polled_at FROM store_cursor WHERE operation = 'payouts'`,
    );
    expect(cursors).toEqual([{ failure_count: 1, polled_at: null }]);
  });

  it("is put off as the limits say, and its failures end with a whole poll", async () => {
    amazon.routes[`GET ${PAYOUTS}`] = () => errorReply(500, "InternalFailure");
    await expect(pollPayouts(connection, store, NO_LEASE)).rejects.toThrow("answered 500");
    amazon.routes[`GET ${PAYOUTS}`] = () => ({
      ...errorReply(429, "QuotaExceeded"),
      headers: { "x-amzn-RateLimit-Limit": "0.01" },
    });
    const put = await pollPayouts(connection, store, NO_LEASE);
    expect(put.count).toBe(0);
    expect(Date.parse(put.dueAt ?? "") - Date.parse(made.clock.now())).toBe(100_000);
    made.clock.advanceMs(100_000);
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: [] } });
    await pollPayouts(connection, store, NO_LEASE);
    const [cursor] = await database.query(
      `SELECT failure_count FROM store_cursor WHERE operation = 'payouts'`,
    );
    expect(cursor).toEqual({ failure_count: 0 });
  });

  it("gives up a list whose token never changes", async () => {
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: [], nextToken: "same" } });
    await expect(pollPayouts(connection, store, NO_LEASE)).rejects.toThrow("same page again");
  });

  it("saves nothing when another process has the work by now", async () => {
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: [] } });
    const lost = { ...NO_LEASE, fence: () => Promise.reject(new Error("lost the lease")) };
    await expect(pollPayouts(connection, store, lost)).rejects.toThrow("lost the lease");
    const rows = await database.query(
      `SELECT polled_at FROM store_cursor WHERE operation = 'payouts'`,
    );
    expect(rows).toEqual([{ polled_at: null }]);
  });
});

const group = (more: object) => ({
  payload: {
    FinancialEventGroupList: [
      { FinancialEventGroupId: "g", FinancialEventGroupStart: "2026-07-10T00:00:00Z", ...more },
    ],
  },
});

describe("polling event groups", () => {
  it("follows a group until its transfer is over, in the words of the old API", async () => {
    const steps = [
      { ProcessingStatus: "Open" },
      { ProcessingStatus: "Closed", FundTransferStatus: "Processing", TraceId: "1" },
      { ProcessingStatus: "Closed", FundTransferStatus: "Succeeded", TraceId: "1" },
    ];
    amazon.routes[`GET ${GROUPS}`] = inTurn(...steps.map(group));
    for (let poll = 0; poll < 4; poll += 1) {
      await pollEventGroups(connection, store, NO_LEASE);
      made.clock.advanceMs(3_600_000);
    }
    expect(made.accepted).toHaveLength(3);
    const asked = amazon
      .askedFor(GROUPS)
      .map(({ query }) => query["FinancialEventGroupStartedAfter"]);
    expect(asked.slice(1)).toEqual([
      "2026-07-10T00:00:00.000Z",
      "2026-07-10T00:00:00.000Z",
      "2026-07-27T11:00:00.000Z",
    ]);
    expect(amazon.askedFor(GROUPS)[0]?.query["MaxResultsPerPage"]).toBe("100");
  });
});

describe("polling what is still held", () => {
  it("keeps each answer, also one that says the same: that is how fresh it is", async () => {
    amazon.routes["GET /finances/2024-06-19/balances"] = () => ({
      body: { balances: [{ balanceType: "TOTAL" }] },
    });
    await pollBalances(connection, store, NO_LEASE);
    await pollBalances(connection, store, NO_LEASE);
    expect(made.accepted).toHaveLength(2);
  });

  it("asks for deferred sales up to three minutes ago", async () => {
    amazon.routes["GET /finances/2024-06-19/transactions"] = () => ({
      body: { payload: { transactions: [] } },
    });
    await pollDeferred(connection, store, NO_LEASE);
    expect(amazon.askedFor("/finances/2024-06-19/transactions")[0]?.query).toEqual({
      postedAfter: "2026-05-01T08:00:00.000Z",
      postedBefore: "2026-07-30T07:57:00.000Z",
      transactionStatus: "DEFERRED",
    });
  });
});

const report = (id: string, status = "DONE", more: object = {}) => ({
  reportId: id,
  reportType: "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
  processingStatus: status,
  createdTime: "2026-07-28T06:00:00Z",
  ...(status === "DONE" ? { reportDocumentId: `doc-${id}` } : {}),
  ...more,
});
const document = (id: string, reply: Reply | ((asked: Asked) => Reply), told: object = {}) => {
  amazon.routes[`GET /reports/2021-06-30/documents/doc-${id}`] = () => ({
    body: {
      reportDocumentId: `doc-${id}`,
      url: `${HOST}/files/${id}?X-Amz-Signature=s`,
      ...told,
    },
  });
  amazon.routes[`GET /files/${id}`] = typeof reply === "function" ? reply : () => reply;
};
const listReports = (...reports: object[]) => {
  amazon.routes[`GET ${REPORTS}`] = () => ({ body: { reports } });
};

describe("polling reports", () => {
  it("fetches each document once, unpacked, without a token in its request, and notes its charset", async () => {
    listReports(report("1"), report("1"), report("2", "IN_PROGRESS"));
    const packed = gzipSync("settlement-id\té");
    const headers = { "content-type": "text/plain;charset=Cp1252" };
    document("1", { body: packed, headers }, { compressionAlgorithm: "GZIP" });
    expect((await pollReports(connection, store, NO_LEASE)).count).toBe(1);
    expect(texts()).toEqual(["settlement-id\té"]);
    const [download] = amazon.askedFor("/files/1");
    expect(download?.headers.has("x-amz-access-token")).toBe(false);
    document("2", { body: "plain" });
    listReports(report("1"), report("2"));
    expect((await pollReports(connection, store, NO_LEASE)).count).toBe(1);
    const rows = await database.query(
      `SELECT report_id, charset, sha256 FROM store_report ORDER BY report_id`,
    );
    expect(rows).toEqual([
      { report_id: "1", charset: "Cp1252", sha256: "sha-1" },
      { report_id: "2", charset: "UTF-8", sha256: "sha-2" },
    ]);
  });

  it("asks for the list with the token alone, and for all of ninety days once a day", async () => {
    amazon.routes[`GET ${REPORTS}`] = inTurn({ reports: [], nextToken: "t" }, { reports: [] });
    await pollReports(connection, store, NO_LEASE);
    made.clock.advanceMs(600_000);
    await pollReports(connection, store, NO_LEASE);
    const asked = amazon.askedFor(REPORTS).map(({ query }) => query);
    expect(asked[0]).toEqual({
      reportTypes: "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
      pageSize: "100",
      createdSince: "2026-05-02T08:00:00.000Z",
    });
    expect(asked[1]).toEqual({ nextToken: "t" });
    expect(asked[2]?.["createdSince"]).toBe("2026-07-23T08:10:00.000Z");
  });

  it("asks for a new address when one ran out, and gives up after three", async () => {
    listReports(report("1"));
    let tries = 0;
    const denied = { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    document("1", () => (++tries < 3 ? denied : { body: "late" }));
    expect((await pollReports(connection, store, NO_LEASE)).count).toBe(1);
    expect(texts()).toEqual(["late"]);
    listReports(report("2"));
    document("2", denied);
    await expect(pollReports(connection, store, NO_LEASE)).rejects.toThrow("answered 403");
    expect(amazon.askedFor("/reports/2021-06-30/documents/doc-2")).toHaveLength(3);
  });

  it("goes on with the others when one document is damaged, elsewhere, or too strange, and tries it again", async () => {
    listReports(report("1"), report("2"), report("3"), report("4"));
    const cut = gzipSync("x".repeat(1000)).subarray(0, 20);
    document("1", { body: cut }, { compressionAlgorithm: "GZIP" });
    document("2", { body: "secret" }, { url: "http://10.0.0.1/latest/meta-data" });
    document("3", { body: gzipSync("y") }, { compressionAlgorithm: "ZSTD" });
    document("4", { body: "fine" });
    await expect(pollReports(connection, store, NO_LEASE)).rejects.toThrow("cut off or damaged");
    expect(texts()).toEqual(["fine"]);
    document("1", { body: gzipSync("whole") }, { compressionAlgorithm: "GZIP" });
    await expect(pollReports(connection, store, NO_LEASE)).rejects.toThrow("no https address");
    expect(texts()).toEqual(["fine", "whole"]);
    expect(amazon.askedFor("/latest/meta-data")).toEqual([]);
  });

  it("fetches a backlog in the marketplace's pace: a bucket at a time", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `b${index}`);
    listReports(...ids.map((id) => report(id)));
    for (const id of ids) document(id, { body: id });
    expect(await pollReports(connection, store, NO_LEASE)).toEqual({ count: 15, more: true });
    const next = await pollReports(connection, store, NO_LEASE);
    // 1 / 0.0167 a second, as published.
    expect(next.dueAt).toBe("2026-07-30T08:00:59.881Z");
    for (let minute = 0; minute < 6; minute += 1) {
      made.clock.advanceMs(60_000);
      await pollReports(connection, store, NO_LEASE);
    }
    expect(new Set(texts()).size).toBe(20);
  });
});

const GERMANY = "A1PA6795UKMFR9";
const ask = async (requestId = "pr_1") =>
  must(
    await requestPayout(connection, {
      requestId,
      storeId: store.storeId,
      marketplaceId: GERMANY,
      actor: "user_1",
    }),
  );
const sent = () => amazon.asked.filter(({ method, path }) => method === "POST" && path === PAYOUTS);
const carryOn = () => carryRequestsOn(connection, store, NO_LEASE);
const standing = async () => (await listRequests(database, TENANT, store.storeId, 1))[0];

describe("a payout that is asked for", () => {
  it("is refused in the marketplace's own words, and may be asked for again at once", async () => {
    const errors = ["NoDepositMethod", "InsufficientPayoutAmount"].map((code) => ({
      code,
      message: code,
    }));
    amazon.routes[`POST ${PAYOUTS}`] = () => ({ status: 400, body: { errors } });
    const refused = await ask();
    expect(refused).toMatchObject({ state: "refused", reference: null });
    expect(refused.reasons.map(({ code }) => code)).toEqual(errors.map(({ code }) => code));
    amazon.routes[`POST ${PAYOUTS}`] = () => ({ body: { payoutReferenceId: "g" } });
    expect(await ask("pr_2")).toMatchObject({ state: "initiated", reference: "g" });
  });

  it("is not sent again by the same request, and another one waits for a day", async () => {
    amazon.routes[`POST ${PAYOUTS}`] = () => ({ body: { payoutReferenceId: "g" } });
    await ask();
    expect(await ask()).toMatchObject({ state: "initiated" });
    expect(sent()).toHaveLength(1);
    await expect(ask("pr_2")).rejects.toThrow("payout-asked-lately");
    made.clock.advanceMs(DAY_MS);
    expect(await ask("pr_2")).toMatchObject({ state: "initiated" });
  });

  it("is sent again only after listPayouts has long not shown it, and is given up after three times", async () => {
    amazon.routes[`POST ${PAYOUTS}`] = () => errorReply(500, "InternalFailure");
    const others = [
      payout("1", "STARTED", "2026-07-30T08:00:01Z", { type: "SCHEDULED" }),
      payout("2", "PAID", "2026-07-29T08:00:00Z", { type: "ON_DEMAND" }),
    ];
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: others } });
    expect(await ask()).toMatchObject({ state: "asked", askCount: 1 });
    await carryOn();
    expect(sent()).toHaveLength(1);
    for (let minutes = 0; minutes < 40; minutes += 5) {
      made.clock.advanceMs(5 * 60_000);
      await carryOn().catch(() => undefined);
    }
    expect(sent()).toHaveLength(3);
    expect(await standing()).toMatchObject({
      state: "given-up",
      reasons: [{ code: "no-payout-found" }],
    });
  });

  it("is found where the answer was lost, and not sent again", async () => {
    amazon.routes[`POST ${PAYOUTS}`] = () => errorReply(503, "ServiceUnavailable");
    await ask();
    const found = payout("77", "STARTED", "2026-07-30T08:00:02Z", { type: "ON_DEMAND" });
    amazon.routes[`GET ${PAYOUTS}`] = () => ({ body: { payouts: [found] } });
    expect(await carryOn()).toEqual({ count: 1 });
    expect(await standing()).toMatchObject({ state: "initiated", reference: "77" });
    expect(sent()).toHaveLength(1);
  });

  it("that the limits kept from going out goes out later without a look-up", async () => {
    amazon.routes[`POST ${PAYOUTS}`] = () => errorReply(429, "QuotaExceeded");
    expect(await ask()).toMatchObject({ state: "intended", askCount: 0 });
    amazon.routes[`POST ${PAYOUTS}`] = () => ({ body: { payoutReferenceId: "g" } });
    made.clock.advanceMs(120_000);
    expect(await carryOn()).toEqual({ count: 1 });
    expect(await standing()).toMatchObject({ state: "initiated", askCount: 1 });
    expect(amazon.askedFor(PAYOUTS).filter(({ method }) => method === "GET")).toEqual([]);
  });

  it("whose intent a crash left unsent is sent once, however many look at it", async () => {
    amazon.routes[`POST ${PAYOUTS}`] = () => errorReply(429, "QuotaExceeded");
    await ask();
    amazon.routes[`POST ${PAYOUTS}`] = () => ({ body: { payoutReferenceId: "g" } });
    made.clock.advanceMs(300_000);
    await Promise.all([carryOn(), carryOn(), carryOn()]);
    expect(sent().filter(({ headers }) => headers.has("x-amz-access-token")).length).toBe(2);
    expect(await standing()).toMatchObject({ state: "initiated", askCount: 1 });
  });
});
