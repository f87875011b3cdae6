import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../storage/test-database.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import {
  accountBalances,
  accountHistory,
  balancesAtInstant,
  balancesOnDate,
  HISTORY_PAGE_MAX,
} from "./account-reads.ts";
import { openPartition } from "./partition-writer.ts";
import type { Leg, Posting } from "./posting.ts";
import {
  accountId,
  drawn,
  moved,
  opening,
  outcomeOf,
  posting,
  ref,
  reserved,
  sidesOf,
} from "./test-postings.ts";

const scope = { tenantId: "acme", partition: 0 };
const seller = accountId("seller");
const clearing = accountId("clearing");
const quiet = accountId("quiet");
const clock = manualClock("2026-11-01T00:00:00.000Z" as Instant);
let database: TestDatabase;

function dated(id: string, effectiveOn: string, ...legs: readonly Leg[]): Posting {
  return { ...posting(id, ...legs), effectiveOn: effectiveOn as CivilDate };
}

/** Booked on 1, 2, 3 … November; the third one is dated back to October. */
beforeAll(async () => {
  database = await openTestDatabase();
  const writer = await openPartition(database, { ...scope, owner: "test", clock });
  await writer.open([opening("clearing"), opening("seller"), opening("quiet")]);
  const postings = [
    dated("p1", "2026-11-01", moved("clearing", "seller", 100n)),
    dated("p2", "2026-11-02", reserved("seller", "clearing", 60n)),
    dated("p3", "2026-10-15", moved("clearing", "seller", 7n)),
    dated("p4", "2026-11-04", drawn("commit", ref("p2"), 40n)),
    dated("p5", "2026-11-05", drawn("void", ref("p2"), 20n)),
    dated("p6", "2026-11-06", drawn("reverse", ref("p1"), 30n)),
  ];
  for (const each of postings) {
    expect(outcomeOf(await writer.post(each))).toBe("posted");
    clock.advanceMs(86_400_000);
  }
  await writer.close();
});

afterAll(async () => database.close());

describe("balances", () => {
  it("come in the order asked for, without accounts that are not open", async () => {
    const found = await accountBalances(database, scope, [seller, accountId("nobody"), clearing]);
    expect(found.map((each) => [each.accountId, ...sidesOf(each)])).toEqual([
      ["seller", 70n, 107n, 0n, 0n],
      ["clearing", 107n, 70n, 0n, 0n],
    ]);
  });

  it("on a date count what takes effect by then, whenever it was booked", async () => {
    const days = [
      "2026-10-14",
      "2026-10-15",
      "2026-11-01",
      "2026-11-03",
      "2026-11-04",
      "2026-11-06",
    ];
    const found = await Promise.all(
      days.map((day) => balancesOnDate(database, scope, [seller], day as CivilDate)),
    );
    expect(found.map(([each]) => [each!.version, ...sidesOf(each)])).toEqual([
      [0n, 0n, 0n, 0n, 0n],
      [1n, 0n, 7n, 0n, 0n],
      [2n, 0n, 107n, 0n, 0n],
      [3n, 0n, 107n, 60n, 0n],
      [4n, 40n, 107n, 20n, 0n],
      [6n, 70n, 107n, 0n, 0n],
    ]);
  });

  it("at an instant are those after the last transfer booked by then", async () => {
    const instants = [
      "2026-10-31T23:59:59.999Z",
      "2026-11-01T00:00:00.000Z",
      "2026-11-02T23:59:59.999Z",
      "2026-11-03T00:00:00.000Z",
      "2026-11-05T12:00:00.000Z",
      "2027-01-01T00:00:00.000Z",
    ];
    const found = await Promise.all(
      instants.map((at) => balancesAtInstant(database, scope, [seller, quiet], at as Instant)),
    );
    expect(found.map(([each]) => [each!.version, ...sidesOf(each)])).toEqual([
      [0n, 0n, 0n, 0n, 0n],
      [1n, 0n, 100n, 0n, 0n],
      [2n, 0n, 100n, 60n, 0n],
      [3n, 0n, 107n, 60n, 0n],
      [5n, 40n, 107n, 0n, 0n],
      [6n, 70n, 107n, 0n, 0n],
    ]);
    expect(found.map(([, each]) => each!.version)).toEqual([0n, 0n, 0n, 0n, 0n, 0n]);
  });

  it("at every instant agree with the history, whichever account is asked", async () => {
    for (const id of [seller, clearing]) {
      const page = { after: 0n, limit: HISTORY_PAGE_MAX };
      for (const entry of await accountHistory(database, scope, id, page)) {
        const at = entry.transfer.bookedAt;
        expect(await balancesAtInstant(database, scope, [id], at)).toEqual([entry.balances]);
      }
    }
  });
});
