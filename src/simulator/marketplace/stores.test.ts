import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readEventGroups } from "../../marketplace/amazon/event-groups.ts";
import { readSettlementV2 } from "../../marketplace/amazon/settlement-v2.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import {
  askToken,
  callerFor,
  DAY_MS,
  downloadReports,
  START,
  testMarketplace,
} from "./test-marketplace.ts";

const BY_HAND = { settings: { periodDays: null } } as const;

describe("a seller's stores", () => {
  it("have settlements of their own, also the second account of one store", async () => {
    const made = await testMarketplace(BY_HAND);
    const { controls, seller, store } = made;
    const invoiced = controls.addStore(seller.sellerId, {
      marketplace: "US",
      accountType: "Invoiced Orders",
      ...BY_HAND,
    });
    expect(invoiced.storeId).toBe(`${seller.sellerId}-US-invoiced`);
    expect(() => controls.addStore(seller.sellerId, { marketplace: "US" })).toThrow("no room");
    expect(() => controls.addStore(seller.sellerId, { marketplace: "DE" })).toThrow(
      "another region",
    );
    controls.charge(store.storeId, "reimbursement", 1_000n);
    controls.sell(invoiced.storeId, { deferral: "B2B" });
    made.clock.advanceMs(DAY_MS);
    controls.closeSettlement(store.storeId);
    controls.closeSettlement(invoiced.storeId);
    made.clock.advanceMs(DAY_MS);
    const ids = [store, invoiced].map(({ settlements }) => settlements[0]?.settlementId);
    expect(new Set(ids).size).toBe(2);
    const files = await downloadReports(made);
    expect(files).toHaveLength(2);
    // One marketplace, however many accounts.
    const { payload } = await made.caller.get<{ payload: unknown[] }>(
      "/sellers/v1/marketplaceParticipations",
    );
    expect(payload).toHaveLength(1);
    const path = "/finances/transfers/2024-06-01/payouts?accountType=INVOICED_ORDERS";
    expect(await made.caller.get(path)).toMatchObject({
      payouts: [{ currentStatus: "NO_PAYOUT" }],
    });
    // A business buyer's order waits for thirty days.
    made.clock.advanceMs(28 * DAY_MS);
    expect(controls.standing(invoiced.storeId).openMinor > 0n).toBe(true);
  });

  it("move debt between each other, line by line in both files", async () => {
    const made = await testMarketplace(BY_HAND);
    const { controls, seller, store } = made;
    const canada = controls.addStore(seller.sellerId, { marketplace: "CA", ...BY_HAND });
    controls.moveDebt(canada.storeId, store.storeId, 2_500n);
    made.clock.advanceMs(DAY_MS);
    controls.closeSettlement(canada.storeId);
    controls.closeSettlement(store.storeId);
    made.clock.advanceMs(DAY_MS);
    const lines: string[] = [];
    for (const file of await downloadReports(made)) {
      const { statements } = await readSettlementV2(Readable.from([file]));
      expect(statements[0]?.verdict).toBe("proven");
      for (const group of statements[0]?.groups ?? []) {
        lines.push(`${group.class}: ${group.amountDescription} ${group.totalMinor}`);
      }
    }
    expect(lines.sort()).toEqual([
      "adjustments: Cross-Account Debt Adjustment against US 2500",
      "adjustments: Cross-Account Debt Adjustment for CA -2500",
    ]);
  });

  it("tell of money that arrived in the words that were ordered", async () => {
    const words = ["Succeeded", "Successful", "TRANSFERED", "Unknown"] as const;
    const told: unknown[] = [];
    for (const transferWord of words) {
      const made = await testMarketplace({ settings: { periodDays: null, transferWord } });
      made.controls.charge(made.store.storeId, "reimbursement", 1_000n);
      made.controls.closeSettlement(made.store.storeId);
      made.clock.advanceMs(2 * DAY_MS);
      const path = `/finances/v0/financialEventGroups?FinancialEventGroupStartedAfter=${START}`;
      const answer = await made.caller.ask(path);
      const { payouts } = await readEventGroups(
        Readable.from([new Uint8Array(await answer.arrayBuffer())]),
      );
      told.push(payouts.map(({ status, statusText }) => [statusText, status]));
    }
    expect(told).toEqual([
      [["Succeeded", "paid"]],
      [["Successful", "paid"]],
      [["TRANSFERED", "paid"]],
      [["Unknown", "unknown"]],
    ]);
  });

  it("get orders by themselves, as many a day as their settings say", async () => {
    const made = await testMarketplace({ settings: { periodDays: null, ordersPerDay: 4 } });
    made.clock.advanceMs(10 * DAY_MS - 1);
    expect(
      made.controls
        .store(made.store.storeId)
        .transactions.filter(({ deferral }) => deferral !== null),
    ).toHaveLength(40);
    made.controls.changeSettings(made.store.storeId, { ordersPerDay: 0 });
    const waiting = made.store.waiting.length;
    expect(waiting).toBeGreaterThan(0);
    expect(made.controls.releaseDeferred(made.store.storeId)).toBe(waiting);
    made.clock.advanceMs(30 * DAY_MS);
    expect(made.marketplace.nextAt()).toBeNull();
  });
});

describe("a consent", () => {
  it("ends when its time is over, and can be given anew", async () => {
    const { marketplace, controls, clock, seller } = await testMarketplace();
    const { refreshToken, consent } = controls.consent(seller.sellerId);
    const refresh = async () =>
      (await askToken(marketplace, { grant_type: "refresh_token", refresh_token: refreshToken }))
        .status;
    expect(msOf(consent.expiresAt) - msOf(consent.grantedAt)).toBe(365 * DAY_MS);
    controls.endConsents(seller.sellerId, instantOfMs(msOf(clock.now()) + DAY_MS));
    expect(await refresh()).toBe(200);
    clock.advanceMs(DAY_MS);
    expect(await refresh()).toBe(400);
    const again = await callerFor(marketplace, seller.sellerId);
    expect((await again.ask("/sellers/v1/account")).status).toBe(200);
  });

  it("comes as a code of the application and address it was given for, and no other", async () => {
    const { marketplace, controls, seller } = await testMarketplace();
    const redirectUri = "http://127.0.0.1:4321/callback";
    const code = controls.consentCode(seller.sellerId, redirectUri);
    const grant = { grant_type: "authorization_code", code };
    const elsewhere = await askToken(marketplace, { ...grant, redirect_uri: `${redirectUri}2` });
    expect(elsewhere.status).toBe(400);
    const stranger = await askToken(marketplace, { ...grant, client_secret: "guessed" });
    expect(stranger.status).toBe(401);
    expect((await askToken(marketplace, { ...grant, redirect_uri: redirectUri })).status).toBe(200);
  });

  it("is not given to an application that is unknown or wants to be answered elsewhere", async () => {
    const { marketplace } = await testMarketplace();
    const ask = async (query: Readonly<Record<string, string>>) =>
      (
        await marketplace.fetch(
          new Request(
            `http://sandbox.test/apps/authorize/consent?${new URLSearchParams(query).toString()}`,
          ),
        )
      ).status;
    const application_id = marketplace.application.applicationId;
    const redirect_uri = "http://127.0.0.1:1/callback";
    expect(await ask({ application_id, redirect_uri, state: "s" })).toBe(200);
    expect(await ask({ application_id, redirect_uri })).toBe(400);
    expect(await ask({ application_id: "x", redirect_uri, state: "s" })).toBe(400);
    expect(await ask({ application_id, redirect_uri: "https://evil.example/", state: "s" })).toBe(
      400,
    );
  });
});
