import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sniffBankFile } from "./sniff.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const SAMPLES = join(import.meta.dirname, "../../../shared/samples/bank");

describe("a bank file is told by its first bytes", () => {
  it.each([
    ['<?xml version="1.0"?><Document/>', "iso20022"],
    ["\uFEFF<Document/>", "iso20022"],
    ["\r\n  <camt:Document xmlns:camt='x'/>", "iso20022"],
    ["<!-- daily statement --><Document/>", "iso20022"],
    ["{1:F01BANKCNBJAXXX0000000000}{2:O940", "mt"],
    ["\x01{1:F01BANKCNBJAXXX0000000000}", "mt"],
    [":20:STARTUMS\r\n:25:1\r\n", "mt"],
    ["\r\n:20:STARTUMS\r\n", "mt"],
    ["ABNANL2A\n940\nABNANL2A\n:20:X\n", "mt"],
    ["ABNANL2A\n940\nABNANL2A\n", "mt"],
    ["0000 01INGBNL2AXXXX00001\n940 00\n:20:MPBZ\n", "mt"],
    ["settlement-id\tcurrency\n1\tUSD\n", null],
    ['{ "json": true }', null],
    ["", null],
  ])("%j is %s", (text, format) => {
    expect(sniffBankFile(utf8(text))).toBe(format);
  });

  it("sees XML in UTF-16 with and without a byte order mark", () => {
    for (const text of ["\uFEFF<?xml version='1.0'?>", "<?xml version='1.0'?>"]) {
      const little = Buffer.from(text, "utf16le");
      expect(sniffBankFile(little)).toBe("iso20022");
      expect(sniffBankFile(Buffer.from(little).swap16())).toBe("iso20022");
    }
  });

  it("answers for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        expect(["iso20022", "mt", null]).toContain(sniffBankFile(bytes));
      }),
    );
  });

  it.skipIf(!existsSync(SAMPLES))(
    "knows every real sample (skipped where samples are absent)",
    () => {
      for (const folder of readdirSync(SAMPLES)) {
        for (const name of readdirSync(join(SAMPLES, folder), { recursive: true }).map(String)) {
          if (!/\.(xml|sta|txt|fin|rje)$/.test(name)) continue;
          const format = sniffBankFile(readFileSync(join(SAMPLES, folder, name)));
          const xml = name.includes("pain_002") ? "pain.002" : "iso20022";
          expect([name, format]).toEqual([name, name.endsWith(".xml") ? xml : "mt"]);
        }
      }
    },
  );
});
