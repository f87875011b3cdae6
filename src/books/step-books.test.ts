import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPartition, type PartitionWriter } from "../ledger/partition-writer.ts";
import type { Posting, PostingId } from "../ledger/posting.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import type { Currency } from "../money/currency.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import type { CivilDate } from "../time/instant.ts";
import { type Book, bookAccountId } from "./chart.ts";
import { type BookLine, mustPostToBooks, postToBooks } from "./journal.ts";
import { type OpenBooks, stepInBooks } from "./step-books.ts";

const USD = "USD" as Currency;
const SCOPE = { tenantId: "t", partition: 0 };

let database: TestDatabase;
let writer: PartitionWriter;
let known: OpenBooks;

beforeEach(async () => {
  database = await openTestDatabase({ poolMax: 3 });
  writer = await openPartition(database, { ...SCOPE, owner: "test", clock: systemClock });
  known = new Set();
});

afterEach(async () => {
  await writer.close();
  await database.close();
});

function lines(...books: readonly Book[]): BookLine[] {
  return books.map((book) => ({ sellerId: "acme", book, currency: USD }));
}

function posting(id: string, debit: Book, credit: Book, minor: bigint): Posting {
  return {
    id: id as PostingId,
    effectiveOn: "2026-03-20" as CivilDate,
    reason: "test",
    subject: "cr_test",
    legs: [
      {
        kind: "post",
        debit: bookAccountId("acme", debit, USD),
        credit: bookAccountId("acme", credit, USD),
        amount: { currency: USD, minor },
      },
    ],
  };
}

const CREDIT = posting("credit", "fx-account-pending", "credit-suspense", 500n);
const RELEASE = posting("release", "fx-account", "fx-account-pending", 500n);
const CREDIT_LINES = lines("fx-account-pending", "credit-suspense");
const RELEASE_LINES = lines("fx-account", "fx-account-pending");

async function postedIds(): Promise<string[]> {
  const rows = await database.query<{ posting_id: string }>(
    "select posting_id from ledger_transfer order by seq",
  );
  return rows.map((row) => row.posting_id);
}

describe("the postings of a step", () => {
  it("are in the ledger when it commits, in the order of the calls, with their accounts", async () => {
    await stepInBooks(writer, known, async (_tx, books) => {
      await mustPostToBooks(books, CREDIT_LINES, [CREDIT]);
      expect(await postedIds()).toEqual([]);
      await mustPostToBooks(books, RELEASE_LINES, [RELEASE]);
    });
    expect(await postedIds()).toEqual(["credit", "release"]);
    expect(await verifyLedger(database, SCOPE)).toMatchObject({ ok: true, accountCount: 3 });
  });

  it("stand before one that may be refused and tells at once", async () => {
    const outcomes = await stepInBooks(writer, known, async (_tx, books) => {
      await mustPostToBooks(books, CREDIT_LINES, [CREDIT]);
      const [covered] = await postToBooks(books, RELEASE_LINES, [RELEASE]);
      const [again] = await postToBooks(books, [], [{ ...RELEASE, id: "twice" as PostingId }]);
      return [covered, again];
    });
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, refusal: { code: "limit-exceeded" } },
    ]);
    expect(await postedIds()).toEqual(["credit", "release"]);
  });

  it("break the step when one is refused that must not be, and nothing of it stays", async () => {
    const step = stepInBooks(writer, known, async (_tx, books) => {
      await mustPostToBooks(books, CREDIT_LINES, [CREDIT]);
      await mustPostToBooks(books, RELEASE_LINES, [RELEASE, { ...RELEASE, id: "x" as PostingId }]);
    });
    await expect(step).rejects.toMatchObject({ name: "InvariantBroken" });
    expect(await postedIds()).toEqual([]);
    expect(known.size).toBe(0);
    // The accounts went with the step: the next one opens them.
    await stepInBooks(writer, known, (_tx, books) =>
      mustPostToBooks(books, CREDIT_LINES, [CREDIT]),
    );
    expect(await postedIds()).toEqual(["credit"]);
    expect([...known].sort()).toEqual([
      "seller/acme/credit-suspense/USD",
      "seller/acme/fx-account-pending/USD",
    ]);
  });

  it("may be more than one call of the ledger takes", async () => {
    const many = Array.from({ length: 9_001 }, (_, index) =>
      posting(`p${index}`, "fx-account-pending", "credit-suspense", 1n),
    );
    await stepInBooks(writer, known, (_tx, books) => mustPostToBooks(books, CREDIT_LINES, many));
    expect(await postedIds()).toHaveLength(9_001);
  });
});
