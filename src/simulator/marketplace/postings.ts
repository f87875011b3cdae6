// What is put on a store's record: it counts in the settlement that is open, unless it is deferred; a deferred
// transaction never counts itself, the one that makes it free does.

import { invariant } from "../../errors/invariant.ts";
import type { Instant } from "../../time/instant.ts";
import { drawToken } from "../seeded-draw.ts";
import { sumOf } from "./sales.ts";
import type {
  FailureReason,
  MarketplaceState,
  SettlementState,
  StoreState,
  TransactionState,
} from "./state.ts";
import { nextNumber } from "./state.ts";

/** Texts of settlement files for a transfer that did not happen; the first and third word for word [wimoor]. */
export const FAILURE_TEXTS: Readonly<Record<FailureReason, string>> = {
  cancelled: "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds.",
  unexpected: "Transfer of funds unsuccessful: We encountered an unexpected issue.",
  minimum:
    "Transfer of funds unsuccessful: A transfer could not be initiated because the transfer amount " +
    "does not meet the minimum.",
  "bank-account": "Transfer of funds unsuccessful: There is a problem with your bank account.",
};

export type TransactionDraft = Omit<TransactionState, "transactionId" | "settlementId">;

/** Puts a transaction on record: in the open settlement, unless it is deferred. */
export function post(
  state: MarketplaceState,
  store: StoreState,
  draft: TransactionDraft,
): TransactionState {
  const number = nextNumber(store);
  const transaction: TransactionState = {
    transactionId: drawToken(state.seed, 43, store.storeId, "transaction", number),
    ...draft,
    settlementId: draft.deferral === null ? openSettlement(store).settlementId : null,
  };
  store.transactions.push(transaction);
  if (draft.deferral !== null) {
    store.waiting.push({
      place: store.transactions.length - 1,
      maturesAt: draft.deferral.maturesAt,
    });
    store.waiting.sort((a, b) => (a.maturesAt < b.maturesAt ? -1 : 1));
  }
  return transaction;
}

/** Something of the whole account: no order, nothing deferred. */
export function postOnAccount(
  state: MarketplaceState,
  store: StoreState,
  posting: Pick<TransactionState, "kind" | "description" | "lines" | "postedAt">,
): TransactionState {
  return post(state, store, {
    ...posting,
    orderId: null,
    shipmentId: null,
    deferral: null,
    releaseOf: null,
  });
}

/** Frees the deferred transaction that matures first: a new transaction with its lines counts from now on. */
export function releaseEarliest(state: MarketplaceState, store: StoreState, at: Instant): void {
  const earliest = store.waiting.shift();
  invariant(earliest !== undefined, "a deferred transaction waits");
  const deferred = store.transactions[earliest.place];
  invariant(deferred?.deferral, "what waits is deferred");
  const { kind, description, orderId, shipmentId, lines } = deferred;
  const released = post(state, store, {
    kind,
    description,
    orderId,
    shipmentId,
    lines,
    postedAt: at,
    deferral: null,
    releaseOf: deferred.transactionId,
  });
  deferred.deferral.releasedBy = released.transactionId;
}

export function openSettlement(store: StoreState): SettlementState {
  const open = store.settlements.at(-1);
  invariant(open?.endAt === null, `${store.storeId} has an open settlement`);
  return open;
}

/** Totals of closed settlements that wait for the next payout. */
export function waitingMinor(store: StoreState): bigint {
  return store.settlements
    .filter(({ outcome, payoutId }) => outcome === "joined" && payoutId === null)
    .reduce((sum, { totalMinor }) => sum + (totalMinor ?? 0n), 0n);
}

export function transactionsOf(store: StoreState, settlementId: string): TransactionState[] {
  return store.transactions.filter((transaction) => transaction.settlementId === settlementId);
}

export function sumOfSettlement(store: StoreState, settlementId: string): bigint {
  return sumOf(transactionsOf(store, settlementId).flatMap(({ lines }) => lines));
}
