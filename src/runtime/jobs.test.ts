import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { manualClock, systemClock } from "../time/clock.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import {
  createJobRunner,
  type Job,
  type JobContext,
  type JobOutcome,
  type JobRun,
  type JobRunner,
} from "./jobs.ts";

const START = "2026-11-23T00:00:00.000Z" as Instant;
const MINUTE_MS = 60_000;

let database: TestDatabase;
let clock: ReturnType<typeof manualClock>;
let tenantId: string;
let tenantCount = 0;
let runs: JobRun[];
let failures: unknown[];

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 12 });
});

afterAll(() => database.close());

beforeEach(() => {
  clock = manualClock(START);
  tenantId = `tenant-${(tenantCount += 1)}`;
  runs = [];
  failures = [];
});

function runnerOf(
  owner: string,
  jobs: readonly Job[] | (() => Promise<readonly Job[]>),
  more: { leaseMs?: number; tickMs?: number; clock?: { now: () => Instant } } = {},
): JobRunner {
  return createJobRunner({
    database,
    tenantId,
    owner,
    clock,
    jobs,
    onRun: (run) => runs.push(run),
    onFailure: (error) => failures.push(error),
    ...more,
  });
}

function job(key: string, run: (context: JobContext) => Promise<JobOutcome>, everyMs = MINUTE_MS) {
  return { key, everyMs, run } satisfies Job;
}

const nothing = async (): Promise<JobOutcome> => ({ count: 0 });

/** A promise that is settled from outside. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function rowOf(key: string) {
  const [row] = await database.query<{
    owner: string;
    epoch: bigint;
    due_at: Instant;
    lease_until: Instant;
    failure_count: number;
  }>("SELECT * FROM job WHERE tenant_id = $1 AND job_key = $2", [tenantId, key]);
  return row;
}

describe("a job", () => {
  it("runs at once when it is new, and again when its time has come, not before", async () => {
    const runner = runnerOf("one", [job("poll", nothing)]);
    expect(await runner.runDue()).toBe(1);
    expect(await runner.runDue()).toBe(0);
    clock.advanceMs(MINUTE_MS - 1);
    expect(await runner.runDue()).toBe(0);
    clock.advanceMs(1);
    expect(await runner.runDue()).toBe(1);
  });

  it("runs again at once when it says that there is more, and at the instant that it names", async () => {
    let left = 3;
    const later = instantOfMs(msOf(START) + 10 * MINUTE_MS);
    const runner = runnerOf("one", [
      job("poll", async () => {
        left -= 1;
        if (left > 0) return { count: 1, more: true };
        return left === 0 ? { count: 1, dueAt: later } : { count: 0 };
      }),
    ]);
    expect(await runner.runDue()).toBe(3);
    clock.advanceMs(10 * MINUTE_MS - 1);
    expect(await runner.runDue()).toBe(0);
    clock.advanceMs(1);
    expect(await runner.runDue()).toBe(1);
  });

  it("is never run by two processes at once, and by one of them each time", async () => {
    let runningCount = 0;
    let most = 0;
    let total = 0;
    const jobs = Array.from({ length: 5 }, (_, index) =>
      job(`poll:${index}`, async () => {
        runningCount += 1;
        most = Math.max(most, runningCount);
        total += 1;
        await database.query("SELECT pg_sleep(0.02)");
        runningCount -= 1;
        return { count: 1 };
      }),
    );
    const seen = new Set<string>();
    const single = jobs.map(({ key, everyMs, run }) => ({
      key,
      everyMs,
      run: async (context: JobContext) => {
        expect(seen.has(key)).toBe(false);
        seen.add(key);
        const outcome = await run(context);
        seen.delete(key);
        return outcome;
      },
    }));
    await Promise.all(["one", "two", "three"].map((owner) => runnerOf(owner, single).runDue()));
    expect(total).toBe(5);
    expect(most).toBeLessThanOrEqual(5);
    expect(runs.filter(({ result }) => !result.ok)).toEqual([]);
  });

  it("that failed is tried again, later each time, and told with its error", async () => {
    const broken = new Outage("bank", "the bank does not answer", { retryable: true });
    let isBroken = true;
    const runner = runnerOf("one", [
      job("poll", async () => {
        if (isBroken) throw broken;
        return { count: 1 };
      }),
    ]);
    const waits: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      await runner.runDue();
      const row = await rowOf("poll");
      waits.push(msOf(row!.due_at) - msOf(clock.now()));
      clock.advanceMs(waits.at(-1)!);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(runs.map(({ result }) => result.ok || result.error)).toEqual([
      broken,
      broken,
      broken,
      broken,
    ]);
    expect((await rowOf("poll"))!.failure_count).toBe(4);
    isBroken = false;
    await runner.runDue();
    const row = await rowOf("poll");
    expect(row!.failure_count).toBe(0);
    expect(msOf(row!.due_at) - msOf(clock.now())).toBe(MINUTE_MS);
  });

  it("that is woken while it runs runs once more, whoever woke it", async () => {
    const started = gate();
    const finish = gate();
    let count = 0;
    const jobs = [
      job("poll", async () => {
        count += 1;
        if (count === 1) {
          started.open();
          await finish.opened;
        }
        return { count: 0 };
      }),
    ];
    const running = runnerOf("one", jobs).runDue();
    await started.opened;
    await runnerOf("two", jobs).wake("poll");
    finish.open();
    expect(await running).toBe(2);
  });

  it("of a list that grows is found when the list is asked for anew", async () => {
    const jobs = [job("store:1", nothing)];
    const runner = runnerOf("one", async () => jobs);
    expect(await runner.runDue()).toBe(1);
    jobs.push(job("store:2", nothing));
    expect(await runner.runDue()).toBe(1);
    expect(runs.map(({ key }) => key)).toEqual(["store:1", "store:2"]);
  });
});

describe("a process that died in the middle of a job", () => {
  it("leaves it to another one as soon as its lease has ended", async () => {
    const finish = gate();
    const started = gate();
    const dead = runnerOf("dead", [
      job("poll", async () => {
        started.open();
        await finish.opened;
        return { count: 0 };
      }),
    ]);
    const running = dead.runDue();
    await started.opened;
    const other = runnerOf("other", [job("poll", nothing)]);
    expect(await other.runDue()).toBe(0);
    clock.advanceMs(15_001);
    expect(await other.runDue()).toBe(1);
    expect((await rowOf("poll"))!.owner).toBe("other");
    finish.open();
    await running;
    // What the dead one says at its end changes nothing of the other's.
    expect((await rowOf("poll"))!.owner).toBe("other");
    expect((await rowOf("poll"))!.epoch).toBe(2n);
  });

  it("saves nothing any more when it comes back: its fence has fallen", async () => {
    const slept = gate();
    const started = gate();
    let saving: Promise<unknown> = Promise.resolve();
    const sleeper = runnerOf("sleeper", [
      job("poll", async ({ fence }) => {
        started.open();
        await slept.opened;
        saving = database.transaction(async (tx) => {
          await fence(tx);
          await tx.query("SELECT 'the old cursor'");
        });
        await saving;
        return { count: 1 };
      }),
    ]);
    const running = sleeper.runDue();
    await started.opened;
    clock.advanceMs(15_001);
    await runnerOf("other", [job("poll", nothing)]).runDue();
    slept.open();
    await running;
    await expect(saving).rejects.toMatchObject({ name: "Outage", port: "jobs", retryable: true });
  });
});

describe("a runner that was started", () => {
  it("renews the lease of a job that runs long", async () => {
    const finish = gate();
    const started = gate();
    const runner = runnerOf(
      "one",
      [
        job("poll", async () => {
          started.open();
          await finish.opened;
          return { count: 1 };
        }),
      ],
      { leaseMs: 120, tickMs: 10, clock: systemClock },
    );
    runner.start();
    await started.opened;
    const first = (await rowOf("poll"))!.lease_until;
    await expect
      .poll(async () => (await rowOf("poll"))!.lease_until > first, { timeout: 20_000 })
      .toBe(true);
    finish.open();
    await runner.stop();
    expect(runs).toHaveLength(1);
  });

  it("tells what runs to end when it is stopped, and leaves it due for the next process", async () => {
    const started = gate();
    const runner = runnerOf(
      "one",
      [
        job("poll", async ({ signal }) => {
          started.open();
          await new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(new Error("told to end")));
          });
          return { count: 0 };
        }),
      ],
      { tickMs: 10 },
    );
    runner.start();
    await started.opened;
    await runner.stop();
    expect((await rowOf("poll"))!.failure_count).toBe(0);
    expect(await runnerOf("two", [job("poll", nothing)]).runDue()).toBe(1);
  });

  it("goes on after a look that failed", async () => {
    let asked = 0;
    const runner = runnerOf(
      "one",
      async () => {
        asked += 1;
        if (asked === 1) throw new Outage("database", "away", { retryable: true });
        return [job("poll", nothing)];
      },
      { tickMs: 5 },
    );
    runner.start();
    await expect.poll(() => runs.length, { timeout: 20_000 }).toBeGreaterThan(0);
    await runner.stop();
    expect(failures).toHaveLength(1);
  });
});
