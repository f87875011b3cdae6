// Compares what a source of truth says with what stands on record, field by field, whatever the type: amounts as
// integers, JSON whatever the order of its keys, texts as PostgreSQL can hold them.

import { currencyOf } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { CheckName, FindingLog } from "./verification.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Characters of a value shown in a finding; a whole group table would hide the difference. */
const VALUE_LENGTH_MAX = 400;

/** One text for equal values: keys sorted, bigints as decimals, NUL as the database keeps it. */
export function canonicalText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return value.replaceAll("\u0000", "\uFFFD");
  if (typeof value !== "object") return JSON.stringify(value);
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return value.replaceAll("\u0000", "\uFFFD");
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

/** A value as a finding shows it. */
export function shownValue(value: unknown): string {
  const text = canonicalText(value);
  return text.length <= VALUE_LENGTH_MAX ? text : `${text.slice(0, VALUE_LENGTH_MAX)}…`;
}

/** An amount as a finding shows it, also where a tampered row has a currency that does not exist. */
export function shownMoney(currency: string | null, minor: bigint): string {
  const known = currency === null ? null : currencyOf(currency);
  if (known !== null) return `${known} ${formatMinor(minor, known)}`;
  return `${currency === null ? "" : `${currency} `}${minor} minor units`;
}

/** Reports every field that differs; fields that `expected` does not name are not looked at. */
export function compareFields(
  findings: FindingLog,
  check: CheckName,
  subject: string,
  source: string,
  expected: Fields,
  found: Fields,
): void {
  for (const [name, value] of Object.entries(expected)) {
    if (canonicalText(value) === canonicalText(found[name])) continue;
    const currency = currencyFor(name, expected) ?? currencyFor(name, found);
    findings.report(check, subject, `${name} differs from ${source}`, {
      expected: shownField(name, value, currency),
      found: shownField(name, found[name], currency),
    });
  }
}

/** Columns of minor units end in `_minor`; `original_minor` is in `original_currency`, the others in `currency`. */
function currencyFor(name: string, fields: Fields): string | null {
  const currency = fields[name === "original_minor" ? "original_currency" : "currency"];
  return typeof currency === "string" ? currency : null;
}

function shownField(name: string, value: unknown, currency: string | null): string {
  return name.endsWith("_minor") && typeof value === "bigint"
    ? shownMoney(currency, value)
    : shownValue(value);
}

/** Reasons by code and line: their wording may improve without the facts being other. */
export function reasonKeys(
  reasons: readonly { readonly code: string; readonly line: number | null }[],
): readonly string[] {
  return reasons.map((reason) => `${reason.code}@${reason.line ?? "-"}`);
}
