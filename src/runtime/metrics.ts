// What the service counts and measures, for Prometheus. Labels are kinds of things (a job's kind, a route's pattern, a
// currency): few, fixed, and nobody's. Reference: docs/reference/metrics.md.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { Outage } from "../errors/outage.ts";
import type { InboundReceipt } from "../inbox/inbound.ts";
import type { Database } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import { type Instant, msOf } from "../time/instant.ts";
import { feedEnd, type Queue, readChannelGauges, readMinuteClocks } from "./channel-gauges.ts";
import type { JobRun } from "./jobs.ts";
import type { Role } from "./leader.ts";

/** Seconds; the minute clock's promise is one minute, its aim a second. */
const CLOCK_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400];
const SHORT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A database that does not answer a scrape in time is told as down. */
const SCRAPE_MS_MAX = 5_000;

export type AnsweredCall = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
};

export type Metrics = {
  /** An item came in: through which kind of source, what became of it, how long that took. */
  readonly received: (source: string, receipt: InboundReceipt | null, durationMs: number) => void;
  readonly ranJob: (run: JobRun) => void;
  readonly answered: (call: AnsweredCall) => void;
  /** Something failed that is not somebody's mistake: a bank, a marketplace, the database, or we ourselves. */
  readonly failed: (error: unknown) => void;
  readonly roleChanged: (role: Role) => void;
  /** The text of /metrics. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

export type MetricsDeps = {
  readonly database: Database;
  readonly tenantId: string;
  readonly clock: Clock;
  /** What waits in this process's receiver. */
  readonly waiting: () => Queue;
};

export function openMetrics(deps: MetricsDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counts = countersIn(registry);
  const gauges = gaugesIn(registry);
  const watch = minuteClockWatch(deps, counts.minuteClock);
  let role: Role = "standby";
  gauges.leader.set(0);
  return {
    received: (source, receipt, durationMs) => {
      const outcome = receipt?.outcome ?? "failed";
      counts.received.inc({ source: kindOf(source), outcome });
      counts.receiveSeconds.observe({ outcome }, durationMs / 1000);
    },
    ranJob: ({ key, startedAt, endedAt, result }) => {
      const job = kindOf(key);
      counts.jobs.inc({ job, result: result.ok ? "ok" : "failed" });
      counts.jobSeconds.observe({ job }, (msOf(endedAt) - msOf(startedAt)) / 1000);
      if (result.ok) gauges.jobSucceeded.set({ job }, msOf(endedAt) / 1000);
    },
    answered: ({ method, route, status, durationMs }) =>
      counts.calls.observe({ method, route, status: String(status) }, durationMs / 1000),
    failed: (error) => counts.failed.inc(failureLabels(error)),
    roleChanged: (changed) => {
      role = changed;
      gauges.leader.set(changed === "leader" ? 1 : 0);
      if (changed === "leader") watch.reset();
    },
    text: async () => {
      const isUp = await inTime(async () => {
        await showGauges(deps, gauges);
        // One process tells the minute clock, or each money would be counted by all of them.
        if (role === "leader") await watch.observe();
      });
      gauges.databaseUp.set(isUp ? 1 : 0);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function countersIn(registry: Registry) {
  const registers = [registry];
  return {
    received: new Counter({
      name: "straitway_received_total",
      help: "Items that came in, by kind of source and what became of them.",
      labelNames: ["source", "outcome"],
      registers,
    }),
    receiveSeconds: new Histogram({
      name: "straitway_receive_seconds",
      help: "From the arrival of an item to its answer.",
      labelNames: ["outcome"],
      buckets: SHORT_BUCKETS,
      registers,
    }),
    minuteClock: new Histogram({
      name: "straitway_minute_clock_seconds",
      help: "From the stored credit notice to the money available. Told by the leader.",
      buckets: CLOCK_BUCKETS,
      registers,
    }),
    jobs: new Counter({
      name: "straitway_job_runs_total",
      help: "Runs of jobs in this process, by kind and result.",
      labelNames: ["job", "result"],
      registers,
    }),
    jobSeconds: new Histogram({
      name: "straitway_job_seconds",
      help: "How long a job ran.",
      labelNames: ["job"],
      buckets: [...SHORT_BUCKETS, 60, 300],
      registers,
    }),
    calls: new Histogram({
      name: "straitway_http_request_seconds",
      help: "How long a request took, by route and status.",
      labelNames: ["method", "route", "status"],
      buckets: SHORT_BUCKETS,
      registers,
    }),
    failed: new Counter({
      name: "straitway_connector_errors_total",
      help: 'Failures outside of us, by what failed; "own" is a fault of ours.',
      labelNames: ["connector", "retryable"],
      registers,
    }),
  };
}

function gaugesIn(registry: Registry) {
  const registers = [registry];
  return {
    leader: new Gauge({
      name: "straitway_leader",
      help: "1 while this process holds the ledger.",
      registers,
    }),
    databaseUp: new Gauge({
      name: "straitway_database_up",
      help: "1 when the database answered this scrape.",
      registers,
    }),
    jobSucceeded: new Gauge({
      name: "straitway_job_succeeded_timestamp_seconds",
      help: "When a job of the kind last succeeded in this process.",
      labelNames: ["job"],
      registers,
    }),
    queueItems: new Gauge({
      name: "straitway_queue_items",
      help: "What waits. receiver: in this process; the others are the same on every process.",
      labelNames: ["queue"],
      registers,
    }),
    queueAge: new Gauge({
      name: "straitway_queue_age_seconds",
      help: "How long the oldest item of a queue has waited; 0 when it is empty.",
      labelNames: ["queue"],
      registers,
    }),
    unmatched: new Gauge({
      name: "straitway_unmatched_money",
      help: "Money in that no payout explains yet, in units of the currency.",
      labelNames: ["currency"],
      registers,
    }),
    held: new Gauge({
      name: "straitway_held_money",
      help: "Money on hold, in units of the currency.",
      labelNames: ["currency"],
      registers,
    }),
  };
}

type Gauges = ReturnType<typeof gaugesIn>;

async function showGauges({ database, tenantId, clock, waiting }: MetricsDeps, gauges: Gauges) {
  const now = clock.now();
  const read = await readChannelGauges(database, tenantId, now);
  const queues: readonly (readonly [string, Queue])[] = [
    ["receiver", waiting()],
    ["stored", read.stored],
    ["jobs", read.overdueJobs],
    ["holds", read.openHolds],
  ];
  for (const [queue, { count, since }] of queues) {
    gauges.queueItems.set({ queue }, count);
    gauges.queueAge.set({ queue }, ageSeconds(since, now));
  }
  show(gauges.unmatched, read.unmatched);
  show(gauges.held, read.held);
}

function ageSeconds(since: Instant | null, now: Instant): number {
  return since === null ? 0 : Math.max(0, msOf(now) - msOf(since)) / 1000;
}

/** A currency that is gone is 0, not its last value. */
function show(gauge: Gauge<"currency">, amounts: ReadonlyMap<string, number>): void {
  gauge.reset();
  for (const [currency, amount] of amounts) gauge.set({ currency }, amount);
}

/** Reads on in the feed each time it is asked to. */
function minuteClockWatch({ database, tenantId }: MetricsDeps, histogram: Histogram) {
  let afterSeq: bigint | null = null;
  let observing: Promise<void> | null = null;
  const begin = async (): Promise<bigint> => {
    const end = await feedEnd(database, tenantId);
    afterSeq ??= end;
    return afterSeq;
  };
  const observe = async (): Promise<void> => {
    afterSeq ??= await begin();
    for (;;) {
      const { clocksMs, throughSeq } = await readMinuteClocks(database, tenantId, afterSeq);
      for (const ms of clocksMs) histogram.observe(ms / 1000);
      if (throughSeq === afterSeq) return;
      afterSeq = throughSeq;
    }
  };
  return {
    /** From now on: what was released before this process led was told by the one before it. */
    reset: () => {
      afterSeq = null;
      begin().catch(() => undefined);
    },
    /** Two scrapes at once look once. */
    observe: () => {
      observing ??= observe().finally(() => {
        observing = null;
      });
      return observing;
    },
  };
}

/** True when the work was done in time and without an error. */
async function inTime(work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), SCRAPE_MS_MAX);
  });
  const done = work().then(
    () => true,
    () => false,
  );
  const isDone = await Promise.race([done, late]);
  clearTimeout(timer);
  return isDone;
}

/** "store-reports:st_…" and "bank:icbc-usd" tell their kind before the colon: the rest would be endless labels. */
function kindOf(name: string): string {
  return name.split(":")[0] ?? name;
}

function failureLabels(error: unknown): { connector: string; retryable: string } {
  return error instanceof Outage
    ? { connector: error.port, retryable: String(error.retryable) }
    : { connector: "own", retryable: "false" };
}
