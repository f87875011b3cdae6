// Finances API 2024-06-19: transactions with their deferral, balances at any date, and the summary that is a control
// total of a settlement. `listBalances` and `listSummary` came in July 2026.

import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { Answer, Reply } from "../answers.ts";
import { amount, invalidInput, ok } from "../answers.ts";
import { balancesAt } from "../balances.ts";
import { breakdownsOf } from "../breakdowns.ts";
import type { Call, Operation } from "../calls.ts";
import { instantOf } from "../calls.ts";
import { paged, partnerOf, settlementIdentifier, storesAsked } from "../lists.ts";
import { knownMarketplace, marketplaceOf } from "../marketplaces.ts";
import { sumOf } from "../sales.ts";
import type { StoreState, TransactionState } from "../state.ts";
import { type ListedTransaction, transactionAnswer, transfersOf } from "../transaction-answer.ts";

const PAGE_SIZE = 500;
const TWO_MINUTES_MS = 120_000;
const RANGE_MAX_MS = 180 * 86_400_000;
const DAY_MS = 86_400_000;

const STATUSES = ["DEFERRED", "RELEASED", "DEFERRED_RELEASED"];
const BALANCE_TYPES = ["AVAILABLE", "RESERVED", "TOTAL", "DEFERRED", "ACCOUNT_LEVEL_RESERVE"];

export const FINANCE_OPERATIONS: readonly Operation[] = [
  {
    name: "listTransactions",
    method: "GET",
    path: "/finances/2024-06-19/transactions",
    rate: 0.5,
    burst: 10,
    answer: listTransactions,
  },
  {
    name: "listBalances",
    method: "GET",
    path: "/finances/2024-06-19/balances",
    rate: 0.5,
    burst: 10,
    answer: listBalances,
  },
  {
    name: "listSummary",
    method: "GET",
    path: "/finances/2024-06-19/summary",
    rate: 0.5,
    burst: 10,
    answer: listSummary,
  },
];

type Range = { readonly after: Instant | ""; readonly before: Instant };

function listTransactions(call: Call): Reply {
  const { query, stores } = call;
  const name = query.get("relatedIdentifierName");
  const value = query.get("relatedIdentifierValue");
  if (name !== null && name !== "FINANCIAL_EVENT_GROUP_ID" && name !== "ORDER_ID") {
    return invalidInput(`relatedIdentifierName ${name} cannot be used for filtering`);
  }
  const range = rangeOf(call, name !== null);
  if (typeof range === "string") return invalidInput(range);
  const status = query.get("transactionStatus");
  if (status !== null && !STATUSES.includes(status))
    return invalidInput("Invalid transactionStatus");
  const marketplaceId = query.get("marketplaceId");
  if (marketplaceId !== null && marketplaceOf(marketplaceId)?.id !== marketplaceId) {
    return invalidInput("Invalid marketplaceId");
  }
  const found = stores
    .filter((store) => marketplaceId === null || store.marketplaceId === marketplaceId)
    .flatMap((store) => listedOf(store))
    .filter(({ postedAt }) => postedAt >= range.after && postedAt < range.before)
    .filter((listed) => status === null || statusOf(listed) === status)
    .filter((listed) => name === null || isRelated(listed, name, value ?? ""))
    .sort((a, b) => (a.postedAt < b.postedAt ? -1 : a.postedAt > b.postedAt ? 1 : 0));
  return paged(
    call,
    "listTransactions",
    found,
    ({ id }) => id,
    (items, nextToken) =>
      ok({ payload: { transactions: items.map(({ answer }) => answer), nextToken } }),
    { size: PAGE_SIZE },
  );
}

/** The time asked for, up to two minutes ago; or what is wrong with it. */
function rangeOf({ query, now }: Call, isByIdentifier: boolean): Range | string {
  const after = instantOf(query, "postedAfter");
  const before = instantOf(query, "postedBefore");
  if (after === undefined || before === undefined) return "Invalid date";
  if (after === null && !isByIdentifier) return "Start date cannot be null";
  const latest = instantOfMs(msOf(now) - TWO_MINUTES_MS);
  if (after !== null && after > latest) return "postedAfter must be two minutes in the past";
  if (before !== null && before > latest) return "postedBefore must be two minutes in the past";
  const end = before ?? latest;
  if (after !== null && after > end) return "postedBefore must be later than postedAfter";
  // More than 180 days apart: the answer is empty, not an error.
  const isTooLong = after !== null && msOf(end) - msOf(after) > RANGE_MAX_MS;
  return { after: isTooLong ? end : (after ?? ""), before: end };
}

function listedOf(store: StoreState): readonly ListedTransaction[] {
  return [
    ...store.transactions.map((transaction) => transactionAnswer(store, transaction)),
    ...transfersOf(store),
  ];
}

function statusOf({ transaction }: ListedTransaction): string {
  const deferral = transaction?.deferral ?? null;
  if (deferral === null) return "RELEASED";
  return deferral.releasedBy === null ? "DEFERRED" : "DEFERRED_RELEASED";
}

function isRelated(listed: ListedTransaction, name: string, value: string): boolean {
  return name === "ORDER_ID" ? listed.transaction?.orderId === value : listed.groupId === value;
}

function listBalances(call: Call): Reply {
  const { query, now } = call;
  const stores = storesAsked(call);
  const type = query.get("balanceType");
  if (stores === null || (type !== null && !BALANCE_TYPES.includes(type))) {
    return invalidInput("Invalid input");
  }
  const asOf = query.get("asOfDate");
  const dayStartAt = instantOf(query, "asOfDate");
  if (dayStartAt === undefined) return invalidInput("Invalid asOfDate");
  const at = dayStartAt === null ? now : instantOfMs(msOf(dayStartAt) + DAY_MS - 1);
  return paged(
    call,
    "listBalances",
    stores,
    ({ storeId }) => storeId,
    (items, nextToken) =>
      ok({
        balances: items.map((store) => ({
          partnerMetadata: partnerOf(store),
          ...balanceTree(store, at < now ? at : now, type ?? "TOTAL"),
          ...(asOf === null ? { lastUpdatedTime: now } : { asOfDate: asOf.slice(0, 10) }),
        })),
        nextToken,
      }),
    { size: PAGE_SIZE },
  );
}

type BalanceNode = {
  readonly balanceType: string;
  readonly amount: Answer;
  readonly balances?: readonly BalanceNode[];
};

/** The balance of the type with what it is made of. */
function balanceTree(store: StoreState, at: Instant, type: string): BalanceNode {
  const { currency } = knownMarketplace(store.marketplaceId);
  const { availableMinor, deferredMinor, reserveMinor } = balancesAt(store, at);
  const reservedMinor = deferredMinor + reserveMinor;
  const node = (balanceType: string, minor: bigint, parts: readonly BalanceNode[] = []) => ({
    balanceType,
    amount: amount(minor, currency),
    ...(parts.length === 0 ? {} : { balances: parts }),
  });
  const deferred = node("DEFERRED", deferredMinor);
  const reserve = node("ACCOUNT_LEVEL_RESERVE", reserveMinor);
  const available = node("AVAILABLE", availableMinor);
  const reserved = node("RESERVED", reservedMinor, [deferred, reserve]);
  const total = node("TOTAL", availableMinor + reservedMinor, [available, reserved]);
  const all: readonly BalanceNode[] = [total, available, reserved, deferred, reserve];
  return all.find(({ balanceType }) => balanceType === type) ?? total;
}

function listSummary(call: Call): Reply {
  const { query } = call;
  const stores = storesAsked(call);
  const name = query.get("relatedIdentifierName");
  const value = query.get("relatedIdentifierValue") ?? "";
  const start = instantOf(query, "periodStart");
  const end = instantOf(query, "periodEnd");
  const isUnknownName = name !== null && name !== "SETTLEMENT_ID";
  if (stores === null || start === undefined || end === undefined || isUnknownName) {
    return invalidInput("Invalid input");
  }
  // The last day is included.
  const until = end === null ? null : instantOfMs(msOf(end) + DAY_MS);
  const isAsked = ({ settlementId, postedAt }: TransactionState): boolean =>
    settlementId !== null &&
    (name === null || settlementId === value) &&
    (start === null || postedAt >= start) &&
    (until === null || postedAt < until);
  const found = stores
    .filter(
      ({ settlements }) => name === null || settlements.some((one) => one.settlementId === value),
    )
    .map((store) => ({
      store,
      lines: store.transactions.filter(isAsked).flatMap(({ lines }) => lines),
    }));
  return paged(
    call,
    "listSummary",
    found,
    ({ store }) => store.storeId,
    (items, nextToken) =>
      ok({
        summaries: items.map(({ store, lines }) => {
          const { currency } = knownMarketplace(store.marketplaceId);
          return {
            partnerMetadata: partnerOf(store),
            periodStart: query.get("periodStart") ?? undefined,
            periodEnd: query.get("periodEnd") ?? undefined,
            netProceeds: amount(sumOf(lines), currency),
            breakdowns: breakdownsOf(lines, currency),
            relatedIdentifiers: name === null ? undefined : [settlementIdentifier(value)],
          };
        }),
        nextToken,
      }),
    { size: PAGE_SIZE },
  );
}
