// What the bank sends at once when it books: camt.054, or MT910 for accounts of the older language. Debits are
// advised in camt only, as banks of the older language leave them to the statement.

import {
  type CamtEntry,
  type CamtTransaction,
  writeCamt054,
} from "../../bank/iso20022/write-camt.ts";
import { writeMt910 } from "../../bank/mt/write-mt.ts";
import { invariant } from "../../errors/invariant.ts";
import { money } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import { type BankAccount, type BankState, type Booking, nextBankNumber } from "./state.ts";

export const SANDBOX_BANK_BIC = "STRWCNBJXXX";
/** PMNT/RCDT/XBCT: a received cross-border credit transfer; PMNT/ICDT/RRTN: money that was sent back. */
const CREDIT_CODE = "PMNT/RCDT/XBCT";
const RETURN_CODE = "PMNT/ICDT/RRTN";
/** :50K: has lines of 35 characters, at most four. */
const MT_NAME_LINE = /.{1,35}/gu;
const MT_NAME_LINES_MAX = 4;

/** The entry of a booking, the same in its advice and in its statement but for the charge, which the advice documents. */
export function camtEntryOf(account: BankAccount, booking: Booking): CamtEntry {
  const { bookedOn, direction, servicerRef, reversal, returnReason } = booking;
  const amount = money(account.currency, booking.amountMinor);
  return {
    amount,
    direction,
    reversal,
    bookedOn,
    valueOn: bookedOn,
    servicerReference: servicerRef,
    typeCode: returnReason === null ? CREDIT_CODE : RETURN_CODE,
    transactions: [transactionOf(account, booking)],
  };
}

function transactionOf(account: BankAccount, booking: Booking): CamtTransaction {
  const { chargeMinor, chargeTold, reference, payerName, returnReason, uetr } = booking;
  const amount = money(account.currency, booking.amountMinor);
  const isTold = chargeMinor > 0n && chargeTold;
  return {
    amount,
    uetr,
    ...(reference === null ? {} : { endToEndId: reference, remittance: [`AMZN ${reference}`] }),
    ...(isTold
      ? {
          instructedAmount: money(account.currency, booking.amountMinor + chargeMinor),
          charges: [
            {
              amount: money(account.currency, chargeMinor),
              direction: "debit" as const,
              included: true,
              bearer: "CRED" as const,
            },
          ],
        }
      : {}),
    ...(payerName === null ? {} : { payer: { name: payerName } }),
    ...(returnReason === null ? {} : { returnReason }),
  };
}

/** Adds the advice of a booking to what the bank tells; `copy` marks it as told before. */
export function advise(
  state: BankState,
  account: BankAccount,
  booking: Booking,
  at: { readonly now: Instant; readonly copy: boolean },
): void {
  const number = nextBankNumber(state);
  const messageId = `ADV${String(number).padStart(9, "0")}`;
  const isMt = account.language === "mt";
  if (isMt && booking.direction === "debit") return;
  const text = isMt
    ? mt910Of(account, booking, messageId, at.now)
    : writeCamt054({
        messageId,
        createdAt: at.now,
        statements: [
          {
            id: messageId,
            createdAt: at.now,
            ...(at.copy ? { copy: "DUPL" as const } : {}),
            account: {
              number: account.accountNumber,
              currency: account.currency,
              ownerName: account.ownerName,
              servicerBic: SANDBOX_BANK_BIC,
            },
            entries: [camtEntryOf(account, booking)],
          },
        ],
      });
  state.messages.push({
    messageId,
    accountNumber: account.accountNumber,
    currency: account.currency,
    kind: "advice",
    writtenAt: at.now,
    name: `${messageId}.${isMt ? "mt910" : "camt054.xml"}`,
    text,
  });
}

function mt910Of(account: BankAccount, booking: Booking, messageId: string, now: Instant): string {
  const { payerName, reference } = booking;
  const nameLines = (payerName ?? "").match(MT_NAME_LINE)?.slice(0, MT_NAME_LINES_MAX) ?? [];
  const written = writeMt910({
    envelope: null,
    reference: booking.servicerRef,
    relatedReference: null,
    account: account.accountNumber,
    postedAt: now,
    valueOn: booking.bookedOn,
    amount: money(account.currency, booking.amountMinor),
    payer: payerName === null ? null : { account: null, nameLines },
    payerAgentBic: "CHASUS33XXX",
    information: reference === null ? null : `AMZN ${reference}`,
  });
  invariant(written.ok, `the sandbox bank cannot write ${messageId} as MT910`);
  return written.value;
}
