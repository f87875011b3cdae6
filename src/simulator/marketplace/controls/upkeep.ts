// What all controls of the sandbox marketplace share: how it is brought up to the present before each, and how they
// find what they are told to change.

import type { Instant } from "../../../time/instant.ts";
import type { Application } from "../consents.ts";
import type { MarketplaceState, PayoutState, SellerState, StoreState } from "../state.ts";

/** Brings the marketplace up to the present before each control, and tells when something was changed. */
export type Upkeep = {
  readonly state: MarketplaceState;
  readonly application: Application;
  /** Lets happen what is due; the present. */
  readonly catchUp: () => Instant;
  readonly changed: () => void;
};

/** What a control says of one thing that it was told to change and that is not there. */
export class UnknownInSandbox extends Error {
  constructor(what: string) {
    super(`the sandbox has no ${what}`);
    this.name = "UnknownInSandbox";
  }
}

export function sellerOf(state: MarketplaceState, sellerId: string): SellerState {
  const seller = state.sellers.find((one) => one.sellerId === sellerId);
  if (seller === undefined) throw new UnknownInSandbox(`seller ${sellerId}`);
  return seller;
}

export function storeOf(state: MarketplaceState, storeId: string): StoreState {
  const store = state.stores.find((one) => one.storeId === storeId);
  if (store === undefined) throw new UnknownInSandbox(`store ${storeId}`);
  return store;
}

export function payoutOf(
  state: MarketplaceState,
  payoutId: string,
): { readonly store: StoreState; readonly payout: PayoutState } {
  for (const store of state.stores) {
    const payout = store.payouts.find((one) => one.payoutId === payoutId);
    if (payout !== undefined) return { store, payout };
  }
  throw new UnknownInSandbox(`payout ${payoutId}`);
}
