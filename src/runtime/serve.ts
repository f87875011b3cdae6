// The service without its front: the store, the ledger when it is ours to hold, the intake and the jobs, started in
// this order and stopped in the other. HTTP is put in front of it by the command (src/cli/serve-command.ts).

import { setTimeout as delay } from "node:timers/promises";
import { accepted, type Outcome } from "../errors/refusal.ts";
import type { Accept } from "../inbox/inbound.ts";
import {
  type AmazonConnection,
  openAmazonConnection,
} from "../marketplace/amazon/sp-api/amazon-store.ts";
import { DEFAULT_POLICY, type Policy, readPolicy } from "../policy/policy.ts";
import { type Sealer, sealer } from "../secret/seal.ts";
import { type OpenedStore, openStore } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import type { CarriedOut } from "./approved-acts.ts";
import { type BankConnections, openBankConnections } from "./bank-connections.ts";
import { type Channel, DEFAULT_TENANT, processName } from "./channel.ts";
import type { ServiceConfig } from "./config.ts";
import { type Health, openHealth } from "./health.ts";
import { openIntake } from "./intake.ts";
import { createJobRunner, type Job, type JobRun, type JobRunner } from "./jobs.ts";
import { type Leadership, type Role, startLeadership } from "./leader.ts";
import type { Log } from "./log.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import { secretReader } from "./named-secrets.ts";
import { ownJobs } from "./own-jobs.ts";
import { sealingKeys } from "./sealing-keys.ts";
import type { StoredResult } from "./settle-stored.ts";
import { traced } from "./tracing.ts";

/** What jobs, routes and transports need of the running service. */
export type ServiceCore = {
  readonly config: ServiceConfig;
  readonly tenantId: string;
  readonly store: OpenedStore;
  readonly clock: Clock;
  /** The world's own time, where the channel's is moved. */
  readonly wallClock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly sealer: Sealer;
  readonly accept: Accept;
  /** The running channel while this process holds the ledger; null while it does not. */
  readonly channel: () => Channel | null;
  readonly metrics: Metrics;
  /** The connection to Amazon; null where the settings have none. */
  readonly amazon: AmazonConnection | null;
  readonly banks: BankConnections;
};

export type ServiceOptions = {
  /** By which everything is dated and due; the sandbox moves it. */
  readonly clock: Clock;
  /** Real time, where others compare with their own clocks; the same unless told. */
  readonly wallClock?: Clock;
  readonly log: Log;
  /** Where secrets are that the settings name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program's version, as it names itself to others. */
  readonly version: string;
  /** Jobs besides the service's own; asked again from time to time. */
  readonly jobs?: (core: ServiceCore) => Promise<readonly Job[]>;
};

export type RunningService = ServiceCore & {
  readonly owner: string;
  readonly role: () => Role;
  readonly health: Health;
  readonly jobs: JobRunner;
  /** Looks at jobs and stored files at once: the clock was moved, something was connected. */
  readonly wake: () => void;
  /** From now on "not ready", before anything is stopped. */
  readonly announceStop: () => void;
  /**
   * Finishes what was received, gives the ledger up, and closes the store; false when that took longer than
   * `stopSeconds` and what still ran was cut off. A second call waits for the first.
   */
  readonly stop: () => Promise<boolean>;
};

/** Starts the service; refused where a setting, the database or the folder does not allow it, and nothing runs then. */
export async function startService(
  config: ServiceConfig,
  options: ServiceOptions,
): Promise<Outcome<RunningService>> {
  const policy =
    config.policy === undefined ? accepted(DEFAULT_POLICY) : await readPolicy(config.policy);
  if (!policy.ok) return policy;
  const { databaseUrl } = config;
  // Before anything is opened: a key that is missing is the commonest mistake.
  const isElsewhere = databaseUrl !== undefined;
  const early = isElsewhere || config.secretKey !== undefined;
  const given = early ? sealingKeys(config.secretKey, null) : null;
  if (given?.ok === false) return given;
  const opened = await openStore({
    dataDir: config.data,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(config.rawStore === undefined ? {} : { rawStore: config.rawStore }),
    // So that every process of a shared database can read them.
    rawStoreAtFirst: isElsewhere ? "database" : "folder",
    clock: options.clock,
    poolMax: config.databaseConnections,
    tenantId: DEFAULT_TENANT,
  });
  if (!opened.ok) return opened;
  const store = opened.value;
  const keys = given ?? sealingKeys(undefined, store.dataDir);
  if (!keys.ok) {
    await store.close();
    return keys;
  }
  try {
    const core = coreOf(config, options, store, policy.value, sealer(keys.value));
    if (core.ok) return accepted(await run(core.value, options));
    await store.close();
    return core;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The parts of the service before any of them moves; the ledger is held later, or by another process. */
type Parts = ServiceCore & {
  readonly owner: string;
  readonly lead: (leadership: Leadership) => void;
};

function coreOf(
  config: ServiceConfig,
  { clock, wallClock = clock, log, env }: ServiceOptions,
  store: OpenedStore,
  policy: Policy,
  sealing: Sealer,
): Outcome<Parts> {
  const tenantId = DEFAULT_TENANT;
  const { database } = store;
  let leadership: Leadership | null = null;
  const held = () => leadership?.held() ?? null;
  const waiting = () => held()?.receiver.waiting() ?? { count: 0, since: null };
  const metrics = openMetrics({ database, tenantId, clock, waiting });
  const intake = openIntake({
    store,
    tenantId,
    clock,
    receiver: () => held()?.receiver ?? null,
    isRawStoreShared: config.databaseUrl === undefined || store.rawPlace === "database",
  });
  const accept = observedAccept(intake.accept, { log, metrics });
  const transport = { database, tenantId, clock, accept };
  const banks = openBankConnections(transport, config.banks, secretReader(env));
  if (!banks.ok) return banks;
  const amazon =
    config.amazon === undefined
      ? null
      : openAmazonConnection({ ...transport, sealer: sealing, fetch, wait: delay }, config.amazon);
  return accepted({
    config,
    tenantId,
    store,
    clock,
    wallClock,
    log,
    policy,
    sealer: sealing,
    accept,
    channel: () => held()?.channel ?? null,
    metrics,
    amazon,
    banks: banks.value,
    owner: processName(),
    lead: (started) => {
      leadership = started;
    },
  });
}

async function run(parts: Parts, options: ServiceOptions): Promise<RunningService> {
  const { config, tenantId, store, clock, log, metrics, owner } = parts;
  const leadership = startLeadership({
    store,
    policy: parts.policy,
    clock,
    tenantId,
    owner,
    isOwnDatabase: config.databaseUrl === undefined,
    leaseMs: config.leadership.leaseMs,
    pollMs: config.leadership.pollMs,
    filesBindAccounts: config.filesBindAccounts,
    events: leadershipEvents(log, metrics),
  });
  parts.lead(leadership);
  const own = ownJobs(parts, options.version);
  const jobs = createJobRunner({
    database: store.database,
    tenantId,
    owner,
    clock,
    jobs: async () => [...(await own.jobs()), ...((await options.jobs?.(parts)) ?? [])],
    leaseMs: config.jobs.leaseMs,
    runningMax: config.jobs.runningMax,
    onRun: (ran) => noteRun(ran, log, metrics),
    onFailure: (error) => noteFailure("jobs-failed", error, log, metrics),
  });
  await leadership.decided;
  jobs.start();
  parts.banks.start((fault) => noteFailure("bank-connection-failed", fault, log, metrics));
  log.info("started", { role: leadership.role(), owner, version: options.version });
  if (!store.rowSecurity.enforced) log.warn("row-security-missing");
  const stopJobs = async (): Promise<void> => {
    await Promise.all([jobs.stop(), parts.banks.close()]);
    await own.close();
  };
  return { ...parts, jobs, ...stoppable(parts, leadership, { ...jobs, stop: stopJobs }) };
}

function leadershipEvents(log: Log, metrics: Metrics) {
  return {
    roleChanged: (role: Role) => {
      metrics.roleChanged(role);
      log.info("role-changed", { role });
    },
    settledStored: (results: readonly StoredResult[]) => {
      log.info("settled-stored", { count: results.filter(({ result }) => result.ok).length });
    },
    carriedOut: (acts: readonly CarriedOut[]) => {
      for (const { approvalId, outcome } of acts)
        log.info("act-carried-out", {
          approval: approvalId,
          outcome: outcome.ok ? "done" : "refused",
          code: outcome.ok ? null : outcome.refusal.code,
        });
    },
    failed: (error: unknown) => noteFailure("ledger-failed", error, log, metrics),
  };
}

/** Everything that comes in is counted, timed, traced and told, whatever brought it. */
function observedAccept(
  accept: Accept,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Accept {
  return (item) =>
    traced("intake.accept", { "straitway.bytes": item.bytes.byteLength }, async () => {
      const startedMs = performance.now();
      const source = item.source.split(":")[0] ?? item.source;
      try {
        const receipt = await accept(item);
        const durationMs = performance.now() - startedMs;
        metrics.received(item.source, receipt, durationMs);
        const { outcome, format, sha256 } = receipt;
        const code = receipt.reasons[0]?.code ?? null;
        log.info("received", {
          source,
          outcome,
          format,
          code,
          file: sha256.slice(0, 12),
          durationMs: Math.round(durationMs),
        });
        return receipt;
      } catch (error) {
        metrics.received(item.source, null, performance.now() - startedMs);
        noteFailure("receive-failed", error, log, metrics);
        throw error;
      }
    });
}

function noteRun({ key, startedAt, endedAt, result }: JobRun, log: Log, metrics: Metrics): void {
  metrics.ranJob({ key, startedAt, endedAt, result });
  if (!result.ok) {
    metrics.failed(result.error);
    log.warn("job-failed", { job: key, error: result.error });
  } else if (result.outcome.count > 0) {
    log.info("job-done", { job: key, count: result.outcome.count });
  } else log.debug("job-idle", { job: key });
}

function noteFailure(event: string, error: unknown, log: Log, metrics: Metrics): void {
  metrics.failed(error);
  log.error(event, { error });
}

function stoppable(core: ServiceCore, leadership: Leadership, jobs: JobRunner) {
  const { store, log, config } = core;
  let isStopping = false;
  let stopping: Promise<boolean> | null = null;
  const stopAll = async (): Promise<boolean> => {
    await jobs.stop();
    await leadership.stop();
    await store.close();
    return true;
  };
  const stop = async (): Promise<boolean> => {
    isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), config.stopSeconds * 1000);
    });
    const isClean = await Promise.race([stopAll(), late]);
    clearTimeout(timer);
    if (!isClean) store.killNow();
    log.info("stopped", { outcome: isClean ? "clean" : "cut-off" });
    return isClean;
  };
  return {
    role: leadership.role,
    health: openHealth({
      database: store.database,
      role: leadership.role,
      isStopping: () => isStopping,
      failure: store.failure,
    }),
    wake: () => {
      leadership.wake();
      jobs.wake().catch((error: unknown) => log.warn("jobs-failed", { error }));
    },
    announceStop: () => {
      isStopping = true;
    },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
