// Reads a pain.001 as the bank's side does: who pays whom, how much, on which day, under which ids. The sandbox bank
// answers from it, and tests hold the writer to it. All versions write these fields alike.

import { currencyOf } from "../../money/currency.ts";
import { type Money, money, parseMinor } from "../../money/money.ts";
import {
  elementAt,
  elementsNamed,
  readXmlTree,
  textAt,
  type XmlElement,
} from "../vendor/xml-tree.ts";

export type Transfer = {
  readonly paymentInfoId: string;
  readonly executeOn: string;
  readonly debtorName: string | null;
  readonly debtorAccount: string;
  readonly instructionId: string | null;
  readonly endToEndId: string;
  readonly uetr: string | null;
  /** Null when it cannot be read exactly. */
  readonly amount: Money | null;
  readonly creditorName: string | null;
  readonly creditorAccount: string | null;
  readonly creditorBic: string | null;
  readonly remittance: string | null;
};

export type Initiation = {
  readonly messageId: string;
  /** "pain.001.001.09". */
  readonly format: string;
  readonly transferCount: string | null;
  readonly transfers: readonly Transfer[];
};

/** Null when the bytes are no pain.001. */
export function readPain001(bytes: Uint8Array): Initiation | null {
  const tree = readXmlTree(bytes);
  if (!tree.ok) return null;
  const initiation = elementAt(tree.root, "CstmrCdtTrfInitn");
  const messageId = textAt(initiation, "GrpHdr", "MsgId");
  if (initiation === null || messageId === null) return null;
  return {
    messageId,
    format: tree.root.namespace.split(":").at(-1) ?? "",
    transferCount: textAt(initiation, "GrpHdr", "NbOfTxs"),
    transfers: elementsNamed(initiation, "PmtInf").flatMap((info) =>
      elementsNamed(info, "CdtTrfTxInf").map((transfer) => transferOf(info, transfer)),
    ),
  };
}

function transferOf(info: XmlElement, transfer: XmlElement): Transfer {
  return {
    paymentInfoId: textAt(info, "PmtInfId") ?? "",
    executeOn: textAt(info, "ReqdExctnDt", "Dt") ?? textAt(info, "ReqdExctnDt") ?? "",
    debtorName: textAt(info, "Dbtr", "Nm"),
    debtorAccount: accountOf(info, "DbtrAcct") ?? "",
    instructionId: textAt(transfer, "PmtId", "InstrId"),
    endToEndId: textAt(transfer, "PmtId", "EndToEndId") ?? "",
    uetr: textAt(transfer, "PmtId", "UETR"),
    amount: amountOf(elementAt(transfer, "Amt", "InstdAmt")),
    creditorName: textAt(transfer, "Cdtr", "Nm"),
    creditorAccount: accountOf(transfer, "CdtrAcct"),
    creditorBic:
      textAt(transfer, "CdtrAgt", "FinInstnId", "BICFI") ??
      textAt(transfer, "CdtrAgt", "FinInstnId", "BIC"),
    remittance: textAt(transfer, "RmtInf", "Ustrd"),
  };
}

function accountOf(holder: XmlElement, name: string): string | null {
  return textAt(holder, name, "Id", "IBAN") ?? textAt(holder, name, "Id", "Othr", "Id");
}

function amountOf(element: XmlElement | null): Money | null {
  const currency = currencyOf(element?.attributes["Ccy"] ?? "");
  if (element === null || currency === null) return null;
  const parsed = parseMinor(element.text.trim(), currency);
  return parsed.ok ? money(currency, parsed.minor) : null;
}
