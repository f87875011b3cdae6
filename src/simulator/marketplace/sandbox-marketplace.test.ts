import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readPayoutList } from "../../marketplace/amazon/payout-list.ts";
import { readSettlementV2 } from "../../marketplace/amazon/settlement-v2.ts";
import {
  askToken,
  DAY_MS,
  downloadReports,
  HOUR_MS,
  ORIGIN,
  REPORTS_PATH,
  type ReportAnswer,
  testMarketplace,
} from "./test-marketplace.ts";

const PAYOUTS_PATH = "/finances/transfers/2024-06-01/payouts";

describe("the sandbox marketplace", () => {
  it("turns orders into a settlement, its file and its payout", async () => {
    const made = await testMarketplace();
    const { clock, controls, caller, store } = made;
    controls.sell(store.storeId, { orders: 30 });
    expect(controls.standing(store.storeId).openMinor).toBe(0n);
    clock.advanceMs(12 * DAY_MS);
    const { openMinor, deferredMinor } = controls.standing(store.storeId);
    expect(openMinor > 0n).toBe(true);
    expect(deferredMinor).toBe(0n);
    clock.advanceMs(2 * DAY_MS + HOUR_MS);

    const [file] = await downloadReports(made);
    const { statements } = await readSettlementV2(Readable.from([file ?? new Uint8Array()]));
    expect(statements).toMatchObject([
      {
        verdict: "proven",
        currency: "USD",
        declaredTotalMinor: openMinor,
        periodStartAt: "2026-11-01T08:00:00.000Z",
        periodEndAt: "2026-11-15T08:00:00.000Z",
      },
    ]);
    expect(statements[0]?.groups.every(({ known }) => known)).toBe(true);

    clock.advanceMs(6 * HOUR_MS);
    const answer = await caller.ask(PAYOUTS_PATH);
    const { payouts, refusals } = await readPayoutList(
      Readable.from([new Uint8Array(await answer.arrayBuffer())]),
    );
    expect(refusals).toEqual([]);
    expect(payouts).toMatchObject([
      {
        amount: { currency: "USD", minor: openMinor },
        status: "in-transit",
        settlementIds: [statements[0]?.settlementId],
        accountTail: store.deposit?.accountNumber.slice(-4),
      },
    ]);
    expect(controls.transfers()).toMatchObject([
      {
        amountMinor: openMinor,
        transferId: payouts[0]?.traceIds[0],
        sentAt: "2026-11-15T14:00:00.000Z",
      },
    ]);
  });

  it("lets a seller in by the website workflow: page, code of five minutes used once, tokens", async () => {
    const { marketplace, clock, seller } = await testMarketplace();
    const { applicationId } = marketplace.application;
    const redirectUri = "http://127.0.0.1:4321/callback";
    const query = new URLSearchParams({
      application_id: applicationId,
      state: "s-1",
      redirect_uri: redirectUri,
    });
    const page = await marketplace.fetch(
      new Request(`${ORIGIN}/apps/authorize/consent?${query.toString()}`),
    );
    expect(await page.text()).toContain(seller.sellerId);
    query.set("selling_partner_id", seller.sellerId);
    const consent = async () => {
      const answer = await marketplace.fetch(
        new Request(`${ORIGIN}/apps/authorize/consent`, { method: "POST", body: query }),
      );
      expect(answer.status).toBe(303);
      return new URL(answer.headers.get("location") ?? "").searchParams;
    };
    const back = await consent();
    expect(back.get("state")).toBe("s-1");
    expect(back.get("selling_partner_id")).toBe(seller.sellerId);

    const grant = {
      grant_type: "authorization_code",
      code: back.get("spapi_oauth_code") ?? "",
      redirect_uri: redirectUri,
    };
    const first = await askToken(marketplace, grant);
    expect(await first.json()).toMatchObject({ token_type: "bearer", expires_in: 3600 });
    const again = await askToken(marketplace, grant);
    expect([again.status, ((await again.json()) as { error: string }).error]).toEqual([
      400,
      "invalid_grant",
    ]);

    const late = (await consent()).get("spapi_oauth_code") ?? "";
    clock.advanceMs(5 * 60_000);
    expect((await askToken(marketplace, { ...grant, code: late })).status).toBe(400);
  });

  it("refuses a wrong, an expired and a withdrawn token", async () => {
    const { marketplace, controls, clock, caller, seller } = await testMarketplace();
    const bare = await marketplace.fetch(new Request(`${ORIGIN}/sellers/v1/account`));
    expect(bare.status).toBe(403);
    const token = await caller.newToken();
    expect((await caller.askWith(token, "/sellers/v1/account")).status).toBe(200);
    clock.advanceMs(HOUR_MS);
    const expired = await caller.askWith(token, "/sellers/v1/account");
    expect(expired.status).toBe(403);
    expect(await expired.json()).toMatchObject({
      errors: [{ code: "Unauthorized", details: "The access token you provided has expired." }],
    });
    const { refreshToken } = controls.consent(seller.sellerId);
    controls.revokeConsents(seller.sellerId);
    const refused = await askToken(marketplace, {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
    });
    expect(refused.status).toBe(400);
  });

  it("hands out a document for five minutes, compressed, in the charset of the marketplace", async () => {
    const made = await testMarketplace({ marketplace: "JP", settings: { deferral: "none" } });
    const { marketplace, controls, clock, caller, store } = made;
    controls.sell(store.storeId, { orders: 40 });
    controls.closeSettlement(store.storeId);
    clock.advanceMs(HOUR_MS / 2);
    const { reports } = await caller.get<{ reports: ReportAnswer[] }>(REPORTS_PATH);
    const path = `/reports/2021-06-30/documents/${reports[0]?.reportDocumentId}`;
    const document = await caller.get<{ url: string; compressionAlgorithm: string }>(path);
    expect(document.compressionAlgorithm).toBe("GZIP");
    const answer = await marketplace.fetch(new Request(document.url));
    expect(answer.headers.get("content-type")).toBe("text/plain;charset=windows-31j");
    const bytes = gunzipSync(new Uint8Array(await answer.arrayBuffer()));
    expect(new TextDecoder("windows-31j", { fatal: true }).decode(bytes)).toContain("サイズ");
    const { statements } = await readSettlementV2(Readable.from([bytes]));
    expect(statements).toMatchObject([{ verdict: "proven", currency: "JPY" }]);

    const withToken = new Request(document.url, {
      headers: { "x-amz-access-token": "Atza|x" },
    });
    expect((await marketplace.fetch(withToken)).status).toBe(403);
    clock.advanceMs(5 * 60_000);
    const late = await marketplace.fetch(new Request(document.url));
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("Request has expired");
    const renewed = await caller.get<{ url: string }>(path);
    expect((await marketplace.fetch(new Request(renewed.url))).status).toBe(200);
  });
});
