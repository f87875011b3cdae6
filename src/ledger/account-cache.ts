// The balances that the writer has in memory, bounded. Two generations instead of a linked list: what was not asked
// for during a whole generation is forgotten, which keeps the hot clearing accounts and costs one map look-up.

import type { AccountState } from "./account-state.ts";
import type { LedgerAccountId } from "./posting.ts";

export type AccountCache = {
  readonly get: (id: LedgerAccountId) => AccountState | undefined;
  readonly put: (id: LedgerAccountId, state: AccountState) => void;
  readonly clear: () => void;
  /** States held now, at most the bound; an account may be held twice, of which the newer counts. */
  readonly size: () => number;
};

/** A cache of at most `accountsMax` accounts (2 or more). */
export function accountCache(accountsMax: number): AccountCache {
  const generationMax = Math.max(1, Math.floor(accountsMax / 2));
  let young = new Map<LedgerAccountId, AccountState>();
  let old = new Map<LedgerAccountId, AccountState>();
  const put = (id: LedgerAccountId, state: AccountState): void => {
    if (!young.has(id) && young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(id, state);
  };
  return {
    get: (id) => {
      const state = young.get(id) ?? old.get(id);
      if (state !== undefined && !young.has(id)) put(id, state);
      return state;
    },
    put,
    clear: () => {
      young = new Map();
      old = new Map();
    },
    size: () => young.size + old.size,
  };
}
