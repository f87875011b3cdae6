import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database, Tx } from "../storage/database.ts";
import { migrate } from "../storage/migrate.ts";
import { packageMigrationsDir } from "../storage/migration-file.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { type FeedQuery, lastSeq, readFeed } from "./feed.ts";
import { appendEvents, gatherEvents, readTimeline, type TimelineEvent } from "./timeline.ts";

const TENANT = "t";
const NOW = "2026-11-23T04:05:06.789Z" as Instant;
let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

function event(subject: string, word: string, more: Partial<TimelineEvent> = {}): TimelineEvent {
  return { subject, kind: "told", at: NOW, data: { word }, source: null, ...more };
}

function append(events: readonly TimelineEvent[], tenantId = TENANT): Promise<void> {
  return database.transaction((tx) => appendEvents(tx, tenantId, events));
}

async function wordsOf(query: Partial<FeedQuery> = {}, tenantId = TENANT): Promise<string[]> {
  const page = await readFeed(database, tenantId, { afterSeq: 0n, limit: 100, ...query });
  return page.events.map(
    ({ seq, subject, subjectSeq, data }) =>
      `${seq} ${subject}#${subjectSeq} ${String(data["word"])}`,
  );
}

/** A promise that a test fulfils when it wants the other side to go on. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const state: { open: () => void } = { open: () => undefined };
  const opened = new Promise<void>((resolve) => {
    state.open = resolve;
  });
  return { opened, open: () => state.open() };
}

describe("the feed", () => {
  it("gives every event a place in the tenant and in its object's story, in the order given", async () => {
    await append([event("po_b", "one"), event("po_a", "two"), event("po_b", "three")]);
    await append([event("po_a", "four")]);
    await append([event("po_a", "elsewhere")], "other");
    expect(await wordsOf()).toEqual([
      "1 po_b#1 one",
      "2 po_a#1 two",
      "3 po_b#2 three",
      "4 po_a#2 four",
    ]);
    expect(await wordsOf({}, "other")).toEqual(["1 po_a#1 elsewhere"]);
    expect(await lastSeq(database, TENANT)).toBe(4n);
    expect(await lastSeq(database, "nobody")).toBe(0n);
  });

  it("gives an event on record no second place, so that a repeated step leaves no gap", async () => {
    await append([event("po_a", "one"), event("po_a", "one"), event("po_a", "two")]);
    await append([event("po_a", "two"), event("po_a", "three"), event("po_a", "one")]);
    await append([event("po_a", "three")]);
    expect(await wordsOf()).toEqual(["1 po_a#1 one", "2 po_a#2 two", "3 po_a#3 three"]);
    await append([event("po_a", "four")]);
    expect((await wordsOf()).at(-1)).toBe("4 po_a#4 four");
  });

  it("tells what somebody did each time, and what the channel found once, unless it names the occasion", async () => {
    const later = "2026-11-23T04:05:07.000Z" as Instant;
    await append([event("user_1", "wrong password", { actor: "user_1" })]);
    await append([event("user_1", "wrong password", { actor: "user_1", at: later })]);
    await append([event("po_a", "found"), event("po_a", "found", { at: later })]);
    await append([event("po_a", "held", { occasion: "h1" })]);
    await append([event("po_a", "held", { occasion: "h2" })]);
    expect(await wordsOf()).toEqual([
      "1 user_1#1 wrong password",
      "2 user_1#2 wrong password",
      "3 po_a#1 found",
      "4 po_a#2 held",
      "5 po_a#3 held",
    ]);
    const [first] = await readTimeline(database, TENANT, ["user_1"]);
    expect(first).toEqual({
      ...event("user_1", "wrong password"),
      actor: "user_1",
      seq: 1n,
      subjectSeq: 1n,
    });
  });

  it("writes a step's events in two statements, whatever their number", async () => {
    await append([event("po_a", "before")]);
    const statements: string[] = [];
    await database.transaction(async (tx) => {
      const counted: Tx = {
        query: (text, values, options) => {
          statements.push(options?.name ?? text);
          return tx.query(text, values, options);
        },
      };
      await gatherEvents(counted, TENANT, async () => {
        for (let at = 0; at < 1500; at += 1)
          await appendEvents(counted, TENANT, [event(`po_${at % 400}`, `word ${at}`)]);
      });
    });
    expect(statements).toEqual(["lock-feed", "record-events"]);
    expect(await lastSeq(database, TENANT)).toBe(1501n);
  });
});

describe("the feed under several writers", () => {
  it("has no gap and nothing that appears before its end, while some of them fail", async () => {
    const WRITERS = 6;
    const ROUNDS = 25;
    let isDone = false;
    const read: bigint[] = [];
    const reader = async (): Promise<void> => {
      for (let last = false; !last; ) {
        last = isDone;
        const afterSeq = read.at(-1) ?? 0n;
        const page = await readFeed(database, TENANT, { afterSeq, limit: 7 });
        for (const each of page.events) read.push(each.seq);
        if (page.hasMore) last = false;
      }
    };
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const events = [
          event(`po_${round % 3}`, `${writer}/${round}`),
          event("po_shared", `${round}`),
          event(`po_${writer}`, `${round}`),
        ];
        const fails = (writer + round) % 5 === 0;
        await database
          .transaction(async (tx) => {
            await appendEvents(tx, TENANT, events);
            if (fails) throw new Error("the step fails after its events were written");
          })
          .catch((error: unknown) => {
            if (!fails) throw error;
          });
      }
    };
    const reading = reader();
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    isDone = true;
    await reading;
    const last = await lastSeq(database, TENANT);
    expect(last).toBeGreaterThan(200n);
    expect(read).toEqual(Array.from({ length: Number(last) }, (_, index) => BigInt(index + 1)));
    const gaps = await database.query(
      `SELECT subject FROM timeline_event GROUP BY subject
        HAVING count(*) <> max(subject_seq) OR min(subject_seq) <> 1`,
    );
    expect(gaps).toEqual([]);
    const shared = await readFeed(database, TENANT, {
      afterSeq: 0n,
      limit: 1000,
      subjects: ["po_shared"],
    });
    expect(shared.events.map(({ data }) => String(data["word"])).sort()).toEqual(
      Array.from({ length: ROUNDS }, (_, round) => `${round}`).sort(),
    );
  });

  it("shows an event only when all before it are committed", async () => {
    const written = gate();
    const mayCommit = gate();
    const first = database.transaction(async (tx) => {
      await appendEvents(tx, TENANT, [event("po_a", "slow")]);
      written.open();
      await mayCommit.opened;
    });
    await written.opened;
    const second = append([event("po_b", "fast")]);
    await waiterOn(database);
    expect(await wordsOf()).toEqual([]);
    mayCommit.open();
    await Promise.all([first, second]);
    expect(await wordsOf()).toEqual(["1 po_a#1 slow", "2 po_b#1 fast"]);
  });

  it("tells what two steps find at once only once", async () => {
    const once = [event("po_a", "found by both"), event("po_a", "and this")];
    await Promise.all(Array.from({ length: 6 }, () => append(once)));
    expect(await wordsOf()).toEqual(["1 po_a#1 found by both", "2 po_a#2 and this"]);
  });
});

/** Until a transaction waits for a lock. */
async function waiterOn(at: Database): Promise<void> {
  await expect
    .poll(
      async () => {
        const [row] = await at.query<{ waiting: bigint }>(
          `SELECT count(*) AS waiting FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return row?.waiting;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0n);
}

describe("reading the feed", () => {
  it("goes on after any place, up to a place, and page by page", async () => {
    await append(["a", "b", "c", "d", "e"].map((word) => event("po_a", word)));
    const page = await readFeed(database, TENANT, { afterSeq: 1n, limit: 2 });
    expect(page).toMatchObject({ throughSeq: 3n, hasMore: true });
    expect(page.events.map(({ seq }) => seq)).toEqual([2n, 3n]);
    expect(await readFeed(database, TENANT, { afterSeq: 3n, limit: 2 })).toMatchObject({
      throughSeq: 5n,
      hasMore: false,
    });
    expect(await readFeed(database, TENANT, { afterSeq: 5n, limit: 2 })).toEqual({
      events: [],
      throughSeq: 5n,
      hasMore: false,
    });
    const range = await readFeed(database, TENANT, { afterSeq: 1n, throughSeq: 3n, limit: 9 });
    expect(range).toMatchObject({ throughSeq: 3n, hasMore: false });
    expect(range.events.map(({ seq }) => seq)).toEqual([2n, 3n]);
  });

  it("shows a seller what is about its own objects and nothing else", async () => {
    await madeOwners(database);
    await append([
      event("po_mine", "a"),
      event("po_theirs", "b"),
      event("cr_mine", "c"),
      event("po_nobody", "d"),
      event("st_unknown", "e"),
      event("mine", "f"),
      event("hold_mine", "g"),
      event("ff00", "h"),
      event("user_operator", "i"),
    ]);
    expect(await wordsOf({ sellerId: "mine" })).toEqual([
      "1 po_mine#1 a",
      "3 cr_mine#1 c",
      "6 mine#1 f",
      "7 hold_mine#1 g",
    ]);
    expect(await wordsOf({ sellerId: "mine", subjects: ["po_theirs", "cr_mine"] })).toEqual([
      "3 cr_mine#1 c",
    ]);
    expect(await wordsOf({ sellerId: "nobody-knows" })).toEqual([]);
    const all = await readFeed(database, TENANT, { afterSeq: 0n, limit: 100, sellerId: null });
    expect(all.events.map(({ sellerId }) => sellerId)).toEqual([
      "mine",
      "theirs",
      "mine",
      null,
      null,
      "mine",
      "mine",
      null,
      null,
    ]);
    const words = await wordsOf({ withoutAccess: true });
    expect(words).toHaveLength(8);
    expect(words.join()).not.toContain("user_");
    await database.query("UPDATE payout SET seller_id = 'mine' WHERE payout_id = 'po_nobody'");
    expect(await wordsOf({ sellerId: "mine", afterSeq: 3n })).toContain("4 po_nobody#1 d");
  });
});

/** Objects of two sellers and of nobody; only what says whose they are matters. */
async function madeOwners(at: Database): Promise<void> {
  for (const [id, seller] of [
    ["po_mine", "mine"],
    ["po_theirs", "theirs"],
    ["po_nobody", null],
  ])
    await at.query(
      `INSERT INTO payout (tenant_id, payout_id, seller_id, marketplace, source, reference, currency, amount_minor,
                           announced_status, trace_ids, settlement_ids, state, is_open, version, recorded_at)
       VALUES ($1, $2, $3, 'amazon', 'list-payouts', $2, 'USD', 1, 'unknown', '[]', '[]', 'announced', true, 1, $4)`,
      [TENANT, id, seller, NOW],
    );
  await at.query(
    `INSERT INTO bank_transaction (tenant_id, transaction_id, account_number, currency, direction, reversal, amount_minor,
                                   detail, seller_id, state, confirmed, open_minor, is_open, role, version, recorded_at)
     VALUES ($1, 'cr_mine', '1', 'USD', 'credit', false, 1, '{}', 'mine', 'booked', false, 1, true, 'incoming', 1, $2)`,
    [TENANT, NOW],
  );
  await at.query("INSERT INTO seller VALUES ($1, 'mine', 'Mine Ltd', $2)", [TENANT, NOW]);
  await at.query(
    `INSERT INTO hold (tenant_id, hold_id, payout_id, code, currency, amount_minor, message, papers, owner, due_on, opened_at)
     VALUES ($1, 'hold_mine', 'po_mine', 'c', 'USD', 1, 'm', '[]', 'operator', '2026-12-01', $2)`,
    [TENANT, NOW],
  );
  await at.query(
    `INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, seller_id, kind, state)
     VALUES ($1, 'ff00', 1, 'f', $2, 'mine', 'bank', 'stored')`,
    [TENANT, NOW],
  );
}

describe("a database from before the feed", () => {
  it("gives what is on record its places in the order of time", async () => {
    const old = await openTestDatabase({ migrated: false });
    const folder = mkdtempSync(join(tmpdir(), "migrations-"));
    try {
      const clock = manualClock(NOW);
      const files = readdirSync(packageMigrationsDir()).sort();
      for (const name of files.slice(0, 8))
        copyFileSync(join(packageMigrationsDir(), name), join(folder, name));
      expect((await migrate(old, folder, clock)).ok).toBe(true);
      await old.query(
        `INSERT INTO timeline_event (tenant_id, subject, event_id, kind, at, data)
         SELECT t, s, 'ev_' || s || n, 'told', timestamptz '2026-01-01' + n * interval '1 day', '{}'
           FROM unnest(ARRAY['t', 'u']) AS t, unnest(ARRAY['po_a', 'po_b']) AS s, generate_series(3, 1, -1) AS n`,
      );
      expect((await migrate(old, packageMigrationsDir(), clock)).ok).toBe(true);
      const page = await readFeed(old, "u", { afterSeq: 0n, limit: 10 });
      expect(page.events.map((each) => `${each.seq} ${each.subject}#${each.subjectSeq}`)).toEqual([
        "1 po_a#1",
        "2 po_b#1",
        "3 po_a#2",
        "4 po_b#2",
        "5 po_a#3",
        "6 po_b#3",
      ]);
      await old.transaction((tx) => appendEvents(tx, "t", [event("po_b", "after")]));
      const after = await readFeed(old, "t", { afterSeq: 6n, limit: 10 });
      expect(after.events).toMatchObject([{ seq: 7n, subjectSeq: 4n, subject: "po_b" }]);
    } finally {
      await old.close();
      rmSync(folder, { recursive: true });
    }
  });
});
