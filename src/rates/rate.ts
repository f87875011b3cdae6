// A rate between two currencies as an exact decimal, with the units that it is quoted for: so much of `quote` for `unit`
// of `base` (1, or 100 as with the yen). Banks quote up to seven decimals and declarations want eight; none is rounded away.

import { type Currency, exponentOf } from "../money/currency.ts";
import { divideMinor, type Rounding } from "../money/money.ts";
import type { CivilDate } from "../time/instant.ts";

/** An exact decimal: `digits` / 10^`scale`. */
export type Decimal = { readonly digits: bigint; readonly scale: number };

/** Decimals of a rate at most (facts of bank formats: rates have up to 8; more is kept where a source gives it). */
export const RATE_DECIMALS_MAX = 12;

export type RateUnit = 1 | 100;

export type Rate = {
  readonly base: Currency;
  readonly quote: Currency;
  readonly unit: RateUnit;
  readonly value: Decimal;
};

/** A rate as one source gave it for one day; nobody deals at it. */
export type ReferenceRate = Rate & {
  readonly on: CivilDate;
  /** Who says so ("SAFE", "CFETS mid", "ECB"). */
  readonly source: string;
};

/** Reads a positive decimal ("7.1234"); null when it is not one or has too many decimals. */
export function parseDecimal(text: string): Decimal | null {
  const parts = /^(\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (parts === null) return null;
  const [, whole = "", decimals = ""] = parts;
  if (decimals.length > RATE_DECIMALS_MAX) return null;
  const digits = BigInt(whole + decimals);
  return digits === 0n ? null : { digits, scale: decimals.length };
}

/** The decimal as text, with the decimals that it was given with. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const text = digits.toString().padStart(scale + 1, "0");
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** Minor units of the base as minor units of the quote. 1,000.00 USD at 7.1234: 7,123.40 CNY. */
export function convertMinor(rate: Rate, baseMinor: bigint, rounding: Rounding): bigint {
  const shift = exponentOf(rate.quote) - exponentOf(rate.base);
  return scaled(
    baseMinor * rate.value.digits,
    BigInt(rate.unit) * 10n ** BigInt(rate.value.scale),
    shift,
    rounding,
  );
}

/** Minor units of the quote as minor units of the base. */
export function convertBack(rate: Rate, quoteMinor: bigint, rounding: Rounding): bigint {
  const shift = exponentOf(rate.base) - exponentOf(rate.quote);
  return scaled(
    quoteMinor * BigInt(rate.unit) * 10n ** BigInt(rate.value.scale),
    rate.value.digits,
    shift,
    rounding,
  );
}

/** part / whole × 10^shift, rounded once. */
function scaled(part: bigint, whole: bigint, shift: number, rounding: Rounding): bigint {
  const power = 10n ** BigInt(Math.abs(shift));
  return shift >= 0
    ? divideMinor(part * power, whole, rounding)
    : divideMinor(part, whole * power, rounding);
}
