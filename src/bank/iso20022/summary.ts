// TxsSummry of a camt message: the bank's own count and sums of the entries. Banks differ in whether pending
// entries are counted, so either reading that agrees in full is accepted; none that agrees is a fault.

import type { Currency } from "../../money/currency.ts";
import { formatMoney, money, parseMinor } from "../../money/money.ts";
import type { BankEntry, Direction } from "../message.ts";
import { signed } from "./entry-sum.ts";
import type { Faults } from "./faults.ts";
import { shown } from "./faults.ts";
import type { XmlNode } from "./xml-node.ts";
import { at, child, textAt, textOf } from "./xml-node.ts";

export type DirectionTotal = { count: number; minor: bigint };
export type EntryTotals = Readonly<Record<Direction, DirectionTotal>>;

/** Running totals of a message's entries, kept while they stream by. */
export type MessageTotals = {
  readonly all: EntryTotals;
  readonly booked: EntryTotals;
  /** Booked credits − debits per currency. */
  readonly bookedByCurrency: Map<Currency, bigint>;
  readonly currencies: Set<Currency>;
};

export function createTotals(): MessageTotals {
  return { all: none(), booked: none(), bookedByCurrency: new Map(), currencies: new Set() };
}

function none(): EntryTotals {
  return { credit: { count: 0, minor: 0n }, debit: { count: 0, minor: 0n } };
}

export function addEntry(totals: MessageTotals, entry: BankEntry): void {
  const { amount, direction } = entry;
  totals.currencies.add(amount.currency);
  const groups = entry.status === "booked" ? [totals.all, totals.booked] : [totals.all];
  for (const group of groups) {
    group[direction].count += 1;
    group[direction].minor += amount.minor;
  }
  if (entry.status !== "booked") return;
  const before = totals.bookedByCurrency.get(amount.currency) ?? 0n;
  totals.bookedByCurrency.set(amount.currency, before + signed(amount.minor, direction));
}

type Difference = {
  readonly code: "summary-count-wrong" | "summary-sum-wrong" | "number-unreadable";
  readonly line: number;
  readonly message: string;
};

/** Adds faults unless the summary agrees with all entries or with the booked ones. */
export function checkSummary(
  summary: XmlNode,
  totals: MessageTotals,
  accountCurrency: Currency | null,
  faults: Faults,
): void {
  const [onlyCurrency = accountCurrency] = totals.currencies;
  const currency = totals.currencies.size > 1 ? null : onlyCurrency;
  const againstAll = differences(summary, totals.all, currency);
  if (againstAll.length === 0 || differences(summary, totals.booked, currency).length === 0) return;
  for (const { code, line, message } of againstAll) faults.add(code, line, message);
}

/** `currency` null: entries in several currencies, whose amounts cannot be summed; counts still hold. */
function differences(
  summary: XmlNode,
  totals: EntryTotals,
  currency: Currency | null,
): readonly Difference[] {
  const { credit, debit } = totals;
  const both = { count: credit.count + debit.count, minor: credit.minor + debit.minor };
  const found: (Difference | null)[] = [];
  for (const [name, total] of [
    ["TtlNtries", both],
    ["TtlCdtNtries", credit],
    ["TtlDbtNtries", debit],
  ] as const) {
    const node = child(summary, name);
    if (node === null) continue;
    found.push(countDifference(child(node, "NbOfNtries"), name, total.count));
    if (currency !== null)
      found.push(sumDifference(child(node, "Sum"), name, total.minor, currency));
  }
  if (currency !== null) {
    const net = credit.minor - debit.minor;
    found.push(netDifference(child(summary, "TtlNtries"), net, currency));
  }
  return found.filter((difference) => difference !== null);
}

function countDifference(node: XmlNode | null, name: string, count: number): Difference | null {
  const text = textOf(node);
  if (node === null || text === null) return null;
  if (!/^\d{1,15}$/.test(text)) {
    const message = `${name} says ${shown(text)} entries, which is not a number.`;
    return { code: "number-unreadable", line: node.line, message };
  }
  if (Number(text) === count) return null;
  const message = `${name} says ${Number(text)} entries, there are ${count}.`;
  return { code: "summary-count-wrong", line: node.line, message };
}

function sumDifference(
  node: XmlNode | null,
  name: string,
  minor: bigint,
  currency: Currency,
): Difference | null {
  const text = textOf(node);
  if (node === null || text === null) return null;
  const said = parseMinor(text, currency);
  if (said.ok && said.minor === minor) return null;
  const is = formatMoney(money(currency, minor));
  const message = `${name} says ${shown(text)}, the entries are ${is} ${currency}.`;
  return { code: "summary-sum-wrong", line: node.line, message };
}

/** TtlNetNtryAmt with its CdtDbtInd (to version 03), TtlNetNtry/Amt and CdtDbtInd (from 04). */
function netDifference(node: XmlNode | null, net: bigint, currency: Currency): Difference | null {
  const holder = child(node, "TtlNetNtry") ?? node;
  const amount = at(holder, "Amt") ?? child(node, "TtlNetNtryAmt");
  const direction = textAt(holder, "CdtDbtInd");
  const isSigned = direction === "CRDT" || direction === "DBIT";
  if (amount === null || !isSigned) return null;
  return sumDifference(amount, "TtlNetNtry", direction === "DBIT" ? -net : net, currency);
}
