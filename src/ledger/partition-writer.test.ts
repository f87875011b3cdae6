import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InvariantBroken } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Database, Tx } from "../storage/database.ts";
import type { TestDatabase } from "../storage/test-database.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { accountBalances, accountHistory, postedTransfers } from "./account-reads.ts";
import type { PartitionWriter } from "./partition-writer.ts";
import { openPartition } from "./partition-writer.ts";
import type { Posting, PostingId, PostingOutcome } from "./posting.ts";
import {
  accountId,
  CNY,
  drawn,
  moved,
  opening,
  outcomeOf,
  posting,
  ref,
  reserved,
  sidesOf,
} from "./test-postings.ts";
import type { PartitionScope } from "./transfer.ts";
import { verifyLedger } from "./verify-ledger.ts";

const clock = manualClock("2026-11-23T04:05:06.789Z" as Instant);
let database: TestDatabase;
let writer: PartitionWriter;
let scope: PartitionScope;
let partitionCount = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => database.close());

beforeEach(async () => {
  scope = { tenantId: "acme", partition: partitionCount };
  partitionCount += 1;
  writer = await openPartition(database, { ...scope, owner: "test", clock });
  await writer.open([
    opening("clearing"),
    opening("fees"),
    opening("seller", "debits-within-credits"),
    opening("other", "debits-within-credits"),
    opening("clearing/CNY", "none", CNY),
    opening("seller/CNY", "debits-within-credits", CNY),
  ]);
});

afterEach(async () => {
  const verification = await verifyLedger(database, scope);
  expect(verification.findings).toEqual([]);
  await writer.close();
});

async function sidesNow(id: string): Promise<bigint[]> {
  const [balances] = await accountBalances(database, scope, [accountId(id)]);
  return sidesOf(balances);
}

async function postAll(...postings: readonly Posting[]): Promise<string[]> {
  const outcomes = await Promise.all(postings.map((each) => writer.post(each)));
  return outcomes.map(outcomeOf);
}

function codeAndLeg(outcome: PostingOutcome): unknown {
  return outcome.ok ? outcome.outcome : [outcome.refusal.code, outcome.refusal.leg];
}

describe("a posting", () => {
  it("moves money and answers with the balances right after it", async () => {
    const outcome = await writer.post(posting("p1", moved("clearing", "seller", 100n)));
    expect(outcome).toEqual({
      ok: true,
      outcome: "posted",
      bookedAt: "2026-11-23T04:05:06.789Z",
      balances: [
        {
          accountId: "clearing",
          currency: "USD",
          version: 1n,
          debitsPosted: 100n,
          creditsPosted: 0n,
          debitsPending: 0n,
          creditsPending: 0n,
        },
        {
          accountId: "seller",
          currency: "USD",
          version: 1n,
          debitsPosted: 0n,
          creditsPosted: 100n,
          debitsPending: 0n,
          creditsPending: 0n,
        },
      ],
    });
  });

  it("posted again under its id is told as it was the first time, and nothing moves", async () => {
    const first = await writer.post(posting("p1", moved("clearing", "seller", 100n)));
    await writer.post(posting("p2", moved("clearing", "seller", 5n)));
    const again = await writer.post(posting("p1", moved("clearing", "seller", 100n)));
    expect(again).toEqual({ ...first, outcome: "exists" });
    expect(await sidesNow("seller")).toEqual([0n, 105n, 0n, 0n]);
  });

  it("under a used id with another body is refused and learns nothing of the first", async () => {
    await writer.post(posting("p1", moved("clearing", "seller", 777n)));
    const others = [
      posting("p1", moved("clearing", "seller", 778n)),
      posting("p1", moved("clearing", "other", 777n)),
      posting("p1", reserved("clearing", "seller", 777n)),
      posting("p1", moved("clearing", "seller", 777n), moved("clearing", "seller", 1n)),
      { ...posting("p1", moved("clearing", "seller", 777n)), reason: "else" },
      { ...posting("p1", moved("clearing", "seller", 777n)), subject: "cr_2" },
    ];
    for (const other of others) {
      const outcome = await writer.post(other);
      expect(codeAndLeg(outcome)).toEqual(["id-reused-with-another-body", null]);
      expect(JSON.stringify(outcome)).not.toContain("777");
    }
    expect(await sidesNow("seller")).toEqual([0n, 777n, 0n, 0n]);
  });

  it("that was refused leaves its id free", async () => {
    const wanted = posting("p1", moved("seller", "clearing", 10n));
    expect(await postAll(wanted)).toEqual(["limit-exceeded"]);
    await writer.post(posting("p2", moved("clearing", "seller", 10n)));
    expect(await postAll(wanted)).toEqual(["posted"]);
  });

  it("twice in one batch is posted once", async () => {
    const same = posting("p1", moved("clearing", "seller", 100n));
    const outcomes = await writer.step((_tx, ledger) =>
      ledger.post([same, same, posting("p1", moved("clearing", "seller", 1n))]),
    );
    expect(outcomes.map(outcomeOf)).toEqual(["posted", "exists", "id-reused-with-another-body"]);
    expect(await sidesNow("seller")).toEqual([0n, 100n, 0n, 0n]);
  });

  it("in another tenant or partition has its own ids and accounts", async () => {
    const stranger = await openPartition(database, {
      tenantId: "other-tenant",
      partition: scope.partition,
      owner: "test",
      clock,
    });
    await writer.post(posting("p1", moved("clearing", "seller", 100n)));
    const outcome = await stranger.post(posting("p1", moved("clearing", "seller", 100n)));
    expect(codeAndLeg(outcome)).toEqual(["account-not-found", 0]);
    await stranger.close();
  });

  it("keeps all its legs or none, and says which leg failed", async () => {
    const outcome = await writer.post(
      posting("p1", moved("clearing", "seller", 100n), moved("other", "fees", 1n)),
    );
    expect(codeAndLeg(outcome)).toEqual(["limit-exceeded", 1]);
    expect(await sidesNow("seller")).toEqual([0n, 0n, 0n, 0n]);
    expect(await postedTransfers(database, scope, ["p1" as PostingId])).toEqual([]);
  });

  it("may spend in a later leg what an earlier leg brought, and draw from it", async () => {
    const outcomes = await postAll(
      posting(
        "p1",
        moved("clearing", "seller", 100n),
        reserved("seller", "other", 60n),
        drawn("commit", ref("p1", 1), 50n),
        drawn("void", ref("p1", 1), 10n),
      ),
    );
    expect(outcomes).toEqual(["posted"]);
    expect(await sidesNow("seller")).toEqual([50n, 100n, 0n, 0n]);
  });

  it("cannot draw from a later leg of its own", async () => {
    const outcome = await writer.post(
      posting("p1", drawn("commit", ref("p1", 1), 1n), reserved("clearing", "seller", 1n)),
    );
    expect(codeAndLeg(outcome)).toEqual(["transfer-not-found", 0]);
  });

  it("sells foreign exchange as two legs of two currencies", async () => {
    await writer.post(posting("p1", moved("clearing", "seller", 10_000n)));
    const outcomes = await postAll(
      posting(
        "fx",
        moved("seller", "clearing", 10_000n),
        moved("clearing/CNY", "seller/CNY", 71_234n, CNY),
      ),
    );
    expect(outcomes).toEqual(["posted"]);
    expect(await sidesNow("seller")).toEqual([10_000n, 10_000n, 0n, 0n]);
    expect(await sidesNow("seller/CNY")).toEqual([0n, 71_234n, 0n, 0n]);
  });

  it("is refused where it names what does not fit", async () => {
    const refusals: [Posting, unknown][] = [
      [posting("r1", moved("nobody", "seller", 1n)), ["account-not-found", 0]],
      [posting("r2", moved("clearing", "nobody", 1n)), ["account-not-found", 0]],
      [posting("r3", moved("clearing", "seller/CNY", 1n)), ["account-currency-differs", 0]],
      [posting("r4", moved("clearing", "seller", 1n, CNY)), ["account-currency-differs", 0]],
      [posting("r5", moved("clearing", "clearing", 1n)), ["same-account-twice", 0]],
      [posting("r6", moved("clearing", "seller", 0n)), ["amount-not-positive", 0]],
      [posting("r7", moved("clearing", "seller", -1n)), ["amount-not-positive", 0]],
      [posting("r8", moved("clearing", "seller", 2n ** 63n)), ["amount-too-large", 0]],
      [posting("r9", drawn("commit", ref("nothing"), 1n)), ["transfer-not-found", 0]],
      [posting("r10"), ["posting-malformed", null]],
    ];
    for (const [each, refusal] of refusals)
      expect(codeAndLeg(await writer.post(each)), each.id).toEqual(refusal);
  });
});

describe("amounts", () => {
  it("past what a JavaScript number can hold stay exact to the last unit", async () => {
    const large = 2n ** 53n + 1n;
    await writer.post(posting("p1", moved("clearing", "seller", large)));
    await writer.post(posting("p2", moved("clearing", "seller", large + 1n)));
    expect(await sidesNow("seller")).toEqual([0n, 2n ** 54n + 3n, 0n, 0n]);
    const [entry] = await postedTransfers(database, scope, ["p2" as PostingId]);
    expect(entry?.transfer.amount).toBe(9_007_199_254_740_994n);
  });

  it("may fill a side up to 2^63 - 1 and not one unit further, pending included", async () => {
    const most = 2n ** 63n - 1n;
    expect(await postAll(posting("p1", moved("clearing", "seller", most - 1n)))).toEqual([
      "posted",
    ]);
    expect(await postAll(posting("p2", reserved("clearing", "seller", 1n)))).toEqual(["posted"]);
    expect(await postAll(posting("p3", moved("clearing", "other", 1n)))).toEqual([
      "amount-too-large",
    ]);
    expect(await postAll(posting("p4", drawn("commit", ref("p2"), 1n)))).toEqual(["posted"]);
    expect(await sidesNow("clearing")).toEqual([most, 0n, 0n, 0n]);
  });
});

describe("a hold", () => {
  beforeEach(async () => {
    await writer.post(posting("in", moved("clearing", "seller", 100n)));
    await writer.post(posting("hold", reserved("seller", "other", 70n)));
  });

  it("counts as spent", async () => {
    expect(await postAll(posting("p1", moved("seller", "other", 31n)))).toEqual(["limit-exceeded"]);
    expect(await postAll(posting("p2", reserved("seller", "other", 31n)))).toEqual([
      "limit-exceeded",
    ]);
    expect(await postAll(posting("p3", moved("seller", "other", 30n)))).toEqual(["posted"]);
  });

  it("is not money for the one it is held for until it is committed", async () => {
    expect(await postAll(posting("p1", moved("other", "clearing", 1n)))).toEqual([
      "limit-exceeded",
    ]);
    await writer.post(posting("p2", drawn("commit", ref("hold"), 70n)));
    expect(await postAll(posting("p3", moved("other", "clearing", 70n)))).toEqual(["posted"]);
  });

  it("is committed and voided in parts, never above what is left of it", async () => {
    expect(
      await postAll(
        posting("c1", drawn("commit", ref("hold"), 71n)),
        posting("c2", drawn("commit", ref("hold"), 40n)),
        posting("c3", drawn("void", ref("hold"), 31n)),
        posting("c4", drawn("void", ref("hold"), 20n)),
        posting("c5", drawn("commit", ref("hold"), 11n)),
        posting("c6", drawn("commit", ref("hold"), 10n)),
        posting("c7", drawn("void", ref("hold"), 1n)),
      ),
    ).toEqual([
      "exceeds-remainder",
      "posted",
      "exceeds-remainder",
      "posted",
      "exceeds-remainder",
      "posted",
      "exceeds-remainder",
    ]);
    expect(await sidesNow("seller")).toEqual([50n, 100n, 0n, 0n]);
    expect(await sidesNow("other")).toEqual([0n, 50n, 0n, 0n]);
    const [hold] = await postedTransfers(database, scope, ["hold" as PostingId]);
    expect(hold?.drawn).toEqual({ committed: 50n, voided: 20n, reversed: 0n });
  });

  it("committed by many callers at once is committed once", async () => {
    const callers = Array.from({ length: 40 }, (_, index) =>
      posting(`c${index}`, drawn("commit", ref("hold"), 70n)),
    );
    const outcomes = await postAll(...callers);
    expect(outcomes.filter((outcome) => outcome === "posted")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "exceeds-remainder")).toHaveLength(39);
    expect(await sidesNow("seller")).toEqual([70n, 100n, 0n, 0n]);
  });

  it("can neither be reversed nor drawn in another currency", async () => {
    expect(
      await postAll(
        posting("p1", drawn("reverse", ref("hold"), 1n)),
        posting("p2", drawn("commit", ref("hold"), 1n, CNY)),
        posting("p3", drawn("commit", ref("in"), 1n)),
        posting("p4", drawn("void", ref("in"), 1n)),
      ),
    ).toEqual([
      "transfer-not-posted",
      "account-currency-differs",
      "transfer-not-pending",
      "transfer-not-pending",
    ]);
  });
});

describe("a refund", () => {
  beforeEach(async () => {
    await writer.post(posting("in", moved("clearing", "seller", 100n)));
  });

  it("made many times at once is made once", async () => {
    const outcomes = await postAll(
      ...Array.from({ length: 30 }, (_, index) =>
        posting(`refund-${index}`, drawn("reverse", ref("in"), 100n)),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "posted")).toHaveLength(1);
    expect(await sidesNow("seller")).toEqual([100n, 100n, 0n, 0n]);
    expect(await sidesNow("clearing")).toEqual([100n, 100n, 0n, 0n]);
  });

  it("in parts stops at the remainder, also across batches", async () => {
    expect(await postAll(posting("r1", drawn("reverse", ref("in"), 60n)))).toEqual(["posted"]);
    expect(await postAll(posting("r2", drawn("reverse", ref("in"), 41n)))).toEqual([
      "exceeds-remainder",
    ]);
    expect(await postAll(posting("r3", drawn("reverse", ref("in"), 40n)))).toEqual(["posted"]);
  });

  it("of money that is spent is refused", async () => {
    await writer.post(posting("out", moved("seller", "other", 1n)));
    expect(await postAll(posting("r1", drawn("reverse", ref("in"), 100n)))).toEqual([
      "limit-exceeded",
    ]);
    expect(await postAll(posting("r2", drawn("reverse", ref("in"), 99n)))).toEqual(["posted"]);
  });

  it("is possible of a committed hold, through its commit, and cannot itself be reversed", async () => {
    await writer.post(posting("hold", reserved("seller", "other", 50n)));
    await writer.post(posting("commit", drawn("commit", ref("hold"), 50n)));
    expect(
      await postAll(
        posting("r1", drawn("reverse", ref("hold"), 1n)),
        posting("r2", drawn("reverse", ref("commit"), 50n)),
        posting("r3", drawn("reverse", ref("commit"), 1n)),
        posting("r4", drawn("reverse", ref("r2"), 1n)),
      ),
    ).toEqual(["transfer-not-posted", "posted", "exceeds-remainder", "transfer-not-posted"]);
    expect(await sidesNow("seller")).toEqual([50n, 150n, 0n, 0n]);
  });
});

/** A database that notes how many legs each statement of the writer adds. */
function countingLegs(inner: Database): { database: Database; legCounts: number[] } {
  const legCounts: number[] = [];
  const note = (query: Tx["query"]): Tx["query"] => {
    return (text, values, options) => {
      const seqs = text.includes("insert into ledger_transfer") ? values?.[8] : null;
      if (typeof seqs === "string") legCounts.push(seqs.split(",").length);
      return query(text, values, options);
    };
  };
  const connect: Database["connect"] = async () => {
    const connection = await inner.connect();
    return {
      ...connection,
      query: note(connection.query),
      transaction: (work, options) =>
        connection.transaction((tx) => work({ query: note(tx.query) }), options),
    };
  };
  return { database: { ...inner, connect }, legCounts };
}

describe("a batch", () => {
  it("posts the good neighbours of a bad posting", async () => {
    const outcomes = await postAll(
      posting("g1", moved("clearing", "seller", 1n)),
      posting("b1", moved("nobody", "seller", 1n)),
      posting("g2", moved("clearing", "seller", 2n)),
      posting("b2", moved("other", "seller", 1n)),
      posting("b3", moved("clearing", "seller", 2n ** 63n - 1n)),
      posting("g3", moved("clearing", "seller", 4n)),
    );
    expect(outcomes).toEqual([
      "posted",
      "account-not-found",
      "posted",
      "limit-exceeded",
      "amount-too-large",
      "posted",
    ]);
    expect(await sidesNow("seller")).toEqual([0n, 7n, 0n, 0n]);
  });

  it("decides in the order of arrival", async () => {
    expect(
      await postAll(
        posting("p1", moved("seller", "other", 5n)),
        posting("p2", moved("clearing", "seller", 5n)),
        posting("p3", moved("seller", "other", 5n)),
      ),
    ).toEqual(["limit-exceeded", "posted", "posted"]);
  });

  it("larger than one statement is cut without cutting a posting", async () => {
    await writer.close();
    const counting = countingLegs(database);
    const options = { ...scope, owner: "test", clock, batchLegsMax: 200 };
    writer = await openPartition(counting.database, options);
    const legs = Array.from({ length: 90 }, () => moved("clearing", "seller", 1n));
    const wanted = ["p1", "p2", "p3", "p4", "p5"].map((id) => posting(id, ...legs));
    const posted = wanted.map(() => "posted");
    expect(await postAll(...wanted)).toEqual(posted);
    const inStep = ["q1", "q2", "q3", "q4", "q5"].map((id) => posting(id, ...legs));
    const outcomes = await writer.step((_tx, ledger) => ledger.post([...inStep, ...wanted]));
    expect(outcomes.map(outcomeOf)).toEqual([...posted, ...wanted.map(() => "exists")]);
    expect(counting.legCounts).toEqual([180, 180, 90, 180, 180, 90]);
    expect(await sidesNow("seller")).toEqual([0n, 900n, 0n, 0n]);
  });

  it("keeps its answers right when the accounts in memory are few", async () => {
    await writer.close();
    writer = await openPartition(database, { ...scope, owner: "test", clock, cacheAccountsMax: 2 });
    const ids = Array.from({ length: 20 }, (_, index) => `a${index}`);
    await writer.open(ids.map((id) => opening(id, "debits-within-credits")));
    for (const round of ["x", "y", "z"])
      await postAll(...ids.map((id) => posting(`${round}-${id}`, moved("clearing", id, 10n))));
    for (const id of ids) {
      expect(await postAll(posting(`over-${id}`, moved(id, "fees", 31n)))).toEqual([
        "limit-exceeded",
      ]);
      expect(await postAll(posting(`all-${id}`, moved(id, "fees", 30n)))).toEqual(["posted"]);
    }
  });
});

async function states(): Promise<unknown[]> {
  return (await database.query("select id from payout_state order by id")).map((row) => row["id"]);
}

describe("a step", () => {
  beforeEach(async () => {
    await database.query("create table if not exists payout_state (id text primary key)");
    await database.query("delete from payout_state");
  });

  it("commits the caller's rows and its postings together", async () => {
    const answer = await writer.step(async (tx, ledger) => {
      await tx.query("insert into payout_state values ('po_1')");
      await ledger.open([opening("new")]);
      const [first] = await ledger.post([posting("p1", moved("clearing", "new", 5n))]);
      const [second] = await ledger.post([posting("p2", moved("new", "seller", 5n))]);
      return [first, second].map((outcome) => outcomeOf(outcome!));
    });
    expect(answer).toEqual(["posted", "posted"]);
    expect(await states()).toEqual(["po_1"]);
    expect(await sidesNow("new")).toEqual([5n, 5n, 0n, 0n]);
  });

  it("that throws leaves neither rows nor postings nor memory of them", async () => {
    const failure = new Error("the caller's own");
    await expect(
      writer.step(async (tx, ledger) => {
        await tx.query("insert into payout_state values ('po_1')");
        await ledger.post([posting("p1", moved("clearing", "seller", 5n))]);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await states()).toEqual([]);
    expect(await postAll(posting("p2", moved("seller", "other", 1n)))).toEqual(["limit-exceeded"]);
    expect(await postAll(posting("p1", moved("clearing", "seller", 6n)))).toEqual(["posted"]);
  });

  it("sees a refusal and may still commit its own rows", async () => {
    const [outcome] = await writer.step(async (tx, ledger) => {
      await tx.query("insert into payout_state values ('po_held')");
      return ledger.post([posting("p1", moved("seller", "other", 5n))]);
    });
    expect(outcomeOf(outcome!)).toBe("limit-exceeded");
    expect(await states()).toEqual(["po_held"]);
  });

  it("that goes on after a failed statement commits nothing", async () => {
    await expect(
      writer.step(async (tx, ledger) => {
        await ledger.post([posting("p1", moved("clearing", "seller", 5n))]);
        await tx.query("insert into no_such_table values (1)").catch(() => undefined);
      }),
    ).rejects.toThrow(InvariantBroken);
    expect(await postAll(posting("p1", moved("clearing", "seller", 5n)))).toEqual(["posted"]);
    expect(await sidesNow("seller")).toEqual([0n, 5n, 0n, 0n]);
  });

  it("that goes on after the ledger refused to serve it commits nothing", async () => {
    const legs = Array.from({ length: 200 }, () => moved("clearing", "seller", 1n));
    const tooMany = Array.from({ length: 101 }, (_, index) => posting(`p${index}`, ...legs));
    await expect(
      writer.step(async (tx, ledger) => {
        await tx.query("insert into payout_state values ('po_1')");
        await ledger.post(tooMany).catch(() => undefined);
      }),
    ).rejects.toThrow(InvariantBroken);
    expect(await states()).toEqual([]);
  });

  it("cannot post two calls at once, nor after its end", async () => {
    await expect(
      writer.step((_tx, ledger) =>
        Promise.all([
          ledger.post([posting("p1", moved("clearing", "seller", 5n))]),
          ledger.post([posting("p2", moved("clearing", "seller", 5n))]),
        ]),
      ),
    ).rejects.toThrow(InvariantBroken);
    const leaked = await writer.step(async (_tx, ledger) => ledger);
    await expect(leaked.post([posting("p3", moved("clearing", "seller", 5n))])).rejects.toThrow(
      InvariantBroken,
    );
    expect(await sidesNow("seller")).toEqual([0n, 0n, 0n, 0n]);
  });

  it("waits for the postings before it and holds those after it", async () => {
    const order: string[] = [];
    const tell = (name: string) => () => order.push(name);
    await Promise.all([
      writer.post(posting("p1", moved("clearing", "seller", 5n))).then(tell("p1")),
      writer
        .step((_tx, ledger) => ledger.post([posting("p2", moved("seller", "other", 5n))]))
        .then(tell("step")),
      writer.post(posting("p3", moved("other", "fees", 5n))).then(tell("p3")),
    ]);
    expect(order).toEqual(["p1", "step", "p3"]);
    expect(await sidesNow("fees")).toEqual([0n, 5n, 0n, 0n]);
  });
});

describe("opening an account", () => {
  it("again is harmless, and otherwise than before is refused", async () => {
    const outcomes = await writer.open([
      opening("seller", "debits-within-credits"),
      opening("seller", "none"),
      opening("seller", "debits-within-credits", CNY),
      opening("fresh"),
      opening("fresh"),
      opening("", "none"),
      { ...opening("coin"), currency: "XBT" as never },
    ]);
    expect(outcomes.map((each) => (each.ok ? each.outcome : each.refusal.code))).toEqual([
      "exists",
      "account-opened-otherwise",
      "account-opened-otherwise",
      "opened",
      "exists",
      "opening-malformed",
      "opening-malformed",
    ]);
  });
});

describe("time", () => {
  it("of booking never goes back, though the clock does", async () => {
    clock.advanceMs(5_000);
    const later = await writer.post(posting("p1", moved("clearing", "seller", 1n)));
    clock.advanceMs(-3_000);
    const earlier = await writer.post(posting("p2", moved("clearing", "seller", 1n)));
    clock.advanceMs(-2_000);
    expect(earlier.ok && later.ok && earlier.bookedAt === later.bookedAt).toBe(true);
  });
});

describe("limits of the writer", () => {
  it("turn callers away with a retryable outage when too many wait", async () => {
    await writer.close();
    writer = await openPartition(database, { ...scope, owner: "test", clock, queueLengthMax: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) =>
        writer.post(posting(`p${index}`, moved("clearing", "seller", 1n))),
      ),
    );
    const failures = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as Outage] : [],
    );
    expect(failures.map((failure) => [failure.port, failure.retryable])).toEqual([
      ["ledger", true],
      ["ledger", true],
    ]);
    expect(await sidesNow("seller")).toEqual([0n, 3n, 0n, 0n]);
  });

  it("finish what is queued before closing, and nothing after", async () => {
    const queued = writer.post(posting("p1", moved("clearing", "seller", 1n)));
    await writer.close();
    expect(outcomeOf(await queued)).toBe("posted");
    await expect(writer.post(posting("p2", moved("clearing", "seller", 1n)))).rejects.toThrow(
      Outage,
    );
  });
});

async function changeSeller(sql: string): Promise<void> {
  await database.query(`${sql} where tenant_id = $1 and partition = $2 and account_id = 'seller'`, [
    scope.tenantId,
    scope.partition,
  ]);
}

describe("a ledger that was changed behind its writer", () => {
  beforeEach(async () => {
    await writer.post(posting("p1", moved("clearing", "seller", 10n)));
  });

  it("is not written on, in a batch or in a step, until it is whole again", async () => {
    const wanted = posting("p2", moved("clearing", "seller", 1n));
    await changeSeller("update ledger_account set version = version + 1");
    await expect(writer.post(wanted)).rejects.toThrow(InvariantBroken);
    await changeSeller("update ledger_account set version = version - 1");
    expect(await postAll(wanted)).toEqual(["posted"]);

    await changeSeller("update ledger_account set version = version + 1");
    const again = posting("p3", moved("clearing", "seller", 1n));
    await expect(writer.step((_tx, ledger) => ledger.post([again]))).rejects.toThrow(
      InvariantBroken,
    );
    await changeSeller("update ledger_account set version = version - 1");
    expect(await postAll(again)).toEqual(["posted"]);
    expect(await sidesNow("seller")).toEqual([0n, 12n, 0n, 0n]);
  });

  it("gets no account back that was deleted", async () => {
    const [row] = await database.query(
      "select row_to_json(a)::text as kept from ledger_account a where partition = $1 and account_id = 'seller'",
      [scope.partition],
    );
    await changeSeller("delete from ledger_account");
    const wanted = posting("p2", moved("clearing", "seller", 1n));
    await expect(writer.post(wanted)).rejects.toThrow(InvariantBroken);
    expect(await sidesNow("seller")).toEqual([]);
    await database.query(
      "insert into ledger_account select * from json_populate_record(null::ledger_account, $1::json)",
      [row!["kept"]],
    );
    expect(await postAll(wanted)).toEqual(["posted"]);
  });
});

describe("the history of an account", () => {
  it("has a row for every change of a balance, in pages", async () => {
    await postAll(
      posting("p1", moved("clearing", "seller", 100n)),
      posting("p2", reserved("seller", "other", 40n)),
      posting("p3", drawn("commit", ref("p2"), 30n)),
      posting("p4", drawn("void", ref("p2"), 10n)),
      posting("p5", drawn("reverse", ref("p1"), 5n)),
    );
    const id = accountId("seller");
    const first = await accountHistory(database, scope, id, { after: 0n, limit: 3 });
    const rest = await accountHistory(database, scope, id, { after: 3n, limit: 3 });
    expect([...first, ...rest].map((entry) => [entry.side, ...sidesOf(entry.balances)])).toEqual([
      ["credit", 0n, 100n, 0n, 0n],
      ["debit", 0n, 100n, 40n, 0n],
      ["debit", 30n, 100n, 10n, 0n],
      ["debit", 30n, 100n, 0n, 0n],
      ["debit", 35n, 100n, 0n, 0n],
    ]);
    expect([...first, ...rest].map((entry) => entry.balances.version)).toEqual([
      1n,
      2n,
      3n,
      4n,
      5n,
    ]);
  });
});
