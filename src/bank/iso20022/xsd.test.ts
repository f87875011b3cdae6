import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diag } from "libxml2-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateXsd } from "./xsd.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/iso20022");
const NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/** A schema of our own in the place of ISO's: enough of a camt.054 to tell a good Ntry from a bad one. */
const SCHEMA = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NAMESPACE}"
  xmlns="${NAMESPACE}" elementFormDefault="qualified">
  <xs:element name="Document"><xs:complexType><xs:sequence>
    <xs:element name="Amt" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:decimal">
      <xs:minInclusive value="0"/></xs:restriction></xs:simpleType></xs:element>
  </xs:sequence></xs:complexType></xs:element></xs:schema>`;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const document = (body: string): string => `<Document xmlns="${NAMESPACE}">\n${body}\n</Document>`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "straitway-xsd-"));
  await writeFile(join(folder, "camt.054.001.08.xsd"), SCHEMA);
  await writeFile(join(folder, "camt.053.001.08.xsd"), "<not-a-schema/>");
});
afterAll(() => rm(folder, { recursive: true }));

async function codes(text: string): Promise<readonly string[]> {
  return (await validateXsd(utf8(text), folder)).map(({ code }) => code);
}

describe("validation by a folder of schemas", () => {
  it("passes what is valid, also within an envelope and in GB 18030", async () => {
    const good = document("<Amt>1</Amt>");
    expect(await validateXsd(utf8(good), folder)).toEqual([]);
    expect(await validateXsd(utf8(`<Envelope>${good}${good}</Envelope>`), folder)).toEqual([]);
    const declared = `<?xml version="1.0" encoding="GB18030"?>${good}`;
    expect(await validateXsd(utf8(declared), folder)).toEqual([]);
  });

  it("tells every fault of every document with its line", async () => {
    const bad = document("<Amt>-1</Amt>\n<Amt>x</Amt>");
    const reasons = await validateXsd(utf8(`<Envelope>\n${bad}\n${bad}</Envelope>`), folder);
    expect(reasons.map(({ code }) => code)).toEqual(Array(4).fill("schema-violation"));
    expect(reasons.map(({ line }) => line)).toEqual([3, 4, 7, 8]);
    expect(reasons[0]?.message).toContain("Element 'Amt'");
  });

  it("tells lines beyond 65,535 as they are", async () => {
    const far = document(`${"\n".repeat(70_000)}<Amt>-1</Amt>`);
    expect((await validateXsd(utf8(far), folder))[0]?.line).toBe(70_002);
  });

  it("tells a missing, an unusable and a nameless schema apart", async () => {
    expect(await codes(document("").replaceAll("054", "052"))).toEqual(["schema-missing"]);
    expect(await codes(document("").replaceAll("054", "053"))).toEqual(["schema-unusable"]);
    expect(await codes("<Document/>")).toEqual(["schema-missing"]);
    expect(await codes("<html/>")).toEqual(["not-iso20022"]);
    expect(await codes("<Document>")).toEqual(["xml-malformed"]);
    expect(await codes('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Document/>')).toEqual([
      "xml-doctype",
    ]);
  });

  it("finds a schema that is put into the folder later", async () => {
    const later = document("<Amt>1</Amt>").replaceAll("054", "056");
    expect((await validateXsd(utf8(later), folder)).map(({ code }) => code)).toEqual([
      "schema-missing",
    ]);
    await writeFile(join(folder, "camt.056.001.08.xsd"), SCHEMA.replaceAll("054", "056"));
    expect(await validateXsd(utf8(later), folder)).toEqual([]);
  });

  it("never takes a namespace as a path out of the folder", async () => {
    expect(await codes('<Document xmlns="urn:x:../../camt.054.001.08"/>')).toEqual([
      "schema-violation",
    ]);
    expect(await codes('<Document xmlns="urn:x:../../../etc/passwd"/>')).toEqual([
      "schema-missing",
    ]);
  });

  it("leaves nothing of a file behind in the memory of libxml2", async () => {
    await validateXsd(utf8(document("<Amt>1</Amt>")), folder);
    diag.configure({ enabled: true });
    try {
      for (const name of await readdir(FIXTURES)) {
        if (name.endsWith(".xml")) await validateXsd(await readFile(join(FIXTURES, name)), folder);
      }
      await validateXsd(utf8("<Document>"), folder);
      const left = diag.report() as Record<string, { totalInstances: number }>;
      expect(left.XmlDocument?.totalInstances ?? 0).toBe(0);
    } finally {
      diag.configure({ enabled: false });
    }
  });
});
