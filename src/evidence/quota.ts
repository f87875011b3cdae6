// The quota of one order as arithmetic: what it earned, what receipts consumed of it, what refunds and failed payouts
// gave back. Pure; the chain itself is append-only (quota_entry), and no row of it leaves a balance below zero.

import { invariant } from "../errors/invariant.ts";
import type { Currency } from "../money/currency.ts";

export type QuotaKind =
  /** The order's own amount came, or rose. */
  | "earned"
  /** A receipt stands on it. */
  | "consumed"
  /** The buyer got money back: what was consumed for it is given back … */
  | "given-back"
  /** … and the order is worth that much less; also where an order is cancelled or its amount falls. */
  | "withdrawn"
  /** The payout failed or was taken back: its receipt needs no support any more. */
  | "returned";

/** What each kind does to the balance. */
const SIGN: Readonly<Record<QuotaKind, bigint>> = {
  earned: 1n,
  consumed: -1n,
  "given-back": 1n,
  withdrawn: -1n,
  returned: 1n,
};

export type QuotaEntry = {
  readonly seq: number;
  readonly kind: QuotaKind;
  readonly sellerId: string;
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
  readonly payoutId: string | null;
};

/** The chain of an order as it stands. */
export type QuotaChain = {
  readonly seq: number;
  /** Whose order it is: of who earned it first; null while nobody has. */
  readonly sellerId: string | null;
  readonly currency: Currency | null;
  /** What may still be consumed. */
  readonly balanceMinor: bigint;
  /** Earned less withdrawn. */
  readonly worthMinor: bigint;
  /** By payout: consumed less returned. */
  readonly consumedOf: ReadonlyMap<string, bigint>;
  /** By payout whose statement refunds it: given back. */
  readonly givenBackOf: ReadonlyMap<string, bigint>;
};

export const NO_CHAIN: QuotaChain = {
  seq: 0,
  sellerId: null,
  currency: null,
  balanceMinor: 0n,
  worthMinor: 0n,
  consumedOf: new Map(),
  givenBackOf: new Map(),
};

export type QuotaChange = {
  readonly kind: QuotaKind;
  readonly amountMinor: bigint;
  readonly payoutId: string | null;
};

/** The chain after one more entry, and the entry; what would leave the balance below zero is a bug of the caller. */
export function addQuota(
  chain: QuotaChain,
  change: QuotaChange,
  of: { readonly sellerId: string; readonly currency: Currency },
): { readonly chain: QuotaChain; readonly entry: QuotaEntry } {
  const { kind, amountMinor, payoutId } = change;
  invariant(amountMinor > 0n, "a quota entry moves something");
  invariant(
    chain.currency === null || chain.currency === of.currency,
    "the quota of an order has one currency",
  );
  const balanceMinor = chain.balanceMinor + SIGN[kind] * amountMinor;
  invariant(balanceMinor >= 0n, `the quota of an order is never negative (${kind})`);
  const seq = chain.seq + 1;
  const worth = kind === "earned" ? amountMinor : kind === "withdrawn" ? -amountMinor : 0n;
  const used = kind === "consumed" ? amountMinor : kind === "returned" ? -amountMinor : 0n;
  return {
    chain: {
      seq,
      sellerId: chain.sellerId ?? of.sellerId,
      currency: chain.currency ?? of.currency,
      balanceMinor,
      worthMinor: chain.worthMinor + worth,
      consumedOf: used === 0n ? chain.consumedOf : added(chain.consumedOf, payoutId, used),
      givenBackOf:
        kind === "given-back" ? added(chain.givenBackOf, payoutId, amountMinor) : chain.givenBackOf,
    },
    entry: { seq, kind, sellerId: of.sellerId, amountMinor, balanceMinor, payoutId },
  };
}

function added(
  sums: ReadonlyMap<string, bigint>,
  payoutId: string | null,
  minor: bigint,
): ReadonlyMap<string, bigint> {
  invariant(payoutId !== null, "what a receipt does to a quota names the payout");
  const sum = (sums.get(payoutId) ?? 0n) + minor;
  invariant(sum >= 0n, "a receipt does not return more than it consumed");
  return new Map([...sums, [payoutId, sum]]);
}

function total(sums: ReadonlyMap<string, bigint>): bigint {
  return [...sums.values()].reduce((sum, minor) => sum + minor, 0n);
}

/** Consumed by all receipts and neither returned nor given back. */
export function consumedMinor(chain: QuotaChain): bigint {
  return total(chain.consumedOf) - total(chain.givenBackOf);
}

/** What the order's own telling changes: it is worth what it says now, as far as receipts have not used it. */
export function earningChange(chain: QuotaChain, toldMinor: bigint): QuotaChange | null {
  // Refunds withdrew some of what it once earned: that stays withdrawn.
  const worthMinor = chain.worthMinor + total(chain.givenBackOf);
  const difference = toldMinor - worthMinor;
  if (difference > 0n) return { kind: "earned", amountMinor: difference, payoutId: null };
  const withdrawn = -difference < chain.balanceMinor ? -difference : chain.balanceMinor;
  return withdrawn > 0n ? { kind: "withdrawn", amountMinor: withdrawn, payoutId: null } : null;
}

/**
 * What a payout changes: it stands on `wantedMinor` of the order from now on (zero: its money did not come, or went
 * back), as far as there is quota left.
 */
export function receiptChange(
  chain: QuotaChain,
  payoutId: string,
  wantedMinor: bigint,
): QuotaChange | null {
  const standing = chain.consumedOf.get(payoutId) ?? 0n;
  if (wantedMinor > standing) {
    const more = wantedMinor - standing;
    const amountMinor = more < chain.balanceMinor ? more : chain.balanceMinor;
    return amountMinor > 0n ? { kind: "consumed", amountMinor, payoutId } : null;
  }
  // What was given back for a refund is not returned a second time.
  const open = consumedMinor(chain);
  const less = standing - wantedMinor < open ? standing - wantedMinor : open;
  return less > 0n ? { kind: "returned", amountMinor: less, payoutId } : null;
}

/**
 * What a refund in a payout's statement changes: as much of what receipts consumed is given back, and the order is worth
 * that much less, so that the same sale supports nothing else.
 */
export function refundChanges(
  chain: QuotaChain,
  payoutId: string,
  refundedMinor: bigint,
): readonly QuotaChange[] {
  const wanted = refundedMinor - (chain.givenBackOf.get(payoutId) ?? 0n);
  const open = consumedMinor(chain);
  const amountMinor = wanted < open ? wanted : open;
  if (amountMinor <= 0n) return [];
  return [
    { kind: "given-back", amountMinor, payoutId },
    { kind: "withdrawn", amountMinor, payoutId },
  ];
}
