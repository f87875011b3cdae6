// Takes what is said of enterprises, and decides anew the payouts that wait: a class or a place in the directory may
// hold or free them.

import type { LedgerStep } from "../books/journal.ts";
import { type EnterpriseRecord, recordEnterprises } from "../identity/enterprises.ts";
import { releasePayouts } from "../release/release-step.ts";
import type { Tx } from "../storage/database.ts";
import type { SettleContext } from "./carry-on.ts";

export type EnterprisesTaken = { readonly recorded: number; readonly decidedAgain: number };

export async function takeEnterprises(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, policy, clock }: SettleContext,
  records: readonly EnterpriseRecord[],
  actor: string,
): Promise<EnterprisesTaken> {
  const now = clock.now();
  const recorded = await recordEnterprises(tx, tenantId, records, { actor, now });
  const waiting = await tx.query<{ payout_id: string }>(
    `SELECT payout_id FROM payout
      WHERE tenant_id = $1 AND seller_id = ANY ($2::text[]) AND is_open AND merged_into IS NULL
      ORDER BY payout_id`,
    [tenantId, [...new Set(records.map(({ sellerId }) => sellerId))]],
  );
  const payoutIds = waiting.map(({ payout_id }) => payout_id);
  await releasePayouts(tx, ledger, tenantId, payoutIds, { policy, now });
  return { recorded, decidedAgain: payoutIds.length };
}
