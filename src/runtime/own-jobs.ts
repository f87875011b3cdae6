// The jobs of the service itself: what stations offer as plain functions, each with its key and its turn.

import { expireApprovals } from "../approval/approval-acts.ts";
import { forgetAttempts } from "../identity/sessions/attempts.ts";
import { forgetSessions } from "../identity/sessions/sessions.ts";
import { forgetTickets } from "../identity/sessions/tickets.ts";
import { storeJobs } from "../marketplace/stores/store-jobs.ts";
import { openDatabaseRawStore } from "../storage/raw-database.ts";
import { createDeliverer } from "../webhook/deliverer.ts";
import { webhookPoster } from "../webhook/post-webhook.ts";
import { forgetAnswers } from "./forget-answers.ts";
import type { Job } from "./jobs.ts";
import type { ServiceCore } from "./serve.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Pause between two looks at what is to be delivered: what a subscriber waits at most, beside the network. */
const DELIVERY_EVERY_MS = 500;
/** How long a look waits for an endpoint that is slow before it looks at the others again. */
const DELIVERY_PATIENCE_MS = 2_000;

export type OwnJobs = {
  /** As they are now: stores come and go. */
  readonly jobs: () => Promise<readonly Job[]>;
  /** Waits for what still runs outside of a job's own run. */
  readonly close: () => Promise<void>;
};

export function ownJobs(core: ServiceCore, version: string): OwnJobs {
  const delivery = deliveryJob(core, version);
  const always = [
    ...(core.store.rawPlace === "database" ? [sweepJob(core)] : []),
    approvalsJob(core),
    accessJob(core),
    answersJob(core),
    delivery.job,
    ...core.banks.jobs,
  ];
  return {
    jobs: async () => [...always, ...(core.amazon === null ? [] : await storeJobs(core.amazon))],
    close: delivery.close,
  };
}

/** What programs left half made in the raw store in the database when they died. */
function sweepJob({ store, tenantId, clock }: ServiceCore): Job {
  const raw = openDatabaseRawStore(store.database, { tenantId, clock });
  return {
    key: "raw-store-sweep",
    everyMs: DAY_MS,
    run: async () => ({ count: await raw.sweep() }),
  };
}

/** Requests that nobody decided in time. */
function approvalsJob({ store, tenantId }: ServiceCore): Job {
  return {
    key: "approvals-expire",
    everyMs: MINUTE_MS,
    run: async ({ clock, fence }) => {
      const count = await store.database.transaction(async (tx) => {
        await fence(tx);
        return expireApprovals(tx, tenantId, clock.now());
      });
      return { count };
    },
  };
}

/** Sessions, tickets and counted failures that are over, by the time of people and their devices. */
function accessJob({ store, tenantId, wallClock }: ServiceCore): Job {
  return {
    key: "access-forget",
    everyMs: 60 * MINUTE_MS,
    run: async ({ fence }) => {
      const now = wallClock.now();
      await store.database.transaction(async (tx) => {
        await fence(tx);
        await forgetSessions(tx, tenantId, now);
        await forgetTickets(tx, tenantId, now);
        await forgetAttempts(tx, tenantId, now);
      });
      return { count: 0 };
    },
  };
}

/** Answers kept for repeated requests, by the time of those who send them. */
function answersJob({ store, tenantId, wallClock }: ServiceCore): Job {
  return {
    key: "answers-forget",
    everyMs: 60 * MINUTE_MS,
    run: async ({ fence }) => {
      const count = await store.database.transaction(async (tx) => {
        await fence(tx);
        return forgetAnswers(tx, tenantId, wallClock.now());
      });
      return { count };
    },
  };
}

function deliveryJob(core: ServiceCore, version: string) {
  const deliverer = createDeliverer({
    database: core.store.database,
    tenantId: core.tenantId,
    clock: core.clock,
    wallClock: core.wallClock,
    sealer: core.sealer,
    post: webhookPoster(core.config.webhooks),
    userAgent: `Straitway/${version}`,
    patienceMs: DELIVERY_PATIENCE_MS,
  });
  const job: Job = {
    key: "webhook-delivery",
    everyMs: DELIVERY_EVERY_MS,
    run: ({ signal }) => deliverer.deliverDue(signal),
  };
  return { job, close: deliverer.idle };
}
