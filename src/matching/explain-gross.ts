// What a payer sent, from what arrived: arrived + deducted on the way = sent. Charges are what a message documents
// (ISO 20022: InstdAmt − charges = Amt; MT103: 33B − 71F = 32A). A shortfall against the instructed amount that no charge
// record explains is a charge only up to a limit of the policy, and one against the payout itself only up to another.

import type { Currency } from "../money/currency.ts";

/** What arrived, and what the message says about the way. */
export type Arrived = {
  readonly currency: Currency;
  /** What is left of the credit to explain. */
  readonly openMinor: bigint;
  readonly amountMinor: bigint;
  /** What the bank took back of it before it was explained; it arrived all the same. */
  readonly undoneMinor: bigint;
  /** What the payer's side instructed, before charges and exchange. */
  readonly instructed: { readonly currency: string; readonly minor: bigint } | null;
  /** Recorded deductions on the way, with whether the amount is already net of them (null: not said). */
  readonly charges: readonly {
    readonly currency: string;
    readonly minor: bigint;
    readonly included: boolean | null;
  }[];
};

export type ChargeLimits = {
  /** Per currency: undocumented shortfall against the payout that counts as charges on the way. */
  readonly toleranceMinor: Readonly<Record<string, bigint>>;
  /** Per currency: shortfall against the instructed amount, without a charge record, that counts as charges. */
  readonly impliedMinor: Readonly<Record<string, bigint>>;
};

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
  credit: Arrived,
  currency: Currency,
  wantedMinor: bigint,
  limits: ChargeLimits,
): Gross {
  const arrivedMinor = credit.openMinor + credit.undoneMinor;
  const isWhole = arrivedMinor === credit.amountMinor;
  if (currency !== credit.currency) {
    // A part of an exchanged credit has no exact amount in the other currency.
    const paidMinor =
      credit.openMinor === credit.amountMinor ? (credit.instructed?.minor ?? 0n) : 0n;
    return { paidMinor, chargeMinor: 0n, exchanged: true };
  }
  const readings = isWhole ? documentedCharges(credit, limits.impliedMinor[currency] ?? 0n) : [];
  const fitting = [0n, ...readings].find((charge) => arrivedMinor + charge === wantedMinor);
  const charge = fitting ?? readings[0] ?? 0n;
  const paid = arrivedMinor + charge;
  const short = wantedMinor - paid;
  const toleranceMinor = limits.toleranceMinor[currency] ?? 0n;
  const tolerated = isWhole && short > 0n && short <= toleranceMinor ? short : 0n;
  return { paidMinor: paid + tolerated, chargeMinor: charge + tolerated, exchanged: false };
}

/** Possible sums of charges deducted from the credit, the most explicit first. */
function documentedCharges(credit: Arrived, impliedMinorMax: bigint): bigint[] {
  const own = credit.charges.filter((charge) => charge.currency === credit.currency);
  const sum = (charges: typeof own) => charges.reduce((total, charge) => total + charge.minor, 0n);
  const instructed =
    credit.instructed !== null && credit.instructed.currency === credit.currency
      ? credit.instructed.minor - credit.amountMinor
      : 0n;
  const recorded = [
    sum(own.filter((charge) => charge.included === true)),
    sum(own.filter((charge) => charge.included !== false)),
  ];
  const isStated = recorded.includes(instructed) || instructed <= impliedMinorMax;
  return [isStated ? instructed : 0n, ...recorded].filter((charge) => charge > 0n);
}
