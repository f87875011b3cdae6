// The partition while this program holds it: its head, the accounts in memory, its connection. Memory follows the
// database, never the other way: it changes after a certain commit and is forgotten after an uncertain one.

import { InvariantBroken, invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Connection, Database, Tx } from "../storage/database.ts";
import { codeOf, isConflict } from "../storage/database-outage.ts";
import type { AccountCache } from "./account-cache.ts";
import type { CheckResult } from "./batch-draft.ts";
import type { SessionEnd } from "./ledger-session.ts";
import { LedgerSession } from "./ledger-session.ts";
import type { Lease, PartitionHead } from "./partition-lease.ts";
import { leaseUntil, lockPartition, renewLease, retakeLease } from "./partition-lease.ts";
import type { PostingOutcome } from "./posting.ts";
import { partitionLost } from "./write-batch.ts";

/**
 * The planner's statistics are renewed when a partition has grown by this factor. All indexes of a transfer lead with
 * tenant and partition; for a tenant that PostgreSQL has no statistics on it takes any of them, and reads the whole
 * partition for each id (measured: 5.7 ms an id at 19,000 transfers). Autovacuum comes only after a minute.
 */
const STATISTICS_GROWTH_FACTOR = 10n;
/** After an id turned out to be in the ledger, so many batches look ids up first: repeats come in crowds. */
const CAREFUL_BATCH_COUNT = 16;
/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = "23505";

export class HeldPartition {
  readonly #database: Database;
  readonly #lease: Lease;
  readonly #cache: AccountCache;
  readonly #batchLegsMax: number;
  #connection: Connection | null = null;
  #head: PartitionHead;
  /** True after a transaction of unknown outcome: the head and the cache may be wrong. */
  #isStale = false;
  #isLost = false;
  #carefulBatchCount = 0;
  /** The next seq at which statistics are due, and their renewal while it runs. */
  #statisticsDueAt = 2n;
  #statistics: Promise<unknown> = Promise.resolve();

  constructor(
    database: Database,
    lease: Lease,
    head: PartitionHead,
    memory: { readonly cache: AccountCache; readonly batchLegsMax: number },
  ) {
    this.#database = database;
    this.#lease = lease;
    this.#head = head;
    this.#cache = memory.cache;
    this.#batchLegsMax = memory.batchLegsMax;
  }

  /** True once another writer has taken the partition: nothing is possible any more. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Posts one batch of at most `batchLegsMax` legs. */
  async post(checks: readonly CheckResult[]): Promise<PostingOutcome[]> {
    const outcomes = await this.#postAsNew(checks);
    return outcomes ?? this.#transact((_tx, session) => session.postChecked(checks));
  }

  /** Runs `work` in a transaction that holds the partition's lock. */
  step<Value>(work: (tx: Tx, session: LedgerSession) => Promise<Value>): Promise<Value> {
    return this.#transact(async (tx, session) => {
      if (await lockPartition(tx, this.#lease.scope, this.#head)) return work(tx, session);
      session.failed = true;
      throw partitionLost(this.#lease.scope);
    });
  }

  async renew(): Promise<void> {
    const connection = await this.#connect();
    if (!(await renewLease(connection, this.#lease, leaseUntil(this.#lease)))) throw this.#lose();
  }

  /** Ends the lease, so that others need not wait for it, and gives the connection back. */
  async release(): Promise<void> {
    await this.#statistics;
    try {
      if (this.#isLost) return;
      await renewLease(await this.#connect(), this.#lease, this.#lease.clock.now());
    } finally {
      this.#connection?.release();
      this.#connection = null;
    }
  }

  /**
   * Posts the batch in one statement, taking its ids to be new: the unique index says when one is not. Null when that
   * cannot answer: an id is in the ledger, or a posting would be refused whose id may be in it.
   */
  async #postAsNew(checks: readonly CheckResult[]): Promise<PostingOutcome[] | null> {
    if (this.#carefulBatchCount > 0) {
      this.#carefulBatchCount -= 1;
      return null;
    }
    await this.#refresh();
    const session = this.#session(await this.#connect());
    try {
      const outcomes = await session.postAsNew(checks);
      if (outcomes !== null) this.#adopt(session.end());
      return outcomes;
    } catch (error) {
      if (codeOf(error) === UNIQUE_VIOLATION || isConflict(error)) {
        this.#carefulBatchCount = CAREFUL_BATCH_COUNT;
        return null;
      }
      this.#isStale = true;
      throw await this.#explained(error);
    }
  }

  /** One transaction with a session of the ledger; its memory is kept only when the commit is certain. */
  async #transact<Value>(work: (tx: Tx, session: LedgerSession) => Promise<Value>): Promise<Value> {
    await this.#refresh();
    const connection = await this.#connect();
    // What the last attempt left behind: its session, and its end once only the commit was missing.
    const attempt: { session: LedgerSession | null; end: SessionEnd | null } = {
      session: null,
      end: null,
    };
    try {
      const value = await connection.transaction(async (tx) => {
        const session = this.#session(tx);
        Object.assign(attempt, { session, end: null });
        const result = await work(tx, session);
        // A caller that swallowed a failure of the ledger must not commit half a step.
        invariant(!session.failed, "the step went on after a failed statement of the ledger");
        attempt.end = session.end();
        return result;
      });
      invariant(attempt.end !== null, "a committed transaction has ended its session");
      this.#adopt(attempt.end);
      return value;
    } catch (error) {
      if (attempt.session?.failed === true || attempt.end !== null) this.#isStale = true;
      throw await this.#explained(error);
    }
  }

  #session(tx: Tx): LedgerSession {
    return new LedgerSession(tx, {
      scope: this.#lease.scope,
      head: this.#head,
      cached: this.#cache.get,
      clock: this.#lease.clock,
      leaseUntil: leaseUntil(this.#lease),
      batchLegsMax: this.#batchLegsMax,
    });
  }

  #adopt(end: SessionEnd): void {
    this.#head = end.head;
    for (const [id, state] of end.accounts) this.#cache.put(id, state);
    if (this.#head.nextSeq < this.#statisticsDueAt) return;
    this.#statisticsDueAt = this.#head.nextSeq * STATISTICS_GROWTH_FACTOR;
    // Slow look-ups are all that a failure here costs, and autovacuum makes up for it later.
    const renewed = this.#database.query("analyze ledger_transfer").catch(() => undefined);
    this.#statistics = Promise.all([this.#statistics, renewed]);
  }

  /** After an unknown outcome: forget everything, go on under a new epoch, or learn that another writer has it. */
  async #refresh(): Promise<void> {
    if (this.#isLost) throw partitionLost(this.#lease.scope);
    if (!this.#isStale) return;
    this.#cache.clear();
    const head = await retakeLease(await this.#connect(), this.#lease);
    if (head === null) throw this.#lose();
    this.#head = head;
    this.#isStale = false;
  }

  /** What a writer that was taken over met is told as that, not as the failed statement that showed it. */
  async #explained(error: unknown): Promise<unknown> {
    if (!this.#isStale || (error instanceof Outage && error.port !== "ledger")) return error;
    if (!(error instanceof Outage || error instanceof InvariantBroken) && codeOf(error) === null)
      return error;
    try {
      await this.#refresh();
      return error;
    } catch (lost) {
      return this.#isLost ? lost : error;
    }
  }

  #lose(): Outage {
    this.#isLost = true;
    return partitionLost(this.#lease.scope);
  }

  async #connect(): Promise<Connection> {
    if (this.#connection?.alive() === true) return this.#connection;
    this.#connection?.release();
    this.#connection = null;
    this.#connection = await this.#database.connect();
    return this.#connection;
  }
}
