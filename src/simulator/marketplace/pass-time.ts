// What happens by itself as time passes, store by store and in the order of its time: orders come, deferred ones
// become free, the card is charged, payouts take their steps, settlements close. Nothing runs in between: whoever
// asks brings the marketplace up to date first, so the same acts give the same state however often it is asked.

import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { sellOnce } from "./orders.ts";
import { takeStep } from "./payouts.ts";
import { openSettlement, releaseEarliest } from "./postings.ts";
import { chargeCard, closeSettlement } from "./settlements.ts";
import type { MarketplaceState, StoreState } from "./state.ts";

const DAY_MS = 86_400_000;

type Due = { readonly at: Instant; readonly happen: () => void };

/** Lets everything happen that is due by `now`; how much that was. */
export function passTime(state: MarketplaceState, now: Instant): number {
  let happened = 0;
  for (const store of state.stores) {
    for (let due = earliest(state, store); due !== null && due.at <= now; ) {
      due.happen();
      happened += 1;
      due = earliest(state, store);
    }
  }
  return happened;
}

/** When something happens next by itself; null: nothing is planned. */
export function nextDueAt(state: MarketplaceState): Instant | null {
  const instants = state.stores.flatMap((store) => earliest(state, store)?.at ?? []);
  return instants.sort()[0] ?? null;
}

/** The next thing to happen to the store; of two at once, the one that stands first here. */
function earliest(state: MarketplaceState, store: StoreState): Due | null {
  const candidates = [
    dueOrder(state, store),
    dueRelease(state, store),
    dueCharge(state, store),
    ...dueSteps(state, store),
    dueClose(state, store),
  ];
  let first: Due | null = null;
  for (const candidate of candidates) {
    if (candidate !== null && (first === null || candidate.at < first.at)) first = candidate;
  }
  return first;
}

function dueOrder(state: MarketplaceState, store: StoreState): Due | null {
  const { nextOrderAt, settings } = store;
  if (nextOrderAt === null || settings.ordersPerDay <= 0) return null;
  return {
    at: nextOrderAt,
    happen: () => {
      sellOnce(state, store, nextOrderAt, {});
      store.nextOrderAt = instantOfMs(
        msOf(nextOrderAt) + Math.ceil(DAY_MS / settings.ordersPerDay),
      );
    },
  };
}

function dueRelease(state: MarketplaceState, store: StoreState): Due | null {
  const at = store.waiting[0]?.maturesAt;
  return at === undefined ? null : { at, happen: () => releaseEarliest(state, store, at) };
}

function dueCharge(state: MarketplaceState, store: StoreState): Due | null {
  const at = openSettlement(store).charge?.at;
  return at === undefined ? null : { at, happen: () => chargeCard(state, store, at) };
}

function dueSteps(state: MarketplaceState, store: StoreState): readonly Due[] {
  return store.payouts.flatMap((payout) => {
    const at = payout.due[0]?.at;
    return at === undefined ? [] : [{ at, happen: () => takeStep(state, store, payout) }];
  });
}

function dueClose(state: MarketplaceState, store: StoreState): Due | null {
  const at = closesAt(store);
  return at === null ? null : { at, happen: () => closeSettlement(state, store, at, "SCHEDULED") };
}

/** When the open settlement closes by its schedule; null when it has none. */
export function closesAt(store: StoreState): Instant | null {
  const { periodDays } = store.settings;
  if (periodDays === null) return null;
  return instantOfMs(msOf(openSettlement(store).startAt) + periodDays * DAY_MS);
}
