import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Money } from "../../money/money.ts";
import { formatMoney } from "../../money/money.ts";
import type { BankMessage } from "../message.ts";
import { readIso20022Bytes } from "./collect-messages.ts";
import { readIso20022 } from "./read-iso20022.ts";
import { validateXsd } from "./xsd.ts";

const FIXTURES = join(import.meta.dirname, "../../../fixtures/iso20022");
const SHARED = join(import.meta.dirname, "../../../../shared/samples");
const SCHEMAS = join(SHARED, "xsd");
const names = readdirSync(FIXTURES).filter((name) => name.endsWith(".xml"));

async function messagesOf(name: string): Promise<readonly BankMessage[]> {
  const { refusals, messages } = await readIso20022Bytes(readFileSync(join(FIXTURES, name)));
  expect(refusals).toEqual([]);
  return messages;
}

async function messageOf(name: string): Promise<BankMessage> {
  const messages = await messagesOf(name);
  expect(messages.length).toBe(1);
  return messages[0] as BankMessage;
}

const isMoney = (value: unknown): value is Money =>
  typeof value === "object" && value !== null && "minor" in value;

/** For the expected file: money as "USD 12.50", absent fields left out. */
function told(value: unknown): unknown {
  if (isMoney(value)) return `${value.currency} ${formatMoney(value)}`;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([, part]) => part !== null && !(Array.isArray(part) && part.length === 0),
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, told(part)]));
}

describe("every made-up bank file", () => {
  it.each(names)("%s is read as its expected file says", async (name) => {
    const text = `${JSON.stringify(told(await messagesOf(name)), null, 2)}\n`;
    const expected = join(FIXTURES, name.replace(/\.xml$/, ".expected.json"));
    await expect(text).toMatchFileSnapshot(expected);
  });

  it.skipIf(!existsSync(SCHEMAS)).each(names)(
    "%s is valid by its ISO schema or breaks it knowingly (skipped where schemas are absent)",
    async (name) => {
      const reasons = await validateXsd(readFileSync(join(FIXTURES, name)), SCHEMAS);
      const known: Record<string, readonly string[]> = {
        "camt053-v08-one-wrong.xml": ["schema-violation", "schema-violation"],
        "camt054-no-namespace.xml": ["schema-missing"],
      };
      expect(reasons.map(({ code }) => code)).toEqual(known[name] ?? []);
    },
  );

  it.each(names)("%s is read alike however it is cut into chunks", async (name) => {
    const bytes = readFileSync(join(FIXTURES, name));
    const whole = await messagesOf(name);
    for (const size of [1, 7, 4096]) {
      const seen: unknown[] = [];
      const { refusals } = await readIso20022(
        (async function* () {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        })(),
        {
          message: (header) => seen.push(header),
          entry: (entry) => seen.push(entry),
          messageEnd: (proof) => seen.push(proof),
        },
      );
      expect(refusals).toEqual([]);
      const flat = whole.flatMap(({ entries, balances, verdict, reasons, ...header }) => [
        header,
        ...entries,
        { balances, verdict, reasons },
      ]);
      expect(seen).toEqual(flat);
    }
  });
});

describe("a credit advice", () => {
  it("tells the payer, the trace id, the UETR and the account of a Chinese bank", async () => {
    const message = await messageOf("camt054-v08-credit.xml");
    expect(message).toMatchObject({
      family: "camt.054",
      format: "camt.054.001.08",
      verdict: "read",
      messageId: "NTF-20260713-0001",
      createdAt: "2026-07-13T02:15:30.000Z",
      account: {
        number: "50010123600050001234",
        currency: "USD",
        servicerBic: "SAMPCN2CXXX",
        ownerName: "Chongqing Shancheng E-Commerce Co., Ltd.",
      },
    });
    const [entry] = message.entries;
    expect(entry).toMatchObject({
      amount: { currency: "USD", minor: 1234567n },
      direction: "credit",
      status: "booked",
      bookedOn: "2026-07-13",
      valueOn: "2026-07-14",
      servicerReference: "CQ26071300001234",
      typeCode: "PMNT/RCDT/XBCT",
    });
    expect(entry?.transactions[0]).toMatchObject({
      endToEndId: null,
      uetr: "8f14e45f-ceea-467f-9d2c-0a1b2c3d4e5f",
      clearingReference: "0000000000000042",
      payer: {
        name: "Amazon.com Services LLC",
        account: "000123456789",
        bic: "SAMPUS33XXX",
        country: "US",
      },
      ultimatePayer: { name: "Amazon.com, Inc.", country: "US" },
      purpose: "GDDS",
      remittance: ["AMZN SELLER PMT 6F7A8B9C0D1E", "SETTLEMENT 17654321098"],
      additionalInfo: "Inward remittance & advice",
    });
  });

  it("says the same credit in versions 01, 02, 08 and 12, with and without namespace", async () => {
    const amounts = await Promise.all(
      [
        "camt054-v01-credit.xml",
        "camt054-v02-credit.xml",
        "camt054-v12-credit.xml",
        "camt054-no-namespace.xml",
      ].map(async (name) => {
        const { account, entries } = await messageOf(name);
        return [account.number, told(entries[0]?.amount), entries[0]?.status];
      }),
    );
    expect(amounts).toEqual([
      ["50010123600050001234", "USD 30.00", "booked"],
      ["50010123600050001234", "USD 8850.00", "booked"],
      ["50010123600050001234", "JPY 7600", "booked"],
      ["50010123600050001234", "USD 250.10", "booked"],
    ]);
  });

  it("keeps leading zeros of references and never turns them into numbers", async () => {
    const { entries } = await messageOf("camt054-v02-credit.xml");
    expect(entries[0]?.servicerReference).toBe("00000000000000000000000000000777");
    expect(entries[0]?.transactions[0]?.remittance).toEqual([
      "INV-2019-03",
      "00012345678901",
      "TRACE 1A2B3C4D5E",
    ]);
  });

  it("in an envelope takes sender, id and possible duplicate from the envelope", async () => {
    expect(await messageOf("camt054-v08-enveloped.xml")).toMatchObject({
      messageId: "BIZ-20260713-0001",
      senderBic: "SAMPCN2CXXX",
      copy: "DUPL",
      entries: [{ transactions: [{ payer: { bic: "SAMPSGSGXXX", country: "SG" } }] }],
    });
    const both = await messagesOf("two-documents-one-envelope.xml");
    expect(both.map(({ messageId, family }) => [messageId, family])).toEqual([
      ["BIZ-20260713-0002", "camt.054"],
      ["BIZ-20260713-0003", "camt.053"],
    ]);
  });

  it("in GB 18030, UTF-16 or windows-1252 is read as its writer meant it", async () => {
    const gb = await messageOf("camt054-v08-gb18030.xml");
    const wide = await messageOf("camt054-v08-utf16.xml");
    expect(gb.account.ownerName).toBe("重庆山城电子商务有限公司");
    expect(gb.entries[0]?.additionalInfo).toBe("跨境电商收汇 貨款 𠮷");
    expect(gb.entries[0]?.transactions).toEqual(wide.entries[0]?.transactions);
    const western = await messageOf("camt054-v02-windows-1252.xml");
    expect(western.entries[0]?.additionalInfo).toBe("Gutschrift über 5 € – Zürich");
  });

  it("that is a copy or duplicate says so", async () => {
    const messages = await messagesOf("camt054-v08-copies.xml");
    expect(messages.map(({ copy }) => copy)).toEqual(["COPY", "DUPL", "CODU"]);
  });
});

describe("an entry", () => {
  it("with charges names what was instructed and what was taken", async () => {
    const { entries } = await messageOf("camt054-v08-charges.xml");
    const [net, gross] = entries.map(({ transactions }) => transactions[0]);
    expect(told(net?.amount)).toBe("USD 9975.00");
    expect(told(net?.instructedAmount)).toBe("USD 10000.00");
    expect(
      net?.charges.map(({ amount, bearer, included }) => [told(amount), bearer, included]),
    ).toEqual([
      ["USD 15.00", "SHAR", true],
      ["USD 10.00", "SHAR", true],
    ]);
    expect(told([gross?.amount, gross?.instructedAmount])).toEqual(["USD 4980.00", "USD 5000.00"]);
  });

  it("of exchanged money keeps the rate as the exact text of the bank", async () => {
    const { entries } = await messageOf("camt054-v08-exchange.xml");
    expect(entries[0]?.transactions[0]?.exchange).toEqual({
      sourceCurrency: "EUR",
      targetCurrency: "USD",
      unitCurrency: "EUR",
      rate: "1.0842000000",
      contractId: "FXC-20260713-9",
      quotedAt: "2026-07-13T01:59:58.000Z",
    });
  });

  it("that is a batch is split into transactions that sum to it, also net of charges on the batch", async () => {
    const { entries, verdict } = await messageOf("camt054-v08-batch.xml");
    expect(verdict).toBe("read");
    expect(
      entries.map(({ transactions }) => transactions.map(({ amount }) => told(amount))),
    ).toEqual([
      ["USD 100.01", "USD 200.02", "USD 300.03"],
      ["USD 100.01", "USD 200.02", "USD 300.03"],
    ]);
    expect(told(entries[1]?.amount)).toBe("USD 590.06");
    expect(told(entries[1]?.charges[0]?.amount)).toBe("USD 10.00");
  });

  it("that is a batch with a wrong count, total or sum quarantines its message, each with its line", async () => {
    const { verdict, reasons } = await messageOf("camt054-v08-batch-wrong.xml");
    expect(verdict).toBe("quarantined");
    expect(reasons.map(({ code, line }) => [code, line])).toEqual([
      ["batch-count-wrong", 50],
      ["batch-total-wrong", 50],
      ["transactions-sum-wrong", 27],
    ]);
  });

  it("whose details say no amounts stays one transaction and loses no reference", async () => {
    const { entries } = await messageOf("camt054-v08-unsplit-batch.xml");
    expect(entries[0]?.transactions.length).toBe(1);
    const [only] = entries[0]?.transactions ?? [];
    expect(told(only?.amount)).toBe("USD 600.06");
    expect(only?.endToEndId).toBeNull();
    expect(only?.payer?.name).toBe("Amazon.com Services LLC");
    expect(only?.remittance).toEqual([
      "STORE A TRACE AA01",
      "STORE B TRACE AA02",
      "STORE C TRACE AA03",
      "B-1",
      "B-2",
      "B-3",
    ]);
  });

  it("that reverses another keeps the final sign, whatever its details still say", async () => {
    const { entries, verdict } = await messageOf("camt054-v08-reversal.xml");
    expect(verdict).toBe("read");
    expect(entries[0]).toMatchObject({
      reversal: true,
      direction: "debit",
      transactions: [{ direction: "debit", servicerReference: "CQ26071300001234-1" }],
    });
  });

  it("that is a return names the reason and the original payment", async () => {
    const { entries } = await messageOf("camt054-v08-return.xml");
    expect(entries[0]?.typeCode).toBe("PMNT/ICDT/RRTN");
    expect(entries[0]?.transactions[0]?.returned).toEqual({
      reasonCode: "AC04",
      reasonText: "Account closed on 2026-06-30",
      originalUetr: "2c5ea4c0-4067-41fe-8bad-9c1d2e3f4a5b",
      originalEndToEndId: "SUPPLIER-55",
      originalInstructionId: null,
      originalTransactionId: null,
    });
  });

  it("keeps its place when its reference repeats", async () => {
    const { entries, verdict } = await messageOf("camt053-v08-repeated-reference.xml");
    expect(verdict).toBe("proven");
    expect(entries.map(({ index, servicerReference }) => [index, servicerReference])).toEqual([
      [0, "SAMEREF"],
      [1, "SAMEREF"],
      [2, "SAMEREF"],
    ]);
  });
});

describe("a statement", () => {
  it("proves in dollars, yen and dinar, each with the decimals of its currency", async () => {
    const messages = await messagesOf("camt053-v08-three-currencies.xml");
    expect(messages.map(({ verdict }) => verdict)).toEqual(["proven", "proven", "proven"]);
    const minors = messages.map(({ entries }) => entries.map(({ amount }) => amount.minor));
    expect(minors).toEqual([[29n, 1999n, 500n, 99900n], [1000n, 8850n], [1234n]]);
  });

  it("with a wrong figure is quarantined with every line, its neighbours are not", async () => {
    const messages = await messagesOf("camt053-v08-one-wrong.xml");
    expect(messages.map(({ verdict }) => verdict)).toEqual(["proven", "quarantined", "proven"]);
    expect(messages[1]?.reasons.map(({ code, line }) => [code, line])).toEqual([
      ["amount-too-fine", 144],
      ["amount-negative", 167],
      ["currency-unknown", 190],
      ["date-unreadable", 219],
    ]);
  });

  it("in pages proves page by page; a page that repeats the whole statement's balances is only read", async () => {
    const messages = await messagesOf("camt053-v08-pages.xml");
    expect(messages.map(({ verdict, page }) => [verdict, page])).toEqual([
      ["proven", { number: "1", last: false }],
      ["proven", { number: "2", last: false }],
      ["proven", { number: "3", last: true }],
      ["read", { number: "1", last: false }],
    ]);
  });

  it("of the running day keeps what is not booked apart from what is", async () => {
    const { entries, verdict } = await messageOf("camt052-v08-pending.xml");
    expect(verdict).toBe("proven");
    expect(entries.map(({ status }) => status)).toEqual([
      "pending",
      "booked",
      "information",
      "future",
      "unknown",
    ]);
  });
});

describe("a payment between banks", () => {
  it("is information on the creditor's account, one message per account", async () => {
    const messages = await messagesOf("pacs008-v08.xml");
    expect(
      messages.map(({ account, entries }) => [
        account.number,
        entries.map(({ amount, status, valueOn }) => [told(amount), status, valueOn]),
      ]),
    ).toEqual([
      [
        "50010123600050001234",
        [
          ["USD 980.00", "information", "2026-07-13"],
          ["USD 2000.00", "information", "2026-07-13"],
        ],
      ],
      ["50010123600050009999", [["USD 500.00", "information", "2026-07-13"]]],
    ]);
    const [first, second] = (messages[0] as BankMessage).entries.map(
      ({ transactions }) => transactions[0],
    );
    expect(told(first?.instructedAmount)).toBe("USD 1000.00");
    expect(
      first?.charges.map(({ amount, bearer, agentBic }) => [told(amount), bearer, agentBic]),
    ).toEqual([
      ["USD 12.00", "CRED", "SAMPUS33XXX"],
      ["USD 8.00", "CRED", "SAMPHKHHXXX"],
    ]);
    expect(first?.charges.map(({ included }) => included)).toEqual([true, true]);
    expect(second?.exchange?.rate).toBe("1.0869565217");
    expect(second?.charges.map(({ amount, bearer }) => [told(amount), bearer])).toEqual([
      ["USD 0.00", "SHAR"],
    ]);
  });

  it("whose group header contradicts the payments is quarantined on every account", async () => {
    const messages = await messagesOf("pacs008-v08-wrong-total.xml");
    expect(messages.map(({ verdict }) => verdict)).toEqual(["quarantined", "quarantined"]);
    expect(messages[0]?.reasons.map(({ code }) => code)).toEqual([
      "group-count-wrong",
      "group-total-wrong",
      "group-total-wrong",
    ]);
  });

  it("that goes back is a debit that names the original payment and the reason", async () => {
    const [known, unknown] = await messagesOf("pacs004-v09.xml");
    expect(known?.account.number).toBe("50010123600050001234");
    expect(known?.entries[0]).toMatchObject({
      direction: "debit",
      amount: { minor: 97000n },
      transactions: [
        {
          returned: {
            reasonCode: "AC04",
            reasonText: "Account closed",
            originalUetr: "9a8b7c6d-5e4f-4a3b-9c2d-1e0f1a2b3c4d",
            originalEndToEndId: "E2E-P8-1",
            originalInstructionId: "INSTR-P8-1",
            originalTransactionId: "TX-P8-1",
          },
        },
      ],
    });
    expect(unknown?.account.number).toBe("");
    expect(unknown?.entries[0]?.transactions[0]?.returned?.reasonCode).toBe("FOCR");
  });
});
