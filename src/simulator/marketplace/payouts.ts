// The life of a payout: STARTED, IN_TRANSIT, then PAID, FAILED or CANCELLED; NO_PAYOUT where there was nothing to
// send. A payout that fails is credited to the settlement that is open then. Statuses: Transfers API 2024-06-01.

import { invariant } from "../../errors/invariant.ts";
import { exponentOf } from "../../money/currency.ts";
import { divideMinor } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { drawCapitals } from "../seeded-draw.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { FAILURE_TEXTS, postOnAccount } from "./postings.ts";
import { otherLine } from "./sales.ts";
import type {
  DepositMethod,
  FailureReason,
  MarketplaceState,
  PayoutPlan,
  PayoutState,
  PayoutStep,
  SettlementState,
  StoreState,
} from "./state.ts";

/** Remitter names by region; a setting of a real bank link, an example here. */
const PAYER_NAMES = {
  na: "Amazon.com Services LLC",
  eu: "Amazon Payments Europe SCA",
  fe: "Amazon Japan G.K.",
} as const;

export type PayoutStart = {
  readonly type: PayoutState["type"];
  readonly plan: PayoutPlan;
  readonly deposit: DepositMethod;
};

/** Starts the payout of a settlement that was just closed, and of those before it that waited for this payout. */
export function startPayout(
  state: MarketplaceState,
  store: StoreState,
  closed: SettlementState,
  { type, plan, deposit }: PayoutStart,
): PayoutState {
  invariant(closed.endAt !== null, "a payout pays what is closed");
  const waited = store.settlements.filter(
    ({ outcome, payoutId }) => outcome === "joined" && payoutId === null,
  );
  const paid = [...waited, closed];
  const originalMinor = paid.reduce((sum, { totalMinor }) => sum + (totalMinor ?? 0n), 0n);
  const payoutId = closed.settlementId;
  for (const settlement of paid) settlement.payoutId = payoutId;
  const startedAt = closed.endAt;
  const payout: PayoutState = {
    payoutId,
    settlementIds: paid.map(({ settlementId }) => settlementId),
    groupId: closed.groupId,
    type,
    originalMinor,
    amountMinor: depositMinor(store, deposit, originalMinor),
    currency: deposit.currency,
    createdAt: startedAt,
    accountTail: tailOf(deposit),
    traceIds: (plan.kind === "split" ? ["first", "second"] : ["only"]).map((part) =>
      drawCapitals(state.seed, 15, store.storeId, "trace", payoutId, part),
    ),
    history: [{ status: "STARTED", at: startedAt, reason: null }],
    due: dueSteps(store, plan, startedAt),
  };
  store.payouts.push(payout);
  return payout;
}

/** Says that a closed settlement sends nothing. */
export function announceNothing(
  store: StoreState,
  closed: SettlementState,
  type: PayoutState["type"],
): void {
  invariant(closed.endAt !== null, "only what is closed can have no payout");
  const owed = closed.totalMinor ?? 0n;
  const toPay = owed < 0n ? owed : 0n;
  const { currency } = knownMarketplace(store.marketplaceId);
  store.payouts.push({
    payoutId: closed.settlementId,
    settlementIds: [closed.settlementId],
    groupId: closed.groupId,
    type,
    originalMinor: toPay,
    amountMinor: toPay,
    currency,
    createdAt: closed.endAt,
    accountTail: store.deposit === null ? null : tailOf(store.deposit),
    traceIds: [],
    history: [{ status: "NO_PAYOUT", at: closed.endAt, reason: null }],
    due: [],
  });
}

function dueSteps(store: StoreState, plan: PayoutPlan, startedAt: Instant): PayoutStep[] {
  const { inTransitAfterMs, paidAfterMs } = store.settings;
  const after = (ms: number) => instantOfMs(msOf(startedAt) + ms);
  const inTransit: PayoutStep = { status: "IN_TRANSIT", at: after(inTransitAfterMs), reason: null };
  const end = after(Math.max(inTransitAfterMs, paidAfterMs));
  if (plan.kind === "cancelled") {
    return [{ status: "CANCELLED", at: inTransit.at, reason: "cancelled" }];
  }
  if (plan.kind === "failed")
    return [inTransit, { status: "FAILED", at: end, reason: plan.reason }];
  return [inTransit, { status: "PAID", at: end, reason: null }];
}

/** Takes the next step of a payout, at its time. */
export function takeStep(state: MarketplaceState, store: StoreState, payout: PayoutState): void {
  const step = payout.due.shift();
  invariant(step !== undefined, "a step is due");
  payout.history.push(step);
  const willBePaid = payout.due.some(({ status }) => status === "PAID");
  if (step.status === "IN_TRANSIT" && willBePaid) send(state, store, payout, step.at);
  if (step.status === "FAILED" || step.status === "CANCELLED") {
    takeBack(state, store, payout, step.reason ?? "unexpected", step.at);
  }
}

/**
 * Fails a payout now, whatever was planned; also one that was paid, when the receiving bank gave the money back.
 * False when it has failed already or sent nothing.
 */
export function failPayout(
  state: MarketplaceState,
  store: StoreState,
  payout: PayoutState,
  reason: FailureReason,
  at: Instant,
): boolean {
  const status = statusOf(payout);
  if (status === "FAILED" || status === "CANCELLED" || status === "NO_PAYOUT") return false;
  payout.due.length = 0;
  payout.history.push({ status: "FAILED", at, reason });
  takeBack(state, store, payout, reason, at);
  return true;
}

export function statusOf(payout: PayoutState): PayoutStep["status"] {
  return payout.history.at(-1)?.status ?? "STARTED";
}

/** When the money left, or was to leave; null when it never did. */
export function sentAtOf(payout: PayoutState): Instant | null {
  return payout.history.find(({ status }) => status === "IN_TRANSIT")?.at ?? null;
}

export function tailOf(deposit: DepositMethod): string {
  return deposit.accountNumber.slice(-4);
}

/** The amounts of its transfers: the whole, or two parts of which the first is the larger by at most one. */
export function transferAmounts(payout: PayoutState): readonly bigint[] {
  if (payout.traceIds.length < 2) return [payout.amountMinor];
  const second = payout.amountMinor / 2n;
  return [payout.amountMinor - second, second];
}

function send(
  state: MarketplaceState,
  store: StoreState,
  payout: PayoutState,
  sentAt: Instant,
): void {
  const { deposit } = store;
  invariant(deposit !== null, "a payout that is sent has an account to go to");
  const amounts = transferAmounts(payout);
  for (const [index, traceId] of payout.traceIds.entries()) {
    state.transfers.push({
      transferId: traceId,
      storeId: store.storeId,
      payoutId: payout.payoutId,
      settlementId: payout.payoutId,
      sentAt,
      amountMinor: amounts[index] ?? 0n,
      currency: payout.currency,
      payerName: PAYER_NAMES[knownMarketplace(store.marketplaceId).region],
      deposit,
    });
  }
}

/** The settlement that is open now is credited with what did not arrive. */
function takeBack(
  state: MarketplaceState,
  store: StoreState,
  payout: PayoutState,
  reason: FailureReason,
  at: Instant,
): void {
  const description = FAILURE_TEXTS[reason];
  postOnAccount(state, store, {
    kind: "FailedTransfer",
    description,
    postedAt: at,
    lines: [otherLine(description, payout.originalMinor)],
  });
}

/** In the deposit account's currency, half up: the marketplace rounds once, for the whole payout. */
function depositMinor(store: StoreState, deposit: DepositMethod, minor: bigint): bigint {
  if (deposit.rate === null) return minor;
  const [whole = "", fraction = ""] = deposit.rate.split(".");
  const { currency } = knownMarketplace(store.marketplaceId);
  const scale = fraction.length + exponentOf(currency) - exponentOf(deposit.currency);
  const product = minor * BigInt(whole + fraction);
  return scale < 0
    ? product * 10n ** BigInt(-scale)
    : divideMinor(product, 10n ** BigInt(scale), "half-up");
}
