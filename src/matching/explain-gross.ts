// What a payer sent, from what arrived: arrived + deducted on the way = sent. Charges are only what a message
// documents (ISO 20022: InstdAmt − charges = Amt; MT103: 33B − 71F = 32A), plus a tolerance if the policy has one.

import type { Currency } from "../money/currency.ts";
import type { OpenCredit } from "./match-credits.ts";

export type Gross = {
  /** In the payout's currency: what of the payout this credit delivers. */
  readonly paidMinor: bigint;
  readonly chargeMinor: bigint;
  /** True: the bank exchanged it; `paidMinor` is the instructed amount in the payout's currency. */
  readonly exchanged: boolean;
};

/**
 * The reading of the credit's charges that makes it equal to `wantedMinor`, if one does; else the plainest
 * reading. Messages differ in whether they repeat charges and whether they mark them as included, so every
 * documented reading is tried, and never one that no message documents.
 */
export function explainGross(
  credit: OpenCredit,
  currency: Currency,
  wantedMinor: bigint,
  toleranceMinor: bigint,
): Gross {
  if (currency !== credit.currency) {
    return { paidMinor: credit.instructed?.minor ?? 0n, chargeMinor: 0n, exchanged: true };
  }
  const isWhole = credit.openMinor === credit.amountMinor;
  const readings = isWhole ? documentedCharges(credit) : [];
  const fitting = [0n, ...readings].find((charge) => credit.openMinor + charge === wantedMinor);
  const charge = fitting ?? readings[0] ?? 0n;
  const paid = credit.openMinor + charge;
  const short = wantedMinor - paid;
  const tolerated = isWhole && short > 0n && short <= toleranceMinor ? short : 0n;
  return { paidMinor: paid + tolerated, chargeMinor: charge + tolerated, exchanged: false };
}

/** Possible sums of charges deducted from the credit, the most explicit first. */
function documentedCharges(credit: OpenCredit): bigint[] {
  const own = credit.charges.filter((charge) => charge.currency === credit.currency);
  const sum = (charges: typeof own) => charges.reduce((total, charge) => total + charge.minor, 0n);
  const instructed =
    credit.instructed !== null && credit.instructed.currency === credit.currency
      ? credit.instructed.minor - credit.amountMinor
      : 0n;
  return [
    instructed,
    sum(own.filter((charge) => charge.included === true)),
    sum(own.filter((charge) => charge.included !== false)),
  ].filter((charge) => charge > 0n);
}
