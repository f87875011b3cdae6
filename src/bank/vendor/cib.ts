// CIB (兴业银行) 银企直联, 3.18.10 跨境电商收汇通知查询: the receipts of cross-border e-commerce, asked for by day and page.
// Names and fields as in the bank's published interface; one document may hold any number of notices.

import type { BankMessage, Charge } from "../message.ts";
import {
  entryOf,
  messageOfNotice,
  type NoticeFields,
  noticeFields,
  plainAmount,
} from "./notice-fields.ts";
import { part, writeXmlDocument, type XmlPart } from "./write-xml.ts";
import { elementAt, elementsBelow, elementsNamed, textAt, type XmlElement } from "./xml-tree.ts";

export const CIB_FORMAT = "CIB CBECINNOTICEQUERY";
const ANSWER = "CBECINNOTICEQUERYTRNRS";
const QUESTION = "CBECINNOTICEQUERYTRNRQ";

/**
 * The fields of a notice in the bank's order (RSBODY/CONTENT). STL_BIZ_NO tells notices apart; BLNC_PYMT_NO is the
 * number of the balance-of-payments declaration; REMIT_AMOUNT is what arrived, ORGNL_AMT what was sent.
 */
export const CIB_FIELDS = [
  "BRANCH_NO",
  "NCID",
  "CID",
  "STL_BIZ_NO",
  "BIZ_DATE",
  "CREATE_DATE",
  "BUSN_TYPE",
  "BLNC_PYMT_NO",
  "CURRENCY",
  "REMIT_AMOUNT",
  "ORGNL_CURRENCY",
  "ORGNL_AMT",
  "REMITTER_ACCT_NO",
  "REMITTER_ACCT_NAME",
  "PAYEE_ACCT_NO",
  "PAYEE_NCID",
  "PAYEE_ACCT_NAME",
  "REMITTER_BANK_NO",
  "REMITTER_SWIFT_CODE",
  "REMITTER_BANK_NAME",
  "SEND_MSG",
  "BEAR_EXPENSES",
  "BEAR_CURRENCY",
  "BEAR_AMOUNT",
  "REMIT_MEMO",
  "SETTLE_WAY",
  "COUNTRY_CODE",
] as const;
export type CibNotice = Readonly<Partial<Record<(typeof CIB_FIELDS)[number], string>>>;

/** Every notice of a FOX document as a message of its own. */
export function readCib(root: XmlElement): readonly BankMessage[] {
  return elementsBelow(root, ANSWER).flatMap((answer) =>
    elementsNamed(elementAt(answer, "RSBODY"), "CONTENT").map(messageOf),
  );
}

function messageOf(element: XmlElement): BankMessage {
  const fields = noticeFields(element);
  const messageId = fields.required("STL_BIZ_NO");
  const number = (fields.required("PAYEE_ACCT_NO") ?? "").replace(/\s+/g, "");
  fields.required("REMIT_AMOUNT");
  fields.required("CURRENCY");
  const currency = fields.currency("CURRENCY");
  const amount = fields.amount("REMIT_AMOUNT", currency);
  const bookedOn = fields.date("BIZ_DATE");
  const charges = chargesOf(fields);
  if (amount !== null && amount.minor < 0n) {
    fields.fault("vendor-amount-unreadable", "REMIT_AMOUNT is negative; a receipt never is.");
  }
  const entry =
    amount === null || amount.minor < 0n
      ? null
      : entryOf(element.line, {
          amount,
          direction: "credit",
          reversal: false,
          bookedOn,
          // The notice names no value date.
          valueOn: null,
          servicerReference: messageId,
          typeCode: fields.text("BUSN_TYPE"),
          transactionId: fields.text("BLNC_PYMT_NO"),
          instructedAmount: instructedOf(fields),
          charges,
          ...partiesOf(fields),
          remittance: textsOf(fields, "REMIT_MEMO", "SEND_MSG"),
        });
  const account = { number, currency, servicerBic: null, ownerName: null };
  const head = { format: CIB_FORMAT, line: element.line, messageId, account };
  return messageOfNotice({ ...head, family: "cib-notice" }, entry, fields.reasons);
}

function textsOf(fields: NoticeFields, ...names: readonly string[]): readonly string[] {
  return names.map(fields.text).filter((text) => text !== null);
}

function instructedOf(fields: NoticeFields) {
  const original = fields.amount("ORGNL_AMT", fields.currency("ORGNL_CURRENCY"));
  return original === null || original.minor <= 0n ? null : original;
}

function chargesOf(fields: NoticeFields): readonly Charge[] {
  const amount = fields.amount("BEAR_AMOUNT", fields.currency("BEAR_CURRENCY"));
  if (amount === null || amount.minor <= 0n) return [];
  const bearer = fields.text("BEAR_EXPENSES");
  return [{ amount, direction: "debit", included: null, bearer, type: null, agentBic: null }];
}

function partiesOf(fields: NoticeFields) {
  const bic = fields.text("REMITTER_SWIFT_CODE")?.toUpperCase() ?? null;
  const bankName = fields.text("REMITTER_BANK_NAME");
  return {
    payer: {
      name: fields.text("REMITTER_ACCT_NAME"),
      account: fields.text("REMITTER_ACCT_NO"),
      bic,
      country: fields.text("COUNTRY_CODE"),
    },
    payerAgent:
      bic === null && bankName === null
        ? null
        : { name: bankName, account: fields.text("REMITTER_BANK_NO"), bic, country: null },
  };
}

/** The bank's own number of a notice, and what it says of money. */
export function cibItem(notice: XmlElement): { key: string; money: readonly string[] } | null {
  const key = textAt(notice, "STL_BIZ_NO");
  if (key === null) return null;
  const texts = ["CURRENCY", "PAYEE_ACCT_NO", "BIZ_DATE"].map((name) => textAt(notice, name) ?? "");
  return { key, money: [plainAmount(textAt(notice, "REMIT_AMOUNT")), ...texts] };
}

export type CibQuestion = {
  /** CID, 10 digits. */
  readonly customerId: string;
  readonly userId: string;
  readonly password: string;
  /** Beijing time, "2026-11-23 12:05:06". */
  readonly clientTime: string;
  /** TRNUID, up to 30 characters, ours. */
  readonly transactionId: string;
  readonly beginOn: string;
  readonly endOn: string;
  /** From 1. */
  readonly page: number;
};

export function writeCibQuestion(question: CibQuestion): Uint8Array {
  const signOn = part("SONRQ", [
    part("DTCLIENT", question.clientTime),
    part("CID", question.customerId),
    part("USERID", question.userId),
    part("USERPASS", question.password),
    part("GENUSERKEY", "N"),
  ]);
  const body = [part("BEGINDATE", question.beginOn), part("ENDDATE", question.endOn)];
  const asked = part(QUESTION, [
    part("TRNUID", question.transactionId),
    part("RQBODY", body, { PAGE: String(question.page) }),
  ]);
  const root = part("FOX", [
    part("SIGNONMSGSRQV1", [signOn]),
    part("SECURITIES_MSGSRQV1", [asked]),
  ]);
  return writeXmlDocument(root, "GB2312");
}

/** What a question asks, as the bank's side reads it; null when it is none. */
export function readCibQuestion(root: XmlElement): CibQuestion | null {
  const signOn = elementAt(root, "SIGNONMSGSRQV1", "SONRQ");
  const asked = elementAt(root, "SECURITIES_MSGSRQV1", QUESTION);
  const body = elementAt(asked, "RQBODY");
  if (root.name !== "FOX" || signOn === null || asked === null || body === null) return null;
  return {
    customerId: textAt(signOn, "CID") ?? "",
    userId: textAt(signOn, "USERID") ?? "",
    password: textAt(signOn, "USERPASS") ?? "",
    clientTime: textAt(signOn, "DTCLIENT") ?? "",
    transactionId: textAt(asked, "TRNUID") ?? "",
    beginOn: textAt(body, "BEGINDATE") ?? "",
    endOn: textAt(body, "ENDDATE") ?? "",
    page: Number(body.attributes["PAGE"] ?? "1"),
  };
}

export type CibAnswer = {
  /** STATUS/CODE: "0" is well. */
  readonly code: string;
  readonly message: string | null;
  readonly notices: readonly XmlElement[];
  /** MORE="Y": there is a next page. */
  readonly more: boolean;
};

/** The answer's status and notices; null when it is no answer to such a question. */
export function readCibAnswer(root: XmlElement): CibAnswer | null {
  const signOn = elementAt(root, "SIGNONMSGSRSV1", "SONRS", "STATUS");
  const answer = elementAt(root, "SECURITIES_MSGSRSV1", ANSWER);
  const signOnCode = textAt(signOn, "CODE");
  if (root.name !== "FOX" || (answer === null && signOnCode === null)) return null;
  const isRefused = signOnCode !== null && signOnCode !== "0";
  const status = isRefused ? signOn : elementAt(answer, "STATUS");
  const body = elementAt(answer, "RSBODY");
  return {
    code: textAt(status, "CODE") ?? "",
    message: textAt(status, "MESSAGE"),
    notices: elementsNamed(body, "CONTENT"),
    more: body?.attributes["MORE"] === "Y",
  };
}

/** A notice as a document of its own: what the inbox keeps of a polled page. */
export function writeCibNotice(notice: XmlElement): Uint8Array {
  return writeXmlDocument(answerOf({ notices: [fieldsOf(notice)] }), "UTF-8");
}

/** An answer as the bank's side writes it; the same shape with one notice is kept by the inbox. */
export function writeCibAnswer(answer: {
  readonly transactionId: string;
  readonly code: string;
  readonly message: string;
  readonly serverTime: string;
  readonly notices: readonly CibNotice[];
  readonly more: boolean;
}): Uint8Array {
  const notices = answer.notices.map((notice) =>
    CIB_FIELDS.map((name) => part(name, notice[name] ?? null)),
  );
  return writeXmlDocument(answerOf({ ...answer, notices }), "GB2312");
}

function answerOf(answer: {
  readonly notices: readonly (readonly XmlPart[])[];
  readonly transactionId?: string;
  readonly code?: string;
  readonly message?: string;
  readonly serverTime?: string;
  readonly more?: boolean;
}): XmlPart {
  const { code } = answer;
  const status = (message: string) =>
    part("STATUS", [
      part("CODE", code ?? "0"),
      part("SEVERITY", code === "0" ? "INFO" : "ERROR"),
      part("MESSAGE", message),
    ]);
  const contents = answer.notices.map((fields) => part("CONTENT", fields));
  const body = part(
    "RSBODY",
    contents,
    answer.more === undefined ? {} : { MORE: answer.more ? "Y" : "N" },
  );
  const isAnswer = code !== undefined;
  const told = part(ANSWER, [
    part("TRNUID", answer.transactionId ?? null),
    ...(isAnswer ? [status(answer.message ?? "")] : []),
    ...(isAnswer && code !== "0" ? [] : [body]),
  ]);
  const signOn = part("SIGNONMSGSRSV1", [
    part("SONRS", [
      part("STATUS", [part("CODE", "0"), part("SEVERITY", "INFO")]),
      part("DTSERVER", answer.serverTime ?? ""),
    ]),
  ]);
  return part("FOX", [...(isAnswer ? [signOn] : []), part("SECURITIES_MSGSRSV1", [told])]);
}

/** Every field of a notice as received, also those that the list above does not know. */
function fieldsOf(notice: XmlElement): readonly XmlPart[] {
  return notice.children.map((child) => part(child.name, child.text.trim()));
}
