// Walks the XML events of a file: envelopes of any kind, Documents of any version, prefix or none, and hands each
// piece (header, entry, transaction, payment) on as a small tree when it closes. Nothing larger than one piece is
// ever held. schemaLocation and all other attributes but Ccy are ignored; nothing is fetched.

import { RECORD_ELEMENTS_MAX, TRANSACTIONS_HELD_MAX, XML_TEXT_LENGTH_MAX } from "../limits.ts";
import type { BankSink } from "../message.ts";
import type { CamtMessage } from "./camt-message.ts";
import { createCamtMessage } from "./camt-message.ts";
import type { HeldDraft } from "./entry.ts";
import type { DocumentContext } from "./message-header.ts";
import { definitionIn, rootNamed } from "./message-header.ts";
import type { PacsMessage } from "./pacs.ts";
import { createPacsMessage } from "./pacs.ts";
import type { FileReasonCode } from "./reasons.ts";
import { transactionDraftOf } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { createNode, textAt } from "./xml-node.ts";
import type { XmlHandler, XmlName } from "./xml-parser.ts";

type Place =
  /** Outside of any Document. */
  | "envelope"
  /** In Document, before its root element. */
  | "document"
  /** In the root element: group header, statements, payments. */
  | "root"
  /** In one statement, report or notification. */
  | "statement"
  /** In a piece that is kept as a tree. */
  | "record"
  /** In something that no field is read from. */
  | "skipped";

/** What is known of the Document being read. */
type OpenDocument = {
  readonly namespace: string;
  context: DocumentContext | null;
  /** Element that one account's part, or one payment, stands in. */
  unit: string;
  unitCount: number;
  groupReturn: XmlNode | null;
  pacs: PacsMessage | null;
};

/** Where the walk stands. */
type Walk = {
  readonly sink: BankSink;
  readonly stop: (code: FileReasonCode, message: string) => void;
  readonly places: Place[];
  documentCount: number;
  applicationHeader: XmlNode | null;
  document: OpenDocument | null;
  statement: XmlNode | null;
  camt: CamtMessage | null;
  /** Innermost open element of the piece being kept. */
  record: XmlNode | null;
  elementCount: number;
  elementsBeforeDetails: number;
  drafts: HeldDraft[];
};

export function createDocumentReader(sink: BankSink, stop: Walk["stop"]): XmlHandler {
  const walk: Walk = {
    sink,
    stop,
    places: ["envelope"],
    documentCount: 0,
    applicationHeader: null,
    document: null,
    statement: null,
    camt: null,
    record: null,
    elementCount: 0,
    elementsBeforeDetails: 0,
    drafts: [],
  };
  return {
    open: (name, attributes, line) => {
      const currency = attributes.Ccy ?? null;
      if (walk.record !== null) openInRecord(walk, name, currency, line);
      else walk.places.push(openElement(walk, name, currency, line));
    },
    text: (text) => {
      if (walk.record === null) return;
      walk.record.text += text;
      if (walk.record.text.length > XML_TEXT_LENGTH_MAX) {
        stop("xml-text-too-long", `One text is over ${XML_TEXT_LENGTH_MAX} characters.`);
      }
    },
    close: () => closeElement(walk),
    end: () => {
      if (walk.documentCount > 0) return;
      stop("not-iso20022", "The file has no ISO 20022 Document element.");
    },
  };
}

/** Opens an element outside of a kept piece and says where it leads. */
function openElement(walk: Walk, name: XmlName, currency: string | null, line: number): Place {
  const { document } = walk;
  const { local } = name;
  const place = walk.places.at(-1);
  if (place === "envelope") {
    if (local === "AppHdr") return startRecord(walk, local, line, null);
    if (local !== "Document") return "envelope";
    walk.documentCount += 1;
    walk.document = {
      namespace: name.namespace,
      context: null,
      unit: "",
      unitCount: 0,
      groupReturn: null,
      pacs: null,
    };
    return "document";
  }
  if (document === null || name.namespace !== document.namespace) return "skipped";
  if (place === "document") return openRoot(walk, document, local);
  if (place === "root") return openUnit(walk, document, local, line);
  if (place !== "statement") return "skipped";
  if ((walk.statement?.children.length ?? 0) > RECORD_ELEMENTS_MAX) stopForSize(walk);
  return startRecord(walk, local, line, currency);
}

function openRoot(walk: Walk, document: OpenDocument, local: string): Place {
  const root = rootNamed(local);
  const definition = definitionIn(document.namespace);
  if (root === null || document.context !== null) {
    walk.stop("message-unsupported", `The message ${definition ?? local} is not read here.`);
    return "skipped";
  }
  const { applicationHeader } = walk;
  const named = definition ?? definitionIn(textAt(applicationHeader, "MsgDefIdr"));
  const format = named?.startsWith(root.family) ? named : root.family;
  document.context = { family: root.family, format, applicationHeader, groupHeader: null };
  document.unit = root.unit;
  return "root";
}

function openUnit(walk: Walk, document: OpenDocument, local: string, line: number): Place {
  const { context } = document;
  if (local === "GrpHdr" || local === "OrgnlGrpInf") return startRecord(walk, local, line, null);
  if (local !== document.unit || context === null) return "skipped";
  document.unitCount += 1;
  if (context.family.startsWith("pacs")) {
    document.pacs ??= createPacsMessage(context, walk.sink);
    if (document.unitCount > TRANSACTIONS_HELD_MAX) stopForTransactions(walk);
    return startRecord(walk, local, line, null);
  }
  walk.statement = createNode(local, line, null, null);
  walk.camt = createCamtMessage(context, walk.statement, walk.sink);
  return "statement";
}

function startRecord(walk: Walk, name: string, line: number, currency: string | null): Place {
  walk.elementCount = 1;
  walk.drafts = [];
  walk.record = createNode(name, line, currency, walk.statement);
  return "record";
}

function openInRecord(walk: Walk, name: XmlName, currency: string | null, line: number): void {
  walk.elementCount += 1;
  if (walk.elementCount > RECORD_ELEMENTS_MAX) stopForSize(walk);
  // Within AppHdr there is no Document yet, and whose prefix it has does not matter.
  const isForeign = walk.document !== null && name.namespace !== walk.document.namespace;
  const local = isForeign ? "" : name.local;
  walk.record = createNode(local, line, currency, walk.record);
  if (local === "TxDtls") walk.elementsBeforeDetails = walk.elementCount - 1;
}

function closeElement(walk: Walk): void {
  const node = walk.record;
  if (node === null) {
    closePlace(walk);
    return;
  }
  const holder = node.parent;
  if (holder === null || holder === walk.statement) {
    walk.record = null;
    walk.places.pop();
    closeRecord(walk, node);
    return;
  }
  walk.record = holder;
  // TxDtls stands in NtryDtls, in version 01 in Ntry itself.
  const isDetails = node.name === "TxDtls" && /^Ntry(Dtls)?$/.test(holder.name);
  if (isDetails && walk.camt !== null) closeDetails(walk, walk.camt, node, holder);
}

/** Reads a TxDtls as it closes and lets go of its tree. */
function closeDetails(walk: Walk, camt: CamtMessage, node: XmlNode, holder: XmlNode): void {
  walk.drafts.push({ draft: transactionDraftOf(node, camt.faults), holder });
  if (walk.drafts.length > TRANSACTIONS_HELD_MAX) stopForTransactions(walk);
  holder.children.pop();
  walk.elementCount = walk.elementsBeforeDetails;
}

function closeRecord(walk: Walk, node: XmlNode): void {
  const { document, statement, camt } = walk;
  if (statement !== null && camt !== null) {
    if (node.name === "Ntry") {
      statement.children.pop();
      camt.entry(node, walk.drafts);
      walk.drafts = [];
    } else camt.field(node);
  } else if (document === null) walk.applicationHeader = node;
  else if (node.name === "OrgnlGrpInf") document.groupReturn = node;
  else if (node.name !== "GrpHdr") document.pacs?.payment(node, document.groupReturn);
  else if (document.context !== null) {
    document.context = { ...document.context, groupHeader: node };
  }
}

function closePlace(walk: Walk): void {
  const { document } = walk;
  const place = walk.places.pop();
  if (place === "statement") {
    walk.camt?.end();
    walk.camt = null;
    walk.statement = null;
  } else if (place === "document" && document !== null) {
    if (document.context === null || document.unitCount === 0) {
      walk.stop("message-empty", "The message holds no statement, notification or payment.");
    }
    document.pacs?.end();
    walk.document = null;
    walk.applicationHeader = null;
  }
}

function stopForSize(walk: Walk): void {
  walk.stop("record-too-large", `One record has more than ${RECORD_ELEMENTS_MAX} elements.`);
}

function stopForTransactions(walk: Walk): void {
  const message = `More than ${TRANSACTIONS_HELD_MAX} transactions in one piece.`;
  walk.stop("too-many-transactions", message);
}
