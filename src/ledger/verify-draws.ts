// Recomputes what was drawn from each transfer and compares it with the stored draws: nothing may be committed,
// voided or reversed beyond what the transfer holds, and no draw may be forgotten (a refund made twice).

import type { Row, Tx } from "../storage/database.ts";
import type { FindingSink } from "./ledger-finding.ts";
import type { PartitionScope } from "./transfer.ts";

/** Differences read at most; a ledger with this many is not helped by more. */
const DIFFERENCES_MAX = 1000;

type DrawRow = {
  readonly seq: bigint;
  readonly amount: bigint | null;
  readonly stored: string | null;
  readonly recomputed: string | null;
} & Row;

/** One statement: transfers and draws of the same moment. */
export async function verifyDraws(tx: Tx, scope: PartitionScope, sink: FindingSink): Promise<void> {
  const rows = await tx.query<DrawRow>(
    `select coalesce(e.seq, d.seq) as seq, t.amount,
       d.amount || ': ' || d.committed || '/' || d.voided || '/' || d.reversed as stored,
       e.committed || '/' || e.voided || '/' || e.reversed as recomputed
     from (
       select of_seq as seq,
         sum(case when kind = 'commit' then amount else 0 end) as committed,
         sum(case when kind = 'void' then amount else 0 end) as voided,
         sum(case when kind = 'reverse' then amount else 0 end) as reversed
       from ledger_transfer
       where tenant_id = $1 and partition = $2 and of_seq is not null
       group by of_seq
     ) e
     full join (select * from ledger_draw where tenant_id = $1 and partition = $2) d
       on d.seq = e.seq
     left join ledger_transfer t
       on t.tenant_id = $1 and t.partition = $2 and t.seq = coalesce(e.seq, d.seq)
     where e.seq is null or d.seq is null or t.seq is null or d.amount <> t.amount
       or d.committed <> e.committed or d.voided <> e.voided or d.reversed <> e.reversed
       or e.committed + e.voided + e.reversed > t.amount
     order by 1 limit ${DIFFERENCES_MAX}`,
    [scope.tenantId, scope.partition],
  );
  for (const row of rows) {
    const found = row.stored ?? "nothing";
    const expected = `${row.amount ?? "no transfer"}: ${row.recomputed ?? "nothing"}`;
    const message = `drawn (committed/voided/reversed) expected ${expected}, found ${found}`;
    sink.report("draw-differs", row.seq, null, message);
  }
}
