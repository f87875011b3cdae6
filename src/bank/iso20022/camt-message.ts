// One Stmt (camt.053), Rpt (camt.052) or Ntfctn (camt.054) as it streams by: its header goes to the sink before
// its first entry, each entry when it closes, the proof at its end.

import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";
import type { Balance, BankMessageHeader, BankSink } from "../message.ts";
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
  let unreadCount = 0;

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
      if (entry === null) {
        unreadCount += 1;
        return;
      }
      addEntry(totals, entry);
      sink.entry(entry);
    },
    end: () => {
      const started = announce();
      const balances = balancesOf(childrenNamed(statement, "Bal"), faults);
      // No sum is held against entries of which one could not be read: its own fault says enough.
      const isProven = unreadCount === 0 && checkSums(started, statement, balances, totals, faults);
      const verdict = !faults.isEmpty() ? "quarantined" : isProven ? "proven" : "read";
      sink.messageEnd({ balances, verdict, reasons: faults.list() });
    },
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

/** Holds balances and summary against the entries; true when the balances prove them. */
function checkSums(
  header: BankMessageHeader,
  statement: XmlNode,
  balances: readonly Balance[],
  totals: MessageTotals,
  faults: Faults,
): boolean {
  const { family, page, account } = header;
  const isWhole = page === null || (page.last && /^0*1$/.test(page.number));
  const proof = proveBalances(balances, totals.bookedByCurrency, statement.line);
  // An intraday report may hold only the entries since the last one, and a page may repeat the balances of the
  // whole statement: then the equation is no proof, neither for nor against.
  const isHeld = family === "camt.053" && (isWhole || (proof.kind === "wrong" && !proof.mayBePage));
  if (proof.kind === "wrong" && isHeld) proof.report(faults);
  else if (proof.kind === "wrong") noteUnproven(family, statement, faults);
  if (isWhole) {
    const currency = accountCurrency(account.currency);
    for (const summary of childrenNamed(statement, "TxsSummry")) {
      checkSummary(summary, totals, currency, faults);
    }
  }
  return proof.kind === "proven";
}

function noteUnproven(
  family: BankMessageHeader["family"],
  statement: XmlNode,
  faults: Faults,
): void {
  if (family === "camt.053") {
    const message = "The page carries balances that only all pages together prove.";
    faults.note("note-page-not-proven", statement.line, message);
  } else {
    const message = "The entries are not all of those between the balances of the report.";
    faults.note("note-interim-not-proven", statement.line, message);
  }
}

function accountCurrency(code: string | null): Currency | null {
  return code === null ? null : currencyOf(code);
}
