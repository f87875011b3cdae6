import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import { readEntryLine } from "./entry-line.ts";
import { createFindings } from "./findings.ts";

function read(text: string, currency = "USD", expectedAllowed = false) {
  const findings = createFindings();
  const [first = "", ...others] = text.split("\n");
  const field = { tag: "61", line: 7, lines: [first, ...others] };
  const outcome = readEntryLine(field, currencyOf(currency)!, expectedAllowed, findings);
  return { outcome, notes: findings.notes };
}

function line(text: string, currency = "USD", expectedAllowed = false) {
  const { outcome } = read(text, currency, expectedAllowed);
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value;
}

function refusal(text: string, currency = "USD") {
  const { outcome } = read(text, currency);
  return outcome.ok ? null : { code: outcome.refusal.code, line: outcome.refusal.line };
}

describe("the statement line :61:", () => {
  it("gives value date, entry date, amount, type and both references", () => {
    expect(line("2511281201CD8214,37NTRFAMZP7K2Q4XD1//FT2511280001\nSUPPLEMENT")).toMatchObject({
      valueOn: "2025-11-28",
      bookedOn: "2025-12-01",
      direction: "credit",
      reversal: false,
      status: "booked",
      amount: { currency: "USD", minor: 821437n },
      typeCode: "NTRF",
      ownerReference: "AMZP7K2Q4XD1",
      bankReference: "FT2511280001",
      supplementary: "SUPPLEMENT",
    });
  });

  it("is booked on its value date where the entry date is blank or absent", () => {
    expect(line("251128    CD0,00NDEFNONREF//").bookedOn).toBe("2025-11-28");
    expect(line("251128C1,NTRFX").bookedOn).toBe("2025-11-28");
  });

  it("finds the entry date's year on either side of New Year", () => {
    expect(line("2512300102C1,00NTRFX").bookedOn).toBe("2026-01-02");
    expect(line("2601021231C1,00NTRFX").bookedOn).toBe("2025-12-31");
    expect(line("2401020229C1,00NTRFX").bookedOn).toBe("2024-02-29");
  });

  it("reads a reversed credit as a debit and a reversed debit as a credit", () => {
    expect(line("251128RC204,88NRTINONREF")).toMatchObject({ direction: "debit", reversal: true });
    expect(line("251128RD204,88NRTINONREF")).toMatchObject({ direction: "credit", reversal: true });
    expect(line("251128RCR204,88NRTINONREF", "EUR")).toMatchObject({
      direction: "debit",
      reversal: true,
    });
  });

  it("takes a letter after the mark as funds code and not as another mark", () => {
    expect(line("251128DR6,00N024NONREF", "EUR")).toMatchObject({
      direction: "debit",
      reversal: false,
    });
    expect(line("251128CD6,00N024NONREF")).toMatchObject({ direction: "credit", reversal: false });
    expect(line("251128DD6,00N024NONREF")).toMatchObject({ direction: "debit", reversal: false });
  });

  it("allows expected entries in interim reports only, and keeps them pending", () => {
    expect(line("251128EC5,00NTRFX", "USD", true)).toMatchObject({
      direction: "credit",
      status: "pending",
    });
    expect(refusal("251128EC5,00NTRFX")).toEqual({ code: "mt-field-malformed", line: 7 });
  });

  it.each([
    ["9,", "EUR", 900n],
    ["0,00", "EUR", 0n],
    ["000000001000,5", "EUR", 100050n],
    ["1234567,", "JPY", 1234567n],
    ["1,234", "KWD", 1234n],
    ["1,230", "EUR", 123n],
  ])("reads the amount %s %s exactly", (amount, currency, minor) => {
    expect(line(`251128C${amount}NTRFX`, currency).amount.minor).toBe(minor);
  });

  it.each([
    ["10,005", "EUR"],
    ["10,5", "JPY"],
    ["1.000,00", "EUR"],
    ["1000", "EUR"],
    ["1000.00", "EUR"],
    [",50", "EUR"],
    ["0000000000001,00", "EUR"],
  ])("refuses the amount %s %s with its line", (amount, currency) => {
    expect(refusal(`251128C${amount}NTRFX`, currency)).toEqual({
      code: "mt-amount-malformed",
      line: 7,
    });
  });

  it("reads 30 February as the month's last day and says so", () => {
    const { outcome, notes } = read("1602300301DR6,00N024NONREF", "EUR");
    expect(outcome).toMatchObject({
      ok: true,
      value: { valueOn: "2016-02-29", bookedOn: "2016-03-01" },
    });
    expect(notes).toMatchObject([{ code: "mt-note-february-30", line: 7 }]);
    expect(line("2602300301DR6,00N024NONREF", "EUR").valueOn).toBe("2026-02-28");
  });

  it.each(["260231C1,00NTRFX", "260229C1,00NTRFX", "251131C1,00NTRFX", "251301C1,00NTRFX"])(
    "refuses the impossible value date in %s",
    (text) => expect(refusal(text)).toEqual({ code: "mt-date-impossible", line: 7 }),
  );

  it("refuses an entry date that exists in no year", () => {
    expect(refusal("2602270230C1,00NTRFX")).toEqual({ code: "mt-date-impossible", line: 7 });
  });

  it.each(["", "251128X1,00NTRFX", "251128C1,00", "C1,00NTRFX", "251128C-1,00NTRFX", "25112"])(
    "refuses %j, which is no statement line",
    (text) => expect(refusal(text)).toEqual({ code: "mt-field-malformed", line: 7 }),
  );
});
