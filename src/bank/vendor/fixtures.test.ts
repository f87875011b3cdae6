// Every made-up file of fixtures/vendor reads to its ".expected.json". UPDATE_FIXTURES=1 writes them anew; the
// difference is then reviewed like code.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { noticesOf } from "../notice.ts";
import { readBankFile } from "../read-bank-file.ts";
import { sniffBankFile } from "../sniff.ts";
import {
  cibItem,
  readCibAnswer,
  readCibQuestion,
  writeCibAnswer,
  writeCibNotice,
  writeCibQuestion,
} from "./cib.ts";
import {
  cmbItem,
  cmbNotices,
  readCmbAnswer,
  readCmbQuestion,
  writeCmbAnswer,
  writeCmbNotice,
  writeCmbQuestion,
} from "./cmb.ts";
import { readXmlTree, type XmlElement } from "./xml-tree.ts";

const folder = fileURLToPath(new URL("../../../fixtures/vendor/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".xml"));

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 100) yield bytes.subarray(from, from + 100);
}

const readBytes = (bytes: Uint8Array) => {
  const format = sniffBankFile(bytes);
  if (format === null) throw new Error("no bank file");
  return readBankFile(pieces(bytes), format);
};

function tree(bytes: Uint8Array): XmlElement {
  const read = readXmlTree(bytes);
  if (!read.ok) throw new Error(read.reason.message);
  return read.root;
}

/** As JSON without what is absent (null, empty lists, false), amounts as digits of minor units. */
function asJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, part: unknown) => {
      if (typeof part === "bigint") return part.toString();
      const isAbsent =
        part === null || part === false || (Array.isArray(part) && part.length === 0);
      return isAbsent ? undefined : part;
    },
    2,
  );
  return `${text}\n`;
}

describe("documents of banks' own interfaces", () => {
  it("are there", () => {
    expect(files).toHaveLength(2);
  });

  it.each(files)("%s reads as expected", async (name) => {
    const reading = await readBytes(readFileSync(folder + name));
    const expected = `${folder}${name}.expected.json`;
    if (process.env["UPDATE_FIXTURES"] === "1") writeFileSync(expected, asJson(reading));
    expect(asJson(reading)).toBe(readFileSync(expected, "utf8"));
  });

  it.each(["<FOX/>", "<CMBSDKPGK><INFO/></CMBSDKPGK>", '<?xml version="1.0"?><FOX><!-- --></FOX>'])(
    "without a notice of money are refused: %s",
    async (text) => {
      const { refusals, messages } = await readBytes(Buffer.from(text));
      expect(refusals).toMatchObject([{ code: "vendor-notice-none" }]);
      expect(messages).toEqual([]);
    },
  );

  it.each([
    ["<!DOCTYPE FOX [<!ENTITY a 'b'>]><FOX>&a;</FOX>", "xml-doctype"],
    ["<FOX><SECURITIES_MSGSRSV1>", "xml-cut-off"],
    [`<FOX>${"<a>".repeat(80)}`, "xml-too-deep"],
  ])("that are hostile or cut off are refused: %s", async (text, code) => {
    const tree = readXmlTree(Buffer.from(text));
    expect(tree).toMatchObject({ ok: false, reason: { code } });
  });
});

const asKey = (message: { messageId: string | null; verdict: string }) => [
  message.messageId,
  message.verdict,
];

describe("a notice as the inbox keeps it", () => {
  it("says of CIB's money what the whole answer says, one document each", async () => {
    const bytes = readFileSync(`${folder}cib-receipts.xml`);
    const whole = await readBytes(bytes);
    const answer = readCibAnswer(tree(bytes));
    expect(answer).toMatchObject({ code: "0", more: false });
    for (const [index, notice] of answer!.notices.entries()) {
      const alone = await readBytes(writeCibNotice(notice));
      const identities = (message: (typeof whole.messages)[number]) =>
        noticesOf(message, "").map(({ identity }) => identity);
      expect(alone.messages).toHaveLength(1);
      expect(identities(alone.messages[0]!)).toEqual(identities(whole.messages[index]!));
      expect(alone.messages[0]!.reasons.map(({ code }) => code)).toEqual(
        whole.messages[index]!.reasons.map(({ code }) => code),
      );
    }
    expect(cibItem(answer!.notices[0]!)).toEqual({
      key: "JZS20261123000001",
      money: ["12345.6", "USD", "3461 0010 0100 2003", "2026-11-23"],
    });
  });

  it("says of CMB's money what the whole answer says, and keeps notices of other kinds apart", async () => {
    const bytes = readFileSync(`${folder}cmb-notices.xml`);
    const whole = await readBytes(bytes);
    const notices = cmbNotices(tree(bytes));
    expect(notices).toHaveLength(5);
    const alone = await Promise.all(notices.map((notice) => readBytes(writeCmbNotice(notice))));
    expect(
      alone
        .flatMap(({ messages }) => messages.map((message) => ({ ...message, line: 0 })))
        .map(asKey),
    ).toEqual(whole.messages.map(asKey));
    expect(alone[3]!.refusals).toMatchObject([{ code: "vendor-notice-none" }]);
    expect(cmbItem(notices[0]!)?.key).toBe("202611230000000001");
  });
});

describe("the two sides of an interface", () => {
  it("understand each other's questions", () => {
    const asked = {
      customerId: "1000000001",
      userId: "channel",
      password: "<secret> & more",
      clientTime: "2026-11-23 12:05:06",
      transactionId: "q-1",
      beginOn: "2026-11-22",
      endOn: "2026-11-23",
      page: 3,
    };
    expect(readCibQuestion(tree(writeCibQuestion(asked)))).toEqual(asked);
    const history = {
      kind: "history" as const,
      loginName: "重庆",
      type: "NCCRTTRS" as const,
      beginOn: "20261122",
      endOn: "20261123",
      after: null,
      count: 2000,
    };
    expect(readCmbQuestion(tree(writeCmbQuestion(history)))).toEqual(history);
    expect(readCmbQuestion(tree(writeCmbQuestion({ ...history, after: "7" })))).toEqual({
      ...history,
      after: "7",
    });
    const fresh = { kind: "new" as const, loginName: "a" };
    expect(readCmbQuestion(tree(writeCmbQuestion(fresh)))).toEqual(fresh);
    expect(readCibQuestion(tree(writeCmbQuestion(fresh)))).toBeNull();
  });

  it("understand each other's answers, also those that say no", async () => {
    const well = writeCibAnswer({
      transactionId: "q-1",
      code: "0",
      message: "成功",
      serverTime: "2026-11-23 12:05:06",
      more: true,
      notices: [
        {
          STL_BIZ_NO: "1",
          PAYEE_ACCT_NO: "2",
          CURRENCY: "USD",
          REMIT_AMOUNT: "3.00",
          BIZ_DATE: "2026-11-23",
          REMIT_MEMO: "货款",
        },
      ],
    });
    expect(readCibAnswer(tree(well))).toMatchObject({ code: "0", message: "成功", more: true });
    expect((await readBytes(well)).messages[0]!.entries[0]!.transactions[0]!.remittance).toEqual([
      "货款",
    ]);
    const no = {
      transactionId: "q",
      code: "2000",
      message: "密码错误",
      serverTime: "",
      more: false,
      notices: [],
    };
    expect(readCibAnswer(tree(writeCibAnswer(no)))).toMatchObject({
      code: "2000",
      message: "密码错误",
      notices: [],
    });
    const cmb = writeCmbAnswer({
      question: "history",
      code: "-5",
      message: "请求太频繁",
      notices: [{ MSGTYP: "NCCRTTRS", MSGNBR: "1" }],
    });
    expect(readCmbAnswer(tree(cmb))).toMatchObject({
      code: "-5",
      message: "请求太频繁",
      notices: [{ name: "NCCRTTRSY" }],
    });
    expect(readCmbAnswer(tree(well))).toBeNull();
    expect(readCibAnswer(tree(cmb))).toBeNull();
  });
});
