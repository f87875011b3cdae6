// Answers that the API keeps for repeated requests (table idempotency_key) are forgotten when their time is over.

import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";

/** Forgets them; returns how many. */
export async function forgetAnswers(tx: Tx, tenantId: string, now: Instant): Promise<number> {
  const gone = await tx.query(
    `DELETE FROM idempotency_key WHERE tenant_id = $1 AND expires_at <= $2 RETURNING 1`,
    [tenantId, now],
  );
  return gone.length;
}
