// What concerns a file as a whole rather than a field: progress, size, neighbours, and headers that are not its own.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readIso20022Bytes } from "./collect-messages.ts";
import { readIso20022 } from "./read-iso20022.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/iso20022");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), "utf8");

describe("a file in memory or on its way", () => {
  it("tells its progress in bytes", async () => {
    const seen: number[] = [];
    const sink = { message: () => {}, entry: () => {}, messageEnd: () => {} };
    const bytes = utf8(fixture("camt054-v08-credit.xml"));
    const source = (async function* () {
      yield bytes.subarray(0, 1000);
      yield bytes.subarray(1000);
    })();
    await readIso20022(source, sink, { onProgress: (bytesRead) => seen.push(bytesRead) });
    expect(seen).toEqual([1000, bytes.length]);
  });

  it("writes a UETR in lower case, however the sender wrote it", async () => {
    const text = fixture("camt054-v08-credit.xml").replace(/<UETR>.*<\/UETR>/, (uetr) =>
      uetr.toUpperCase(),
    );
    const { messages } = await readIso20022Bytes(utf8(text));
    expect(messages[0]?.entries[0]?.transactions[0]?.uetr).toBe(
      "8f14e45f-ceea-467f-9d2c-0a1b2c3d4e5f",
    );
  });

  it("does not lend the header of one document to the next", async () => {
    const text = fixture("two-documents-one-envelope.xml");
    const second = text.lastIndexOf("<head:AppHdr");
    const bare = text.slice(0, second) + text.slice(text.indexOf("<c3:Document"));
    const { messages } = await readIso20022Bytes(utf8(bare));
    expect(messages.map(({ messageId, senderBic }) => [messageId, senderBic])).toEqual([
      ["BIZ-20260713-0002", "SAMPCN2CXXX"],
      ["STM-20260713-0045", null],
    ]);
  });

  it("resolves a prefix by the element that it stands in, not by one before", async () => {
    const text = fixture("camt054-v08-credit.xml")
      .replace("<Ntry>", '<p:X xmlns:p="urn:other" xmlns="urn:other"><Ntry/></p:X><Ntry>')
      .replace("</Ntry>\n", '</Ntry><p:X xmlns:p="urn:again"/>\n');
    const { messages, refusals } = await readIso20022Bytes(utf8(text));
    expect(refusals).toEqual([]);
    expect(messages[0]?.entries.map(({ amount }) => amount.minor)).toEqual([1234567n]);
    const leaked = text.replace('xmlns:p="urn:again"', "");
    const { refusals: reasons } = await readIso20022Bytes(utf8(leaked));
    expect(reasons.map(({ code }) => code)).toEqual(["xml-prefix-undeclared"]);
  });

  it("says nothing about charges paid on top of the amount being part of it", async () => {
    const text = fixture("pacs008-v08.xml").replace("<ChrgBr>CRED<", "<ChrgBr>DEBT<");
    const { messages } = await readIso20022Bytes(utf8(text));
    const [charge] = messages[0]?.entries[0]?.transactions[0]?.charges ?? [];
    expect([charge?.bearer, charge?.included]).toEqual(["DEBT", null]);
  });

  it("takes the settlement date of the group where a payment has none", async () => {
    const text = fixture("pacs008-v08.xml")
      .replaceAll("<IntrBkSttlmDt>2026-07-13</IntrBkSttlmDt>", "")
      .replace("<SttlmInf>", "<IntrBkSttlmDt>2026-07-16</IntrBkSttlmDt><SttlmInf>");
    const { messages } = await readIso20022Bytes(utf8(text));
    expect(messages[0]?.entries.map(({ valueOn }) => valueOn)).toEqual([
      "2026-07-16",
      "2026-07-16",
    ]);
  });

  it("reads a euro sign of windows-1252 alike in a short and in a long file", async () => {
    const account = "<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>";
    const file = (pad: string): Uint8Array =>
      Buffer.from(
        `<?xml version="1.0" encoding="windows-1252"?><Document><BkToCstmrDbtCdtNtfctn><Ntfctn>
        <Id>\u0080 5${pad}</Id>${account}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`,
        "latin1",
      );
    for (const pad of ["", ".".repeat(3000)]) {
      const { messages } = await readIso20022Bytes(file(pad));
      expect(messages[0]?.statementId).toBe(`€ 5${pad}`);
    }
  });

  it("of a batch of ten thousand transactions is read, though no record may be that large", async () => {
    const text = fixture("camt054-v08-batch.xml");
    const start = text.indexOf("<TxDtls>");
    const end = text.indexOf("</TxDtls>") + "</TxDtls>".length;
    const count = 10_000;
    const many =
      `${text.slice(0, start)}${text.slice(start, end).repeat(count)}</NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
        .replace("<NbOfTxs>3<", `<NbOfTxs>${count}<`)
        .replaceAll(">600.06<", `>${100 * count}.00<`)
        .replaceAll(">100.01<", ">100.00<");
    const { messages, refusals } = await readIso20022Bytes(utf8(many));
    expect(refusals).toEqual([]);
    expect(messages[0]?.reasons).toEqual([]);
    expect(messages[0]?.entries[0]?.transactions.length).toBe(count);
  });
});
