// How far the money of a payout is supported by orders, goods and papers: what a rule about evidence may look at. It
// is read from what the evidence step computed (evidence_cover); nothing is decided here but what a date decides.

import type { Currency } from "../money/currency.ts";
import { divideMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate } from "../time/instant.ts";
import type { EvidenceSettings, GoodsMode, PaperCode } from "./settings.ts";

export type PaperOwner = "seller" | "operator" | "bank" | "marketplace";

/** One paper that would cure something; asked for once. */
export type MissingPaper = {
  /** The marketplace's order id; null: a paper of the payout as a whole. */
  readonly orderId: string | null;
  readonly paper: PaperCode;
  /** Of the sales, what it would support; minor units of `EvidenceFacts.currency`. */
  readonly amountMinor: bigint;
  readonly owner: PaperOwner;
  readonly dueOn: CivilDate;
  readonly isOverdue: boolean;
};

export type MissingCount = {
  readonly paper: PaperCode;
  readonly count: number;
  readonly amountMinor: bigint;
};

/** Missing papers and findings that are kept one by one with a payout; all of them are counted. */
export const MISSING_LISTED_MAX = 1000;

/** A tracking number that stands for more than it may. The other side is never named here. */
export type TrackingReused = {
  readonly orderId: string;
  readonly trackingNumber: string;
  /** `another-seller`: an order of somebody else has it too; `own`: too many orders of this seller have it. */
  readonly by: "own" | "another-seller";
};

export type EvidenceFindingCode =
  | "tracking-reused"
  | "order-of-another-seller"
  | "order-used-before"
  | "sale-above-order"
  | "currency-differs"
  | "order-cancelled"
  | "mode-refused";

/** What is wrong with one order, in words that a seller may read. */
export type EvidenceFinding = {
  readonly code: EvidenceFindingCode;
  readonly orderId: string;
  readonly amountMinor: bigint;
  readonly trackingNumber: string | null;
  readonly by: "own" | "another-seller" | null;
};

export type CustomsModeAmount = { readonly mode: GoodsMode; readonly amountMinor: bigint };

export type EvidenceFacts = {
  readonly payoutId: string;
  /** `unknown`: nothing was computed, because no statement with its orders is on record. */
  readonly state: "complete" | "provisional" | "incomplete" | "unknown";
  /** The currency of the statements; a converted payout is paid in another. */
  readonly currency: Currency;
  /** Sales of the orders in the payout's statements. */
  readonly requiredMinor: bigint;
  /** Of them, supported by order, goods and papers. */
  readonly coveredMinor: bigint;
  /** Of the covered, what still owes a tracking number that is not due yet. */
  readonly provisionalMinor: bigint;
  /** `requiredMinor - coveredMinor`. */
  readonly uncoveredMinor: bigint;
  /** Given back to buyers in the payout's statements, positive. */
  readonly refundedMinor: bigint;
  /** Money of the statements that is of no order: reimbursements, reserves, account fees; may be negative. */
  readonly otherMinor: bigint;
  /**
   * The share of sales without support, in ten-thousandths, rounded up: of the money that came, this share must wait.
   * Ten thousand where no order is known.
   */
  readonly uncoveredBps: number;
  readonly orderCount: number;
  readonly ordersCovered: number;
  readonly ordersUnshipped: number;
  readonly ordersOverdue: number;
  /** Orders of the payout's seller whose tracking number is overdue, in whatever payout: debts of the seller. */
  readonly sellerOverdueCount: number;
  /** Every paper that is missing, counted; complete however many there are. */
  readonly missingPapers: readonly MissingCount[];
  /** The missing papers one by one; of a very large payout the first `MISSING_LISTED_MAX`. */
  readonly missing: readonly MissingPaper[];
  readonly trackingReused: readonly TrackingReused[];
  /** The first `MISSING_LISTED_MAX`. */
  readonly findings: readonly EvidenceFinding[];
  readonly findingCount: number;
  /** Sales by how the goods left, in the order of the codes. */
  readonly customsModes: readonly CustomsModeAmount[];
  /** Modes among them that are not accepted ("1039"). */
  readonly refusedModes: readonly GoodsMode[];
};

/** Of an amount of money, what the uncovered share of the sales keeps back: rounded up, never above the amount. */
export function uncoveredShare(facts: EvidenceFacts, amountMinor: bigint): bigint {
  if (amountMinor <= 0n || facts.state === "complete" || facts.state === "provisional") return 0n;
  if (facts.state === "unknown" || facts.requiredMinor <= 0n) return amountMinor;
  const share = divideMinor(amountMinor * facts.uncoveredMinor, facts.requiredMinor, "up");
  return share < amountMinor ? share : amountMinor;
}

/** What still owes a tracking number, by the day it is due. */
export type ProvisionalDue = {
  readonly dueOn: CivilDate;
  readonly count: number;
  readonly amountMinor: bigint;
};

type Texts<Told> = Omit<Told, "amountMinor"> & { readonly amountMinor: string };

type CoverRow = {
  payout_id: string;
  currency: Currency;
  required_minor: bigint;
  covered_minor: bigint;
  refunded_minor: bigint;
  other_minor: bigint;
  order_count: number;
  covered_count: number;
  unshipped_count: number;
  orders_known: boolean;
  provisional: readonly Texts<ProvisionalDue>[];
  modes: readonly Texts<CustomsModeAmount>[];
  papers: readonly Texts<MissingCount>[];
  missing: readonly Texts<Omit<MissingPaper, "isOverdue">>[];
  findings: readonly Texts<EvidenceFinding>[];
  finding_count: number;
  seller_overdue: number;
};

/** The facts of the payouts, one for each that was computed; one statement whatever their number. */
export async function loadEvidenceFacts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  at: { readonly settings: EvidenceSettings; readonly today: CivilDate },
): Promise<ReadonlyMap<string, EvidenceFacts>> {
  if (payoutIds.length === 0) return new Map();
  const covers = await tx.query<CoverRow>(
    `SELECT c.*, (SELECT count(*) FROM paper_request r
                   WHERE r.tenant_id = $1 AND r.seller_id = p.seller_id AND r.due_on < $3::date
                     AND r.cured_at IS NULL AND r.paper = 'tracking-number')::integer AS seller_overdue
       FROM unnest($2::text[]) AS wanted(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM evidence_cover c
                           WHERE c.tenant_id = $1 AND c.payout_id = wanted.payout_id
                           ORDER BY c.version DESC LIMIT 1) AS c
      CROSS JOIN LATERAL (SELECT p.seller_id FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = wanted.payout_id OFFSET 0) AS p`,
    [tenantId, payoutIds, at.today],
    { name: "evidence-covers" },
  );
  return new Map(covers.map((row) => [row.payout_id, factsOf(row, at)]));
}

function factsOf(
  row: CoverRow,
  at: { readonly settings: EvidenceSettings; readonly today: CivilDate },
): EvidenceFacts {
  const provisional = row.provisional.map(exact);
  const lapsed = provisional.filter(({ dueOn }) => dueOn < at.today);
  const lapsedMinor = sumOf(lapsed);
  // An order that was covered until its tracking number was due is covered no longer.
  const coveredMinor = row.covered_minor - lapsedMinor;
  const uncoveredMinor = row.required_minor - coveredMinor;
  const provisionalMinor = sumOf(provisional) - lapsedMinor;
  const overdueCount = lapsed.reduce((count, due) => count + due.count, 0);
  const findings = row.findings.map(exact);
  const modes = row.modes.map(exact);
  return {
    payoutId: row.payout_id,
    state: stateOf(row, uncoveredMinor, provisionalMinor),
    currency: row.currency,
    requiredMinor: row.required_minor,
    coveredMinor,
    provisionalMinor,
    uncoveredMinor,
    refundedMinor: row.refunded_minor,
    otherMinor: row.other_minor,
    uncoveredBps: uncoveredBps(row, uncoveredMinor),
    orderCount: row.order_count,
    ordersCovered: row.covered_count - overdueCount,
    ordersUnshipped: row.unshipped_count,
    ordersOverdue: overdueCount,
    sellerOverdueCount: row.seller_overdue,
    missingPapers: row.papers.map(exact),
    missing: row.missing.map((paper) => ({ ...exact(paper), isOverdue: paper.dueOn < at.today })),
    trackingReused: findings.flatMap(({ code, orderId, trackingNumber, by }) =>
      code === "tracking-reused" && trackingNumber !== null && by !== null
        ? [{ orderId, trackingNumber, by }]
        : [],
    ),
    findings,
    findingCount: row.finding_count,
    customsModes: modes,
    refusedModes: modes
      .map(({ mode }) => mode)
      .filter((mode) => !at.settings.acceptedModes.includes(mode)),
  };
}

function exact<Told extends { readonly amountMinor: string }>(told: Told) {
  return { ...told, amountMinor: BigInt(told.amountMinor) };
}

function sumOf(parts: readonly { readonly amountMinor: bigint }[]): bigint {
  return parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

function stateOf(row: CoverRow, uncoveredMinor: bigint, provisionalMinor: bigint) {
  if (!row.orders_known) return "unknown";
  if (uncoveredMinor > 0n) return "incomplete";
  return provisionalMinor > 0n ? "provisional" : "complete";
}

function uncoveredBps(row: CoverRow, uncoveredMinor: bigint): number {
  if (!row.orders_known) return 10_000;
  if (row.required_minor <= 0n) return 0;
  return Number(divideMinor(uncoveredMinor * 10_000n, row.required_minor, "up"));
}
