// Who may write a partition: a lease with an epoch. The lease keeps a second writer from starting while the first
// lives; the epoch, checked in every commit, keeps a writer that lost its lease from ever posting again.
// So clocks that differ cost a takeover, never money (docs/concepts/ledger.md).

import { setTimeout as delay } from "node:timers/promises";
import { invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Database, Row, Tx } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs, msOf } from "../time/instant.ts";
import type { PartitionScope } from "./transfer.ts";
import { CHAIN_START } from "./transfer.ts";

/** Where the chain stands and under which epoch its writer may go on. */
export type PartitionHead = {
  readonly epoch: bigint;
  readonly nextSeq: bigint;
  /** sha256 (hex) of the last transfer. */
  readonly headHash: string;
  readonly lastBookedAt: Instant | null;
};

export type Lease = {
  readonly scope: PartitionScope;
  /** Who asks, as people know it; a program that starts again under the same name need not wait for its lease. */
  readonly owner: string;
  /** This one opening of the partition, unlike any other. */
  readonly holder: string;
  readonly clock: Clock;
  /** How long the lease lasts without renewal, in milliseconds. */
  readonly leaseMs: number;
};

/** Pause between two looks at a lease that another owner holds. */
const LEASE_POLL_MS = 50;

type HeadRow = {
  readonly epoch: bigint;
  readonly next_seq: bigint;
  readonly head_hash: string;
  readonly last_booked_at: Instant | null;
} & Row;

const HEAD_COLUMNS = "epoch, next_seq, encode(head_hash, 'hex') as head_hash, last_booked_at";

function headOf(row: HeadRow | undefined): PartitionHead | null {
  if (row === undefined) return null;
  return {
    epoch: row.epoch,
    nextSeq: row.next_seq,
    headHash: row.head_hash,
    lastBookedAt: row.last_booked_at,
  };
}

export function leaseUntil(lease: Lease): Instant {
  return instantOfMs(msOf(lease.clock.now()) + lease.leaseMs);
}

/**
 * Takes the partition, making it when it is new. While another owner's lease runs it looks again for up to
 * `waitMsMax` milliseconds (0: once), then throws a retryable outage that names the owner.
 */
export async function takeLease(
  database: Database,
  lease: Lease,
  waitMsMax: number,
): Promise<PartitionHead> {
  const { tenantId, partition } = lease.scope;
  await database.query(
    `insert into ledger_partition
       (tenant_id, partition, epoch, owner, holder, lease_until, next_seq, head_hash)
     values ($1, $2, 0, '', '', $3, 1, decode($4, 'hex'))
     on conflict (tenant_id, partition) do nothing`,
    [tenantId, partition, lease.clock.now(), CHAIN_START],
  );
  for (let waitedMs = 0; ; waitedMs += LEASE_POLL_MS) {
    const head = await tryLease(database, lease);
    if (head !== null) return head;
    if (waitedMs >= waitMsMax) throw await heldByAnother(database, lease.scope);
    await delay(LEASE_POLL_MS);
  }
}

async function tryLease(tx: Tx, lease: Lease): Promise<PartitionHead | null> {
  const rows = await tx.query<HeadRow>(
    `update ledger_partition set epoch = epoch + 1, owner = $3, holder = $4, lease_until = $5
     where tenant_id = $1 and partition = $2 and (lease_until <= $6 or owner = $3)
     returning ${HEAD_COLUMNS}`,
    [
      lease.scope.tenantId,
      lease.scope.partition,
      lease.owner,
      lease.holder,
      leaseUntil(lease),
      lease.clock.now(),
    ],
  );
  return headOf(rows[0]);
}

async function heldByAnother(tx: Tx, scope: PartitionScope): Promise<Outage> {
  const rows = await tx.query<{ owner: string; lease_until: Instant }>(
    "select owner, lease_until from ledger_partition where tenant_id = $1 and partition = $2",
    [scope.tenantId, scope.partition],
  );
  const [row] = rows;
  invariant(row !== undefined, "the ledger partition has no row");
  const message = `partition ${scope.partition} of ${scope.tenantId} is held by ${row.owner} until ${row.lease_until}`;
  return new Outage("ledger", message, { retryable: true });
}

/**
 * Goes on under a new epoch after a transaction of unknown outcome: waits for that transaction to end, fences
 * whatever of it is still on its way, and reads where the chain stands. Null when another writer holds it.
 */
export async function retakeLease(tx: Tx, lease: Lease): Promise<PartitionHead | null> {
  const rows = await tx.query<HeadRow>(
    `update ledger_partition set epoch = epoch + 1, lease_until = $4
     where tenant_id = $1 and partition = $2 and holder = $3
     returning ${HEAD_COLUMNS}`,
    [lease.scope.tenantId, lease.scope.partition, lease.holder, leaseUntil(lease)],
  );
  return headOf(rows[0]);
}

/** Moves the end of the lease; false when another writer holds the partition. */
export async function renewLease(tx: Tx, lease: Lease, until: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update ledger_partition set lease_until = $4
     where tenant_id = $1 and partition = $2 and holder = $3 returning 1`,
    [lease.scope.tenantId, lease.scope.partition, lease.holder, until],
  );
  return rows.length === 1;
}

/** Locks the partition for the rest of the transaction; false when it is not under this epoch any more. */
export async function lockPartition(
  tx: Tx,
  scope: PartitionScope,
  head: PartitionHead,
): Promise<boolean> {
  const rows = await tx.query<{ epoch: bigint; next_seq: bigint }>(
    `select epoch, next_seq from ledger_partition
     where tenant_id = $1 and partition = $2 for update`,
    [scope.tenantId, scope.partition],
    { name: "ledger-lock-partition" },
  );
  return rows[0]?.epoch === head.epoch && rows[0].next_seq === head.nextSeq;
}
