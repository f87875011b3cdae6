// Amounts that the fast path does not take, and the one number style of the file. An amount that
// fits both styles waits until another line decides; if none does, its line is a fault and the
// statement is quarantined.

import { exponentOf } from "../../money/currency.ts";
import { SUM_DECIMALS } from "./exact-sum.ts";
import { UNDECIDED_AMOUNTS_MAX } from "./limits.ts";
import type { AmountText, NumberStyle } from "./number-style.ts";
import { readAmountText, readInStyle } from "./number-style.ts";
import { quoted } from "./reasons.ts";
import type { OpenStatement } from "./statement-book.ts";
import { addFault } from "./statement-book.ts";

/** One amount as written, where it stands and what to do with its value. */
export type AmountField = {
  readonly statement: OpenStatement;
  readonly text: string;
  readonly line: number;
  /** Decimals of the currency; null when not known yet. */
  readonly exponent: number | null;
  /** Column name for the message. */
  readonly field: string;
  /** Called once with ten-thousandths, at once or when the style is decided; never for a fault. */
  readonly apply: (value: bigint) => void;
};

export type AmountEvidence = {
  style: NumberStyle | null;
  /**
   * Byte of the decimal mark once the style is decided, -1 before: then amounts take the slow path.
   */
  decimalByte: number;
  readonly undecided: AmountField[];
};

export function noAmountEvidence(): AmountEvidence {
  return { style: null, decimalByte: -1, undecided: [] };
}

/** Reads an amount, or keeps it until the style is decided, or says what is wrong with it. */
export function takeAmount(evidence: AmountEvidence, amount: AmountField): void {
  const read = readAmountText(amount.text, amount.exponent);
  if (read.kind === "ambiguous") {
    if (evidence.style !== null) {
      applyRead(amount, readInStyle(amount.text, evidence.style));
    } else if (evidence.undecided.length < UNDECIDED_AMOUNTS_MAX) {
      evidence.undecided.push(amount);
    } else {
      addFault(amount.statement, "number-style-ambiguous", amount.line, shown(amount));
    }
    return;
  }
  if (read.kind === "exact" && read.style !== null) {
    if (evidence.style === null) decide(evidence, read.style);
    if (evidence.style !== read.style) {
      const detail = `${shown(amount)}, decimal mark elsewhere: ${evidence.style}`;
      addFault(amount.statement, "number-style-mixed", amount.line, detail);
      return;
    }
  }
  applyRead(amount, read);
}

/**
 * At the end of the file: what only a currency learnt late can decide; the rest is a fault, never a
 * guess.
 */
export function settleUndecided(evidence: AmountEvidence): void {
  for (const amount of evidence.undecided.splice(0)) {
    const { currency } = amount.statement;
    const exponent = currency === null ? null : exponentOf(currency);
    const read = readAmountText(amount.text, exponent);
    if (read.kind === "exact") applyRead({ ...amount, exponent }, read);
    else addFault(amount.statement, "number-style-ambiguous", amount.line, shown(amount));
  }
}

function decide(evidence: AmountEvidence, style: NumberStyle): void {
  evidence.style = style;
  evidence.decimalByte = (style === "dot" ? "." : ",").charCodeAt(0);
  for (const amount of evidence.undecided.splice(0)) {
    applyRead(amount, readInStyle(amount.text, style));
  }
}

function applyRead(amount: AmountField, read: AmountText): void {
  const { statement, line, exponent } = amount;
  if (read.kind === "too-long") {
    addFault(statement, "amount-too-long", line, shown(amount));
  } else if (read.kind !== "exact") {
    addFault(statement, "amount-unreadable", line, shown(amount));
  } else if (read.decimals > (exponent ?? SUM_DECIMALS)) {
    addFault(statement, "amount-not-exact", line, shown(amount));
  } else {
    if (exponent === null && read.decimals > statement.decimalsSeen) {
      statement.decimalsSeen = read.decimals;
      statement.decimalsLine = line;
    }
    amount.apply(read.value);
  }
}

function shown(amount: AmountField): string {
  return `${amount.field} ${quoted(amount.text.trim())}`;
}
