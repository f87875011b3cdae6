// Controls over what happens in a store between settlements: orders, refunds, fees, debt moved, deferral ended.

import { knownMarketplace } from "../marketplaces.ts";
import { refundOnce, type Sale, sellOnce } from "../orders.ts";
import { openSettlement, postOnAccount, releaseEarliest } from "../postings.ts";
import { accountLine, FEES, type FeeKind, otherLine, sumOf } from "../sales.ts";
import type { StoreState, TransactionState } from "../state.ts";
import { storeOf, UnknownInSandbox, type Upkeep } from "./upkeep.ts";

export function orderControls({ state, catchUp, changed }: Upkeep) {
  return {
    /** Sells and ships `orders` orders (one when absent), as the sale says. */
    sell(storeId: string, sale: Sale & { readonly orders?: number } = {}): TransactionState[] {
      const now = catchUp();
      const store = storeOf(state, storeId);
      const made = Array.from({ length: sale.orders ?? 1 }, () =>
        sellOnce(state, store, now, sale),
      );
      changed();
      return made;
    },

    refund(storeId: string, orderId: string): TransactionState {
      const now = catchUp();
      const refund = refundOnce(state, storeOf(state, storeId), now, orderId);
      if (refund === null) throw new UnknownInSandbox(`order ${orderId} that could be refunded`);
      changed();
      return refund;
    },

    /** Posts a fee (negative), a reimbursement or an adjustment of the whole account. */
    charge(storeId: string, fee: FeeKind, amountMinor: bigint): TransactionState {
      const now = catchUp();
      const store = storeOf(state, storeId);
      const line = accountLine(FEES[fee], amountMinor);
      const posted = postOnAccount(state, store, {
        kind: kindOfFee(fee),
        description: line.amountDescription,
        postedAt: now,
        lines: [line],
      });
      changed();
      return posted;
    },

    /** Moves debt between two stores of a seller, as "Cross-Account Debt Adjustment". */
    moveDebt(fromStoreId: string, toStoreId: string, amountMinor: bigint): void {
      const now = catchUp();
      const [from, to] = [storeOf(state, fromStoreId), storeOf(state, toStoreId)];
      const move = (store: StoreState, description: string, minor: bigint) =>
        postOnAccount(state, store, {
          kind: "Adjustment",
          description,
          postedAt: now,
          lines: [otherLine(description, minor)],
        });
      move(from, `Cross-Account Debt Adjustment against ${countryOf(to)}`, amountMinor);
      move(to, `Cross-Account Debt Adjustment for ${countryOf(from)}`, -amountMinor);
      changed();
    },

    /** Frees every deferred order now, whatever its date. */
    releaseDeferred(storeId: string): number {
      const now = catchUp();
      const store = storeOf(state, storeId);
      const count = store.waiting.length;
      for (let released = 0; released < count; released += 1) releaseEarliest(state, store, now);
      changed();
      return count;
    },

    store(storeId: string): StoreState {
      catchUp();
      return storeOf(state, storeId);
    },

    /** All that is waiting or open of a store, in minor units of its currency. */
    standing(storeId: string): { readonly openMinor: bigint; readonly deferredMinor: bigint } {
      catchUp();
      const store = storeOf(state, storeId);
      const open = openSettlement(store).settlementId;
      const counted = store.transactions.filter(({ settlementId }) => settlementId === open);
      const waiting = store.waiting.flatMap(({ place }) => store.transactions[place]?.lines ?? []);
      return {
        openMinor: sumOf(counted.flatMap(({ lines }) => lines)),
        deferredMinor: sumOf(waiting),
      };
    },
  };
}

function kindOfFee(fee: FeeKind): TransactionState["kind"] {
  if (fee === "advertising") return "ProductAdsPayment";
  return fee === "subscription" || fee === "storage" || fee === "placement"
    ? "ServiceFee"
    : "Adjustment";
}

function countryOf(store: StoreState): string {
  return knownMarketplace(store.marketplaceId).countryCode;
}
