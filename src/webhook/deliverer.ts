// Delivers events to endpoints: looks the feed on, tries what is due, records what was answered. Any number of processes
// may do it at once; what one has taken the others leave alone until it should have ended. At least once: an attempt
// whose answer was lost in a crash is made again, with the same webhook-id.

import type { Sealer } from "../secret/seal.ts";
import type { Database } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import { msOf } from "../time/instant.ts";
import { type FeedEvent, lastSeq, readEvents } from "../timeline/feed.ts";
import { forgetEnded } from "./delivery-log.ts";
import {
  type Claimed,
  cancelDelivery,
  claimDue,
  dueEndpoints,
  lanesOf,
  recordAttempt,
  releaseClaim,
} from "./due-deliveries.ts";
import { loadEndpoints, openSecrets, type StoredEndpoint } from "./endpoint.ts";
import { eventIdOf, webhookText } from "./event-body.ts";
import { fanOutFeed, fanOutReplay, replayingEndpoints } from "./fan-out.ts";
import type { PostWebhook } from "./post-webhook.ts";
import { signedHeaders } from "./standard-signature.ts";

/** Attempts that run at once for one endpoint, and for all of them in this process. */
const LANES_PER_ENDPOINT = 4;
const LANES_MAX = 32;
/** Looks at what is due in one call at most; then it says that there may be more. */
const ROUNDS_MAX = 50;

export type DelivererDeps = {
  readonly database: Database;
  readonly tenantId: string;
  /** By which waits and retries are counted: the sandbox may move it. */
  readonly clock: Clock;
  /** By which messages are stamped: receivers compare it with their own. */
  readonly wallClock: Clock;
  readonly sealer: Sealer;
  readonly post: PostWebhook;
  /** "Straitway/0.1.0". */
  readonly userAgent: string;
  /** How long a call waits for attempts that run before it looks on without them; they go on. Unless told, to their end. */
  readonly patienceMs?: number;
};

export type DeliveryRound = {
  /** Attempts that ended. */
  readonly count: number;
  /** True: there may be more to do at once. */
  readonly more: boolean;
};

export type Deliverer = {
  /** Does what is due now. Throws when the database is away; attempts that ran are recorded or made again. */
  readonly deliverDue: (signal?: AbortSignal) => Promise<DeliveryRound>;
  /** Waits for the attempts that run. */
  readonly idle: () => Promise<void>;
};

export function createDeliverer(deps: DelivererDeps): Deliverer {
  return new Running(deps);
}

class Running implements Deliverer {
  readonly #deps: DelivererDeps;
  /** Attempts that run, by endpoint. None of these promises rejects. */
  readonly #running = new Map<string, Set<Promise<void>>>();
  #ended = 0;
  #failure: unknown = null;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
  }

  deliverDue = async (signal?: AbortSignal): Promise<DeliveryRound> => {
    const { database, tenantId, clock } = this.#deps;
    this.#ended = 0;
    await forgetEnded(database, tenantId, clock.now());
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (signal?.aborted === true) break;
      const isMore = await this.#startDue(signal);
      if (this.#failure !== null) throw this.#takeFailure();
      if (this.#all().length > 0) {
        if (!(await this.#oneEnds())) return { count: this.#ended, more: false };
      } else if (!isMore) {
        return { count: this.#ended, more: false };
      }
    }
    if (this.#failure !== null) throw this.#takeFailure();
    return { count: this.#ended, more: signal?.aborted !== true };
  };

  idle = async (): Promise<void> => {
    while (this.#all().length > 0) await Promise.all(this.#all());
  };

  #all(): readonly Promise<void>[] {
    return [...this.#running.values()].flatMap((set) => [...set]);
  }

  #takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = null;
    return failure;
  }

  /** Waits until one of the attempts ends; false when patience ends first. */
  async #oneEnds(): Promise<boolean> {
    const { patienceMs } = this.#deps;
    const ends = Promise.race(this.#all()).then(() => true);
    if (patienceMs === undefined) return ends;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patienceMs);
    });
    try {
      return await Promise.race([ends, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Looks the feed on and starts what is due and has a lane; returns whether another look finds more at once. */
  async #startDue(signal: AbortSignal | undefined): Promise<boolean> {
    const { database, tenantId, clock } = this.#deps;
    const endpoints = await loadEndpoints(database, tenantId, "state = 'enabled'", []);
    if (endpoints.length === 0) return false;
    const last = await lastSeq(database, tenantId);
    const replaying = await replayingEndpoints(database, tenantId);
    let isMore = false;
    for (const { id, afterSeq } of endpoints) {
      const at = { database, tenantId, now: clock.now() };
      if (afterSeq < last && (await fanOutFeed(at, id))) isMore = true;
      if (replaying.has(id) && (await fanOutReplay(at, id))) isMore = true;
    }
    for (const endpointId of await dueEndpoints(database, tenantId, clock.now())) {
      if (await this.#startEndpoint(endpointId, signal)) isMore = true;
    }
    return isMore;
  }

  /** Starts what is due for an endpoint and has a lane; returns whether that was anything. */
  async #startEndpoint(endpointId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { database, tenantId, clock } = this.#deps;
    const running = this.#running.get(endpointId) ?? new Set();
    this.#running.set(endpointId, running);
    const now = clock.now();
    // Counted before the endpoint is read: an attempt that ends in between still counts as running.
    const busy = running.size;
    const free = LANES_MAX - this.#all().length;
    if (free <= 0 || busy >= LANES_PER_ENDPOINT) return false;
    const claim = await claimDue(database, tenantId, endpointId, now, (endpoint) =>
      Math.min(free, lanesOf(endpoint, now, LANES_PER_ENDPOINT) - busy),
    );
    if (claim === null || claim.claimed.length === 0) return false;
    const seqs = claim.claimed.map(({ seq }) => seq);
    const events = await readEvents(database, tenantId, seqs);
    const bySeq = new Map(events.map((event) => [event.seq, event]));
    for (const one of claim.claimed) {
      const attempt = this.#attempt(claim.endpoint, one, bySeq.get(one.seq), signal)
        .catch((error: unknown) => {
          this.#failure ??= error;
        })
        .finally(() => {
          running.delete(attempt);
        });
      running.add(attempt);
    }
    return true;
  }

  async #attempt(
    endpoint: StoredEndpoint,
    claimed: Claimed,
    event: FeedEvent | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { database, tenantId, clock, wallClock, sealer, post, userAgent } = this.#deps;
    if (event === undefined || !isFor(endpoint, event)) {
      return cancelDelivery(database, tenantId, claimed.deliveryId, clock.now());
    }
    const body = webhookText(tenantId, event);
    const timestamp = Math.floor(msOf(wallClock.now()) / 1000);
    const message = { id: eventIdOf(event.seq), timestamp, body };
    const secrets = openSecrets(sealer, endpoint, clock.now());
    const startedAt = clock.now();
    const startedMs = performance.now();
    const answer = await post(
      {
        url: endpoint.url,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": userAgent,
          ...signedHeaders(secrets, message),
        },
        body,
      },
      signal,
    );
    // Told to stop: what was not answered is not held against the endpoint, and is tried again.
    if (signal?.aborted === true && answer.kind === "failed") {
      return releaseClaim(database, tenantId, claimed, clock.now());
    }
    const durationMs = performance.now() - startedMs;
    const attempt = { startedAt, durationMs, answer };
    await recordAttempt(database, tenantId, endpoint.id, claimed, attempt, clock.now());
    this.#ended += 1;
  }
}

/** Whose the object is may have changed since the delivery was made. */
function isFor(endpoint: StoredEndpoint, event: FeedEvent): boolean {
  return endpoint.sellerId === null || endpoint.sellerId === event.sellerId;
}
