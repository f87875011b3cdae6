// One telling of one transaction, with the key that makes a repeat recognisable, and the rule that says when
// two tellings in different messages are the same money.
//
// The key is (family, status, account, currency, direction, reversal, amount, dates, references) and an
// occurrence counter, because references repeat in real files (one bank's sample has one reference 13 times).
// The counter counts identical rows within one bank statement, over its pages; identical rows of different
// messages are the same row told again. So two identical advices without any reference of their own count as
// one until the end-of-day statement shows two: late, but never twice.

import { normaliseAccountNumber } from "../identity/sellers.ts";
import { objectId } from "../ids/object-id.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import { daysBetween } from "../time/instant.ts";
import type {
  BankEntry,
  BankFamily,
  BankMessage,
  BankTransaction,
  Charge,
  Direction,
  EntryStatus,
  Exchange,
  Party,
  ReturnInfo,
} from "./message.ts";

/** The references by which two tellings can be known to be the same money, strongest first. */
export type BankReferences = {
  readonly uetr: string | null;
  readonly servicerRef: string | null;
  readonly endToEndId: string | null;
  readonly instructionId: string | null;
};

export type NoticeDetail = {
  readonly payer: Party | null;
  readonly ultimatePayer: Party | null;
  readonly payerAgent: Party | null;
  readonly instructed: { readonly currency: string; readonly minor: bigint } | null;
  readonly charges: readonly Charge[];
  readonly exchange: Exchange | null;
  readonly remittance: readonly string[];
  readonly purpose: string | null;
  readonly returned: ReturnInfo | null;
  readonly instructionId: string | null;
  readonly transactionId: string | null;
};

export type NoticeDraft = BankReferences & {
  /** Key without the occurrence counter. */
  readonly identity: string;
  readonly family: BankFamily;
  readonly status: EntryStatus;
  readonly copy: boolean;
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly direction: Direction;
  readonly reversal: boolean;
  readonly amountMinor: bigint;
  readonly bookedOn: CivilDate | null;
  readonly valueOn: CivilDate | null;
  readonly typeCode: string | null;
  readonly detail: NoticeDetail;
  /** The bank statement (all its pages) within which identical rows are counted. */
  readonly scope: string;
  readonly page: string;
  readonly messageKey: string;
  readonly sha256: string;
  readonly line: number;
};

/** A notice with its occurrence number, while a batch is recorded. */
export type NoticeInBatch = {
  readonly draft: NoticeDraft;
  /** From 1; counts identical rows within one bank statement. */
  readonly occurrence: number;
  readonly noticeId: string;
  /** The transaction it tells of, once decided. */
  transactionId: string | null;
};

/** The message itself, wherever it is found again: sender, account and its own ids. */
export function messageKey(message: BankMessage): string {
  return objectId(
    "bm",
    message.family,
    message.messageId,
    message.senderBic,
    message.account.number,
    message.statementId,
    message.sequence,
    message.page?.number ?? null,
  );
}

/** Every transaction of a message as a notice. A message marked as a copy tells of no new money. */
export function noticesOf(message: BankMessage, sha256: string): readonly NoticeDraft[] {
  const key = messageKey(message);
  const scope = objectId(
    "sc",
    message.family,
    message.account.number,
    message.statementId ?? message.messageId,
    message.sequence,
  );
  return message.entries.flatMap((entry) =>
    entry.transactions.map((transaction) =>
      draft(message, entry, transaction, { key, scope, sha256 }),
    ),
  );
}

function draft(
  message: BankMessage,
  entry: BankEntry,
  transaction: BankTransaction,
  at: { key: string; scope: string; sha256: string },
): NoticeDraft {
  const isOnly = entry.transactions.length === 1;
  const references: BankReferences = {
    uetr: transaction.uetr,
    servicerRef: transaction.servicerReference ?? (isOnly ? entry.servicerReference : null),
    // A return message names the original only; what the bank then books carries the same reference as its own.
    endToEndId: transaction.endToEndId ?? transaction.returned?.originalEndToEndId ?? null,
    instructionId: transaction.instructionId,
  };
  const detail = detailOf(entry, transaction);
  const hasReference =
    Object.values(references).some((reference) => reference !== null) ||
    entry.servicerReference !== null;
  const facts = {
    family: message.family,
    status: entry.status,
    accountNumber: normaliseAccountNumber(message.account.number),
    currency: transaction.amount.currency,
    direction: transaction.direction,
    reversal: entry.reversal,
    amountMinor: transaction.amount.minor,
    bookedOn: entry.bookedOn,
    valueOn: entry.valueOn,
  };
  return {
    ...references,
    ...facts,
    identity: objectId(
      "ni",
      ...Object.values(facts),
      ...Object.values(references),
      entry.servicerReference,
      transaction.transactionId,
      // Without any reference of its own, the text is what tells rows apart.
      hasReference ? "" : detail.remittance.join("\n"),
      // A copy is no repeat of its original: either may come first, and only the original is money.
      message.copy === null ? "" : "copy",
    ),
    copy: message.copy !== null,
    typeCode: entry.typeCode,
    detail,
    scope: at.scope,
    page: message.page?.number ?? "1",
    messageKey: at.key,
    sha256: at.sha256,
    line: transaction.line,
  };
}

function detailOf(entry: BankEntry, transaction: BankTransaction): NoticeDetail {
  const isOnly = entry.transactions.length === 1;
  return {
    payer: transaction.payer,
    ultimatePayer: transaction.ultimatePayer,
    payerAgent: transaction.payerAgent,
    instructed: transaction.instructedAmount,
    charges: transaction.charges.length > 0 || !isOnly ? transaction.charges : entry.charges,
    exchange: transaction.exchange,
    remittance: [
      ...transaction.remittance,
      ...[transaction.additionalInfo, isOnly ? entry.additionalInfo : null].filter(
        (text) => text !== null,
      ),
    ],
    purpose: transaction.purpose,
    returned: transaction.returned,
    instructionId: transaction.instructionId,
    transactionId: transaction.transactionId,
  };
}

/** Days by which an advice and the statement's line may differ in value date. */
export const SAME_MONEY_DAYS_MAX = 5;

/** Messages between banks about a payment: the account's own entry comes on their day or after it. */
const PAYMENT_MESSAGES: readonly BankFamily[] = ["pacs.008", "pacs.004", "mt103"];

/**
 * How strongly two tellings with the same currency, direction and amount are the same money: the number of
 * references that agree; 0.5 where they have no reference in common but the same value date; 0.4 where they have
 * none in common and the account's entry comes within days after the payment's message; 0 where they are not the
 * same. Different UETRs are never the same payment (UETR is the chain-wide key); of the other references one that
 * agrees is enough, since banks give an advice and its booking different numbers.
 */
export function sameMoneyStrength(left: MoneyTelling, right: MoneyTelling): number {
  const days = daysFrom(left, right);
  if (Math.abs(days) > SAME_MONEY_DAYS_MAX) return 0;
  if (left.uetr !== null && right.uetr !== null && left.uetr !== right.uetr) return 0;
  let agreeing = 0;
  let differing = 0;
  for (const name of ["uetr", "servicerRef", "endToEndId", "instructionId"] as const) {
    if (left[name] === null || right[name] === null) continue;
    if (left[name] === right[name]) agreeing += 1;
    else differing += 1;
  }
  if (agreeing > 0) return agreeing;
  if (differing > 0) return 0;
  if (days === 0) return 0.5;
  const [early, late] = days > 0 ? [left, right] : [right, left];
  return isPaymentMessage(early) && !isPaymentMessage(late) ? 0.4 : 0;
}

function isPaymentMessage({ family }: MoneyTelling): boolean {
  return PAYMENT_MESSAGES.includes(family);
}

function daysFrom(left: MoneyTelling, right: MoneyTelling): number {
  const leftOn = left.valueOn ?? left.bookedOn;
  const rightOn = right.valueOn ?? right.bookedOn;
  return leftOn === null || rightOn === null ? 0 : daysBetween(leftOn, rightOn);
}

export type MoneyTelling = BankReferences & {
  readonly family: BankFamily;
  readonly valueOn: CivilDate | null;
  readonly bookedOn: CivilDate | null;
};
