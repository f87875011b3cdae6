// One Stmt (camt.053), Rpt (camt.052) or Ntfctn (camt.054) as it streams by: its header goes to the sink before
// its first entry, each entry when it closes, the proof at its end.

import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";
import type { BankMessageHeader, BankMessageProof, BankSink } from "../message.ts";
import { balancesOf, proveBalances } from "./balances.ts";
import type { HeldDraft } from "./entry.ts";
import { entryOf } from "./entry.ts";
import type { Faults } from "./faults.ts";
import { createFaults } from "./faults.ts";
import type { DocumentContext } from "./message-header.ts";
import { camtHeader, checkApplicationHeader } from "./message-header.ts";
import type { MessageTotals } from "./summary.ts";
import { addEntry, checkSummary, createTotals } from "./summary.ts";
import type { XmlNode } from "./xml-node.ts";
import { childrenNamed } from "./xml-node.ts";

export type CamtMessage = {
  /** Faults of the message; details read ahead of their entry add to it. */
  readonly faults: Faults;
  /** A child of the statement other than Ntry; it is already among the statement's children. */
  readonly field: (node: XmlNode) => void;
  readonly entry: (node: XmlNode, drafts: readonly HeldDraft[]) => void;
  readonly end: () => void;
};

/** Fields that the header is made of: after the first entry they come too late to be believed. */
const HEADER_FIELDS: ReadonlySet<string> = new Set(
  "Id StmtPgntn RptPgntn NtfctnPgntn ElctrncSeqNb LglSeqNb CreDtTm CpyDplctInd Acct".split(" "),
);

export function createCamtMessage(
  context: DocumentContext,
  statement: XmlNode,
  sink: BankSink,
): CamtMessage {
  const faults = createFaults();
  const totals = createTotals();
  let header: BankMessageHeader | null = null;
  let entryCount = 0;

  const announce = (): BankMessageHeader => {
    if (header !== null) return header;
    header = camtHeader(context, statement);
    checkApplicationHeader(context, faults);
    checkHeader(header, statement, faults);
    sink.message(header);
    return header;
  };

  return {
    faults,
    field: (node) => {
      if (header === null || !HEADER_FIELDS.has(node.name)) return;
      faults.add("field-misplaced", node.line, `${node.name} stands after the first entry.`);
    },
    entry: (node, drafts) => {
      announce();
      const entry = entryOf(node, drafts, entryCount, faults);
      entryCount += 1;
      if (entry === null) return;
      addEntry(totals, entry);
      sink.entry(entry);
    },
    end: () => sink.messageEnd(proofOf(announce(), statement, totals, faults)),
  };
}

function checkHeader(header: BankMessageHeader, statement: XmlNode, faults: Faults): void {
  if (header.account.number === "") {
    faults.add("field-missing", statement.line, `${statement.name} names no account.`);
  }
  for (const name of ["Acct", "Id"]) {
    if (childrenNamed(statement, name).length < 2) continue;
    faults.add("field-repeated", statement.line, `${statement.name} has more than one ${name}.`);
  }
}

function proofOf(
  header: BankMessageHeader,
  statement: XmlNode,
  totals: MessageTotals,
  faults: Faults,
): BankMessageProof {
  const { family, page, account } = header;
  const balances = balancesOf(childrenNamed(statement, "Bal"), faults);
  const isWhole = page === null || (page.last && /^0*1$/.test(page.number));
  const proof = proveBalances(balances, totals.bookedByCurrency, statement.line);
  // An intraday report may hold only the entries since the last one, and a page may repeat the balances of the
  // whole statement: then the equation is no proof, neither for nor against.
  const isHeld = family === "camt.053" && (isWhole || (proof.kind === "wrong" && !proof.mayBePage));
  if (proof.kind === "wrong" && isHeld) proof.report(faults);
  if (isWhole) {
    const currency = accountCurrency(account.currency);
    for (const summary of childrenNamed(statement, "TxsSummry")) {
      checkSummary(summary, totals, currency, faults);
    }
  }
  const reasons = faults.list();
  const verdict = reasons.length > 0 ? "quarantined" : proof.kind === "proven" ? "proven" : "read";
  return { balances, verdict, reasons };
}

function accountCurrency(code: string | null): Currency | null {
  return code === null ? null : currencyOf(code);
}
