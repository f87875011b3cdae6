// The planner's statistics, renewed as the tables grow. All keys lead with the tenant: for a table that PostgreSQL has
// no statistics on, it takes any index that begins with it and reads the whole tenant for each id (measured: 17 ms
// instead of 0.1 ms at 2,000 payouts). Autovacuum looks only once a minute, which is 60,000 credits.

import type { Database } from "../storage/database.ts";

/** Renewed each time the inbox has grown by this factor: also rids connections of plans made for small tables. */
const GROWTH_FACTOR = 4;
/** Files at which they are first made. */
const FIRST_FILES = 16;

/** The tables that a step reads. */
const TABLES = [
  "raw_file",
  "seller_account",
  "statement",
  "payout_announcement",
  "payout",
  "payout_trace",
  "bank_message",
  "bank_transaction",
  "bank_notice",
  "match",
  "undo",
  "release",
  "hold",
  "timeline_event",
  "ledger_account",
  "ledger_transfer",
  "ledger_draw",
] as const;

export type Statistics = {
  /** Files that were settled now. */
  readonly grown: (fileCount: number) => void;
  /** Waits for a renewal that runs. */
  readonly idle: () => Promise<void>;
};

export async function keepStatistics(database: Database): Promise<Statistics> {
  const [known] = await database.query<{ files: number }>(
    "SELECT greatest(reltuples, 0)::float8 AS files FROM pg_class WHERE oid = 'raw_file'::regclass",
  );
  let files = known?.files ?? 0;
  let dueAt = Math.max(FIRST_FILES, files * GROWTH_FACTOR);
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    // Slow look-ups are all that a failure costs, and autovacuum makes up for it later.
    for (const table of TABLES) await database.query(`ANALYZE ${table}`).catch(() => undefined);
  };
  return {
    grown: (fileCount) => {
      files += fileCount;
      if (files < dueAt) return;
      dueAt = files * GROWTH_FACTOR;
      renewing = renewing.then(renew);
    },
    idle: () => renewing,
  };
}
