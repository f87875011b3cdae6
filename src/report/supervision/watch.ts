// What a supervisor is shown besides sums: large days, receipts that look split to stay below a line, sellers near the
// small-seller line. Pure rules over receipts; each names what it saw.

import { addDays, type CivilDate } from "../../time/instant.ts";
import type { FlowCell } from "./flow.ts";

/** One receipt as the rules look at it: whose, when, how much in US dollar cents (null: no rate on record). */
export type ReceiptSeen = {
  readonly creditId: string;
  readonly sellerId: string;
  readonly on: CivilDate;
  readonly usdMinor: bigint | null;
};

export type WatchSettings = {
  /**
   * A day's receipts of one entity that are reported as large, US dollar cents, single or summed: USD 200,000
   * (PBOC large-value reporting: entity accounts, >= CNY 2m or >= USD 200k per day, single or cumulative).
   */
  readonly largeDayUsdMinor: bigint;
  /** Lines below which receipts are split, US dollar cents: the large-value line above, and whatever a bank adds. */
  readonly splittingLinesUsdMinor: readonly bigint[];
  /** How close below a line a receipt must be, in percent of the line. The fines name splitting, no distance: a setting. */
  readonly splittingBandPercent: number;
  /** Days within which such receipts belong together. */
  readonly splittingDays: number;
  /** Days after which a credit that nothing explains, or a record that is not declared, is listed. */
  readonly unmatchedDays: number;
  /**
   * Small sellers: goods receipts below USD 200,000 a year need no directory entry, and 180,000 to 200,000 is the early
   * warning (SAFE's monthly lists).
   */
  readonly smallSellerLineUsdMinor: bigint;
  readonly smallSellerWarningUsdMinor: bigint;
};

export const DEFAULT_WATCH: WatchSettings = {
  largeDayUsdMinor: 200_000_00n,
  splittingLinesUsdMinor: [200_000_00n],
  splittingBandPercent: 10,
  splittingDays: 5,
  unmatchedDays: 3,
  smallSellerLineUsdMinor: 200_000_00n,
  smallSellerWarningUsdMinor: 180_000_00n,
};

export type LargeDay = {
  readonly sellerId: string;
  readonly on: CivilDate;
  readonly usdMinor: bigint;
  readonly creditIds: readonly string[];
  /** One receipt is over the line by itself. */
  readonly isSingle: boolean;
};

/** Days on which a seller received the line or more. */
export function largeDays(
  receipts: readonly ReceiptSeen[],
  settings: Pick<WatchSettings, "largeDayUsdMinor">,
): readonly LargeDay[] {
  const days = new Map<string, ReceiptSeen[]>();
  for (const receipt of receipts) {
    const key = `${receipt.on} ${receipt.sellerId}`;
    days.set(key, [...(days.get(key) ?? []), receipt]);
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => {
      const usdMinor = own.reduce((sum, receipt) => sum + (receipt.usdMinor ?? 0n), 0n);
      const [first] = own;
      if (first === undefined || usdMinor < settings.largeDayUsdMinor) return [];
      return [
        {
          sellerId: first.sellerId,
          on: first.on,
          usdMinor,
          creditIds: own.map((receipt) => receipt.creditId).sort(),
          isSingle: own.some((receipt) => (receipt.usdMinor ?? 0n) >= settings.largeDayUsdMinor),
        },
      ];
    });
}

export type Splitting = {
  readonly sellerId: string;
  readonly lineUsdMinor: bigint;
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly usdMinor: bigint;
  readonly creditIds: readonly string[];
};

/** Two or more receipts of a seller just below a line within a few days, which together are over it. */
export function splittings(
  receipts: readonly ReceiptSeen[],
  settings: Pick<
    WatchSettings,
    "splittingLinesUsdMinor" | "splittingBandPercent" | "splittingDays"
  >,
): readonly Splitting[] {
  return settings.splittingLinesUsdMinor.flatMap((line) => {
    const floor = (line * BigInt(100 - settings.splittingBandPercent)) / 100n;
    const near = receipts
      .filter(({ usdMinor }) => usdMinor !== null && usdMinor >= floor && usdMinor < line)
      .sort(bySellerAndDay);
    return runsOf(near, settings.splittingDays)
      .filter((run) => run.length > 1)
      .map((run) => splittingOf(run, line));
  });
}

function bySellerAndDay(a: ReceiptSeen, b: ReceiptSeen): number {
  const [left, right] = [a, b].map((one) => `${one.sellerId} ${one.on} ${one.creditId}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

/** Receipts of one seller of which each follows the one before within the days. */
function runsOf(sorted: readonly ReceiptSeen[], days: number): readonly (readonly ReceiptSeen[])[] {
  const runs: ReceiptSeen[][] = [];
  for (const receipt of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows =
      last !== undefined &&
      last.sellerId === receipt.sellerId &&
      receipt.on <= addDays(last.on, days - 1);
    if (run !== undefined && follows) run.push(receipt);
    else runs.push([receipt]);
  }
  return runs;
}

function splittingOf(run: readonly ReceiptSeen[], lineUsdMinor: bigint): Splitting {
  const days = run.map((receipt) => receipt.on).sort();
  return {
    sellerId: run[0]?.sellerId ?? "",
    lineUsdMinor,
    from: days[0] as CivilDate,
    to: days.at(-1) as CivilDate,
    usdMinor: run.reduce((sum, receipt) => sum + (receipt.usdMinor ?? 0n), 0n),
    creditIds: run.map((receipt) => receipt.creditId),
  };
}

export type NearLine = {
  readonly sellerId: string;
  /** Receipts of the calendar year so far. */
  readonly usdMinor: bigint;
  readonly isOver: boolean;
};

/** Sellers whose receipts of the year are at the warning or over the line. */
export function sellersNearLine(
  cells: readonly FlowCell[],
  today: CivilDate,
  settings: Pick<WatchSettings, "smallSellerLineUsdMinor" | "smallSellerWarningUsdMinor">,
): readonly NearLine[] {
  const year = today.slice(0, 4);
  const sums = new Map<string, bigint>();
  for (const cell of cells) {
    const sellerId = cell.of.seller;
    if (cell.kind !== "receipt" || sellerId === null) continue;
    if (cell.on.slice(0, 4) !== year || cell.on > today) continue;
    sums.set(sellerId, (sums.get(sellerId) ?? 0n) + (cell.usdMinor ?? 0n));
  }
  return [...sums]
    .filter(([, usdMinor]) => usdMinor >= settings.smallSellerWarningUsdMinor)
    .sort(([, a], [, b]) => (a > b ? -1 : 1))
    .map(([sellerId, usdMinor]) => ({
      sellerId,
      usdMinor,
      isOver: usdMinor >= settings.smallSellerLineUsdMinor,
    }));
}
