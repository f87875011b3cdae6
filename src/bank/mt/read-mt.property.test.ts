// What must hold for any MT file: it never crashes the reader, a part of it is never taken for the
// whole, and what our writer wrote reads back to the same money and references.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import { addDays, parseCivilDate } from "../../time/instant.ts";
import type { BankMessage } from "../message.ts";
import { readMtBytes } from "./read-mt-bytes.ts";
import type { Mt940Entry, Mt940Statement } from "./write-mt.ts";
import { writeMt910, writeMt940 } from "./write-mt.ts";

const currency = fc.constantFrom("USD", "EUR", "JPY", "KWD").map((code) => currencyOf(code)!);
const date = fc
  .integer({ min: 0, max: 20_000 })
  .map((days) => addDays(parseCivilDate("1990-01-01")!, days));
const amountMinor = fc.bigInt({ min: 0n, max: 99_999_999_999n });
const reference = fc
  .stringMatching(/^[A-Z0-9][A-Z0-9/ .-]{0,13}[A-Z0-9]$/)
  .filter((text) => !text.includes("//") && !/^NON ?REF|^NOT/.test(text));
const details = fc.stringMatching(/^[A-Z0-9][A-Za-z0-9 .,:'()+-]{0,300}[A-Z0-9]$/);

const entry: fc.Arbitrary<Mt940Entry> = fc
  .record({
    valueOn: date,
    bookedOn: fc.integer({ min: -30, max: 30 }),
    amountMinor,
    direction: fc.constantFrom("credit" as const, "debit" as const),
    reversal: fc.boolean(),
    typeCode: fc.constantFrom("NTRF", "S103", "N192", "FMSC"),
    ownerReference: fc.option(reference),
    servicerReference: fc.option(reference),
    details: fc.option(details),
  })
  .map((made) => ({ ...made, bookedOn: addDays(made.valueOn, made.bookedOn) }));

const envelope = fc.option(
  fc.record({
    senderBic: fc.constantFrom("SGBKSGSG", "SGBKSGSG001"),
    receiverBic: fc.constant("CQFXCNBJ"),
    sentAt: date.map((on) => `${on}T10:11:12.000Z` as never),
    userReference: fc.option(fc.stringMatching(/^[A-Z0-9]{1,16}$/)),
    uetr: fc.constantFrom(null, "eb6305c9-1f7f-49de-aed0-16487c27b42d"),
    possibleDuplicate: fc.boolean(),
  }),
);

const statement: fc.Arbitrary<Mt940Statement> = fc.record({
  envelope,
  reference,
  account: fc.stringMatching(/^[A-Z0-9]{1,34}$/),
  statementNumber: fc.stringMatching(/^[0-9]{1,5}\/[0-9]{1,5}$/),
  currency: currency,
  openingOn: date,
  openingMinor: fc.bigInt({ min: -9_999_999_999n, max: 9_999_999_999n }),
  closingOn: date,
  entries: fc.array(entry, { maxLength: 6 }),
});

function written(outcome: ReturnType<typeof writeMt940>): string {
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value;
}

async function messagesOf(text: string | Uint8Array): Promise<readonly BankMessage[]> {
  return (await readMtBytes(Buffer.from(text))).messages;
}

const proven = (messages: readonly BankMessage[]) =>
  messages.filter(({ verdict }) => verdict === "proven");

describe("a statement that was written", () => {
  it("reads back to the same money, dates and references, and is proven", async () => {
    await fc.assert(
      fc.asyncProperty(statement, async (plan) => {
        const [message, ...others] = await messagesOf(written(writeMt940(plan)));
        expect(others).toEqual([]);
        expect(message?.reasons).toEqual([]);
        expect(message).toMatchObject({
          verdict: "proven",
          messageId: plan.reference,
          account: { number: plan.account, currency: plan.currency },
          copy: plan.envelope?.possibleDuplicate === true ? "DUPL" : null,
        });
        expect(
          message?.entries.map((read) => ({
            valueOn: read.valueOn,
            bookedOn: read.bookedOn,
            amountMinor: read.amount.minor,
            direction: read.direction,
            reversal: read.reversal,
            typeCode: read.typeCode,
            ownerReference: read.entryReference,
            servicerReference: read.servicerReference,
            details: read.transactions[0]!.remittance.join("").replaceAll(" ", ""),
          })),
        ).toEqual(
          plan.entries.map((made) => ({
            ...made,
            details: (made.details ?? "").replaceAll(" ", ""),
          })),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("an advice that was written", () => {
  it("reads back to the same money and references", async () => {
    const advice = fc.record({
      envelope,
      reference,
      relatedReference: fc.option(reference),
      account: fc.stringMatching(/^[A-Z0-9]{1,34}$/),
      postedAt: fc.constant(null),
      valueOn: date,
      amount: fc.record({ currency, minor: amountMinor }),
      payer: fc.constant({ account: null, nameLines: ["AMAZON"] }),
      payerAgentBic: fc.constantFrom(null, "AMZBUS33"),
      information: fc.option(details.map((text) => text.slice(0, 200))),
    });
    await fc.assert(
      fc.asyncProperty(advice, async (plan) => {
        const [message] = await messagesOf(written(writeMt910(plan)));
        expect(message).toMatchObject({
          verdict: "read",
          messageId: plan.reference,
          account: { number: plan.account },
          entries: [
            {
              amount: plan.amount,
              valueOn: plan.valueOn,
              servicerReference: plan.reference,
              transactions: [{ endToEndId: plan.relatedReference }],
            },
          ],
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe("a file that was cut or changed", () => {
  const plans = fc.array(statement, { minLength: 1, maxLength: 3 });
  // Half of the cuts fall into the last lines, where closing balance and end mark stand.
  const cut = fc.oneof(
    fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), fromEnd: fc.constant(0) }),
    fc.record({ share: fc.constant(1), fromEnd: fc.nat({ max: 60 }) }),
  );

  it("never yields a proven statement beyond those that stand in it whole", async () => {
    await fc.assert(
      fc.asyncProperty(plans, cut, async (made, { share, fromEnd }) => {
        const texts = made.map((plan) => written(writeMt940(plan)));
        const whole = texts.join("");
        const length = Math.max(0, Math.floor(whole.length * share) - fromEnd);
        const before = proven(await messagesOf(whole));
        const after = proven(await messagesOf(whole.slice(0, length)));
        let end = 0;
        const standing = texts.filter((text) => {
          // In a FIN block a statement stands whole once its end mark does, as bare text once its
          // closing balance does (cut zeros after the comma change no amount).
          const closing = text.indexOf(",", text.indexOf(":62F:")) + 1;
          const finEnd = text.lastIndexOf("\r\n-}") + 4;
          const stands = end + (text.startsWith("{") ? finEnd : closing) <= length;
          end += text.length;
          return stands;
        });
        expect(after.length).toBeLessThanOrEqual(standing.length);
        for (const [position, message] of after.entries())
          expect({ ...message, copy: null, notes: null }).toEqual({
            ...before[position],
            copy: null,
            notes: null,
          });
      }),
      { numRuns: 300 },
    );
  });

  it("is not proven with a line missing, unless that line moved no money", async () => {
    await fc.assert(
      fc.asyncProperty(statement, fc.nat(), async (plan, pick) => {
        const lines = written(writeMt940(plan)).split("\r\n");
        const moving = lines.flatMap((line, index) =>
          (line.startsWith(":61:") && !/[CD]0+,0*[A-Z]/.test(line)) || /^:6[02]F:/.test(line)
            ? [index]
            : [],
        );
        const dropped = moving[pick % moving.length]!;
        const [message] = await messagesOf(lines.toSpliced(dropped, 1).join("\r\n"));
        expect(message?.verdict).toBe("quarantined");
      }),
      { numRuns: 200 },
    );
  });

  it("is not proven with one digit of one amount changed", async () => {
    await fc.assert(
      fc.asyncProperty(
        statement,
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        async (plan, pick, by) => {
          const text = written(writeMt940(plan));
          const places = [
            ...text.matchAll(/:(?:61:\d{10}R?[CD]|6[02]F:[CD]\d{6}[A-Z]{3})([\d,]+)/g),
          ].flatMap((found) =>
            Array.from(found[1]!).flatMap((character, at) =>
              character === "," ? [] : [found.index + found[0].length - found[1]!.length + at],
            ),
          );
          const place = places[pick % places.length]!;
          const digit = (Number(text[place]) + by) % 10;
          const changed = text.slice(0, place) + String(digit) + text.slice(place + 1);
          const [message] = await messagesOf(changed);
          expect(message?.verdict).toBe("quarantined");
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is read in the same way whatever its line ends", async () => {
    await fc.assert(
      fc.asyncProperty(statement, fc.constantFrom("\n", "\r"), async (plan, lineEnd) => {
        const text = written(writeMt940(plan));
        expect(await messagesOf(text.replaceAll("\r\n", lineEnd))).toEqual(await messagesOf(text));
      }),
      { numRuns: 50 },
    );
  });
});

describe("bytes from anywhere", () => {
  it("never crash the reader and never make a proven statement", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        const { messages } = await readMtBytes(bytes);
        expect(proven(messages)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("never crash the reader when they are pieces of MT in any order", async () => {
    const piece = fc.constantFrom(
      "{1:F01CQFXCNBJAXXX0000000000}",
      "{2:O9401200251128SGBKSGSGAXXX00000000002511281200N}",
      "{2:O9101200251128SGBKSGSGAXXX00000000002511281200N}",
      "{1:F21X}",
      "{4:{451:1}}",
      "{4:",
      "{5:",
      "{",
      "}",
      "-}",
      "$",
      "-",
      "\r\n",
      "\n",
      ":20:A",
      ":21:B",
      ":25:1",
      ":25P:1",
      ":28C:1/1",
      ":60F:C251127USD1,00",
      ":60M:X",
      ":61:2511281128C1,00NTRFX//Y",
      ":61:",
      ":86:",
      ":86:166?00?20EREF+",
      "/EREF//REMI/",
      ":62F:C251127USD1,00",
      ":62M:D",
      ":64:",
      ":34F:USD0,",
      ":34F:",
      ":13D:2511281200+0000",
      ":13D:",
      ":90C:1USD1,00",
      ":90D:",
      ":32A:251128USD1,",
      ":32A:",
      ":50K:/",
      ":50F:1/",
      ":52A:",
      ":59:/1",
      ":59F:",
      ":70:/ROC/",
      ":71A:OUR",
      ":71F:USD1,",
      ":71G:",
      ":33B:USD1,",
      ":36:1,",
      ":23B:CRED",
      ":72:/RETN/",
      "/AC01/",
      "//",
      "\u0001",
      "\u0003",
      "940",
      "ABNANL2A",
      "重庆",
    );
    const line = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
        const { messages, refusals } = await readMtBytes(Buffer.from(lines.join("\r\n")));
        expect(messages.length === 0 || refusals.length === 0).toBe(true);
        for (const message of messages)
          expect(message.verdict === "quarantined").toBe(message.reasons.length > 0);
      }),
      { numRuns: 2000 },
    );
  });
});
