// Balances of a camt statement and the equation that proves it: opening + booked credits − booked debits =
// closing, per currency. Which code opens and which closes: ISO 20022 external balance type codes (OPBD, PRCD,
// CLBD, ITBD) and the subtype INTM of paged statements.

import type { Money } from "../../money/money.ts";
import { displayMoney, money } from "../../money/money.ts";
import type { Balance, BalanceType } from "../message.ts";
import { signed } from "./entry-sum.ts";
import type { Faults } from "./faults.ts";
import { amountOf, dateOf, directionOf, required } from "./fields.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, textAt } from "./xml-node.ts";

const TYPES: Readonly<Record<string, BalanceType>> = {
  OPBD: "opening",
  PRCD: "opening",
  CLBD: "closing",
  OPAV: "available",
  CLAV: "available",
  ITAV: "available",
  FWAV: "forward",
};

/** All balances of a statement, in order. ITBD is told apart by which balances stand beside it. */
export function balancesOf(nodes: readonly XmlNode[], faults: Faults): readonly Balance[] {
  const read = nodes.map((node) => balanceOf(node, faults)).filter((balance) => balance !== null);
  const hasOpening = read.some(({ type }) => type === "opening" || type === "opening-intermediate");
  const hasClosing = read.some(({ type }) => type === "closing" || type === "closing-intermediate");
  const interims = read.filter(({ code }) => code === "ITBD");
  const typeOf = (balance: Balance): BalanceType => {
    if (balance.code !== "ITBD") return balance.type;
    if (hasOpening !== hasClosing) {
      return hasOpening ? "closing-intermediate" : "opening-intermediate";
    }
    if (hasOpening || interims.length !== 2) return "other";
    return balance === interims[0] ? "opening-intermediate" : "closing-intermediate";
  };
  return read.map((balance) => ({ ...balance, type: typeOf(balance) }));
}

function balanceOf(node: XmlNode, faults: Faults): Balance | null {
  const type = child(node, "Tp");
  const code =
    textAt(type, "CdOrPrtry", "Cd") ??
    textAt(type, "CdOrPrtry", "Prtry") ??
    textAt(type, "Cd") ??
    textAt(type, "Prtry") ??
    "";
  const isIntermediate = (textAt(type, "SubTp", "Cd") ?? textAt(type, "SubTp", "Prtry")) === "INTM";
  const amount = amountOf(required(node, "Amt", faults), faults);
  const direction = directionOf(required(node, "CdtDbtInd", faults), faults);
  if (amount === null || direction === null) return null;
  const found = Object.hasOwn(TYPES, code) ? (TYPES[code] as BalanceType) : "other";
  const isPaged = isIntermediate && (found === "opening" || found === "closing");
  return {
    type: isPaged ? `${found}-intermediate` : found,
    code,
    amount,
    direction,
    on: dateOf(child(node, "Dt"), faults),
  };
}

/** Booked credits − debits per currency, as the entries stream by. */
export type BookedSums = ReadonlyMap<Money["currency"], bigint>;

/** How the balances of a message stand to its entries. */
export type BalanceProof =
  | { readonly kind: "proven" }
  /** No currency has both an opening and a closing balance. */
  | { readonly kind: "unprovable" }
  | {
      readonly kind: "wrong";
      /** True when only whole-statement balances (not intermediate ones) are off: a page may repeat them. */
      readonly mayBePage: boolean;
      readonly report: (faults: Faults) => void;
    };

/** The equation, for every currency that has balances or booked entries. */
export function proveBalances(
  balances: readonly Balance[],
  booked: BookedSums,
  line: number,
): BalanceProof {
  const openings = balances.filter(isOpening);
  const closings = balances.filter(isClosing);
  if (openings.length === 0 || closings.length === 0) return { kind: "unprovable" };
  const reports: ((faults: Faults) => void)[] = [];
  const wrong: (Balance | null)[] = [];
  for (const currency of new Set([...openings, ...closings].map(({ amount }) => amount.currency))) {
    const opening = firstOf(openings.filter(({ amount }) => amount.currency === currency));
    const closing = lastOf(closings.filter(({ amount }) => amount.currency === currency));
    if (opening === null || closing === null) {
      const message = `${currency} has ${opening === null ? "no opening" : "no closing"} balance.`;
      reports.push((faults) => faults.add("balance-currency-differs", line, message));
      wrong.push(null);
      continue;
    }
    const expected = signedBalance(opening) + (booked.get(currency) ?? 0n);
    if (expected === signedBalance(closing)) continue;
    const message =
      `Opening ${displayMoney(money(currency, signedBalance(opening)))} plus entries ` +
      `${displayMoney(money(currency, booked.get(currency) ?? 0n))} is ` +
      `${displayMoney(money(currency, expected))}, not the closing ` +
      `${displayMoney(money(currency, signedBalance(closing)))}.`;
    reports.push((faults) => faults.add("balance-sum-wrong", line, message));
    wrong.push(opening, closing);
  }
  for (const currency of booked.keys()) {
    if (openings.some(({ amount }) => amount.currency === currency)) continue;
    const message = `Entries in ${currency} have no balance in ${currency} to be proven by.`;
    reports.push((faults) => faults.add("entry-currency-differs", line, message));
    wrong.push(null);
  }
  if (reports.length === 0) return { kind: "proven" };
  const mayBePage = wrong.every(
    (balance) => balance !== null && !balance.type.endsWith("-intermediate"),
  );
  const report = (faults: Faults): void => {
    for (const each of reports) each(faults);
  };
  return { kind: "wrong", mayBePage, report };
}

function isOpening({ type }: Balance): boolean {
  return type === "opening" || type === "opening-intermediate";
}

function isClosing({ type }: Balance): boolean {
  return type === "closing" || type === "closing-intermediate";
}

function signedBalance(balance: Balance): bigint {
  return signed(balance.amount.minor, balance.direction);
}

/** The earliest opening; OPBD before PRCD, which a statement may carry as well. */
function firstOf(openings: readonly Balance[]): Balance | null {
  const booked = openings.filter(({ code }) => code !== "PRCD");
  const candidates = booked.length > 0 ? booked : openings;
  return candidates.reduce<Balance | null>(
    (first, balance) => (first === null || (balance.on ?? "") < (first.on ?? "") ? balance : first),
    null,
  );
}

/** The latest closing: a statement of several days may close each. */
function lastOf(closings: readonly Balance[]): Balance | null {
  return closings.reduce<Balance | null>(
    (last, balance) => (last === null || (balance.on ?? "") >= (last.on ?? "") ? balance : last),
    null,
  );
}
