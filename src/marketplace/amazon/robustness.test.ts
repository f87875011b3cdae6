// What no file may do to the readers: make them throw, hang, or prove what is not true.

import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import type { MarketplaceFormat } from "../reading.ts";
import { sniffMarketplaceFile } from "../sniff.ts";
import { readSettlementV2 } from "./settlement-v2.ts";

const FIXTURES = new URL("../../../fixtures/amazon/", import.meta.url);
const FILES = readdirSync(FIXTURES)
  .filter((name) => !name.endsWith(".expected.json"))
  .map((name) => readFileSync(new URL(name, FIXTURES)));
const FORMATS: readonly MarketplaceFormat[] = [
  "amazon-settlement-v2",
  "amazon-settlement-v1",
  "amazon-date-range",
  "amazon-payout-list",
  "amazon-event-groups",
];

/** A statement is proven with a total that its lines sum to, or quarantined with a reason. */
async function readSoundly(bytes: Uint8Array, format: MarketplaceFormat): Promise<void> {
  const reading = await readMarketplaceFile(Readable.from([bytes]), format);
  if (reading.refusals.length > 0) expect([reading.statements, reading.payouts]).toEqual([[], []]);
  for (const statement of reading.statements) {
    const sum = statement.groups.reduce((total, group) => total + group.totalMinor, 0n);
    expect(sum).toBe(statement.summedTotalMinor);
    if (statement.verdict === "proven") {
      expect(statement.declaredTotalMinor).toBe(statement.summedTotalMinor);
      expect(statement.reasons).toEqual([]);
    } else {
      expect(statement.reasons.length).toBeGreaterThan(0);
    }
  }
}

const header =
  "settlement-id\tsettlement-start-date\tsettlement-end-date\ttotal-amount\tcurrency\t" +
  "transaction-type\tamount-type\tamount-description\tamount";

const dates = "2026-10-05 06:14:09 UTC\t2026-10-19 06:14:09 UTC";

const line = (id: string, amount: string) =>
  `${id}\t\t\t\t\tOrder\tItemPrice\tPrincipal\t${amount}`;

async function verdicts(...lines: readonly string[]) {
  const text = `${lines.join("\n")}\n`;
  const reading = await readSettlementV2(Readable.from([Buffer.from(text)]));
  expect(reading.refusals).toEqual([]);
  return reading.statements.map((one) => [one.verdict, one.reasons.map(({ code }) => code)]);
}

const total = (amount: string, currency: string) => `1\t${dates}\t${amount}\t${currency}\t\t\t\t`;

const item = (id: number) =>
  `{"id": "${id}", "amount": {"currencyCode": "USD", "currencyAmount": ${id}.5}}`;

describe("any bytes at all", () => {
  it("are read or refused by every reader, and never thrown at", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...FORMATS),
        async (bytes, format) => {
          sniffMarketplaceFile(bytes);
          if (bytes.length > 0) await readSoundly(bytes, format);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("in the middle of a good file quarantine it or leave it true", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FILES),
        fc.nat(),
        fc.integer({ min: 0, max: 40 }),
        fc.uint8Array({ maxLength: 8 }),
        async (file, place, length, bytes) => {
          const from = place % file.length;
          const damaged = Buffer.concat([
            file.subarray(0, from),
            bytes,
            file.subarray(from + length),
          ]);
          const format = sniffMarketplaceFile(damaged);
          if (format !== null) await readSoundly(damaged, format);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("cut anywhere from a settlement file never leave it proven, unless nothing was lost", async () => {
    const file = readFileSync(new URL("us-v2-2.txt", FIXTURES));
    for (let end = 1; end < file.length - 1; end += 1) {
      const reading = await readSettlementV2(Readable.from([file.subarray(0, end)]));
      expect(reading.statements.some((statement) => statement.verdict === "proven")).toBe(false);
    }
  });
});

describe("unusual but honest files", () => {
  it("may have the summary row after its lines, and the currency still checks them", async () => {
    expect(await verdicts(header, line("1", "1.25"), total("1.25", "USD"))).toEqual([
      ["proven", []],
    ]);
    expect(await verdicts(header, line("1", "2,691"), total("2,691", "JPY"))).toEqual([
      ["proven", []],
    ]);
    expect(
      await verdicts(header, line("1", "1.005"), line("1", "1.005"), total("2.01", "USD")),
    ).toEqual([["quarantined", ["amount-not-exact"]]]);
  });

  it("may be joined from reports that each begin with a byte-order mark", async () => {
    const report = (id: string) => [header, `${id}\t${dates}\t2.00\tUSD\t\t\t\t`, line(id, "2.00")];
    expect(await verdicts(...report("1"), `\ufeff${header}`, ...report("2").slice(1))).toEqual([
      ["proven", []],
      ["proven", []],
    ]);
  });

  it("may have descriptions that share a hash: they stay apart", async () => {
    const many = Array.from(
      { length: 3_000 },
      (_, index) => `1\t\t\t\t\tx\ty\tkind ${index}\t0.01`,
    );
    const text = [header, `1\t${dates}\t30.00\tUSD\t\t\t\t`, ...many].join("\n");
    const reading = await readSettlementV2(Readable.from([Buffer.from(`${text}\n`)]));
    expect(reading.statements[0]?.groups).toHaveLength(3_000);
    expect(reading.statements[0]?.verdict).toBe("proven");
  });
});

describe("large JSON", () => {
  it("is read without exhausting the stack: a string of megabytes, a list of thousands", async () => {
    const items = Array.from({ length: 20_000 }, (_, index) => item(index)).join(",");
    const text = `{"note": "${"\\\\x".repeat(2_000_000)}", "payouts": [${items}]}`;
    const reading = await readMarketplaceFile(
      Readable.from([Buffer.from(text)]),
      "amazon-payout-list",
    );
    expect(reading.refusals).toEqual([]);
    expect(reading.payouts).toHaveLength(20_000);
    expect(reading.payouts.at(-1)?.amount.minor).toBe(1_999_950n);
  });
});
