// Finances API v0: the groups of financial events, one for each settlement, and their events. Deferred orders are
// absent until they are free. A group's total is what its beginning balance and its events make together.

import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { Answer, Reply } from "../answers.ts";
import { amountV0, error, invalidInput, ok } from "../answers.ts";
import type { Call, Operation } from "../calls.ts";
import { instantOf } from "../calls.ts";
import { eventLists } from "../event-lists.ts";
import { paged } from "../lists.ts";
import { knownMarketplace } from "../marketplaces.ts";
import { sentAtOf, statusOf } from "../payouts.ts";
import { sumOfSettlement } from "../postings.ts";
import type { SettlementState, StoreState, TransactionState } from "../state.ts";
import { traceIdOf } from "./transfers.ts";

const GROUPS_PAGE_SIZE = 10;
const EVENTS_PAGE_SIZE = 100;
const PAGE_SIZE_MAX = 100;
const TWO_MINUTES_MS = 120_000;
const RANGE_MAX_MS = 180 * 86_400_000;

const BASE = "/finances/v0";

export const FINANCE_V0_OPERATIONS: readonly Operation[] = (
  [
    ["listFinancialEventGroups", `${BASE}/financialEventGroups`, listGroups],
    [
      "listFinancialEventsByGroupId",
      `${BASE}/financialEventGroups/:eventGroupId/financialEvents`,
      listEventsOfGroup,
    ],
    ["listFinancialEventsByOrderId", `${BASE}/orders/:orderId/financialEvents`, listEventsOfOrder],
    ["listFinancialEvents", `${BASE}/financialEvents`, listEvents],
  ] as const
).map(([name, path, answer]) => ({ name, method: "GET", path, rate: 0.5, burst: 30, answer }));

type Group = { readonly store: StoreState; readonly settlement: SettlementState };

function listGroups(call: Call): Reply {
  const after = instantOf(call.query, "FinancialEventGroupStartedAfter");
  const before = instantOf(call.query, "FinancialEventGroupStartedBefore");
  const range = rangeOf(call, after, before);
  if (range === null) return error(400, "InvalidInput", "Date range is invalid.");
  const found = call.stores
    .flatMap((store) => store.settlements.map((settlement) => ({ store, settlement })))
    .filter(
      ({ settlement }) => settlement.startAt >= range.after && settlement.startAt < range.before,
    )
    .sort((a, b) => (a.settlement.startAt < b.settlement.startAt ? 1 : -1));
  return pagedV0(
    call,
    "listFinancialEventGroups",
    found,
    ({ settlement }) => settlement.groupId,
    (items, NextToken) =>
      ok({ payload: { FinancialEventGroupList: items.map(groupAnswer), NextToken } }),
    GROUPS_PAGE_SIZE,
  );
}

/**
 * From a start that lies more than two minutes back, to an end that does, too; more than 180 days apart is a range
 * in which nothing is. Null when it is no range.
 */
function rangeOf(
  { now }: Call,
  after: Instant | null | undefined,
  before: Instant | null | undefined,
): { readonly after: Instant; readonly before: Instant } | null {
  if (after === undefined || after === null || before === undefined) return null;
  const latest = instantOfMs(msOf(now) - TWO_MINUTES_MS);
  const end = before ?? latest;
  if (after > latest || end > latest || after > end) return null;
  const isTooLong = msOf(end) - msOf(after) > RANGE_MAX_MS;
  return { after: isTooLong ? end : after, before: end };
}

function groupAnswer({ store, settlement }: Group): Answer {
  const { currency } = knownMarketplace(store.marketplaceId);
  const payout = store.payouts.find(({ groupId }) => groupId === settlement.groupId);
  const isSent = payout !== undefined && payout.traceIds.length > 0;
  const totalMinor = groupTotal(store, settlement);
  const isConverted = isSent && payout.currency !== currency;
  const isOpen = settlement.endAt === null;
  const { transferWord } = store.settings;
  const closedWord = transferWord === "TRANSFERED" ? "PROCESSED" : "Closed";
  return {
    FinancialEventGroupId: settlement.groupId,
    ProcessingStatus: isOpen ? "Open" : closedWord,
    FundTransferStatus: fundTransferStatus(store, settlement),
    OriginalTotal: amountV0(totalMinor, currency),
    ConvertedTotal: isConverted ? amountV0(payout.amountMinor, payout.currency) : undefined,
    FundTransferDate: isSent
      ? (sentAtOf(payout) ?? undefined)
      : (settlement.chargedAt ?? undefined),
    TraceId: payout === undefined ? undefined : traceIdOf(payout),
    AccountTail: isSent ? (payout.accountTail ?? undefined) : undefined,
    BeginningBalance: amountV0(settlement.beginningMinor, currency),
    FinancialEventGroupStart: settlement.startAt,
    FinancialEventGroupEnd: settlement.endAt ?? undefined,
  };
}

/** With what waited when it began; the line that carries a total below zero stands among its own. */
function groupTotal(store: StoreState, settlement: SettlementState): bigint {
  const own = settlement.totalMinor ?? sumOfSettlement(store, settlement.settlementId);
  return own + settlement.beginningMinor - carriedMinor(store, settlement);
}

function carriedMinor(store: StoreState, { settlementId }: SettlementState): bigint {
  return store.transactions
    .filter((one) => one.settlementId === settlementId && one.kind === "Carry")
    .reduce(
      (sum, { lines }) => sum + lines.reduce((part, line) => part + line.amountMinor, 0n),
      0n,
    );
}

function fundTransferStatus(store: StoreState, settlement: SettlementState): string | undefined {
  if (settlement.endAt === null) return undefined;
  const { transferWord } = store.settings;
  const payout = store.payouts.find(({ groupId }) => groupId === settlement.groupId);
  const status = payout === undefined ? null : statusOf(payout);
  if (status === "PAID") return transferWord;
  if (status === "STARTED") return "Initiated";
  if (status === "IN_TRANSIT") return "Processing";
  if (status === "FAILED" || status === "CANCELLED") return "Failed";
  if (settlement.chargedAt !== null) return transferWord;
  return settlement.outcome === "carried" ? "Failed" : "Unknown";
}

function listEventsOfGroup(call: Call): Reply {
  const groupId = call.path["eventGroupId"] ?? "";
  for (const store of call.stores) {
    const settlement = store.settlements.find((one) => one.groupId === groupId);
    if (settlement === undefined) continue;
    return eventsAnswer(call, "listFinancialEventsByGroupId", [store], (transaction) => {
      return transaction.settlementId === settlement.settlementId;
    });
  }
  return invalidInput("Invalid eventGroupId");
}

function listEventsOfOrder(call: Call): Reply {
  const orderId = call.path["orderId"] ?? "";
  return eventsAnswer(call, "listFinancialEventsByOrderId", call.stores, (transaction) => {
    return transaction.settlementId !== null && transaction.orderId === orderId;
  });
}

function listEvents(call: Call): Reply {
  const after = instantOf(call.query, "PostedAfter");
  const before = instantOf(call.query, "PostedBefore");
  const range = rangeOf(call, after, before);
  if (range === null) return error(400, "InvalidInput", "Date range is invalid.");
  return eventsAnswer(call, "listFinancialEvents", call.stores, ({ settlementId, postedAt }) => {
    return settlementId !== null && postedAt >= range.after && postedAt < range.before;
  });
}

function eventsAnswer(
  call: Call,
  operation: string,
  stores: readonly StoreState[],
  isAsked: (transaction: TransactionState) => boolean,
): Reply {
  const found = stores.flatMap((store) =>
    store.transactions
      // What a settlement begins with is its beginning balance, not an event of it.
      .filter((transaction) => transaction.kind !== "Carry" && isAsked(transaction))
      .map((transaction) => ({ store, transaction })),
  );
  return pagedV0(
    call,
    operation,
    found,
    ({ transaction }) => transaction.transactionId,
    (items, NextToken) => ok({ payload: { FinancialEvents: eventLists(items), NextToken } }),
    EVENTS_PAGE_SIZE,
  );
}

function pagedV0<Item>(
  call: Call,
  operation: string,
  found: readonly Item[],
  keyOf: (item: Item) => string,
  answer: (items: readonly Item[], nextToken: string | undefined) => Reply,
  usualSize: number,
): Reply {
  const asked = call.query.get("MaxResultsPerPage");
  const size = Number(asked ?? usualSize);
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) {
    return invalidInput("MaxResultsPerPage must be between 1 and 100.");
  }
  return paged(call, operation, found, keyOf, answer, { tokenName: "NextToken", size });
}
