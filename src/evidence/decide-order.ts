// Three flows of one order: what was ordered, what was paid for it, what was sent. A pure decision: how much of the sale in
// a payout's statement is supported, which papers are missing, and what does not fit.

import type { Currency } from "../money/currency.ts";
import { divideMinor } from "../money/money.ts";
import type { EvidenceFindingCode } from "./evidence-facts.ts";
import type { QuotaChain } from "./quota.ts";
import type { OrderStatus, PaperKind } from "./reading.ts";
import type { EvidenceSettings, GoodsMode, PaperCode } from "./settings.ts";

export type OrderShipment = {
  readonly tracking: string;
  /** An order of another seller had the number before. */
  readonly isOfAnother: boolean;
  /** Orders of this seller that have it, this one included. */
  readonly ownOrders: number;
};

export type OrderPaper = {
  readonly kind: PaperKind;
  readonly mode: GoodsMode | null;
  readonly isRefused: boolean;
};

/** What is known of one order of one payout. */
export type OrderFacts = {
  readonly orderId: string;
  /** Sale in the payout's statements; minor units of the statements' currency. */
  readonly saleMinor: bigint;
  /** Null: no report of the payout's seller tells of it. */
  readonly record: {
    readonly status: OrderStatus;
    readonly currency: Currency;
    readonly amountMinor: bigint;
    readonly mode: GoodsMode | null;
  } | null;
  readonly shipments: readonly OrderShipment[];
  /** Papers that name the order or, for goods stored abroad, one of its articles. */
  readonly papers: readonly OrderPaper[];
  readonly chain: QuotaChain;
};

export type OrderDecision = {
  readonly orderId: string;
  readonly saleMinor: bigint;
  readonly mode: GoodsMode;
  readonly coveredMinor: bigint;
  /** Covered only until its tracking number is due. */
  readonly isProvisional: boolean;
  /** Of its quota, what the payout's receipt stands on. */
  readonly quotaMinor: bigint;
  readonly isShipped: boolean;
  readonly missing: readonly PaperCode[];
  readonly findings: readonly OrderFinding[];
};

export type OrderFinding = {
  readonly code: EvidenceFindingCode;
  readonly amountMinor: bigint;
  readonly trackingNumber: string | null;
  readonly by: "own" | "another-seller" | null;
};

/** Whose receipt it is, and in which currency its statements are. */
export type OrderContext = {
  readonly payoutId: string;
  readonly sellerId: string;
  readonly currency: Currency;
  readonly settings: EvidenceSettings;
};

export function decideOrder(facts: OrderFacts, context: OrderContext): OrderDecision {
  const { settings } = context;
  const mode = modeOf(facts, settings);
  const findings: OrderFinding[] = [];
  const find = (code: EvidenceFindingCode, amountMinor = facts.saleMinor) =>
    findings.push({ code, amountMinor, trackingNumber: null, by: null });
  const good = facts.shipments.filter((shipment) => isGood(shipment, settings));
  findings.push(...reusedOf(facts, good, settings));
  if (!settings.acceptedModes.includes(mode)) find("mode-refused");
  const flaw = flawOf(facts, context);
  if (flaw !== null) find(flaw);
  const missing = missingOf(facts, mode, good.length > 0, settings);
  const waits = missing.length === 1 && missing[0] === "tracking-number" && good.length === 0;
  const isProvisional =
    waits && facts.shipments.length === 0 && settings.unshipped === "cover-until-due";
  const isBarred = findings.length > 0 || (missing.length > 0 && !isProvisional);
  const { quotaMinor, coveredMinor, excessMinor } = amountsOf(facts, context);
  if (!isBarred && excessMinor > 0n) find("sale-above-order", excessMinor);
  const cure =
    missing.length === 0 && (flaw !== null || excessMinor > 0n) ? ["order" as const] : [];
  return {
    orderId: facts.orderId,
    saleMinor: facts.saleMinor,
    mode,
    coveredMinor: isBarred ? 0n : coveredMinor,
    isProvisional: isProvisional && !isBarred,
    quotaMinor: isBarred ? 0n : quotaMinor,
    isShipped: facts.shipments.length > 0,
    missing: [...missing, ...cure],
    findings,
  };
}

/** How the goods left: as a paper says, else as the report says, else as the settings say. */
function modeOf({ papers, record }: OrderFacts, settings: EvidenceSettings): GoodsMode {
  const refused = papers.find(({ isRefused, mode }) => isRefused && mode === "1039");
  if (refused !== undefined) return "1039";
  const told = papers.find(({ isRefused, mode }) => !isRefused && mode !== null)?.mode;
  return told ?? record?.mode ?? settings.modeWithoutPaper;
}

/** Why the order as a whole supports nothing of this receipt. */
function flawOf(facts: OrderFacts, context: OrderContext): EvidenceFindingCode | null {
  const { record, chain } = facts;
  if (chain.sellerId !== null && chain.sellerId !== context.sellerId) {
    return "order-of-another-seller";
  }
  if (record === null) return null;
  if (record.status === "cancelled") return "order-cancelled";
  const currency = chain.currency ?? record.currency;
  if (record.currency !== context.currency || currency !== context.currency) {
    return "currency-differs";
  }
  return isUsedBefore(facts, context) ? "order-used-before" : null;
}

/** Whether other receipts stand on the order so that this one may not, however much of its amount is left. */
function isUsedBefore({ chain, shipments }: OrderFacts, context: OrderContext): boolean {
  const others = [...chain.consumedOf].filter(
    ([payoutId, minor]) => payoutId !== context.payoutId && minor > 0n,
  ).length;
  if (others === 0) return false;
  if (context.settings.splitOrders === "never") return true;
  if (context.settings.splitOrders === "by-amount") return false;
  return others >= shipments.length;
}

function isGood(shipment: OrderShipment, settings: EvidenceSettings): boolean {
  return !shipment.isOfAnother && shipment.ownOrders <= settings.combinedParcelOrdersMax;
}

/** Tracking numbers that stand for more than they may; they bar the order only where no other number is good. */
function reusedOf(
  { shipments, saleMinor }: OrderFacts,
  good: readonly OrderShipment[],
  settings: EvidenceSettings,
): readonly OrderFinding[] {
  if (good.length > 0) return [];
  return shipments
    .filter((shipment) => !isGood(shipment, settings))
    .map(({ tracking, isOfAnother }) => ({
      code: "tracking-reused",
      amountMinor: saleMinor,
      trackingNumber: tracking,
      by: isOfAnother ? "another-seller" : "own",
    }));
}

/** Which paper kinds stand for a paper that is asked for. */
const KINDS_OF: Readonly<Record<Exclude<PaperCode, "order" | "tracking-number">, PaperKind[]>> = {
  "customs-list": ["customs-list", "customs-declaration"],
  "customs-declaration": ["customs-declaration", "customs-list"],
  "stocking-order": ["stocking-order", "customs-declaration"],
  "bonded-record": ["bonded-record", "customs-declaration"],
  contract: ["contract"],
  invoice: ["invoice"],
  "packing-list": ["packing-list"],
  "settlement-report": [],
};

function missingOf(
  { record, papers }: OrderFacts,
  mode: GoodsMode,
  hasTracking: boolean,
  settings: EvidenceSettings,
): readonly PaperCode[] {
  // Without its order nothing says what the sale should be: that paper is needed whatever the settings name.
  const needed = new Set<PaperCode>(["order", ...settings.papersOf[mode]]);
  return [...needed].filter((paper) => {
    if (paper === "order") return record === null || record.status === "pending";
    if (paper === "tracking-number") return !hasTracking;
    return !papers.some(({ kind, isRefused }) => !isRefused && KINDS_OF[paper].includes(kind));
  });
}

/**
 * What of the sale the order's quota supports. A sale may pass the order's own amount by what the settings allow; beyond
 * that the excess is not supported, and the rest is.
 */
function amountsOf(facts: OrderFacts, { payoutId, settings }: OrderContext) {
  const { saleMinor, chain, record } = facts;
  const usableMinor = chain.balanceMinor + (chain.consumedOf.get(payoutId) ?? 0n);
  const quotaMinor = saleMinor < usableMinor ? saleMinor : usableMinor;
  const over = saleMinor - quotaMinor;
  const allowed = divideMinor(
    (record?.amountMinor ?? 0n) * BigInt(settings.excessMaxBps),
    10_000n,
    "down",
  );
  const isAllowed = quotaMinor > 0n && over <= allowed;
  return {
    quotaMinor,
    coveredMinor: isAllowed ? saleMinor : quotaMinor,
    excessMinor: isAllowed ? 0n : over,
  };
}
