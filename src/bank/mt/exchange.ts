// An exchange rate as MT texts give it: field 36 of MT103 ("0,9236") or the code word /EXCH/ of
// field 86.

import type { Exchange } from "../message.ts";
import { readRate } from "./values.ts";

/**
 * The exchange at a written rate, or null when there is none or it is not a decimal of format 12d.
 */
export function exchangeAtRate(
  written: string | undefined,
  sourceCurrency: string | null,
  targetCurrency: string | null,
): Exchange | null {
  const rate = readRate((written ?? "").trim());
  if (rate === null) return null;
  return {
    sourceCurrency,
    targetCurrency,
    unitCurrency: null,
    rate,
    contractId: null,
    quotedAt: null,
  };
}
