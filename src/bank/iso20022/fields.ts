// Single fields of ISO 20022 messages: amounts, directions, dates, references. Each reads what the versions 01
// to 12 write and names the line when it cannot. Amounts are texts until their currency's decimals are known.

import { currencyOf } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { money, parseMinor } from "../../money/money.ts";
import type { CivilDate } from "../../time/instant.ts";
import { parseCivilDate } from "../../time/instant.ts";
import type { Direction, EntryStatus } from "../message.ts";
import type { Faults } from "./faults.ts";
import { shown } from "./faults.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, textAt, textOf } from "./xml-node.ts";

/** `<Amt Ccy="USD">12.50</Amt>` as money; null with a fault when it is not exact, null alone when absent. */
export function amountOf(node: XmlNode | null, faults: Faults): Money | null {
  if (node === null) return null;
  const text = node.text.trim();
  const code = node.currency?.trim() ?? "";
  const field = node.name;
  if (code === "") {
    faults.add("currency-missing", node.line, `${field} ${shown(text)} has no Ccy attribute.`);
    return null;
  }
  const currency = currencyOf(code);
  if (currency === null) {
    faults.add(
      "currency-unknown",
      node.line,
      `${field} has currency ${shown(code)}, not in ISO 4217.`,
    );
    return null;
  }
  const parsed = parseMinor(text, currency);
  if (!parsed.ok) {
    const isTooFine = parsed.refusal === "too-many-decimals";
    faults.add(
      isTooFine ? "amount-too-fine" : "amount-unreadable",
      node.line,
      isTooFine
        ? `${field} ${shown(text)} has more decimals than ${code} has.`
        : `${field} ${shown(text)} is not a plain decimal.`,
    );
    return null;
  }
  if (parsed.minor < 0n) {
    faults.add(
      "amount-negative",
      node.line,
      `${field} ${shown(text)} is negative; CdtDbtInd is the sign.`,
    );
    return null;
  }
  return money(currency, parsed.minor);
}

/** CRDT or DBIT; null with a fault for any other text, null alone when absent. */
export function directionOf(node: XmlNode | null, faults: Faults): Direction | null {
  const text = textOf(node);
  if (node === null) return null;
  if (text === "CRDT") return "credit";
  if (text === "DBIT") return "debit";
  faults.add(
    "direction-unknown",
    node.line,
    `CdtDbtInd is ${shown(text ?? "")}, not CRDT or DBIT.`,
  );
  return null;
}

const STATUSES: Readonly<Record<string, EntryStatus>> = {
  BOOK: "booked",
  PDNG: "pending",
  INFO: "information",
  FUTR: "future",
};

/** Entry status: the text itself up to version 06, Sts/Cd from version 07; a bank's own code is "unknown". */
export function statusOf(node: XmlNode | null): EntryStatus {
  const code = textOf(node) ?? textAt(node, "Cd") ?? "";
  return Object.hasOwn(STATUSES, code) ? (STATUSES[code] as EntryStatus) : "unknown";
}

/**
 * The civil date of `Dt`, `DtTm` or of a plain date element, as the bank wrote it: "2026-01-31T00:30:00+08:00"
 * is 31 January. Null with a fault when the date does not exist, null alone when absent.
 */
export function dateOf(node: XmlNode | null, faults: Faults): CivilDate | null {
  const leaf = node === null ? null : (child(node, "Dt") ?? child(node, "DtTm") ?? node);
  const text = textOf(leaf);
  if (leaf === null || text === null) return null;
  const date = /^\d{4}-\d{2}-\d{2}(?:$|[T+Z-])/.test(text)
    ? parseCivilDate(text.slice(0, 10))
    : null;
  if (date === null) {
    faults.add("date-unreadable", leaf.line, `${leaf.name} ${shown(text)} is not a date.`);
  }
  return date;
}

const NO_REFERENCE = /^(?:NOTPROVIDED|NONREF)$/i;

/** A reference as written (leading zeros kept); NOTPROVIDED and NONREF, which mean none, are null. */
export function referenceOf(node: XmlNode | null): string | null {
  const text = textOf(node);
  return text === null || NO_REFERENCE.test(text) ? null : text;
}

/** xs:boolean: true, 1. */
export function isTrue(node: XmlNode | null): boolean {
  const text = textOf(node);
  return text === "true" || text === "1";
}

/** A count such as NbOfTxs; null with a fault when it is not digits, null alone when absent. */
export function countOf(node: XmlNode | null, faults: Faults): number | null {
  const text = textOf(node);
  if (node === null || text === null) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  faults.add("number-unreadable", node.line, `${node.name} ${shown(text)} is not a count.`);
  return null;
}

/** A field that must be there: adds a fault naming it when it is not. */
export function required(parent: XmlNode, name: string, faults: Faults): XmlNode | null {
  const node = child(parent, name);
  if (node === null) {
    faults.add("field-missing", parent.line, `${parent.name} has no ${name}.`);
    return null;
  }
  if (parent.children.some((other) => other !== node && other.name === name)) {
    faults.add("field-repeated", parent.line, `${parent.name} has more than one ${name}.`);
  }
  return node;
}
