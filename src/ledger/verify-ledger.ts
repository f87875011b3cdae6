// Replays a whole partition and recomputes everything that can be recomputed: hashes, the chain, running balances,
// versions, limits, draws, account totals, debits = credits. An auditor's second opinion that trusts no stored sum.

import { invariant } from "../errors/invariant.ts";
import type { Row, Tx } from "../storage/database.ts";
import type { AccountState } from "./account-state.ts";
import type { FindingSink, LedgerFinding } from "./ledger-finding.ts";
import { findingSink } from "./ledger-finding.ts";
import type { LedgerAccountId } from "./posting.ts";
import type { Replay } from "./replay-transfer.ts";
import { replayTransfer, startReplay } from "./replay-transfer.ts";
import type { ChainedTransfer, PartitionScope } from "./transfer.ts";
import { CHAIN_START } from "./transfer.ts";
import type { AccountRow, TransferRow } from "./transfer-rows.ts";
import {
  ACCOUNT_COLUMNS,
  accountBalancesOfRow,
  TRANSFER_COLUMNS,
  transferOfRow,
} from "./transfer-rows.ts";
import { verifyDraws } from "./verify-draws.ts";
import { verifyTotals } from "./verify-totals.ts";

/** Transfers read at a time. */
const PAGE_TRANSFERS_MAX = 2000;
/** Findings kept; the rest are only counted. */
export const FINDINGS_KEPT_MAX = 1000;

export type LedgerVerification = {
  readonly ok: boolean;
  readonly transferCount: bigint;
  readonly accountCount: number;
  /** sha256 (hex) of the last transfer: two verifications with the same head have seen the same ledger. */
  readonly headHash: string;
  readonly findingCount: number;
  /** In order of discovery, at most `FINDINGS_KEPT_MAX`. */
  readonly findings: readonly LedgerFinding[];
};

/** The partition and its accounts at one moment. */
type Snapshot = {
  readonly nextSeq: bigint;
  readonly lastSeq: bigint;
  readonly headHash: string;
  readonly accounts: ReadonlyMap<LedgerAccountId, AccountState>;
};

/**
 * Verifies one partition up to its head as of the first statement; the writer may go on meanwhile. Keeps every
 * account of the partition in memory. A partition that was never opened is in order and empty.
 */
export async function verifyLedger(tx: Tx, scope: PartitionScope): Promise<LedgerVerification> {
  const sink = findingSink(FINDINGS_KEPT_MAX);
  const snapshot = await readSnapshot(tx, scope);
  const replay = startReplay(scope, snapshot.accounts);
  for (let after = 0n; ; ) {
    const page = await readPage(tx, scope, after, snapshot.nextSeq);
    const drawnFrom = await readDrawnFrom(tx, scope, page);
    for (const transfer of page) replayTransfer(replay, transfer, drawnFrom, sink);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  verifyHead(replay, snapshot, sink);
  verifyTotals(replay, snapshot.accounts, sink);
  await verifyDraws(tx, scope, sink);
  return {
    ok: sink.count() === 0,
    transferCount: replay.transferCount,
    accountCount: snapshot.accounts.size,
    headHash: snapshot.headHash,
    findingCount: sink.count(),
    findings: sink.kept,
  };
}

/** One statement, so that accounts and head are of one moment whatever the isolation. */
async function readSnapshot(tx: Tx, scope: PartitionScope): Promise<Snapshot> {
  type Found = AccountRow & { next_seq: bigint; head_hash: string; last_seq: bigint | null };
  const rows = await tx.query<Found>(
    `select p.next_seq, encode(p.head_hash, 'hex') as head_hash,
       (select max(t.seq) from ledger_transfer t where t.tenant_id = $1 and t.partition = $2)
         as last_seq,
       ${ACCOUNT_COLUMNS}
     from ledger_partition p
     left join ledger_account a on a.tenant_id = p.tenant_id and a.partition = p.partition
     where p.tenant_id = $1 and p.partition = $2`,
    [scope.tenantId, scope.partition],
  );
  const accounts = new Map<LedgerAccountId, AccountState>();
  for (const row of rows) {
    if ((row.account_id as string | null) === null) continue;
    accounts.set(row.account_id, { limit: row.limit_rule, balances: accountBalancesOfRow(row) });
  }
  return {
    nextSeq: rows[0]?.next_seq ?? 1n,
    lastSeq: rows[0]?.last_seq ?? 0n,
    headHash: rows[0]?.head_hash ?? CHAIN_START,
    accounts,
  };
}

async function readPage(
  tx: Tx,
  scope: PartitionScope,
  after: bigint,
  before: bigint,
): Promise<ChainedTransfer[]> {
  const rows = await tx.query<TransferRow>(
    `select ${TRANSFER_COLUMNS} from ledger_transfer t
     where t.tenant_id = $1 and t.partition = $2 and t.seq > $3 and t.seq < $4
     order by t.seq limit $5`,
    [scope.tenantId, scope.partition, after, before, PAGE_TRANSFERS_MAX],
  );
  return rows.map(transferOfRow);
}

/** The transfers that those of the page draw from, by seq. */
async function readDrawnFrom(
  tx: Tx,
  scope: PartitionScope,
  page: readonly ChainedTransfer[],
): Promise<ReadonlyMap<bigint, ChainedTransfer>> {
  const seqs = new Set(page.flatMap((transfer) => transfer.ofSeq ?? []));
  if (seqs.size === 0) return new Map();
  const rows = await tx.query<TransferRow & Row>(
    `select t.* from unnest($3::bigint[]) as wanted (seq)
     cross join lateral (
       select ${TRANSFER_COLUMNS} from ledger_transfer t
       where t.tenant_id = $1 and t.partition = $2 and t.seq = wanted.seq
       limit 1
     ) t`,
    [scope.tenantId, scope.partition, [...seqs]],
  );
  return new Map(rows.map((row) => [row.seq, transferOfRow(row)]));
}

function verifyHead(replay: Replay, snapshot: Snapshot, sink: FindingSink): void {
  const { nextSeq, lastSeq, headHash } = snapshot;
  const last = replay.last;
  invariant(last === null || last.seq < nextSeq, "the replay stops at the head");
  if (lastSeq >= nextSeq)
    sink.report("transfer-beyond-head", nextSeq, null, `transfers exist up to seq ${lastSeq}`);
  const reached = last?.seq ?? 0n;
  if (reached + 1n < nextSeq)
    sink.report("transfer-missing", reached + 1n, null, `nothing from here to seq ${nextSeq - 1n}`);
  else if ((last?.rowHash ?? CHAIN_START) !== headHash)
    sink.report("head-differs", reached, null, "the partition's head hash is not the last row's");
}
