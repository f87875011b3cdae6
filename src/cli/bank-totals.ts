// What the booked entries of one message add up to, per currency. Only booked entries are money;
// what is pending or for information is counted apart. Used by both outputs of `bank read`, entry
// by entry as they come.

import type { BankEntry, Direction } from "../bank/message.ts";
import type { Currency } from "../money/currency.ts";

export type BookedTotal = {
  readonly currency: Currency;
  /** Minor units, never negative; a reversed credit stands among the debits. */
  readonly credits: bigint;
  readonly creditCount: number;
  readonly debits: bigint;
  readonly debitCount: number;
};

export type BookedTotals = {
  readonly add: (entry: BankEntry) => void;
  /** In order of currency code. */
  readonly list: () => readonly BookedTotal[];
  /** Entries of any status, and those that are not booked. */
  readonly entryCount: () => number;
  readonly unbookedCount: () => number;
};

export function createBookedTotals(): BookedTotals {
  const sums = new Map<Currency, Record<Direction, { minor: bigint; count: number }>>();
  let entryCount = 0;
  let unbookedCount = 0;
  return {
    add: ({ amount, direction, status }) => {
      entryCount += 1;
      if (status !== "booked") {
        unbookedCount += 1;
        return;
      }
      const sum = sums.get(amount.currency) ?? {
        credit: { minor: 0n, count: 0 },
        debit: { minor: 0n, count: 0 },
      };
      sum[direction].minor += amount.minor;
      sum[direction].count += 1;
      sums.set(amount.currency, sum);
    },
    list: () =>
      [...sums]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([currency, { credit, debit }]) => ({
          currency,
          credits: credit.minor,
          creditCount: credit.count,
          debits: debit.minor,
          debitCount: debit.count,
        })),
    entryCount: () => entryCount,
    unbookedCount: () => unbookedCount,
  };
}
