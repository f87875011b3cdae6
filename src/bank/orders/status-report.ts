// pain.002, the payment status report: what a bank says became of our orders, of a whole message, of a group of
// payments in it, or of one. Versions 001.03 to 001.14 write these fields alike; read by content, whatever carried it.

import type { Reason } from "../../errors/refusal.ts";
import { type Instant, parseInstant } from "../../time/instant.ts";
import { part, writeXmlDocument, type XmlPart } from "../vendor/write-xml.ts";
import {
  elementAt,
  elementsBelow,
  elementsNamed,
  readXmlTree,
  textAt,
  type XmlElement,
} from "../vendor/xml-tree.ts";

/** One status, of all orders that its ids name. */
export type StatusTelling = {
  readonly line: number;
  /** ACTC, ACSP, RJCT, …; PART of a message with mixed ones. */
  readonly code: string;
  readonly reasonCode: string | null;
  readonly reasonText: string | null;
  /** OrgnlMsgId. */
  readonly messageId: string | null;
  /** OrgnlPmtInfId; null: of the whole message. */
  readonly paymentInfoId: string | null;
  /** OrgnlEndToEndId; null: of all payments under the ids above. */
  readonly endToEndId: string | null;
  readonly uetr: string | null;
};

export type StatusReport = {
  /** "pain.002.001.10". */
  readonly format: string;
  readonly reportId: string;
  readonly createdAt: Instant | null;
  readonly statuses: readonly StatusTelling[];
};

export type StatusReading = {
  readonly refusals: readonly Reason[];
  readonly reports: readonly StatusReport[];
};

const NAMESPACE = /pain\.002\.001\.\d\d$/;

export function readStatusReports(bytes: Uint8Array): StatusReading {
  const tree = readXmlTree(bytes);
  if (!tree.ok) return { refusals: [tree.reason], reports: [] };
  const roots = elementsBelow(
    { ...tree.root, name: "", children: [tree.root], text: "" },
    "CstmrPmtStsRpt",
  );
  const reports = roots.map(reportOf);
  const isEmpty = reports.every(({ statuses }) => statuses.length === 0);
  if (!isEmpty) return { refusals: [], reports };
  const message = "The report names no status of any payment.";
  return { refusals: [{ code: "status-none", line: tree.root.line, message }], reports: [] };
}

function reportOf(root: XmlElement): StatusReport {
  const group = elementAt(root, "OrgnlGrpInfAndSts");
  const messageId = textAt(group, "OrgnlMsgId");
  const whole = tellingOf(group, "GrpSts", { messageId });
  const payments = elementsNamed(root, "OrgnlPmtInfAndSts").flatMap((payment) => {
    const paymentInfoId = textAt(payment, "OrgnlPmtInfId");
    const ofPayment = tellingOf(payment, "PmtInfSts", { messageId, paymentInfoId });
    const ofEach = elementsNamed(payment, "TxInfAndSts").flatMap((transaction) =>
      tellingOf(transaction, "TxSts", {
        messageId,
        paymentInfoId,
        // Where a bank leaves the end-to-end id out, the instruction's is the same of ours.
        endToEndId: textAt(transaction, "OrgnlEndToEndId") ?? textAt(transaction, "OrgnlInstrId"),
        uetr: textAt(transaction, "OrgnlUETR"),
      }),
    );
    return [...ofPayment, ...ofEach];
  });
  return {
    format: NAMESPACE.exec(root.namespace)?.[0] ?? "pain.002",
    reportId: textAt(root, "GrpHdr", "MsgId") ?? "",
    createdAt: parseInstant(textAt(root, "GrpHdr", "CreDtTm") ?? ""),
    statuses: [...whole, ...payments],
  };
}

function tellingOf(
  element: XmlElement | null,
  field: string,
  ids: Partial<StatusTelling>,
): readonly StatusTelling[] {
  const code = textAt(element, field);
  if (element === null || code === null) return [];
  const reason = elementAt(element, "StsRsnInf");
  return [
    {
      line: element.line,
      code,
      reasonCode: textAt(reason, "Rsn", "Cd") ?? textAt(reason, "Rsn", "Prtry"),
      reasonText: textAt(reason, "AddtlInf"),
      messageId: ids.messageId ?? null,
      paymentInfoId: ids.paymentInfoId ?? null,
      endToEndId: ids.endToEndId ?? null,
      uetr: ids.uetr ?? null,
    },
  ];
}

/** What the bank's side answers: of the whole message, or of each payment. */
export type StatusAnswer = {
  readonly reportId: string;
  readonly createdAt: Instant;
  readonly messageId: string;
  /** Null: the payments say it. */
  readonly groupStatus: string | null;
  readonly payments: readonly {
    readonly paymentInfoId: string;
    readonly transactions: readonly {
      readonly instructionId: string | null;
      readonly endToEndId: string;
      readonly uetr: string | null;
      readonly code: string;
      readonly reasonCode: string | null;
      readonly reasonText: string | null;
    }[];
  }[];
};

/** A pain.002.001.10. */
export function writeStatusReport(answer: StatusAnswer): Uint8Array {
  const root = part(
    "Document",
    [
      part("CstmrPmtStsRpt", [
        part("GrpHdr", [part("MsgId", answer.reportId), part("CreDtTm", answer.createdAt)]),
        part("OrgnlGrpInfAndSts", [
          part("OrgnlMsgId", answer.messageId),
          part("OrgnlMsgNmId", "pain.001.001.09"),
          part("GrpSts", answer.groupStatus),
        ]),
        ...answer.payments.map(({ paymentInfoId, transactions }) =>
          part("OrgnlPmtInfAndSts", [
            part("OrgnlPmtInfId", paymentInfoId),
            ...transactions.map(transactionPart),
          ]),
        ),
      ]),
    ],
    { xmlns: "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10" },
  );
  return writeXmlDocument(root, "UTF-8");
}

function transactionPart(
  transaction: StatusAnswer["payments"][number]["transactions"][number],
): XmlPart {
  const { reasonCode, reasonText } = transaction;
  const reason = part("StsRsnInf", [
    ...(reasonCode === null ? [] : [part("Rsn", [part("Cd", reasonCode)])]),
    part("AddtlInf", reasonText),
  ]);
  return part("TxInfAndSts", [
    part("OrgnlInstrId", transaction.instructionId),
    part("OrgnlEndToEndId", transaction.endToEndId),
    part("OrgnlUETR", transaction.uetr),
    part("TxSts", transaction.code),
    ...(reasonCode === null && reasonText === null ? [] : [reason]),
  ]);
}
