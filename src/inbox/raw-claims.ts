// What a process that does not hold the ledger was told about whose a file is: kept until the one that holds it has
// made the file the seller's.

import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";

export type RawClaim = { readonly sha256: string; readonly sellerId: string };

export async function noteClaim(
  tx: Tx,
  tenantId: string,
  claim: RawClaim,
  now: Instant,
): Promise<void> {
  await tx.query(
    `INSERT INTO raw_claim (tenant_id, sha256, seller_id, claimed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [tenantId, claim.sha256, claim.sellerId, now],
  );
}

/** Open claims, oldest first, at most so many. */
export async function loadClaims(
  tx: Tx,
  tenantId: string,
  limit: number,
): Promise<readonly RawClaim[]> {
  const rows = await tx.query<{ sha256: string; seller_id: string }>(
    `SELECT sha256, seller_id FROM raw_claim WHERE tenant_id = $1
      ORDER BY claimed_at, sha256, seller_id LIMIT $2`,
    [tenantId, limit],
  );
  return rows.map((row) => ({ sha256: row.sha256, sellerId: row.seller_id }));
}

/** The claim was heard, whatever the answer. */
export async function dropClaim(tx: Tx, tenantId: string, claim: RawClaim): Promise<void> {
  await tx.query("DELETE FROM raw_claim WHERE tenant_id = $1 AND sha256 = $2 AND seller_id = $3", [
    tenantId,
    claim.sha256,
    claim.sellerId,
  ]);
}
