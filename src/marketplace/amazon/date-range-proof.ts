// How a date-range file proves its settlements: it declares no totals, but its transfers are
// totals. A transfer stands under the id of the next settlement and pays one or more settlements
// before it; a JP export has 12 transfers for 14 settlements, one of them 372,655 = 223,061 +
// 149,594. Only a unique exact sum is a proof.

import { SETTLEMENTS_BEFORE_TRANSFER_MAX, SETTLEMENTS_PER_TRANSFER_MAX } from "./limits.ts";

/** One settlement of the file, in the order of time. */
export type SettlementSum = {
  readonly settlementId: string;
  readonly sumMinor: bigint;
  /** False when a line of it could not be read: then its sum proves nothing. */
  readonly readable: boolean;
};

export type TransferSum = {
  /**
   * Position of the settlement whose id the transfer row carries: only earlier ones can be paid by
   * it.
   */
  readonly before: number;
  readonly amountMinor: bigint;
};

/**
 * For each transfer, the positions of the consecutive settlements it pays; empty when not one and
 * only one.
 */
export function payersOf(
  settlements: readonly SettlementSum[],
  transfers: readonly TransferSum[],
): readonly (readonly number[])[] {
  const paid = new Set<number>();
  return transfers.map((transfer) => {
    const runs = runsOf(settlements, transfer, paid);
    const [run, another] = runs;
    if (run === undefined || another !== undefined) return [];
    for (const position of run) paid.add(position);
    return run;
  });
}

function runsOf(
  settlements: readonly SettlementSum[],
  transfer: TransferSum,
  paid: ReadonlySet<number>,
): number[][] {
  const runs: number[][] = [];
  const earliest = Math.max(0, transfer.before - SETTLEMENTS_BEFORE_TRANSFER_MAX);
  for (let first = earliest; first < transfer.before; first += 1) {
    const run: number[] = [];
    let sum = 0n;
    const end = Math.min(transfer.before, first + SETTLEMENTS_PER_TRANSFER_MAX);
    for (let position = first; position < end; position += 1) {
      const settlement = settlements[position];
      if (settlement === undefined || !settlement.readable || paid.has(position)) break;
      run.push(position);
      sum += settlement.sumMinor;
      if (sum === transfer.amountMinor) runs.push([...run]);
    }
  }
  return runs;
}
