// Reports through the API: what a supervisor, a foreign view and a seller are told.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

let api: TestApi;
const supervisor = testCaller("supervisor");
const operator = testCaller("operator");
const seller = testCaller("seller-owner", SELLER.id);
const stranger = testCaller("seller-owner", "beibei-toys");
const NOVEMBER = "from=2026-11-01&to=2026-11-30";

beforeAll(async () => {
  api = await openTestApi([SELLER, { id: "beibei-toys", legalName: "Beibei Toys", accounts: [] }]);
  await tellStory(api.channel);
});
afterAll(() => api.close());

describe("the report of flows", () => {
  it("tells each span's figures with their currency, and says that they are of a period", async () => {
    const { status, body } = await api.ask(supervisor, `/v1/reports/flows?${NOVEMBER}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ basis: "period", step: "month", view: "domestic" });
    expect(body.lines).toContainEqual({
      from: "2026-11-01",
      to: "2026-11-30",
      isWhole: true,
      kind: "receipt",
      group: null,
      count: 5,
      money: { amount: "1543.01", currency: "USD" },
      sellerCount: 1,
      usd: "1543.01",
    });
    const receipts = body.totals.find((total: { kind: string }) => total.kind === "receipt");
    expect(receipts).toMatchObject({ usd: "1543.01", unratedCurrencies: ["EUR"] });
  });

  it("shows a seller its own and no other's", async () => {
    const own = await api.ask(seller, `/v1/reports/flows?${NOVEMBER}&by=seller`);
    expect(own.body.lines.map((line: { group: string }) => line.group)).toContain(SELLER.id);
    const others = await api.ask(stranger, `/v1/reports/flows?${NOVEMBER}&sellerId=${SELLER.id}`);
    expect(others.body.lines).toEqual([]);
  });

  it("has no foreign view by what names somebody, and withholds a single seller's figures", async () => {
    const named = await api.ask(supervisor, `/v1/reports/flows?${NOVEMBER}&view=foreign&by=seller`);
    expect([named.status, named.body.code]).toEqual([422, "report-view-refused"]);
    const { body } = await api.ask(supervisor, `/v1/reports/flows?${NOVEMBER}&view=foreign`);
    expect(body.lines).toEqual([]);
    expect(body.withheldLines).toBeGreaterThan(0);
  });

  it("refuses days in the wrong order and spans without end", async () => {
    for (const query of [
      "from=2026-11-02&to=2026-11-01",
      "from=1990-01-01&to=2026-11-01&step=day",
    ]) {
      const { status, body } = await api.ask(supervisor, `/v1/reports/flows?${query}`);
      expect([status, body.code]).toEqual([422, "report-span-invalid"]);
    }
  });

  it("is a file in the form and language that was asked for", async () => {
    const path = `/v1/report-files/flows?${NOVEMBER}&by=marketplace&language=zh&form=`;
    const csv = await api.ask(supervisor, `${path}csv`);
    expect(csv.text).toContain("收汇");
    expect(csv.text).toContain("1385.01");
    const pdf = await api.ask(supervisor, `${path}pdf`);
    expect(pdf.headers.get("content-type")).toBe("application/pdf");
    const xlsx = await api.ask(supervisor, `${path}xlsx`);
    expect(xlsx.headers.get("content-disposition")).toContain("-zh.xlsx");
  });
});

describe("the findings", () => {
  it("name what nothing explains, and in the foreign view only how many there are", async () => {
    const { body } = await api.ask(supervisor, `/v1/reports/findings?${NOVEMBER}`);
    expect(body.counts["credit-unmatched"]).toBe(2);
    const [finding] = body.findings.filter(
      (one: { kind: string }) => one.kind === "credit-unmatched",
    );
    expect(finding).toMatchObject({
      sellerId: SELLER.id,
      since: "2026-11-05",
      days: 25,
      usd: "88.00",
    });
    const foreign = await api.ask(supervisor, `/v1/reports/findings?${NOVEMBER}&view=foreign`);
    expect(foreign.body.findings).toEqual([]);
    expect(foreign.body.counts).toEqual(body.counts);
  });
});

describe("programme targets", () => {
  const target = {
    title: { en: "Receipts of 2026", zh: "2026年收汇" },
    figure: "receipts-usd",
    basis: "year",
    dueOn: "2026-12-31",
    goal: "3086.02",
    baseline: { value: "1000.00", from: "2025-01-01", to: "2025-12-31" },
    source: "Programme paper of June 2024, page 3",
  };

  it("are set with their source, tell how far they are, are replaced and given up", async () => {
    const set = await api.ask(operator, "/v1/reports/targets", { method: "POST", json: target });
    expect(set.status).toBe(201);
    const listed = await api.ask(supervisor, "/v1/reports/targets");
    expect(listed.body.data).toMatchObject([
      {
        target: { id: set.body.id, basis: "year", goal: "3086.02" },
        progress: { actual: "1543.01", reachedPercent: "50.0", growthPerYearPercent: "208.6" },
      },
    ]);
    const again = await api.ask(operator, "/v1/reports/targets", {
      method: "POST",
      json: { ...target, goal: "4000.00", replaces: set.body.id },
    });
    expect(again.status).toBe(201);
    const now = await api.ask(supervisor, "/v1/reports/targets");
    expect(now.body.data.map((one: { target: { id: string } }) => one.target.id)).toEqual([
      again.body.id,
    ]);
    const path = `/v1/reports/targets/${again.body.id}`;
    expect((await api.ask(operator, path, { method: "DELETE" })).status).toBe(204);
    expect((await api.ask(operator, path, { method: "DELETE" })).status).toBe(404);
  });

  it("are refused where they contradict themselves, and set by no seller", async () => {
    for (const wrong of [
      { goal: "0.00" },
      { goal: "1.005" },
      { basis: "cumulative" },
      { sinceOn: "2026-01-01" },
      { figure: "receipt-count", goal: "1.50" },
      { baseline: { value: "1.00", from: "2026-01-02", to: "2026-01-01" } },
    ]) {
      const json = { ...target, ...wrong };
      const { status, body } = await api.ask(operator, "/v1/reports/targets", {
        method: "POST",
        json,
      });
      expect([status, body.code], JSON.stringify(wrong)).toEqual([422, "target-invalid"]);
    }
    const { status } = await api.ask(seller, "/v1/reports/targets", {
      method: "POST",
      json: target,
    });
    expect(status).toBe(403);
  });
});
