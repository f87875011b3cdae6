import { describe, expect, it } from "vitest";
import { manualSandboxClock } from "../sandbox-clock.ts";
import { createSandboxMarketplace } from "./sandbox-marketplace.ts";
import { DAY_MS, ORIGIN, START } from "./test-marketplace.ts";

function sandbox() {
  const clock = manualSandboxClock(START);
  const marketplace = createSandboxMarketplace({ clock, seed: 5 });
  const post = async <Body>(path: string, body: object = {}): Promise<Body> => {
    const request = { method: "POST", body: JSON.stringify(body) };
    const answer = await marketplace.fetch(new Request(`${ORIGIN}/sandbox${path}`, request));
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
    return JSON.parse(text) as Body;
  };
  return { marketplace, post, clock };
}

describe("the controls over HTTP", () => {
  it("open a store, sell, close, pay, and move time", async () => {
    const { marketplace, post } = sandbox();
    const { sellerId } = await post<{ sellerId: string }>("/sellers", {
      legalName: "Chongqing Sample Trading Co., Ltd.",
    });
    const { storeId } = await post<{ storeId: string }>(`/sellers/${sellerId}/stores`, {
      marketplace: "US",
      deposit: { accountNumber: "6217000000004821" },
      settings: { periodDays: null, reserveMinor: "500" },
    });
    expect(storeId).toBe(`${sellerId}-US`);
    const { refreshToken } = await post<{ refreshToken: string }>(`/sellers/${sellerId}/consent`);
    expect(refreshToken).toMatch(/^Atzr\|/);
    await post(`/stores/${storeId}/sales`, {
      orders: 3,
      deferral: "none",
      priceMinor: "2000",
      quantity: 1,
    });
    await post(`/stores/${storeId}/charges`, { fee: "advertising", amountMinor: "-250" });
    const closed = await post<{ settlementId: string; totalMinor: string; reserveMinor: string }>(
      `/stores/${storeId}/close`,
    );
    expect(closed.reserveMinor).toBe("500");
    await post(`/payouts/${closed.settlementId}/hurry`);
    const transfers = await marketplace.fetch(new Request(`${ORIGIN}/sandbox/transfers?after=0`));
    expect(await transfers.json()).toMatchObject({
      transfers: [
        { amountMinor: closed.totalMinor, deposit: { accountNumber: "6217000000004821" } },
      ],
    });
    await post(`/settlements/${closed.settlementId}/break`);
    await post(`/settlements/${closed.settlementId}/reports`, { form: "whole" });
    expect(await post("/clock", { byMs: DAY_MS })).toMatchObject({
      now: "2026-11-02T08:00:00.000Z",
    });
    expect(await post("/clock", { to: "2026-11-03T00:00:00Z" })).toMatchObject({
      now: "2026-11-03T00:00:00.000Z",
    });
  });

  it("say what is wrong, and change nothing", async () => {
    const { marketplace, post } = sandbox();
    await expect(post("/sellers", { name: "x" })).rejects.toThrow("400");
    await expect(post("/sellers/A0/stores", { marketplace: "US" })).rejects.toThrow(
      "the sandbox has no seller A0",
    );
    await expect(post("/clock", { byMs: -1 })).rejects.toThrow("400");
    await expect(post("/stores/none/plans", { kind: "failed" })).rejects.toThrow("400");
    expect(marketplace.state().sellers).toEqual([]);
  });
});
