import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import type { Database, QueryOptions, Row, Tx } from "../storage/database.ts";
import { connectPostgres } from "../storage/postgres-database.ts";
import type { TestDatabase } from "../storage/test-database.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { manualClock, systemClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { accountBalances } from "./account-reads.ts";
import type { PartitionWriter } from "./partition-writer.ts";
import { LEASE_MS_DEFAULT, openPartition } from "./partition-writer.ts";
import type { Leg } from "./posting.ts";
import {
  accountId,
  drawn,
  moved,
  opening,
  outcomeOf,
  posting,
  ref,
  sidesOf,
} from "./test-postings.ts";
import type { PartitionScope } from "./transfer.ts";
import { verifyLedger } from "./verify-ledger.ts";

const START = "2026-11-23T00:00:00.000Z" as Instant;
let database: TestDatabase;
let second: Database;
let scope: PartitionScope;
let partitionCount = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  second = connectPostgres(database.url);
});

afterAll(async () => {
  await second.close();
  await database.close();
});

beforeEach(() => {
  scope = { tenantId: "acme", partition: partitionCount };
  partitionCount += 1;
});

async function outageOf(call: Promise<unknown>): Promise<Outage> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Outage);
  return error as Outage;
}

async function openAs(owner: string, clock = manualClock(START)): Promise<PartitionWriter> {
  return openPartition(owner === "second" ? second : database, { ...scope, owner, clock });
}

async function openFunded(owner: string, clock = manualClock(START)): Promise<PartitionWriter> {
  const writer = await openAs(owner, clock);
  await writer.open([opening("clearing"), opening("seller", "debits-within-credits")]);
  return writer;
}

async function sellerCredits(): Promise<bigint | undefined> {
  const [balances] = await accountBalances(database, scope, [accountId("seller")]);
  return sidesOf(balances)[1];
}

async function leaseEnd(): Promise<Instant> {
  const rows = await second.query<{ lease_until: Instant }>(
    "select lease_until from ledger_partition where tenant_id = $1 and partition = $2",
    [scope.tenantId, scope.partition],
  );
  return rows[0]!.lease_until;
}

async function transferCount(): Promise<bigint> {
  const { ok, transferCount: count, findings } = await verifyLedger(database, scope);
  expect(findings).toEqual([]);
  expect(ok).toBe(true);
  return count;
}

describe("the lease of a partition", () => {
  it("turns a second owner away while it runs, and says who holds it", async () => {
    const writer = await openAs("first");
    const outage = await outageOf(openAs("second"));
    expect(outage.retryable).toBe(true);
    expect(outage.message).toContain("held by first until 2026-11-23T00:00:15.000Z");
    await writer.close();
  });

  it("is free for another owner at once after it was closed", async () => {
    const writer = await openAs("first");
    await writer.close();
    const next = await openAs("second");
    expect(next.state).toBe("open");
    await next.close();
  });

  it("passes to another owner once it has run out", async () => {
    const writer = await openFunded("first");
    const late = manualClock(START);
    late.advanceMs(LEASE_MS_DEFAULT - 1);
    await outageOf(openAs("second", late));
    late.advanceMs(1);
    const next = await openAs("second", late);
    await Promise.all([writer.close(), next.close()]);
  });

  it("is renewed by the writer and moved on by every posting", async () => {
    const clock = manualClock(START);
    const writer = await openFunded("first", clock);
    clock.advanceMs(10_000);
    await writer.renew();
    const late = manualClock(START);
    late.advanceMs(20_000);
    await outageOf(openAs("second", late));
    clock.advanceMs(10_000);
    await writer.post(posting("p1", moved("clearing", "seller", 1n)));
    late.advanceMs(10_000);
    await outageOf(openAs("second", late));
    await writer.close();
  });

  it("is renewed by the writer itself while it has nothing to do", async () => {
    const options = { ...scope, owner: "first", clock: systemClock, leaseMs: 60 };
    const writer = await openPartition(database, options);
    const first = await leaseEnd();
    while ((await leaseEnd()) === first);
    expect(Date.parse(await leaseEnd())).toBeGreaterThan(Date.parse(first));
    await writer.close();
  });

  it("is taken at once by a program that starts again under its old name", async () => {
    const crashed = await openFunded("first");
    const again = await openAs("first");
    const outage = await outageOf(crashed.post(posting("p1", moved("clearing", "seller", 1n))));
    expect(outage.retryable).toBe(false);
    expect(outcomeOf(await again.post(posting("p1", moved("clearing", "seller", 1n))))).toBe(
      "posted",
    );
    await Promise.all([crashed.close(), again.close()]);
  });

  it("is waited for when asked to", async () => {
    const writer = await openAs("first");
    const waiting = openPartition(second, {
      ...scope,
      owner: "second",
      clock: manualClock(START),
      leaseWaitMsMax: 30_000,
    });
    await writer.close();
    const next = await waiting;
    expect(next.state).toBe("open");
    await next.close();
  });
});

describe("a writer whose partition was taken over", () => {
  const calls: Record<string, (old: PartitionWriter) => Promise<unknown>> = {
    "post what would be accepted": (old) =>
      old.post(posting("n", moved("seller", "clearing", 100n))),
    "refuse what it believes to be too much": (old) =>
      old.post(posting("n", moved("seller", "clearing", 101n))),
    "tell what it has posted before": (old) =>
      old.post(posting("p1", moved("clearing", "seller", 100n))),
    "draw from what it has posted": (old) =>
      old.post(posting("n", drawn("reverse", ref("p1"), 1n))),
    "run a step that posts nothing": (old) => old.step(() => Promise.reject(new Error("has run"))),
    "open an account": (old) => old.open([opening("fresh")]),
    "renew its lease": (old) => old.renew(),
  };
  for (const [what, call] of Object.entries(calls)) {
    it(`does not ${what}, now or ever again`, async () => {
      const old = await openFunded("first");
      await old.post(posting("p1", moved("clearing", "seller", 100n)));
      const late = manualClock(START);
      late.advanceMs(LEASE_MS_DEFAULT);
      const next = await openAs("second", late);
      await next.post(posting("p2", moved("seller", "clearing", 100n)));
      for (const again of [call, ...Object.values(calls)]) {
        const outage = await outageOf(again(old));
        expect([outage.port, outage.retryable, old.state]).toEqual(["ledger", false, "lost"]);
      }
      expect(await transferCount()).toBe(2n);
      await Promise.all([old.close(), next.close()]);
    });
  }

  it("rolls back the step it was in when it cannot commit it under its epoch", async () => {
    const old = await openFunded("first");
    const taken = second.query(
      "update ledger_partition set epoch = epoch + 1, holder = 'x' where partition = $1",
      [scope.partition],
    );
    await taken;
    const outage = await outageOf(
      old.step((_tx, ledger) => ledger.post([posting("p1", moved("clearing", "seller", 1n))])),
    );
    expect(outage.retryable).toBe(false);
    expect(await transferCount()).toBe(0n);
    await old.close();
  });

  it("keeps what it has committed: a takeover waits for the step that runs", async () => {
    const old = await openFunded("first");
    const late = manualClock(START);
    late.advanceMs(LEASE_MS_DEFAULT);
    let takeover: Promise<PartitionWriter> | null = null;
    await old.step(async (tx, ledger) => {
      await ledger.post([posting("p1", moved("clearing", "seller", 7n))]);
      takeover = openAs("second", late);
      await untilBlocked(tx);
    });
    const next = await takeover!;
    expect(outcomeOf(await next.post(posting("p1", moved("clearing", "seller", 7n))))).toBe(
      "exists",
    );
    await outageOf(old.post(posting("p2", moved("clearing", "seller", 1n))));
    await Promise.all([old.close(), next.close()]);
  });
});

/** Comes back when another backend waits for a lock that this transaction holds. */
async function untilBlocked(tx: Tx): Promise<void> {
  for (;;) {
    const rows = await tx.query(
      "select 1 from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))",
    );
    if (rows.length > 0) return;
    // The view is fixed within a transaction until its snapshot is cleared.
    await tx.query("select pg_stat_clear_snapshot()");
  }
}

describe("two writers that both believe to hold the partition", () => {
  it("post each posting once between them, and the chain stays whole", async () => {
    await (await openFunded("first")).close();
    const writers = { first: await openAs("first"), second: null as PartitionWriter | null };
    const late = manualClock(START);
    late.advanceMs(LEASE_MS_DEFAULT);
    const ids = Array.from({ length: 400 }, (_, index) => `p${index}`);
    const posted = new Set<string>();
    const tryAll = async (writer: PartitionWriter): Promise<void> => {
      await Promise.all(
        ids.map(async (id) => {
          const outcome = await writer
            .post(posting(id, moved("clearing", "seller", 1n)))
            .catch((error: unknown) => {
              expect(error).toBeInstanceOf(Outage);
              return null;
            });
          if (outcome === null) return;
          expect(outcome.ok).toBe(true);
          if (outcomeOf(outcome) !== "posted") return;
          expect(posted.has(id), id).toBe(false);
          posted.add(id);
        }),
      );
    };
    const racing = tryAll(writers.first);
    writers.second = await openAs("second", late);
    await Promise.all([racing, tryAll(writers.second), tryAll(writers.first)]);
    expect(await transferCount()).toBe(400n);
    expect(await sellerCredits()).toBe(400n);
    await Promise.all([writers.first.close(), writers.second.close()]);
  });
});

async function postedAs(writer: PartitionWriter, id: string, leg: Leg): Promise<string> {
  return outcomeOf(await writer.post(posting(id, leg)));
}

/** Ends the writer's own backend from inside its transaction. */
async function die(tx: Tx): Promise<void> {
  await second.query("select pg_terminate_backend($1)", [await backendOf(tx)]);
}

async function backendOf(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
  return row!.pid;
}

describe("a connection that dies", () => {
  it("between two statements of a step leaves nothing half done, and the retry posts once", async () => {
    const writer = await openFunded("first");
    const wanted = [
      posting("p1", moved("clearing", "seller", 10n)),
      posting("p2", moved("seller", "clearing", 3n)),
    ];
    const outage = await outageOf(
      writer.step(async (tx, ledger) => {
        await ledger.post(wanted.slice(0, 1));
        await die(tx);
        return ledger.post(wanted.slice(1));
      }),
    );
    expect(outage.retryable).toBe(true);
    expect(await transferCount()).toBe(0n);
    for (const expected of ["posted", "exists"]) {
      const outcomes = await Promise.all(wanted.map((each) => writer.post(each)));
      expect(outcomes.map(outcomeOf)).toEqual([expected, expected]);
    }
    expect(await sellerCredits()).toBe(10n);
    await writer.close();
  });

  it("after the commit but before the answer is met by `exists` on retry", async () => {
    const lossy = losingCommits(database);
    const clock = manualClock(START);
    const writer = await openPartition(lossy.database, { ...scope, owner: "first", clock });
    await writer.open([opening("clearing"), opening("seller", "debits-within-credits")]);
    const first = posting("p1", moved("clearing", "seller", 10n));
    const second = posting("p2", moved("seller", "clearing", 3n));
    // Its balances before the loss are in memory, and wrong after it.
    expect(await postedAs(writer, "p0", moved("clearing", "seller", 5n))).toBe("posted");
    lossy.loseNext();
    expect((await outageOf(writer.post(first))).retryable).toBe(true);
    lossy.loseNext();
    const lost = await outageOf(writer.step((_tx, ledger) => ledger.post([second])));
    expect(lost.retryable).toBe(true);
    const again = await Promise.all([first, second].map((each) => writer.post(each)));
    expect(again.map(outcomeOf)).toEqual(["exists", "exists"]);
    expect(await postedAs(writer, "p3", moved("seller", "clearing", 13n))).toBe("limit-exceeded");
    expect(await postedAs(writer, "p3", moved("seller", "clearing", 12n))).toBe("posted");
    expect(await transferCount()).toBe(4n);
    await writer.close();
  });

  it("again and again while many callers post loses and doubles nothing", async () => {
    const writer = await openFunded("first");
    const progress = { killCount: 0, ackedCount: 0n, outageCount: 0 };
    const postUntilDone = async (id: string): Promise<void> => {
      for (;;) {
        try {
          const outcome = await writer.post(posting(id, moved("clearing", "seller", 1n)));
          expect(outcome.ok).toBe(true);
          progress.ackedCount += 1n;
          return;
        } catch (error) {
          expect((error as Outage).retryable, String(error)).toBe(true);
          progress.outageCount += 1;
        }
      }
    };
    const callers = Array.from({ length: 40 }, async (_, caller) => {
      for (let turn = 0; turn < 10 || progress.killCount < 10; turn += 1)
        await postUntilDone(`p${caller}-${turn}`);
    });
    const killer = (async () => {
      while (progress.killCount < 10) {
        const pid = await writer.step(backendOf).catch(() => null);
        if (pid === null) continue;
        await second.query("select pg_terminate_backend($1)", [pid]);
        progress.killCount += 1;
      }
    })();
    await Promise.all([...callers, killer]);
    expect(progress.outageCount).toBeGreaterThan(0);
    expect(await transferCount()).toBe(progress.ackedCount);
    expect(await sellerCredits()).toBe(progress.ackedCount);
    await writer.close();
  });
});

/** A database whose connection is lost right after the next commit: the server has it, the caller hears nothing. */
function losingCommits(inner: Database): { database: Database; loseNext: () => void } {
  let isLosing = false;
  const lose = <Value>(value: Value): Value => {
    if (!isLosing) return value;
    isLosing = false;
    throw new Outage("database", "the connection was lost", { retryable: true });
  };
  const connect: Database["connect"] = async () => {
    const connection = await inner.connect();
    return {
      ...connection,
      query: async <R extends Row = Row>(
        text: string,
        values?: readonly unknown[],
        options?: QueryOptions,
      ) => {
        const rows = await connection.query<R>(text, values, options);
        return text.includes("insert into ledger_transfer") ? lose(rows) : rows;
      },
      transaction: async (work, options) => lose(await connection.transaction(work, options)),
    };
  };
  return {
    database: { ...inner, connect },
    loseNext: () => {
      isLosing = true;
    },
  };
}
