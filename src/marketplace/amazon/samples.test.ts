// Reads the real files that lie beside a development checkout. They are other people's and not in the repository,
// so these tests say that they are skipped where the folder is missing.

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import { sniffMarketplaceFile } from "../sniff.ts";
import { SNIFF_BYTES_MAX } from "./limits.ts";

const SAMPLES = new URL("../../../../shared/samples/amazon/", import.meta.url);
const missing = !existsSync(SAMPLES);
const why = missing ? " (skipped: the folder of real samples is not here)" : "";

function sample(name: string): URL {
  return new URL(name, SAMPLES);
}

function sniffed(name: string) {
  return sniffMarketplaceFile(readFileSync(sample(name)).subarray(0, SNIFF_BYTES_MAX));
}

type Pair = { operationId: string; status: number; response: unknown };

/** The official answers of one operation, written out again as Amazon would send them. */
function answers(file: string, operationId: string): readonly { status: number; body: Buffer }[] {
  const pairs = JSON.parse(readFileSync(sample(`spapi-sandbox/${file}`), "utf8")) as Pair[];
  return pairs
    .filter((pair) => pair.operationId === operationId)
    .map(({ status, response }) => ({ status, body: Buffer.from(JSON.stringify(response)) }));
}

describe("real files", () => {
  it.skipIf(missing)(`a US settlement is proven to its declared 582.89${why}`, async () => {
    const name = "us-v2/xieyi138-synthetic-us.txt";
    expect(sniffed(name)).toBe("amazon-settlement-v2");
    const reading = await readMarketplaceFile(
      createReadStream(sample(name)),
      "amazon-settlement-v2",
    );
    expect(reading.refusals).toEqual([]);
    const [statement, ...others] = reading.statements;
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      settlementId: "28471003921",
      currency: "USD",
      verdict: "proven",
      declaredTotalMinor: 58289n,
      summedTotalMinor: 58289n,
      lineCount: 23,
      periodStartAt: "2026-06-16T00:00:00.000Z",
      periodEndAt: "2026-06-30T23:59:59.000Z",
    });
    expect(statement?.groups.filter((group) => !group.known)).toEqual([]);
  });

  it.skipIf(missing)(
    `a JP export proves 12 of its 14 settlements by 11 transfers${why}`,
    async () => {
      const name = "jp-daterange/katoiek-2025H1-CustomTransaction-redacted.csv";
      expect(sniffed(name)).toBe("amazon-date-range");
      const reading = await readMarketplaceFile(
        createReadStream(sample(name)),
        "amazon-date-range",
      );
      expect(reading.refusals).toEqual([]);
      expect(reading.charset).toBe("utf-8");
      expect(reading.statements).toHaveLength(14);
      expect(reading.payouts).toHaveLength(12);
      const rows = reading.statements.reduce((total, statement) => total + statement.lineCount, 0);
      expect(rows + reading.payouts.length).toBe(1479);
      const proven = reading.statements.filter((statement) => statement.verdict === "proven");
      expect(proven).toHaveLength(12);
      const open = reading.statements.filter((statement) => statement.verdict !== "proven");
      expect(open.map((statement) => statement.settlementId)).toEqual([
        "11911147113",
        "12060300673",
      ]);
      for (const statement of open) {
        expect(statement.reasons.map((reason) => reason.code)).toEqual([
          "not-proven-by-a-transfer",
        ]);
        expect(statement.declaredTotalMinor).toBeNull();
      }
      const double = reading.payouts.find((payout) => payout.settlementIds.length === 2);
      expect(double).toMatchObject({
        amount: { currency: "JPY", minor: 372_655n },
        accountTail: "388",
        settlementIds: ["11964942573", "11977611713"],
        initiatedAt: "2025-04-02T07:15:19.000Z",
      });
      expect(reading.payouts.filter((payout) => payout.settlementIds.length === 0)).toHaveLength(1);
    },
  );

  it.skipIf(missing)(
    `the official listPayouts answer is read, its error refused${why}`,
    async () => {
      const found = answers("transfers_2024-06-01.sandbox.json", "listPayouts");
      expect(found.map((answer) => answer.status)).toEqual([200, 400]);
      const [good, bad] = found;
      expect(sniffMarketplaceFile(good!.body)).toBe("amazon-payout-list");
      const reading = await readMarketplaceFile(Readable.from([good!.body]), "amazon-payout-list");
      expect(reading.refusals).toEqual([]);
      expect(reading.payouts).toEqual([
        {
          marketplace: "amazon",
          source: "list-payouts",
          reference: "11888387941",
          amount: { currency: "USD", minor: 125_075n },
          originalAmount: null,
          status: "paid",
          statusText: "PAID",
          failureReason: null,
          initiatedAt: "2024-06-01T00:00:00.000Z",
          accountTail: "1234",
          traceIds: ["4B03616UONXSAWP"],
          paymentRail: "ACH",
          settlementIds: ["11888387941"],
          periodStartAt: "2025-12-13T06:26:45.000Z",
          periodEndAt: "2025-12-14T06:30:45.000Z",
          line: 1,
        },
      ]);
      const refused = await readMarketplaceFile(Readable.from([bad!.body]), "amazon-payout-list");
      expect(refused.refusals.map((reason) => reason.code)).toEqual(["answer-is-an-error"]);
      expect(refused.payouts).toEqual([]);
    },
  );

  it.skipIf(missing)(
    `the official event groups keep both totals of a conversion${why}`,
    async () => {
      const [good] = answers("financesV0.sandbox.json", "listFinancialEventGroups");
      expect(sniffMarketplaceFile(good!.body)).toBe("amazon-event-groups");
      const reading = await readMarketplaceFile(Readable.from([good!.body]), "amazon-event-groups");
      expect(reading.payouts).toMatchObject([
        {
          reference: "1",
          amount: { currency: "USD", minor: 3943n },
          originalAmount: { currency: "USD", minor: 1034n },
          status: "paid",
          statusText: "TRANSFERED",
          accountTail: "4854564857",
          traceIds: ["34550454504545"],
        },
      ]);
    },
  );

  it.skipIf(missing)(
    `an old MWS answer gives the group that its two pages repeat once${why}`,
    async () => {
      const name = "mws-finances/kaskadi-mockup-data.json";
      expect(sniffed(name)).toBe("amazon-event-groups");
      const reading = await readMarketplaceFile(
        createReadStream(sample(name)),
        "amazon-event-groups",
      );
      expect(reading.refusals).toEqual([]);
      expect(reading.payouts).toMatchObject([
        {
          reference: "22YgYW55IGNhcm5hbCBwbGVhEXAMPLE",
          amount: { currency: "USD", minor: 1900n },
          originalAmount: null,
          status: "paid",
          initiatedAt: "2014-09-09T07:30:00.000Z",
        },
      ]);
    },
  );

  it.skipIf(missing)(`the file of official pairs is no answer of Amazon's${why}`, () => {
    expect(sniffed("spapi-sandbox/transfers_2024-06-01.sandbox.json")).toBeNull();
    expect(sniffed("spapi-sandbox/financesV0.sandbox.json")).toBeNull();
    expect(sniffed("configs/xieyi138-fee-codes.json")).toBeNull();
  });
});
