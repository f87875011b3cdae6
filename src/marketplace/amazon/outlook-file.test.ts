import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import { sniffMarketplaceFile } from "../sniff.ts";

const SAMPLES = join(import.meta.dirname, "../../../../shared/samples/amazon/spapi-sandbox");

function read(text: string) {
  const bytes = Buffer.from(text);
  const format = sniffMarketplaceFile(bytes);
  if (format === null) throw new Error("no reader knows it");
  return readMarketplaceFile(Readable.from([bytes]), format);
}

/** The official answers of one operation, as text; null where the samples are not there. */
function officialAnswers(file: string, operationId: string): readonly string[] | null {
  try {
    const pairs = JSON.parse(readFileSync(join(SAMPLES, file), "utf8")) as {
      operationId: string;
      status: number;
      response: unknown;
    }[];
    return pairs
      .filter((pair) => pair.operationId === operationId && pair.status === 200)
      .map((pair) => JSON.stringify(pair.response));
  } catch {
    return null;
  }
}

const account =
  '"partnerMetadata": {"partnerId": "A1", "accountType": "Standard Orders", "marketplaceId": "M1"}';
const money = (amount: string) => `{"currencyCode": "USD", "currencyAmount": ${amount}}`;

const deferred = (amount: string, day: string) =>
  `{"sellingPartnerMetadata": {"sellingPartnerId": "A1", "marketplaceId": "M1"}, "transactionStatus": "DEFERRED",
    "totalAmount": ${money(amount)}, "contexts": [{"contextType": "DeferredContext", "deferralReason": "DD7",
    "maturityDate": "${day}T23:30:00Z"}]}`;

describe("balances", () => {
  it("are read with their parts, digit by digit, at the time of the whole", async () => {
    const reading = await read(
      `{"balances": [{${account}, "balanceType": "TOTAL", "amount": ${money("90071992547409.93")},
        "lastUpdatedTime": "2026-01-12T10:30:00+09:00", "balances": [
          {"balanceType": "AVAILABLE", "amount": ${money("1.10")}},
          {"balanceType": "RESERVED", "amount": ${money("-2")}, "balances": [
            {"balanceType": "ACCOUNT_LEVEL_RESERVE", "amount": ${money("-2.00")}}]}]}]}`,
    );
    expect(reading.refusals).toEqual([]);
    const told = reading.outlook?.balances.map(({ kind, amount }) => [kind, amount.minor]);
    expect(told).toEqual([
      ["total", 9_007_199_254_740_993n],
      ["available", 110n],
      ["reserved", -200n],
      ["account-level-reserve", -200n],
    ]);
    expect(reading.outlook?.balances[3]).toMatchObject({
      partnerId: "A1",
      marketplaceId: "M1",
      updatedAt: "2026-01-12T01:30:00.000Z",
      line: 1,
    });
  });

  it("are refused when one has no amount, or stands twice", async () => {
    for (const parts of [
      '{"balanceType": "AVAILABLE"}',
      `{"balanceType": "TOTAL", "amount": ${money("1")}}`,
      `{"balanceType": "AVAILABLE", "amount": ${money("1.001")}}`,
    ]) {
      const reading = await read(
        `{"balances": [{"balanceType": "TOTAL", "amount": ${money("1")}, "balances": [${parts}]}]}`,
      );
      expect(reading.refusals).toMatchObject([{ code: "item-unreadable", line: 1 }]);
      expect(reading.outlook?.balances).toEqual([]);
    }
  });
});

describe("expected payouts", () => {
  it("are read with day, amount and settlement, and without an amount where none is expected", async () => {
    const reading = await read(
      `{"expectedPayouts": [
        {${account}, "status": "SCHEDULED", "amount": ${money("2547.89")}, "scheduledDate": "2026-03-22T14:00:00Z",
         "relatedIdentifiers": [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "S1"}]},
        {${account}, "status": "NO_PAYOUT_EXPECTED"}, {${account}, "status": "SOMETHING_NEW"}]}`,
    );
    expect(reading.refusals).toEqual([]);
    expect(reading.outlook?.expected).toMatchObject([
      { status: "scheduled", amount: { minor: 254_789n }, settlementIds: ["S1"], line: 1 },
      { status: "none", amount: null, line: 2 },
      { status: "unknown", line: 3 },
    ]);
  });
});

describe("summaries", () => {
  it("are control totals of the settlement that they name, and of none where they sum a period", async () => {
    const reading = await read(
      `{"summaries": [{${account}, "netProceeds": ${money("8000")}},
        {${account}, "netProceeds": ${money("-12.5")},
         "relatedIdentifiers": [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "77"}]}]}`,
    );
    expect(reading.outlook?.controls).toMatchObject([
      { settlementId: "77", amount: { currency: "USD", minor: -1250n }, line: 2 },
    ]);
  });
});

describe("transactions", () => {
  it("are summed by the day of their release while they are deferred, and count for nothing once released", async () => {
    const released = deferred("99", "2026-03-09").replace('"DEFERRED"', '"Deferred_Released"');
    const reading = await read(
      `{"payload": {"nextToken": null, "transactions": [
        ${deferred("10.01", "2026-03-09")}, ${deferred("0.02", "2026-03-10")}, ${released},
        ${deferred("-1", "2026-03-09")}]}}`,
    );
    expect(reading.format).toBe("amazon-transactions");
    expect(reading.outlook?.deferred).toMatchObject([
      { totalMinor: 901n, transactionCount: 2, releaseOn: "2026-03-09", reason: "DD7", line: 1 },
      { totalMinor: 2n, transactionCount: 1, releaseOn: "2026-03-10", line: 2 },
    ]);
  });
});

describe("the official sandbox's answers", () => {
  const cases = [
    ["finances_2024-06-19.sandbox.json", "listBalances", { balances: 5 }],
    ["finances_2024-06-19.sandbox.json", "listSummary", { controls: 0 }],
    ["finances_2024-06-19.sandbox.json", "listTransactions", { deferred: 0 }],
    ["transfers_2024-06-01.sandbox.json", "listExpectedPayouts", { expected: 1 }],
  ] as const;
  for (const [file, operationId, counts] of cases) {
    const answers = officialAnswers(file, operationId);
    it.skipIf(answers === null)(
      `${operationId} is read (skipped without the samples)`,
      async () => {
        expect(answers?.length).toBeGreaterThan(0);
        for (const answer of answers ?? []) {
          const reading = await read(answer);
          expect(reading.refusals).toEqual([]);
          for (const [list, count] of Object.entries(counts)) {
            expect(reading.outlook?.[list as "balances"]).toHaveLength(count);
          }
        }
      },
    );
  }
});
