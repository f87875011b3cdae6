// Carries cases on: after facts changed, whatever they allow now is linked, matched, undone and released.

import type { LedgerStep } from "../books/journal.ts";
import { prepareDeclarations } from "../declaration/prepare-step.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../evidence/settings.ts";
import { supportPayouts } from "../evidence/support-step.ts";
import { convertPayouts } from "../matching/convert-step.ts";
import { failTakenBackOf } from "../matching/failed-transfers.ts";
import { reviewMatched } from "../matching/late-charges.ts";
import { linkPayouts } from "../matching/link-step.ts";
import { matchOpenCredits } from "../matching/match-step.ts";
import { proposeMatches } from "../matching/propose-step.ts";
import { undoCredits } from "../matching/undo-step.ts";
import type { Policy } from "../policy/policy.ts";
import { releasePayouts } from "../release/release-step.ts";
import type { Tx } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";

export type SettleContext = {
  readonly tenantId: string;
  readonly policy: Policy;
  /** Asked once for each stage, so that the timeline tells how long each took. */
  readonly clock: Clock;
  /**
   * May a file bind the accounts in it to its seller? True where the person at the machine hands the files over; false
   * where a binding needs two people: money on accounts of nobody then waits until one is approved.
   */
  readonly filesBindAccounts: boolean;
};

/** What changed before a case is carried on: who and what must be looked at again. */
export type Touched = {
  /** Sellers whose statements, payouts or accounts changed; null: facts that nobody has claimed. */
  readonly sellerIds: readonly (string | null)[];
  readonly payoutIds: readonly string[];
  /** Credits and debits that are new, became money, are told better or got a seller. */
  readonly transactionIds: readonly string[];
};

/** Links, matches, undoes and releases whatever the touched facts allow now. */
export async function carryOn(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, policy, clock }: SettleContext,
  touched: Touched,
): Promise<void> {
  const { sellerIds, transactionIds } = touched;
  const linked = await linkPayouts(tx, tenantId, sellerIds, clock.now());
  const reviewed = await reviewMatched(tx, ledger, tenantId, transactionIds, policy, clock.now());
  const known = sellerIds.filter((id) => id !== null);
  const which = { creditIds: transactionIds, sellerIds: known };
  const matched = await matchOpenCredits(tx, ledger, tenantId, which, policy, clock.now());
  const undone = await undoCredits(tx, ledger, tenantId, transactionIds, policy.zone, clock.now());
  const failed = await failTakenBackOf(tx, tenantId, touched, clock.now());
  const unclaimed = await proposeMatches(tx, tenantId, policy);
  const own = [
    ...new Set([...touched.payoutIds, ...linked, ...reviewed, ...matched, ...undone, ...failed]),
  ];
  await convertPayouts(tx, ledger, tenantId, own, { zone: policy.zone, now: clock.now() });
  const payoutIds = new Set([...own, ...unclaimed.payoutIds]);
  if (policy.evidence !== null) {
    const at = { settings: policy.evidence, zone: policy.zone, now: clock.now() };
    await supportPayouts(tx, tenantId, [...payoutIds], at);
  }
  await releasePayouts(tx, ledger, tenantId, [...payoutIds], {
    policy,
    now: clock.now(),
    proposals: unclaimed.proposals,
  });
  if (policy.declaration !== null) {
    await prepareDeclarations(tx, tenantId, [...payoutIds], {
      settings: policy.declaration,
      evidence: policy.evidence ?? DEFAULT_EVIDENCE_SETTINGS,
      zone: policy.zone,
      now: clock.now(),
    });
  }
}
