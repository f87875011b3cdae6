import https from "node:https";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettlementV2 } from "../../marketplace/amazon/settlement-v2.ts";
import { formatMinor } from "../../money/money.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { type Loopback, onLoopback } from "./test-loopback.ts";
import {
  DAY_MS,
  HOUR_MS,
  START,
  type TestMarketplace,
  testMarketplace,
} from "./test-marketplace.ts";

const REPORT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

/** A store that has sold for a month: two settlements, one of them paid. */
async function tradingStore(marketplace: string): Promise<TestMarketplace> {
  const made = await testMarketplace({ marketplace, settings: { ordersPerDay: 3 } });
  made.clock.advanceMs(30 * DAY_MS);
  return made;
}

function totals({ store }: TestMarketplace): readonly string[] {
  const { currency } = knownMarketplace(store.marketplaceId);
  return store.settlements.flatMap(({ totalMinor }) =>
    totalMinor === null ? [] : [formatMinor(totalMinor, currency)],
  );
}

async function provenTotal(bytes: Uint8Array): Promise<bigint | undefined> {
  const { statements } = await readSettlementV2(Readable.from([bytes]));
  expect(statements[0]?.verdict).toBe("proven");
  return statements[0]?.summedTotalMinor;
}

/** What is used of amazon-sp-api. */
type SellingPartner = {
  readonly callAPI: (request: {
    readonly operation?: string;
    readonly endpoint?: string;
    readonly api_path?: string;
    readonly method?: string;
    readonly query?: object;
    readonly path?: object;
  }) => Promise<unknown>;
  readonly download: (document: unknown) => Promise<unknown>;
};
type SellingPartnerClass = new (options: object) => SellingPartner;

/** Loaded by name: the clients are development packages whose types say less than they do. */
async function load<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module;
}

describe("the npm client amazon-sp-api", () => {
  let made: TestMarketplace;
  let loopback: Loopback;
  let client: SellingPartner;

  async function clientWith(options: object): Promise<SellingPartner> {
    const { default: Client } = await load<{ default: SellingPartnerClass }>("amazon-sp-api");
    const { application, controls } = made.marketplace;
    return new Client({
      region: "na",
      refresh_token: controls.consent(made.seller.sellerId).refreshToken,
      credentials: {
        SELLING_PARTNER_APP_CLIENT_ID: application.clientId,
        SELLING_PARTNER_APP_CLIENT_SECRET: application.clientSecret,
      },
      options: { https_proxy_agent: loopback.agent, auto_request_throttled: false, ...options },
    });
  }

  beforeAll(async () => {
    made = await tradingStore("US");
    loopback = await onLoopback(made.marketplace);
    client = await clientWith({});
  });
  afterAll(async () => loopback.close());

  it("exchanges the refresh token and asks who the seller is", async () => {
    const participations = await client.callAPI({
      operation: "getMarketplaceParticipations",
      endpoint: "sellers",
    });
    expect(participations).toMatchObject([
      { marketplace: { id: "ATVPDKIKX0DER", defaultCurrencyCode: "USD" } },
    ]);
    expect(await client.callAPI({ api_path: "/sellers/v1/account", method: "GET" })).toMatchObject({
      business: { name: made.seller.legalName },
    });
  });

  it("lists, downloads, unzips and decodes settlement reports", async () => {
    const { reports } = (await client.callAPI({
      operation: "getReports",
      endpoint: "reports",
      query: { reportTypes: [REPORT_TYPE], pageSize: 100 },
    })) as { reports: { reportDocumentId: string }[] };
    expect(reports).toHaveLength(2);
    const sums: (bigint | undefined)[] = [];
    for (const report of reports) {
      const document = await client.callAPI({
        operation: "getReportDocument",
        endpoint: "reports",
        path: { reportDocumentId: report.reportDocumentId },
      });
      const text: unknown = await client.download(document);
      expect(String(text).startsWith("settlement-id\t")).toBe(true);
      sums.push(await provenTotal(Buffer.from(String(text), "utf8")));
    }
    const closed = made.store.settlements.filter(({ endAt }) => endAt !== null);
    expect(sums.reverse()).toEqual(closed.map(({ totalMinor }) => totalMinor));
  });

  it("walks event groups page by page, and reads their events", async () => {
    const groups: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page = (await client.callAPI({
        operation: "listFinancialEventGroups",
        endpoint: "finances",
        query: {
          FinancialEventGroupStartedAfter: START,
          MaxResultsPerPage: 1,
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        },
      })) as { FinancialEventGroupList: unknown[]; NextToken?: string };
      groups.push(...page.FinancialEventGroupList);
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    expect(groups).toHaveLength(3);
    const [, closed] = made.store.settlements;
    const events = await client.callAPI({
      operation: "listFinancialEventsByGroupId",
      endpoint: "finances",
      path: { eventGroupId: closed?.groupId ?? "" },
    });
    const { FinancialEvents } = events as {
      FinancialEvents: { ShipmentEventList: { MarketplaceName: string }[] };
    };
    expect(FinancialEvents.ShipmentEventList.length).toBeGreaterThan(10);
    expect(FinancialEvents.ShipmentEventList[0]).toMatchObject({ MarketplaceName: "Amazon.com" });
  });

  it("lists transactions with their deferral, and payouts by their path", async () => {
    const { transactions } = (await client.callAPI({
      operation: "listTransactions",
      endpoint: "finances",
      query: { postedAfter: START, transactionStatus: "DEFERRED" },
    })) as { transactions: { transactionStatus: string }[] };
    expect(transactions.length).toBeGreaterThan(20);
    expect(new Set(transactions.map((one) => one.transactionStatus))).toEqual(
      new Set(["Deferred"]),
    );
    const { payouts } = (await client.callAPI({
      api_path: "/finances/transfers/2024-06-01/payouts",
      method: "GET",
    })) as { payouts: { amount: { currencyAmount: number } }[] };
    expect(payouts.map(({ amount }) => amount.currencyAmount.toFixed(2)).reverse()).toEqual(
      totals(made),
    );
  });

  it("is told the static sandbox's pairs where it is used as the sandbox", async () => {
    const sandbox = await clientWith({ use_sandbox: true });
    await expect(
      sandbox.callAPI({ operation: "getAccount", endpoint: "sellers" }),
    ).rejects.toMatchObject({ code: "NotFound" });
  });

  it("learns that it asked too often", async () => {
    const query = { reportTypes: [REPORT_TYPE] };
    const request = { operation: "getReports", endpoint: "reports", query };
    for (let call = 1; call < 10; call += 1) await client.callAPI(request);
    await expect(client.callAPI(request)).rejects.toMatchObject({ code: "QuotaExceeded" });
  });
});

/** What is used of Amazon's own client, which brings no types. */
type SdkApi = {
  readonly ApiClient: new (
    baseUrl: string,
  ) => {
    readonly enableAutoRetrievalAccessToken: (id: string, secret: string, refresh: string) => void;
    readonly disableRateLimiter: () => void;
  };
};
type Call = (...values: unknown[]) => Promise<unknown>;
type Sdk = {
  readonly ReportsSpApi: SdkApi & { readonly ReportsApi: new (client: unknown) => Api };
  readonly TransfersSpApi: SdkApi & { readonly DefaultApi: new (client: unknown) => Api };
  readonly Finances20240619SpApi: SdkApi & { readonly DefaultApi: new (client: unknown) => Api };
  readonly SellersSpApi: SdkApi & { readonly SellersApi: new (client: unknown) => Api };
};
type Api = Readonly<Record<string, Call | undefined>>;

async function call(api: Api, operation: string, ...values: unknown[]): Promise<unknown> {
  const found = api[operation];
  if (found === undefined) throw new Error(`the client has no ${operation}`);
  return found.apply(api, values);
}

describe("Amazon's own npm client", () => {
  const globalAgent = https.globalAgent;
  let made: TestMarketplace;
  let loopback: Loopback;
  let sdk: Sdk;

  beforeAll(async () => {
    made = await tradingStore("DE");
    loopback = await onLoopback(made.marketplace);
    // It asks for tokens at Amazon's host whatever its base address is.
    https.globalAgent = loopback.agent;
    sdk = await load<Sdk>("@amazon-sp-api-release/amazon-sp-api-sdk-js");
  });
  afterAll(async () => {
    https.globalAgent = globalAgent;
    await loopback.close();
  });

  function client(api: SdkApi) {
    const { application, controls } = made.marketplace;
    const connected = new api.ApiClient(loopback.baseUrl);
    const { refreshToken } = controls.consent(made.seller.sellerId);
    connected.enableAutoRetrievalAccessToken(
      application.clientId,
      application.clientSecret,
      refreshToken,
    );
    connected.disableRateLimiter();
    return connected;
  }

  it("lists reports and fetches a document before its five minutes are over", async () => {
    const api = new sdk.ReportsSpApi.ReportsApi(client(sdk.ReportsSpApi));
    const { reports } = (await call(api, "getReports", { reportTypes: [REPORT_TYPE] })) as {
      reports: { reportDocumentId: string; createdTime: Date }[];
    };
    expect(reports).toHaveLength(2);
    const { url, compressionAlgorithm } = (await call(
      api,
      "getReportDocument",
      reports[0]?.reportDocumentId,
    )) as { url: string; compressionAlgorithm: string };
    expect(compressionAlgorithm).toBe("GZIP");
    const download = await fetch(url);
    expect(download.headers.get("content-type")).toBe("text/plain;charset=Cp1252");
    const bytes = gunzipSync(new Uint8Array(await download.arrayBuffer()));
    const [, , open] = made.store.settlements;
    expect(await provenTotal(bytes)).toBe(made.store.settlements[1]?.totalMinor);
    expect(open?.endAt).toBeNull();
  });

  it("lists payouts and those expected, asks for one, and is refused a second within a day", async () => {
    const api = new sdk.TransfersSpApi.DefaultApi(client(sdk.TransfersSpApi));
    const { payouts } = (await call(api, "listPayouts", {
      marketplaceIds: ["A1PA6795UKMFR9"],
    })) as {
      payouts: { id: string; currentStatus: string; amount: { currencyAmount: number } }[];
    };
    expect(payouts.map(({ currentStatus }) => currentStatus)).toEqual(["PAID", "PAID"]);
    expect(payouts.map(({ amount }) => amount.currencyAmount.toFixed(2)).reverse()).toEqual(
      totals(made),
    );
    expect(await call(api, "listExpectedPayouts")).toMatchObject({
      expectedPayouts: [{ status: "SCHEDULED", amount: { currencyCode: "EUR" } }],
    });
    const body = { marketplaceId: "A1PA6795UKMFR9", accountType: "Standard Orders" };
    const { payoutReferenceId } = (await call(api, "initiatePayout", body)) as {
      payoutReferenceId: string;
    };
    expect(made.store.payouts.at(-1)).toMatchObject({
      groupId: payoutReferenceId,
      type: "ON_DEMAND",
    });
    made.clock.advanceMs(HOUR_MS / 2);
    await expect(call(api, "initiatePayout", body)).rejects.toMatchObject({ status: 400 });
  });

  it("reads balances, a settlement's summary, transactions and the seller's stores", async () => {
    const finances = new sdk.Finances20240619SpApi.DefaultApi(client(sdk.Finances20240619SpApi));
    const { balances } = (await call(finances, "listBalances", { balanceType: "TOTAL" })) as {
      balances: { balanceType: string; balances: { balanceType: string }[] }[];
    };
    expect(balances[0]?.balances.map(({ balanceType }) => balanceType)).toEqual([
      "AVAILABLE",
      "RESERVED",
    ]);
    const settlementId = made.store.settlements[1]?.settlementId;
    const { summaries } = (await call(finances, "listSummary", {
      relatedIdentifierName: "SETTLEMENT_ID",
      relatedIdentifierValue: settlementId,
    })) as { summaries: { netProceeds: { currencyAmount: number } }[] };
    expect(summaries[0]?.netProceeds.currencyAmount.toFixed(2)).toBe(totals(made)[1]);
    const { payload } = (await call(finances, "listTransactions", {
      postedAfter: new Date(START),
    })) as { payload: { transactions: { postedDate: Date }[] } };
    expect(payload.transactions.length).toBeGreaterThan(100);
    expect(payload.transactions[0]?.postedDate).toBeInstanceOf(Date);
    const sellers = new sdk.SellersSpApi.SellersApi(client(sdk.SellersSpApi));
    expect(await call(sellers, "getMarketplaceParticipations")).toMatchObject({
      payload: [
        { marketplace: { id: "A1PA6795UKMFR9" }, participation: { isParticipating: true } },
      ],
    });
  });
});
