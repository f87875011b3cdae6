// Reports against the books: what flowed in a story that has everything that moves money.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CivilDate } from "../../time/instant.ts";
import { openTestChannel, TEST_SCOPE, type TestChannel } from "../verify/test-channel.ts";
import { SELLER, tellStory } from "../verify/test-story.ts";
import { loadFlows, type UnratedCell } from "./load-flows.ts";

let channel: TestChannel;
let cells: readonly UnratedCell[];

const RANGE = {
  from: "2026-01-01" as CivilDate,
  to: "2026-12-31" as CivilDate,
  sellerId: null,
  zone: "Asia/Shanghai",
};

beforeAll(async () => {
  channel = await openTestChannel([SELLER]);
  await tellStory(channel);
  cells = await channel.database.transaction((tx) => loadFlows(tx, TEST_SCOPE.tenantId, RANGE));
});
afterAll(() => channel.close());

function sum(kind: UnratedCell["kind"], currency: string) {
  const own = cells.filter((cell) => cell.kind === kind && cell.currency === currency);
  return {
    minor: own.reduce((total, cell) => total + cell.minor, 0n),
    count: own.reduce((total, cell) => total + cell.count, 0),
  };
}

describe("the flows of the books", () => {
  it("are the credits that the bank booked, explained or not, each counted once", () => {
    expect(sum("receipt", "USD")).toEqual({
      minor: 83_500n + 8_800n + 40_000n + 15_001n + 7_000n,
      count: 5,
    });
    expect(sum("receipt", "EUR")).toEqual({ minor: 26_000n, count: 1 });
    const unexplained = cells.filter(
      (cell) => cell.kind === "receipt" && cell.of.marketplace === null,
    );
    expect(new Set(unexplained.map((cell) => cell.minor))).toEqual(new Set([7_000n, 8_800n]));
  });

  it("are what the bank took back, on the day it did", () => {
    expect(sum("refund", "USD")).toEqual({ minor: 40_000n + 2_000n, count: 2 });
    expect(cells.filter((cell) => cell.kind === "refund").map((cell) => cell.on)).toEqual([
      "2026-11-12",
      "2026-11-19",
    ]);
  });

  it("are the fees of proven settlements, and of no other", () => {
    // 150.00 and 100.00 commission, 30.00 advertising; the quarantined settlement's 50.00 is not told.
    expect(sum("netted-fee", "USD")).toEqual({ minor: 15_000n + 10_000n + 3_000n, count: 3 });
  });

  it("are another seller's nothing", async () => {
    const others = await channel.database.transaction((tx) =>
      loadFlows(tx, TEST_SCOPE.tenantId, { ...RANGE, sellerId: "beibei-toys" }),
    );
    expect(others).toEqual([]);
  });
});
