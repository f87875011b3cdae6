// Amounts, dates and references as MT fields write them: comma decimals (15d), YYMMDD,
// YYMMDDHHMM±HHMM. Source: SWIFT user handbook, field formats; network rules T40/T43 (comma
// mandatory, digit before it), C03 (no more decimals than the currency has), T50 (dates exist).

import type { Outcome } from "../../errors/refusal.ts";
import { accepted, refused } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { money, parseMinor } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { civilDate, daysBetween, parseInstant } from "../../time/instant.ts";
import { quoted } from "./findings.ts";
import { MT_AMOUNT_CHARS_MAX } from "./limits.ts";
import type { MtReasonCode } from "./reasons.ts";

/** A refusal of one value; `code` is of the catalogue. */
export function refuse<Value>(code: MtReasonCode, line: number, message: string): Outcome<Value> {
  return refused(code, `Line ${line}: ${message}`, line);
}

/**
 * "1234,5" USD → 123450n; "9," and "0,00" and "000000001000,00" are legal, "12.50", "12" and ",5"
 * are not.
 */
export function readAmount(text: string, currency: Currency, line: number): Outcome<Money> {
  if (!/^\d+,\d*$/.test(text))
    return refuse(
      "mt-amount-malformed",
      line,
      `the amount ${quoted(text)} is not digits, a comma and decimals.`,
    );
  if (text.length > MT_AMOUNT_CHARS_MAX)
    return refuse(
      "mt-amount-malformed",
      line,
      `the amount ${quoted(text)} has more than ${MT_AMOUNT_CHARS_MAX} characters.`,
    );
  const minor = parseMinor(text.replace(",", "."), currency);
  if (minor.ok) return accepted(money(currency, minor.minor));
  return refuse(
    "mt-amount-malformed",
    line,
    `the amount ${quoted(text)} has more decimals than ${currency} has.`,
  );
}

/** "USD1234,5": a currency of ISO 4217 and an amount in it. */
export function readCurrencyAmount(text: string, line: number): Outcome<Money> {
  const currency = currencyOf(text.slice(0, 3));
  if (currency === null)
    return refuse(
      "mt-currency-unknown",
      line,
      `${quoted(text.slice(0, 3))} is not a currency of ISO 4217.`,
    );
  return readAmount(text.slice(3), currency, line);
}

/**
 * YYMMDD; 80 to 99 are the 1900s, 00 to 79 the 2000s, as FIN reads them. Null when the day does not
 * exist.
 */
export function readDate(text: string): CivilDate | null {
  const parts = /^(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return null;
  return civilDate(fullYear(parts[1]!), Number(parts[2]), Number(parts[3]));
}

/** The last day of February when the text is 30 February (YY0230), else null. */
export function readFebruary30(text: string): CivilDate | null {
  if (!/^\d{2}0230$/.test(text)) return null;
  const year = fullYear(text.slice(0, 2));
  return civilDate(year, 2, 29) ?? civilDate(year, 2, 28);
}

function fullYear(twoDigits: string): number {
  const year = Number(twoDigits);
  return year >= 80 ? 1900 + year : 2000 + year;
}

/** A date at most this far from the value date is the nearest with its month and day. */
const HALF_YEAR_DAYS = 182;

/**
 * An entry date (MMDD) has no year: it is the one nearest to the value date, so 0102 beside a value
 * date of 2025-12-30 is 2026-01-02. Null when the day exists in none of the three years.
 */
export function readEntryDate(text: string, valueOn: CivilDate): CivilDate | null {
  const valueYear = Number(valueOn.slice(0, 4));
  const month = Number(text.slice(0, 2));
  const day = Number(text.slice(2, 4));
  const distance = (date: CivilDate) => Math.abs(daysBetween(valueOn, date));
  const sameYear = civilDate(valueYear, month, day);
  if (sameYear !== null && distance(sameYear) <= HALF_YEAR_DAYS) return sameYear;
  const candidates = [
    sameYear,
    civilDate(valueYear - 1, month, day),
    civilDate(valueYear + 1, month, day),
  ]
    .filter((date) => date !== null)
    .sort((left, right) => distance(left) - distance(right));
  return candidates[0] ?? null;
}

/** :13D: "1610301730+0000" as an instant and as the civil date that the bank wrote. */
export function readDateTime(text: string): { at: Instant; on: CivilDate } | null {
  const parts = /^(\d{6})(\d{2})(\d{2})([+-])(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return null;
  const on = readDate(parts[1]!);
  const offset = `${parts[4]}${parts[5]}:${parts[6]}`;
  const at = on === null ? null : parseInstant(`${on}T${parts[2]}:${parts[3]}:00${offset}`);
  return on === null || at === null ? null : { at, on };
}

/** A decimal of format 12d as exact text with a point: "0,9236" → "0.9236", "7," → "7". */
export function readRate(text: string): string | null {
  if (!/^\d+,\d*$/.test(text) || text.length > 12) return null;
  return text.endsWith(",") ? text.slice(0, -1) : text.replace(",", ".");
}

/** A reference, or null where banks write that there is none. */
export function referenceOf(text: string | undefined): string | null {
  const reference = (text ?? "").trim();
  return /^(NONREF|NOTPROVIDED|NOT PROVIDED|)$/i.test(reference) ? null : reference;
}

/** UETR in lower case, or null when the text is not a UUID version 4. */
export function uetrOf(text: string | undefined): string | null {
  const uetr = (text ?? "").trim().toLowerCase();
  return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uetr)
    ? uetr
    : null;
}
