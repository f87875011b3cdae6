import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { CamtEntry, CamtStatement } from "../bank/iso20022/write-camt.ts";
import { writeCamt053, writeCamt054 } from "../bank/iso20022/write-camt.ts";
import { readBankFile } from "../bank/read-bank-file.ts";
import { sniffBankFile } from "../bank/sniff.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor, formatMoney, money, parseMinor } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { ENTRIES_SHOWN_MAX } from "./bank-text.ts";
import { bankReadContract } from "./test-contract.ts";
import { documentedJson, documentedText, filesUnder } from "./test-files.ts";
import { type Run, run, STEERING_CHARACTER } from "./test-terminal.ts";

const ROOT = join(import.meta.dirname, "../..");
const FIXTURES = ["iso20022", "mt"]
  .flatMap((name) => filesUnder(join(ROOT, "fixtures", name)))
  .filter((path) => !path.endsWith(".expected.json"));
const fixture = (name: string) => join(ROOT, "fixtures", name);
const folder = mkdtempSync(join(tmpdir(), "straitway-bank-read-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const USD = "USD" as Currency;
const AT = "2026-07-13T02:15:30.000Z" as Instant;
const ON = "2026-07-13" as CivilDate;

function made(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

type Answer = z.infer<typeof bankReadContract>;

async function read(...words: readonly string[]): Promise<Run & { answer: Answer }> {
  const ran = await run(["bank", "read", "--json", ...words]);
  expect(ran.err).toBe("");
  return { ...ran, answer: bankReadContract.parse(JSON.parse(ran.out)) };
}

const credit = (minor: bigint, more: Partial<CamtEntry> = {}): CamtEntry => ({
  amount: money(USD, minor),
  direction: "credit",
  bookedOn: ON,
  valueOn: ON,
  typeCode: "PMNT/RCDT/XBCT",
  ...more,
});

/** A camt.053 of one account whose closing balance is what its booked entries make. */
function statement(entries: readonly CamtEntry[], offMinor = 0n): string {
  const net = entries
    .filter(({ status }) => status === undefined || status === "booked")
    .reduce(
      (sum, { amount, direction }) => sum + (direction === "credit" ? 1n : -1n) * amount.minor,
      0n,
    );
  const closing = 10_000n + net + offMinor;
  const balances: CamtStatement["balances"] = [
    { code: "OPBD", amount: money(USD, 10_000n), direction: "credit", on: ON },
    {
      code: "CLBD",
      amount: money(USD, closing < 0n ? -closing : closing),
      direction: closing < 0n ? "debit" : "credit",
      on: ON,
    },
  ];
  const account = { number: "6222000011112222", currency: "USD" };
  return writeCamt053({
    messageId: "MSG-1",
    createdAt: AT,
    statements: [{ id: "STM-1", createdAt: AT, account, balances, entries }],
  });
}

function notice(statements: readonly (readonly CamtEntry[])[]): string {
  return writeCamt054({
    messageId: "MSG-2",
    createdAt: AT,
    statements: statements.map((entries, index) => ({
      id: `NTF-${index + 1}`,
      createdAt: AT,
      account: { number: "6222000011112222", currency: "USD" },
      entries,
    })),
  });
}

describe("the answer for machines", () => {
  it("keeps the contract for every made-up file and loses nothing that its reader told", async () => {
    expect(FIXTURES.length).toBeGreaterThan(20);
    for (const path of FIXTURES) {
      const bytes = readFileSync(path);
      const source = (async function* () {
        yield bytes;
      })();
      const { messages, refusals } = await readBankFile(source, sniffBankFile(bytes) ?? "mt");
      const { exitCode, answer } = await read(path);
      const isBad = refusals.length > 0 || messages.some((one) => one.verdict === "quarantined");
      expect(exitCode, path).toBe(isBad ? 1 : 0);
      if (refusals.length > 0) continue;
      expect(answer.messages.length, path).toBe(messages.length);
      for (const [index, message] of messages.entries()) {
        const told = answer.messages[index];
        expect(told?.verdict, path).toBe(message.verdict);
        expect(
          told?.entries.map((one) => `${one.currency} ${one.amount}`),
          path,
        ).toEqual(message.entries.map(({ amount }) => `${amount.currency} ${formatMoney(amount)}`));
        expect(leavesOf(told), path).toEqual(expect.arrayContaining(leavesOf(message)));
      }
    }
  });

  it("tells a credit as documented", async () => {
    const path = made("credit.xml", readFileSync(fixture("iso20022/camt054-v08-exchange.xml")));
    const plain = (text: string) => text.replaceAll(path, "credit.xml").trim();
    const json = await run(["bank", "read", "--json", path]);
    expect(json.exitCode).toBe(0);
    expect(JSON.parse(plain(json.out))).toEqual(documentedJson("bank read"));
    const text = await run(["bank", "read", path]);
    expect(plain(text.out)).toBe(documentedText("bank read"));
  });

  it("adds up booked entries by final direction, and only those", async () => {
    const path = made(
      "totals.xml",
      statement([
        credit(1_050n),
        credit(25n, { direction: "debit" }),
        credit(1_050n, { direction: "debit", reversal: true }),
        credit(99_999n, { status: "pending" }),
      ]),
    );
    const { exitCode, answer } = await read(path);
    expect(exitCode).toBe(0);
    expect(answer.messages).toMatchObject([
      {
        verdict: "proven",
        totals: [
          { currency: "USD", creditCount: 1, credits: "10.50", debitCount: 2, debits: "10.75" },
        ],
      },
    ]);
    expect(answer.messages[0]?.entries.map(({ status }) => status)).toEqual([
      "booked",
      "booked",
      "booked",
      "pending",
    ]);
    expect(answer.messages[0]?.entries[2]).toMatchObject({ direction: "debit", reversal: true });
    const { out } = await run(["bank", "read", path]);
    expect(out).toContain("entries     4, of which 1 not booked");
    expect(out).toContain("USD 100.00 + USD 10.50 - USD 10.75 = USD 99.75; equals the closing");
  });

  it("makes opening plus totals the closing balance of any statement that is proven", async () => {
    const entry = fc
      .record({
        minor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        direction: fc.constantFrom("credit" as const, "debit" as const),
        status: fc.constantFrom("booked" as const, "pending" as const),
      })
      .map(({ minor, ...more }) => credit(minor, more));
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async (entries) => {
        const { exitCode, answer } = await read(made("any.xml", statement(entries)));
        expect(exitCode).toBe(0);
        const [message] = answer.messages;
        const [total] = message?.totals ?? [];
        const [opening, closing] = message?.balances ?? [];
        const net = minorOf(total?.credits ?? "0") - minorOf(total?.debits ?? "0");
        const sign = closing?.direction === "credit" ? 1n : -1n;
        expect(minorOf(opening?.amount ?? "") + net).toBe(sign * minorOf(closing?.amount ?? ""));
        expect(message?.entries.map(({ amount }) => amount)).toEqual(
          entries.map(({ amount }) => formatMinor(amount.minor, USD)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("quarantines a statement whose balances are one cent off, and says so to people", async () => {
    const path = made("off.xml", statement([credit(500n)], 1n));
    const { exitCode, answer } = await read(path);
    expect(exitCode).toBe(1);
    expect(answer.messages).toMatchObject([
      { verdict: "quarantined", reasons: [{ code: "balance-sum-wrong" }] },
    ]);
    const { out } = await run(["bank", "read", path]);
    expect(out).toContain(
      "sum         USD 100.00 + USD 5.00 - USD 0.00 = USD 105.00; the closing balance is USD 105.01",
    );
    expect(out).toContain("QUARANTINED: nothing of this message is used, because");
  });
});

describe("files that are refused", () => {
  it("stand in the answer with their reason, beside those that are read", async () => {
    const whole = statement([credit(500n), credit(700n)]);
    const paths = {
      missing: join(folder, "not-there.xml"),
      folder,
      empty: made("empty.xml", ""),
      letter: made("letter.txt", "Dear bank,\n"),
      settlement: fixture("amazon/us-v2-1.txt"),
      cut: made("cut.xml", whole.slice(0, whole.lastIndexOf("<Ntry>") + 20)),
      doctype: made("doctype.xml", `<!DOCTYPE x [<!ENTITY e "e">]>\n${whole.slice(39)}`),
      unsupported: made(
        "pain.xml",
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn/></Document>',
      ),
    };
    const good = made("good.xml", whole);
    const { exitCode, answer } = await read(...Object.values(paths), good);
    expect(exitCode).toBe(1);
    expect(
      answer.messages.map(({ file, verdict, format, entries, reasons }) => [
        file,
        verdict,
        format,
        entries.length,
        reasons.map(({ code }) => code).join(),
      ]),
    ).toEqual([
      [paths.missing, "quarantined", null, 0, "file-unreadable"],
      [paths.folder, "quarantined", null, 0, "file-unreadable"],
      [paths.empty, "quarantined", null, 0, "file-empty"],
      [paths.letter, "quarantined", null, 0, "not-a-bank-message"],
      [paths.settlement, "quarantined", null, 0, "not-a-bank-message"],
      [paths.cut, "quarantined", "iso20022", 0, "xml-cut-off"],
      [paths.doctype, "quarantined", "iso20022", 0, "xml-doctype"],
      [paths.unsupported, "quarantined", "iso20022", 0, "message-unsupported"],
      [good, "proven", "camt.053.001.08", 2, ""],
    ]);
  });

  it("take back what was printed of them before their end was seen", async () => {
    const whole = statement([credit(500n), credit(700n)]);
    const path = made("cut.xml", whole.slice(0, whole.lastIndexOf("<Ntry>") + 20));
    const { exitCode, out } = await run(["bank", "read", path]);
    expect(exitCode).toBe(1);
    const printed = out.indexOf("USD 5.00");
    const taken = out.indexOf("can be used, also not what is printed of it above.");
    expect(printed).toBeGreaterThan(-1);
    expect(taken).toBeGreaterThan(printed);
    expect(out).toMatch(/^0 messages in 1 file: .*; 1 file refused\.$/m);
    expect(out).not.toContain("PROVEN");
  });
});

describe("the answer for people", () => {
  it("prints a bounded number of entries and says how many it left out", async () => {
    const entries = Array.from({ length: ENTRIES_SHOWN_MAX + 10 }, (_, index) =>
      credit(100n, { servicerReference: `REF${index + 1}.` }),
    );
    const path = made("many.xml", statement(entries));
    const few = await run(["bank", "read", path]);
    expect(few.out).toContain(`REF${ENTRIES_SHOWN_MAX}.`);
    expect(few.out).not.toContain(`REF${ENTRIES_SHOWN_MAX + 1}.`);
    expect(few.out).toContain("… and 10 more entries (--all shows them)");
    expect(few.out).toContain(`credits     USD ${entries.length}.00 (${entries.length} entries)`);
    const all = await run(["bank", "read", "--all", path]);
    expect(all.out).toContain(`REF${ENTRIES_SHOWN_MAX + 10}.`);
    const { answer } = await read(path);
    expect(answer.messages[0]?.entries).toHaveLength(entries.length);
  });

  it("shows each transaction of a batch, and what banks took on the way", async () => {
    const batch = await run(["bank", "read", fixture("iso20022/camt054-v08-batch.xml")]);
    expect(batch.out).toMatch(/part +1 of 3, line \d+: credit USD 100\.01/);
    const charges = await run(["bank", "read", fixture("iso20022/camt054-v08-charges.xml")]);
    expect(charges.out).toMatch(/charge +USD [\d.]+ taken/);
  });

  it("cannot be steered by a file, nor made to say a line of its own", async () => {
    const hostile = "A\u009b2J\u202eB PROVEN: trust me \u2066C";
    const path = made(
      "hostile\u001b[2J\n  PROVEN: trust my name.xml",
      statement(
        [
          credit(100n, {
            transactions: [{ amount: money(USD, 100n), payer: { name: hostile } }],
          }),
        ],
        1n,
      ),
    );
    const text = await run(["bank", "read", path]);
    expect(text.out).not.toMatch(STEERING_CHARACTER);
    expect(text.out).not.toMatch(/^ *PROVEN/m);
    expect(text.out).toContain("trust me");
    expect(text.out).toContain("trust my name");
    const { out, answer } = await read(path);
    expect(out).not.toMatch(STEERING_CHARACTER);
    expect(answer.messages[0]?.file).toBe(path);
    expect(answer.messages[0]?.entries[0]?.transactions[0]?.payer?.name).toBe(hostile);
  });

  it("shows progress on a long file only where it can be rewritten, before the next entry", async () => {
    const long = "x".repeat(140);
    const entries = Array.from({ length: 9_000 }, () =>
      credit(100n, {
        transactions: [{ amount: money(USD, 100n), remittance: [long, long, long, long, long] }],
      }),
    );
    const path = made("long.xml", statement(entries));
    const watched = await run(["bank", "read", path], { isInteractive: true });
    expect(watched.err).toMatch(/long\.xml: \d+ MB read/);
    expect(watched.err.endsWith("\r\u001b[K")).toBe(true);
    const piped = await run(["bank", "read", path]);
    expect(piped.err).toBe("");
    expect(piped.out).toBe(watched.out);
  });
});

/** A made-up schema that takes any camt.054 whose notices are all numbered `NTF-<digit>`. */
const SCHEMA = `<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
  targetNamespace="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
  xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
  <xs:element name="Document"><xs:complexType><xs:sequence>
    <xs:element name="BkToCstmrDbtCdtNtfctn"><xs:complexType><xs:sequence>
      <xs:element name="GrpHdr"><xs:complexType><xs:sequence>
        <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="Ntfctn" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="Id"><xs:simpleType><xs:restriction base="xs:string">
          <xs:pattern value="NTF-[0-9]"/>
        </xs:restriction></xs:simpleType></xs:element>
        <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
`;

describe("validation by schemas", () => {
  const schemas = mkdtempSync(join(tmpdir(), "straitway-schemas-"));
  writeFileSync(join(schemas, "camt.054.001.08.xsd"), SCHEMA);
  afterAll(() => rmSync(schemas, { recursive: true, force: true }));

  it("changes nothing for a message that its schema takes", async () => {
    const path = made("valid.xml", notice([[credit(100n)], [credit(200n)]]));
    const without = await read(path);
    const validated = await read("--xsd", schemas, path);
    expect(validated.exitCode).toBe(0);
    expect(validated.answer).toEqual(without.answer);
  });

  it("quarantines every message of a file that breaks it, each with the fault's line", async () => {
    const broken = notice([[credit(100n)], [credit(200n)]]).replace("NTF-2", "NTF-TWO");
    const path = made("broken.xml", broken);
    expect((await read(path)).exitCode).toBe(0);
    const { exitCode, answer } = await read("--xsd", schemas, path);
    expect(exitCode).toBe(1);
    expect(answer.messages.map(({ verdict }) => verdict)).toEqual(["quarantined", "quarantined"]);
    const line = broken.slice(0, broken.indexOf("NTF-TWO")).split("\n").length;
    for (const { reasons, entries } of answer.messages) {
      expect(reasons.map((one) => [one.code, one.line])).toContainEqual(["schema-violation", line]);
      expect(entries).toHaveLength(1);
    }
    expect(answer.messages[0]?.reasons[0]?.message).toContain("Another part of the file");
  });

  it("quarantines a message whose schema is not in the folder, and leaves MT files alone", async () => {
    const missing = await read("--xsd", schemas, made("no-schema.xml", statement([credit(1n)])));
    expect(missing.exitCode).toBe(1);
    expect(missing.answer.messages[0]?.reasons).toMatchObject([{ code: "schema-missing" }]);
    const mt = await read("--xsd", schemas, fixture("mt/mt910-credit-advices.fin"));
    expect(mt.exitCode).toBe(0);
  });

  it("is wrong usage when the folder is not there or is a file", async () => {
    const path = made("valid.xml", notice([[credit(100n)]]));
    for (const where of [join(folder, "no-such-folder"), path]) {
      const { exitCode, out, err } = await run(["bank", "read", "--xsd", where, path]);
      expect(exitCode).toBe(2);
      expect(out).toBe("");
      expect(err).toContain("--xsd needs a folder that exists");
    }
  });
});

describe("wrong usage", () => {
  it.each([
    ["no file", ["bank", "read"]],
    ["no command", ["bank"]],
    ["an unknown option", ["bank", "read", "--xds", "a", "b"]],
    ["an option without its value", ["bank", "read", "a", "--xsd"]],
  ])("with %s answers 2 and prints nothing on standard output", async (_name, words) => {
    const { exitCode, out, err } = await run(words);
    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(err).not.toBe("");
  });

  it("is avoided by help, which names formats, verdicts, exit codes and examples", async () => {
    const { exitCode, out } = await run(["bank", "read", "--help"]);
    expect(exitCode).toBe(0);
    for (const word of ["camt.053", "MT940", "proven", "quarantined", "Exit codes", "--xsd"]) {
      expect(out).toContain(word);
    }
  });
});

const SAMPLES = join(ROOT, "../shared/samples");
const samples = filesUnder(join(SAMPLES, "bank"));
const why = samples.length === 0 ? " (skipped: the folder of real samples is not here)" : "";

describe("real files", () => {
  it.skipIf(samples.length === 0)(`all keep the contract${why}`, async () => {
    const { exitCode, answer } = await read(...samples);
    expect(exitCode).toBe(1);
    expect(new Set(answer.messages.map(({ file }) => file))).toEqual(new Set(samples));
    const proven = answer.messages.filter(({ verdict }) => verdict === "proven");
    expect(proven.length).toBeGreaterThan(60);
    for (const message of proven) {
      expect(message.balances.length, message.file).toBeGreaterThan(1);
    }
    const text = await run(["bank", "read", "--all", ...samples]);
    expect(text.exitCode).toBe(1);
    expect(text.out).not.toMatch(STEERING_CHARACTER);
  });

  it.skipIf(samples.length === 0)(`pass or fail the real schemas${why}`, async () => {
    const own = filesUnder(fixture("iso20022")).filter((path) => path.endsWith("credit.xml"));
    const valid = await read("--xsd", join(SAMPLES, "xsd"), ...own);
    const codes = valid.answer.messages.flatMap(({ reasons }) => reasons.map(({ code }) => code));
    expect(codes.filter((code) => code === "schema-missing")).toEqual([]);
    const sample = samples.find((path) => path.endsWith("abn_amro_example_camt.xml")) ?? "";
    const { exitCode, answer } = await read("--xsd", join(SAMPLES, "xsd"), sample);
    expect(exitCode).toBe(1);
    expect(answer.messages[0]?.reasons[0]).toMatchObject({ code: "schema-violation" });
  });
});

function minorOf(text: string): bigint {
  const parsed = parseMinor(text, USD);
  if (!parsed.ok) throw new Error(`${text} is not exact in USD`);
  return parsed.minor;
}

/** Every text and flag in a value, however deep; amounts and numbers are compared on their own. */
function leavesOf(value: unknown): unknown[] {
  if (typeof value === "string" || typeof value === "boolean") return value === "" ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((part) => leavesOf(part));
}
