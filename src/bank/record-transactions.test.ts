import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stepInBooks } from "../books/step-books.ts";
import { openPartition, type PartitionWriter } from "../ledger/partition-writer.ts";
import { currencyOf } from "../money/currency.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import type { CivilDate } from "../time/instant.ts";
import { DEFAULT_CREDIT_SOURCES } from "./credit-policy.ts";
import { readMtBytes } from "./mt/read-mt-bytes.ts";
import { writeMt940 } from "./mt/write-mt.ts";
import { recordBankMessages } from "./record-transactions.ts";

// Rows without any reference of their own, which only their place in a statement tells apart.

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** One page of an MT940 with so many identical rows of USD 5.00, and the balance that goes with them. */
function page(statementNumber: string, rows: number): Buffer {
  const written = writeMt940({
    envelope: null,
    reference: `REF${statementNumber.replace("/", "P")}`,
    account: "6222601008801",
    statementNumber,
    currency: currencyOf("USD")!,
    openingOn: "2026-10-19" as CivilDate,
    openingMinor: 0n,
    closingOn: "2026-10-20" as CivilDate,
    entries: Array.from({ length: rows }, () => ({
      direction: "credit" as const,
      reversal: false,
      amountMinor: 500n,
      valueOn: "2026-10-20" as CivilDate,
      bookedOn: "2026-10-20" as CivilDate,
      typeCode: "NTRF",
      ownerReference: null,
      servicerReference: null,
      details: null,
    })),
  });
  if (!written.ok) throw new Error(written.refusal.message);
  return Buffer.from(written.value);
}

let tenants = 0;

/** Records the pages one after the other in a tenant of its own; how many credits are booked in the end. */
async function creditsOf(pages: readonly Buffer[]): Promise<number> {
  tenants += 1;
  const tenantId = `tenant-${tenants}`;
  const writer: PartitionWriter = await openPartition(database, {
    tenantId,
    partition: 0,
    owner: "test",
    clock: systemClock,
  });
  for (const [index, bytes] of pages.entries()) {
    const { messages } = await readMtBytes(bytes);
    const now = systemClock.now();
    const arrivals = [{ sha256: `${index}`.repeat(64), storedAt: now, messages }];
    const context = { sources: DEFAULT_CREDIT_SOURCES, sellerOfAccount: () => "acme", now };
    await stepInBooks(writer, new Set(), (tx, books) =>
      recordBankMessages(tx, books, tenantId, arrivals, context),
    );
  }
  await writer.close();
  const [row] = await database.query<{ count: bigint }>(
    "SELECT count(*) AS count FROM bank_transaction WHERE tenant_id = $1 AND state = 'booked'",
    [tenantId],
  );
  return Number(row?.count);
}

describe("identical rows without references", () => {
  const monthly = page("1/1", 1);
  const first = page("2/1", 1);
  const second = page("2/2", 1);

  it("are as many credits as one statement has of them over its pages, in any order of arrival", async () => {
    const orders = [
      [monthly, first, second],
      [first, second, monthly],
      [second, monthly, first],
      [first, monthly, second],
      [monthly, second, first],
      [second, first, monthly],
    ];
    for (const order of orders) expect(await creditsOf(order)).toBe(2);
  });

  it("are told again by the same page without a new credit", async () => {
    expect(await creditsOf([monthly, first, first, second, second, first, monthly])).toBe(2);
    expect(await creditsOf([page("3/1", 13), page("3/1", 13)])).toBe(13);
  });
});
