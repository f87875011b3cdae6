// CMB (招商银行) 银企直连: notices of credits and debits (NCCRTTRS 到帐通知, NCDBTTRS 付款通知) by GetNewNotice, which hands
// each out once, and by GetHisNoticeEX, which gives them again by day. Names and fields as in the bank's published
// interface; one document may hold any number of notices.

import type { BankMessage, Direction, Party } from "../message.ts";
import {
  entryOf,
  messageOfNotice,
  type NoticeFields,
  noticeFields,
  plainAmount,
} from "./notice-fields.ts";
import { part, writeXmlDocument, type XmlPart } from "./write-xml.ts";
import { elementAt, textAt, type XmlElement } from "./xml-tree.ts";

export const CMB_FORMAT = "CMB GetNewNotice";
const ROOT = "CMBSDKPGK";
export const CMB_NEW = "GetNewNotice";
export const CMB_HISTORY = "GetHisNoticeEX";

/** Elements that hold notices: of GetNewNotice, and of the history by type. */
const NOTICE_ELEMENTS: ReadonlySet<string> = new Set(["NTQNTCGTZ", "NCCRTTRSY", "NCDBTTRSY"]);
/** MSGTYP of notices that tell of money on an account. */
export const CMB_MONEY_TYPES = ["NCCRTTRS", "NCDBTTRS"] as const;
export type CmbMoneyType = (typeof CMB_MONEY_TYPES)[number];

/** Appendix A.3 of the interface: the bank's own two digits → ISO 4217. */
export const CMB_CURRENCIES: Readonly<Record<string, string>> = {
  "10": "CNY",
  "21": "HKD",
  "29": "AUD",
  "32": "USD",
  "35": "EUR",
  "39": "CAD",
  "43": "GBP",
  "65": "JPY",
  "69": "SGD",
  "83": "NOK",
  "85": "DKK",
  "87": "CHF",
  "88": "SEK",
};

/**
 * The fields of a notice that are used. MSGNBR tells notices apart; SEQNBR is the booking's number in the bank's
 * accounts; AMTCDR is C or D; RVSTAG "*" reverses (冲账), "X" adds what was missing (补帐); YURREF is our own reference.
 */
export const CMB_FIELDS = [
  "MSGTYP",
  "MSGNBR",
  "BBKNBR",
  "ACCNBR",
  "CCYNBR",
  "TRSAMT",
  "BLVAMT",
  "ACCNAM",
  "TRSDAT",
  "TRSTIM",
  "AMTCDR",
  "RVSTAG",
  "VALDAT",
  "TRSSET",
  "SEQNBR",
  "NARTXT",
  "RPYACC",
  "RPYNAM",
  "RPYBBN",
  "RPYBNK",
  "RPYADR",
  "TRSANL",
  "YURREF",
  "BUSNAR",
] as const;
export type CmbNotice = Readonly<Partial<Record<(typeof CMB_FIELDS)[number], string>>>;

/** The notices of a document, whatever their type. */
export function cmbNotices(root: XmlElement): readonly XmlElement[] {
  return root.children.filter(({ name }) => NOTICE_ELEMENTS.has(name));
}

export function isCmbMoney(notice: XmlElement): boolean {
  return (CMB_MONEY_TYPES as readonly (string | null)[]).includes(textAt(notice, "MSGTYP"));
}

/** Every notice of money as a message of its own. */
export function readCmb(root: XmlElement): readonly BankMessage[] {
  return cmbNotices(root).filter(isCmbMoney).map(messageOf);
}

function messageOf(element: XmlElement): BankMessage {
  const fields = noticeFields(element);
  const messageId = fields.required("MSGNBR");
  const number = (fields.required("ACCNBR") ?? "").replace(/\s+/g, "");
  fields.required("TRSAMT");
  fields.required("CCYNBR");
  const currency = fields.currency("CCYNBR", CMB_CURRENCIES);
  const written = fields.amount("TRSAMT", currency);
  const sign = signOf(fields, (written?.minor ?? 0n) < 0n);
  const valueOn = fields.date("VALDAT");
  const bookedOn = fields.date("TRSDAT");
  const direction = sign?.direction ?? "credit";
  const other = counterparty(fields);
  const entry =
    written === null || sign === null
      ? null
      : entryOf(element.line, {
          amount: { ...written, minor: written.minor < 0n ? -written.minor : written.minor },
          direction,
          reversal: sign.reversal,
          bookedOn,
          valueOn,
          servicerReference: fields.text("SEQNBR"),
          typeCode: fields.text("TRSANL"),
          endToEndId: fields.text("YURREF"),
          transactionId: fields.text("TRSSET"),
          ...(direction === "credit" ? { payer: other } : { payee: other }),
          remittance: ["NARTXT", "BUSNAR"].map(fields.text).filter((text) => text !== null),
        });
  const ownerName = fields.text("ACCNAM");
  const account = { number, currency, servicerBic: null, ownerName };
  return messageOfNotice(
    { family: "cmb-notice", format: CMB_FORMAT, line: element.line, messageId, account },
    entry,
    fields.reasons,
  );
}

/**
 * The final sign: of a reversal in red (a negative amount) the other side of what is written; of any other the
 * written one. A negative amount that reverses nothing is a fault.
 */
function signOf(
  fields: NoticeFields,
  isNegative: boolean,
): { direction: Direction; reversal: boolean } | null {
  const side = fields.required("AMTCDR");
  if (side === null) return null;
  if (side !== "C" && side !== "D") {
    fields.fault("vendor-direction-unknown", `AMTCDR ${side} is neither C nor D.`);
    return null;
  }
  const reversal = fields.text("RVSTAG") === "*";
  if (isNegative && !reversal) {
    fields.fault("vendor-amount-unreadable", "TRSAMT is negative though RVSTAG reverses nothing.");
    return null;
  }
  return { direction: (side === "C") !== isNegative ? "credit" : "debit", reversal };
}

function counterparty(fields: NoticeFields): Party {
  return { name: fields.text("RPYNAM"), account: fields.text("RPYACC"), bic: null, country: null };
}

/** The bank's own number of a notice, and what it says of money. */
export function cmbItem(notice: XmlElement): { key: string; money: readonly string[] } | null {
  const key = textAt(notice, "MSGNBR");
  if (key === null) return null;
  const names = ["MSGTYP", "CCYNBR", "ACCNBR", "AMTCDR", "RVSTAG", "SEQNBR"];
  const texts = names.map((name) => textAt(notice, name) ?? "");
  return { key, money: [plainAmount(textAt(notice, "TRSAMT")), ...texts] };
}

export type CmbQuestion =
  | { readonly kind: "new"; readonly loginName: string }
  | {
      readonly kind: "history";
      readonly loginName: string;
      readonly type: CmbMoneyType;
      /** "20261122"; both ends are in it. */
      readonly beginOn: string;
      readonly endOn: string;
      /** LSTNBR: the greatest MSGNBR of the page before; null for the first. */
      readonly after: string | null;
      /** RECNUM, 100 to 2000. */
      readonly count: number;
    };

export function writeCmbQuestion(question: CmbQuestion): Uint8Array {
  const isNew = question.kind === "new";
  const info = part("INFO", [
    part("FUNNAM", isNew ? CMB_NEW : CMB_HISTORY),
    part("DATTYP", "2"),
    part("LGNNAM", question.loginName),
  ]);
  if (question.kind === "new") return writeXmlDocument(part(ROOT, [info]), "GBK");
  const asked = part("DCHISMSGX", [
    part("BGNDAT", question.beginOn),
    part("ENDDAT", question.endOn),
    part("MSGTYP", question.type),
    part("LSTNBR", question.after),
    part("RECNUM", String(question.count)),
  ]);
  return writeXmlDocument(part(ROOT, [info, asked]), "GBK");
}

/** What a question asks, as the bank's side reads it; null when it is none. */
export function readCmbQuestion(root: XmlElement): CmbQuestion | null {
  const loginName = textAt(root, "INFO", "LGNNAM");
  const name = textAt(root, "INFO", "FUNNAM");
  if (root.name !== ROOT || loginName === null) return null;
  if (name === CMB_NEW) return { kind: "new", loginName };
  const asked = elementAt(root, "DCHISMSGX");
  const type = CMB_MONEY_TYPES.find((each) => each === textAt(asked, "MSGTYP"));
  if (name !== CMB_HISTORY || asked === null || type === undefined) return null;
  return {
    kind: "history",
    loginName,
    type,
    beginOn: textAt(asked, "BGNDAT") ?? "",
    endOn: textAt(asked, "ENDDAT") ?? "",
    after: textAt(asked, "LSTNBR"),
    count: Number(textAt(asked, "RECNUM") ?? "1000"),
  };
}

export type CmbAnswer = {
  /** RETCOD: "0" is well, "-5" is too often. */
  readonly code: string;
  readonly message: string | null;
  readonly notices: readonly XmlElement[];
};

export function readCmbAnswer(root: XmlElement): CmbAnswer | null {
  const info = elementAt(root, "INFO");
  if (root.name !== ROOT || info === null) return null;
  return {
    code: textAt(info, "RETCOD") ?? "",
    message: textAt(info, "ERRMSG"),
    notices: cmbNotices(root),
  };
}

/** A notice as a document of its own: what the inbox keeps of an answer. */
export function writeCmbNotice(notice: XmlElement): Uint8Array {
  const fields = notice.children.map((child) => part(child.name, child.text.trim()));
  const root = part(ROOT, [part("INFO", [part("FUNNAM", CMB_NEW)]), part("NTQNTCGTZ", fields)]);
  return writeXmlDocument(root, "UTF-8");
}

/** An answer as the bank's side writes it. */
export function writeCmbAnswer(answer: {
  readonly question: CmbQuestion["kind"];
  readonly code: string;
  readonly message: string | null;
  readonly notices: readonly CmbNotice[];
}): Uint8Array {
  const { question, code, message, notices } = answer;
  const info = part("INFO", [
    part("FUNNAM", question === "new" ? CMB_NEW : CMB_HISTORY),
    part("DATTYP", "2"),
    part("RETCOD", code),
    part("ERRMSG", message),
  ]);
  const told: readonly XmlPart[] = notices.map((notice) =>
    part(
      question === "new" ? "NTQNTCGTZ" : `${notice.MSGTYP ?? ""}Y`,
      CMB_FIELDS.map((name) => part(name, notice[name] ?? null)),
    ),
  );
  return writeXmlDocument(part(ROOT, [info, ...told]), "GBK");
}
