// Follows a seller's settlements from one to the next: does the next period begin where the last
// one ended, was a total below zero carried over, did a reserve come back as it was held? Seen in
// seven consecutive CAD settlements: "Payable to Amazon" equals the previous negative total,
// "Successful charge" the same with the other sign.

import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import { msOf } from "../../time/instant.ts";
import type { StatementClass, StatementReading } from "../statement.ts";

/**
 * Amazon ends one period and begins the next in the same second, or one second apart (23:59:59,
 * 00:00:00).
 */
export const TOUCH_TOLERANCE_MS = 1_000;

export type ChainFindingCode =
  | "period-gap"
  | "period-overlap"
  | "negative-total-not-carried"
  | "carried-balance-differs"
  | "carried-balance-unexpected"
  | "reserve-not-returned"
  | "reserve-differs"
  | "reserve-unexpected";

/**
 * What does not fit between two settlements. `message` is a plain sentence with both ids and
 * amounts.
 */
export type ChainFinding = {
  readonly code: ChainFindingCode;
  readonly previousSettlementId: string;
  readonly settlementId: string;
  readonly message: string;
};

/** Money that the next settlement takes over from the one before. */
export type ChainCarry = {
  readonly kind: "negative-total" | "charge-to-seller" | "reserve" | "failed-transfer";
  /** As it stands in the next settlement, signed. */
  readonly amountMinor: bigint;
};

/** Two settlements of one store, the second right after the first. */
export type ChainLink = {
  readonly previousSettlementId: string;
  readonly settlementId: string;
  readonly join: "touches" | "gap" | "overlap";
  /** From the end of the first to the start of the second; negative when they overlap. */
  readonly gapMs: number;
  readonly carries: readonly ChainCarry[];
};

export type ChainReport = {
  readonly links: readonly ChainLink[];
  readonly findings: readonly ChainFinding[];
  /**
   * Settlements that cannot stand in a chain: no period, no currency, or a format without declared
   * periods.
   */
  readonly leftOut: readonly string[];
};

type Dated = StatementReading & {
  readonly currency: Currency;
  readonly startMs: number;
  readonly endMs: number;
};

const CURRENT_RESERVE = "current reserve amount";
const PREVIOUS_RESERVE = "previous reserve amount balance";

/**
 * Links statements of the same currency and store in the order of their periods. Date-range
 * statements are left out: their periods are not declared. Parallel accounts of one store (standard
 * and invoiced orders) show as overlap.
 */
export function checkChain(statements: readonly StatementReading[]): ChainReport {
  const dated = statements.flatMap((statement) => datedOf(statement));
  const known = new Set(dated.map((statement) => statement.settlementId));
  const ordered = dated.toSorted(
    (left, right) =>
      left.startMs - right.startMs || left.settlementId.localeCompare(right.settlementId),
  );
  const links: ChainLink[] = [];
  const findings: ChainFinding[] = [];
  for (const [index, statement] of ordered.entries()) {
    const previous = previousOf(ordered.slice(0, index), statement);
    if (previous === null) continue;
    const { link, found } = linkOf(previous, statement);
    links.push(link);
    findings.push(...found);
  }
  const leftOut = statements
    .map((statement) => statement.settlementId)
    .filter((id) => !known.has(id));
  return { links, findings, leftOut };
}

function datedOf(statement: StatementReading): Dated[] {
  const { currency, periodStartAt, periodEndAt, format } = statement;
  if (currency === null || periodStartAt === null || periodEndAt === null) return [];
  if (format === "amazon-date-range") return [];
  return [{ ...statement, currency, startMs: msOf(periodStartAt), endMs: msOf(periodEndAt) }];
}

/**
 * The statement whose period ends last before (or at, or after) this one's start, of the same
 * store.
 */
function previousOf(earlier: readonly Dated[], statement: Dated): Dated | null {
  const candidates = earlier.filter(
    (one) =>
      one.currency === statement.currency &&
      one.settlementId !== statement.settlementId &&
      sameStore(one, statement),
  );
  const touching = candidates.filter(
    (one) => Math.abs(statement.startMs - one.endMs) <= TOUCH_TOLERANCE_MS,
  );
  const pool = touching.length > 0 ? touching : candidates;
  return pool.toSorted((left, right) => right.endMs - left.endMs)[0] ?? null;
}

/**
 * Stores named by the lines; a short settlement may name none, and goes with any store of its
 * currency.
 */
function sameStore(left: Dated, right: Dated): boolean {
  const [leftNames, rightNames] = [storesOf(left), storesOf(right)];
  if (leftNames.length === 0 || rightNames.length === 0) return true;
  return leftNames.some((name) => rightNames.includes(name));
}

/** "Non-Amazon CA" is multi-channel fulfilment and stands beside the store's own name. */
function storesOf(statement: Dated): readonly string[] {
  return statement.marketplaceNames
    .map((name) => name.toLowerCase())
    .filter((name) => !name.startsWith("non-amazon"));
}

function linkOf(previous: Dated, next: Dated): { link: ChainLink; found: ChainFinding[] } {
  const gapMs = next.startMs - previous.endMs;
  const touches = Math.abs(gapMs) <= TOUCH_TOLERANCE_MS;
  const join = touches ? "touches" : gapMs > 0 ? "gap" : "overlap";
  const found: ChainFinding[] = [];
  const find = (code: ChainFindingCode, message: string) => {
    const { settlementId: previousSettlementId } = previous;
    found.push({ code, previousSettlementId, settlementId: next.settlementId, message });
  };
  if (join === "gap") {
    find(
      "period-gap",
      `A settlement is missing between ${previous.settlementId} and ${next.settlementId}.`,
    );
  }
  if (join === "overlap") {
    find(
      "period-overlap",
      `The periods of ${previous.settlementId} and ${next.settlementId} overlap: two accounts of ` +
        "one store, or a file that does not belong here.",
    );
  }
  const carries = carriesOf(next);
  // Across a gap the settlement in between is unknown, and with it what should have been carried.
  if (touches) {
    checkBalance(previous, next, find);
    checkReserve(previous, next, find);
  }
  const { settlementId: previousSettlementId } = previous;
  return {
    link: { previousSettlementId, settlementId: next.settlementId, join, gapMs, carries },
    found,
  };
}

type Find = (code: ChainFindingCode, message: string) => void;

function checkBalance(previous: Dated, next: Dated, find: Find): void {
  const total = previous.declaredTotalMinor ?? previous.summedTotalMinor;
  const carried = classSum(next, "previous-balance");
  const shown = (minor: bigint) => `${next.currency} ${formatMinor(minor, next.currency)}`;
  if (total < 0n && carried === null) {
    find(
      "negative-total-not-carried",
      `${previous.settlementId} ended at ${shown(total)}, and ${next.settlementId} has no ` +
        "Payable to Amazon.",
    );
  } else if (total < 0n && carried !== null && carried !== total) {
    find(
      "carried-balance-differs",
      `${previous.settlementId} ended at ${shown(total)}, ${next.settlementId} carries ` +
        `${shown(carried)}.`,
    );
  } else if (total >= 0n && carried !== null && carried !== 0n) {
    find(
      "carried-balance-unexpected",
      `${next.settlementId} carries ${shown(carried)}, but ${previous.settlementId} ended ` +
        `at ${shown(total)}.`,
    );
  }
}

function checkReserve(previous: Dated, next: Dated, find: Find): void {
  const held = reserveSum(previous, CURRENT_RESERVE);
  const back = reserveSum(next, PREVIOUS_RESERVE);
  const shown = (minor: bigint) => `${next.currency} ${formatMinor(minor, next.currency)}`;
  if (held !== null && held !== 0n && back === null) {
    find(
      "reserve-not-returned",
      `${previous.settlementId} held ${shown(-held)}, and ${next.settlementId} does not ` +
        "give it back.",
    );
  } else if (held !== null && back !== null && back !== -held) {
    find(
      "reserve-differs",
      `${previous.settlementId} held ${shown(-held)}, ${next.settlementId} gives back ` +
        `${shown(back)}.`,
    );
  } else if (held === null && back !== null && back !== 0n) {
    find(
      "reserve-unexpected",
      `${next.settlementId} gives back ${shown(back)}, but ${previous.settlementId} held ` +
        "nothing.",
    );
  }
}

function carriesOf(next: Dated): readonly ChainCarry[] {
  const carry = (kind: ChainCarry["kind"], amountMinor: bigint | null): ChainCarry[] =>
    amountMinor === null || amountMinor === 0n ? [] : [{ kind, amountMinor }];
  return [
    ...carry("negative-total", classSum(next, "previous-balance")),
    ...carry("charge-to-seller", classSum(next, "charge-to-seller")),
    ...carry("reserve", reserveSum(next, PREVIOUS_RESERVE)),
    ...carry("failed-transfer", classSum(next, "failed-transfer")),
  ];
}

/** Sum of the groups of a class; null when there are none. */
function classSum(statement: Dated, kind: StatementClass): bigint | null {
  const groups = statement.groups.filter((group) => group.class === kind);
  return groups.length === 0 ? null : groups.reduce((sum, group) => sum + group.totalMinor, 0n);
}

function reserveSum(statement: Dated, description: string): bigint | null {
  const groups = statement.groups.filter(
    (group) =>
      group.class === "reserve" && group.amountDescription.trim().toLowerCase() === description,
  );
  return groups.length === 0 ? null : groups.reduce((sum, group) => sum + group.totalMinor, 0n);
}
