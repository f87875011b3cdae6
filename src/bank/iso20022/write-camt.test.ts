import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Currency } from "../../money/currency.ts";
import { money } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import type { BankMessage } from "../message.ts";
import { readIso20022Bytes } from "./collect-messages.ts";
import type { CamtEntry, CamtFile, CamtTransaction } from "./write-camt.ts";
import { escapeXml, writeCamt053, writeCamt054 } from "./write-camt.ts";
import { validateXsd } from "./xsd.ts";

const SCHEMAS = join(import.meta.dirname, "../../../../shared/samples/xsd");
const AT = "2026-07-13T02:03:04.567Z" as Instant;
const ON = "2026-07-13" as CivilDate;

const currency = fc.constantFrom("USD", "JPY", "KWD", "CNY").map((code) => code as Currency);
/** Text that keeps its shape through XML: no blanks at the ends, which readers trim, and no line breaks. */
const words = (maxLength: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength })
    .map((text) => text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, "_").slice(0, maxLength))
    .filter((text) => !/\p{Surrogate}/u.test(text) && !/^(NOTPROVIDED|NONREF)$/i.test(text));
const reference = fc.stringMatching(/^[0-9A-Z/-]{1,35}$/).filter((text) => text !== "NONREF");
const date = fc
  .integer({ min: 0, max: 20_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10) as CivilDate);

const part = (code: Currency) =>
  fc.record({
    amount: fc.bigInt({ min: 1n, max: 10n ** 14n }).map((minor) => money(code, minor)),
    endToEndId: reference,
    uetr: fc.uuid({ version: 4 }),
    servicerReference: reference,
    remittance: fc.array(words(140), { maxLength: 3 }),
    payer: fc.record({ name: words(70), account: fc.stringMatching(/^[0-9]{1,34}$/) }),
  });

const entry = (code: Currency): fc.Arbitrary<CamtEntry> =>
  fc
    .record({
      direction: fc.constantFrom("credit" as const, "debit" as const),
      reversal: fc.boolean(),
      status: fc.constantFrom("booked" as const, "pending" as const),
      bookedOn: date,
      valueOn: date,
      servicerReference: reference,
      transactions: fc.array(part(code), { minLength: 1, maxLength: 4 }),
    })
    .map((fields) => ({
      ...fields,
      typeCode: "PMNT/RCDT/XBCT",
      amount: money(
        code,
        fields.transactions.reduce((sum, { amount }) => sum + amount.minor, 0n),
      ),
    }));

const file = currency.chain((code) =>
  fc.record({
    messageId: reference,
    account: fc.stringMatching(/^[0-9]{6,30}$/),
    opening: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    currency: fc.constant(code),
    entries: fc.array(entry(code), { maxLength: 5 }),
  }),
);

type Written = typeof file extends fc.Arbitrary<infer Value> ? Value : never;

function asFile(written: Written): CamtFile {
  const booked = written.entries.filter(({ status }) => status === "booked");
  const net = booked.reduce(
    (sum, { amount, direction }) => sum + (direction === "credit" ? amount.minor : -amount.minor),
    0n,
  );
  const balance = (code: "OPBD" | "CLBD", minor: bigint) => ({
    code,
    amount: money(written.currency, minor < 0n ? -minor : minor),
    direction: minor < 0n ? ("debit" as const) : ("credit" as const),
    on: ON,
  });
  const statement = {
    id: "STMT-1",
    createdAt: AT,
    account: { number: written.account, currency: written.currency },
    balances: [balance("OPBD", written.opening), balance("CLBD", written.opening + net)],
    entries: written.entries,
  };
  return { messageId: written.messageId, createdAt: AT, statements: [statement] };
}

function facts(transaction: CamtTransaction | BankMessage["entries"][0]["transactions"][0]) {
  const { amount, endToEndId, uetr, servicerReference, remittance, payer } = transaction;
  return {
    amount,
    endToEndId,
    uetr,
    servicerReference,
    remittance,
    payer: { name: payer?.name, account: payer?.account },
  };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("writing camt", () => {
  it("is read back with the same amounts, dates and references, and proves", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (written) => {
        const { messages, refusals } = await readIso20022Bytes(utf8(writeCamt053(asFile(written))));
        expect(refusals).toEqual([]);
        const [message] = messages as [BankMessage];
        expect(message.verdict).toBe("proven");
        expect(message.messageId).toBe(written.messageId);
        expect(message.account.number).toBe(written.account);
        expect(message.entries.length).toBe(written.entries.length);
        for (const [index, read] of message.entries.entries()) {
          const given = written.entries[index] as CamtEntry;
          expect(read).toMatchObject({
            amount: given.amount,
            direction: given.direction,
            reversal: given.reversal,
            status: given.status,
            bookedOn: given.bookedOn,
            valueOn: given.valueOn,
            servicerReference: given.servicerReference,
          });
          expect(read.transactions.map(facts)).toEqual(given.transactions?.map(facts));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("quarantines the statement when one booked amount is changed by one minor unit", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (written) => {
        const whole = asFile(written);
        const [statement] = [...whole.statements];
        if (statement === undefined || written.entries.length === 0) return;
        const [first, ...rest] = written.entries as [CamtEntry, ...CamtEntry[]];
        const { transactions: _dropped, ...changed } = first;
        const amount = money(first.amount.currency, first.amount.minor + 1n);
        const entries = [{ ...changed, status: "booked" as const, amount }, ...rest];
        if (first.status !== "booked") return;
        const wrong = { ...whole, statements: [{ ...statement, entries }] };
        const { messages } = await readIso20022Bytes(utf8(writeCamt053(wrong)));
        expect(messages[0]?.verdict).toBe("quarantined");
        expect(messages[0]?.reasons.map(({ code }) => code)).toEqual(["balance-sum-wrong"]);
      }),
      { numRuns: 30 },
    );
  });

  it.skipIf(!existsSync(SCHEMAS))(
    "is valid by the ISO schema, camt.053 and camt.054 (skipped where schemas are absent)",
    async () => {
      await fc.assert(
        fc.asyncProperty(file, async (written) => {
          const given = asFile(written);
          expect(await validateXsd(utf8(writeCamt053(given)), SCHEMAS)).toEqual([]);
          const [{ balances: _none, ...statement }] = [...given.statements] as [
            CamtFile["statements"] extends Iterable<infer One> ? One : never,
          ];
          const notice = { ...given, statements: [statement] };
          expect(await validateXsd(utf8(writeCamt054(notice)), SCHEMAS)).toEqual([]);
        }),
        { numRuns: 15 },
      );
    },
  );

  it("refuses to write an amount below zero or a character that XML cannot carry", () => {
    expect(() => escapeXml("bell \u0007")).toThrow(/XML 1\.0/);
    expect(() => escapeXml("\ud800")).toThrow(/XML 1\.0/);
    expect(escapeXml(`A & B < "C" >`)).toBe("A &amp; B &lt; &quot;C&quot; &gt;");
    const negative: CamtEntry = {
      amount: money("USD" as Currency, -1n),
      direction: "credit",
      typeCode: "PMNT/RCDT/XBCT",
    };
    const statement = { id: "1", createdAt: AT, account: { number: "1" }, entries: [negative] };
    const given = { messageId: "M", createdAt: AT, statements: [statement] };
    expect(() => writeCamt054(given)).toThrow(/never negative/);
  });
});
