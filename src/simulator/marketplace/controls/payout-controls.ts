// Controls over settlements and payouts: closed now, planned, failed, hurried, sent.

import { failPayout } from "../payouts.ts";
import { closeSettlement } from "../settlements.ts";
import type {
  FailureReason,
  PayoutPlan,
  PayoutState,
  SettlementState,
  TransferState,
} from "../state.ts";
import { payoutOf, storeOf, UnknownInSandbox, type Upkeep } from "./upkeep.ts";

export function payoutControls({ state, catchUp, changed }: Upkeep) {
  return {
    /** Closes the open settlement now; `plan` says what becomes of its payout. */
    closeSettlement(
      storeId: string,
      { plan, type = "SCHEDULED" }: { plan?: PayoutPlan; type?: "SCHEDULED" | "ON_DEMAND" } = {},
    ): SettlementState {
      const now = catchUp();
      const store = storeOf(state, storeId);
      if (plan !== undefined) store.plans.unshift(plan);
      const closed = closeSettlement(state, store, now, type);
      changed();
      return closed;
    },

    /** Says what is to become of the store's next payouts, after those already planned. */
    planPayout(storeId: string, plan: PayoutPlan): void {
      catchUp();
      storeOf(state, storeId).plans.push(plan);
      changed();
    },

    /** Fails a payout now, also one that was paid: its bank sent the money back. */
    failPayout(payoutId: string, reason: FailureReason = "bank-account"): PayoutState {
      const now = catchUp();
      const { store, payout } = payoutOf(state, payoutId);
      if (!failPayout(state, store, payout, reason, now)) {
        throw new UnknownInSandbox(`payout ${payoutId} that could still fail`);
      }
      changed();
      return payout;
    },

    /** Lets every due step of a payout happen now instead of at its time. */
    hurryPayout(payoutId: string): PayoutState {
      const now = catchUp();
      const { payout } = payoutOf(state, payoutId);
      const hurried = payout.due.map((step) => ({ ...step, at: now }));
      payout.due.splice(0, payout.due.length, ...hurried);
      catchUp();
      changed();
      return payout;
    },

    /** Money that left, from the place `after` in the list on: what the sellers' banks will see. */
    transfers(after = 0): readonly TransferState[] {
      catchUp();
      return state.transfers.slice(after);
    },
  };
}
