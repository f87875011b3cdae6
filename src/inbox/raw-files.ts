// The inbox: what arrived, under which name, and how far it was read. The bytes are on disk before a row names
// them, and a row says "stored" until the step that used the file commits: what a crash leaves is found again.

import { randomUUID } from "node:crypto";
import type { Reason } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import { jsonText } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";

export type FileKind = "marketplace" | "bank" | "evidence" | "unknown";
export type FileState = "stored" | "read" | "refused";

export type RawFile = {
  readonly sha256: string;
  readonly name: string;
  readonly byteCount: bigint;
  readonly storedAt: Instant;
  /** When its facts were committed, or it was refused; null while it is only stored. */
  readonly readAt: Instant | null;
  readonly sellerId: string | null;
  readonly state: FileState;
  readonly kind: FileKind;
  readonly format: string | null;
  readonly reasons: readonly Reason[];
};

export type FileArrival = {
  readonly sha256: string;
  readonly byteCount: number;
  readonly name: string;
  readonly sellerId: string | null;
};

/** Notes the arrivals in one statement; the first arrival of a content makes its row. Returns the rows as they stand. */
export async function recordArrivals(
  tx: Tx,
  tenantId: string,
  arrivals: readonly FileArrival[],
  now: Instant,
): Promise<ReadonlyMap<string, RawFile>> {
  const hashes = arrivals.map((arrival) => arrival.sha256);
  const rows = await tx.query<RawFileRow>(
    `WITH arrival AS (
       SELECT * FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
         AS a(arrival_id, sha256, byte_count, name, seller_id)),
     made AS (
       INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, seller_id, kind, state)
       SELECT $1, sha256, byte_count, name, $2::timestamptz, seller_id, 'unknown', 'stored' FROM arrival
       ON CONFLICT DO NOTHING RETURNING *),
     noted AS (
       INSERT INTO raw_arrival (tenant_id, arrival_id, sha256, name, arrived_at, seller_id)
       SELECT $1, arrival_id, sha256, name, $2::timestamptz, seller_id FROM arrival)
     SELECT * FROM made
     UNION ALL
     SELECT f.* FROM (SELECT DISTINCT sha256 FROM arrival) AS a
       JOIN raw_file f ON f.tenant_id = $1 AND f.sha256 = a.sha256`,
    [
      tenantId,
      now,
      arrivals.map(() => `ar_${randomUUID()}`),
      hashes,
      arrivals.map((arrival) => arrival.byteCount),
      arrivals.map((arrival) => arrival.name),
      arrivals.map((arrival) => arrival.sellerId),
    ],
    { name: "record-arrivals" },
  );
  const files = new Map(rows.map((row) => [row.sha256, rawFileOf(row)]));
  // Another program noted the same bytes in this moment: its row was there too late for this statement's snapshot.
  const isWhole = hashes.every((sha256) => files.has(sha256));
  return isWhole ? files : loadRawFiles(tx, tenantId, hashes);
}

type RawFileRow = {
  sha256: string;
  name: string;
  byte_count: bigint;
  stored_at: Instant;
  read_at: Instant | null;
  seller_id: string | null;
  state: FileState;
  kind: FileKind;
  format: string | null;
  reasons: readonly Reason[];
};

export async function loadRawFiles(
  tx: Tx,
  tenantId: string,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, RawFile>> {
  const rows = await tx.query<RawFileRow>(
    `SELECT * FROM raw_file WHERE tenant_id = $1 AND sha256 = ANY($2::text[])`,
    [tenantId, sha256s],
  );
  return new Map(rows.map((row) => [row.sha256, rawFileOf(row)]));
}

/**
 * Files that are stored but whose facts are not on record, oldest first, at most so many: what a crash interrupted, and
 * what a process stored that does not hold the ledger.
 */
export async function loadUnread(
  tx: Tx,
  tenantId: string,
  limit: number | null = null,
): Promise<readonly RawFile[]> {
  const rows = await tx.query<RawFileRow>(
    `SELECT * FROM raw_file WHERE tenant_id = $1 AND state = 'stored' ORDER BY stored_at, sha256 LIMIT $2`,
    [tenantId, limit],
  );
  return rows.map(rawFileOf);
}

function rawFileOf(row: RawFileRow): RawFile {
  return {
    sha256: row.sha256,
    name: row.name,
    byteCount: row.byte_count,
    storedAt: row.stored_at,
    readAt: row.read_at,
    sellerId: row.seller_id,
    state: row.state,
    kind: row.kind,
    format: row.format,
    reasons: row.reasons,
  };
}

export type FileReadMark = {
  readonly sha256: string;
  /** Whom it was settled for. */
  readonly sellerId: string | null;
  readonly state: "read" | "refused";
  readonly kind: FileKind;
  readonly format: string | null;
  readonly reasons: readonly Reason[];
};

export async function markFiles(
  tx: Tx,
  tenantId: string,
  marks: readonly FileReadMark[],
  now: Instant,
): Promise<void> {
  if (marks.length === 0) return;
  await tx.query(
    `UPDATE raw_file f SET state = n.state, kind = n.kind, format = n.format, reasons = n.reasons, read_at = $2,
            seller_id = n.seller_id,
            name = CASE WHEN f.seller_id IS NULL OR f.seller_id IS NOT DISTINCT FROM n.seller_id THEN f.name
                        -- Refused for another seller: that one's name for it is not this one's to see.
                        ELSE coalesce((SELECT a.name FROM raw_arrival a
                                        WHERE a.tenant_id = $1 AND a.sha256 = f.sha256 AND a.seller_id = n.seller_id
                                        ORDER BY a.arrived_at, a.arrival_id LIMIT 1), f.name) END
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]::jsonb[], $8::text[])
         AS n(sha256, state, kind, format, reasons, seller_id)
      WHERE f.tenant_id = $1 AND f.sha256 = n.sha256`,
    [
      tenantId,
      now,
      marks.map((mark) => mark.sha256),
      marks.map((mark) => mark.state),
      marks.map((mark) => mark.kind),
      marks.map((mark) => mark.format),
      marks.map((mark) => jsonText(mark.reasons)),
      marks.map((mark) => mark.sellerId),
    ],
    { name: "mark-files" },
  );
}

/** Says whose files these are, where nobody said so before. */
export async function claimFiles(
  tx: Tx,
  tenantId: string,
  sha256s: readonly string[],
  sellerId: string,
): Promise<void> {
  await tx.query(
    `UPDATE raw_file SET seller_id = $3 WHERE tenant_id = $1 AND sha256 = ANY($2::text[]) AND seller_id IS NULL`,
    [tenantId, sha256s, sellerId],
  );
}
