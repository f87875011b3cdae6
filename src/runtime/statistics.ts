// The planner's statistics, renewed as the tables grow. All keys lead with the tenant: for a table that PostgreSQL has
// no statistics on, it takes any index that begins with it and reads the whole tenant for each id (measured: 17 ms
// instead of 0.1 ms at 2,000 payouts). Autovacuum looks only once a minute, which is 60,000 credits.

import type { FileKind } from "../inbox/raw-files.ts";
import type { Database } from "../storage/database.ts";

/** Renewed each time so many times the files are on record: also rids connections of plans made for small tables. */
const GROWTH_FACTOR = 4;
/** Files at which they are first made. */
const FIRST_FILES = 16;

/** The tables that grow with each kind of file; bank files make matches and releases. */
const TABLES = {
  marketplace: [
    "raw_file",
    "seller_account",
    "statement",
    "payout_announcement",
    "payout",
    "payout_trace",
    "statement_orders",
  ],
  bank: [
    "raw_file",
    "bank_message",
    "bank_transaction",
    "bank_notice",
    "match",
    "undo",
    "release",
    "hold",
    "payout",
    "timeline_event",
    "ledger_account",
    "ledger_draw",
    "quota_entry",
    "evidence_cover",
  ],
  evidence: [
    "order_record",
    "shipment_record",
    "paper_record",
    "paper_order",
    "paper_goods",
    "quota_entry",
    "paper_request",
  ],
} as const satisfies Partial<Record<FileKind, readonly string[]>>;

type Kind = keyof typeof TABLES;

export type Statistics = {
  /** The kinds of the files that were settled now. */
  readonly grown: (kinds: readonly FileKind[]) => void;
  /** Waits for a renewal that runs. */
  readonly idle: () => Promise<void>;
};

export async function keepStatistics(database: Database): Promise<Statistics> {
  const standing = {
    marketplace: await startOf(database, "statement"),
    bank: await startOf(database, "bank_message"),
    // A few files of it hold everything: the first one already fills the tables.
    evidence: { files: 0, dueAt: 1 },
  };
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (kind: Kind): Promise<void> => {
    // Slow look-ups are all that a failure costs, and autovacuum makes up for it later.
    for (const table of TABLES[kind])
      await database.query(`ANALYZE ${table}`).catch(() => undefined);
  };
  return {
    grown: (kinds) => {
      for (const kind of ["marketplace", "bank", "evidence"] as const) {
        const state = standing[kind];
        state.files += kinds.filter((settled) => settled === kind).length;
        if (state.files < state.dueAt) continue;
        state.dueAt = state.files * GROWTH_FACTOR;
        renewing = renewing.then(() => renew(kind));
      }
    },
    idle: () => renewing,
  };
}

/** Where the count begins: with the rows that the statistics of a table of that kind were made for. */
async function startOf(
  database: Database,
  table: string,
): Promise<{ files: number; dueAt: number }> {
  const [known] = await database.query<{ rows: number }>(
    "SELECT greatest(reltuples, 0)::float8 AS rows FROM pg_class WHERE oid = $1::regclass",
    [table],
  );
  const files = known?.rows ?? 0;
  return { files, dueAt: Math.max(FIRST_FILES, files * GROWTH_FACTOR) };
}
