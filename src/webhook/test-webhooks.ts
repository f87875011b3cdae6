// A deliverer on a database of its own, with a clock that the test moves. Used by tests only; the program never imports
// it.

import { newSealingKey, readKeyRing, type Sealer, sealer } from "../secret/seal.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import { createDeliverer, type Deliverer, type DelivererDeps } from "./deliverer.ts";
import { loadEndpoint, type StoredEndpoint } from "./endpoint.ts";
import { createEndpoint, type EndpointActs, type WithSecrets } from "./endpoint-acts.ts";
import { webhookPoster } from "./post-webhook.ts";
import { type WebhookSettings, webhookSettings } from "./settings.ts";

export const TENANT = "t";
export const LOCAL: WebhookSettings = webhookSettings.parse({ allowLoopback: true });

export type TestWebhooks = {
  readonly database: TestDatabase;
  readonly clock: ReturnType<typeof manualClock>;
  readonly sealer: Sealer;
  readonly deliverer: Deliverer;
  readonly deps: DelivererDeps;
  readonly acts: () => EndpointActs;
  readonly create: (
    url: string,
    eventTypes?: readonly string[],
    sellerId?: string | null,
  ) => Promise<WithSecrets>;
  readonly append: (events: readonly TimelineEvent[]) => Promise<void>;
  readonly load: (endpointId: string) => Promise<StoredEndpoint>;
  /** Delivers until nothing is due now; returns how many attempts that took. */
  readonly deliver: () => Promise<number>;
};

export async function openTestWebhooks(): Promise<TestWebhooks> {
  const database = await openTestDatabase();
  const clock = manualClock("2026-11-23T04:05:06.789Z" as Instant);
  const ring = readKeyRing(newSealingKey());
  if (!ring.ok) throw new Error(ring.refusal.message);
  const deps: DelivererDeps = {
    database,
    tenantId: TENANT,
    clock,
    wallClock: clock,
    sealer: sealer(ring.value),
    post: webhookPoster(LOCAL),
    userAgent: "Straitway/test",
  };
  const deliverer = createDeliverer(deps);
  const acts = (): EndpointActs => ({
    tenantId: TENANT,
    sealer: deps.sealer,
    settings: LOCAL,
    now: clock.now(),
    actor: "user_test",
  });
  return {
    database,
    clock,
    sealer: deps.sealer,
    deliverer,
    deps,
    acts,
    create: async (url, eventTypes = [], sellerId = null) => {
      const fields = { url, description: "a test", eventTypes };
      const made = await database.transaction((tx) => createEndpoint(tx, acts(), sellerId, fields));
      if (!made.ok) throw new Error(made.refusal.message);
      return made.value;
    },
    append: (events) => database.transaction((tx) => appendEvents(tx, TENANT, events)),
    load: async (endpointId) => {
      const endpoint = await loadEndpoint(database, TENANT, endpointId);
      if (endpoint === null) throw new Error(`no endpoint ${endpointId}`);
      return endpoint;
    },
    deliver: async () => {
      let count = 0;
      for (;;) {
        const round = await deliverer.deliverDue();
        count += round.count;
        if (!round.more) return count;
      }
    },
  };
}

let moment = 0;

/** An event about a subject, unlike any other. */
export function made(subject: string, kind = "payout-reopened"): TimelineEvent {
  moment += 1;
  return {
    subject,
    kind,
    at: "2026-11-23T04:05:06.789Z" as Instant,
    data: {},
    source: null,
    occasion: String(moment),
  };
}
