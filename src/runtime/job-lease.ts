// Who runs a job: a row with a lease and an epoch, so that any number of processes may offer to run it and one does.
// A process that slept through its lease finds a higher epoch and saves nothing (`fenceJob`).

import { Outage } from "../errors/outage.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs } from "../time/instant.ts";

/** A job that this process took, and under which epoch. */
export type TakenJob = {
  readonly tenantId: string;
  readonly key: string;
  readonly epoch: bigint;
  readonly startedAt: Instant;
};

/** Makes the rows of jobs that are new to this database: due at once. */
export async function enrolJobs(
  tx: Tx,
  tenantId: string,
  keys: readonly string[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "job",
    {
      tenant_id: "text",
      job_key: "text",
      owner: "text",
      epoch: "bigint",
      lease_until: "timestamptz",
      due_at: "timestamptz",
      failure_count: "integer",
    },
    keys.map((key) => [tenantId, key, "", 0n, instantOfMs(0), now, 0]),
  );
}

/** Jobs among `keys` that are due and that nobody runs, longest due first. */
export async function dueJobs(
  tx: Tx,
  tenantId: string,
  keys: readonly string[],
  now: Instant,
): Promise<readonly string[]> {
  const rows = await tx.query<{ job_key: string }>(
    `SELECT job_key FROM job
      WHERE tenant_id = $1 AND job_key = ANY($2::text[]) AND due_at <= $3 AND lease_until <= $3
      ORDER BY due_at, job_key`,
    [tenantId, keys, now],
  );
  return rows.map((row) => row.job_key);
}

/** Takes a due job; null when another process was faster. One row a statement: two takers never wait in a circle. */
export async function takeJob(
  tx: Tx,
  tenantId: string,
  key: string,
  lease: { readonly owner: string; readonly now: Instant; readonly until: Instant },
): Promise<TakenJob | null> {
  const [row] = await tx.query<{ epoch: bigint }>(
    `UPDATE job SET owner = $3, epoch = epoch + 1, lease_until = $5, started_at = $4, woken_at = NULL
      WHERE tenant_id = $1 AND job_key = $2 AND due_at <= $4 AND lease_until <= $4
      RETURNING epoch`,
    [tenantId, key, lease.owner, lease.now, lease.until],
  );
  return row === undefined ? null : { tenantId, key, epoch: row.epoch, startedAt: lease.now };
}

/** Moves the end of the lease; false when another process took the job. */
export async function renewJob(tx: Tx, job: TakenJob, until: Instant): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE job SET lease_until = $4 WHERE tenant_id = $1 AND job_key = $2 AND epoch = $3 RETURNING 1`,
    [job.tenantId, job.key, job.epoch, until],
  );
  return rows.length === 1;
}

/** Locks the job's row for the rest of the transaction; throws when another process has taken the job meanwhile. */
export async function fenceJob(tx: Tx, job: TakenJob): Promise<void> {
  const rows = await tx.query(
    `SELECT 1 FROM job WHERE tenant_id = $1 AND job_key = $2 AND epoch = $3 FOR UPDATE`,
    [job.tenantId, job.key, job.epoch],
  );
  if (rows.length === 1) return;
  throw new Outage("jobs", `another process has taken the job ${job.key}`, { retryable: true });
}

/** How a run ended and when the next is due. */
export type JobEnd = {
  readonly endedAt: Instant;
  readonly dueAt: Instant;
  readonly failed: boolean;
};

/** Gives the job back; one that was woken while it ran is due at once. Nothing when another process has it. */
export async function endJob(tx: Tx, job: TakenJob, end: JobEnd): Promise<void> {
  await tx.query(
    `UPDATE job SET lease_until = $4, ended_at = $4,
            due_at = CASE WHEN woken_at IS NOT NULL THEN $4 ELSE $5::timestamptz END,
            succeeded_at = CASE WHEN $6 THEN succeeded_at ELSE $4::timestamptz END,
            failure_count = CASE WHEN $6 THEN failure_count + 1 ELSE 0 END
      WHERE tenant_id = $1 AND job_key = $2 AND epoch = $3`,
    [job.tenantId, job.key, job.epoch, end.endedAt, end.dueAt, end.failed],
  );
}

/** How often in a row the job has failed. */
export async function failuresOf(tx: Tx, job: TakenJob): Promise<number> {
  const [row] = await tx.query<{ failure_count: number }>(
    "SELECT failure_count FROM job WHERE tenant_id = $1 AND job_key = $2",
    [job.tenantId, job.key],
  );
  return row?.failure_count ?? 0;
}

/** Makes jobs due at once, also such as run now: they run again. */
export async function wakeJobs(
  tx: Tx,
  tenantId: string,
  keys: readonly string[],
  now: Instant,
): Promise<void> {
  await tx.query(
    `UPDATE job SET due_at = least(due_at, $3), woken_at = $3 WHERE tenant_id = $1 AND job_key = ANY($2::text[])`,
    [tenantId, keys, now],
  );
}
