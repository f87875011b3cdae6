// Settlements of one store, one after another without a gap: closing one sums it, keeps a reserve back, decides about
// a payout and opens the next with what is carried over. The lines between two settlements are those seen in real
// files (docs/reference/statement-formats.md, chain of settlements).

import { invariant } from "../../errors/invariant.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { drawDigits, drawInteger, drawToken, drawUuid } from "../seeded-draw.ts";
import { announceNothing, startPayout } from "./payouts.ts";
import {
  FAILURE_TEXTS,
  openSettlement,
  postOnAccount,
  sumOfSettlement,
  waitingMinor,
} from "./postings.ts";
import { otherLine } from "./sales.ts";
import type {
  FailureReason,
  MarketplaceState,
  SettlementState,
  StoreState,
  TransactionState,
} from "./state.ts";
import { nextNumber } from "./state.ts";

const FIRST_SETTLEMENT_ID = 11_900_000_000;
const STORE_SPAN = 10_000_000;
const SETTLEMENT_STEP = 1_009;
/** Seen: the card was charged 68 to 79 minutes after the close. */
const CHARGE_AFTER_MIN_MS = 68 * 60_000;
const CHARGE_AFTER_MAX_MS = 79 * 60_000;

/** Begins the first settlement of a store. */
export function openFirstSettlement(state: MarketplaceState, store: StoreState): void {
  openNext(state, store, store.openedAt, 0n);
}

function openNext(
  state: MarketplaceState,
  store: StoreState,
  startAt: Instant,
  beginningMinor: bigint,
): SettlementState {
  const index = store.settlements.length;
  const first = FIRST_SETTLEMENT_ID + store.place * STORE_SPAN + index * SETTLEMENT_STEP;
  const within = drawInteger(
    state.seed,
    0,
    SETTLEMENT_STEP - 1,
    store.storeId,
    "settlement",
    index,
  );
  const settlement: SettlementState = {
    settlementId: String(first + within),
    groupId: drawToken(state.seed, 43, store.storeId, "group", index),
    startAt,
    beginningMinor,
    endAt: null,
    totalMinor: null,
    reserveMinor: 0n,
    outcome: "open",
    payoutId: null,
    charge: null,
    chargedAt: null,
  };
  store.settlements.push(settlement);
  return settlement;
}

/** Closes the open settlement at the instant and opens the next in the same second. */
export function closeSettlement(
  state: MarketplaceState,
  store: StoreState,
  at: Instant,
  type: "SCHEDULED" | "ON_DEMAND",
): SettlementState {
  const closing = openSettlement(store);
  if (closing.charge !== null) chargeCard(state, store, at);
  const before = sumOfSettlement(store, closing.settlementId);
  const { reserveMinor: wanted } = store.settings;
  const reserve = before < 0n ? 0n : wanted < before ? wanted : before;
  const lineAt = (description: string, minor: bigint, kind: TransactionState["kind"]) =>
    postOnAccount(state, store, {
      kind,
      description,
      postedAt: at,
      lines: [otherLine(description, minor)],
    });
  if (reserve > 0n) lineAt("Current Reserve Amount", -reserve, "Reserve");
  const total = before - reserve;
  closing.endAt = at;
  closing.totalMinor = total;
  closing.reserveMinor = reserve;
  const carried = payOut(state, store, closing, type);
  const next = openNext(state, store, at, waitingMinor(store) + (total < 0n ? total : 0n));
  if (reserve > 0n) lineAt("Previous Reserve Amount Balance", reserve, "Reserve");
  if (total < 0n) {
    lineAt("Payable to Amazon", total, "Carry");
    if (store.settings.negativeTotals === "charged") next.charge = planCharge(state, next, total);
  }
  if (carried !== null) lineAt(FAILURE_TEXTS[carried], total, "FailedTransfer");
  issueReport(state, store, closing.settlementId, {
    createdAt: instantOfMs(msOf(at) + store.settings.reportAfterMs),
    form: "whole",
    compressed: true,
  });
  return closing;
}

/** Starts the payout of a closed settlement, if there is one; the reason for which its total is carried, or null. */
function payOut(
  state: MarketplaceState,
  store: StoreState,
  closed: SettlementState,
  type: "SCHEDULED" | "ON_DEMAND",
): FailureReason | null {
  const total = closed.totalMinor ?? 0n;
  if (total <= 0n) {
    closed.outcome = "nothing";
    announceNothing(store, closed, type);
    return null;
  }
  const plan = store.plans.shift() ?? { kind: "paid" };
  if (plan.kind === "joined") {
    closed.outcome = "joined";
    return null;
  }
  const isTooSmall = total + waitingMinor(store) < store.settings.minimumPayoutMinor;
  if (plan.kind === "carried" || isTooSmall || store.deposit === null) {
    closed.outcome = "carried";
    announceNothing(store, closed, type);
    return store.deposit === null ? "bank-account" : "minimum";
  }
  closed.outcome = "payout";
  startPayout(state, store, closed, { type, plan, deposit: store.deposit });
  return null;
}

function planCharge(
  state: MarketplaceState,
  next: SettlementState,
  total: bigint,
): SettlementState["charge"] {
  const afterMs = drawInteger(
    state.seed,
    CHARGE_AFTER_MIN_MS,
    CHARGE_AFTER_MAX_MS,
    next.settlementId,
    "charge",
  );
  // Files tell whole seconds.
  const at = Math.floor((msOf(next.startAt) + afterMs) / 1_000) * 1_000;
  return { at: instantOfMs(at), amountMinor: -total };
}

/** Takes the amount of the settlement before from the seller's card. */
export function chargeCard(state: MarketplaceState, store: StoreState, at: Instant): void {
  const open = openSettlement(store);
  invariant(open.charge !== null, "a charge is due");
  const { amountMinor } = open.charge;
  open.charge = null;
  postOnAccount(state, store, {
    kind: "DebtRecovery",
    description: "Successful charge",
    postedAt: at,
    lines: [otherLine("Successful charge", amountMinor)],
  });
  const charged = store.settlements.at(-2);
  if (charged !== undefined) charged.chargedAt = at;
}

/** Puts a report of a closed settlement on the list. */
export function issueReport(
  state: MarketplaceState,
  store: StoreState,
  settlementId: string,
  report: Pick<StoreState["reports"][number], "createdAt" | "form" | "compressed">,
): StoreState["reports"][number] {
  const number = nextNumber(store);
  const uuid = drawUuid(state.seed, store.storeId, "document", number);
  const issued = {
    reportId: drawDigits(state.seed, 12, store.storeId, "report", number),
    documentId: `amzn1.spdoc.1.4.na.${uuid}.${drawDigits(state.seed, 6, uuid)}`,
    settlementId,
    ...report,
  };
  store.reports.push(issued);
  return issued;
}
