// A store's balances at any instant, from its record alone: what could be paid out, what is deferred, what is held
// back. TOTAL = AVAILABLE + RESERVED, and RESERVED = DEFERRED + ACCOUNT_LEVEL_RESERVE (Finances API 2024-06-19).

import type { Instant } from "../../time/instant.ts";
import { sumOf } from "./sales.ts";
import type { StoreState } from "./state.ts";

export type Balances = {
  readonly availableMinor: bigint;
  readonly deferredMinor: bigint;
  readonly reserveMinor: bigint;
};

/** As they were at the instant (it included). */
export function balancesAt(store: StoreState, at: Instant): Balances {
  const settlement = store.settlements.findLast(({ startAt }) => startAt <= at);
  if (settlement === undefined) return { availableMinor: 0n, deferredMinor: 0n, reserveMinor: 0n };
  const happened = store.transactions.filter(({ postedAt }) => postedAt <= at);
  const counted = happened.filter(({ settlementId }) => settlementId === settlement.settlementId);
  const released = new Set(happened.map(({ releaseOf }) => releaseOf));
  const deferred = happened.filter(
    ({ deferral, transactionId }) => deferral !== null && !released.has(transactionId),
  );
  const before = store.settlements[store.settlements.indexOf(settlement) - 1];
  // Given back when the settlement began, and still held: it is taken again when the settlement ends.
  const reserveMinor = before?.reserveMinor ?? 0n;
  const waiting = store.settlements.filter(
    ({ outcome, endAt, payoutId }) =>
      outcome === "joined" &&
      endAt !== null &&
      endAt <= at &&
      !store.payouts.some((payout) => payout.payoutId === payoutId && payout.createdAt <= at),
  );
  const waitingMinor = waiting.reduce((sum, { totalMinor }) => sum + (totalMinor ?? 0n), 0n);
  return {
    availableMinor: sumOf(counted.flatMap(({ lines }) => lines)) - reserveMinor + waitingMinor,
    deferredMinor: sumOf(deferred.flatMap(({ lines }) => lines)),
    reserveMinor,
  };
}
