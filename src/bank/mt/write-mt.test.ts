import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import { parseCivilDate, parseInstant } from "../../time/instant.ts";
import { readMtBytes } from "./read-mt-bytes.ts";
import type { Mt910Advice, Mt940Entry, Mt940Statement } from "./write-mt.ts";
import { writeMt910, writeMt940 } from "./write-mt.ts";

const usd = currencyOf("USD")!;
const day = (text: string) => parseCivilDate(text)!;
const sentAt = parseInstant("2025-11-28T16:11:00Z")!;

const credit: Mt940Entry = {
  valueOn: day("2025-11-28"),
  bookedOn: day("2025-12-01"),
  amountMinor: 821437n,
  direction: "credit",
  reversal: false,
  typeCode: "NTRF",
  ownerReference: "AMZP7K2Q4XD1",
  servicerReference: "FT2511280001",
  details: "AMAZON PAYMENTS TRACE 7K2Q4XD1900155",
};
const statement: Mt940Statement = {
  envelope: null,
  reference: "ST1",
  account: "3100-0278",
  statementNumber: "231/1",
  currency: usd,
  openingOn: day("2025-11-27"),
  openingMinor: -5n,
  closingOn: day("2025-11-28"),
  entries: [credit],
};
const advice: Mt910Advice = {
  envelope: {
    senderBic: "SGBKSGSG",
    receiverBic: "CQFXCNBJ001",
    sentAt,
    userReference: "MUR1",
    uetr: "eb6305c9-1f7f-49de-aed0-16487c27b42d",
    possibleDuplicate: true,
  },
  reference: "CR1",
  relatedReference: null,
  account: "3100-0278",
  postedAt: sentAt,
  valueOn: day("2025-11-28"),
  amount: { currency: usd, minor: 821437n },
  payer: { account: "4401", nameLines: ["AMAZON.COM SERVICES LLC", "SEATTLE"] },
  payerAgentBic: "AMZBUS33",
  information: "/ACC/TRACE 7K2Q4XD1900155",
};

function refusalOf(outcome: ReturnType<typeof writeMt940>) {
  return outcome.ok ? null : outcome.refusal.code;
}

describe("writing MT940", () => {
  it("writes the fields in the order of the standard and computes the closing balance", () => {
    expect(writeMt940(statement)).toEqual({
      ok: true,
      value: [
        ":20:ST1",
        ":25:3100-0278",
        ":28C:231/1",
        ":60F:D251127USD0,05",
        ":61:2511281201C8214,37NTRFAMZP7K2Q4XD1//FT2511280001",
        ":86:AMAZON PAYMENTS TRACE 7K2Q4XD1900155",
        ":62F:C251128USD8214,32",
        "-",
        "",
      ].join("\r\n"),
    });
  });

  it.each<[string, Partial<Mt940Statement>]>([
    ["a reference of 17 characters", { reference: "12345678901234567" }],
    ["a reference with two slashes", { reference: "A//B" }],
    ["an account that looks like a field", { account: ":20:X" }],
    ["a statement number of text", { statementNumber: "A/1" }],
    ["a balance longer than 15 characters", { openingMinor: 10n ** 15n }],
    ["a closing date that YYMMDD cannot say", { closingOn: day("1979-12-31") }],
    ["a sender that is no BIC", { envelope: { ...advice.envelope!, senderBic: "X" } }],
    ["a negative amount", { entries: [{ ...credit, amountMinor: -1n }] }],
    ["a type of three characters", { entries: [{ ...credit, typeCode: "TRF" }] }],
    ["an entry date a year away", { entries: [{ ...credit, bookedOn: day("2026-11-28") }] }],
    ["details with a line feed", { entries: [{ ...credit, details: "A\n:62F:C" }] }],
    ["details with braces", { entries: [{ ...credit, details: "-}{1:" }] }],
    ["details of seven lines", { entries: [{ ...credit, details: "x".repeat(391) }] }],
  ])("refuses %s", (_name, change) => {
    expect(refusalOf(writeMt940({ ...statement, ...change }))).toBe("mt-value-unwritable");
  });

  it("breaks details so that no line begins like a field or an end", async () => {
    const details = `${"x".repeat(65)}-${"y".repeat(63)}:z`;
    const written = writeMt940({ ...statement, entries: [{ ...credit, details }] });
    if (!written.ok) throw new Error(written.refusal.message);
    const { messages } = await readMtBytes(Buffer.from(written.value));
    expect(messages[0]?.verdict).toBe("proven");
    const remittance = messages[0]?.entries[0]?.transactions[0]?.remittance ?? [];
    expect(remittance.join("")).toBe(details);
  });
});

describe("writing MT910", () => {
  it("reads back with money, references, payer and copy mark", async () => {
    const written = writeMt910(advice);
    if (!written.ok) throw new Error(written.refusal.message);
    const { messages, refusals } = await readMtBytes(Buffer.from(written.value));
    expect(refusals).toEqual([]);
    expect(messages).toMatchObject([
      {
        family: "mt910",
        verdict: "read",
        senderBic: "SGBKSGSG",
        createdAt: sentAt,
        copy: "DUPL",
        account: { number: "3100-0278" },
        entries: [
          {
            amount: advice.amount,
            valueOn: advice.valueOn,
            servicerReference: "CR1",
            transactions: [
              {
                endToEndId: null,
                uetr: advice.envelope?.uetr,
                payer: { name: "AMAZON.COM SERVICES LLC", account: "4401" },
                payerAgent: { bic: "AMZBUS33" },
                remittance: ["/ACC/TRACE 7K2Q4XD1900155"],
              },
            ],
          },
        ],
      },
    ]);
  });

  it("refuses an advice that names neither payer nor the payer's bank", () => {
    expect(refusalOf(writeMt910({ ...advice, payer: null, payerAgentBic: null }))).toBe(
      "mt-value-unwritable",
    );
  });
});
