// What every bank transport has in common: it hands received bytes to one port, keeps its place in one table, and puts
// aside what cannot be taken however often it is tried.

import { Outage } from "../../errors/outage.ts";
import type { Accept } from "../../inbox/inbound.ts";
import type { Database, Tx } from "../../storage/database.ts";
import type { Clock } from "../../time/clock.ts";

export type TransportDeps = {
  readonly database: Database;
  readonly tenantId: string;
  readonly clock: Clock;
  readonly accept: Accept;
};

/** What a look at a connection did. */
export type TransportOutcome = {
  /** Items that the inbox has now, new or seen. */
  readonly accepted: number;
  /** Items that the inbox kept and refused, and items that never got there: damaged, too large. */
  readonly refused: number;
  /** Items left for the next look. */
  readonly waiting: number;
};

/** Tries to take one item before it is put aside, where the fault is not an outage. */
export const ATTEMPTS_MAX = 5;

/** The source that an item of the connection is filed under. */
export function sourceOf(connectionId: string): string {
  return `bank:${connectionId}`;
}

/** An outage passes; anything else is a fault of this one item, and is counted. */
export function isPassing(error: unknown): boolean {
  return error instanceof Outage && error.retryable;
}

/** Counts a failed try to take an item; returns how many there were. */
export async function noteAttempt(
  { database, tenantId, clock }: Omit<TransportDeps, "accept">,
  connectionId: string,
  itemKey: string,
  error: unknown,
): Promise<number> {
  const rows = await database.query<{ attempts: number }>(
    `INSERT INTO bank_attempt (tenant_id, connection_id, item_key, attempts, last_error, last_at)
     VALUES ($1, $2, $3, 1, $4, $5)
     ON CONFLICT (tenant_id, connection_id, item_key) DO UPDATE
       SET attempts = bank_attempt.attempts + 1, last_error = $4, last_at = $5
     RETURNING attempts`,
    [tenantId, connectionId, itemKey, messageOf(error), clock.now()],
  );
  return rows[0]!.attempts;
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}

export type Cursor<Position> = {
  readonly position: Position | null;
  /** 0 before the first. */
  readonly version: bigint;
};

export async function loadCursor<Position>(
  tx: Tx,
  tenantId: string,
  connectionId: string,
): Promise<Cursor<Position>> {
  const rows = await tx.query<{ position: Position; version: bigint }>(
    "SELECT position, version FROM bank_cursor WHERE tenant_id = $1 AND connection_id = $2",
    [tenantId, connectionId],
  );
  return rows[0] ?? { position: null, version: 0n };
}

/**
 * Moves the cursor on from the version that was loaded; false when another program moved it meanwhile, and nothing
 * is changed.
 */
export async function saveCursor(
  tx: Tx,
  { tenantId, clock }: Pick<TransportDeps, "tenantId" | "clock">,
  connectionId: string,
  from: bigint,
  position: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO bank_cursor AS c (tenant_id, connection_id, position, version, saved_at)
     SELECT $1::text, $2::text, $3::jsonb, $4::bigint + 1, $5::timestamptz
      WHERE $4::bigint = 0 OR EXISTS (SELECT 1 FROM bank_cursor WHERE tenant_id = $1 AND connection_id = $2)
     ON CONFLICT (tenant_id, connection_id) DO UPDATE
       SET position = excluded.position, version = excluded.version, saved_at = excluded.saved_at
       WHERE c.version = $4::bigint
     RETURNING 1`,
    [tenantId, connectionId, position, from, clock.now()],
  );
  return rows.length === 1;
}
