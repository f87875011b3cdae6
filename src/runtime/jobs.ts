// Periodic work: polls, deliveries, scans. Any process may run a job, never two at once; what is due is asked of the
// clock that is passed in, so that a clock which is moved forward moves the jobs too, and `wake` looks at once.

import { invariant } from "../errors/invariant.ts";
import type { Database, Tx } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs, msOf } from "../time/instant.ts";
import {
  dueJobs,
  endJob,
  enrolJobs,
  failuresOf,
  fenceJob,
  renewJob,
  type TakenJob,
  takeJob,
  wakeJobs,
} from "./job-lease.ts";
import { pausing } from "./pausing.ts";
import { traced } from "./tracing.ts";

/** Without renewal a job is another process's after this long. Renewed each third of it while the job runs. */
export const JOB_LEASE_MS_DEFAULT = 15_000;
/** Longest pause between two looks at what is due. */
const TICK_MS_DEFAULT = 500;
/** Jobs that run at once in one process; each may hold connections of the pool. */
const RUNNING_MAX_DEFAULT = 4;
/** Wait after a first failure; doubles with each further one in a row. */
const FAILURE_WAIT_FIRST_MS = 1_000;
const FAILURE_WAIT_MAX_MS = 5 * 60_000;
/** How often the list of jobs is asked for anew: stores are bound and banks connected while the program runs. */
const LIST_MS = 10_000;

export type JobContext = {
  readonly clock: Clock;
  /** Aborted when the program stops or the lease was lost: end soon, save nothing more. */
  readonly signal: AbortSignal;
  /**
   * Call first in the transaction that saves a cursor: locks the job's row, and throws when another process has the
   * job by now, so that a process that slept cannot save what is old.
   */
  readonly fence: (tx: Tx) => Promise<void>;
};

export type JobOutcome = {
  /** Things done: files fetched, deliveries made; 0 when there was nothing to do. */
  readonly count: number;
  /** True: there is more to do, run again at once. */
  readonly more?: boolean;
  /** When the next run is due, where that is known better than by `everyMs`. */
  readonly dueAt?: Instant;
};

export type Job = {
  /** Unique, stable, without secrets: "webhook-delivery", "store-reports:st_…". Its part before ":" names its kind. */
  readonly key: string;
  /** From the end of a run to the next. */
  readonly everyMs: number;
  /** A failure is thrown; the job is tried again, later each time. */
  readonly run: (context: JobContext) => Promise<JobOutcome>;
};

/** How one run went. */
export type JobRun = {
  readonly key: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly result:
    | { readonly ok: true; readonly outcome: JobOutcome }
    | { readonly ok: false; readonly error: unknown };
};

export type JobRunnerOptions = {
  readonly database: Database;
  readonly tenantId: string;
  /** This process, unlike any other. */
  readonly owner: string;
  readonly clock: Clock;
  /** The jobs of this process; a function is asked again from time to time. */
  readonly jobs: readonly Job[] | (() => Promise<readonly Job[]>);
  readonly leaseMs?: number;
  readonly tickMs?: number;
  readonly runningMax?: number;
  /** Told of every run, and of a look at the jobs that failed (key null). */
  readonly onRun?: (run: JobRun) => void;
  readonly onFailure?: (error: unknown) => void;
};

export type JobRunner = {
  /** Looks at the jobs from now on, until `stop`. */
  readonly start: () => void;
  /** Looks at once; with a key, that job is due now, on whichever process. */
  readonly wake: (key?: string) => Promise<void>;
  /** Runs what is due now to its end, and what that makes due, without timers; returns how many runs that took. */
  readonly runDue: () => Promise<number>;
  /** Starts no more, tells those that run to end, and waits for them. */
  readonly stop: () => Promise<void>;
};

/** Runs that `runDue` makes at most: a job that always says "more" is a bug. */
const RUN_DUE_MAX = 10_000;

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  return new Runner(options);
}

class Runner implements JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #leaseMs: number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #enrolled = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #pause = pausing();
  #listed: { readonly jobs: readonly Job[]; readonly atMs: number } | null = null;
  #loop: Promise<void> | null = null;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? JOB_LEASE_MS_DEFAULT;
  }

  start = (): void => {
    this.#loop ??= this.#look();
  };

  wake = async (key?: string): Promise<void> => {
    const { database, tenantId, clock } = this.#options;
    this.#listed = null;
    if (key !== undefined) await wakeJobs(database, tenantId, [key], clock.now());
    this.#pause.wake();
  };

  runDue = async (): Promise<number> => {
    this.#listed = null;
    for (let count = 0; ; ) {
      invariant(count < RUN_DUE_MAX, "jobs are always due again");
      const started = await this.#startDue(this.#options.runningMax ?? Infinity);
      if (started === 0 && this.#running.size === 0) return count;
      count += started;
      await Promise.all(this.#running.values());
    }
  };

  stop = async (): Promise<void> => {
    this.#stopping.abort();
    this.#pause.wake();
    await this.#loop;
    await Promise.all(this.#running.values());
  };

  async #look(): Promise<void> {
    const { tickMs = TICK_MS_DEFAULT, runningMax = RUNNING_MAX_DEFAULT } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#startDue(runningMax - this.#running.size);
      } catch (error) {
        this.#options.onFailure?.(error);
      }
      await this.#pause.pause(tickMs);
    }
  }

  /** Takes due jobs, at most so many, and lets them run; returns how many. */
  async #startDue(most: number): Promise<number> {
    const { database, tenantId, owner, clock } = this.#options;
    const jobs = await this.#jobs();
    // One that runs here is not asked for, even when the clock was moved past the end of its lease.
    const free = [...jobs.keys()].filter((key) => !this.#running.has(key));
    if (free.length === 0 || most <= 0) return 0;
    const due = await dueJobs(database, tenantId, free, clock.now());
    let count = 0;
    for (const key of due) {
      if (count >= most || this.#stopping.signal.aborted) break;
      const now = clock.now();
      const until = instantOfMs(msOf(now) + this.#leaseMs);
      const taken = await takeJob(database, tenantId, key, { owner, now, until });
      const job = jobs.get(key);
      if (taken === null || job === undefined) continue;
      count += 1;
      const run = this.#run(job, taken).finally(() => {
        this.#running.delete(key);
        this.#pause.wake();
      });
      this.#running.set(key, run);
    }
    return count;
  }

  /** The jobs by key, with rows for those that are new. */
  async #jobs(): Promise<ReadonlyMap<string, Job>> {
    const { database, tenantId, clock, jobs } = this.#options;
    const nowMs = msOf(clock.now());
    if (this.#listed === null || Math.abs(nowMs - this.#listed.atMs) >= LIST_MS) {
      this.#listed = { jobs: typeof jobs === "function" ? await jobs() : jobs, atMs: nowMs };
    }
    const byKey = new Map(this.#listed.jobs.map((job) => [job.key, job]));
    const fresh = [...byKey.keys()].filter((key) => !this.#enrolled.has(key));
    if (fresh.length > 0) await enrolJobs(database, tenantId, fresh, clock.now());
    for (const key of fresh) this.#enrolled.add(key);
    return byKey;
  }

  /** Runs a taken job to its end; never rejects. */
  async #run(job: Job, taken: TakenJob): Promise<void> {
    const { database, clock } = this.#options;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      const until = instantOfMs(msOf(clock.now()) + this.#leaseMs);
      renewJob(database, taken, until).then(
        (isOurs) => isOurs || lost.abort(),
        // A database that is away for a moment: the end of the lease says whether another process has the job.
        () => undefined,
      );
    }, this.#leaseMs / 3);
    const signal = AbortSignal.any([lost.signal, this.#stopping.signal]);
    let result: JobRun["result"];
    try {
      const fence = (tx: Tx) => fenceJob(tx, taken);
      const run = () => job.run({ clock, signal, fence });
      // Of the key, its kind: the rest would name a store or a bank.
      result = { ok: true, outcome: await traced(`job ${job.key.split(":")[0]}`, {}, run) };
    } catch (error) {
      result = { ok: false, error };
    } finally {
      clearInterval(renewal);
    }
    try {
      await this.#end(job, taken, result);
    } catch (error) {
      // Its lease ends by itself, and it runs again then.
      this.#options.onFailure?.(error);
    }
  }

  async #end(job: Job, taken: TakenJob, result: JobRun["result"]): Promise<void> {
    const { database, clock, onRun } = this.#options;
    const endedAt = clock.now();
    onRun?.({ key: job.key, startedAt: taken.startedAt, endedAt, result });
    // A run that was told to stop has not failed.
    const failed = !result.ok && !this.#stopping.signal.aborted;
    const waitMs = failed ? failureWaitMs(job, await failuresOf(database, taken)) : job.everyMs;
    const next = instantOfMs(msOf(endedAt) + waitMs);
    const told = result.ok ? (result.outcome.more === true ? endedAt : result.outcome.dueAt) : null;
    const dueAt = !result.ok && !failed ? endedAt : (told ?? next);
    await endJob(database, taken, { endedAt, dueAt, failed });
  }
}

/** Doubles with each failure in a row, but is never longer than the job's own turn or a few minutes. */
function failureWaitMs(job: Job, failuresBefore: number): number {
  const doubled = FAILURE_WAIT_FIRST_MS * 2 ** Math.min(failuresBefore, 20);
  return Math.min(doubled, Math.max(job.everyMs, FAILURE_WAIT_MAX_MS));
}
