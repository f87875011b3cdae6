// Money that arrives or goes back: booked on the account, and advised as its plan says.

import { invariant } from "../../errors/invariant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { drawUuid } from "../seeded-draw.ts";
import { bankDayOf } from "./bank-day.ts";
import {
  type Arrival,
  type BankAccount,
  type BankState,
  type Booking,
  nextBankNumber,
} from "./state.ts";
import { advise } from "./write-advice.ts";

/** AC04: the account is closed; AM09: wrong amount. What the sandbox's payers give as the reason. */
const RETURN_REASON = "AM09";

/** Books the arrival at its time and plans what goes back of it later. */
export function bookArrival(state: BankState, account: BankAccount, arrival: Arrival): void {
  const booking =
    arrival.takesBack === null
      ? creditOf(state, arrival)
      : debitOf(state, account, arrival, arrival.takesBack);
  account.bookings.push(booking);
  account.balanceMinor +=
    booking.direction === "credit" ? booking.amountMinor : -booking.amountMinor;
  const { advice = "once", back } = arrival.plan;
  const at = { now: arrival.at, copy: false };
  if (advice !== "none") advise(state, account, booking, at);
  if (advice === "twice") advise(state, account, booking, at);
  if (advice === "copy") advise(state, account, booking, { ...at, copy: true });
  if (back === undefined || arrival.takesBack !== null) return;
  const amountMinor = back.amountMinor ?? booking.amountMinor;
  account.arrivals.push({
    ...arrival,
    at: instantOfMs(msOf(arrival.at) + back.afterMs),
    amountMinor: amountMinor < booking.amountMinor ? amountMinor : booking.amountMinor,
    chargeMinor: 0n,
    takesBack: booking.servicerRef,
  });
}

function creditOf(state: BankState, arrival: Arrival): Booking {
  const { plan } = arrival;
  const number = nextBankNumber(state);
  return {
    number,
    servicerRef: `SBX${String(number).padStart(9, "0")}`,
    bookedAt: arrival.at,
    bookedOn: bankDayOf(arrival.at),
    direction: "credit",
    reversal: false,
    amountMinor: arrival.amountMinor,
    chargeMinor: arrival.chargeMinor,
    chargeTold: plan.chargeTold ?? true,
    payerName: arrival.payerName,
    reference: arrival.reference,
    uetr: drawUuid(state.seed, "uetr", number),
    returnReason: null,
    confirmed: plan.confirmed ?? true,
    transferId: arrival.transferId,
    statementNumber: null,
  };
}

/** A reversal names the bank's own reference of the booking that it undoes; a return names the payment. */
function debitOf(
  state: BankState,
  account: BankAccount,
  arrival: Arrival,
  takesBack: string,
): Booking {
  const credit = account.bookings.find(({ servicerRef }) => servicerRef === takesBack);
  invariant(credit !== undefined, "money goes back from a booking");
  const isReversal = arrival.plan.back?.kind === "reversed";
  const number = nextBankNumber(state);
  return {
    ...credit,
    number,
    servicerRef: isReversal ? takesBack : `SBX${String(number).padStart(9, "0")}`,
    bookedAt: arrival.at,
    bookedOn: bankDayOf(arrival.at),
    direction: "debit",
    reversal: isReversal,
    amountMinor: arrival.amountMinor,
    chargeMinor: 0n,
    returnReason: isReversal ? null : RETURN_REASON,
    statementNumber: null,
  };
}
