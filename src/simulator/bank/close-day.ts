// The end of a bank's day: one statement with opening and closing balance over what was booked and not told yet. A
// day without bookings has none.

import { writeCamt053 } from "../../bank/iso20022/write-camt.ts";
import { writeMt940 } from "../../bank/mt/write-mt.ts";
import { invariant } from "../../errors/invariant.ts";
import { absMinor, money } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { addDays } from "../../time/instant.ts";
import { endOfBankDay } from "./bank-day.ts";
import { type BankAccount, type BankState, type Booking, nextBankNumber } from "./state.ts";
import { camtEntryOf, SANDBOX_BANK_BIC } from "./write-advice.ts";

/** Ends the account's day; what is booked later belongs to a later one. */
export function closeDay(state: BankState, account: BankAccount, day: CivilDate): void {
  invariant(day > account.closedOn, "a bank's day ends once");
  account.closedOn = day;
  const told = account.bookings.filter(
    (booking) => booking.statementNumber === null && booking.confirmed && booking.bookedOn <= day,
  );
  if (told.length === 0) return;
  account.lastStatement += 1;
  const closingMinor = told.reduce(
    (sum, { direction, amountMinor }) =>
      sum + (direction === "credit" ? amountMinor : -amountMinor),
    account.openingMinor,
  );
  const number = nextBankNumber(state);
  const messageId = `STM${String(number).padStart(9, "0")}`;
  const writtenAt = endOfBankDay(day);
  const of = { account, day, messageId, writtenAt, closingMinor };
  const isMt = account.language === "mt";
  state.messages.push({
    messageId,
    accountNumber: account.accountNumber,
    currency: account.currency,
    kind: "statement",
    writtenAt,
    name: `${messageId}.${isMt ? "mt940" : "camt053.xml"}`,
    text: isMt ? mt940Of(of, told) : camt053Of(of, told),
  });
  account.openingMinor = closingMinor;
  for (const booking of told) booking.statementNumber = account.lastStatement;
}

type DayStatement = {
  readonly account: BankAccount;
  readonly day: CivilDate;
  readonly messageId: string;
  readonly writtenAt: Instant;
  readonly closingMinor: bigint;
};

function camt053Of(of: DayStatement, told: readonly Booking[]): string {
  const { account, day, messageId, writtenAt, closingMinor } = of;
  const balance = (code: "OPBD" | "CLBD", minor: bigint, on: CivilDate) => ({
    code,
    amount: money(account.currency, absMinor(minor)),
    direction: minor < 0n ? ("debit" as const) : ("credit" as const),
    on,
  });
  return writeCamt053({
    messageId,
    createdAt: writtenAt,
    statements: [
      {
        id: messageId,
        createdAt: writtenAt,
        sequence: account.lastStatement,
        account: {
          number: account.accountNumber,
          currency: account.currency,
          ownerName: account.ownerName,
          servicerBic: SANDBOX_BANK_BIC,
        },
        balances: [
          balance("OPBD", account.openingMinor, addDays(day, -1)),
          balance("CLBD", closingMinor, day),
        ],
        entries: told.map((booking) => camtEntryOf(account, booking)),
      },
    ],
  });
}

/** :28C: has five digits. */
const MT_STATEMENT_NUMBERS = 100_000;

function mt940Of(of: DayStatement, told: readonly Booking[]): string {
  const { account, day, messageId } = of;
  const written = writeMt940({
    envelope: null,
    reference: messageId,
    account: account.accountNumber,
    statementNumber: `${String(account.lastStatement % MT_STATEMENT_NUMBERS).padStart(5, "0")}/1`,
    currency: account.currency,
    openingOn: addDays(day, -1),
    openingMinor: account.openingMinor,
    closingOn: day,
    entries: told.map((booking) => ({
      valueOn: booking.bookedOn,
      bookedOn: booking.bookedOn,
      amountMinor: booking.amountMinor,
      direction: booking.direction,
      reversal: booking.reversal,
      typeCode: booking.returnReason === null ? "NTRF" : "NRTI",
      ownerReference: null,
      servicerReference: booking.servicerRef,
      details: [
        booking.reference === null ? "" : `AMZN ${booking.reference}`,
        booking.payerName ?? "",
      ]
        .filter((part) => part !== "")
        .join(" "),
    })),
  });
  invariant(written.ok, `the sandbox bank cannot write ${messageId} as MT940`);
  return written.value;
}
