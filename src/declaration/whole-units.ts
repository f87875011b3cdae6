// Amounts in declarations are whole currency units (N22,0), the ledger's are minor units. A receipt is rounded once, and
// its parts are made to add up to that: each part is rounded down, and what is missing goes to the parts that lost most,
// the largest first among equals (largest remainder), so that no part is off by a unit or more.

import { type Currency, exponentOf } from "../money/currency.ts";
import { divideMinor } from "../money/money.ts";

/** A receipt in whole units, half up: banks' counters round 四舍五入. */
export function wholeUnits(minor: bigint, currency: Currency): bigint {
  return divideMinor(minor, unitOf(currency), "half-up");
}

/**
 * The parts in whole units, of which the sum is the receipt's. The parts sum to the receipt in minor units; each is zero
 * or more.
 */
export function wholeParts(
  partsMinor: readonly bigint[],
  currency: Currency,
): { readonly whole: bigint; readonly parts: readonly bigint[] } {
  const unit = unitOf(currency);
  const whole = wholeUnits(
    partsMinor.reduce((sum, part) => sum + part, 0n),
    currency,
  );
  const floors = partsMinor.map((part) => part / unit);
  let missing = whole - floors.reduce((sum, part) => sum + part, 0n);
  const order = partsMinor
    .map((part, index) => ({ index, rest: part % unit, part }))
    .sort((a, b) => compare(b.rest, a.rest) || compare(b.part, a.part) || a.index - b.index);
  const parts = [...floors];
  for (const { index } of order) {
    if (missing <= 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    missing -= 1n;
  }
  return { whole, parts };
}

function unitOf(currency: Currency): bigint {
  return 10n ** BigInt(exponentOf(currency));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
