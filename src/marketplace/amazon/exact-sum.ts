// An exact running sum over millions of lines. One bigint addition a line costs ten times an
// integer one, so amounts are added as safe integers and spilled to a bigint before they could lose
// a digit. This is the one place where a `number` holds money, always as whole ten-thousandths and
// never beyond 2^53.

import type { Currency } from "../../money/currency.ts";
import { exponentOf } from "../../money/currency.ts";

/** Decimals of the unit that is summed: the largest number of decimals in ISO 4217 (CLF, UYW). */
export const SUM_DECIMALS = 4;

export type ExactSum = { small: number; large: bigint };

export function emptySum(): ExactSum {
  return { small: 0, large: 0n };
}

/** Adds a safe integer of ten-thousandths. */
export function addSafe(sum: ExactSum, value: number): void {
  const next = sum.small + value;
  if (Number.isSafeInteger(next)) {
    sum.small = next;
  } else {
    sum.large += BigInt(sum.small);
    sum.small = value;
  }
}

/** Adds ten-thousandths of any size. */
export function addBig(sum: ExactSum, value: bigint): void {
  sum.large += value;
}

export function sumOf(sum: ExactSum): bigint {
  return sum.large + BigInt(sum.small);
}

/** Ten-thousandths as minor units of the currency; null when a digit would be lost. */
export function minorOf(tenThousandths: bigint, currency: Currency): bigint | null {
  const unit = 10n ** BigInt(SUM_DECIMALS - exponentOf(currency));
  return tenThousandths % unit === 0n ? tenThousandths / unit : null;
}
