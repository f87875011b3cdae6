// Money that came and was taken back before its payout was known: nothing is left to match, but the payout it would
// have paid was returned all the same, as if the payout had been known first.

import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { chargeLimitsOf, matchCredits } from "./match-credits.ts";
import { loadCredits, loadPayouts } from "./match-facts.ts";

/** Credits of one seller's that were taken back whole from suspense and are looked at, latest first. */
const RETURNED_CREDITS_MAX = 500;

/** What credits would have paid of the payouts, had they not been taken back before: minor units by payout. */
export async function payoutsReturnedBefore(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  policy: Policy,
): Promise<ReadonlyMap<string, bigint>> {
  if (payoutIds.length === 0) return new Map();
  const returned = await tx.query<{ credit_id: string }>(
    `SELECT DISTINCT u.credit_id, t.value_on FROM undo u
       JOIN bank_transaction t ON t.tenant_id = u.tenant_id AND t.transaction_id = u.credit_id
      WHERE u.tenant_id = $1 AND u.match_id IS NULL AND NOT t.is_open
        AND NOT EXISTS (SELECT 1 FROM match m WHERE m.tenant_id = u.tenant_id AND m.credit_id = u.credit_id)
        AND t.seller_id IN (SELECT p.seller_id FROM payout p WHERE p.tenant_id = $1 AND p.payout_id = ANY($2::text[]))
      ORDER BY t.value_on DESC NULLS LAST, u.credit_id LIMIT $3`,
    [tenantId, payoutIds, RETURNED_CREDITS_MAX],
  );
  if (returned.length === 0) return new Map();
  const ids = returned.map((row) => row.credit_id);
  const credits = await loadCredits(tx, tenantId, ids, policy);
  const payouts = await loadPayouts(tx, tenantId, payoutIds, policy);
  const { allocations } = matchCredits(
    credits.map((credit) => ({ ...credit, openMinor: credit.amountMinor, undoneMinor: 0n })),
    payouts,
    { charges: chargeLimitsOf(policy), sums: true },
  );
  const paid = new Map<string, bigint>();
  for (const { payoutId, paidMinor } of allocations)
    paid.set(payoutId, (paid.get(payoutId) ?? 0n) + paidMinor);
  return paid;
}
