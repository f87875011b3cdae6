// Files that attack the reader, lie about themselves or were damaged on the way: all are refused, none is half
// read, and none costs more than its own size.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BANK_FILE_BYTES_MAX,
  RECORD_ELEMENTS_MAX,
  XML_ATTRIBUTE_LENGTH_MAX,
  XML_DEPTH_MAX,
  XML_TEXT_LENGTH_MAX,
} from "../limits.ts";
import { readIso20022Bytes } from "./collect-messages.ts";
import { readIso20022 } from "./read-iso20022.ts";
import { ISO20022_REASONS } from "./reasons.ts";
import { validateXsd } from "./xsd.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/iso20022");
const credit = readFileSync(join(FIXTURES, "camt054-v08-credit.xml"), "utf8");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function codesOf(bytes: Uint8Array | string): Promise<readonly string[]> {
  const read = await readIso20022Bytes(typeof bytes === "string" ? utf8(bytes) : bytes);
  if (read.refusals.length > 0) expect(read.messages).toEqual([]);
  for (const { code } of read.refusals) expect(ISO20022_REASONS).toHaveProperty(code);
  return read.refusals.map(({ code }) => code);
}

const withoutDeclaration = credit.replace(/^<\?xml.*?\?>\s*/, "");
const declared = (name: string): string =>
  `<?xml version="1.0" encoding="${name}"?>${withoutDeclaration}`;
const inside = (xml: string): string => credit.replace("<AddtlNtryInf>", `${xml}<AddtlNtryInf>`);

describe("a hostile file", () => {
  const laughs = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>`;
  const external = `<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>`;
  const hiddenDoctypes: [string, Uint8Array][] = [
    ["an entity bomb", utf8(laughs + withoutDeclaration)],
    ["an external entity", utf8(external + withoutDeclaration)],
    ["a document type after a byte order mark", utf8(`\uFEFF${laughs}${withoutDeclaration}`)],
    ["a document type in UTF-16", Buffer.from(`\uFEFF${laughs}${withoutDeclaration}`, "utf16le")],
    [
      "a document type in UTF-16 big end first",
      Buffer.from(`\uFEFF${laughs}${withoutDeclaration}`, "utf16le").swap16(),
    ],
    [
      "a document type in UTF-16 without a mark",
      Buffer.from(laughs + withoutDeclaration, "utf16le"),
    ],
    [
      "a document type in GB 18030",
      utf8(`<?xml version="1.0" encoding="GB18030"?>${laughs}${withoutDeclaration}`),
    ],
    ["a document type deep within", utf8(inside(`<!-- ${" ".repeat(9000)} -->${laughs}`))],
  ];

  it.each(hiddenDoctypes)(
    "with %s is refused before it is parsed or validated",
    async (_, bytes) => {
      expect(await codesOf(bytes)).toEqual(["xml-doctype"]);
      expect((await validateXsd(bytes, FIXTURES)).map(({ code }) => code)).toEqual(["xml-doctype"]);
    },
  );

  it("with a document type is refused wherever the chunks are cut", async () => {
    const bytes = utf8(inside(external));
    for (const size of [1, 3, 1024, 1500]) {
      const { refusals } = await readIso20022(
        (async function* () {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        })(),
        { message: () => {}, entry: () => {}, messageEnd: () => {} },
      );
      expect(refusals.map(({ code }) => code)).toEqual(["xml-doctype"]);
    }
  });

  it.each<[string, string, string]>([
    ["an undeclared entity", inside("<X>&bomb;</X>"), "xml-malformed"],
    ["nesting without end", inside("<a>".repeat(XML_DEPTH_MAX)), "xml-too-deep"],
    ["a text without end", inside("x".repeat(2 * XML_TEXT_LENGTH_MAX)), "xml-text-too-long"],
    [
      "a text cut up by comments",
      inside(`<X>${"xxxxxxxx<!-- -->".repeat(XML_TEXT_LENGTH_MAX / 8 + 1)}</X>`),
      "xml-text-too-long",
    ],
    [
      "a comment without end",
      inside(`<!--${"x".repeat(3 * XML_TEXT_LENGTH_MAX)}`),
      "xml-text-too-long",
    ],
    [
      "a CDATA section without end",
      inside(`<X><![CDATA[${"<".repeat(3 * XML_TEXT_LENGTH_MAX)}`),
      "xml-text-too-long",
    ],
    [
      "a tag without end",
      inside(`<X ${Array.from({ length: 40_000 }, (_, n) => `a${n}="1"`).join(" ")}`),
      "xml-text-too-long",
    ],
    [
      "many attributes",
      inside(`<X ${Array.from({ length: 40 }, (_, n) => `a${n}="1"`).join(" ")}/>`),
      "xml-too-many-attributes",
    ],
    [
      "a long attribute",
      inside(`<X a="${"1".repeat(XML_ATTRIBUTE_LENGTH_MAX + 1)}"/>`),
      "xml-attribute-too-long",
    ],
    ["one attribute twice", inside('<X a="1" a="2"/>'), "xml-malformed"],
    [
      "an entry of endless elements",
      inside("<X/>".repeat(RECORD_ELEMENTS_MAX)),
      "record-too-large",
    ],
    [
      "endless balances",
      credit.replace("<Ntry>", `${"<Bal/>".repeat(RECORD_ELEMENTS_MAX + 2)}<Ntry>`),
      "record-too-large",
    ],
    ["a NUL", inside("<X>\0</X>"), "xml-nul"],
    ["a NUL reference", inside("<X>&#0;</X>"), "xml-malformed"],
    ["a control character", inside("<X>\u0001</X>"), "xml-malformed"],
    ["XML 1.1", credit.replace('version="1.0"', 'version="1.1"'), "xml-version"],
    ["an undeclared prefix", inside("<evil:X/>"), "xml-prefix-undeclared"],
    ["something after the end", `${credit}<Document/>`, "xml-malformed"],
    ["no content", "", "file-empty"],
    ["blanks only", "  \n ", "xml-cut-off"],
    ["a web page", "<html><body>Session expired</body></html>", "not-iso20022"],
    ["no XML", "settlement-id\tcurrency\n", "xml-malformed"],
  ])("with %s is refused", async (_, text, code) => {
    expect(await codesOf(text)).toEqual([code]);
  });

  it("that is larger than the limit is refused as soon as that is known", async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let given = 0;
    const { refusals } = await readIso20022(
      (async function* () {
        yield utf8("<?xml version='1.0'?><Document>");
        for (;;) {
          given += chunk.length;
          yield given % 2 === 0 ? utf8("<a/>".repeat(1024 * 256)) : chunk;
        }
      })(),
      { message: () => {}, entry: () => {}, messageEnd: () => {} },
    );
    expect(refusals.map(({ code }) => code)).toContain("message-unsupported");
    const large = await readIso20022(
      (async function* () {
        yield new Uint8Array(BANK_FILE_BYTES_MAX + 1);
      })(),
      { message: () => {}, entry: () => {}, messageEnd: () => {} },
    );
    expect(large.refusals.map(({ code }) => code)).toEqual(["file-too-large"]);
  });

  it("of long blanks costs no more time than its size", async () => {
    const blanks = `<RmtInf>${`<Ustrd>a\tb${" ".repeat(60_000)}c</Ustrd>`.repeat(100)}</RmtInf>`;
    const text = credit.replace(/<RmtInf>.*<\/RmtInf>/s, blanks);
    const { messages, refusals } = await readIso20022Bytes(utf8(text));
    expect(refusals).toEqual([]);
    expect(messages[0]?.entries[0]?.transactions[0]?.remittance).toEqual(
      Array(100).fill(`a b${" ".repeat(60_000)}c`),
    );
  });

  it("never follows a schema location or reads an element of another namespace as a field", async () => {
    const text = credit
      .replace(
        "<Document ",
        '<Document xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:schemaLocation="file:///C:/camt.xsd" ',
      )
      .replace(
        '<Amt Ccy="USD">12345.67</Amt>',
        '<o:Amt xmlns:o="urn:other" Ccy="USD">1.00</o:Amt>$&',
      );
    const { messages, refusals } = await readIso20022Bytes(utf8(text));
    expect(refusals).toEqual([]);
    expect(messages[0]?.entries[0]?.amount.minor).toBe(1234567n);
  });

  it("with one field twice is quarantined rather than read by luck", async () => {
    const text = credit.replace('<Amt Ccy="USD">12345.67</Amt>', '$&<Amt Ccy="USD">99999.99</Amt>');
    const { messages } = await readIso20022Bytes(utf8(text));
    expect(messages[0]?.verdict).toBe("quarantined");
    expect(messages[0]?.reasons.map(({ code }) => code)).toEqual(["field-repeated"]);
  });

  it("whose envelope names another message than it carries is quarantined", async () => {
    const enveloped = readFileSync(join(FIXTURES, "camt054-v08-enveloped.xml"), "utf8");
    const { messages } = await readIso20022Bytes(
      utf8(enveloped.replace("<head:MsgDefIdr>camt.054", "<head:MsgDefIdr>pacs.008")),
    );
    expect(messages[0]?.reasons.map(({ code }) => code)).toEqual(["header-contradicts-document"]);
  });
});

describe("an encoding", () => {
  it.each<[string, Uint8Array, string]>([
    ["declared UTF-16 over single bytes", utf8(declared("UTF-16")), "encoding-contradicted"],
    [
      "declared UTF-8 over UTF-16",
      Buffer.from(`\uFEFF${declared("UTF-8")}`, "utf16le"),
      "encoding-contradicted",
    ],
    ["declared GBK after a UTF-8 mark", utf8(`\uFEFF${declared("GBK")}`), "encoding-contradicted"],
    ["that nobody uses", utf8(declared("UTF-7")), "encoding-unsupported"],
    ["of an old mainframe", utf8(declared("IBM037")), "encoding-unsupported"],
    ["UTF-32", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x3c]), "encoding-unsupported"],
    [
      "declared UTF-8 over GB 18030 bytes",
      Buffer.concat([utf8(inside("<X>")), Buffer.from("d6d0b9fa", "hex"), utf8("</X>")]),
      "encoding-invalid",
    ],
    [
      "GB 18030 with half a character",
      Buffer.concat([utf8(declared("GB18030").slice(0, -20)), Buffer.from([0xd6])]),
      "encoding-invalid",
    ],
  ])("%s is refused", async (_, bytes, code) => {
    expect(await codesOf(bytes)).toEqual([code]);
  });
});

describe("a damaged file", () => {
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith(".xml"));

  it.each(names)("%s is refused when it is cut off anywhere before its last tag", async (name) => {
    const bytes = readFileSync(join(FIXTURES, name));
    const lastTag = bytes.length - (name.includes("utf16") ? 4 : 2);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: lastTag - 1 }), async (length) => {
        expect((await codesOf(bytes.subarray(0, length))).length).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it("of any bytes is refused, never thrown at", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        expect((await codesOf(bytes)).length).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it("with some bytes changed is read or refused, never thrown at, and never proven with other sums", async () => {
    const bytes = readFileSync(join(FIXTURES, "camt053-v08-three-currencies.xml"));
    const net = (await readIso20022Bytes(bytes)).messages.length;
    const change = fc.tuple(
      fc.integer({ min: 0, max: bytes.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        const { messages, refusals } = await readIso20022Bytes(changed);
        expect(refusals.length > 0 || messages.length <= net).toBe(true);
        for (const { verdict, balances, entries } of messages) {
          if (verdict !== "proven") continue;
          const closing = balances.find(({ type }) => type === "closing");
          const opening = balances.find(({ type }) => type === "opening");
          const sum = entries
            .filter(({ status }) => status === "booked")
            .reduce(
              (total, { amount, direction }) =>
                total + (direction === "credit" ? amount.minor : -amount.minor),
              0n,
            );
          const sign = (balance: typeof opening): bigint =>
            balance?.direction === "debit" ? -balance.amount.minor : (balance?.amount.minor ?? 0n);
          expect(sign(opening) + sum).toBe(sign(closing));
        }
      }),
      { numRuns: 300 },
    );
  });
});
