import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BANK_FILE_BYTES_MAX } from "../limits.ts";
import { MT_FIELD_LINES_MAX, MT_LINE_CHARS_MAX } from "./limits.ts";
import { readMt } from "./read-mt.ts";
import { readMtBytes } from "./read-mt-bytes.ts";
import { MT_REASONS } from "./reasons.ts";

const STATEMENT = [
  ":20:REF1",
  ":25:12345",
  ":28C:7/1",
  ":60F:C251127USD10,00",
  ":61:2511281128C5,00NTRFA1//B1",
  ":86:TRACE 7K2Q",
  ":62F:C251128USD15,00",
];
const ADVICE = [":20:R1", ":21:E1", ":25:12345", ":32A:251128USD5,00", ":50K:AMAZON"];
const TRANSFER = [
  ":20:T1",
  ":23B:CRED",
  ":32A:251128USD5,00",
  ":50K:AMAZON",
  ":59:/12345",
  "SELLER",
  ":71A:OUR",
];

function bare(fields: readonly string[]): string {
  return `${fields.join("\r\n")}\r\n-\r\n`;
}

function fin(type: string, fields: readonly string[], trailer = "{5:{CHK:0}}"): string {
  const block2 = `{2:O${type}1200251128SGBKSGSGAXXX00000000002511281200N}`;
  return `{1:F01CQFXCNBJAXXX0000000000}${block2}{4:\r\n${fields.join("\r\n")}\r\n-}${trailer}\r\n`;
}

async function read(text: string) {
  return readMtBytes(Buffer.from(text, "latin1"));
}

async function only(text: string) {
  const { messages, refusals } = await read(text);
  expect(refusals).toEqual([]);
  expect(messages).toHaveLength(1);
  return messages[0]!;
}

const codes = (reasons: readonly { code: string }[]) => reasons.map(({ code }) => code);

async function refusalOf(text: string) {
  const { messages, refusals } = await read(text);
  expect(messages).toEqual([]);
  expect(refusals).toHaveLength(1);
  return { code: refusals[0]!.code, line: refusals[0]!.line };
}

async function reasonsOf(text: string) {
  const message = await only(text);
  expect(message.verdict).toBe("quarantined");
  return message.reasons.map(({ code, line }) => `${code} ${line}`);
}

const without = (fields: readonly string[], tag: string) =>
  fields.filter((field) => !field.startsWith(`:${tag}:`));
const replaced = (fields: readonly string[], tag: string, value: string) =>
  fields.map((field) => (field.startsWith(`:${tag}:`) ? `:${tag}:${value}` : field));

describe("the proof of a statement", () => {
  it("holds when opening and entries make the closing balance", async () => {
    expect(await only(bare(STATEMENT))).toMatchObject({
      verdict: "proven",
      reasons: [],
      entries: [{ amount: { minor: 500n }, servicerReference: "B1", entryReference: "A1" }],
    });
  });

  it("names both numbers when they do not", async () => {
    const message = await only(bare(replaced(STATEMENT, "62F", "C251128USD15,01")));
    expect(message.verdict).toBe("quarantined");
    expect(message.reasons).toEqual([
      {
        code: "mt-balance-mismatch",
        line: 7,
        message:
          "Opening USD 10.00 and 1 entries of together USD 5.00 make USD 15.00, " +
          "but the closing balance :62F: says USD 15.01.",
      },
    ]);
  });

  it("counts a debit balance as owed", async () => {
    const fields = replaced(replaced(STATEMENT, "60F", "D251127USD10,"), "62F", "D251128USD5,00");
    expect((await only(bare(fields))).verdict).toBe("proven");
  });

  it.each(["20", "25", "60F", "62F"])("needs :%s:", async (tag) => {
    const rest = without(STATEMENT, tag);
    expect(await reasonsOf(fin("940", rest))).toEqual(["mt-field-missing 1"]);
  });

  it("refuses a second account currency", async () => {
    expect(await reasonsOf(bare(replaced(STATEMENT, "62F", "C251128EUR15,00")))).toContain(
      "mt-currency-mismatch 7",
    );
    expect(await reasonsOf(bare([...STATEMENT, ":64:C251128EUR15,00"]))).toEqual([
      "mt-currency-mismatch 8",
    ]);
  });

  it("refuses a currency that ISO 4217 does not have", async () => {
    expect(await reasonsOf(bare(replaced(STATEMENT, "60F", "C251127XXQ10,00")))).toContain(
      "mt-currency-unknown 4",
    );
  });

  it("refuses repeated fields and two kinds of one balance", async () => {
    expect(await reasonsOf(bare([...STATEMENT, ":62F:C251128USD15,00"]))).toEqual([
      "mt-field-repeated 8",
    ]);
    expect(await reasonsOf(bare([...STATEMENT, ":62M:C251128USD15,00"]))).toEqual([
      "mt-field-repeated 8",
    ]);
  });

  it("leaves a field of no account aside and says so", async () => {
    const message = await only(bare([...STATEMENT, ":NS:22OWNER"]));
    expect(message.verdict).toBe("proven");
    expect(codes(message.notes ?? [])).toEqual(["mt-note-field-unused"]);
  });

  it("keeps every line that it cannot read as a reason with its text", async () => {
    const fields = STATEMENT.flatMap((field) =>
      field.startsWith(":86:") ? [field, ":61:251128C1.00NTRFX"] : [field],
    );
    const message = await only(bare(fields));
    expect(message.verdict).toBe("quarantined");
    expect(message.reasons[0]?.message).toContain('"1.00"');
  });
});

describe("the envelope", () => {
  it("names sender, user reference and UETR, and marks possible duplicates", async () => {
    const uetr = "EB6305C9-1F7F-49DE-AED0-16487C27B42D";
    const text = fin("910", ADVICE, "{5:{CHK:0}{PDE:}}").replace(
      "{4:",
      `{3:{108:MUR1}{121:${uetr}}}{4:`,
    );
    expect(await only(text)).toMatchObject({
      senderBic: "SGBKSGSG",
      copy: "DUPL",
      entries: [{ transactions: [{ uetr: uetr.toLowerCase(), transactionId: "MUR1" }] }],
    });
    expect((await only(fin("910", ADVICE, "{5:{PDM:}}"))).copy).toBe("DUPL");
    expect((await only(fin("910", ADVICE))).copy).toBeNull();
  });

  it("takes the sender of a message as sent from block 1", async () => {
    const text = fin("910", ADVICE).replace(/\{2:[^}]*\}/, "{2:I910SGBKSGSGXXXXN}");
    expect((await only(text)).senderBic).toBe("CQFXCNBJ");
  });

  it("counts an acknowledged copy once and the acknowledgement not at all", async () => {
    const acknowledgement = "{1:F21CQFXCNBJAXXX0000000000}{4:{177:2511281200}{451:0}}";
    expect((await only(acknowledgement + fin("910", ADVICE))).verdict).toBe("read");
    expect(await refusalOf(acknowledgement)).toEqual({ code: "mt-no-message", line: null });
  });

  it("does not take a message that the network refused for money", async () => {
    const refusedByNetwork = "{1:F21CQFXCNBJAXXX0000000000}{4:{177:2511281200}{451:1}{405:H50}}";
    const reading = await read(refusedByNetwork + fin("910", ADVICE) + fin("910", ADVICE));
    expect(reading.messages.map(({ verdict }) => verdict)).toEqual(["quarantined", "read"]);
    expect(codes(reading.messages[0]!.reasons)).toEqual(["mt-rejected-by-network"]);
  });

  it("does not take a training message for money", async () => {
    expect(await reasonsOf(fin("910", ADVICE, "{5:{TNG:}}"))).toEqual(["mt-training-message 1"]);
  });

  it("quarantines a message whose trailer is damaged, and reads the next", async () => {
    const reading = await read(fin("910", ADVICE, "{5:{PD") + fin("910", ADVICE));
    expect(reading.messages.map(({ verdict }) => verdict)).toEqual(["quarantined", "read"]);
    expect(codes(reading.messages[0]!.reasons)).toEqual(["mt-envelope-broken"]);
  });

  it("reads several messages with RJE separators, on one line or several", async () => {
    const one = fin("940", STATEMENT).trimEnd();
    for (const separator of ["$", "\r\n$\r\n", "\r\n", "\u0003\u0001"])
      expect((await read([one, one, one].join(separator))).messages).toHaveLength(3);
  });

  it("reads the header lines of a bank's portal", async () => {
    expect(await only(`ABNANL2A\n940\nABNANL2A\n${bare(STATEMENT)}`)).toMatchObject({
      verdict: "proven",
      senderBic: "ABNANL2A",
    });
  });
});

describe("a message that is cut off", () => {
  it.each([
    ["a bare statement", `${STATEMENT.slice(0, -1).join("\r\n")}\r\n`, "mt-cut-off 6"],
    ["a FIN statement", fin("940", STATEMENT).split("-}")[0]!, "mt-cut-off 8"],
  ])("is quarantined: %s", async (_name, text, reason) => {
    expect(await reasonsOf(text)).toContain(reason);
  });

  it("is whole without an end mark where the final closing balance proves it, with a note", async () => {
    const { messages } = await read(`${STATEMENT.join("\r\n")}\r\n`);
    expect(messages.map(({ verdict }) => verdict)).toEqual(["proven"]);
    expect(messages[0]?.notes).toMatchObject([{ code: "mt-note-no-end-mark", line: 7 }]);
  });

  it("is quarantined where another one interrupts it", async () => {
    const cut = `${STATEMENT.slice(0, -1).join("\r\n")}\r\n`;
    for (const next of [bare(STATEMENT), fin("940", STATEMENT)]) {
      const { messages } = await read(cut + next);
      expect(messages.map(({ verdict }) => verdict)).toEqual(["quarantined", "proven"]);
    }
  });

  it("refuses the file where the start of a message is missing", async () => {
    expect(await refusalOf(bare(STATEMENT.slice(2)))).toEqual({
      code: "mt-text-outside-message",
      line: 1,
    });
  });
});

describe("the type of a message", () => {
  it("refuses a type that is not read, with its line", async () => {
    expect(await refusalOf(bare(STATEMENT) + fin("101", [":20:X"]))).toEqual({
      code: "mt-type-unsupported",
      line: 9,
    });
    expect(await refusalOf("{1:A01BANKXXXXAXXX}{2:I001X}{4:\r\n-}")).toMatchObject({
      code: "mt-type-unsupported",
    });
  });

  it("does not take a debit advice for a credit advice", async () => {
    const either = [...without(ADVICE, "50K"), ":52A:SGBKSGSG"];
    expect(await refusalOf(bare(either))).toEqual({ code: "mt-type-unknown", line: 1 });
    expect(await refusalOf(fin("900", either))).toMatchObject({ code: "mt-type-unsupported" });
    expect((await only(fin("910", either))).verdict).toBe("read");
  });

  it.each([
    ["mt940", STATEMENT],
    ["mt910", ADVICE],
    ["mt103", TRANSFER],
  ])("is told by the fields alone where that is certain: %s", async (family, fields) => {
    expect((await only(bare(fields))).family).toBe(family);
  });
});

describe("the interim report", () => {
  const report = [
    ":20:R",
    ":25:1",
    ":28C:1/1",
    ":34F:USDD0,",
    ":34F:USDC0,",
    ":13D:2511281730+0800",
    ":61:251128C5,00NTRFA",
    ":61:251128D1,50NTRFB",
    ":61:251128RC0,50NTRFC",
  ];

  it("is read when number and sum of both sides agree, a reversed credit counting as debit", async () => {
    expect(await only(bare([...report, ":90D:2USD2,00", ":90C:1USD5,00"]))).toMatchObject({
      family: "mt942",
      verdict: "read",
      createdAt: "2025-11-28T09:30:00.000Z",
      page: { last: true },
    });
  });

  it("is quarantined when number, sum or currency differ", async () => {
    for (const total of [":90D:3USD2,00", ":90D:2USD2,01", ":90D:2EUR2,00"])
      expect(await reasonsOf(bare([...report, total]))).toEqual(["mt-total-mismatch 10"]);
    expect(await reasonsOf(bare([...report, ":90D:USD2,00"]))).toEqual(["mt-field-malformed 10"]);
  });

  it("is quarantined when it holds a field of another type", async () => {
    expect(await reasonsOf(bare([...report, ":32A:251128USD5,00"]))).toEqual([
      "mt-field-unexpected 10",
    ]);
  });

  it("is quarantined without a currency or with two", async () => {
    expect(await reasonsOf(fin("942", without(report, "34F")))).toEqual(["mt-field-missing 1"]);
    const two = report.map((field) => field.replace("USDC", "EURC"));
    expect(await reasonsOf(bare(two))).toEqual(["mt-currency-mismatch 5"]);
  });
});

describe("the credit advice", () => {
  it("is one booked credit with value date, references, payer and narrative", async () => {
    const fields = [...ADVICE, ":13D:2511281611+0800", ":52A:SGBKSGSG", ":72:/ACC/TRACE 7K2Q"];
    expect(await only(bare(fields))).toMatchObject({
      verdict: "read",
      account: { number: "12345", currency: "USD" },
      entries: [
        {
          direction: "credit",
          status: "booked",
          valueOn: "2025-11-28",
          bookedOn: "2025-11-28",
          servicerReference: "R1",
          transactions: [
            {
              endToEndId: "E1",
              payer: { name: "AMAZON" },
              payerAgent: { bic: "SGBKSGSG" },
              remittance: ["/ACC/TRACE 7K2Q"],
            },
          ],
        },
      ],
    });
  });

  it("is quarantined when its date, amount or time cannot be read", async () => {
    const value = (text: string) => reasonsOf(fin("910", replaced(ADVICE, "32A", text)));
    expect(await value("250230USD5,00")).toEqual(["mt-date-impossible 5"]);
    expect(await value("251128USD5.00")).toEqual(["mt-amount-malformed 5"]);
    expect(await value("251128ZZZ5,00")).toEqual(["mt-currency-unknown 5"]);
    expect(await reasonsOf(bare([...ADVICE, ":13D:2511281611"]))).toEqual(["mt-date-impossible 6"]);
  });
});

describe("the credit transfer", () => {
  it("is information until the caller's policy says that it is money", async () => {
    const message = await only(bare(TRANSFER));
    expect(message.account).toMatchObject({ number: "12345", ownerName: "SELLER" });
    expect(message.entries).toMatchObject([{ status: "information", bookedOn: null }]);
  });

  it.each([
    ["OUR", "1010,00", [":33B:USD1000,00", ":71G:USD10,00"]],
    ["SHA", "982,50", [":33B:USD1000,00", ":71F:USD10,00", ":71F:USD7,50"]],
    ["BEN", "971,00", [":33B:USD1000,00", ":71F:USD0,", ":71F:USD29,"]],
    ["SHA", "1083,50", [":33B:EUR1000,00", ":36:1,0835", ":71F:EUR1,00"]],
  ])("agrees with instructed amount and charges under %s: %s", async (bearer, settled, more) => {
    const fields = replaced(replaced(TRANSFER, "32A", `251128USD${settled}`), "71A", bearer);
    expect((await only(bare([...fields, ...more]))).verdict).toBe("read");
  });

  it("is quarantined when more than instructed was settled, and says both amounts", async () => {
    const fields = replaced(TRANSFER, "32A", "251128USD1015,00");
    const message = await only(bare([...fields, ":33B:USD1000,00"]));
    expect(message.verdict).toBe("quarantined");
    expect(message.reasons[0]).toMatchObject({ code: "mt-charges-mismatch", line: 3 });
    expect(message.reasons[0]?.message).toMatch(/USD 1,000\.00.*USD 1,015\.00/);
  });

  it("is read when a charge is not stated, with a note that says what is missing", async () => {
    const fields = replaced(TRANSFER, "32A", "251128USD985,00");
    const message = await only(bare([...fields, ":33B:USD1000,00"]));
    expect(message.verdict).toBe("read");
    expect(message.notes).toMatchObject([{ code: "mt-note-charges-unstated", line: 3 }]);
    expect(message.notes?.[0]?.message).toContain("USD 15.00 less");
  });

  it("keeps the exact rate and names the return that it is", async () => {
    const fields = [...TRANSFER, ":36:0,92360", ":72:/RETN/99", "/AC04/CLOSED", "/MREF/OUR77"];
    expect((await only(bare(fields))).entries[0]?.transactions[0]).toMatchObject({
      exchange: { rate: "0.92360" },
      returned: { reasonCode: "AC04", originalInstructionId: "OUR77" },
    });
  });
});

describe("a hostile or broken file", () => {
  it("is refused when it is empty, holds NUL bytes or has endless lines", async () => {
    expect(await refusalOf("")).toEqual({ code: "mt-file-empty", line: null });
    expect(await refusalOf(bare(STATEMENT).replace("REF1", "R\0"))).toMatchObject({
      code: "mt-nul-byte",
    });
    expect(await refusalOf(`:20:X\n${"x".repeat(MT_LINE_CHARS_MAX + 1)}\n-\n`)).toEqual({
      code: "mt-line-too-long",
      line: 2,
    });
    expect(await refusalOf("x".repeat(3 * 1024 * 1024))).toMatchObject({
      code: "mt-line-too-long",
    });
  });

  it("is refused when it is UTF-16", async () => {
    const { refusals } = await readMtBytes(Buffer.from(bare(STATEMENT), "utf16le"));
    expect(codes(refusals)).toEqual(["mt-nul-byte"]);
  });

  it("is refused at the size limit, before the rest is read", async () => {
    let given = 0;
    const endless = (async function* () {
      for (;;) {
        given += 1;
        yield Buffer.alloc(1024 * 1024, 0x41);
      }
    })();
    const sink = { message: () => {}, entry: () => {}, messageEnd: () => {} };
    const progress: number[] = [];
    const { refusals } = await readMt(endless, sink, { onProgress: (at) => progress.push(at) });
    expect(codes(refusals)).toEqual(["mt-file-too-large"]);
    expect(given).toBe(BANK_FILE_BYTES_MAX / 1024 / 1024 + 1);
    expect(progress.at(-1)).toBe(given * 1024 * 1024);
  });

  it("is refused when text stands outside any message", async () => {
    expect(await refusalOf(`${bare(STATEMENT)}and now?\n`)).toEqual({
      code: "mt-text-outside-message",
      line: 9,
    });
    expect(await refusalOf(`${bare(STATEMENT)}HEADER\n`)).toMatchObject({ line: 9 });
    expect(await refusalOf("<html></html>\n")).toMatchObject({ line: 1 });
  });

  it("is quarantined, not refused, for a control character or an endless field in one message", async () => {
    const control = STATEMENT.map((field) => field.replace("TRACE", "TR\u0007CE"));
    const endless = STATEMENT.flatMap((field) =>
      field.startsWith(":86:") ? [field, ...Array(MT_FIELD_LINES_MAX).fill("x")] : [field],
    );
    expect(await reasonsOf(bare(control))).toEqual(["mt-control-character 6"]);
    expect(await reasonsOf(bare(endless))).toEqual([`mt-field-too-long ${6 + MT_FIELD_LINES_MAX}`]);
  });

  it("keeps only so many reasons, and says that there are more", async () => {
    const broken = Array(500).fill(":61:BROKEN");
    const message = await only(bare([...STATEMENT.slice(0, 4), ...broken, STATEMENT.at(-1)!]));
    expect(message.reasons).toHaveLength(101);
    expect(message.reasons.at(-1)?.code).toBe("mt-findings-too-many");
  });
});

async function remittance(bytes: Uint8Array) {
  return (await readMtBytes(bytes)).messages[0]?.entries[0]?.transactions[0]?.remittance;
}

describe("the charset", () => {
  const named = STATEMENT.map((field) => field.replace("TRACE", "重庆山城贸易"));
  const latin = STATEMENT.map((field) => field.replace("TRACE", "Straße Mönch"));
  it("is told by content: ASCII, UTF-8 with or without mark, ISO-8859-1", async () => {
    expect(await remittance(Buffer.from(bare(STATEMENT)))).toEqual(["TRACE 7K2Q"]);
    expect(await remittance(Buffer.from(bare(named)))).toEqual(["重庆山城贸易 7K2Q"]);
    expect(await remittance(Buffer.from(`\uFEFF${bare(named)}`))).toEqual(["重庆山城贸易 7K2Q"]);
    expect(await remittance(Buffer.from(bare(latin), "latin1"))).toEqual(["Straße Mönch 7K2Q"]);
  });

  it("is told by content: GB18030", async () => {
    // 重庆山城 in GB 2312.
    const gb = Buffer.from([0xd6, 0xd8, 0xc7, 0xec, 0xc9, 0xbd, 0xb3, 0xc7]);
    const [before, after] = bare(STATEMENT).split("TRACE");
    const bytes = Buffer.concat([Buffer.from(before!), gb, Buffer.from(after!)]);
    expect(await remittance(bytes)).toEqual(["重庆山城 7K2Q"]);
  });
});

describe("the catalogue of reasons", () => {
  it("has a title in both languages and something to do for every code", () => {
    for (const [code, reason] of Object.entries(MT_REASONS)) {
      expect(code).toMatch(/^mt-[a-z0-9-]+$/);
      expect(reason.title).not.toBe("");
      expect(reason.titleZh).toMatch(/\p{Script=Han}/u);
      expect(reason.whatToDo).toMatch(/\.$/);
    }
  });

  it("stands in the reference page with the scope of every code", () => {
    const page = readFileSync(
      new URL("../../../docs/reference/mt-formats.md", import.meta.url),
      "utf8",
    );
    const listed = [...page.matchAll(/^\| `(mt-[a-z0-9-]+)` \| (\w+) \|$/gm)];
    expect(Object.fromEntries(listed.map(([, code, scope]) => [code, scope]))).toEqual(
      Object.fromEntries(Object.entries(MT_REASONS).map(([code, { scope }]) => [code, scope])),
    );
  });
});
