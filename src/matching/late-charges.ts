// Charges that are documented after their credit was matched: an advice may come without them, and the payment's own
// message later. They are booked as if they had been known from the start, as a match of its own that moves no money.

import type { LedgerStep } from "../books/journal.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { explainGross } from "./explain-gross.ts";
import {
  type Allocation,
  byFirstDay,
  chargeLimitsOf,
  type MatchLayer,
  type OpenCredit,
  type OpenPayout,
} from "./match-credits.ts";
import { loadCredits, loadPayouts } from "./match-facts.ts";
import { writeMatches } from "./match-step.ts";

/** What a credit's matches with one payout come to. */
export type MatchedSum = {
  readonly creditId: string;
  readonly payoutId: string;
  readonly layer: MatchLayer;
  readonly paidMinor: bigint;
  readonly chargeMinor: bigint;
  /** In the payout's own currency, and nothing of the credit was taken back. */
  readonly isWhole: boolean;
};

/**
 * Looks again at credits that are matched already and are told better now: books what their messages document of
 * charges and did not before. Credits that were taken back, in part or whole, stay as they are. Returns all payouts
 * that the credits pay: a payer's name may have come too.
 */
export async function reviewMatched(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  touchedIds: readonly string[],
  policy: Policy,
  now: Instant,
): Promise<readonly string[]> {
  const matched = await loadMatched(tx, tenantId, touchedIds);
  const whole = matched.filter(({ isWhole }) => isWhole);
  const payoutIds = idsOf(matched, "payoutId");
  if (whole.length === 0) return payoutIds;
  const credits = await loadCredits(tx, tenantId, idsOf(whole, "creditId"), policy);
  const payouts = await loadPayouts(tx, tenantId, payoutIds, policy);
  const allocations = credits.flatMap((credit) => lateCharge(credit, payouts, whole, policy));
  await writeMatches(tx, ledger, tenantId, { credits, payouts, policy, now }, allocations);
  return payoutIds;
}

function idsOf(matched: readonly MatchedSum[], name: "creditId" | "payoutId"): readonly string[] {
  return [...new Set(matched.map((item) => item[name]))];
}

/** What the touched credits are matched to. */
async function loadMatched(
  tx: Tx,
  tenantId: string,
  touchedIds: readonly string[],
): Promise<readonly MatchedSum[]> {
  return tx.query<MatchedSum>(
    `SELECT m.credit_id AS "creditId", coalesce(p.merged_into, p.payout_id) AS "payoutId", min(m.layer) AS layer,
            sum(m.paid_minor)::bigint AS "paidMinor", sum(m.charge_minor)::bigint AS "chargeMinor",
            bool_and(m.charge_currency = m.currency AND NOT EXISTS (
              SELECT 1 FROM undo u WHERE u.tenant_id = m.tenant_id AND u.credit_id = m.credit_id)) AS "isWhole"
       FROM match m JOIN payout p ON p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id
      WHERE m.tenant_id = $1 AND m.credit_id = ANY($2::text[])
      GROUP BY 1, 2`,
    [tenantId, touchedIds],
    { name: "matched-credits" },
  );
}

/** What the whole credit would be explained by today, less the charges that are booked for it. */
export function lateCharge(
  credit: OpenCredit,
  payouts: readonly OpenPayout[],
  matched: readonly MatchedSum[],
  policy: Policy,
): readonly Allocation[] {
  const own = matched.filter(({ creditId }) => creditId === credit.creditId);
  const paid = payouts
    .filter(({ payoutId }) => own.some((item) => item.payoutId === payoutId))
    .sort(byFirstDay);
  const wantedMinor = sum([
    ...paid.map(({ openMinor }) => openMinor),
    ...own.map(({ paidMinor }) => paidMinor),
  ]);
  const whole = { ...credit, openMinor: credit.amountMinor, undoneMinor: 0n };
  const gross = explainGross(whole, credit.currency, wantedMinor, chargeLimitsOf(policy));
  const chargeMinor = gross.chargeMinor - sum(own.map((item) => item.chargeMinor));
  const bearer = paid.find((payout) => payout.openMinor >= chargeMinor);
  const layer = own.find(({ payoutId }) => payoutId === bearer?.payoutId)?.layer;
  if (chargeMinor <= 0n || bearer === undefined || layer === undefined) return [];
  const { creditId } = credit;
  const { payoutId } = bearer;
  return [{ creditId, payoutId, amountMinor: 0n, paidMinor: chargeMinor, chargeMinor, layer }];
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
