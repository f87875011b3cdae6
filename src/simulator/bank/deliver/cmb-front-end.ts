// The sandbox bank behind CMB's interface (招商银行 银企直联): GetNewNotice hands each notice out once and forgets it,
// GetHisNoticeEX gives the notices of days again. Like CIB's, it tells of what is booked, whatever is advised.

import {
  CMB_CURRENCIES,
  type CmbMoneyType,
  type CmbNotice,
  type CmbQuestion,
  readCmbQuestion,
  writeCmbAnswer,
} from "../../../bank/vendor/cmb.ts";
import { readXmlTree } from "../../../bank/vendor/xml-tree.ts";
import { formatMinor } from "../../../money/money.ts";
import { bankTimeOf } from "../bank-day.ts";
import type { SandboxBank } from "../sandbox-bank.ts";
import type { BankAccount, Booking } from "../state.ts";
import { bookingsOf, type FrontEnd, noQuestion, xmlAnswer } from "./front-end.ts";

/** New notices of one answer. */
const NEW_MAX = 100;
/** The sandbox's own code for a login name that it does not know. */
const NOT_KNOWN = "-1";
/** MSGNBR has 18 digits. */
const NUMBER_DIGITS = 18;

export type CmbFrontEnd = {
  readonly bank: SandboxBank;
  readonly loginName: string;
  /** The greatest number that was handed out, by front-end: kept by the caller, as `delivered` of a sandbox's state. */
  readonly handedOut: Record<string, number>;
  /** Its name there. */
  readonly name: string;
};

type Told = { readonly account: BankAccount; readonly booking: Booking };

export function cmbFrontEnd(options: CmbFrontEnd): FrontEnd {
  return async (request) => {
    const tree = readXmlTree(new Uint8Array(await request.arrayBuffer()));
    const question = tree.ok ? readCmbQuestion(tree.root) : null;
    if (question === null) return noQuestion();
    const isKnown = question.loginName === options.loginName;
    const told = isKnown ? toldTo(question, options) : [];
    const answer = writeCmbAnswer({
      question: question.kind,
      code: isKnown ? "0" : NOT_KNOWN,
      message: isKnown ? null : "登录名错误",
      notices: told.map(noticeOf),
    });
    return xmlAnswer("GBK", answer);
  };
}

function toldTo(question: CmbQuestion, { bank, handedOut, name }: CmbFrontEnd): readonly Told[] {
  const all = bookingsOf(bank.state);
  if (question.kind === "new") {
    const last = handedOut[name] ?? 0;
    const fresh = all.filter(({ booking }) => booking.number > last).slice(0, NEW_MAX);
    handedOut[name] = fresh.at(-1)?.booking.number ?? last;
    return fresh;
  }
  const { type, beginOn, endOn, after, count } = question;
  const asked = all.filter(({ booking }) => {
    const day = compact(booking.bookedOn);
    return typeOf(booking) === type && day >= beginOn && day <= endOn;
  });
  return asked.filter(({ booking }) => numberOf(booking) > (after ?? "")).slice(0, count);
}

/** A reversal is written in red: on the side of what it reverses, with a minus. */
function isRed({ direction, reversal }: Booking): boolean {
  return reversal && direction === "debit";
}

function typeOf(booking: Booking): CmbMoneyType {
  return booking.direction === "credit" || isRed(booking) ? "NCCRTTRS" : "NCDBTTRS";
}

function numberOf({ number }: Booking): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}

function compact(day: string): string {
  return day.replaceAll("-", "");
}

function noticeOf({ account, booking }: Told): CmbNotice {
  const { payerName, reference, reversal } = booking;
  const amount = formatMinor(booking.amountMinor, account.currency);
  return {
    MSGTYP: typeOf(booking),
    MSGNBR: numberOf(booking),
    ACCNBR: account.accountNumber,
    ACCNAM: account.ownerName,
    CCYNBR: currencyNumber(account.currency),
    TRSAMT: isRed(booking) ? `-${amount}` : amount,
    AMTCDR: typeOf(booking) === "NCCRTTRS" ? "C" : "D",
    TRSDAT: compact(booking.bookedOn),
    TRSTIM: bankTimeOf(booking.bookedAt).slice(11).replaceAll(":", ""),
    VALDAT: compact(booking.bookedOn),
    SEQNBR: booking.servicerRef,
    ...(reversal ? { RVSTAG: "*" } : {}),
    ...(payerName === null ? {} : { RPYNAM: payerName }),
    ...(reference === null ? {} : { NARTXT: `AMZN ${reference}` }),
  };
}

/** The bank's own two digits; a currency that it has none for stands by its ISO code, which no reader takes. */
function currencyNumber(currency: string): string {
  const known = Object.entries(CMB_CURRENCIES).find(([, code]) => code === currency);
  return known?.[0] ?? currency;
}
