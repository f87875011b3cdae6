import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import { sniffMarketplaceFile } from "../sniff.ts";
import type { StatementReading } from "../statement.ts";
import { orderPartOf } from "./order-sums.ts";
import { generatedBytes, generateStatement } from "./statement-generator.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/amazon");

async function read(bytes: Uint8Array): Promise<readonly StatementReading[]> {
  const format = sniffMarketplaceFile(bytes)!;
  const reading = await readMarketplaceFile(Readable.from([bytes]), format, { takesOrders: true });
  return reading.statements;
}

const fixture = (name: string) => readFileSync(join(FIXTURES, name));

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

describe("sums of each order of a settlement", () => {
  it("are not taken unless they are asked for", async () => {
    const reading = await readMarketplaceFile(
      Readable.from([fixture("us-v2-1.txt")]),
      "amazon-settlement-v2",
    );
    expect(reading.statements[0]).not.toHaveProperty("orders");
  });

  it("hold with the groups of their kind, whatever the lines are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 200 }), async (seed, lines) => {
        const made = generateStatement({
          seed,
          lines,
          settlementId: "1",
          currency: currencyOf("EUR")!,
          marketplaceName: "Amazon.de",
          style: { date: "d.m.y", number: "comma", charset: "windows-1252" },
          periodStartAt: "2026-10-05T06:12:41.000Z" as Instant,
          periodEndAt: "2026-10-19T06:12:41.000Z" as Instant,
        });
        const [statement] = await read(generatedBytes(made));
        const orders = statement!.orders!;
        const ofKind = (pattern: RegExp) =>
          sum([...made.groupTotals].flatMap(([key, minor]) => (pattern.test(key) ? [minor] : [])));
        expect(sum(orders.map(({ netMinor }) => netMinor))).toBe(ofKind(/^(Order|Refund)\|/));
        expect(sum(orders.map(({ saleMinor }) => saleMinor))).toBe(
          ofKind(/^Order\|(ItemPrice\|(Principal|Shipping)$|Promotion)/),
        );
        expect(sum(orders.map(({ refundMinor }) => refundMinor))).toBe(
          -ofKind(/^Refund\|ItemPrice\|Principal$/),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("are taken from the old format, whose rows carry two amounts", async () => {
    const [statement] = await read(fixture("ca-v1.txt"));
    expect(statement!.orders).toEqual([
      { orderId: "702-5550101-7770101", saleMinor: 25498n, refundMinor: 12999n, netMinor: 9854n },
    ]);
    const ofOrders = statement!.groups.filter(({ transactionType }) =>
      /^(Order|Refund)/.test(transactionType),
    );
    expect(sum(ofOrders.map(({ totalMinor }) => totalMinor))).toBe(9854n);
  });

  it("are taken from a date-range file by its own columns", async () => {
    const text = fixture("us-date-range.csv").toString();
    let count = 0;
    const named = text.replaceAll(
      '"Order",""',
      () => `"Order","113-0000000-000000${(count += 1)}"`,
    );
    const statements = await read(Buffer.from(named));
    const orders = statements.flatMap(({ orders: own }) => own ?? []);
    expect(orders).toHaveLength(count);
    const [kettle] = orders;
    // Row of 3 October: 1,129.99 and 90.40 of tax, which is withheld; fees of 169.50 and 4.75.
    expect(kettle).toEqual({
      orderId: "113-0000000-0000001",
      saleMinor: 112999n,
      refundMinor: 0n,
      netMinor: 95574n,
    });
  });

  it("know a buyer's order from other rows with a number in the same column", () => {
    expect(orderPartOf("FBAFees", "fulfilment-fees")).toBe("none");
    expect(orderPartOf("other-transaction", "reimbursements")).toBe("none");
    expect(orderPartOf("Order", "sales")).toBe("sale");
    expect(orderPartOf("Order", "selling-fees")).toBe("rest");
    expect(orderPartOf("Refund", "promotions")).toBe("refund");
    expect(orderPartOf("Refund - Reversal", "refunds")).toBe("refund");
  });
});
