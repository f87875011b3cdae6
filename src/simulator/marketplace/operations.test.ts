import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readSettlementV2 } from "../../marketplace/amazon/settlement-v2.ts";
import {
  DAY_MS,
  downloadReports,
  HOUR_MS,
  REPORTS_PATH,
  type ReportAnswer,
  START,
  type TestMarketplace,
  testMarketplace,
} from "./test-marketplace.ts";

const TRANSACTIONS_PATH = "/finances/2024-06-19/transactions";
const BALANCES_PATH = "/finances/2024-06-19/balances";

type ReportsAnswer = { readonly reports: readonly ReportAnswer[]; readonly nextToken?: string };

async function reportsOf({ caller }: TestMarketplace, more = ""): Promise<ReportsAnswer> {
  return caller.get<ReportsAnswer>(`${REPORTS_PATH}${more}`);
}

/** A store that closed `count` settlements of one reimbursement each. */
async function closedStore(count: number): Promise<TestMarketplace> {
  const made = await testMarketplace({ settings: { periodDays: null } });
  made.controls.setThrottling("off");
  for (let index = 0; index < count; index += 1) {
    made.controls.charge(made.store.storeId, "reimbursement", 1_000n + BigInt(index));
    made.clock.advanceMs(DAY_MS);
    made.controls.closeSettlement(made.store.storeId);
  }
  made.clock.advanceMs(HOUR_MS);
  return made;
}

describe("reports", () => {
  it("come newest first in pages, whose token comes alone", async () => {
    const made = await closedStore(5);
    const first = await reportsOf(made, "&pageSize=2");
    const token = encodeURIComponent(first.nextToken ?? "");
    // A report that comes meanwhile shifts nothing.
    made.controls.reissueReport(made.store.settlements[0]?.settlementId ?? "");
    const second = await made.caller.get<ReportsAnswer>(
      `/reports/2021-06-30/reports?nextToken=${token}`,
    );
    const last = await made.caller.get<ReportsAnswer>(
      `/reports/2021-06-30/reports?nextToken=${encodeURIComponent(second.nextToken ?? "")}`,
    );
    const listed = [first, second, last].flatMap(({ reports }) => reports);
    expect(listed.map(({ reportId }) => reportId)).toEqual(
      made.store.reports
        .slice(0, 5)
        .map(({ reportId }) => reportId)
        .reverse(),
    );
    expect(last).not.toHaveProperty("nextToken");
    const both = await made.caller.ask(`${REPORTS_PATH}&nextToken=${token}`);
    expect(both.status).toBe(400);
    const forged = await made.caller.ask(`/reports/2021-06-30/reports?nextToken=${token}x`);
    expect(forged.status).toBe(400);
  });

  it("name every marketplace of the region, and are made by Amazon alone", async () => {
    const made = await closedStore(1);
    const { reports } = await reportsOf(made, "&marketplaceIds=A2EUQ1WTGCTBG2");
    expect(reports[0]?.marketplaceIds).toEqual([
      "ATVPDKIKX0DER",
      "A2EUQ1WTGCTBG2",
      "A1AM78C64UM0Y8",
    ]);
    const asked = await made.caller.ask("/reports/2021-06-30/reports", {
      method: "POST",
      body: JSON.stringify({ reportType: "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2" }),
    });
    expect([asked.status, await asked.json()]).toMatchObject([
      400,
      { errors: [{ message: "Request for report type 1118 is not allowed at this time" }] },
    ]);
  });

  it("appear a while after the close and are gone after 90 days", async () => {
    const made = await testMarketplace({ settings: { periodDays: null } });
    made.controls.closeSettlement(made.store.storeId);
    made.clock.advanceMs(HOUR_MS / 2 - 1);
    expect((await reportsOf(made)).reports).toEqual([]);
    made.clock.advanceMs(1);
    expect((await reportsOf(made)).reports).toHaveLength(1);
    made.clock.advanceMs(90 * DAY_MS + 1);
    expect((await reportsOf(made)).reports).toEqual([]);
  });

  it("can be broken and issued again, for the same settlement under another id", async () => {
    const made = await closedStore(1);
    made.controls.sell(made.store.storeId, { orders: 4, deferral: "none" });
    made.clock.advanceMs(DAY_MS);
    const { settlementId } = made.controls.closeSettlement(made.store.storeId);
    made.controls.breakReport(settlementId);
    made.controls.reissueReport(settlementId, { afterMs: HOUR_MS });
    made.controls.reissueReport(settlementId, { form: "reordered", afterMs: 2 * HOUR_MS });
    made.clock.advanceMs(3 * HOUR_MS);
    const files = await downloadReports(made);
    const verdicts = [];
    for (const file of files) {
      const { statements } = await readSettlementV2(Readable.from([file]));
      verdicts.push([statements[0]?.settlementId === settlementId, statements[0]?.verdict]);
    }
    expect(verdicts).toEqual([
      [true, "proven"],
      [true, "proven"],
      [true, "quarantined"],
      [false, "proven"],
    ]);
    expect(new Set((await reportsOf(made)).reports.map(({ reportId }) => reportId)).size).toBe(4);
    expect(Buffer.compare(files[0] ?? Buffer.of(), files[1] ?? Buffer.of())).not.toBe(0);
  });

  it("let the storage unpack a document where the client asks for that", async () => {
    const made = await closedStore(1);
    const { reports } = await reportsOf(made);
    const { url } = await made.caller.get<{ url: string }>(
      `/reports/2021-06-30/documents/${reports[0]?.reportDocumentId}?enableContentEncodingUrlHeader=true`,
    );
    const answer = await made.marketplace.fetch(new Request(url));
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    const forged = new URL(url);
    forged.searchParams.set("X-Amz-Date", "20991231T000000Z");
    const refused = await made.marketplace.fetch(new Request(forged));
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining("SignatureDoesNotMatch"),
    ]);
  });
});

describe("the usage plan", () => {
  it("lets through the burst, then a call each 45 seconds, for each seller by itself", async () => {
    const made = await testMarketplace();
    const ask = async () => made.caller.ask(REPORTS_PATH);
    for (let call = 0; call < 10; call += 1) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("x-amzn-RateLimit-Limit")).toBe("0.0222");
    expect(await refused.json()).toMatchObject({ errors: [{ code: "QuotaExceeded" }] });
    made.clock.advanceMs(45_100);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    const { controls, marketplace } = made;
    const other = controls.addSeller({ legalName: "Another Seller Ltd" });
    const { callerFor } = await import("./test-marketplace.ts");
    expect((await (await callerFor(marketplace, other.sellerId)).ask(REPORTS_PATH)).status).toBe(
      200,
    );
  });

  it("can be made tighter, and the service can be down for a while", async () => {
    const { controls, caller } = await testMarketplace();
    controls.disturb("getAccount", "throttled", 2);
    controls.disturb("getAccount", "unavailable");
    controls.disturb("getAccount", "internal");
    const statuses: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      statuses.push((await caller.ask("/sellers/v1/account")).status);
    }
    expect(statuses).toEqual([429, 429, 503, 500, 200]);
  });
});

describe("transactions", () => {
  it("are deferred, then released by another transaction, and each names the other", async () => {
    const made = await testMarketplace();
    const [order] = made.controls.sell(made.store.storeId);
    made.clock.advanceMs(2 * 60_000 + 1);
    type Listed = {
      readonly payload: {
        readonly transactions: readonly {
          readonly transactionId: string;
          readonly transactionStatus: string;
          readonly contexts: readonly unknown[];
          readonly relatedIdentifiers: readonly {
            relatedIdentifierName: string;
            relatedIdentifierValue: string;
          }[];
        }[];
      };
    };
    const list = async (more = "") =>
      (await made.caller.get<Listed>(`${TRANSACTIONS_PATH}?postedAfter=${START}${more}`)).payload
        .transactions;
    const [deferred] = await list();
    expect(deferred).toMatchObject({
      transactionId: order?.transactionId,
      transactionStatus: "Deferred",
      contexts: [{ deferralReason: "DD7", maturityDate: order?.deferral?.maturesAt }],
    });
    made.clock.advanceMs(11 * DAY_MS + HOUR_MS);
    const [before, released] = await list();
    expect(before?.transactionStatus).toBe("Deferred_Released");
    expect(released?.transactionStatus).toBe("Released");
    expect(before?.relatedIdentifiers).toContainEqual({
      relatedIdentifierName: "RELEASE_TRANSACTION_ID",
      relatedIdentifierValue: released?.transactionId,
    });
    expect(released?.relatedIdentifiers).toContainEqual({
      relatedIdentifierName: "DEFERRED_TRANSACTION_ID",
      relatedIdentifierValue: before?.transactionId,
    });
    expect(await list("&transactionStatus=DEFERRED")).toEqual([]);
    expect(await list("&transactionStatus=RELEASED")).toHaveLength(1);
  });

  it("list a transfer under the settlement that follows the one it pays", async () => {
    const made = await closedStore(1);
    made.clock.advanceMs(7 * HOUR_MS);
    const [paid, open] = made.store.settlements;
    const { payload } = await made.caller.get<{ payload: { transactions: object[] } }>(
      `${TRANSACTIONS_PATH}?postedAfter=${START}`,
    );
    expect(payload.transactions.at(-1)).toMatchObject({
      transactionType: "Transfer",
      totalAmount: { currencyAmount: -10 },
    });
    expect(JSON.stringify(payload.transactions.at(-1))).toContain(open?.settlementId);
    expect(open?.settlementId).not.toBe(paid?.settlementId);
  });

  it("come in pages that want the same arguments again, and some of which are empty", async () => {
    const made = await testMarketplace();
    made.controls.sell(made.store.storeId, { orders: 5, deferral: "none" });
    made.clock.advanceMs(HOUR_MS);
    made.controls.setPageSize("listTransactions", 2);
    made.controls.disturb("listTransactions", "empty-page");
    const path = `${TRANSACTIONS_PATH}?postedAfter=${START}`;
    const sizes: number[] = [];
    const tokens: string[] = [];
    let token = "";
    do {
      const { payload } = await made.caller.get<{
        payload: { transactions: unknown[]; nextToken?: string };
      }>(token === "" ? path : `${path}&nextToken=${encodeURIComponent(token)}`);
      sizes.push(payload.transactions.length);
      token = payload.nextToken ?? "";
      tokens.push(token);
      if (sizes.length === 2) made.controls.disturb("listTransactions", "empty-page");
      if (sizes.length === 1) {
        const other = await made.caller.ask(
          `${TRANSACTIONS_PATH}?postedAfter=2026-11-01&nextToken=${encodeURIComponent(token)}`,
        );
        expect(other.status).toBe(400);
      }
    } while (token !== "");
    expect(sizes).toEqual([0, 2, 0, 2, 1]);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it("are asked for from two minutes ago back, and by 180 days at most", async () => {
    const made = await testMarketplace();
    const ask = async (query: string) => made.caller.ask(`${TRANSACTIONS_PATH}?${query}`);
    expect((await ask("")).status).toBe(400);
    expect((await ask(`postedAfter=${made.clock.now()}`)).status).toBe(400);
    made.controls.sell(made.store.storeId, { deferral: "none" });
    made.clock.advanceMs(200 * DAY_MS);
    const answer = await ask(`postedAfter=${START}`);
    expect(await answer.json()).toEqual({ payload: { transactions: [] } });
    expect((await ask(`postedAfter=${START}&postedBefore=2026-12-01`)).status).toBe(200);
  });
});

describe("balances", () => {
  type Balance = {
    readonly balanceType: string;
    readonly amount: { readonly currencyAmount: number };
    readonly balances?: readonly Balance[];
  };

  function flat(balance: Balance): Readonly<Record<string, number>> {
    const parts = (balance.balances ?? []).map(flat);
    return Object.assign(
      { [balance.balanceType]: balance.amount.currencyAmount },
      ...parts,
    ) as Record<string, number>;
  }

  async function balances(
    made: TestMarketplace,
    query = "",
  ): Promise<Readonly<Record<string, number>>> {
    const answer = await made.caller.get<{ balances: Balance[] }>(`${BALANCES_PATH}${query}`);
    const [first] = answer.balances;
    return first === undefined ? {} : flat(first);
  }

  it("tell what is available, deferred and kept back, today and on a day that has passed", async () => {
    const made = await testMarketplace({ settings: { periodDays: null, reserveMinor: 3_000n } });
    const { controls, clock, store } = made;
    controls.charge(store.storeId, "reimbursement", 10_000n);
    controls.sell(store.storeId, { priceMinor: 5_000n, quantity: 1 });
    const { deferredMinor } = controls.standing(store.storeId);
    const deferred = Number(deferredMinor) / 100;
    expect(await balances(made)).toEqual({
      TOTAL: 100 + deferred,
      AVAILABLE: 100,
      RESERVED: deferred,
      DEFERRED: deferred,
      ACCOUNT_LEVEL_RESERVE: 0,
    });
    clock.advanceMs(DAY_MS);
    controls.closeSettlement(store.storeId);
    expect(await balances(made)).toMatchObject({ AVAILABLE: 0, ACCOUNT_LEVEL_RESERVE: 30 });
    expect(await balances(made, "?balanceType=RESERVED")).toMatchObject({
      RESERVED: 30 + deferred,
    });
    expect(await balances(made, `?asOfDate=${START.slice(0, 10)}`)).toMatchObject({
      AVAILABLE: 100,
      ACCOUNT_LEVEL_RESERVE: 0,
    });
    expect((await made.caller.ask(`${BALANCES_PATH}?marketplaceIds=NONE`)).status).toBe(400);
  });
});

describe("the calls of one seller", () => {
  it("see nothing of another", async () => {
    const made = await closedStore(2);
    const { controls, marketplace } = made;
    const other = controls.addSeller({ legalName: "Another Seller Ltd" });
    controls.addStore(other.sellerId, { marketplace: "US" });
    const { callerFor } = await import("./test-marketplace.ts");
    const caller = await callerFor(marketplace, other.sellerId);
    const [report] = made.store.reports;
    const document = `/reports/2021-06-30/documents/${report?.documentId}`;
    expect((await caller.ask(`/reports/2021-06-30/reports/${report?.reportId}`)).status).toBe(404);
    expect((await caller.ask(document)).status).toBe(404);
    expect((await made.caller.ask(document)).status).toBe(200);
    expect(await caller.get("/finances/transfers/2024-06-01/payouts")).toEqual({ payouts: [] });
    const [group] = made.store.settlements;
    const events = `/finances/v0/financialEventGroups/${group?.groupId}/financialEvents`;
    expect((await caller.ask(events)).status).toBe(400);
  });
});
