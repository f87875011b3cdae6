// Reads the journal out of the ledger, posting by posting in the order in which they were booked: the journal of a
// longer history begins with the journal of the shorter one.

import { UNASSIGNED } from "../../books/chart.ts";
import type { PartitionScope, TransferKind } from "../../ledger/transfer.ts";
import type { Currency } from "../../money/currency.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import {
  type JournalAccount,
  type JournalEntry,
  type JournalLine,
  journalAccount,
} from "./journal-entry.ts";

export type JournalFilter = {
  /** Only postings that move this seller's accounts; null: everybody's. */
  readonly sellerId: string | null;
  /** First and last effective date, both included; null: open. */
  readonly from: CivilDate | null;
  readonly to: CivilDate | null;
};

/** Transfers read at a time. */
const PAGE_TRANSFERS_MAX = 2000;

/** Legs that move posted money; $1 to $5 are tenant, partition, seller, from and to. */
const MOVED = `t.tenant_id = $1 AND t.partition = $2 AND t.kind IN ('post', 'commit', 'reverse')
  AND ($3::text IS NULL OR starts_with(t.debit_account, $3) OR starts_with(t.credit_account, $3))
  AND ($4::date IS NULL OR t.effective_on >= $4) AND ($5::date IS NULL OR t.effective_on <= $5)`;

function valuesOf(scope: PartitionScope, filter: JournalFilter): readonly unknown[] {
  const seller = filter.sellerId === null ? null : `seller/${filter.sellerId}/`;
  return [scope.tenantId, scope.partition, seller, filter.from, filter.to];
}

type MovedRow = {
  seq: bigint;
  posting_id: string;
  leg: number;
  kind: TransferKind;
  debit_account: string;
  credit_account: string;
  amount: bigint;
  effective_on: CivilDate;
  booked_at: Instant;
  reason: string;
  subject: string;
};

/** The entries one after the other; a posting without moved money has none. */
export async function* readJournal(
  tx: Tx,
  scope: PartitionScope,
  filter: JournalFilter,
): AsyncGenerator<JournalEntry> {
  const accounts = new Map<string, JournalAccount>();
  let open: MovedRow[] = [];
  for (let after = 0n; ; ) {
    const rows = await tx.query<MovedRow>(
      `SELECT t.seq, t.posting_id, t.leg, t.kind, t.debit_account, t.credit_account, t.amount, t.effective_on,
              t.booked_at, t.reason, t.subject
         FROM ledger_transfer t WHERE ${MOVED} AND t.seq > $6 ORDER BY t.seq LIMIT $7`,
      [...valuesOf(scope, filter), after, PAGE_TRANSFERS_MAX],
    );
    for (const row of rows) {
      // The legs of a posting stand together in the ledger.
      if (open[0] !== undefined && open[0].posting_id !== row.posting_id) {
        yield entryOf(open, accounts);
        open = [];
      }
      open.push(row);
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  if (open.length > 0) yield entryOf(open, accounts);
}

function entryOf(rows: readonly MovedRow[], accounts: Map<string, JournalAccount>): JournalEntry {
  const [first] = rows as readonly [MovedRow, ...MovedRow[]];
  const account = (id: string): JournalAccount => {
    const known = accounts.get(id) ?? journalAccount(id);
    accounts.set(id, known);
    return known;
  };
  return {
    seq: first.seq,
    postingId: first.posting_id,
    effectiveOn: first.effective_on,
    bookedAt: first.booked_at,
    reason: first.reason,
    subject: first.subject,
    lines: rows.flatMap((row): JournalLine[] => {
      const { seq, leg, amount: minor } = row;
      return [
        { seq, leg, side: "debit", account: account(row.debit_account), minor },
        { seq, leg, side: "credit", account: account(row.credit_account), minor },
      ];
    }),
  };
}

/** An account that the journal moves, with the day from which it does. */
export type MovedAccount = { readonly account: JournalAccount; readonly firstOn: CivilDate };

/** The accounts of the journal in the order of their names, then currencies. */
export async function movedAccounts(
  tx: Tx,
  scope: PartitionScope,
  filter: JournalFilter,
): Promise<readonly MovedAccount[]> {
  const rows = await tx.query<{ id: string; first_on: CivilDate }>(
    `SELECT a.id, min(a.effective_on) AS first_on FROM (
       SELECT t.debit_account AS id, t.effective_on FROM ledger_transfer t WHERE ${MOVED}
       UNION ALL
       SELECT t.credit_account AS id, t.effective_on FROM ledger_transfer t WHERE ${MOVED}) AS a GROUP BY a.id`,
    valuesOf(scope, filter),
  );
  return rows
    .map((row) => ({ account: journalAccount(row.id), firstOn: row.first_on }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ account }: MovedAccount): string {
  return `${account.name} ${account.currency}`;
}

/** Whether the seller is on record; money that nobody has claimed stands under "unassigned". */
export async function isSeller(tx: Tx, tenantId: string, sellerId: string): Promise<boolean> {
  if (sellerId === UNASSIGNED) return true;
  const rows = await tx.query(`SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2`, [
    tenantId,
    sellerId,
  ]);
  return rows.length > 0;
}

/** Currencies of the journal, sorted. */
export function currenciesOf(accounts: readonly MovedAccount[]): readonly Currency[] {
  return [...new Set(accounts.map(({ account }) => account.currency))].sort();
}
