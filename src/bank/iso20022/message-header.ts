// What is known of a message before its entries: from the business application header (head.001, all versions),
// the group header and the head of each statement, report or notification.

import { parseInstant } from "../../time/instant.ts";
import type { AccountReference, BankFamily, BankMessageHeader } from "../message.ts";
import type { Faults } from "./faults.ts";
import { isTrue } from "./fields.ts";
import { accountReferenceOf, agentBicOf } from "./parties.ts";
import type { XmlNode } from "./xml-node.ts";
import { at, child, textAt } from "./xml-node.ts";

export type Iso20022Family = Extract<
  BankFamily,
  "camt.052" | "camt.053" | "camt.054" | "pacs.008" | "pacs.004"
>;

/** Root element of a message → its family and the element that one account's part, or one payment, stands in. */
const ROOTS: readonly (readonly [RegExp, Iso20022Family, string])[] = [
  [/^BkToCstmrAcctRpt(V\d\d)?$/, "camt.052", "Rpt"],
  [/^BkToCstmrStmt(V\d\d)?$/, "camt.053", "Stmt"],
  [/^BkToCstmrDbtCdtNtfctn(V\d\d)?$/, "camt.054", "Ntfctn"],
  [/^(FIToFICstmrCdtTrf(V\d\d)?|pacs\.008\.001\.\d\d)$/, "pacs.008", "CdtTrfTxInf"],
  [/^(PmtRtr(V\d\d)?|pacs\.004\.001\.\d\d)$/, "pacs.004", "TxInf"],
];

/** The message that a Document's root element is; null when this reader does not take it. */
export function rootNamed(
  local: string,
): { readonly family: Iso20022Family; readonly unit: string } | null {
  const found = ROOTS.find(([pattern]) => pattern.test(local));
  return found === undefined ? null : { family: found[1], unit: found[2] };
}

/** What all messages of one Document share. */
export type DocumentContext = {
  readonly family: Iso20022Family;
  /** "camt.054.001.08" by namespace or MsgDefIdr; the family alone when neither says a version. */
  readonly format: string;
  /** AppHdr of the envelope, or null. */
  readonly applicationHeader: XmlNode | null;
  readonly groupHeader: XmlNode | null;
};

/** Message definition id: ISO's namespace ends in it, and MsgDefIdr is it; null when the text has none. */
export function definitionIn(text: string | null): string | null {
  return /(?:^|[:/#])([a-z]{4}\.\d{3}\.\d{3}\.\d{2})$/.exec(text?.trim() ?? "")?.[1] ?? null;
}

/** Adds a fault when the envelope names another kind of message than the document that it carries. */
export function checkApplicationHeader(context: DocumentContext, faults: Faults): void {
  const node = child(context.applicationHeader, "MsgDefIdr");
  const definition = definitionIn(textAt(context.applicationHeader, "MsgDefIdr"));
  if (definition === null || definition.startsWith(context.family)) return;
  const message = `The envelope says ${definition}, the document is ${context.family}.`;
  faults.add("header-contradicts-document", node?.line ?? null, message);
}

type SharedHeader = Pick<
  BankMessageHeader,
  "family" | "format" | "messageId" | "senderBic" | "createdAt" | "copy"
>;

/** What the envelope and the group header say for every message of the document. */
function sharedHeader(context: DocumentContext): SharedHeader {
  const { applicationHeader, groupHeader } = context;
  return {
    family: context.family,
    format: context.format,
    messageId: textAt(applicationHeader, "BizMsgIdr") ?? textAt(groupHeader, "MsgId"),
    senderBic:
      agentBicOf(at(applicationHeader, "Fr", "FIId")) ??
      agentBicOf(child(groupHeader, "InstgAgt")) ??
      textAt(applicationHeader, "Fr", "OrgId", "Id", "OrgId", "AnyBIC"),
    createdAt: parseInstant(
      textAt(groupHeader, "CreDtTm") ?? textAt(applicationHeader, "CreDt") ?? "",
    ),
    copy: copyOf(child(applicationHeader, "CpyDplct"), child(applicationHeader, "PssblDplct")),
  };
}

/** A possible duplicate is "DUPL": it may not be new money, so it is matched before it is used. */
function copyOf(
  copy: XmlNode | null,
  possibleDuplicate: XmlNode | null,
): BankMessageHeader["copy"] {
  const code = copy?.text.trim();
  if (code === "COPY" || code === "DUPL" || code === "CODU") return code;
  return isTrue(possibleDuplicate) ? "DUPL" : null;
}

/** Header of one Stmt, Rpt or Ntfctn; `statement` holds the elements that stand before its first entry. */
export function camtHeader(context: DocumentContext, statement: XmlNode): BankMessageHeader {
  const shared = sharedHeader(context);
  const own = textAt(statement, "CreDtTm");
  return {
    ...shared,
    line: statement.line,
    createdAt: own === null ? shared.createdAt : parseInstant(own),
    copy: copyOf(child(statement, "CpyDplctInd"), null) ?? shared.copy,
    statementId: textAt(statement, "Id"),
    sequence: textAt(statement, "ElctrncSeqNb") ?? textAt(statement, "LglSeqNb"),
    page: pageOf(statement, context.groupHeader),
    account: accountReferenceOf(child(statement, "Acct")),
  };
}

const PAGINATIONS = ["StmtPgntn", "RptPgntn", "NtfctnPgntn"] as const;

function pageOf(statement: XmlNode, groupHeader: XmlNode | null): BankMessageHeader["page"] {
  const own = PAGINATIONS.map((name) => child(statement, name)).find((node) => node !== null);
  const pagination = own ?? child(groupHeader, "MsgPgntn");
  const number = textAt(pagination, "PgNb");
  return number === null ? null : { number, last: isTrue(child(pagination, "LastPgInd")) };
}

/** Header of the payments to one account within a pacs message. */
export function pacsHeader(
  context: DocumentContext,
  account: AccountReference,
  line: number,
): BankMessageHeader {
  return { ...sharedHeader(context), line, statementId: null, sequence: null, page: null, account };
}
