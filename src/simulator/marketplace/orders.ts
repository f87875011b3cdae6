// Orders of a store: sold and shipped at once, deferred until seven days after delivery where the store's orders are
// (DD+7, general since 2026-03), refunded later.

import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { drawCapitals, drawDigits, drawInteger } from "../seeded-draw.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { post } from "./postings.ts";
import { refundLines, saleLines } from "./sales.ts";
import type { DeferralState, MarketplaceState, StoreState, TransactionState } from "./state.ts";
import { nextNumber } from "./state.ts";

const DAY_MS = 86_400_000;
/** Business buyers on account: 30 days, seen up to 45. */
const B2B_DAYS = 30;

export type Sale = {
  /** Of one piece, in minor units; drawn from the seed when absent. */
  readonly priceMinor?: bigint;
  readonly quantity?: number;
  /** Absent: as the store's settings say. */
  readonly deferral?: "DD7" | "B2B" | "none";
};

/** One order, shipped at the instant. */
export function sellOnce(
  state: MarketplaceState,
  store: StoreState,
  at: Instant,
  sale: Sale,
): TransactionState {
  const number = nextNumber(store);
  const { seed } = state;
  const { storeId } = store;
  const part = (what: string) => drawDigits(seed, 7, storeId, number, what);
  return post(state, store, {
    kind: "Shipment",
    description: "Order Payment",
    orderId: `11${drawInteger(seed, 1, 4, storeId, number)}-${part("middle")}-${part("end")}`,
    shipmentId: drawCapitals(seed, 9, storeId, number, "shipment"),
    postedAt: at,
    deferral: deferralOf(state, store, number, at, sale.deferral ?? store.settings.deferral),
    releaseOf: null,
    lines: saleLines({
      seed,
      storeId,
      number,
      marketplace: knownMarketplace(store.marketplaceId),
      ...(sale.priceMinor === undefined ? {} : { priceMinor: sale.priceMinor }),
      ...(sale.quantity === undefined ? {} : { quantity: sale.quantity }),
    }),
  });
}

/** Gives an order back; null when the store has no such order or gave it back before. */
export function refundOnce(
  state: MarketplaceState,
  store: StoreState,
  at: Instant,
  orderId: string,
): TransactionState | null {
  const ofOrder = store.transactions.filter((transaction) => transaction.orderId === orderId);
  const sale = ofOrder.find(({ kind }) => kind === "Shipment");
  if (sale === undefined || ofOrder.some(({ kind }) => kind === "Refund")) return null;
  return post(state, store, {
    kind: "Refund",
    description: "Order Refund",
    orderId,
    shipmentId: null,
    postedAt: at,
    deferral: null,
    releaseOf: null,
    lines: refundLines(sale.lines),
  });
}

function deferralOf(
  state: MarketplaceState,
  store: StoreState,
  number: number,
  shippedAt: Instant,
  kind: "DD7" | "B2B" | "none",
): DeferralState | null {
  if (kind === "none") return null;
  const delivery = drawInteger(state.seed, 1, 4, store.storeId, number, "delivery");
  const days = kind === "DD7" ? delivery + 7 : B2B_DAYS;
  const maturesAt = instantOfMs(msOf(shippedAt) + days * DAY_MS);
  return { reason: kind, maturesAt, releasedBy: null };
}
