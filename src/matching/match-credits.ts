// Which payouts a credit pays: a pure decision over facts, in layers, never by amount alone.
//   1 reference: the payout's trace id, reference or settlement id stands in the bank's texts;
//   2 amount-date-payer: one payout only with this amount, within the window, from a known payer;
//   3 sum-date-payer: one set only of open payouts that the credit pays together, likewise.
// What none of them decides stays in suspense, for a person.

import type { Currency } from "../money/currency.ts";
import type { Policy } from "../policy/policy.ts";
import type { CivilDate } from "../time/instant.ts";
import { type CreditTexts, namesToken } from "./credit-texts.ts";
import { type Arrived, type ChargeLimits, explainGross, type Gross } from "./explain-gross.ts";

export type OpenCredit = Arrived & {
  readonly creditId: string;
  readonly sellerId: string;
  readonly accountNumber: string;
  readonly creditedOn: CivilDate | null;
  /** The bank's texts about it, in which references are looked for. */
  readonly texts: CreditTexts;
  /** Marketplaces that are known to pay under the payer's name. */
  readonly payerOf: ReadonlySet<string>;
};

export type OpenPayout = {
  readonly payoutId: string;
  readonly sellerId: string;
  readonly marketplace: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  /** What has not arrived yet. */
  readonly openMinor: bigint;
  /** Money may arrive from this day on, and until `lastOn` without its reference. Null: not known. */
  readonly firstOn: CivilDate | null;
  readonly lastOn: CivilDate | null;
  readonly accountTail: string | null;
  /** Normalised references of at least six characters. */
  readonly tokens: readonly string[];
};

export type MatchLayer = "reference" | "amount-date-payer" | "sum-date-payer";

export type Allocation = {
  readonly creditId: string;
  readonly payoutId: string;
  /** Of the credit, in the credit's currency. */
  readonly amountMinor: bigint;
  /** Of the payout, in the payout's currency: amount plus charges, or the instructed amount when exchanged. */
  readonly paidMinor: bigint;
  /** Deducted on the way, in the payout's currency. */
  readonly chargeMinor: bigint;
  readonly layer: MatchLayer;
};

export type Unmatched = {
  readonly creditId: string;
  readonly code: "no-payout-found" | "several-payouts-fit" | "payer-not-known" | "not-divisible";
};

/** Open payouts that a credit may pay together without a reference: more would find sums by chance. */
export const SUM_PAYOUTS_MAX = 4;
/** Candidates among which such a set is looked for: the number of sets stays below 800. */
export const SUM_CANDIDATES_MAX = 12;

export type MatchSettings = {
  /** Shortfalls that count as charges on the way. */
  readonly charges: ChargeLimits;
  /** Look for sums of several payouts: only where all open payouts of the seller were loaded. */
  readonly sums: boolean;
};

/** The policy's limits on charges that no message records. */
export function chargeLimitsOf(policy: Policy): ChargeLimits {
  return {
    toleranceMinor: policy.chargeToleranceMinor,
    impliedMinor: policy.impliedChargeMaxMinor,
  };
}

export function matchCredits(
  credits: readonly OpenCredit[],
  payouts: readonly OpenPayout[],
  settings: MatchSettings,
): { allocations: readonly Allocation[]; unmatched: readonly Unmatched[] } {
  const open = new Map(payouts.map((payout) => [payout.payoutId, payout.openMinor]));
  const allocations: Allocation[] = [];
  const unmatched: Unmatched[] = [];
  // References first over all credits: a weaker layer must not take a payout that a reference names.
  const withoutReference = credits.filter((credit) => {
    const made = allocateByReference(credit, payouts, open, settings.charges);
    if (made === null) return true;
    allocations.push(...made);
    if (made.length === 0) unmatched.push({ creditId: credit.creditId, code: "not-divisible" });
    return false;
  });
  for (const credit of withoutReference) {
    const made = allocateByAmount(credit, payouts, open, settings);
    if ("code" in made) unmatched.push(made);
    else allocations.push(...made.allocations);
  }
  return { allocations, unmatched };
}

/** The seller's own, in a currency the credit has or was exchanged from. */
function mayPay(credit: OpenCredit, payout: OpenPayout): boolean {
  return (
    payout.sellerId === credit.sellerId &&
    (payout.currency === credit.currency || payout.currency === credit.instructed?.currency)
  );
}

/** To the account that the payout names. A reference goes before it: then the release holds what came elsewhere. */
function isOnAccount(credit: OpenCredit, payout: OpenPayout): boolean {
  return payout.accountTail === null || credit.accountNumber.endsWith(payout.accountTail);
}

/** Null: the credit names no payout that waits for money. */
function allocateByReference(
  credit: OpenCredit,
  payouts: readonly OpenPayout[],
  open: Map<string, bigint>,
  charges: ChargeLimits,
): Allocation[] | null {
  const named = payouts
    .filter((payout) => mayPay(credit, payout) && (open.get(payout.payoutId) ?? 0n) > 0n)
    .filter((payout) => payout.tokens.some((token) => namesToken(credit.texts, token)))
    .sort(byFirstDay);
  const [first] = named;
  if (first === undefined) return null;
  const currency = first.currency;
  const together = named.filter((payout) => payout.currency === currency);
  const gross = explainGross(credit, currency, owedBy(together, open), charges);
  return spread(credit, together, open, gross, "reference");
}

type ByAmount = { allocations: Allocation[] } | Unmatched;

function allocateByAmount(
  credit: OpenCredit,
  payouts: readonly OpenPayout[],
  open: Map<string, bigint>,
  settings: MatchSettings,
): ByAmount {
  const { charges } = settings;
  const near = payouts.filter(
    (payout) =>
      mayPay(credit, payout) &&
      isOnAccount(credit, payout) &&
      (open.get(payout.payoutId) ?? 0n) === payout.amountMinor &&
      isWithin(credit.creditedOn, payout),
  );
  const { creditId } = credit;
  if (near.length === 0) return { creditId, code: "no-payout-found" };
  const known = near.filter((payout) => credit.payerOf.has(payout.marketplace));
  if (known.length === 0) return { creditId, code: "payer-not-known" };
  const alone = known.filter((payout) => explained(credit, [payout], open, charges) !== null);
  if (alone.length > 1) return { creditId, code: "several-payouts-fit" };
  if (alone.length === 1) return settle(credit, alone, open, charges, "amount-date-payer");
  if (!settings.sums) return { creditId, code: "no-payout-found" };
  const sets = payoutSets(known.sort(byFirstDay).slice(-SUM_CANDIDATES_MAX)).filter(
    (set) => explained(credit, set, open, charges) !== null,
  );
  if (sets.length > 1) return { creditId, code: "several-payouts-fit" };
  const [set] = sets;
  return set === undefined
    ? { creditId, code: "no-payout-found" }
    : settle(credit, set, open, charges, "sum-date-payer");
}

function settle(
  credit: OpenCredit,
  set: readonly OpenPayout[],
  open: Map<string, bigint>,
  charges: ChargeLimits,
  layer: MatchLayer,
): ByAmount {
  const gross = explained(credit, set, open, charges);
  return { allocations: gross === null ? [] : spread(credit, set, open, gross, layer) };
}

/** What arrived with its documented charges, if that is exactly what the payouts together still owe. */
function explained(
  credit: OpenCredit,
  set: readonly OpenPayout[],
  open: Map<string, bigint>,
  charges: ChargeLimits,
): Gross | null {
  const currency = set[0]?.currency;
  if (currency === undefined || set.some((payout) => payout.currency !== currency)) return null;
  const wanted = owedBy(set, open);
  // Without a reference, a shortfall against the payout itself is no charge: any amount would fit.
  const gross = explainGross(credit, currency, wanted, { ...charges, toleranceMinor: {} });
  return gross.paidMinor === wanted ? gross : null;
}

/**
 * Gives the credit to the payouts in order of their day; charges go to the first that can bear them. A credit that
 * the bank exchanged is given whole or not at all: what a part of it was before, only the bank can say.
 */
function spread(
  credit: OpenCredit,
  payouts: readonly OpenPayout[],
  open: Map<string, bigint>,
  gross: Gross,
  layer: MatchLayer,
): Allocation[] {
  const { creditId } = credit;
  if (gross.exchanged && gross.paidMinor > owedBy(payouts, open)) return [];
  const allocations: Allocation[] = [];
  let [paidLeft, chargeLeft, amountLeft] = [gross.paidMinor, gross.chargeMinor, credit.openMinor];
  for (const { payoutId } of payouts) {
    const most = minimum(paidLeft, open.get(payoutId) ?? 0n);
    if (most <= 0n || amountLeft <= 0n) continue;
    const chargeMinor = chargeLeft < most ? chargeLeft : 0n;
    const amountMinor = gross.exchanged
      ? exchangedShare(amountLeft, most, paidLeft)
      : minimum(most - chargeMinor, amountLeft);
    // What a payout is paid is what arrived for it and what was deducted for it, and nothing else.
    const paidMinor = gross.exchanged ? most : amountMinor + chargeMinor;
    if (amountMinor <= 0n) return [];
    allocations.push({ creditId, payoutId, amountMinor, paidMinor, chargeMinor, layer });
    paidLeft -= paidMinor;
    chargeLeft -= chargeMinor;
    amountLeft -= amountMinor;
  }
  for (const { payoutId, paidMinor } of allocations) {
    open.set(payoutId, (open.get(payoutId) ?? 0n) - paidMinor);
  }
  return allocations;
}

/** The part's share at the one rate of the whole, rounded down; the last part is the whole that is left. */
function exchangedShare(amountMinor: bigint, partMinor: bigint, wholeMinor: bigint): bigint {
  return (amountMinor * partMinor) / wholeMinor;
}

function owedBy(payouts: readonly OpenPayout[], open: ReadonlyMap<string, bigint>): bigint {
  return payouts.reduce((sum, { payoutId }) => sum + (open.get(payoutId) ?? 0n), 0n);
}

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

function isWithin(creditedOn: CivilDate | null, payout: OpenPayout): boolean {
  if (creditedOn === null || payout.firstOn === null || payout.lastOn === null) return false;
  return creditedOn >= payout.firstOn && creditedOn <= payout.lastOn;
}

/** Oldest first. */
export function byFirstDay(left: OpenPayout, right: OpenPayout): number {
  const [a, b] = [
    `${left.firstOn ?? ""}${left.payoutId}`,
    `${right.firstOn ?? ""}${right.payoutId}`,
  ];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** All sets of two to four payouts. */
function payoutSets(payouts: readonly OpenPayout[]): OpenPayout[][] {
  let sets: OpenPayout[][] = payouts.map((payout) => [payout]);
  const all: OpenPayout[][] = [];
  for (let size = 2; size <= SUM_PAYOUTS_MAX; size += 1) {
    sets = sets.flatMap((set) => {
      const last = set.at(-1);
      const from = last === undefined ? 0 : payouts.indexOf(last) + 1;
      return payouts.slice(from).map((payout) => [...set, payout]);
    });
    all.push(...sets);
  }
  return all;
}
