import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../policy/policy.ts";
import { moneyOnTheWay } from "../../report/money-on-the-way.ts";
import { openTestChannel } from "../../report/verify/test-channel.ts";
import { adviceFile } from "../../report/verify/test-files.ts";
import { DEFAULT_TENANT } from "../../runtime/channel.ts";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import { sniffMarketplaceFile } from "../sniff.ts";

const FIXTURE = readFileSync(
  new URL("../../../fixtures/shopify/us-payments.json", import.meta.url),
  "utf8",
);

function read(text: string) {
  expect(sniffMarketplaceFile(Buffer.from(text))).toBe("shopify-payments");
  return readMarketplaceFile(Readable.from([Buffer.from(text)]), "shopify-payments");
}

const codesOf = async (text: string) => {
  const reading = await read(text);
  const quarantined = reading.statements.flatMap(({ reasons }) => reasons);
  return [...reading.refusals, ...quarantined].map(({ code, line }) => [code, line]);
};

describe("an answer about Shopify Payments", () => {
  it("announces its payouts and proves each by its transactions, the payout's own row left out", async () => {
    const { statements, payouts, refusals } = await read(FIXTURE);
    expect(refusals).toEqual([]);
    expect(payouts).toMatchObject([
      {
        reference: "98278121001",
        status: "paid",
        amount: { currency: "USD", minor: 18_742n },
        traceIds: ["SHP7Q2M4X9K1"],
        settlementIds: ["98278121001"],
      },
      { reference: "98278121002", status: "started", traceIds: [] },
      { reference: "98278121003", amount: { minor: -1_500n } },
    ]);
    expect(statements).toMatchObject([
      {
        settlementId: "98278121001",
        verdict: "proven",
        lineCount: 4,
        declaredTotalMinor: 18_742n,
        summedTotalMinor: 18_742n,
        periodStartAt: "2026-11-17T09:12:44.000Z",
        periodEndAt: "2026-11-20T00:00:00.000Z",
      },
    ]);
    const groups = statements[0]?.groups.map((group) => [
      group.class,
      group.totalMinor,
      group.lineCount,
    ]);
    expect(groups).toEqual([
      ["sales", 22_299n, 2],
      ["selling-fees", -707n, 2],
      ["refunds", -2_550n, 1],
      ["suspense", -300n, 1],
    ]);
  });

  it("is proven by the payout's own row where the payout itself is not in the file", async () => {
    const without = FIXTURE.replace(/"payouts": \{[\s\S]*?\n {6}\},/, "");
    expect((await read(without)).statements).toMatchObject([
      { verdict: "proven", declaredTotalMinor: 18_742n },
    ]);
    const neither = without.replace('"type": "TRANSFER"', '"type": "ADJUSTMENT"');
    expect(await codesOf(neither)).toEqual([["total-missing", 1]]);
  });

  it("is taken as pages in an array, with nodes or edges", async () => {
    const { statements, payouts } = await read(
      `[${FIXTURE}, ${FIXTURE.replaceAll("981210", "981219")}]`,
    );
    expect(payouts).toHaveLength(6);
    expect(statements).toHaveLength(1);
  });

  it("quarantines the payout whose transactions do not sum to it, or are none of real money", async () => {
    expect(await codesOf(FIXTURE.replace('"187.42"', '"187.43"'))).toEqual([
      ["total-differs", 5],
      ["total-mismatch", 1],
    ]);
    const test = FIXTURE.replace('"test": false', '"test": true');
    expect(await codesOf(test)).toEqual([["test-transaction", 1]]);
    const fee = FIXTURE.replace('"3.78"', '"3.77"');
    expect(await codesOf(fee)).toEqual([
      ["components-mismatch", 1],
      ["total-mismatch", 1],
    ]);
    const euro = FIXTURE.replace(/("-3.00", "currencyCode": )"USD"/g, '$1"EUR"').replace(
      /"-3.00", "currencyCode": "EUR" \},\n(.*)"USD"/,
      '"-3.00", "currencyCode": "EUR" },\n$1"EUR"',
    );
    expect(await codesOf(euro)).toContainEqual(["currency-differs", 4]);
  });

  it("is refused as a whole when an item cannot be read, or it is an error", async () => {
    expect(await codesOf(FIXTURE.replace('"48.25"', '"48.255"'))).toEqual([["item-unreadable", 2]]);
    expect(await codesOf(FIXTURE.replace('"fee": {', '"fees": {'))).toEqual([
      ["item-unreadable", 1],
    ]);
    const errors =
      '{"errors": [{"code": "ACCESS_DENIED"}], "data": {"shopifyPaymentsAccount": null}}';
    expect(await codesOf(errors)).toEqual([["answer-is-an-error", null]]);
    expect(await codesOf('{"data": {"shopifyPaymentsAccount": null}}')).toEqual([
      ["not-this-format", null],
    ]);
    expect(await codesOf(FIXTURE.slice(0, -9))).toMatchObject([["json-broken", expect.anything()]]);
  });
});

describe("a payout of Shopify's in the channel", () => {
  it("goes the same way as any other: statement, payout, credit, release, books that verify", async () => {
    const account = "6222601008801";
    const seller = {
      id: "acme",
      legalName: "Acme",
      accounts: [{ number: account, currency: "USD" }],
    };
    // Under which name Shopify pays, the receiving bank sees: no name is known unless the policy tells it.
    const payers = { ...DEFAULT_POLICY.payers, shopify: ["Made-up Payer of Shopify"] };
    const channel = await openTestChannel([seller], { ...DEFAULT_POLICY, payers });
    try {
      const credit = {
        minor: 18_742n,
        on: "2026-11-21",
        uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000001",
        text: "SHOPIFY SHP7Q2M4X9K1",
        payer: "MADE-UP PAYER OF SHOPIFY",
      };
      const outcomes = await channel.settle(
        [
          { name: "shopify.json", content: FIXTURE },
          adviceFile({ id: "NTF-1", account, credits: [credit] }),
        ],
        seller.id,
      );
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["new", "new"]);
      const payouts = await channel.database.query(
        `SELECT reference, marketplace, state FROM payout WHERE tenant_id = $1 ORDER BY reference`,
        [DEFAULT_TENANT],
      );
      expect(payouts).toEqual([
        { reference: "98278121001", marketplace: "shopify", state: "released" },
        { reference: "98278121002", marketplace: "shopify", state: "announced" },
        { reference: "98278121003", marketplace: "shopify", state: "charged" },
      ]);
      const { deferred } = await moneyOnTheWay(channel.database, DEFAULT_TENANT, seller.id);
      expect(deferred).toMatchObject([{ amount: "57.96", transactionCount: 1, releaseOn: null }]);
      expect((await channel.verify()).findings).toEqual([]);
    } finally {
      await channel.close();
    }
  });
});
