// Every file in fixtures/amazon has its expected reading beside it. The expected files were summed
// by another program than the reader's, so agreement means something.

import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readMarketplaceFile } from "../read-marketplace-file.ts";
import type { MarketplaceFormat, MarketplaceReading } from "../reading.ts";
import { sniffMarketplaceFile } from "../sniff.ts";
import { SNIFF_BYTES_MAX } from "./limits.ts";

const FIXTURES = new URL("../../../fixtures/amazon/", import.meta.url);
const EXPECTED = ".expected.json";

/** A reading as its expected file writes it: amounts as digits, reasons as code and line. */
function projected(reading: MarketplaceReading): unknown {
  const statements = reading.statements.map((statement) => {
    const { format, marketplace, reasons, ...facts } = statement;
    expect(format).toBe(reading.format);
    expect(marketplace).toBe("amazon");
    return { ...facts, reasons: reasons.map(({ code, line }) => ({ code, line })) };
  });
  const text = JSON.stringify({ ...reading, statements }, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return JSON.parse(text);
}

const names = readdirSync(FIXTURES).filter((name) => name.endsWith(EXPECTED));

describe("fixtures", () => {
  it("are there", () => {
    expect(names.length).toBeGreaterThan(15);
  });

  for (const name of names) {
    const file = name.slice(0, -EXPECTED.length);
    const expected = JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8")) as {
      format: MarketplaceFormat;
    };

    it(`${file} is told by its content and read as expected`, async () => {
      const bytes = readFileSync(new URL(file, FIXTURES));
      expect(sniffMarketplaceFile(bytes.subarray(0, SNIFF_BYTES_MAX))).toBe(expected.format);
      const source = createReadStream(new URL(file, FIXTURES));
      expect(projected(await readMarketplaceFile(source, expected.format))).toEqual(expected);
    });

    it(`${file} is read the same when it arrives byte by byte`, async () => {
      const bytes = readFileSync(new URL(file, FIXTURES));
      const source = Readable.from(Array.from(bytes, (byte) => Uint8Array.of(byte)));
      expect(projected(await readMarketplaceFile(source, expected.format))).toEqual(expected);
    });
  }
});
