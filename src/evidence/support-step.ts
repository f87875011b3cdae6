// Supports payouts by what is on record: decides each order of their statements, consumes its quota where money came,
// gives back what refunds and failed payouts free, asks for what is missing, and keeps the meter. Set-based; deciding
// twice changes nothing. Runs only where evidence is in force.

import { invariant } from "../errors/invariant.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { addBusinessDays } from "../time/calendar.ts";
import { type CivilDate, civilDateIn, type Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import { type Cover, coverOf, ownerOf } from "./cover.ts";
import { keepCovers } from "./cover-rows.ts";
import { decideOrder, type OrderDecision } from "./decide-order.ts";
import { type EvidenceFindingDraft, writeFindings } from "./finding-rows.ts";
import { NO_CHAIN, type QuotaKind, receiptChange, refundChanges } from "./quota.ts";
import { addToBook, keyText, type OrderKey, type QuotaBook, writeBook } from "./quota-rows.ts";
import { distinct } from "./record-evidence.ts";
import { dueOf, keepRequests, loadRequests, type WantedPaper } from "./request-rows.ts";
import type { EvidenceSettings, PaperCode } from "./settings.ts";
import {
  loadOrderBook,
  loadSupported,
  type OrderBook,
  type PayoutOrder,
  type SupportedPayout,
} from "./support-facts.ts";

export type SupportAt = {
  readonly settings: EvidenceSettings;
  /** In which days are told. */
  readonly zone: string;
  readonly now: Instant;
};

export async function supportPayouts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  at: SupportAt,
): Promise<void> {
  if (payoutIds.length === 0) return;
  const loaded = await loadSupported(tx, tenantId, payoutIds);
  // Money that is here stands on its orders before money that is only announced.
  const payouts = [
    ...loaded.filter(({ hasMoney }) => hasMoney),
    ...loaded.filter((p) => !p.hasMoney),
  ];
  const keys = distinct(
    payouts.flatMap((payout) => payout.orders.map((order) => keyOf(payout, order))),
  );
  const orders = await loadOrderBook(tx, tenantId, keys);
  const book: QuotaBook = { chains: orders.chains, added: [] };
  const decided = payouts.flatMap((payout) => {
    const { currency } = payout;
    if (currency === null) return [];
    return [
      { payout, currency, decisions: supportOne(payout, currency, orders, book, at.settings) },
    ];
  });
  await writeBook(tx, tenantId, book, at.now);
  await writeFindings(
    tx,
    tenantId,
    decided.flatMap((one) => disputesOf(one, book)),
    at.now,
  );
  const covers = await askForMissing(tx, tenantId, decided, at);
  await keepCovers(tx, tenantId, covers, at.now);
  await appendEvents(tx, tenantId, quotaEvents(book, at.now));
}

type Decided = {
  readonly payout: SupportedPayout;
  readonly currency: Currency;
  readonly decisions: readonly OrderDecision[];
};

/** Orders that the statements of two sellers tell of: for the operator, with both sides. */
function disputesOf(
  { payout, decisions }: Decided,
  book: QuotaBook,
): readonly EvidenceFindingDraft[] {
  const { marketplace, sellerId } = payout;
  return decisions.flatMap(({ orderId, findings }) => {
    const owner = book.chains.get(keyText({ marketplace, orderId }))?.sellerId ?? null;
    const code = "order-of-another-seller";
    if (owner === null || !findings.some((finding) => finding.code === code)) return [];
    const others = [{ sellerId: owner, orderId }];
    return [{ code, marketplace, orderId, sellerId, tracking: null, others }];
  });
}

function keyOf({ marketplace }: SupportedPayout, { orderId }: PayoutOrder): OrderKey {
  return { marketplace, orderId };
}

/** Decides the orders of one payout in turn; each sees what the ones before it, of any payout, left of a quota. */
function supportOne(
  payout: SupportedPayout,
  currency: Currency,
  orders: OrderBook,
  book: QuotaBook,
  settings: EvidenceSettings,
): readonly OrderDecision[] {
  const { payoutId, sellerId, hasMoney } = payout;
  const decisions: OrderDecision[] = [];
  for (const order of payout.orders) {
    const key = keyOf(payout, order);
    const chain = book.chains.get(keyText(key)) ?? NO_CHAIN;
    const change = (wantedMinor: bigint) => {
      const now = book.chains.get(keyText(key)) ?? NO_CHAIN;
      const of = { sellerId, currency: now.currency ?? currency };
      addToBook(book, key, receiptChange(now, payoutId, wantedMinor), of);
    };
    const standing = chain.consumedOf.get(payoutId) ?? 0n;
    if (order.saleMinor > 0n) {
      const decision = decideOrder(
        {
          orderId: order.orderId,
          saleMinor: order.saleMinor,
          record: recordOf(orders, key, sellerId),
          shipments: orders.shipments(key, sellerId),
          papers: orders.papers(key, sellerId),
          chain,
        },
        { payoutId, sellerId, currency, settings },
      );
      decisions.push(decision);
      // What a receipt stands on it stands on, though the order be cancelled later: only money that goes back frees it.
      if (hasMoney && decision.quotaMinor > standing) change(decision.quotaMinor);
    }
    if (!hasMoney && standing > 0n) change(0n);
    if (hasMoney && order.refundMinor > 0n) giveBack(book, key, payout, currency, order);
  }
  return decisions;
}

function recordOf(orders: OrderBook, key: OrderKey, sellerId: string) {
  const record = orders.record(key, sellerId);
  return record === null ? null : { ...record, mode: record.detail.mode };
}

function giveBack(
  book: QuotaBook,
  key: OrderKey,
  { payoutId, sellerId }: SupportedPayout,
  currency: Currency,
  { refundMinor }: PayoutOrder,
): void {
  const chain = book.chains.get(keyText(key)) ?? NO_CHAIN;
  if (chain.sellerId !== null && chain.sellerId !== sellerId) return;
  if (chain.currency !== null && chain.currency !== currency) return;
  for (const change of refundChanges(chain, payoutId, refundMinor)) {
    addToBook(book, key, change, { sellerId, currency });
  }
}

/** Asks for each missing paper once, and gives the meter of each payout. */
async function askForMissing(
  tx: Tx,
  tenantId: string,
  decided: readonly Decided[],
  at: SupportAt,
): Promise<ReadonlyMap<string, Cover>> {
  const today = civilDateIn(at.zone, at.now);
  const due = (days: number) => dueDate(today, days);
  const trackingDueOn = due(at.settings.trackingDueWeekdays);
  const paperDueOn = due(at.settings.paperDueWeekdays);
  const dayOf = (paper: PaperCode) => (paper === "tracking-number" ? trackingDueOn : paperDueOn);
  const wanted = decided.flatMap((one) => wantedOf(one, dayOf));
  const payoutIds = decided.map(({ payout }) => payout.payoutId);
  const requests = await loadRequests(tx, tenantId, wanted, payoutIds);
  await keepRequests(tx, tenantId, requests, wanted, payoutIds, at.now);
  return new Map(
    decided.map(({ payout, currency, decisions }) => [
      payout.payoutId,
      coverOf(payout, currency, decisions, (orderId, paper) =>
        dueOf(requests, { ...subjectOf(payout, orderId), paper }, dayOf(paper)),
      ),
    ]),
  );
}

function subjectOf({ marketplace, payoutId }: SupportedPayout, orderId: string | null): OrderKey {
  return orderId === null ? { marketplace: "", orderId: payoutId } : { marketplace, orderId };
}

function dueDate(today: CivilDate, days: number): CivilDate {
  const due = addBusinessDays(today, days, ["CN"], "weekdays");
  invariant(due.ok, "weekdays stand for a year without a calendar");
  return due.value;
}

function wantedOf(
  { payout, currency, decisions }: Decided,
  dayOf: (paper: PaperCode) => CivilDate,
): readonly WantedPaper[] {
  const { payoutId, sellerId } = payout;
  if (!payout.ordersKnown) {
    const paper = "settlement-report";
    const amountMinor = payout.totalMinor > 0n ? payout.totalMinor : 0n;
    const subject = subjectOf(payout, null);
    return [
      {
        ...subject,
        paper,
        payoutId,
        sellerId,
        currency,
        amountMinor,
        owner: "operator",
        dueOn: dayOf(paper),
      },
    ];
  }
  return decisions.flatMap((decision) =>
    decision.missing.map((paper) => ({
      ...subjectOf(payout, decision.orderId),
      paper,
      payoutId,
      sellerId,
      currency,
      amountMinor: decision.saleMinor,
      owner: ownerOf(decision),
      dueOn: dayOf(paper),
    })),
  );
}

const EVENT_KINDS: ReadonlyMap<QuotaKind, string> = new Map([
  ["consumed", "quota-consumed"],
  ["returned", "quota-returned"],
  ["given-back", "quota-given-back"],
]);

/** One event for each payout and kind, with its orders counted and their amounts summed. */
function quotaEvents({ added }: QuotaBook, now: Instant): readonly TimelineEvent[] {
  const sums = new Map<
    string,
    { subject: string; kind: string; currency: Currency; count: number; minor: bigint }
  >();
  for (const { entry, currency } of added) {
    const kind = EVENT_KINDS.get(entry.kind);
    if (kind === undefined || entry.payoutId === null) continue;
    const key = `${entry.payoutId} ${kind} ${currency}`;
    const sum = sums.get(key) ?? { subject: entry.payoutId, kind, currency, count: 0, minor: 0n };
    sums.set(key, { ...sum, count: sum.count + 1, minor: sum.minor + entry.amountMinor });
  }
  return [...sums.values()].map(({ subject, kind, currency, count, minor }) => ({
    subject,
    kind,
    at: now,
    data: { orderCount: count, amount: formatMinor(minor, currency), currency },
    source: null,
    occasion: now,
  }));
}
