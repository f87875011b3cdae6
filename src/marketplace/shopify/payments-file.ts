// Shopify Payments: payouts and the balance transactions that each is made of, as Shopify's Admin API answers a query for
// both. A payout announces its money; its transactions are its statement, proven when they sum to the payout.

import type { Reason } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { isObject, type JsonObject, type JsonValue } from "../amazon/json-decimal.ts";
import { readJsonFile } from "../amazon/json-file.ts";
import { OUTLOOK_ITEMS_MAX } from "../amazon/limits.ts";
import type { FieldOutcome } from "../amazon/payout-fields.ts";
import { type DeferredSum, NO_OUTLOOK } from "../outlook.ts";
import type { AnnouncedStatus, PayoutAnnouncement } from "../payout.ts";
import type { MarketplaceReading, ReadOptions } from "../reading.ts";
import {
  type BalanceTransaction,
  nodesOf,
  type Payout,
  payoutOf,
  transactionOf,
} from "./payments-nodes.ts";
import { shopifyReason } from "./reasons.ts";
import { eachOnce, statementOf } from "./statement-of-payout.ts";

const FORMAT = "shopify-payments";

/** ShopifyPaymentsPayoutStatus; a new word is kept and folded to `unknown`. */
const STATUSES: Readonly<Record<string, AnnouncedStatus>> = {
  SCHEDULED: "started",
  IN_TRANSIT: "in-transit",
  PAID: "paid",
  FAILED: "failed",
  CANCELED: "cancelled",
};

export async function readShopifyPayments(
  source: AsyncIterable<Uint8Array>,
  { onProgress, takesOrders = false }: ReadOptions = {},
): Promise<MarketplaceReading> {
  const file = await readJsonFile(source, onProgress, shopifyReason);
  if (!file.ok) return refusedReading([file.refusal]);
  const nodes = nodesOf(file.value);
  if (nodes === null) return refusedReading([shopifyReason("not-this-format", null)]);
  if (nodes.payouts.length + nodes.transactions.length > OUTLOOK_ITEMS_MAX) {
    return refusedReading([shopifyReason("too-many-items", null, `over ${OUTLOOK_ITEMS_MAX}`)]);
  }
  const payouts = readAll(nodes.payouts, payoutOf, "payouts");
  const transactions = readAll(nodes.transactions, transactionOf, "balanceTransactions");
  const refusals = [...payouts.refusals, ...transactions.refusals];
  return refusals.length > 0
    ? refusedReading(refusals)
    : reading(payouts.items, transactions.items, takesOrders);
}

function reading(
  payouts: readonly Payout[],
  transactions: readonly BalanceTransaction[],
  takesOrders: boolean,
): MarketplaceReading {
  const byPayout = new Map<string, BalanceTransaction[]>();
  const waiting: BalanceTransaction[] = [];
  for (const one of transactions) {
    if (one.payoutId === null) waiting.push(one);
    else byPayout.set(one.payoutId, [...(byPayout.get(one.payoutId) ?? []), one]);
  }
  const payoutById = new Map(payouts.map((payout) => [payout.id, payout]));
  return {
    format: FORMAT,
    charset: "utf-8",
    statements: [...byPayout].map(([id, own]) =>
      statementOf(id, own, payoutById.get(id) ?? null, takesOrders),
    ),
    payouts: payouts.map(announcementOf),
    outlook: { ...NO_OUTLOOK, deferred: waitingSums(waiting) },
    refusals: [],
  };
}

function refusedReading(refusals: readonly Reason[]): MarketplaceReading {
  return { format: FORMAT, charset: "utf-8", statements: [], payouts: [], refusals };
}

function readAll<Item>(
  list: readonly JsonValue[],
  read: (node: JsonObject, line: number) => FieldOutcome<Item>,
  name: string,
): { readonly items: readonly Item[]; readonly refusals: readonly Reason[] } {
  const items: Item[] = [];
  const refusals: Reason[] = [];
  for (const [index, node] of list.entries()) {
    const outcome: FieldOutcome<Item> = isObject(node)
      ? read(node, index + 1)
      : { ok: false, problem: "it is not an object" };
    if (outcome.ok) items.push(outcome.value);
    else refusals.push(shopifyReason("item-unreadable", index + 1, `${name}: ${outcome.problem}`));
  }
  return { items, refusals };
}

function announcementOf({
  id,
  statusText,
  issuedAt,
  net,
  traceId,
  line,
}: Payout): PayoutAnnouncement {
  return {
    marketplace: "shopify",
    source: "list-payouts",
    reference: id,
    amount: net,
    originalAmount: null,
    status: STATUSES[statusText] ?? "unknown",
    statusText,
    failureReason: null,
    initiatedAt: issuedAt,
    accountTail: null,
    traceIds: traceId === null || traceId === "" ? [] : [traceId],
    paymentRail: null,
    settlementIds: [id],
    periodStartAt: null,
    periodEndAt: issuedAt,
    line,
  };
}

/** Transactions that no payout has been made of yet, summed by currency: money on the way. */
function waitingSums(waiting: readonly BalanceTransaction[]): readonly DeferredSum[] {
  const sums = new Map<Currency, DeferredSum>();
  for (const { currency, netMinor, line, isTest } of eachOnce(waiting)) {
    if (isTest) continue;
    const sum = sums.get(currency);
    sums.set(currency, {
      marketplace: "shopify",
      partnerId: null,
      marketplaceId: null,
      currency,
      totalMinor: (sum?.totalMinor ?? 0n) + netMinor,
      transactionCount: (sum?.transactionCount ?? 0) + 1,
      releaseOn: null,
      reason: "not paid out yet",
      line: sum?.line ?? line,
    });
  }
  return [...sums.values()];
}
