// Declares receipts that are not declared: from before the policy named a reporting bank, or of a day whose numbers were
// used up.

import { prepareDeclarations, undeclaredPayouts } from "../declaration/prepare-step.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../evidence/settings.ts";
import type { Tx } from "../storage/database.ts";
import type { SettleContext } from "./carry-on.ts";

export async function declareLeft(
  tx: Tx,
  { tenantId, policy, clock }: SettleContext,
): Promise<number> {
  if (policy.declaration === null) return 0;
  const payoutIds = await undeclaredPayouts(tx, tenantId);
  await prepareDeclarations(tx, tenantId, payoutIds, {
    settings: policy.declaration,
    evidence: policy.evidence ?? DEFAULT_EVIDENCE_SETTINGS,
    zone: policy.zone,
    now: clock.now(),
  });
  return payoutIds.length;
}
