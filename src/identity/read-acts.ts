// Reading the audit trail: events of somebody. A seller sees the acts of its own users and keys and those about them,
// and of nobody else.

import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";

export type RecordedAct = {
  readonly seq: bigint;
  readonly at: Instant;
  readonly actor: string;
  readonly kind: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type ActFilter = {
  /** The one seller whose people the reader may see; null: everybody's. */
  readonly sellerId: string | null;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly kind: string | null;
  readonly from: Instant | null;
  readonly to: Instant | null;
  /** Acts before this place in the feed; null: from the newest. */
  readonly before: bigint | null;
  readonly limit: number;
};

/** Newest first. */
export async function readActs(
  tx: Tx,
  tenantId: string,
  filter: ActFilter,
): Promise<readonly RecordedAct[]> {
  return tx.query<RecordedAct>(
    `WITH own AS (
       SELECT user_id AS id FROM access_user WHERE tenant_id = $1 AND seller_id = $2
       UNION ALL SELECT key_id FROM access_key WHERE tenant_id = $1 AND seller_id = $2)
     SELECT e.seq, e.at, e.actor, e.kind, e.subject, e.data FROM timeline_event e
      WHERE e.tenant_id = $1 AND e.actor IS NOT NULL
        AND ($2::text IS NULL OR e.actor IN (SELECT id FROM own) OR e.subject IN (SELECT id FROM own))
        AND ($3::text IS NULL OR e.actor = $3) AND ($4::text IS NULL OR e.subject = $4)
        AND ($5::text IS NULL OR e.kind = $5)
        AND ($6::timestamptz IS NULL OR e.at >= $6) AND ($7::timestamptz IS NULL OR e.at < $7)
        AND ($8::bigint IS NULL OR e.seq < $8)
      ORDER BY e.seq DESC LIMIT $9`,
    [
      tenantId,
      filter.sellerId,
      filter.actor,
      filter.subject,
      filter.kind,
      filter.from,
      filter.to,
      filter.before,
      filter.limit,
    ],
  );
}
