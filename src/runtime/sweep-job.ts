// Once a day, what programs left half made in a raw store in the database when they died is removed.

import type { Database } from "../storage/database.ts";
import { openDatabaseRawStore } from "../storage/raw-database.ts";
import type { Clock } from "../time/clock.ts";
import type { Job } from "./jobs.ts";

const DAY_MS = 24 * 60 * 60_000;

export function sweepJob(database: Database, tenantId: string, clock: Clock): Job {
  const store = openDatabaseRawStore(database, { tenantId, clock });
  return {
    key: "raw-store-sweep",
    everyMs: DAY_MS,
    run: async () => ({ count: await store.sweep() }),
  };
}
