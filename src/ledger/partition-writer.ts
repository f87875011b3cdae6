// The one writer of a ledger partition. Callers post one posting and wait; what queued meanwhile is decided in
// memory and written as one batch, because one row per transaction gives hundreds a second on a hot account and
// set-based batches give tens of thousands (docs/decisions/0001-one-writer-set-based-batches.md).

import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Database, Tx } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import { accountCache } from "./account-cache.ts";
import type { CheckResult } from "./batch-draft.ts";
import { HeldPartition } from "./held-partition.ts";
import type { Lease } from "./partition-lease.ts";
import { takeLease } from "./partition-lease.ts";
import type { AccountOpening, AccountOpeningOutcome, Posting, PostingOutcome } from "./posting.ts";
import {
  checkPosting,
  isLedgerText,
  LEDGER_ID_LENGTH_MAX,
  LEGS_PER_POSTING_MAX,
} from "./posting-body.ts";
import { partitionLost } from "./write-batch.ts";

/** Legs in one statement; 200 to 2,000 was measured best on PostgreSQL. Give 400 on a distributed engine. */
export const BATCH_LEGS_MAX_DEFAULT = 1000;
/** Lease without renewal; a third of it passes between renewals. */
export const LEASE_MS_DEFAULT = 15_000;
/** Postings and steps that may wait; past it a caller gets a retryable outage instead of a longer wait. */
export const QUEUE_LENGTH_MAX_DEFAULT = 10_000;
/** Accounts kept in memory, about 500 bytes each. */
export const CACHE_ACCOUNTS_MAX_DEFAULT = 100_000;

export type PartitionOptions = {
  readonly tenantId: string;
  /** 0 to 2^31 - 1; each partition of a tenant is a ledger of its own with its own writer. */
  readonly partition: number;
  /**
   * Unique among running programs. A program that starts again under its old name takes over at once; another
   * name waits for the lease to end.
   */
  readonly owner: string;
  readonly clock: Clock;
  /** Milliseconds; `LEASE_MS_DEFAULT` unless told. */
  readonly leaseMs?: number;
  /** How long to wait for another owner's lease to end, in milliseconds; 0 unless told: refuse at once. */
  readonly leaseWaitMsMax?: number;
  /** `BATCH_LEGS_MAX_DEFAULT` unless told; at least `LEGS_PER_POSTING_MAX`. */
  readonly batchLegsMax?: number;
  /** `QUEUE_LENGTH_MAX_DEFAULT` unless told. */
  readonly queueLengthMax?: number;
  /** `CACHE_ACCOUNTS_MAX_DEFAULT` unless told. */
  readonly cacheAccountsMax?: number;
};

/** What a step may do with the ledger inside its transaction. Await each call before the next. */
export type StepLedger = {
  readonly open: (openings: readonly AccountOpening[]) => Promise<readonly AccountOpeningOutcome[]>;
  readonly post: (postings: readonly Posting[]) => Promise<PostingOutcome[]>;
};

type PostingJob = {
  readonly kind: "posting";
  readonly check: CheckResult & { readonly ok: true };
  readonly resolve: (outcome: PostingOutcome) => void;
  readonly reject: (error: unknown) => void;
};
type StepJob = { readonly kind: "step"; readonly run: () => Promise<void> };

type QueueLimits = { readonly batchLegsMax: number; readonly queueLengthMax: number };

/**
 * Takes the partition and gives its writer. Throws a retryable outage while another owner's lease runs. A writer
 * whose partition was taken over throws a final outage from then on and never posts again. The writer keeps one
 * connection of the database's pool until it is closed.
 */
export async function openPartition(
  database: Database,
  options: PartitionOptions,
): Promise<PartitionWriter> {
  const { tenantId, partition, owner, clock } = options;
  const batchLegsMax = options.batchLegsMax ?? BATCH_LEGS_MAX_DEFAULT;
  invariant(isLedgerText(tenantId, LEDGER_ID_LENGTH_MAX), "tenantId must be 1 to 200 characters");
  invariant(isLedgerText(owner, LEDGER_ID_LENGTH_MAX), "owner must be 1 to 200 characters");
  invariant(
    Number.isInteger(partition) && partition >= 0 && partition < 2 ** 31,
    "partition must be an integer from 0 to 2^31 - 1",
  );
  invariant(batchLegsMax >= LEGS_PER_POSTING_MAX, "batchLegsMax must hold the largest posting");
  const lease: Lease = {
    scope: { tenantId, partition },
    owner,
    holder: randomUUID(),
    clock,
    leaseMs: options.leaseMs ?? LEASE_MS_DEFAULT,
  };
  const head = await takeLease(database, lease, options.leaseWaitMsMax ?? 0);
  const cache = accountCache(options.cacheAccountsMax ?? CACHE_ACCOUNTS_MAX_DEFAULT);
  const held = new HeldPartition(database, lease, head, { cache, batchLegsMax });
  const queueLengthMax = options.queueLengthMax ?? QUEUE_LENGTH_MAX_DEFAULT;
  return new PartitionWriter(held, lease, { batchLegsMax, queueLengthMax });
}

export class PartitionWriter {
  readonly #held: HeldPartition;
  readonly #lease: Lease;
  readonly #limits: QueueLimits;
  readonly #renewal: NodeJS.Timeout;
  #queue: (PostingJob | StepJob)[] = [];
  #working: Promise<void> | null = null;
  #isClosed = false;
  #isRenewing = false;

  /** Use `openPartition`. */
  constructor(held: HeldPartition, lease: Lease, limits: QueueLimits) {
    this.#held = held;
    this.#lease = lease;
    this.#limits = limits;
    this.#renewal = setInterval(() => this.#renewInBackground(), lease.leaseMs / 3);
    this.#renewal.unref();
  }

  /** "lost": another writer took the partition; "closed": `close` was called. */
  get state(): "open" | "lost" | "closed" {
    if (this.#held.isLost) return "lost";
    return this.#isClosed ? "closed" : "open";
  }

  /** Posts one posting; resolves once it is durable, or refused. Batched with whatever else is waiting. */
  async post(posting: Posting): Promise<PostingOutcome> {
    const check = checkPosting(posting);
    if (!check.ok) return check;
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: "posting", check, resolve, reject });
    });
  }

  /** Opens accounts; harmless when they are open already with the same currency and limit. */
  open(openings: readonly AccountOpening[]): Promise<readonly AccountOpeningOutcome[]> {
    return this.step((_tx, ledger) => ledger.open(openings));
  }

  /**
   * Runs `work` alone in one transaction: what it writes through `tx` and what it posts commit together or not at
   * all. `work` may run again after a serialization failure, so it must not keep what it learned in an earlier run.
   * Its own errors roll everything back and come out unchanged.
   */
  step<Value>(work: (tx: Tx, ledger: StepLedger) => Promise<Value>): Promise<Value> {
    return this.#alone(() =>
      this.#held.step((tx, session) =>
        work(tx, {
          open: (openings) => session.open(openings),
          post: (postings) => session.post(postings),
        }),
      ),
    );
  }

  /** Moves the end of the lease; the writer does so itself, in time, as long as the program runs. */
  renew(): Promise<void> {
    return this.#alone(() => this.#held.renew());
  }

  /** Finishes what is queued, ends the lease and gives the connection back. A second call does nothing more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#renewal);
    await this.#working;
    await this.#held.release();
  }

  #alone<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: "step", run: () => work().then(resolve, reject) });
    });
  }

  #enqueue(job: PostingJob | StepJob): void {
    if (this.#held.isLost) throw partitionLost(this.#lease.scope);
    if (this.#isClosed) throw new Outage("ledger", "this writer is closed", { retryable: false });
    if (this.#queue.length >= this.#limits.queueLengthMax)
      throw new Outage("ledger", "too many postings are waiting", { retryable: true });
    this.#queue.push(job);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // One turn of the event loop lets everyone who posts now, or was just answered, join the batch.
    for (await nextTurn(); this.#queue.length > 0; await nextTurn()) {
      const [first] = this.#queue;
      if (first?.kind === "step") {
        this.#queue.shift();
        await first.run();
      } else await this.#runPostings(this.#takePostings());
    }
    this.#working = null;
  }

  /** The postings at the front of the queue that fit one batch. */
  #takePostings(): PostingJob[] {
    const taken: PostingJob[] = [];
    let legCount = 0;
    for (const job of this.#queue) {
      if (job.kind !== "posting") break;
      legCount += job.check.value.posting.legs.length;
      if (taken.length > 0 && legCount > this.#limits.batchLegsMax) break;
      taken.push(job);
    }
    this.#queue = this.#queue.slice(taken.length);
    return taken;
  }

  async #runPostings(jobs: readonly PostingJob[]): Promise<void> {
    try {
      const outcomes = await this.#held.post(jobs.map((job) => job.check));
      for (const [index, job] of jobs.entries()) {
        const outcome = outcomes[index];
        invariant(outcome !== undefined, "every posting has an outcome");
        job.resolve(outcome);
      }
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }

  #renewInBackground(): void {
    if (this.state !== "open" || this.#isRenewing) return;
    this.#isRenewing = true;
    // A renewal that fails changes nothing: the next posting meets the same fault and its caller hears of it.
    this.renew()
      .catch(() => undefined)
      .finally(() => {
        this.#isRenewing = false;
      });
  }
}
