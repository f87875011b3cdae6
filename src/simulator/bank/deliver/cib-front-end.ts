// The sandbox bank behind CIB's interface (兴业银行 银企直联, 收汇通知查询): it is asked for receipts by day and page, and
// forgets nothing. What an arrival's plan says of advices does not touch it: it tells of what is booked.

import {
  type CibNotice,
  type CibQuestion,
  readCibQuestion,
  writeCibAnswer,
} from "../../../bank/vendor/cib.ts";
import { readXmlTree } from "../../../bank/vendor/xml-tree.ts";
import { formatMinor } from "../../../money/money.ts";
import type { Clock } from "../../../time/clock.ts";
import { bankTimeOf } from "../bank-day.ts";
import type { SandboxBank } from "../sandbox-bank.ts";
import type { BankAccount, Booking } from "../state.ts";
import { bookingsOf, type FrontEnd, noQuestion, xmlAnswer } from "./front-end.ts";

/** Receipts of one page unless told. */
const PAGE_SIZE_DEFAULT = 100;
/** The sandbox's own code for a customer, user or password that it does not know. */
const NOT_KNOWN = "2001";

export type CibFrontEnd = {
  readonly bank: SandboxBank;
  readonly clock: Clock;
  /** Who may ask. */
  readonly customer: Pick<CibQuestion, "customerId" | "userId" | "password">;
  readonly pageSize?: number;
};

export function cibFrontEnd({ bank, clock, customer, pageSize }: CibFrontEnd): FrontEnd {
  const size = pageSize ?? PAGE_SIZE_DEFAULT;
  return async (request) => {
    const tree = readXmlTree(new Uint8Array(await request.arrayBuffer()));
    const question = tree.ok ? readCibQuestion(tree.root) : null;
    if (question === null) return noQuestion();
    const { transactionId, customerId, userId, password, beginOn, endOn, page } = question;
    const isKnown =
      customerId === customer.customerId &&
      userId === customer.userId &&
      password === customer.password;
    const receipts = bookingsOf(bank.state).filter(
      ({ booking: { direction, bookedOn } }) =>
        direction === "credit" && bookedOn >= beginOn && bookedOn <= endOn,
    );
    const from = (page - 1) * size;
    return xmlAnswer(
      "GB2312",
      writeCibAnswer({
        transactionId,
        code: isKnown ? "0" : NOT_KNOWN,
        message: isKnown ? "" : "客户号、用户或密码错误",
        serverTime: bankTimeOf(clock.now()),
        notices: receipts.slice(from, from + size).map(receiptOf),
        more: receipts.length > from + size,
      }),
    );
  };
}

function receiptOf({ account, booking }: { account: BankAccount; booking: Booking }): CibNotice {
  const { currency } = account;
  const { amountMinor, chargeMinor, chargeTold, payerName, reference } = booking;
  const isCharged = chargeMinor > 0n && chargeTold;
  return {
    STL_BIZ_NO: booking.servicerRef,
    BIZ_DATE: booking.bookedOn,
    CREATE_DATE: booking.bookedOn,
    BUSN_TYPE: "JZS",
    CURRENCY: currency,
    REMIT_AMOUNT: formatMinor(amountMinor, currency),
    PAYEE_ACCT_NO: account.accountNumber,
    PAYEE_ACCT_NAME: account.ownerName,
    BEAR_EXPENSES: isCharged ? "BEN" : "SHA",
    ...(payerName === null ? {} : { REMITTER_ACCT_NAME: payerName }),
    ...(reference === null ? {} : { REMIT_MEMO: `AMZN ${reference}` }),
    ...(isCharged
      ? {
          ORGNL_CURRENCY: currency,
          ORGNL_AMT: formatMinor(amountMinor + chargeMinor, currency),
          BEAR_CURRENCY: currency,
          BEAR_AMOUNT: formatMinor(chargeMinor, currency),
        }
      : {}),
  };
}
