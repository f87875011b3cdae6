import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestChannel, type TestChannel } from "./test-channel.ts";

let channel: TestChannel;

beforeEach(async () => {
  channel = await openTestChannel([{ id: "acme", legalName: "Acme", accounts: [] }]);
});
afterEach(() => channel.close());

const money = (amount: number) => ({ currencyCode: "USD", currencyAmount: amount });
const partnerMetadata = { partnerId: "A1", marketplaceId: "M1", accountType: "Standard Orders" };
const balances = [
  {
    partnerMetadata,
    balanceType: "TOTAL",
    amount: money(12.5),
    lastUpdatedTime: "2026-11-22T08:00:00+09:00",
    balances: [{ balanceType: "AVAILABLE", amount: money(10) }],
  },
];
const expectedPayouts = [
  { partnerMetadata, status: "SCHEDULED", amount: money(3), scheduledDate: "2026-12-01T00:00:00Z" },
  { partnerMetadata, status: "NO_PAYOUT_EXPECTED" },
];
const related = [{ relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: "77" }];
const summaries = [{ partnerMetadata, netProceeds: money(-1), relatedIdentifiers: related }];
const transactions = [
  {
    transactionStatus: "DEFERRED",
    totalAmount: money(4),
    contexts: [{ maturityDate: "2026-11-30T00:00:00Z" }],
  },
];

const FILES = Object.entries({ balances, expectedPayouts, summaries, transactions }).map(
  ([key, list]) => ({ name: `${key}.json`, content: JSON.stringify({ [key]: list }) }),
);

const subjects = async () =>
  (await channel.verify()).findings.map(({ subject, message }) => `${subject}: ${message}`);

describe("what marketplaces told beside statements and payouts", () => {
  it("is what its files say, also when they came for nobody and were claimed later", async () => {
    await channel.channel.register([{ id: "other", legalName: "Other", accounts: [] }]);
    await channel.settle(FILES);
    expect(await subjects()).toEqual([]);
    await channel.settle(FILES, "acme");
    const [counted] = await channel.database.query(
      `SELECT (SELECT count(*) FROM balance_told WHERE seller_id = 'acme') AS balances,
              (SELECT count(*) FROM expected_payout WHERE seller_id = 'acme') AS expected`,
    );
    expect(counted).toEqual({ balances: 2n, expected: 2n });
    expect(await subjects()).toEqual([]);
  });

  it("is a finding when a hand changed it, added to it, or took it away", async () => {
    await channel.settle(FILES, "acme");
    const change = (sql: string) => channel.database.query(sql);
    await change("UPDATE balance_told SET amount_minor = 1 WHERE kind = 'total'");
    await change("DELETE FROM expected_payout WHERE source_line = 2");
    await change(
      `INSERT INTO deferred_told SELECT tenant_id, source_sha256, 9, seller_id, marketplace, partner_id,
              marketplace_id, currency, amount_minor, transaction_count, release_on, reason, recorded_at FROM deferred_told`,
    );
    await change("UPDATE control_total SET source_sha256 = repeat('0', 64)");
    const found = (await subjects()).map((text) => text.replace(/[0-9a-f]{64}/, "HASH")).sort();
    expect(found).toEqual([
      "balance_told balances.json, item 1: amount_minor differs from its file",
      "control_total HASH/1/: its file is not in use",
      "control_total summaries.json, item 1: its file tells it, but it is not on record",
      "deferred_told HASH/9/: its file does not tell it",
      "expected_payout expectedPayouts.json, item 2: its file tells it, but it is not on record",
    ]);
  });
});
