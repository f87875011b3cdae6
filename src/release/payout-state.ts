// The one word that says where a payout stands, derived from its facts and the decision about it.

import type { ReleaseDecision, ReleaseFacts } from "./decide-release.ts";
import { netPaidMinor } from "./net-paid.ts";

export type PayoutState =
  /** A proven statement owes it; nobody announced it yet. */
  | "expected"
  | "announced"
  /** Money is there and may not be used yet. */
  | "held"
  | "released"
  /** Some of it is released, the rest is held or has not come. */
  | "part-released"
  /** The bank took the money back. */
  | "returned"
  | "failed"
  /** It turned out to be the same money as another payout. */
  | "merged"
  /** The marketplace took money from the seller instead. */
  | "charged";

export function payoutState(
  facts: ReleaseFacts,
  decision: ReleaseDecision,
): { readonly state: PayoutState; readonly isOpen: boolean } {
  if (facts.amountMinor <= 0n) return { state: "charged", isOpen: false };
  const releasedBefore = facts.matches.reduce((sum, match) => sum + match.releasedMinor, 0n);
  const releasedNow = decision.releases.reduce((sum, release) => sum + release.amountMinor, 0n);
  const released = releasedBefore + releasedNow;
  const undone = facts.matches.reduce((sum, match) => sum + match.undoneMinor, 0n);
  const paid = netPaidMinor(facts);
  if (decision.holds.length > 0)
    return { state: released > 0n ? "part-released" : "held", isOpen: true };
  if (released > 0n) {
    return paid >= facts.amountMinor
      ? { state: "released", isOpen: false }
      : { state: "part-released", isOpen: true };
  }
  if (facts.announcedStatus === "failed" || facts.announcedStatus === "cancelled") {
    return { state: "failed", isOpen: false };
  }
  if (undone > 0n || facts.returnedBeforeMinor > 0n) return { state: "returned", isOpen: true };
  return { state: facts.source === "statement" ? "expected" : "announced", isOpen: true };
}
