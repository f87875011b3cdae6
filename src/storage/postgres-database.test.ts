import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InvariantBroken } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Tx } from "./database.ts";
import { connectPostgres, TRANSACTION_ATTEMPT_COUNT_MAX } from "./postgres-database.ts";
import type { TestDatabase } from "./test-database.ts";
import { openTestDatabase } from "./test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ migrated: false });
  await database.query("create table counter (name text primary key, count int8 not null)");
});

afterAll(async () => database.close());

async function backendOf(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
  return row!.pid;
}

/** A promise that one side resolves and others wait for. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  const openers: (() => void)[] = [];
  const opened = new Promise<void>((resolve) => openers.push(resolve));
  return { open: () => openers[0]!(), opened };
}

describe("values", () => {
  it("come back exact: int8 as bigint, numeric and date as text, timestamptz as an instant", async () => {
    const rows = await database.query(
      `select $1::int8 as large, $2::numeric as amount, $3::date as day, $4::timestamptz as instant,
              timestamp '2026-01-02 03:04:05' as zoneless, $5::jsonb as json, count(*) as counted`,
      [9223372036854775807n, "0.10", "2024-02-29", "2026-11-23T04:05:06.789Z", { a: [1, null] }],
    );
    expect(rows).toEqual([
      {
        large: 9223372036854775807n,
        amount: "0.10",
        day: "2024-02-29",
        instant: "2026-11-23T04:05:06.789Z",
        zoneless: "2026-01-02 03:04:05",
        json: { a: [1, null] },
        counted: 1n,
      },
    ]);
  });

  it("come back exact in arrays, nested and with nulls", async () => {
    const rows = await database.query(
      `select $1::int8[] as large, $2::numeric[] as amounts, $3::date[] as days,
              $4::timestamptz[] as instants, $5::text[] as texts, array[[1::int8, 2], [3, null]] as nested`,
      [
        [1n, null, -9007199254740993n],
        ["12345678901234567890.123", null],
        ["2026-12-31"],
        ["2026-11-23T04:05:06.000Z", null],
        ['a"b\\c', "NULL", null, "{,}", "中文"],
      ],
    );
    expect(rows).toEqual([
      {
        large: [1n, null, -9007199254740993n],
        amounts: ["12345678901234567890.123", null],
        days: ["2026-12-31"],
        instants: ["2026-11-23T04:05:06.000Z", null],
        texts: ['a"b\\c', "NULL", null, "{,}", "中文"],
        nested: [
          [1n, 2n],
          [3n, null],
        ],
      },
    ]);
  });

  it("give the same instant whatever zone the session speaks in", async () => {
    await database.transaction(async (tx) => {
      await tx.query("set local time zone 'Asia/Kolkata'");
      const rows = await tx.query("select timestamptz '2026-11-23 04:05:06.7Z' as instant");
      expect(rows).toEqual([{ instant: "2026-11-23T04:05:06.700Z" }]);
    });
  });

  it("refuse undefined, which the driver would store as null", async () => {
    await expect(database.query("select $1::text", [undefined])).rejects.toThrow(InvariantBroken);
  });
});

describe("a transaction", () => {
  it("keeps all of its statements or none", async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query("insert into counter values ('half', 1)");
      throw new Error("the step fails");
    });
    await expect(failing).rejects.toThrow("the step fails");
    expect(await database.query("select * from counter where name = 'half'")).toEqual([]);
  });

  it("never pretends to have committed after a failed statement was swallowed", async () => {
    const swallowing = database.transaction(async (tx) => {
      await tx.query("insert into counter values ('swallowed', 1)");
      await tx.query("select 1/0").catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow(InvariantBroken);
    expect(await database.query("select * from counter where name = 'swallowed'")).toEqual([]);
  });

  it("runs overlapping queries in order, and none of them after it has failed", async () => {
    const overlapping = database.transaction(async (tx) => {
      await Promise.all([
        tx.query("insert into counter values ('first', 1)"),
        tx.query("select 1/0"),
        tx.query("insert into counter values ('stray', 1)"),
      ]);
    });
    await expect(overlapping).rejects.toMatchObject({ code: "22012" });
    expect(await database.query("select * from counter where name in ('first', 'stray')")).toEqual(
      [],
    );
  });

  it("is retried as a whole when two of them conflict, so that no increment is lost", async () => {
    await database.query("insert into counter values ('serial', 0)");
    let attemptCount = 0;
    let waitingCount = 0;
    const allHaveRead = gate();
    const increment = (): Promise<void> =>
      database.transaction(
        async (tx) => {
          attemptCount += 1;
          const [row] = await tx.query<{ count: bigint }>(
            "select count from counter where name = 'serial'",
          );
          waitingCount += 1;
          if (waitingCount === 5) allHaveRead.open();
          await allHaveRead.opened;
          await tx.query("update counter set count = $1 where name = 'serial'", [row!.count + 1n]);
        },
        { isolation: "serializable" },
      );
    await Promise.all(Array.from({ length: 5 }, increment));
    const rows = await database.query("select count from counter where name = 'serial'");
    expect(rows).toEqual([{ count: 5n }]);
    expect(attemptCount).toBeGreaterThan(5);
  });

  it("is retried when it was chosen to break a deadlock", async () => {
    await database.query("insert into counter values ('left', 0), ('right', 0)");
    const bothHold = [gate(), gate()] as const;
    let attemptCount = 0;
    const lockBoth = (first: string, second: string, own: 0 | 1): Promise<void> =>
      database.transaction(async (tx) => {
        attemptCount += 1;
        const add = "update counter set count = count + 1 where name = $1";
        await tx.query(add, [first]);
        bothHold[own].open();
        await bothHold[own === 0 ? 1 : 0].opened;
        await tx.query(add, [second]);
      });
    await Promise.all([lockBoth("left", "right", 0), lockBoth("right", "left", 1)]);
    const rows = await database.query("select count from counter where name in ('left', 'right')");
    expect(rows).toEqual([{ count: 2n }, { count: 2n }]);
    expect(attemptCount).toBe(3);
  });

  it("gives up on an endless conflict with an outage that may be retried later", async () => {
    let attemptCount = 0;
    const conflicting = database.transaction(async (tx) => {
      attemptCount += 1;
      await tx.query("do $$ begin raise exception 'conflict' using errcode = '40001'; end $$");
    });
    await expect(conflicting).rejects.toMatchObject({ name: "Outage", retryable: true });
    expect(attemptCount).toBe(TRANSACTION_ATTEMPT_COUNT_MAX);
  });

  it("passes a broken constraint on as it is", async () => {
    await database.query("insert into counter values ('once', 1)");
    const twice = database.transaction((tx) => tx.query("insert into counter values ('once', 2)"));
    await expect(twice).rejects.toMatchObject({ code: "23505", constraint: "counter_pkey" });
  });

  it("passes a fault that is not the database's on as it is", async () => {
    const fault = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    await expect(database.transaction(async () => Promise.reject(fault))).rejects.toBe(fault);
  });

  it("takes no query after it has ended", async () => {
    let kept: Tx | undefined;
    await database.transaction(async (tx) => {
      kept = tx;
    });
    await expect(kept!.query("select 1")).rejects.toBeInstanceOf(InvariantBroken);
  });
});

describe("a lost connection", () => {
  it("is a retryable outage for the caller, and the pool goes on", async () => {
    const lost = database.transaction(async (tx) => {
      const pid = await backendOf(tx);
      await database.query("select pg_terminate_backend($1)", [pid]);
      await tx.query("select 1");
    });
    const outage = await lost.catch((error: unknown) => error);
    expect(outage).toBeInstanceOf(Outage);
    expect(outage).toMatchObject({ port: "database", retryable: true });
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("does not end the program when it is lost while idle, or taken and unused", async () => {
    const second = connectPostgres(database.url, { poolMax: 2 });
    const taken = await second.connect();
    const [idlePid, takenPid] = [await backendOf(second), await backendOf(taken)];
    await database.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [
      [idlePid, takenPid],
    ]);
    await expect(taken.query("select 1")).rejects.toMatchObject({
      name: "Outage",
      retryable: true,
    });
    expect(taken.alive()).toBe(false);
    taken.release();
    // The idle one may still be handed out until its end is heard of: that is an outage once, and no more.
    const answer = (): Promise<unknown> => second.query("select 1 as one").catch(() => "outage");
    await expect.poll(answer).toEqual([{ one: 1 }]);
    await second.close();
  });

  it("to a server that is not there is a retryable outage, to a wrong database a final one", async () => {
    const nowhere = connectPostgres("postgres://nobody@127.0.0.1:1/nothing");
    await expect(nowhere.query("select 1")).rejects.toMatchObject({
      name: "Outage",
      retryable: true,
    });
    await nowhere.close();
    const elsewhere = new URL(database.url);
    elsewhere.pathname = "/no_such_database";
    const wrong = connectPostgres(elsewhere.href);
    await expect(wrong.query("select 1")).rejects.toMatchObject({
      name: "Outage",
      retryable: false,
    });
    await wrong.close();
  });
});

describe("a connection of one's own", () => {
  it("keeps its session, runs transactions and prepares a named statement once", async () => {
    const own = await database.connect();
    const pid = await backendOf(own);
    for (const value of [1n, 2n, 3n]) {
      const inside = await own.transaction(async (tx) => {
        expect(await backendOf(tx)).toBe(pid);
        return tx.query("select $1::int8 * 2 as doubled", [value], { name: "double-it" });
      });
      expect(inside).toEqual([{ doubled: value * 2n }]);
    }
    const prepared = await own.query("select name from pg_prepared_statements");
    expect(prepared).toEqual([{ name: "double-it" }]);
    own.release();
    own.release();
    expect(own.alive()).toBe(false);
    await expect(own.query("select 1")).rejects.toBeInstanceOf(InvariantBroken);
  });
});

it("a closed database refuses queries with an outage, and closes twice without harm", async () => {
  const second = connectPostgres(database.url);
  await second.query("select 1");
  await second.close();
  await second.close();
  await expect(second.query("select 1")).rejects.toBeInstanceOf(Outage);
});
