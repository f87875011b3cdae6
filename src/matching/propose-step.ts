// What would match if somebody said whose it is: credits on unbound accounts against unclaimed payouts. Nothing is
// matched or posted; the payout is held until its seller is known.

import type { Currency } from "../money/currency.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { chargeLimitsOf, matchCredits } from "./match-credits.ts";
import { loadUnclaimedCredits, loadUnclaimedPayouts } from "./match-facts.ts";

/** Money that stands on an unbound account and would pay the payout. */
export type Proposal = {
  readonly payoutId: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
};

/** The proposals for all unclaimed open payouts, and the ids of those payouts. */
export async function proposeMatches(
  tx: Tx,
  tenantId: string,
  policy: Policy,
): Promise<{
  readonly payoutIds: readonly string[];
  readonly proposals: ReadonlyMap<string, Proposal>;
}> {
  const payouts = await loadUnclaimedPayouts(tx, tenantId, policy);
  if (payouts.length === 0) return { payoutIds: [], proposals: new Map() };
  const credits = await loadUnclaimedCredits(tx, tenantId, policy);
  const settings = { charges: chargeLimitsOf(policy), sums: true };
  const currencyOf = new Map(credits.map((credit) => [credit.creditId, credit.currency]));
  const proposals = new Map<string, Proposal>();
  for (const allocation of matchCredits(credits, payouts, settings).allocations) {
    const currency = currencyOf.get(allocation.creditId);
    if (currency === undefined) continue;
    const { payoutId } = allocation;
    const before = proposals.get(payoutId)?.amountMinor ?? 0n;
    proposals.set(payoutId, { payoutId, currency, amountMinor: before + allocation.amountMinor });
  }
  return { payoutIds: payouts.map((payout) => payout.payoutId), proposals };
}
