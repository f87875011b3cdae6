// The outside world in one piece: a marketplace, a bank and the clock that both live by. What leaves the marketplace
// arrives at the bank; what the bank cannot take goes back as a failed payout.

import { createSandboxBank, type SandboxBank } from "./bank/sandbox-bank.ts";
import type { BankState } from "./bank/state.ts";
import { newBankState } from "./bank/state.ts";
import {
  createSandboxMarketplace,
  type SandboxMarketplace,
} from "./marketplace/sandbox-marketplace.ts";
import {
  type MarketplaceState,
  newMarketplaceState,
  type TransferState,
} from "./marketplace/state.ts";
import type { SandboxClock, SavedClock } from "./sandbox-clock.ts";

export type SandboxState = {
  readonly marketplace: MarketplaceState;
  readonly bank: BankState;
  /** Transfers of the marketplace that the bank has been given. */
  transferCount: number;
  /** Messages of the bank that were delivered, by way of delivery. */
  readonly delivered: Record<string, number>;
};

/** A sandbox as it is saved: its world and its time. */
export type SavedSandbox = { readonly state: SandboxState; readonly clock: SavedClock };

export type Sandbox = {
  readonly clock: SandboxClock;
  readonly marketplace: SandboxMarketplace;
  readonly bank: SandboxBank;
  readonly state: SandboxState;
  /** Lets everything happen that is due by now, on both sides. */
  readonly passTime: () => void;
};

export function newSandboxState(seed: number): SandboxState {
  return {
    marketplace: newMarketplaceState(seed),
    bank: newBankState(seed),
    transferCount: 0,
    delivered: {},
  };
}

export function createSandbox(options: {
  readonly clock: SandboxClock;
  readonly state: SandboxState;
  /** Called after each change of the marketplace: the moment to note that the state must be saved. */
  readonly onChange?: () => void;
}): Sandbox {
  const { clock, state, onChange } = options;
  const marketplace = createSandboxMarketplace({
    clock,
    state: state.marketplace,
    ...(onChange === undefined ? {} : { onChange }),
  });
  const bank = createSandboxBank({ clock, state: state.bank });
  const sendOne = (transfer: TransferState) => {
    const taken = bank.receive({
      transferId: transfer.transferId,
      sentAt: transfer.sentAt,
      accountNumber: transfer.deposit.accountNumber,
      currency: transfer.currency,
      amountMinor: transfer.amountMinor,
      payerName: transfer.payerName,
      reference: transfer.transferId,
    });
    if (!taken.ok) marketplace.controls.failPayout(transfer.payoutId, "bank-account");
  };
  return {
    clock,
    marketplace,
    bank,
    state,
    passTime: () => {
      for (const transfer of marketplace.controls.transfers(state.transferCount)) {
        state.transferCount += 1;
        sendOne(transfer);
      }
      bank.passTime();
    },
  };
}
