// Tells the format of a marketplace file by its content, never by its name: sellers rename files,
// and Amazon calls several formats the same. Null means that no reader knows it; a file is then
// refused, not guessed at.

import { hasUtf8Mark } from "./amazon/charset.ts";
import { plainColumnOf } from "./amazon/date-range-words.ts";
import { PREAMBLE_RECORDS_MAX, SNIFF_BYTES_MAX } from "./amazon/limits.ts";
import type { MarketplaceFormat } from "./reading.ts";

/**
 * Charsets that a head is read in, in the order of `charsetOf`; a wrong one only garbles words
 * beyond ASCII.
 */
const CHARSETS = ["utf-8", "shift_jis", "windows-1252"] as const;

/** Columns that no other tab-separated report has together. */
const V2_COLUMNS = ["settlement-id", "total-amount", "amount-type", "amount-description", "amount"];
const V1_COLUMNS = ["settlement-id", "total-amount", "price-amount", "item-related-fee-amount"];

/**
 * The format of a file by its first bytes; 64 KiB are enough, fewer will do when the file is
 * shorter.
 */
export function sniffMarketplaceFile(head: Uint8Array): MarketplaceFormat | null {
  const bytes = head.subarray(hasUtf8Mark(head) ? 3 : 0, SNIFF_BYTES_MAX);
  const text = new TextDecoder("windows-1252").decode(bytes).trimStart();
  if (text.startsWith("{") || text.startsWith("[")) return sniffJson(text);
  return sniffFlatFile(text) ?? (isDateRange(bytes) ? "amazon-date-range" : null);
}

function sniffFlatFile(text: string): MarketplaceFormat | null {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const columns = new Set(
    header.split("\t").map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .toLowerCase(),
    ),
  );
  if (V2_COLUMNS.every((name) => columns.has(name))) return "amazon-settlement-v2";
  return V1_COLUMNS.every((name) => columns.has(name)) ? "amazon-settlement-v1" : null;
}

function isDateRange(bytes: Uint8Array): boolean {
  return CHARSETS.some((charset) => {
    const lines = new TextDecoder(charset)
      .decode(bytes)
      .split("\n", PREAMBLE_RECORDS_MAX)
      .filter((line) => line.trim() !== "");
    return lines.some((line) => isDateRangeHeader(line));
  });
}

function isDateRangeHeader(line: string): boolean {
  for (const delimiter of [",", ";", "\t"]) {
    const cells = line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    const found = new Set(cells.map((cell) => plainColumnOf(cell)));
    const needed = ["at", "settlement-id", "type", "description", "total"] as const;
    if (needed.every((name) => found.has(name))) return true;
  }
  return false;
}

/** The official sandbox's file of request and response pairs is not an answer of Amazon's. */
const PAIRS_KEY = "operationId";

/** Levels of keys that are looked at; MWS wraps its list in four. */
const KEY_DEPTH_MAX = 6;

/** The list that an answer of Amazon's API is named by: at its top, in an array of pages, or in `payload`. */
const ANSWER_KEYS: ReadonlyMap<string, MarketplaceFormat> = new Map([
  ["payouts", "amazon-payout-list"],
  ["balances", "amazon-balances"],
  ["expectedPayouts", "amazon-expected-payouts"],
  ["summaries", "amazon-summaries"],
  ["transactions", "amazon-transactions"],
]);
const ANSWER_KEY_DEPTH_MAX = 2;

/** Around everything that the query of Shopify's Admin API answers about payouts. */
const SHOPIFY_KEY = "shopifyPaymentsAccount";

function sniffJson(text: string): MarketplaceFormat | null {
  const keys = keysOf(text);
  if (keys.some(({ key }) => key === PAIRS_KEY)) return null;
  if (keys.some(({ key }) => key === SHOPIFY_KEY)) return "shopify-payments";
  for (const { key, depth } of keys) {
    if (key === "FinancialEventGroupList") return "amazon-event-groups";
    const format = ANSWER_KEYS.get(key);
    if (format !== undefined && depth <= ANSWER_KEY_DEPTH_MAX) return format;
  }
  return null;
}

/** Keys of the objects in the head, with how many objects and arrays stand around them. */
function keysOf(text: string): readonly { key: string; depth: number }[] {
  const keys: { key: string; depth: number }[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    else if (character === '"') {
      const end = stringEnd(text, at);
      if (depth <= KEY_DEPTH_MAX && /^\s*:/.test(text.slice(end + 1, end + 16))) {
        keys.push({ key: text.slice(at + 1, end), depth });
      }
      at = end;
    }
  }
  return keys;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
