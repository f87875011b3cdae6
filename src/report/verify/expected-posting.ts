// A posting as the facts say it must be, in a form that the ledger's rows can be compared with whatever the order of
// the legs: the amount that moves from account to account, or that is drawn from an earlier leg.

import type { Leg, Posting, PostingId } from "../../ledger/posting.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";

export type ExpectedPosting = {
  readonly id: PostingId;
  /** The fact that it is made of, as findings name it. */
  readonly fact: string;
  readonly reason: string;
  readonly subject: string;
  /** Dates of which its effective date must be one; null: the date is not on record. */
  readonly effectiveOn: readonly CivilDate[] | null;
  readonly legs: ReadonlyMap<string, LegSum>;
};

export type LegSum = { readonly currency: Currency; readonly minor: bigint };

/** The legs of a posting summed by what they do. */
export function legSums(legs: readonly Leg[]): ReadonlyMap<string, LegSum> {
  const sums = new Map<string, LegSum>();
  for (const leg of legs) {
    const key =
      leg.kind === "post" || leg.kind === "pending"
        ? movedKey(leg.kind, leg.debit, leg.credit)
        : drawnKey(leg.kind, leg.of.postingId, leg.of.leg);
    addLeg(sums, key, leg.amount);
  }
  return sums;
}

export function addLeg(sums: Map<string, LegSum>, key: string, amount: LegSum): void {
  if (amount.minor === 0n) return;
  const { currency } = amount;
  const full = `${key} in ${currency}`;
  sums.set(full, { currency, minor: (sums.get(full)?.minor ?? 0n) + amount.minor });
}

export function movedKey(kind: string, debit: string, credit: string): string {
  return `${kind} ${credit} → ${debit}`;
}

export function drawnKey(kind: string, postingId: string, leg: number): string {
  return `${kind} leg ${leg} of ${postingId}`;
}

/** Reversals of releases are told by the match whose money they take back: which release of it bears it is free. */
export function takenBackKey(matchId: string): string {
  return `reverse releases of match ${matchId}`;
}

export function expectedOf(
  posting: Posting,
  fact: string,
  effectiveOn: readonly CivilDate[] | null,
): ExpectedPosting {
  const { id, reason, subject } = posting;
  return { id, fact, reason, subject, effectiveOn, legs: legSums(posting.legs) };
}
