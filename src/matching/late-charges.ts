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
  /** In the payout's own currency, and something of the credit is left. */
  readonly isPlain: boolean;
};

/**
 * Looks again at credits that are matched already and are told better now: books what their messages document of
 * charges and did not before. Credits that were taken back whole stay as they are. Returns all payouts that the
 * credits pay: a payer's name may have come too.
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
  const plain = matched.filter(({ isPlain }) => isPlain);
  const payoutIds = idsOf(matched, "payoutId");
  if (plain.length === 0) return payoutIds;
  const credits = await loadCredits(tx, tenantId, idsOf(plain, "creditId"), policy);
  const payouts = await loadPayouts(tx, tenantId, payoutIds, policy);
  const allocations = credits.flatMap((credit) => lateCharge(credit, payouts, plain, policy));
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
            sum(m.paid_minor - coalesce(u.paid, 0))::bigint AS "paidMinor", sum(m.charge_minor)::bigint AS "chargeMinor",
            bool_and(m.charge_currency = m.currency AND t.amount_minor > (
              SELECT coalesce(sum(x.amount_minor), 0) FROM undo x
               WHERE x.tenant_id = m.tenant_id AND x.credit_id = m.credit_id)) AS "isPlain"
       FROM unnest($2::text[]) AS touched(credit_id)
      CROSS JOIN LATERAL (SELECT * FROM match m
                           WHERE m.tenant_id = $1 AND m.credit_id = touched.credit_id OFFSET 0) AS m
      CROSS JOIN LATERAL (SELECT * FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = m.payout_id OFFSET 0) AS p
      CROSS JOIN LATERAL (SELECT * FROM bank_transaction t
                           WHERE t.tenant_id = $1 AND t.transaction_id = m.credit_id OFFSET 0) AS t
       LEFT JOIN LATERAL (SELECT sum(x.paid_minor) AS paid FROM undo x
                           WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS u ON true
      GROUP BY 1, 2`,
    [tenantId, [...new Set(touchedIds)]],
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
