// What every act and poll of a store is handed: plain values, so that tests and the sandbox put their own in.

import type { Accept } from "../../inbox/inbound.ts";
import type { Sealer } from "../../secret/seal.ts";
import type { Database, Tx } from "../../storage/database.ts";
import type { Clock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";

export type StoreBase = {
  readonly database: Database;
  readonly tenantId: string;
  readonly clock: Clock;
  readonly sealer: Sealer;
};

export type StoreConnection = StoreBase & {
  /** As the global one; requests carry a signal that ends them. */
  readonly fetch: typeof fetch;
  /** Waits so many milliseconds of real time; a test moves its clock instead. */
  readonly wait: (ms: number) => Promise<void>;
  readonly accept: Accept;
};

/** What the runner of periodic work gives to one run. */
export type PollContext = {
  /** Aborted when the program stops or another process has the work. */
  readonly signal: AbortSignal;
  /** Called first in each transaction that saves a cursor: throws when another process has the work by now. */
  readonly fence: (tx: Tx) => Promise<void>;
};

export type PollOutcome = {
  /** Objects that were accepted, or acts that were done. */
  readonly count: number;
  /** True: there is more to do, run again at once. */
  readonly more?: boolean;
  /** When to go on, where the marketplace's limits say so. */
  readonly dueAt?: Instant;
};

/** Periodic work of one store, in the shape of the program's jobs. */
export type StoreJob = {
  readonly key: string;
  readonly everyMs: number;
  readonly run: (context: PollContext) => Promise<PollOutcome>;
};
