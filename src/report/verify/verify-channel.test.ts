import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../policy/policy.ts";
import { readFileContent } from "../../runtime/read-file.ts";
import type { Tx } from "../../storage/database.ts";
import { objectPath, type Sha256 } from "../../storage/raw-object.ts";
import type { Instant } from "../../time/instant.ts";
import { openTestChannel, TEST_SCOPE, type TestChannel } from "./test-channel.ts";
import { SELLER, STORY, STRAY, tellStory } from "./test-story.ts";
import { CHECK_NAMES, type Finding, type Verification } from "./verification.ts";
import { verifyChannel } from "./verify-channel.ts";

let channel: TestChannel;

beforeAll(async () => {
  channel = await openTestChannel([]);
  await tellStory(channel);
});

afterAll(async () => channel.close());

/** Ends a transaction so that nothing of it stays. */
class Undo extends Error {}

/** Verifies with the rows changed, in a transaction that is undone; null when the database refuses the change. */
async function verifiedAfter(
  change: (tx: Tx) => Promise<readonly unknown[]>,
): Promise<Verification | null> {
  let verification: Verification | null = null;
  try {
    await channel.database.transaction(
      async (tx) => {
        const changed = await change(tx);
        expect(changed.length, "the test must change something").toBeGreaterThan(0);
        verification = await verifyChannel({
          database: { transaction: (work) => work(tx) },
          rawStore: channel.channel.store.rawStore,
          readFacts: readFileContent,
          policy: DEFAULT_POLICY,
          scope: TEST_SCOPE,
          now: "2026-11-24T00:00:00.000Z" as Instant,
        });
        throw new Undo("nothing of it stays");
      },
      { isolation: "repeatable read" },
    );
  } catch (error) {
    if (!(error instanceof Undo) && !isRefusedByTheDatabase(error)) throw error;
  }
  return verification;
}

/** SQLSTATE class 23: a constraint of the schema does not let the change in. */
function isRefusedByTheDatabase(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith("23");
}

function changed(sql: string): Promise<Verification | null> {
  return verifiedAfter((tx) => tx.query(`${sql} RETURNING *`));
}

function failed(verification: Verification | null): readonly string[] {
  return (verification?.checks ?? []).filter((check) => !check.ok).map((check) => check.name);
}

function found(verification: Verification | null, check: string, text: string): readonly Finding[] {
  return (verification?.findings ?? []).filter(
    (item) => item.check === check && `${item.subject} ${item.message}`.includes(text),
  );
}

async function idOf(sql: string): Promise<string> {
  const [row] = await channel.database.query<{ id: string }>(sql);
  return row!.id;
}

/** Where the bytes of a file lie. */
async function objectOf(name: string): Promise<string> {
  const sha256 = await idOf(`SELECT sha256 AS id FROM raw_file WHERE name = '${name}'`);
  return objectPath(channel.rawDir, sha256 as Sha256);
}

async function* unacknowledged(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("stored before a crash, never acknowledged");
}

describe("a verification of what only the channel's own steps have written", () => {
  it("finds nothing, and says what it compared", async () => {
    const verification = await channel.verify();
    expect(verification.findings).toEqual([]);
    expect(verification.ok).toBe(true);
    expect(verification.checks.map((check) => check.name)).toEqual([...CHECK_NAMES]);
    expect(
      Object.fromEntries(verification.checks.map((check) => [check.name, check.detail])),
    ).toEqual({
      "raw-files": "14 files",
      ledger: "36 transfers, 19 accounts",
      statements: "5 statements",
      payouts: "4 announcements, 4 payouts",
      approvals: "0 approvals, 0 waivers",
      bank: "8 messages, 10 rows of bank files, 8 transactions",
      postings: "21 postings",
      money: "6 credits, 4 matches, 3 releases, 2 undos",
      states: "4 payouts",
      declarations: "0 declarations",
      events: expect.stringMatching(/^\d+ events$/) as string,
    });
  });

  it("finds nothing when every file is settled again", async () => {
    await channel.settle([...STORY, ...STRAY].toReversed(), SELLER.id);
    expect((await channel.verify()).findings).toEqual([]);
  });
});

describe("a verification after one row was changed", () => {
  it("names the statement whose sum was changed", async () => {
    const id = await idOf(
      "SELECT statement_id AS id FROM statement WHERE settlement_id = '31100000001'",
    );
    const verification = await changed(
      `UPDATE statement SET summed_minor = summed_minor + 1 WHERE statement_id = '${id}'`,
    );
    expect(found(verification, "statements", id)).toMatchObject([
      {
        message: "summed_minor differs from its file",
        expected: "USD 850.00",
        found: "USD 850.01",
      },
    ]);
    expect(failed(verification)).toContain("postings");
  });

  it("names the bank transaction whose amount was changed", async () => {
    const id = await idOf(
      "SELECT transaction_id AS id FROM bank_transaction WHERE amount_minor = 83500",
    );
    const verification = await changed(
      `UPDATE bank_transaction SET amount_minor = 93500 WHERE transaction_id = '${id}'`,
    );
    expect(found(verification, "bank", id)[0]).toMatchObject({
      message: "amount_minor differs from its notice's",
      expected: "USD 835.00",
      found: "USD 935.00",
    });
    expect(found(verification, "money", id)).toHaveLength(1);
  });

  it("names the payer that was changed", async () => {
    const verification = await changed(
      `UPDATE bank_transaction SET detail = jsonb_set(detail, '{payer,name}', '"Amazon.com"') WHERE amount_minor = 8800`,
    );
    expect(found(verification, "bank", "payer is not what its notices tell")).toHaveLength(1);
  });

  it("names the transfer whose amount was changed, with its posting", async () => {
    const verification = await changed(
      `UPDATE ledger_transfer SET amount = amount + 1 WHERE posting_id LIKE 'match:%' AND leg = 0
          AND seq = (SELECT min(seq) FROM ledger_transfer WHERE posting_id LIKE 'match:%')`,
    );
    expect(found(verification, "ledger", "of posting match:ma_")[0]?.message).toContain(
      "transfer-changed",
    );
    expect(found(verification, "postings", "not what match ma_")).toHaveLength(1);
  });

  it("names the posting of which a ledger row is missing", async () => {
    const verification = await changed(
      `DELETE FROM ledger_transfer WHERE posting_id = 'statement:amazon:31100000002' AND leg = 1`,
    );
    expect(found(verification, "ledger", "transfer-missing")).toHaveLength(1);
    expect(found(verification, "postings", "statement:amazon:31100000002")).toHaveLength(1);
  });

  it("names the bank row of which the notice is missing", async () => {
    const [notice] = await channel.database.query<{ identity: string; transaction_id: string }>(
      "SELECT identity, transaction_id FROM bank_notice WHERE amount_minor = 15001",
    );
    const verification = await changed(`DELETE FROM bank_notice WHERE amount_minor = 15001`);
    expect(found(verification, "bank", notice!.identity)).toMatchObject([
      { expected: "1 notices", found: "0 notices" },
      { expected: "1 booked", found: "0 booked" },
    ]);
    expect(found(verification, "bank", notice!.transaction_id)[0]?.message).toBe(
      "no file tells of it",
    );
  });

  it("names the credit, the posting and the accounts of which a match is missing", async () => {
    const id = await idOf("SELECT match_id AS id FROM match WHERE amount_minor = 83500");
    const verification = await changed(`DELETE FROM match WHERE match_id = '${id}'`);
    expect(found(verification, "postings", `match:${id}`)[0]?.message).toContain(
      "no fact on record asks for it",
    );
    expect(found(verification, "money", "what is open of it")).toMatchObject([
      { expected: "USD 835.00", found: "USD 0.00" },
    ]);
    expect(found(verification, "money", "/overseas-charges/USD")).toHaveLength(1);
    expect(failed(verification)).toContain("states");
  });

  it("names the payout of which a release was deleted", async () => {
    const [release] = await channel.database.query<{ release_id: string; payout_id: string }>(
      "SELECT release_id, payout_id FROM release WHERE amount_minor = 83500",
    );
    const verification = await changed(`DELETE FROM release WHERE amount_minor = 83500`);
    expect(found(verification, "postings", `release:${release!.release_id}`)).toHaveLength(1);
    expect(found(verification, "states", release!.payout_id)).toMatchObject([
      { expected: "USD 835.00 released" },
      { expected: "announced, open", found: "released, closed" },
    ]);
    expect(found(verification, "money", "/fx-account/USD").length).toBeGreaterThan(0);
  });

  it("names the place in the feed from which an event was taken out", async () => {
    const [{ subject } = { subject: "" }] = await channel.channel.store.database.query<{
      subject: string;
    }>("SELECT subject FROM timeline_event WHERE seq = 5");
    const verification = await changed("DELETE FROM timeline_event WHERE seq = 5");
    const holes = (verification?.findings ?? []).filter(({ check }) => check === "events");
    expect(holes[0]).toMatchObject({ subject: "event evt_6", expected: "5", found: "6" });
    for (const { message } of holes.slice(1)) expect(message).toContain(subject);
    expect(failed(verification)).toEqual(["events"]);
  });

  it("names a next place in the feed that would leave a hole", async () => {
    const verification = await changed("UPDATE event_feed SET next_seq = next_seq + 1");
    expect(verification?.findings).toMatchObject([{ check: "events", subject: "feed" }]);
  });

  it("names the payout whose amount was changed", async () => {
    const id = await idOf("SELECT payout_id AS id FROM payout WHERE reference = '31100000002'");
    const verification = await changed(
      `UPDATE payout SET amount_minor = 39999 WHERE payout_id = '${id}'`,
    );
    expect(found(verification, "payouts", id)).toMatchObject([
      { message: "amount_minor differs from its announcements together", expected: "USD 400.00" },
    ]);
  });

  it("names a posting that no fact asks for, even in a ledger that is whole in itself", async () => {
    const verification = await changed(
      `UPDATE release SET match_id = 'ma_elsewhere' WHERE amount_minor = 83500`,
    );
    expect(found(verification, "money", "its match is not on record")).toHaveLength(1);
    expect(found(verification, "postings", "no fact on record asks for it")).toHaveLength(1);
  });
});

describe("a verification after a raw file was harmed", () => {
  it("names the file of which one byte was changed, and what cannot be compared any more", async () => {
    const path = await objectOf("NTF3.camt054.xml");
    const before = readFileSync(path);
    const bytes = gunzipSync(before);
    bytes[bytes.indexOf("150.01")] = "9".charCodeAt(0);
    writeFileSync(path, gzipSync(bytes));
    const verification = await channel.verify();
    expect(found(verification, "raw-files", "NTF3.camt054.xml")).toMatchObject([
      {
        message: "its stored bytes are damaged: restore the raw store from a back-up",
        found: "different",
      },
    ]);
    expect(found(verification, "bank", "cannot be read")).toHaveLength(2);
    writeFileSync(path, before);
    expect((await channel.verify()).ok).toBe(true);
  });

  it("names the file that is missing", async () => {
    const path = await objectOf("payouts.json");
    renameSync(path, `${path}.aside`);
    const verification = await channel.verify();
    expect(found(verification, "raw-files", "payouts.json")).toMatchObject([{ found: "missing" }]);
    renameSync(`${path}.aside`, path);
  });

  it("names a file that is refused although it can be read, and one that is in use although it cannot", async () => {
    const refused = await changed(
      `UPDATE raw_file SET state = 'refused' WHERE name = 'payouts.json'`,
    );
    expect(found(refused, "raw-files", "payouts.json")).toMatchObject([
      { message: "it can be read, but is refused", expected: "read", found: "refused" },
    ]);
    expect(found(refused, "payouts", "does not say it")).toHaveLength(4);
    await channel.settle([{ name: "notes.txt", content: "neither a settlement nor a message" }]);
    const inUse = await changed(`UPDATE raw_file SET state = 'read' WHERE name = 'notes.txt'`);
    expect(found(inUse, "raw-files", "notes.txt")).toMatchObject([
      { message: "it is in use, but cannot be read", expected: "refused: format-unknown" },
    ]);
  });

  it("tells of a file that is stored and waits to be settled", async () => {
    const waiting = await changed(`UPDATE raw_file SET state = 'stored' WHERE name = 'notes.txt'`);
    expect(waiting?.ok).toBe(true);
    expect(waiting?.notes).toMatchObject([
      { check: "raw-files", message: "stored, not settled yet: settle carries it on" },
    ]);
  });

  it("tells of an object that no row names, which is no difference", async () => {
    const { sha256 } = await channel.channel.store.rawStore.put(unacknowledged());
    const verification = await channel.verify();
    expect(verification.ok).toBe(true);
    expect(verification.notes).toEqual([
      { check: "raw-files", subject: `file ${sha256}`, message: "stored, not accepted" },
    ]);
  });
});

/** Columns that carry no money and no meaning for it: when and in which version a row was written. */
const NOT_COMPARED = new Set([
  "tenant_id",
  "recorded_at",
  "version",
  "read_at",
  "opened_at",
  "due_on",
]);

/** Columns of which a change is not seen, and why that is right. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  // What the sender called it, and a copy of reasons that stand on its statements and messages.
  raw_file: ["name", "reasons"],
  statement: [],
  // Ids that nothing refers to; what they are made of is compared.
  payout_announcement: ["announcement_id"],
  payout: [],
  payout_trace: [],
  bank_message: [],
  // Why a person must look at it, for that person.
  bank_transaction: ["unmatched_code"],
  bank_notice: [],
  match: [],
  release: [],
  undo: ["undo_id"],
  // Wording for people; code, amount and currency are compared.
  hold: [
    "hold_id",
    "message",
    "papers",
    "owner",
    "message_zh",
    "consequence",
    "consequence_zh",
    "rule",
  ],
};

describe("a verification sweeps every table of the money path", () => {
  it.each(Object.keys(TABLES))("and misses the first row of %s", async (table) => {
    const verification = await changed(
      `DELETE FROM ${table} WHERE ctid = (SELECT min(ctid) FROM ${table})`,
    );
    expect(verification?.ok).toBe(false);
  });

  it.each(Object.keys(TABLES))("and sees a change in any column of %s", async (table) => {
    const columns = await channel.database.query<{ name: string; type: string }>(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
        WHERE table_name = $1 AND table_schema = 'public' ORDER BY ordinal_position`,
      [table],
    );
    const unseen: string[] = [];
    for (const { name, type } of columns) {
      if (NOT_COMPARED.has(name) || TABLES[table]!.includes(name)) continue;
      const verification = await changed(`UPDATE ${table} SET ${name} = ${CHANGES[type]!(name)}`);
      if (verification?.ok === true) unseen.push(name);
    }
    expect(unseen).toEqual([]);
  });
});

/** Another value of the column's type; a null stays null where there is no telling what it could be. */
const CHANGES: Readonly<Record<string, (name: string) => string>> = {
  text: (name) => `coalesce(${name}, '') || 'X'`,
  bigint: (name) => `coalesce(${name}, 0) + 1`,
  integer: (name) => `coalesce(${name}, 0) + 1`,
  boolean: (name) => `NOT ${name}`,
  date: (name) => `coalesce(${name}, '2026-01-01') + 1`,
  "timestamp with time zone": (name) =>
    `coalesce(${name}, '2026-01-01T00:00:00Z') + interval '40 days'`,
  jsonb: (name) =>
    `CASE jsonb_typeof(${name}) WHEN 'array' THEN ${name} || '[{"code": "x", "line": 1, "totalMinor": "1", "class": "sales"}]'
          ELSE ${name} || '{"x": "1"}' END`,
};
