import { describe, expect, it } from "vitest";
import { readBankFile } from "../../bank/read-bank-file.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { createSandboxBank, type IncomingTransfer } from "./sandbox-bank.ts";
import { type ArrivalPlan, type BankLanguage, type BankMessageOut, newBankState } from "./state.ts";

const USD = currencyOf("USD") as Currency;
const ACCOUNT = "6217000000004821";
const START = "2026-03-02T02:00:00.000Z" as Instant;
const HOUR_MS = 3_600_000;

function bankAt(start: Instant, language: BankLanguage = "iso20022") {
  const clock = manualClock(start);
  const bank = createSandboxBank({ clock, state: newBankState(7) });
  bank.openAccount({
    accountNumber: ACCOUNT,
    currency: USD,
    ownerName: "Chongqing Example Trading Co Ltd",
    language,
    openingMinor: 100_000n,
  });
  const pass = (hours: number) => {
    clock.advanceMs(hours * HOUR_MS);
    bank.passTime();
  };
  return { clock, bank, pass };
}

function transfer(id: string, amountMinor: bigint, sentAt = START): IncomingTransfer {
  return {
    transferId: id,
    sentAt,
    accountNumber: ACCOUNT,
    currency: USD,
    amountMinor,
    payerName: "Amazon.com Services LLC",
    reference: id,
  };
}

async function read(message: BankMessageOut) {
  const bytes = Buffer.from(message.text, "utf8");
  const content = await readBankFile(
    (async function* () {
      yield bytes;
    })(),
    message.text.startsWith("<?xml") ? "iso20022" : "mt",
  );
  expect(content.refusals).toEqual([]);
  return content.messages;
}

describe("the sandbox bank", () => {
  it("advises what arrives, and tells it again at the end of the day in a statement that proves", async () => {
    const { bank, pass } = bankAt(START);
    expect(bank.receive(transfer("TRACE1", 60_699n)).ok).toBe(true);
    pass(0);
    const [advice] = bank.messagesFrom(0);
    expect(advice?.kind).toBe("advice");
    pass(15);
    const [, statement, ...others] = bank.messagesFrom(0);
    expect(others).toEqual([]);
    expect(statement?.kind).toBe("statement");
    const [told] = await read(advice as BankMessageOut);
    const [closed] = await read(statement as BankMessageOut);
    expect(closed?.verdict).toBe("proven");
    expect(closed?.entries[0]?.amount.minor).toBe(60_699n);
    expect(told?.entries[0]?.servicerReference).toBe(closed?.entries[0]?.servicerReference);
    expect(bank.state.accounts[0]?.balanceMinor).toBe(160_699n);
    expect(bank.nextAt()).toBe(null);
  });

  it("takes a transfer once, however often it is sent", () => {
    const { bank, pass } = bankAt(START);
    bank.receive(transfer("TRACE1", 100n));
    bank.receive(transfer("TRACE1", 100n));
    pass(1);
    bank.receive(transfer("TRACE1", 100n));
    pass(1);
    expect(bank.state.accounts[0]?.bookings).toHaveLength(1);
  });

  it("refuses money for an account that it does not hold", () => {
    const { bank } = bankAt(START);
    const refused = bank.receive({ ...transfer("TRACE1", 100n), accountNumber: "1" });
    expect(refused.ok ? "" : refused.refusal.code).toBe("sandbox-account-unknown");
  });

  it("proves every day's statement, whatever happens to the transfers, in both languages", async () => {
    const plans: readonly ArrivalPlan[] = [
      { chargeMinor: 1500n },
      { chargeMinor: 700n, chargeTold: false },
      { parts: 3 },
      { advice: "none" },
      { advice: "twice" },
      { confirmed: false },
      { payerName: null },
      { referenceLost: true, payerName: "Northsea Trading GmbH" },
      { lateMs: 30 * HOUR_MS },
      { back: { kind: "returned", afterMs: 26 * HOUR_MS, amountMinor: 5_000n } },
      { back: { kind: "reversed", afterMs: HOUR_MS } },
      { lost: true },
    ];
    for (const language of ["iso20022", "mt"] as const) {
      const { bank, clock, pass } = bankAt(START, language);
      let sent = 0n;
      for (const [index, plan] of plans.entries()) {
        expect(bank.plan(ACCOUNT, USD, plan).ok).toBe(true);
        const amountMinor = 50_000n + BigInt(index);
        bank.receive(transfer(`TRACE${index}`, amountMinor, clock.now()));
        sent += amountMinor;
        pass(9);
      }
      pass(100);
      let closingMinor = 100_000n;
      for (const message of bank.messagesFrom(0).filter(({ kind }) => kind === "statement")) {
        const [statement] = await read(message);
        expect(statement?.verdict, message.text).toBe("proven");
        for (const entry of statement?.entries ?? [])
          closingMinor += entry.direction === "credit" ? entry.amount.minor : -entry.amount.minor;
      }
      const account = bank.state.accounts[0];
      expect(account?.openingMinor).toBe(closingMinor);
      // What no statement has is the one credit that is never confirmed.
      expect(account?.balanceMinor).toBe(closingMinor + 50_005n);
      const booked = (account?.bookings ?? []).reduce(
        (sum, { direction, amountMinor, chargeMinor }) =>
          sum + (direction === "credit" ? amountMinor + chargeMinor : -amountMinor),
        0n,
      );
      // Sent, less the lost one and what went back.
      expect(booked).toBe(sent - 50_011n - 5_000n - 50_010n);
    }
  });

  it("ends a day early when told to; what comes later stands on the next day's statement", () => {
    const { bank, clock, pass } = bankAt(START);
    bank.receive(transfer("TRACE1", 100n));
    bank.closeDayNow();
    expect(bank.messagesFrom(0).map(({ kind }) => kind)).toEqual(["advice", "statement"]);
    bank.receive(transfer("TRACE2", 200n, clock.now()));
    pass(20);
    expect(bank.messagesFrom(2).map(({ kind }) => kind)).toEqual(["advice"]);
    pass(24);
    expect(bank.messagesFrom(3).map(({ kind }) => kind)).toEqual(["statement"]);
  });
});
