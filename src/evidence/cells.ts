// Reads the cells of one row: amounts, dates, ids. What cannot be read exactly is a reason with its line, never a guess.

import type { Reason } from "../errors/refusal.ts";
import { minorOf } from "../marketplace/amazon/exact-sum.ts";
import { readAmountText } from "../marketplace/amazon/number-style.ts";
import { readStamp } from "../marketplace/amazon/stamp.ts";
import { type Currency, currencyOf, exponentOf } from "../money/currency.ts";
import {
  type CivilDate,
  civilDate,
  type Instant,
  parseCivilDate,
  parseInstant,
} from "../time/instant.ts";
import type { Column } from "./columns.ts";
import { TEXT_LENGTH_MAX } from "./limits.ts";
import { CUSTOMS_MODES, type CustomsMode, type GoodsMode } from "./settings.ts";
import { DIGITS_LOST } from "./tables.ts";

/** A row by its columns; "" where the table has no such column or the cell is empty. */
export type Cells = { readonly line: number; readonly of: (column: Column) => string };

/** Leaves the row: it cannot be used. Caught where rows are taken one by one, and kept there with its line. */
export class RowRejected extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason.message);
    this.reason = reason;
  }
}

export function reject(cells: Cells, code: string, message: string): never {
  throw new RowRejected({ code, line: cells.line, message: `Line ${cells.line}: ${message}` });
}

/** A text that must be there, at most 200 characters. */
export function needText(cells: Cells, column: Column, what: string): string {
  const text = cells.of(column);
  if (text === "") reject(cells, "cell-missing", `${what} is missing.`);
  return checked(cells, text, what);
}

export function maybeText(cells: Cells, column: Column, what: string): string | null {
  const text = cells.of(column);
  return text === "" ? null : checked(cells, text, what);
}

function checked(cells: Cells, text: string, what: string): string {
  if (text.startsWith(DIGITS_LOST)) {
    const message = `${what} was typed as a number, and a spreadsheet keeps fifteen digits of one: format the column as text and enter it again.`;
    reject(cells, "digits-lost", message);
  }
  if (text.length > TEXT_LENGTH_MAX) {
    reject(cells, "cell-too-long", `${what} has more than ${TEXT_LENGTH_MAX} characters.`);
  }
  return text;
}

/** Currencies as China's customs and traders write them: by name, or by the three digits of the customs code table. */
const CURRENCY_WORDS: ReadonlyMap<string, string> = new Map([
  ["美元", "USD"],
  ["502", "USD"],
  ["人民币", "CNY"],
  ["142", "CNY"],
  ["欧元", "EUR"],
  ["300", "EUR"],
  ["日元", "JPY"],
  ["116", "JPY"],
  ["英镑", "GBP"],
  ["303", "GBP"],
  ["港币", "HKD"],
  ["110", "HKD"],
  ["加拿大元", "CAD"],
  ["501", "CAD"],
  ["澳大利亚元", "AUD"],
  ["601", "AUD"],
]);

export function currencyCell(cells: Cells): Currency {
  const text = needText(cells, "currency", "the currency");
  const currency = currencyOf(CURRENCY_WORDS.get(text) ?? text.toUpperCase());
  if (currency === null) reject(cells, "currency-unknown", `"${text}" is no ISO 4217 currency.`);
  return currency;
}

/** An amount that is not negative; null where the cell is empty. */
export function amountCell(cells: Cells, column: Column, currency: Currency): bigint | null {
  const text = cells.of(column);
  if (text === "") return null;
  const read = readAmountText(text.replace(/^[^\d.,+-]+/, ""), exponentOf(currency));
  const minor = read.kind === "exact" ? minorOf(read.value, currency) : null;
  if (read.kind === "ambiguous") {
    reject(cells, "amount-ambiguous", `"${text}" may be thousands or decimals: write "1234.50".`);
  }
  if (minor === null) {
    reject(cells, "amount-unreadable", `"${text}" is no exact amount of ${currency}.`);
  }
  return minor;
}

/** A whole number from zero; null where the cell is empty. */
export function countCell(cells: Cells, column: Column): bigint | null {
  const text = cells.of(column);
  if (text === "") return null;
  if (!/^\d{1,12}(\.0+)?$/.test(text)) {
    reject(cells, "quantity-unreadable", `"${text}" is no whole number.`);
  }
  return BigInt(text.replace(/\..*$/, ""));
}

/** A day: "2026-10-03", "2026/10/3", "20261003", or the day of a time stamp. */
export function dateCell(cells: Cells, column: Column, what: string): CivilDate | null {
  const text = cells.of(column);
  if (text === "") return null;
  const plain = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T ].*)?$/.exec(text);
  const date =
    plain === null
      ? stampDate(text)
      : civilDate(Number(plain[1]), Number(plain[2]), Number(plain[3]));
  if (date === null) {
    reject(cells, "date-unreadable", `${what} "${text}" is no date: write "2026-10-03".`);
  }
  return date;
}

function stampDate(text: string): CivilDate | null {
  const read = readStamp(text);
  return read.kind === "instant" ? parseCivilDate(read.at.slice(0, 10)) : null;
}

/**
 * A moment: a time stamp with its zone, or in a table of the seller's own a day or time without one, which is China's
 * time (UTC+8, no summer time).
 */
export function instantCell(cells: Cells, column: Column, what: string): Instant {
  const text = needText(cells, column, what);
  const read = readStamp(text);
  if (read.kind === "instant") return read.at;
  const local = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(
    text,
  );
  const at =
    local === null
      ? null
      : parseInstant(
          `${local[1]}-${two(local[2])}-${two(local[3])}T${two(local[4])}:${two(local[5])}:${two(local[6])}+08:00`,
        );
  if (at === null) {
    const message = `${what} "${text}" is no time: write "2026-10-03T09:15:02+08:00" or "2026-10-03".`;
    reject(cells, "date-unreadable", message);
  }
  return at;
}

function two(part: string | undefined): string {
  return (part ?? "0").padStart(2, "0");
}

const MODE_NAMES: readonly (readonly [RegExp, GoodsMode])[] = [
  [/一般贸易/, "0110"],
  [/市场采购/, "1039"],
  [/未报关|^undeclared$/i, "undeclared"],
];

/** A customs mode by its four digits or its name ("9610", "跨境电商 9610", "一般贸易"); null where the cell is empty. */
export function modeCell(cells: Cells): GoodsMode | null {
  const text = cells.of("mode");
  if (text === "") return null;
  const digits = /(?<!\d)(\d{3,4})(?!\d)/.exec(text)?.[1]?.padStart(4, "0");
  const mode =
    CUSTOMS_MODES.find((code) => code === digits) ??
    MODE_NAMES.find(([name]) => name.test(text))?.[1];
  if (mode === undefined) {
    const message = `"${text}" is no customs mode that is known here (${CUSTOMS_MODES.join(", ")}).`;
    reject(cells, "mode-unknown", message);
  }
  return mode;
}

export function customsModeOf(mode: GoodsMode | null): CustomsMode | null {
  return mode === "undeclared" ? null : mode;
}

/** Order ids of Amazon's shape name their marketplace themselves. */
const AMAZON_ORDER = /^[0-9A-Z]\d{2}-\d{7}-\d{7}$/;

export function marketplaceCell(cells: Cells, orderId: string): string {
  const text = cells.of("marketplace");
  if (text === "") {
    if (AMAZON_ORDER.test(orderId)) return "amazon";
    reject(cells, "cell-missing", 'the marketplace is missing (column "marketplace").');
  }
  const plain = text.toLowerCase().replace(/\.(com|co|ca|de|fr|it|es|nl|se|pl|com\.au).*$/, "");
  return /^(amazon|亚马逊)/.test(plain) ? "amazon" : plain.replace(/[^\p{L}\p{N}-]/gu, "");
}
