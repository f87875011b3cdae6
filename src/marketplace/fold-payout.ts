// What several announcements of one payout add up to. The fold does not depend on their order: sources have a
// rank, statuses have a rank, references are united.

import { objectId } from "../ids/object-id.ts";
import type { Money } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import type { AnnouncedStatus, PayoutAnnouncement, PayoutSource } from "./payout.ts";

/** A payout as the marketplace's announcements describe it together. */
export type FoldedPayout = {
  readonly source: PayoutSource;
  readonly reference: string;
  readonly amount: Money;
  readonly originalAmount: Money | null;
  readonly status: AnnouncedStatus;
  readonly initiatedAt: Instant | null;
  readonly periodStartAt: Instant | null;
  readonly periodEndAt: Instant | null;
  readonly accountTail: string | null;
  readonly traceIds: readonly string[];
  readonly settlementIds: readonly string[];
};

/** The payout list names settlement, trace and status at once; an event group no settlement; a row the least. */
const SOURCE_RANK: Readonly<Record<PayoutSource, number>> = {
  "list-payouts": 0,
  "event-group": 1,
  "date-range-transfer": 2,
};

/** Later in the payout's life wins (STARTED → IN_TRANSIT → PAID | FAILED | CANCELLED, Transfers API 2024-06-01). */
const STATUS_RANK: Readonly<Record<AnnouncedStatus, number>> = {
  failed: 0,
  cancelled: 1,
  paid: 2,
  "in-transit": 3,
  started: 4,
  unknown: 5,
};

/** The newest of several settlements: ids are numbers that grow; other texts sort as text. */
export function newestSettlement(settlementIds: readonly string[]): string | null {
  return (
    [...settlementIds].sort((left, right) => {
      if (/^\d+$/.test(left) && /^\d+$/.test(right)) {
        return BigInt(left) < BigInt(right) ? 1 : -1;
      }
      return left < right ? 1 : -1;
    })[0] ?? null
  );
}

/** The id of the payout that delivers a settlement (and perhaps earlier ones). */
export function payoutIdOfSettlement(marketplace: string, settlementId: string): string {
  return objectId("po", marketplace, "settlement", settlementId);
}

/** Where an announcement belongs: to its newest settlement's payout, or to one of its own reference. */
export function payoutIdOf(announcement: PayoutAnnouncement): string {
  const newest = newestSettlement(announcement.settlementIds);
  return newest === null
    ? objectId("po", announcement.marketplace, announcement.source, announcement.reference)
    : payoutIdOfSettlement(announcement.marketplace, newest);
}

export function foldAnnouncements(announcements: readonly PayoutAnnouncement[]): FoldedPayout {
  const ranked = [...announcements].sort(compareAnnouncements);
  const first = ranked[0];
  if (first === undefined) throw new RangeError("a payout needs at least one announcement");
  const status = [...ranked].sort((a, b) => STATUS_RANK[a.status] - STATUS_RANK[b.status])[0]
    ?.status;
  const instants = ranked.map((item) => item.initiatedAt).filter((at) => at !== null);
  return {
    source: first.source,
    reference: first.reference,
    amount: first.amount,
    originalAmount: firstOf(ranked, (item) => item.originalAmount),
    status: status ?? "unknown",
    initiatedAt: instants.sort()[0] ?? null,
    periodStartAt: firstOf(ranked, (item) => item.periodStartAt),
    periodEndAt: firstOf(ranked, (item) => item.periodEndAt),
    accountTail: firstOf(ranked, (item) => item.accountTail),
    traceIds: [...new Set(ranked.flatMap((item) => item.traceIds))].sort(),
    settlementIds: [...new Set(ranked.flatMap((item) => item.settlementIds))].sort(),
  };
}

function compareAnnouncements(left: PayoutAnnouncement, right: PayoutAnnouncement): number {
  const bySource = SOURCE_RANK[left.source] - SOURCE_RANK[right.source];
  if (bySource !== 0) return bySource;
  const byStatus = STATUS_RANK[left.status] - STATUS_RANK[right.status];
  if (byStatus !== 0) return byStatus;
  return left.reference < right.reference ? -1 : left.reference > right.reference ? 1 : 0;
}

function firstOf<Value>(
  items: readonly PayoutAnnouncement[],
  pick: (item: PayoutAnnouncement) => Value | null,
): Value | null {
  for (const item of items) {
    const value = pick(item);
    if (value !== null) return value;
  }
  return null;
}
