// What of a payout is paid, from its matches and what was taken back of them.

import type { ReleaseFacts } from "./decide-release.ts";

/** What the payout was paid and still is: arrived and deducted on the way, less what was taken back. */
export function netPaidMinor(facts: Pick<ReleaseFacts, "matches">): bigint {
  return facts.matches.reduce((sum, match) => sum + match.paidMinor - match.undonePaidMinor, 0n);
}
