// Transfers API 2024-06-01: the payouts, those to come, the deposit accounts, and a payout on demand where Amazon
// offers one. `listPayouts` and `listExpectedPayouts` came in July 2026.

import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { Answer, Reply } from "../answers.ts";
import { amount, error, invalidInput, ok } from "../answers.ts";
import type { Call, Operation } from "../calls.ts";
import { instantOf, listOf } from "../calls.ts";
import { isSameWord, paged, partnerOf, settlementIdentifier, storesAsked } from "../lists.ts";
import { knownMarketplace, marketplaceOf } from "../marketplaces.ts";
import { closesAt } from "../pass-time.ts";
import { statusOf, tailOf } from "../payouts.ts";
import { openSettlement, sumOfSettlement, waitingMinor } from "../postings.ts";
import { closeSettlement } from "../settlements.ts";
import type { FailureReason, PayoutState, StoreState } from "../state.ts";

/** Once for each marketplace and account type in 24 hours. */
const ON_DEMAND_EVERY_MS = 86_400_000;

const FAILURE_SENTENCES: Readonly<Record<FailureReason, string>> = {
  cancelled: "Amazon has cancelled your transfer of funds.",
  unexpected: "We encountered an unexpected issue.",
  minimum: "The transfer amount does not meet the minimum.",
  "bank-account": "There is a problem with your bank account.",
};

const PAYOUTS_PATH = "/finances/transfers/2024-06-01/payouts";

export const TRANSFER_OPERATIONS: readonly Operation[] = [
  {
    name: "initiatePayout",
    method: "POST",
    path: PAYOUTS_PATH,
    rate: 0.017,
    burst: 2,
    answer: initiatePayout,
  },
  {
    name: "listPayouts",
    method: "GET",
    path: PAYOUTS_PATH,
    rate: 0.5,
    burst: 10,
    answer: listPayouts,
  },
  {
    name: "listExpectedPayouts",
    method: "GET",
    path: `${PAYOUTS_PATH}/expected`,
    rate: 0.5,
    burst: 10,
    answer: listExpectedPayouts,
  },
  {
    name: "getPaymentMethods",
    method: "GET",
    path: "/finances/transfers/2024-06-01/paymentMethods",
    rate: 0.5,
    burst: 30,
    answer: getPaymentMethods,
  },
];

function initiatePayout({ state, stores, body, now }: Call): Reply {
  const { marketplaceId, accountType } = (body ?? {}) as Record<string, unknown>;
  const marketplace = typeof marketplaceId === "string" ? marketplaceOf(marketplaceId) : null;
  if (marketplace === null || marketplace.id !== marketplaceId) {
    return invalidInput("Invalid marketplaceId");
  }
  if (typeof accountType !== "string") return invalidInput("Invalid accountType");
  if (!marketplace.paysOnDemand) {
    return invalidInput(`On-demand payouts are not available in ${marketplace.countryCode}`);
  }
  const store = stores.find(
    (one) => one.marketplaceId === marketplaceId && isSameWord(one.accountType, accountType),
  );
  const errors: Answer[] = [];
  if (store === undefined || store.deposit === null) {
    errors.push({
      code: "NoDepositMethod",
      message:
        "No deposit method found for the selling partner. Add a valid deposit method and try again.",
    });
  }
  if (store === undefined || availableMinor(store) < atLeastOne(store)) {
    errors.push({
      code: "InsufficientPayoutAmount",
      message:
        "The available balance is less than the minimum permissible payout amount. No payout will be initiated.",
    });
  }
  if (store === undefined || errors.length > 0) return { status: 400, body: { errors } };
  const earliest = instantOfMs(msOf(now) - ON_DEMAND_EVERY_MS);
  if (store.payouts.some(({ type, createdAt }) => type === "ON_DEMAND" && createdAt > earliest)) {
    return error(
      400,
      "PayoutLimitExceeded",
      "You can initiate one on-demand payout for each marketplace and account type within 24 hours.",
    );
  }
  const closed = closeSettlement(state, store, now, "ON_DEMAND");
  return ok({ payoutReferenceId: closed.groupId });
}

function atLeastOne({ settings }: StoreState): bigint {
  return settings.minimumPayoutMinor > 1n ? settings.minimumPayoutMinor : 1n;
}

/** What a close at this moment would pay. */
function availableMinor(store: StoreState): bigint {
  const sum = sumOfSettlement(store, openSettlement(store).settlementId);
  const wanted = store.settings.reserveMinor;
  const reserve = sum < 0n ? 0n : wanted < sum ? wanted : sum;
  return sum - reserve + waitingMinor(store);
}

function listPayouts(call: Call): Reply {
  const { query, now } = call;
  const stores = storesAsked(call);
  const createdAfter = instantOf(query, "createdAfter");
  const createdBefore = instantOf(query, "createdBefore");
  if (stores === null || createdAfter === undefined || createdBefore === undefined) {
    return invalidInput("Invalid input");
  }
  const payoutId = query.get("payoutId");
  // "Results are grouped by the seller's account groups", each with the most recent first.
  const found = stores.flatMap((store) =>
    store.payouts
      .filter((payout) => payoutId === null || payout.payoutId === payoutId)
      .filter(({ createdAt }) => createdAt >= (createdAfter ?? "") && createdAt <= now)
      .filter(({ createdAt }) => createdBefore === null || createdAt < createdBefore)
      .map((payout) => ({ store, payout }))
      .reverse(),
  );
  return paged(
    call,
    "listPayouts",
    found,
    ({ payout }) => payout.payoutId,
    (items, nextToken) =>
      ok({ payouts: items.map(({ store, payout }) => payoutAnswer(store, payout)), nextToken }),
  );
}

function payoutAnswer(store: StoreState, payout: PayoutState): Answer {
  const settlement = store.settlements.find(({ groupId }) => groupId === payout.groupId);
  const named = store.settings.namesEverySettlement
    ? payout.settlementIds
    : payout.settlementIds.slice(-1);
  return {
    id: payout.payoutId,
    partnerMetadata: partnerOf(store),
    currentStatus: statusOf(payout),
    statusHistory: payout.history.map(({ status, at, reason }) => ({
      status,
      lastUpdatedDate: at,
      failureReason: reason === null ? undefined : FAILURE_SENTENCES[reason],
    })),
    type: payout.type,
    amount: amount(payout.amountMinor, payout.currency),
    accountTail: payout.accountTail ?? undefined,
    paymentMethod: "BANK_ACCOUNT",
    creationDate: payout.createdAt,
    paymentRail: payout.traceIds.length === 0 ? undefined : "ACH",
    traceId: traceIdOf(payout),
    period: { startDate: settlement?.startAt, endDate: settlement?.endAt ?? undefined },
    relatedIdentifiers: named.map(settlementIdentifier),
  };
}

/** Told once the money has left; several transfers in one text ("1, 2"), as event groups tell them. */
export function traceIdOf(payout: PayoutState): string | undefined {
  const hasLeft = payout.history.some(({ status }) => status === "IN_TRANSIT");
  return hasLeft && payout.traceIds.length > 0 ? payout.traceIds.join(", ") : undefined;
}

function listExpectedPayouts(call: Call): Reply {
  const stores = storesAsked(call);
  if (stores === null) return invalidInput("Invalid input");
  return paged(
    call,
    "listExpectedPayouts",
    stores,
    ({ storeId }) => storeId,
    (items, nextToken) => ok({ expectedPayouts: items.map(expectedAnswer), nextToken }),
  );
}

function expectedAnswer(store: StoreState): Answer {
  const open = openSettlement(store);
  const available = availableMinor(store);
  const scheduledAt = closesAt(store);
  const { currency } = knownMarketplace(store.marketplaceId);
  return {
    partnerMetadata: partnerOf(store),
    amount: amount(available > 0n ? available : 0n, currency),
    status: expectedStatus(store, available, scheduledAt),
    scheduledDate: scheduledAt ?? undefined,
    accountTail: store.deposit === null ? undefined : tailOf(store.deposit),
    paymentMethod: "BANK_ACCOUNT",
    period: { startDate: open.startAt, endDate: scheduledAt ?? undefined },
    relatedIdentifiers: [settlementIdentifier(open.settlementId)],
  };
}

function expectedStatus(
  store: StoreState,
  availableNow: bigint,
  scheduledAt: Instant | null,
): "SCHEDULED" | "DISABLED" | "AT_RISK" | "NO_PAYOUT_EXPECTED" {
  if (store.deposit === null) return "AT_RISK";
  if (scheduledAt === null) return "DISABLED";
  return availableNow < atLeastOne(store) ? "NO_PAYOUT_EXPECTED" : "SCHEDULED";
}

function getPaymentMethods({ stores, query }: Call): Reply {
  const marketplaceId = query.get("marketplaceId") ?? "";
  if (marketplaceOf(marketplaceId)?.id !== marketplaceId) {
    return invalidInput(`Validation failed for: ${marketplaceId}`);
  }
  const types = listOf(query, "paymentMethodTypes");
  const methods = stores.flatMap((store) =>
    store.marketplaceId === marketplaceId && store.deposit !== null ? [store.deposit] : [],
  );
  const asked = types === null || types.includes("BANK_ACCOUNT") ? methods : [];
  return ok({
    paymentMethods: asked.map((deposit) => ({
      countryCode: deposit.countryCode,
      accountHolderName: deposit.holderName,
      paymentMethodId: deposit.methodId,
      paymentMethodType: "BANK_ACCOUNT",
      tail: tailOf(deposit),
      assignmentType: "DEFAULT_DEPOSIT_METHOD",
    })),
  });
}
