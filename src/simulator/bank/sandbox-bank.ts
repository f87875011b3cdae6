// A bank to develop against: it holds sellers' foreign-exchange accounts, receives what the marketplace sends, and
// tells of it as banks do, in camt or MT, at once and at the end of each day. What goes wrong with a transfer is
// planned before it comes (docs/reference/sandbox-bank.md).

import { invariant } from "../../errors/invariant.ts";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { money, splitEvenly } from "../../money/money.ts";
import type { Clock } from "../../time/clock.ts";
import { addDays, type CivilDate, type Instant, instantOfMs, msOf } from "../../time/instant.ts";
import { bankDayOf, endOfBankDay } from "./bank-day.ts";
import { bookArrival } from "./book-arrival.ts";
import { closeDay } from "./close-day.ts";
import type {
  Arrival,
  ArrivalPlan,
  BankAccount,
  BankLanguage,
  BankMessageOut,
  BankState,
} from "./state.ts";

/** Money that another bank sends here. */
export type IncomingTransfer = {
  /** The sender's own id: the same transfer again changes nothing. */
  readonly transferId: string;
  readonly sentAt: Instant;
  readonly accountNumber: string;
  readonly currency: Currency;
  /** Positive. */
  readonly amountMinor: bigint;
  readonly payerName: string;
  /** What the payer wants printed; null: nothing. */
  readonly reference: string | null;
};

export type AccountOpening = {
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly ownerName: string;
  /** "iso20022" unless told. */
  readonly language?: BankLanguage;
  /** 0 unless told: what is sent is there at once. */
  readonly arrivesAfterMs?: number;
  /** 0 unless told. */
  readonly openingMinor?: bigint;
};

export type SandboxBank = {
  /** As it stands after the last `passTime`; for reading and saving. */
  readonly state: BankState;
  /** Opens the account; one that is open stays as it is. */
  readonly openAccount: (opening: AccountOpening) => void;
  /** What is to become of the account's next transfers; refuses an account that is not open. */
  readonly plan: (accountNumber: string, currency: Currency, plan: ArrivalPlan) => Outcome<null>;
  /** Takes a transfer in; refuses one for an account that is not open, as a bank sends it back. */
  readonly receive: (transfer: IncomingTransfer) => Outcome<null>;
  /** Books what has arrived by now and ends the days that are over, in the order of time. */
  readonly passTime: () => void;
  /** Ends the running day of every account now, as an operator may: its statement has what is booked so far. */
  readonly closeDayNow: () => void;
  /** Sends all messages of the account once more, byte for byte, as banks do after a fault of theirs. */
  readonly repeatMessages: (accountNumber: string, currency: Currency) => void;
  /** Messages from the given place on, oldest first. */
  readonly messagesFrom: (place: number) => readonly BankMessageOut[];
  /** When something happens next by itself; null: never. */
  readonly nextAt: () => Instant | null;
};

export function createSandboxBank(options: {
  readonly clock: Clock;
  readonly state: BankState;
}): SandboxBank {
  const { clock, state } = options;
  const find = (accountNumber: string, currency: Currency) =>
    state.accounts.find(
      (account) => account.accountNumber === accountNumber && account.currency === currency,
    );
  const passTime = () => {
    for (const account of state.accounts) passAccountTime(state, account, clock.now());
  };
  return {
    state,
    openAccount: (opening) => {
      if (find(opening.accountNumber, opening.currency) === undefined)
        state.accounts.push(openedAccount(opening, clock.now()));
    },
    plan: (accountNumber, currency, plan) => {
      const account = find(accountNumber, currency);
      if (account === undefined) return noAccount(accountNumber, currency);
      account.plans.push(plan);
      return accepted(null);
    },
    receive: (transfer) => {
      invariant(transfer.amountMinor > 0n, "a transfer has an amount");
      const account = find(transfer.accountNumber, transfer.currency);
      if (account === undefined) return noAccount(transfer.accountNumber, transfer.currency);
      if (isKnown(account, transfer.transferId)) return accepted(null);
      const plan = account.plans.shift() ?? {};
      if (plan.lost !== true) account.arrivals.push(...arrivalsOf(account, transfer, plan));
      return accepted(null);
    },
    passTime,
    closeDayNow: () => {
      passTime();
      const today = bankDayOf(clock.now());
      for (const account of state.accounts)
        if (account.closedOn < today) closeDay(state, account, today);
    },
    repeatMessages: (accountNumber, currency) => {
      const told = state.messages.filter(
        (message) => message.accountNumber === accountNumber && message.currency === currency,
      );
      state.messages.push(...told);
    },
    messagesFrom: (place) => state.messages.slice(place),
    nextAt: () => earliest(state.accounts.flatMap((account) => nextOf(account))),
  };
}

function noAccount(accountNumber: string, currency: Currency): Outcome<never> {
  return refused(
    "sandbox-account-unknown",
    `The sandbox bank holds no ${currency} account …${accountNumber.slice(-4)}; open it first.`,
  );
}

function openedAccount(opening: AccountOpening, now: Instant): BankAccount {
  const openingMinor = opening.openingMinor ?? 0n;
  return {
    accountNumber: opening.accountNumber,
    currency: opening.currency,
    ownerName: opening.ownerName,
    language: opening.language ?? "iso20022",
    arrivesAfterMs: opening.arrivesAfterMs ?? 0,
    balanceMinor: openingMinor,
    openingMinor,
    lastStatement: 0,
    closedOn: addDays(bankDayOf(now), -1),
    plans: [],
    arrivals: [],
    bookings: [],
  };
}

function isKnown(account: BankAccount, transferId: string): boolean {
  return (
    account.arrivals.some((arrival) => arrival.transferId === transferId) ||
    account.bookings.some((booking) => booking.transferId === transferId)
  );
}

/** The credits that a transfer becomes: less its charge, in so many parts, a second apart. */
function arrivalsOf(
  account: BankAccount,
  transfer: IncomingTransfer,
  plan: ArrivalPlan,
): readonly Arrival[] {
  const chargeMinor = plan.chargeMinor ?? 0n;
  invariant(chargeMinor < transfer.amountMinor, "a charge leaves something of a transfer");
  const net = money(transfer.currency, transfer.amountMinor - chargeMinor);
  const parts = splitEvenly(net, plan.parts ?? 1);
  const firstMs = msOf(transfer.sentAt) + account.arrivesAfterMs + (plan.lateMs ?? 0);
  return parts.map((part, index) => ({
    at: instantOfMs(firstMs + index * 1000),
    transferId: transfer.transferId,
    amountMinor: part.minor,
    // The whole charge is told with the first part.
    chargeMinor: index === 0 ? chargeMinor : 0n,
    payerName: plan.payerName === undefined ? transfer.payerName : plan.payerName,
    reference: plan.referenceLost === true ? null : transfer.reference,
    plan,
    takesBack: null,
  }));
}

/** Arrivals and ends of days in the order of time; an arrival on a day's last instant is of that day. */
function passAccountTime(state: BankState, account: BankAccount, now: Instant): void {
  for (;;) {
    const arrival = nextArrival(account);
    const day = openDayOf(account);
    const dayEnd = day === null ? null : endOfBankDay(day);
    if (arrival !== null && arrival.at <= now && (dayEnd === null || arrival.at < dayEnd)) {
      account.arrivals.splice(account.arrivals.indexOf(arrival), 1);
      bookArrival(state, account, arrival);
    } else if (day !== null && dayEnd !== null && dayEnd <= now) closeDay(state, account, day);
    else return;
  }
}

function nextArrival(account: BankAccount): Arrival | null {
  const [first] = [...account.arrivals].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return first ?? null;
}

/** The earliest day that has bookings no statement tells of; null: none has. */
function openDayOf(account: BankAccount): CivilDate | null {
  const days = account.bookings
    .filter(({ statementNumber, confirmed }) => statementNumber === null && confirmed)
    .map(({ bookedOn }) => (bookedOn > account.closedOn ? bookedOn : addDays(account.closedOn, 1)))
    .sort();
  return days[0] ?? null;
}

function nextOf(account: BankAccount): readonly Instant[] {
  const arrival = nextArrival(account);
  const day = openDayOf(account);
  return [...(arrival === null ? [] : [arrival.at]), ...(day === null ? [] : [endOfBankDay(day)])];
}

function earliest(instants: readonly Instant[]): Instant | null {
  return [...instants].sort()[0] ?? null;
}
