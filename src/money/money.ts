// Money: integers of the currency's minor unit inside, exact decimal strings outside. No floating point.

import { invariant } from "../errors/invariant.ts";
import type { Currency } from "./currency.ts";
import { exponentOf } from "./currency.ts";

/** An amount in one currency; `minor` counts minor units (cents for USD, yen for JPY) and may be negative. */
export type Money = { readonly currency: Currency; readonly minor: bigint };

/** Digits that any amount text may have; ISO 20022 allows 18, and one sign and point. */
export const AMOUNT_TEXT_LENGTH_MAX = 24;

export type AmountRefusal = "not-a-number" | "too-many-decimals" | "too-long";

export function money(currency: Currency, minor: bigint): Money {
  return { currency, minor };
}

/**
 * Reads a plain decimal with a point ("1234.50", "-0.01", "8.850") as minor units of the currency.
 * Zeros past the currency's decimals are trimmed; any other digit there is refused ("too-many-decimals").
 * Thousands separators, commas and exponents are not plain decimals: readers normalise them first.
 */
export function parseMinor(
  text: string,
  currency: Currency,
): { ok: true; minor: bigint } | { ok: false; refusal: AmountRefusal } {
  if (text.length > AMOUNT_TEXT_LENGTH_MAX) return { ok: false, refusal: "too-long" };
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (parts === null) return { ok: false, refusal: "not-a-number" };
  const [, sign = "", whole = "", fraction = ""] = parts;
  if (whole === "" && fraction === "") return { ok: false, refusal: "not-a-number" };
  const exponent = exponentOf(currency);
  const kept = fraction.slice(0, exponent).padEnd(exponent, "0");
  if (/[1-9]/.test(fraction.slice(exponent))) return { ok: false, refusal: "too-many-decimals" };
  const minor = BigInt(`${whole}${kept}` || "0");
  return { ok: true, minor: sign === "-" ? -minor : minor };
}

/** The exact decimal text of an amount: 123450n USD → "1234.50", -1n USD → "-0.01", 500n JPY → "500". */
export function formatMinor(minor: bigint, currency: Currency): string {
  const exponent = exponentOf(currency);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const sign = minor < 0n ? "-" : "";
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

export function formatMoney(amount: Money): string {
  return formatMinor(amount.minor, amount.currency);
}

/** For people: "USD 1,234.50". */
export function displayMoney(amount: Money): string {
  const [whole = "", fraction] = formatMoney(amount).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount.currency} ${fraction === undefined ? grouped : `${grouped}.${fraction}`}`;
}

export function addMoney(left: Money, right: Money): Money {
  invariant(left.currency === right.currency, `cannot add ${left.currency} and ${right.currency}`);
  return { currency: left.currency, minor: left.minor + right.minor };
}

export function absMinor(minor: bigint): bigint {
  return minor < 0n ? -minor : minor;
}

export type Rounding = "half-even" | "half-up" | "down" | "up";

/** numerator / denominator as an integer; the rounding is always named. Halves: 2.5 → 2 (half-even), 3 (half-up). */
export function divideMinor(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  invariant(denominator > 0n, "the denominator must be positive");
  const negative = numerator < 0n;
  const dividend = absMinor(numerator);
  const quotient = dividend / denominator;
  const twice = (dividend % denominator) * 2n;
  const roundsUp =
    rounding === "up"
      ? twice > 0n
      : rounding === "half-up"
        ? twice >= denominator
        : rounding === "half-even"
          ? twice > denominator || (twice === denominator && quotient % 2n === 1n)
          : false;
  const magnitude = roundsUp ? quotient + 1n : quotient;
  return negative ? -magnitude : magnitude;
}

/** Splits an amount into `parts` that differ by at most one minor unit and sum to the whole; the first take the residue. */
export function splitEvenly(amount: Money, parts: number): readonly Money[] {
  invariant(Number.isInteger(parts) && parts > 0, "the number of parts must be a positive integer");
  const count = BigInt(parts);
  const base = amount.minor / count;
  const residue = amount.minor % count;
  const unit = residue < 0n ? -1n : 1n;
  return Array.from({ length: parts }, (_, index) => ({
    currency: amount.currency,
    minor: base + (BigInt(index) < absMinor(residue) ? unit : 0n),
  }));
}
