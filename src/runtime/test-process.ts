// A process of the service as tests run several of them: a pool of its own on a shared database, raw objects in it.

import { DEFAULT_POLICY } from "../policy/policy.ts";
import type { Database } from "../storage/database.ts";
import { connectPostgres } from "../storage/postgres-database.ts";
import { openDatabaseRawStore } from "../storage/raw-database.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { DEFAULT_TENANT } from "./channel.ts";
import { type Intake, openIntake } from "./intake.ts";
import { type Leadership, type LeadershipEvents, startLeadership } from "./leader.ts";

export type TestProcess = {
  readonly store: Store;
  readonly database: Database;
  readonly leadership: Leadership;
  readonly intake: Intake;
  readonly failures: unknown[];
  /** Stops as a service does. */
  readonly stop: () => Promise<void>;
};

export type TestProcessOptions = {
  readonly url: string;
  readonly owner: string;
  readonly clock: Clock;
  readonly leaseMs?: number;
  readonly pollMs?: number;
  readonly isRawStoreShared?: boolean;
  readonly events?: LeadershipEvents;
};

export async function startTestProcess(options: TestProcessOptions): Promise<TestProcess> {
  const { url, owner, clock, leaseMs = 600, pollMs = 20, events } = options;
  const database = connectPostgres(url, { poolMax: 5, applicationName: "straitway-test" });
  const store: Store = {
    database,
    rawStore: openDatabaseRawStore(database, { tenantId: DEFAULT_TENANT, clock }),
    dataDir: "nowhere",
    databaseLabel: "a test database",
    notice: null,
    close: () => database.close(),
    killNow: () => undefined,
  };
  const failures: unknown[] = [];
  const leadership = startLeadership({
    store,
    policy: DEFAULT_POLICY,
    clock,
    tenantId: DEFAULT_TENANT,
    owner,
    isOwnDatabase: false,
    leaseMs,
    pollMs,
    events: { ...events, failed: (error) => failures.push(error) },
  });
  await leadership.decided;
  const intake = openIntake({
    store,
    tenantId: DEFAULT_TENANT,
    clock,
    receiver: () => leadership.held()?.receiver ?? null,
    isRawStoreShared: options.isRawStoreShared ?? true,
  });
  return {
    store,
    database,
    leadership,
    intake,
    failures,
    stop: async () => {
      await leadership.stop();
      await database.close();
    },
  };
}
