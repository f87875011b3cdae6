// How far the money of a payout is supported by orders, goods and papers: what a rule about evidence may look at. It
// is read from what the evidence step computed (evidence_cover) and asked for (paper_request); nothing is decided here.

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
  readonly missing: readonly MissingPaper[];
  readonly trackingReused: readonly TrackingReused[];
  readonly findings: readonly EvidenceFinding[];
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

type CoverRow = {
  payout_id: string;
  currency: Currency;
  required_minor: bigint;
  covered_minor: bigint;
  provisional_minor: bigint;
  refunded_minor: bigint;
  other_minor: bigint;
  order_count: number;
  covered_count: number;
  unshipped_count: number;
  orders_known: boolean;
  modes: readonly { mode: GoodsMode; amountMinor: string }[];
  findings: readonly (Omit<EvidenceFinding, "amountMinor"> & { amountMinor: string })[];
};

type RequestRow = {
  payout_id: string;
  order_id: string;
  paper: PaperCode;
  amount_minor: bigint;
  owner: PaperOwner;
  due_on: CivilDate;
};

/** The facts of the payouts, one for each that was computed; two statements whatever their number. */
export async function loadEvidenceFacts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  at: { readonly settings: EvidenceSettings; readonly today: CivilDate },
): Promise<ReadonlyMap<string, EvidenceFacts>> {
  if (payoutIds.length === 0) return new Map();
  const covers = await tx.query<CoverRow>(
    `SELECT c.* FROM unnest($2::text[]) AS wanted(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM evidence_cover c
                           WHERE c.tenant_id = $1 AND c.payout_id = wanted.payout_id
                           ORDER BY c.version DESC LIMIT 1) AS c`,
    [tenantId, payoutIds],
    { name: "evidence-covers" },
  );
  const requests = await tx.query<RequestRow>(
    `SELECT r.payout_id, r.order_id, r.paper, r.amount_minor, r.owner, r.due_on
       FROM unnest($2::text[]) AS wanted(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM paper_request r
                           WHERE r.tenant_id = $1 AND r.payout_id = wanted.payout_id OFFSET 0) AS r
      WHERE r.cured_at IS NULL ORDER BY r.payout_id, r.order_id, r.paper`,
    [tenantId, payoutIds],
    { name: "evidence-requests" },
  );
  const missing = new Map<string, RequestRow[]>();
  for (const row of requests) {
    const own = missing.get(row.payout_id);
    if (own === undefined) missing.set(row.payout_id, [row]);
    else own.push(row);
  }
  return new Map(
    covers.map((row) => [row.payout_id, factsOf(row, missing.get(row.payout_id) ?? [], at)]),
  );
}

function factsOf(
  row: CoverRow,
  requests: readonly RequestRow[],
  at: { readonly settings: EvidenceSettings; readonly today: CivilDate },
): EvidenceFacts {
  const missing = requests.map((request) => missingOf(request, at.today));
  const findings = row.findings.map((finding) => ({
    ...finding,
    amountMinor: BigInt(finding.amountMinor),
  }));
  const modes = row.modes.map(({ mode, amountMinor }) => ({
    mode,
    amountMinor: BigInt(amountMinor),
  }));
  const overdue = missing.filter((paper) => paper.paper === "tracking-number" && paper.isOverdue);
  // An order that was covered until its tracking number was due is covered no longer.
  const lapsed = lapsedMinor(row, overdue, at.settings);
  const coveredMinor = row.covered_minor - lapsed;
  const uncoveredMinor = row.required_minor - coveredMinor;
  return {
    payoutId: row.payout_id,
    state: stateOf(row, uncoveredMinor, row.provisional_minor - lapsed),
    currency: row.currency,
    requiredMinor: row.required_minor,
    coveredMinor,
    provisionalMinor: row.provisional_minor - lapsed,
    uncoveredMinor,
    refundedMinor: row.refunded_minor,
    otherMinor: row.other_minor,
    uncoveredBps: uncoveredBps(row, uncoveredMinor),
    orderCount: row.order_count,
    ordersCovered: row.covered_count - (lapsed === 0n ? 0 : overdue.length),
    ordersUnshipped: row.unshipped_count,
    ordersOverdue: overdue.length,
    missing,
    trackingReused: findings.flatMap(({ code, orderId, trackingNumber, by }) =>
      code === "tracking-reused" && trackingNumber !== null && by !== null
        ? [{ orderId, trackingNumber, by }]
        : [],
    ),
    findings,
    customsModes: modes,
    refusedModes: modes
      .map(({ mode }) => mode)
      .filter((mode) => !at.settings.acceptedModes.includes(mode)),
  };
}

function missingOf(request: RequestRow, today: CivilDate): MissingPaper {
  return {
    orderId: request.order_id === "" ? null : request.order_id,
    paper: request.paper,
    amountMinor: request.amount_minor,
    owner: request.owner,
    dueOn: request.due_on,
    isOverdue: request.due_on < today,
  };
}

function lapsedMinor(
  row: CoverRow,
  overdue: readonly MissingPaper[],
  settings: EvidenceSettings,
): bigint {
  if (settings.unshipped === "hold") return 0n;
  const sum = overdue.reduce((total, paper) => total + paper.amountMinor, 0n);
  return sum < row.provisional_minor ? sum : row.provisional_minor;
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
