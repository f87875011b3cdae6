import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountCache } from "./account-cache.ts";
import type { AccountState } from "./account-state.ts";
import { openedState } from "./account-state.ts";
import { accountId, opening } from "./test-postings.ts";

function stateOf(id: string, version: bigint): AccountState {
  const state = openedState(opening(id));
  return { ...state, balances: { ...state.balances, version } };
}

describe("the cache of accounts", () => {
  it("never holds more than its bound and never gives an old state", () => {
    const uses = fc.array(fc.record({ id: fc.nat(20), isPut: fc.boolean() }), { maxLength: 300 });
    fc.assert(
      fc.property(uses, fc.integer({ min: 2, max: 12 }), (steps, accountsMax) => {
        const cache = accountCache(accountsMax);
        const latest = new Map<string, AccountState>();
        for (const [index, { id, isPut }] of steps.entries()) {
          const key = `a${id}`;
          if (isPut) {
            const state = stateOf(key, BigInt(index));
            latest.set(key, state);
            cache.put(accountId(key), state);
            expect(cache.get(accountId(key))).toBe(state);
          } else {
            const state = cache.get(accountId(key));
            if (state !== undefined) expect(state).toBe(latest.get(key));
          }
          expect(cache.size()).toBeLessThanOrEqual(accountsMax);
        }
      }),
    );
  });

  it("keeps an account that is asked for while others pass through", () => {
    const cache = accountCache(10);
    const hub = stateOf("hub", 1n);
    cache.put(accountId("hub"), hub);
    for (let count = 0; count < 1000; count += 1) {
      cache.put(accountId(`a${count}`), stateOf(`a${count}`, 1n));
      expect(cache.get(accountId("hub"))).toBe(hub);
    }
    expect(cache.get(accountId("a0"))).toBeUndefined();
    cache.clear();
    expect([cache.size(), cache.get(accountId("hub"))]).toEqual([0, undefined]);
  });
});
