import { describe, expect, it } from "vitest";
import { type Access, createSpApi } from "../../marketplace/amazon/sp-api/client.ts";
import { OPERATION_NAMES, operationOf } from "../../marketplace/amazon/sp-api/operations.ts";
import { createRateLimiter } from "../../marketplace/amazon/sp-api/rate-limiter.ts";
import { amazonSettings } from "../../marketplace/amazon/sp-api/settings.ts";
import { SANDBOX_OPERATIONS } from "./sandbox-marketplace.ts";
import { DAY_MS, ORIGIN, START, testMarketplace } from "./test-marketplace.ts";

/** The channel's own client of the marketplace's API, with its waits made of the sandbox's time. */
async function ownClient(marketplace = "DE") {
  const made = await testMarketplace({ marketplace, settings: { ordersPerDay: 2 } });
  const { clock, controls, seller } = made;
  const { application } = made.marketplace;
  const settings = amazonSettings.parse({
    applicationId: application.applicationId,
    clientId: application.clientId,
    clientSecret: application.clientSecret,
    redirectUri: "http://127.0.0.1:1/v1/stores/callback",
    tokenUrl: `${ORIGIN}/auth/o2/token`,
    apiUrl: ORIGIN,
  });
  const waits: number[] = [];
  const api = createSpApi({
    fetch: async (input, init) => made.marketplace.fetch(new Request(input, init)),
    clock,
    wait: (ms) => {
      waits.push(ms);
      clock.advanceMs(ms);
      return Promise.resolve();
    },
    settings,
    limiter: createRateLimiter(clock),
  });
  const { refreshToken } = controls.consent(seller.sellerId);
  const access: Access = { region: "eu", partnerId: seller.sellerId, refreshToken };
  return { ...made, api, access, waits };
}

describe("the channel's own client", () => {
  it("knows every operation by the path and the usage plan that it has here", () => {
    for (const name of OPERATION_NAMES) {
      const { method, path, plan } = operationOf(name);
      const here = SANDBOX_OPERATIONS.find((operation) => operation.name === name);
      expect([name, here?.method, here?.path.replace(/:(\w+)/g, "{$1}")]).toEqual([
        name,
        method,
        path,
      ]);
      expect([name, here?.rate, here?.burst]).toEqual([name, plan.ratePerSecond, plan.burst]);
    }
  });

  it("is answered by every one of them", async () => {
    const { api, access, clock, store } = await ownClient();
    clock.advanceMs(20 * DAY_MS);
    const [closed] = store.settlements;
    const query: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      getReports: { reportTypes: "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2" },
      listFinancialEventGroups: { FinancialEventGroupStartedAfter: START },
      listTransactions: { postedAfter: START },
      listSummary: {
        relatedIdentifierName: "SETTLEMENT_ID",
        relatedIdentifierValue: closed?.settlementId ?? "",
      },
    };
    // It is asked before the list of reports is: as time passes, so has the report of the settlement come.
    await api.call(access, { operation: "listPayouts" });
    const reportDocumentId = store.reports[0]?.documentId ?? "";
    for (const operation of OPERATION_NAMES) {
      const call = { operation, path: { reportDocumentId }, query: query[operation] ?? {} };
      const body = { marketplaceId: store.marketplaceId, accountType: store.accountType };
      const answer = await api.call(
        access,
        operation === "initiatePayout" ? { operation, body } : call,
      );
      expect([operation, answer.ok]).toEqual([operation, true]);
    }
  });

  it("waits as the limits say, renews its token, and gets over a fault", async () => {
    const { api, access, clock, controls, waits } = await ownClient();
    const ask = async () => api.call(access, { operation: "listPayouts" });
    for (let call = 0; call < 12; call += 1) expect((await ask()).ok).toBe(true);
    expect(waits.length).toBeGreaterThan(0);
    clock.advanceMs(DAY_MS);
    expect((await ask()).ok).toBe(true);
    controls.disturb("listPayouts", "unavailable", 2);
    controls.disturb("listPayouts", "throttled");
    expect((await ask()).ok).toBe(true);
    controls.revokeConsents(access.partnerId);
    await expect(ask()).rejects.toMatchObject({ port: "amazon-authorisation" });
  });
});
