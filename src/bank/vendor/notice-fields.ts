// Fields of a bank's own notices: flat lists of names and texts, read into money and dates with a reason for whatever
// is missing or wrong. A notice with a fault is quarantined; its neighbours in the document are not.

import type { Reason } from "../../errors/refusal.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";
import { type Money, money, parseMinor } from "../../money/money.ts";
import { type CivilDate, parseCivilDate } from "../../time/instant.ts";
import type { BankEntry, BankMessage, BankTransaction, Direction } from "../message.ts";
import { textAt, type XmlElement } from "./xml-tree.ts";

export type VendorReasonCode =
  | "vendor-field-missing"
  | "vendor-amount-unreadable"
  | "vendor-currency-unknown"
  | "vendor-date-unreadable"
  | "vendor-direction-unknown";

export type NoticeFields = {
  readonly text: (name: string) => string | null;
  /** As `text`; a reason when it is missing. */
  readonly required: (name: string) => string | null;
  readonly amount: (name: string, currency: Currency | null) => Money | null;
  readonly currency: (name: string, codes?: Readonly<Record<string, string>>) => Currency | null;
  /** "2026-11-23" or "20261123". */
  readonly date: (name: string) => CivilDate | null;
  readonly fault: (code: VendorReasonCode, message: string) => void;
  readonly reasons: readonly Reason[];
};

export function noticeFields(element: XmlElement): NoticeFields {
  const reasons: Reason[] = [];
  const fault = (code: VendorReasonCode, message: string): void => {
    reasons.push({ code, line: element.line, message });
  };
  const text = (name: string): string | null => textAt(element, name);
  const required = (name: string): string | null => {
    const value = text(name);
    if (value === null) fault("vendor-field-missing", `The notice has no ${name}.`);
    return value;
  };
  return {
    text,
    required,
    fault,
    reasons,
    amount: (name, currency) => {
      const value = text(name);
      if (value === null || currency === null) return null;
      const parsed = parseMinor(value, currency);
      if (parsed.ok) return money(currency, parsed.minor);
      fault("vendor-amount-unreadable", `${name} is no amount of ${currency}.`);
      return null;
    },
    currency: (name, codes) => {
      const value = text(name);
      if (value === null) return null;
      const known = currencyOf(codes === undefined ? value : (codes[value] ?? ""));
      if (known === null)
        fault("vendor-currency-unknown", `${name} ${value} is no known currency.`);
      return known;
    },
    date: (name) => {
      const value = text(name);
      if (value === null) return null;
      const date = parseCivilDate(value.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3"));
      if (date === null) fault("vendor-date-unreadable", `${name} ${value} is no date.`);
      return date;
    },
  };
}

/** What a notice of one booking says; the rest of a transaction is absent in such notices. */
export type NoticeBooking = {
  readonly amount: Money;
  readonly direction: Direction;
  readonly reversal: boolean;
  readonly bookedOn: CivilDate | null;
  readonly valueOn: CivilDate | null;
  readonly servicerReference: string | null;
  readonly typeCode: string | null;
} & Partial<
  Pick<
    BankTransaction,
    | "endToEndId"
    | "transactionId"
    | "instructedAmount"
    | "charges"
    | "payer"
    | "payerAgent"
    | "payee"
    | "remittance"
    | "additionalInfo"
  >
>;

export function entryOf(line: number, booking: NoticeBooking): BankEntry {
  const { amount, direction, reversal, bookedOn, valueOn, servicerReference, typeCode } = booking;
  return {
    index: 0,
    line,
    amount,
    direction,
    reversal,
    status: "booked",
    bookedOn,
    valueOn,
    servicerReference,
    entryReference: null,
    typeCode,
    additionalInfo: null,
    charges: [],
    transactions: [
      {
        index: 0,
        line,
        amount,
        direction,
        endToEndId: booking.endToEndId ?? null,
        uetr: null,
        instructionId: null,
        transactionId: booking.transactionId ?? null,
        servicerReference,
        clearingReference: null,
        instructedAmount: booking.instructedAmount ?? null,
        exchange: null,
        charges: booking.charges ?? [],
        payer: booking.payer ?? null,
        ultimatePayer: null,
        payerAgent: booking.payerAgent ?? null,
        payee: booking.payee ?? null,
        purpose: null,
        remittance: booking.remittance ?? [],
        additionalInfo: booking.additionalInfo ?? null,
        returned: null,
      },
    ],
  };
}

export function messageOfNotice(
  head: Pick<BankMessage, "family" | "format" | "line" | "messageId" | "account">,
  entry: BankEntry | null,
  reasons: readonly Reason[],
): BankMessage {
  return {
    ...head,
    senderBic: null,
    createdAt: null,
    copy: null,
    statementId: head.messageId,
    sequence: null,
    page: null,
    balances: [],
    verdict: reasons.length > 0 || entry === null ? "quarantined" : "read",
    reasons,
    entries: entry === null ? [] : [entry],
  };
}

/** "10000" and "10000.00" are the same money: for comparing, never for reckoning. */
export function plainAmount(text: string | null): string {
  return (text ?? "").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}
