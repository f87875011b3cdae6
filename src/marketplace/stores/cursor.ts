// How far each kind of work of a store is, and how it goes: the cursor is saved with what was learned, a failure is
// counted until the next whole poll.

import type { Database, Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";

export type StoreWork =
  | "reports"
  | "payouts"
  | "event-groups"
  | "balances"
  | "expected-payouts"
  | "deferred"
  | "control-totals"
  | "account"
  | "payout-requests";

export type CursorKey = {
  readonly tenantId: string;
  readonly storeId: string;
  readonly work: StoreWork;
};

/** What was saved last; an empty object before the first whole poll. */
export async function loadCursor(
  tx: Tx,
  { tenantId, storeId, work }: CursorKey,
): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await tx.query<{ cursor: Readonly<Record<string, unknown>> }>(
    `SELECT cursor FROM store_cursor WHERE tenant_id = $1 AND store_id = $2 AND operation = $3`,
    [tenantId, storeId, work],
  );
  return row?.cursor ?? {};
}

/** A whole poll that began at `polledAt` ended well. */
export async function saveCursor(
  tx: Tx,
  { tenantId, storeId, work }: CursorKey,
  cursor: Readonly<Record<string, unknown>>,
  polledAt: Instant,
): Promise<void> {
  await tx.query(
    `INSERT INTO store_cursor (tenant_id, store_id, operation, cursor, polled_at, failure_count)
     VALUES ($1, $2, $3, $4, $5, 0)
     ON CONFLICT (tenant_id, store_id, operation)
     DO UPDATE SET cursor = excluded.cursor, polled_at = excluded.polled_at, failure_count = 0, failure = NULL`,
    [tenantId, storeId, work, cursor, polledAt],
  );
}

/** Characters of a failure that are kept. */
const FAILURE_LENGTH_MAX = 500;

export async function noteFailure(
  database: Database,
  { tenantId, storeId, work }: CursorKey,
  failure: string,
  now: Instant,
): Promise<void> {
  await database.query(
    `INSERT INTO store_cursor (tenant_id, store_id, operation, cursor, failed_at, failure_count, failure)
     VALUES ($1, $2, $3, '{}', $4, 1, $5)
     ON CONFLICT (tenant_id, store_id, operation)
     DO UPDATE SET failed_at = excluded.failed_at, failure = excluded.failure,
                   failure_count = store_cursor.failure_count + 1`,
    [tenantId, storeId, work, now, failure.slice(0, FAILURE_LENGTH_MAX)],
  );
}
