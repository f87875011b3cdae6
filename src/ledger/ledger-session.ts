// One transaction of the writer: reads what its postings need, decides them in order, writes the accepted ones.
// What it learns stays in the session and reaches the writer's memory only when the transaction has committed.

import { invariant } from "../errors/invariant.ts";
import type { Tx } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import type { AccountState } from "./account-state.ts";
import type { CheckResult, Draft } from "./batch-draft.ts";
import {
  accountIdsOf,
  checkedOf,
  chunksOf,
  idsToFind,
  outcomeOf,
  remember,
  repeated,
} from "./batch-draft.ts";
import type { Book } from "./decide-posting.ts";
import { decidePosting } from "./decide-posting.ts";
import { openAccounts } from "./open-accounts.ts";
import type { PartitionHead } from "./partition-lease.ts";
import type {
  AccountOpening,
  AccountOpeningOutcome,
  LedgerAccountId,
  Posting,
  PostingId,
  PostingOutcome,
} from "./posting.ts";
import type { CheckedPosting } from "./posting-body.ts";
import { checkPosting } from "./posting-body.ts";
import type { PartitionScope } from "./transfer.ts";
import { NOTHING_DRAWN, rowHash } from "./transfer.ts";
import type { FoundPostings } from "./transfer-rows.ts";
import { findAccounts, findPostings } from "./transfer-rows.ts";
import type { AccountChange } from "./write-batch.ts";
import { partitionLost, writeBatch } from "./write-batch.ts";

/** Legs that a step may post in one call: some seconds during which nobody else posts. */
export const CALL_LEGS_MAX = 20_000;

export type SessionContext = {
  readonly scope: PartitionScope;
  readonly head: PartitionHead;
  readonly cached: (id: LedgerAccountId) => AccountState | undefined;
  readonly clock: Clock;
  readonly leaseUntil: Instant;
  /** Legs of one statement at most. */
  readonly batchLegsMax: number;
};

/** What the writer takes over once the session's transaction has committed. */
export type SessionEnd = {
  readonly head: PartitionHead;
  readonly accounts: ReadonlyMap<LedgerAccountId, AccountState>;
};

export class LedgerSession {
  /** True after a statement of the ledger failed: the transaction must not commit. */
  failed = false;
  readonly #tx: Tx;
  readonly #context: SessionContext;
  readonly #accounts = new Map<LedgerAccountId, AccountState>();
  #head: PartitionHead;
  #busy = false;
  #ended = false;

  constructor(tx: Tx, context: SessionContext) {
    this.#tx = tx;
    this.#context = context;
    this.#head = context.head;
  }

  open(openings: readonly AccountOpening[]): Promise<readonly AccountOpeningOutcome[]> {
    return this.#exclusively(() =>
      openAccounts(this.#tx, this.#context.scope, openings, this.#context.clock.now()),
    );
  }

  post(postings: readonly Posting[]): Promise<PostingOutcome[]> {
    return this.postChecked(postings.map(checkPosting));
  }

  /** Decides in the order given; the outcome of each stands at its place. */
  postChecked(checks: readonly CheckResult[]): Promise<PostingOutcome[]> {
    return this.#exclusively(async () => {
      const legCount = checkedOf(checks).reduce((sum, each) => sum + each.posting.legs.length, 0);
      invariant(legCount <= CALL_LEGS_MAX, `at most ${CALL_LEGS_MAX} legs in one call of a step`);
      const outcomes: PostingOutcome[] = [];
      for (const chunk of chunksOf(checks, this.#context.batchLegsMax))
        outcomes.push(...(await this.#postChunk(chunk)));
      return outcomes;
    });
  }

  /**
   * Posts one batch without looking its ids up: the unique index refuses an id that is in the ledger. Null, and
   * nothing written, when a posting would be refused: its id may be in the ledger, and then it was posted before.
   */
  postAsNew(checks: readonly CheckResult[]): Promise<PostingOutcome[] | null> {
    return this.#exclusively(async () => {
      const draft = await this.#load(checkedOf(checks), "assume-new");
      const outcomes = checks.map((check) => (check.ok ? this.#decide(draft, check.value) : check));
      const isSure = outcomes.every((outcome) => outcome.ok && outcome.outcome === "posted");
      if (!isSure) return null;
      await this.#write(draft);
      return outcomes;
    });
  }

  /** No call may follow. */
  end(): SessionEnd {
    invariant(!this.#busy, "a step must await its postings before it ends");
    this.#ended = true;
    return { head: this.#head, accounts: this.#accounts };
  }

  async #exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    invariant(!this.#ended, "the step of this ledger has ended");
    invariant(!this.#busy, "a step posts one call after the other: await the one before");
    this.#busy = true;
    try {
      return await work();
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #postChunk(checks: readonly CheckResult[]): Promise<PostingOutcome[]> {
    const draft = await this.#load(checkedOf(checks), "look-up");
    const outcomes = checks.map((check) => (check.ok ? this.#decide(draft, check.value) : check));
    await this.#write(draft);
    return outcomes;
  }

  async #write(draft: Draft): Promise<void> {
    const last = draft.transfers.at(-1);
    if (last === undefined) return;
    const { scope, leaseUntil } = this.#context;
    await writeBatch(this.#tx, scope, {
      epoch: this.#head.epoch,
      bookedAt: draft.bookedAt,
      leaseUntil,
      transfers: draft.transfers,
      accounts: this.#changes(draft),
      draws: [...draft.draws.values()],
    });
    this.#head = {
      epoch: this.#head.epoch,
      nextSeq: last.seq + 1n,
      headHash: last.rowHash,
      lastBookedAt: draft.bookedAt,
    };
  }

  /** Loads everything the postings name that is not in memory, and makes sure that the partition is still ours. */
  async #load(postings: readonly CheckedPosting[], ids: "look-up" | "assume-new"): Promise<Draft> {
    const { clock } = this.#context;
    const found = await this.#find(idsToFind(postings, ids));
    const now = clock.now();
    const { lastBookedAt } = this.#head;
    const draft: Draft = {
      postings: new Map(),
      drawn: new Map(),
      transfers: [],
      before: new Map(),
      draws: new Map(),
      bookedAt: lastBookedAt !== null && lastBookedAt > now ? lastBookedAt : now,
    };
    for (const { transfer, drawn } of found) {
      remember(draft, transfer);
      if (drawn !== null) draft.drawn.set(transfer.seq, drawn);
    }
    await this.#loadAccounts(accountIdsOf(postings, draft));
    return draft;
  }

  /** The transfers of postings in the ledger; makes sure that the partition is still ours. */
  async #find(ids: readonly PostingId[]): Promise<FoundPostings["transfers"]> {
    if (ids.length === 0) return [];
    const { scope } = this.#context;
    const found = await findPostings(this.#tx, scope, ids);
    if (found?.epoch === this.#head.epoch && found.nextSeq === this.#head.nextSeq)
      return found.transfers;
    throw partitionLost(scope);
  }

  async #loadAccounts(ids: ReadonlySet<LedgerAccountId>): Promise<void> {
    const missing: LedgerAccountId[] = [];
    for (const id of ids) {
      if (this.#accounts.has(id)) continue;
      const state = this.#context.cached(id);
      if (state === undefined) missing.push(id);
      else this.#accounts.set(id, state);
    }
    for (const state of await findAccounts(this.#tx, this.#context.scope, missing))
      this.#accounts.set(state.balances.accountId, state);
  }

  #decide(draft: Draft, checked: CheckedPosting): PostingOutcome {
    const known = draft.postings.get(checked.posting.id);
    if (known !== undefined) return repeated(known, checked);
    const firstSeq = this.#head.nextSeq + BigInt(draft.transfers.length);
    const decision = decidePosting(this.#bookOf(draft), checked, firstSeq, draft.bookedAt);
    if (!decision.ok) return decision;
    for (const [id, state] of decision.accounts) {
      if (!draft.before.has(id)) draft.before.set(id, this.#stateOf(id).balances.version);
      this.#accounts.set(id, state);
    }
    for (const [seq, { amount, drawn }] of decision.draws) {
      draft.drawn.set(seq, drawn);
      draft.draws.set(seq, { seq, amount, drawn });
    }
    let previousHash = draft.transfers.at(-1)?.rowHash ?? this.#head.headHash;
    for (const transfer of decision.transfers) {
      const hash = rowHash(this.#context.scope, transfer, previousHash);
      draft.transfers.push({ ...transfer, previousHash, rowHash: hash });
      remember(draft, transfer);
      previousHash = hash;
    }
    return outcomeOf("posted", decision.transfers);
  }

  #bookOf(draft: Draft): Book {
    return {
      account: (id) => this.#accounts.get(id),
      transfer: (ref) => draft.postings.get(ref.postingId)?.transfers[ref.leg],
      drawn: (seq) => draft.drawn.get(seq) ?? NOTHING_DRAWN,
    };
  }

  #stateOf(id: LedgerAccountId): AccountState {
    const state = this.#accounts.get(id);
    invariant(state !== undefined, `account ${id} is not loaded`);
    return state;
  }

  #changes(draft: Draft): AccountChange[] {
    return [...draft.before].map(([id, before]) => ({ before, state: this.#stateOf(id) }));
  }
}
