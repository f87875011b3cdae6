// Which process settles: the one that holds the ledger's lease. It opens the channel and the receiver; every other one
// looks at the lease until it can have it. A process that loses the ledger stands by again, it does not die.

import { Outage } from "../errors/outage.ts";
import type { Policy } from "../policy/policy.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import type { CarriedOut } from "./approved-acts.ts";
import { type Channel, openChannel } from "./channel.ts";
import { pausing } from "./pausing.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import type { StoredResult } from "./settle-stored.ts";

/** How long a process that died keeps the others out. Renewed each third of it. */
export const LEADER_LEASE_MS_DEFAULT = 5_000;
/** Pause between two looks: at the lease, and at what other processes have stored. */
export const LEADER_POLL_MS_DEFAULT = 250;
/** A file or an act that broke its step is tried again after this long: it must not keep the others waiting. */

const BROKEN_WAIT_MS = 60_000;

export type Role = "leader" | "standby";

/** What the process that holds the ledger has. */
export type Held = { readonly channel: Channel; readonly receiver: Receiver };

export type LeadershipEvents = {
  readonly roleChanged?: (role: Role) => void;
  /** What was settled for other processes, or after a crash. */
  readonly settledStored?: (results: readonly StoredResult[]) => void;
  /** Approved acts that were carried out, wherever they were approved. */
  readonly carriedOut?: (acts: readonly CarriedOut[]) => void;
  /** A look at the lease or at stored files that failed; it is repeated. */
  readonly failed?: (error: unknown) => void;
};

export type LeadershipOptions = {
  readonly store: Store;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly tenantId: string;
  /** This process, unlike any other. */
  readonly owner: string;
  /** True: the database is this process's alone, so that its ledger is too. */
  readonly isOwnDatabase: boolean;
  /** As of the channel: false where binding an account needs an approval. */
  readonly filesBindAccounts?: boolean;
  readonly leaseMs?: number;
  readonly pollMs?: number;
  readonly events?: LeadershipEvents;
};

export type Leadership = {
  readonly role: () => Role;
  /** The channel and its receiver while this process holds the ledger; null while it does not. */
  readonly held: () => Held | null;
  /** Looks at once: the clock was moved, something was stored. */
  readonly wake: () => void;
  /** Ends with the first look at the lease: the role is known. */
  readonly decided: Promise<void>;
  /** Finishes what was received, ends the lease and lets another process go on. */
  readonly stop: () => Promise<void>;
};

export function startLeadership(options: LeadershipOptions): Leadership {
  const loop = new LeadershipLoop(options);
  const ended = loop.run();
  return {
    role: () => (loop.held === null ? "standby" : "leader"),
    held: () => loop.held,
    wake: loop.wake,
    decided: loop.decided,
    stop: async () => {
      loop.stop();
      await ended;
    },
  };
}

class LeadershipLoop {
  held: Held | null = null;
  readonly decided: Promise<void>;
  readonly #options: LeadershipOptions;
  readonly #pause = pausing();
  /** When files that broke their step are tried again. */
  readonly #brokenUntil = new Map<string, Instant>();
  /** When approved acts are tried again after one of them broke. */
  #actsBrokenUntil: Instant = instantOfMs(0);
  #decide: () => void = () => undefined;
  #isStopping = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.decided = new Promise((resolve) => {
      this.#decide = resolve;
    });
  }

  wake = (): void => this.#pause.wake();

  stop(): void {
    this.#isStopping = true;
    this.wake();
  }

  async run(): Promise<void> {
    const { pollMs = LEADER_POLL_MS_DEFAULT, events } = this.#options;
    let failureCount = 0;
    while (!this.#isStopping) {
      let isBusy = false;
      try {
        if (this.held === null) await this.#tryToLead();
        else if (this.held.channel.writer.state === "lost") await this.#giveUp();
        else isBusy = await this.#carryOn(this.held);
        failureCount = 0;
      } catch (error) {
        if (isHeldByAnother(error)) failureCount = 0;
        else {
          failureCount += 1;
          events?.failed?.(error);
        }
      }
      this.#decide();
      // Who has just begun to lead, and who has settled something, looks again at once.
      if (!isBusy) await this.#pause.pause(pauseMs(pollMs, failureCount));
    }
    await this.#giveUp();
  }

  async #tryToLead(): Promise<void> {
    const { store, policy, clock, tenantId, owner, isOwnDatabase, events } = this.#options;
    const channel = await openChannel(
      // The store outlives the channel: a standby reads and stores too.
      { ...store, close: async () => undefined },
      {
        policy,
        clock,
        tenantId,
        owner,
        isOwnDatabase,
        leaseMs: this.#options.leaseMs ?? LEADER_LEASE_MS_DEFAULT,
        leaseWaitMsMax: 0,
        carriesOn: false,
        filesBindAccounts: this.#options.filesBindAccounts ?? true,
      },
    );
    this.held = { channel, receiver: openReceiver(channel) };
    events?.roleChanged?.("leader");
    this.wake();
  }

  async #giveUp(): Promise<void> {
    const { held } = this;
    if (held === null) return;
    this.held = null;
    try {
      await held.receiver.close();
      await held.channel.close();
    } catch (error) {
      // A database that is away: the lease ends by itself.
      this.#options.events?.failed?.(error);
    }
    this.#options.events?.roleChanged?.("standby");
  }

  /** What other processes have stored, and approved. True when there may be more. */
  async #carryOn(held: Held): Promise<boolean> {
    const isBusy = await this.#settleStored(held);
    if (this.#actsBrokenUntil > this.#options.clock.now()) return isBusy;
    this.#actsBrokenUntil = instantOfMs(msOf(this.#options.clock.now()) + BROKEN_WAIT_MS);
    const acts = await held.channel.carryOutApproved();
    this.#actsBrokenUntil = instantOfMs(0);
    if (acts.length > 0) this.#options.events?.carriedOut?.(acts);
    return isBusy;
  }

  /** True when there was something, so that there may be more. */
  async #settleStored({ receiver }: Held): Promise<boolean> {
    const { clock, events } = this.#options;
    const now = clock.now();
    for (const [sha256, until] of this.#brokenUntil)
      if (until <= now) this.#brokenUntil.delete(sha256);
    const results = await receiver.settleStored(new Set(this.#brokenUntil.keys()));
    for (const { sha256, result } of results) {
      if (result.ok) continue;
      this.#brokenUntil.set(sha256, instantOfMs(msOf(now) + BROKEN_WAIT_MS));
      events?.failed?.(result.error);
    }
    if (results.length > 0) events?.settledStored?.(results);
    return results.some(({ result }) => result.ok);
  }
}

/** Longest pause while every look fails, as while the database is away. */
const FAILING_PAUSE_MS_MAX = 5_000;

function pauseMs(pollMs: number, failureCount: number): number {
  if (failureCount === 0) return pollMs;
  return Math.max(pollMs, Math.min(pollMs * 2 ** Math.min(failureCount, 10), FAILING_PAUSE_MS_MAX));
}

/** The ordinary answer to a standby. */
function isHeldByAnother(error: unknown): boolean {
  return error instanceof Outage && error.port === "ledger" && error.retryable;
}
