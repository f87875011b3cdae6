// The journal for programs: CSV for spreadsheets (RFC 4180) and JSON. One line or object for each side of each
// transfer; amounts are exact decimals in the currency's own decimals.

import { formatMinor } from "../../money/money.ts";
import type { JournalEntry, JournalLine } from "./journal-entry.ts";
import type { JournalFormat } from "./journal-format.ts";

/** Columns of the CSV in order; meaning: docs/reference/journal.md. */
export const CSV_COLUMNS = [
  "seq",
  "posting",
  "leg",
  "effective_on",
  "booked_at",
  "reason",
  "subject",
  "seller",
  "book",
  "nature",
  "account",
  "currency",
  "debit",
  "credit",
] as const;

/**
 * Characters by which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"), full-width forms included.
 */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/** A text cell: led by an apostrophe where a spreadsheet would calculate it, quoted where it holds a separator. */
export function csvText(text: string): string {
  const safe = FORMULA_START.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^'/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Amounts are never negative here (each stands in the column of its side), so they need no escape. */
function csvLine(entry: JournalEntry, line: JournalLine): string {
  const { account, side, minor } = line;
  const amount = formatMinor(minor, account.currency);
  return [
    String(line.seq),
    csvText(entry.postingId),
    String(line.leg),
    entry.effectiveOn,
    entry.bookedAt,
    csvText(entry.reason),
    csvText(entry.subject),
    csvText(account.sellerId),
    account.book,
    account.nature,
    csvText(account.id),
    account.currency,
    side === "debit" ? amount : "",
    side === "credit" ? amount : "",
  ].join(",");
}

export const CSV_FORMAT: JournalFormat = {
  head: () => `${CSV_COLUMNS.join(",")}\r\n`,
  entry: (entry) => entry.lines.map((line) => `${csvLine(entry, line)}\r\n`).join(""),
  tail: () => "",
};

/** Characters that steer a terminal or turn the direction of text; as escapes they are the same JSON. */
const STEERING = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(STEERING, (character) =>
    Array.from({ length: character.length }, (_, unit) =>
      escapeOf(character.charCodeAt(unit)),
    ).join(""),
  );
}

function escapeOf(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}

function jsonEntry(entry: JournalEntry): unknown {
  return {
    seq: Number(entry.seq),
    posting: entry.postingId,
    effectiveOn: entry.effectiveOn,
    bookedAt: entry.bookedAt,
    reason: entry.reason,
    subject: entry.subject,
    lines: entry.lines.map(({ leg, side, account, minor }) => ({
      leg,
      side,
      seller: account.sellerId,
      book: account.book,
      nature: account.nature,
      account: account.id,
      currency: account.currency,
      amount: formatMinor(minor, account.currency),
    })),
  };
}

/** `{"version", "journal": […]}`, one entry a line. */
export function jsonFormat(version: number): JournalFormat {
  return {
    head: () => `{\n  "version": ${version},\n  "journal": [`,
    entry: (entry, index) => `${index === 0 ? "" : ","}\n    ${jsonLine(jsonEntry(entry))}`,
    tail: (entryCount) => `${entryCount === 0 ? "" : "\n  "}]\n}\n`,
  };
}
