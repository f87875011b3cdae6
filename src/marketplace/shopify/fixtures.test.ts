// Files in fixtures/shopify with their expected readings beside them, summed by another program than the reader's.

import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import type { MarketplaceReading } from "../reading.ts";
import { sniffMarketplaceFile } from "../sniff.ts";

const FIXTURES = new URL("../../../fixtures/shopify/", import.meta.url);
const EXPECTED = ".expected.json";

/** A reading as its expected file writes it: amounts as digits, reasons as code and line. */
function projected(reading: MarketplaceReading): unknown {
  const statements = reading.statements.map(({ format, marketplace, reasons, ...facts }) => {
    expect([format, marketplace]).toEqual(["shopify-payments", "shopify"]);
    return { ...facts, reasons: reasons.map(({ code, line }) => ({ code, line })) };
  });
  const refusals = reading.refusals.map(({ code, line }) => ({ code, line }));
  const text = JSON.stringify({ ...reading, statements, refusals }, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return JSON.parse(text);
}

function read(bytes: Uint8Array, chunk = bytes.length): Promise<MarketplaceReading> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk));
  return readMarketplaceFile(Readable.from(chunks), "shopify-payments");
}

const names = readdirSync(FIXTURES).filter((name) => name.endsWith(EXPECTED));

describe("fixtures", () => {
  it("are there", () => {
    expect(names.length).toBeGreaterThan(5);
  });

  for (const name of names) {
    const file = name.slice(0, -EXPECTED.length);
    it(`${file} is told by its content and read as expected, in one piece and in many`, async () => {
      const bytes = readFileSync(new URL(file, FIXTURES));
      const expected: unknown = JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
      expect(sniffMarketplaceFile(bytes)).toBe("shopify-payments");
      expect(projected(await read(bytes))).toEqual(expected);
      expect(projected(await read(bytes, 7))).toEqual(expected);
    });
  }

  it("quarantine a payout when a transaction stands in them with two contents", async () => {
    const text = readFileSync(new URL("jp-transaction-pages.json", FIXTURES), "utf8");
    const last = text.lastIndexOf('"2980"');
    const other = `${text.slice(0, last)}"2981"${text.slice(last + 6)}`;
    const { statements } = await read(Buffer.from(other));
    expect(statements.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
      "item-contradicts",
    ]);
  });
});
