// Carries cases on: after facts changed, whatever they allow now is linked, matched, undone and released.

import type { LedgerStep } from "../books/journal.ts";
import { linkPayouts } from "../matching/link-step.ts";
import { matchOpenCredits } from "../matching/match-step.ts";
import { undoCredits } from "../matching/undo-step.ts";
import type { Policy } from "../policy/policy.ts";
import { releasePayouts } from "../release/release-step.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";

export type SettleContext = {
  readonly tenantId: string;
  readonly policy: Policy;
  readonly now: Instant;
};

/** What changed before a case is carried on: who and what must be looked at again. */
export type Touched = {
  /** Sellers whose statements, payouts or accounts changed. */
  readonly sellerIds: readonly string[];
  readonly payoutIds: readonly string[];
  /** Credits and debits that are new, became money or got a seller. */
  readonly transactionIds: readonly string[];
};

/** Links, matches, undoes and releases whatever the touched facts allow now. */
export async function carryOn(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, policy, now }: SettleContext,
  touched: Touched,
): Promise<void> {
  const { sellerIds, transactionIds } = touched;
  const linked = await linkPayouts(tx, tenantId, sellerIds, now);
  const which = { creditIds: transactionIds, sellerIds };
  const matched = await matchOpenCredits(tx, ledger, tenantId, which, policy, now);
  const undone = await undoCredits(tx, ledger, tenantId, transactionIds, policy.zone, now);
  const payoutIds = new Set([...touched.payoutIds, ...linked, ...matched, ...undone]);
  await releasePayouts(tx, ledger, tenantId, [...payoutIds], policy, now);
}

