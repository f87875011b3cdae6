// Guessing made slow: after a few failures in a row each further try waits, twice as long each time. A try counts
// before it is heard, so a thousand at once are a thousand failures. Names nobody has are counted like real ones.

import { hashToken } from "../../secret/password.ts";
import type { Tx } from "../../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../../time/instant.ts";

/** What is counted, and how many failures in a row are free. */
const FREE_FAILURES = { email: 4, factor: 4, address: 40, ticket: 20 } as const;
export type TriedKind = keyof typeof FREE_FAILURES;

export type Tried = { readonly kind: TriedKind; readonly value: string };

const FIRST_WAIT_SECONDS = 5;
/** ASVS 5.0, 6.1.1 and 6.3.1: slows guessing down to some 100 tries a day without locking anybody out for long. */
const WAIT_SECONDS_MAX = 15 * 60;
/** Failures are forgotten after a day without one. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000;

export type Reserved =
  | {
      readonly ok: true /** Tries refused unheard since the last one that was heard. */;
      readonly refusedCount: number;
    }
  | { readonly ok: false; readonly retryAt: Instant };

function hashOf({ kind, value }: Tried): string {
  return hashToken(`${kind}:${value}`);
}

/**
 * Counts a try as failed before it is heard; `forgiveAttempt` takes it back when it was right. Refuses it unheard
 * during a wait. Commit it before the secret is checked.
 */
export async function reserveAttempt(
  tx: Tx,
  tenantId: string,
  tried: Tried,
  now: Instant,
): Promise<Reserved> {
  const key = [tenantId, hashOf(tried)];
  const [row] = await tx.query<{ refused_count: number }>(
    `INSERT INTO access_attempt AS a (tenant_id, tried_hash, failure_count, refused_count, last_at)
       VALUES ($1, $2, 1, 0, $3)
     ON CONFLICT (tenant_id, tried_hash) DO UPDATE SET
       failure_count = CASE WHEN a.last_at < $4 THEN 1 ELSE a.failure_count + 1 END,
       last_at = excluded.last_at,
       locked_until = CASE WHEN a.last_at < $4 OR a.failure_count < $5::integer THEN NULL
         ELSE $3::timestamptz + least($7::integer, $6::integer * power(2, least(a.failure_count - $5::integer, 20)))
              * interval '1 second' END
       WHERE a.locked_until IS NULL OR a.locked_until <= $3
     RETURNING refused_count`,
    [
      ...key,
      now,
      instantOfMs(msOf(now) - FORGOTTEN_AFTER_MS),
      FREE_FAILURES[tried.kind],
      FIRST_WAIT_SECONDS,
      WAIT_SECONDS_MAX,
    ],
  );
  if (row !== undefined) return { ok: true, refusedCount: row.refused_count };
  const [locked] = await tx.query<{ locked_until: Instant | null }>(
    `UPDATE access_attempt SET refused_count = refused_count + 1
      WHERE tenant_id = $1 AND tried_hash = $2 RETURNING locked_until`,
    key,
  );
  return { ok: false, retryAt: locked?.locked_until ?? now };
}

/** The try was right: failures in a row begin anew. */
export async function forgiveAttempt(tx: Tx, tenantId: string, tried: Tried): Promise<void> {
  await tx.query(`DELETE FROM access_attempt WHERE tenant_id = $1 AND tried_hash = $2`, [
    tenantId,
    hashOf(tried),
  ]);
}

/** Takes back one count of an address that many people share, and leaves the failures of others. */
export async function returnAttempt(tx: Tx, tenantId: string, tried: Tried): Promise<void> {
  await tx.query(
    `UPDATE access_attempt SET failure_count = greatest(0, failure_count - 1), locked_until = NULL
      WHERE tenant_id = $1 AND tried_hash = $2`,
    [tenantId, hashOf(tried)],
  );
}

/** Lets go of counts that no longer matter. */
export async function forgetAttempts(tx: Tx, tenantId: string, now: Instant): Promise<void> {
  await tx.query(`DELETE FROM access_attempt WHERE tenant_id = $1 AND last_at < $2`, [
    tenantId,
    instantOfMs(msOf(now) - FORGOTTEN_AFTER_MS),
  ]);
}
