// How far a payout is covered: the decisions over its orders, summed into one meter. Pure.

import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import type { OrderDecision } from "./decide-order.ts";
import {
  type CustomsModeAmount,
  type EvidenceFinding,
  MISSING_LISTED_MAX,
  type MissingCount,
  type MissingPaper,
  type PaperOwner,
  type ProvisionalDue,
} from "./evidence-facts.ts";
import type { PaperCode } from "./settings.ts";
import type { SupportedPayout } from "./support-facts.ts";

export type ListedPaper = Omit<MissingPaper, "isOverdue">;

export type Cover = {
  readonly currency: Currency;
  readonly requiredMinor: bigint;
  readonly coveredMinor: bigint;
  readonly refundedMinor: bigint;
  readonly otherMinor: bigint;
  readonly orderCount: number;
  readonly coveredCount: number;
  readonly unshippedCount: number;
  readonly ordersKnown: boolean;
  readonly provisional: readonly ProvisionalDue[];
  readonly modes: readonly CustomsModeAmount[];
  readonly papers: readonly MissingCount[];
  readonly missing: readonly ListedPaper[];
  readonly findings: readonly EvidenceFinding[];
  readonly findingCount: number;
};

/** Who can bring the paper: what two sellers claim is the operator's to settle. */
export function ownerOf(decision: OrderDecision): PaperOwner {
  const isDisputed = decision.findings.some(({ code }) => code === "order-of-another-seller");
  return isDisputed ? "operator" : "seller";
}

export function coverOf(
  payout: SupportedPayout,
  currency: Currency,
  decisions: readonly OrderDecision[],
  dueOf: (orderId: string | null, paper: PaperCode) => CivilDate,
): Cover {
  if (!payout.ordersKnown) return unknownCover(payout, currency, dueOf);
  const papers = decisions.flatMap((decision) =>
    decision.missing.map((paper) => ({ decision, paper })),
  );
  const findings = decisions.flatMap(({ orderId, findings: own }) =>
    own.map((finding) => ({ ...finding, orderId })),
  );
  return {
    currency,
    requiredMinor: sum(decisions.map(({ saleMinor }) => saleMinor)),
    coveredMinor: sum(decisions.map(({ coveredMinor }) => coveredMinor)),
    refundedMinor: sum(payout.orders.map(({ refundMinor }) => refundMinor)),
    otherMinor: payout.totalMinor - sum(payout.orders.map(({ netMinor }) => netMinor)),
    orderCount: decisions.length,
    coveredCount: decisions.filter(({ saleMinor, coveredMinor }) => coveredMinor === saleMinor)
      .length,
    unshippedCount: decisions.filter(({ isShipped }) => !isShipped).length,
    ordersKnown: true,
    provisional: provisionalOf(decisions, dueOf),
    modes: modesOf(decisions),
    papers: countsOf(papers),
    missing: papers.slice(0, MISSING_LISTED_MAX).map(({ decision, paper }) => ({
      orderId: decision.orderId,
      paper,
      amountMinor: decision.saleMinor,
      owner: ownerOf(decision),
      dueOn: dueOf(decision.orderId, paper),
    })),
    findings: findings.slice(0, MISSING_LISTED_MAX),
    findingCount: findings.length,
  };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, minor) => total + minor, 0n);
}

/** Statements whose orders were never summed support nothing until they are read again. */
function unknownCover(
  payout: SupportedPayout,
  currency: Currency,
  dueOf: (orderId: string | null, paper: PaperCode) => CivilDate,
): Cover {
  const amountMinor = payout.totalMinor > 0n ? payout.totalMinor : 0n;
  const paper = "settlement-report";
  return {
    currency,
    requiredMinor: amountMinor,
    coveredMinor: 0n,
    refundedMinor: 0n,
    otherMinor: 0n,
    orderCount: 0,
    coveredCount: 0,
    unshippedCount: 0,
    ordersKnown: false,
    provisional: [],
    modes: [],
    papers: [{ paper, count: 1, amountMinor }],
    missing: [{ orderId: null, paper, amountMinor, owner: "operator", dueOn: dueOf(null, paper) }],
    findings: [],
    findingCount: 0,
  };
}

function provisionalOf(
  decisions: readonly OrderDecision[],
  dueOf: (orderId: string, paper: PaperCode) => CivilDate,
): readonly ProvisionalDue[] {
  const byDay = new Map<CivilDate, ProvisionalDue>();
  for (const { orderId, isProvisional, coveredMinor } of decisions) {
    if (!isProvisional) continue;
    const dueOn = dueOf(orderId, "tracking-number");
    const known = byDay.get(dueOn);
    byDay.set(dueOn, {
      dueOn,
      count: (known?.count ?? 0) + 1,
      amountMinor: (known?.amountMinor ?? 0n) + coveredMinor,
    });
  }
  return [...byDay.values()].toSorted((left, right) => left.dueOn.localeCompare(right.dueOn));
}

function modesOf(decisions: readonly OrderDecision[]): readonly CustomsModeAmount[] {
  const sums = new Map<CustomsModeAmount["mode"], bigint>();
  for (const { mode, saleMinor } of decisions) sums.set(mode, (sums.get(mode) ?? 0n) + saleMinor);
  return [...sums]
    .map(([mode, amountMinor]) => ({ mode, amountMinor }))
    .toSorted((left, right) => left.mode.localeCompare(right.mode));
}

function countsOf(
  papers: readonly { readonly decision: OrderDecision; readonly paper: PaperCode }[],
): readonly MissingCount[] {
  const counts = new Map<PaperCode, MissingCount>();
  for (const { decision, paper } of papers) {
    const known = counts.get(paper);
    counts.set(paper, {
      paper,
      count: (known?.count ?? 0) + 1,
      amountMinor: (known?.amountMinor ?? 0n) + decision.saleMinor,
    });
  }
  return [...counts.values()];
}
