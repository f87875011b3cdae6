// The same files in many orders, one by one: whatever the order makes of ids and moments, a verification must find
// nothing, since it compares with what the files say.

import { describe, expect, it } from "vitest";
import { randomInteger, seededRandom } from "../../marketplace/amazon/statement-generator.ts";
import { openTestChannel, type TestFile } from "./test-channel.ts";
import { adviceFile, eventGroupFile, payoutFile, SALE, statementFile } from "./test-files.ts";
import { SELLER, STORY, STRAY, STRAY_ACCOUNT } from "./test-story.ts";

/** What the story leaves out: a second source of one payout, a repeat under another name, a failed transfer. */
const MORE: readonly TestFile[] = [
  eventGroupFile("groups-1.json", { minor: 85_000n, endOn: "2026-11-01", status: "Initiated" }),
  eventGroupFile("groups-2.json", { minor: 85_000n, endOn: "2026-11-01", status: "Succeeded" }),
  payoutFile("payouts-earlier.json", [
    {
      id: "31100000001",
      minor: 85_000n,
      on: "2026-11-02",
      trace: "4B71X6KQWZPL2M",
      status: "STARTED",
    },
  ]),
  statementFile({ id: "31100000006", endOn: "2026-11-14", lines: [SALE(70_000n)] }),
  statementFile({
    id: "31100000007",
    endOn: "2026-11-28",
    lines: [
      SALE(10_000n),
      [
        "other-transaction",
        "other-transaction",
        "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds.",
        70_000n,
      ],
    ],
  }),
  adviceFile({
    id: "NTF1",
    copy: "DUPL",
    credits: [{ minor: 40_000n, on: "2026-11-10", uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000002" }],
  }),
  { name: "notes.txt", content: "neither a settlement nor a bank message" },
];

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = seededRandom(seed);
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = randomInteger(random, 0, index);
    [order[index], order[other]] = [order[other] as Item, order[index] as Item];
  }
  return order;
}

describe("a verification of files that came in another order", () => {
  it.each([1, 2, 3, 4, 5])("finds nothing (order %i)", async (seed) => {
    const channel = await openTestChannel(seed % 2 === 0 ? [SELLER] : []);
    try {
      const stray = new Set(STRAY);
      for (const file of shuffled([...STORY, ...STRAY, ...MORE], seed)) {
        await channel.settle([file], stray.has(file) ? null : SELLER.id);
      }
      expect((await channel.verify()).findings, "one by one").toEqual([]);
      const accounts = [...SELLER.accounts, { number: STRAY_ACCOUNT, currency: "USD" }];
      const registered = await channel.channel.register([{ ...SELLER, accounts }]);
      expect(registered.ok).toBe(true);
      expect((await channel.verify()).findings, "after the last account is bound").toEqual([]);
    } finally {
      await channel.close();
    }
  });

  it("finds nothing in files that nobody has claimed, nor once somebody does", async () => {
    const channel = await openTestChannel([]);
    try {
      const files = shuffled([...STORY, ...STRAY, ...MORE], 6);
      await channel.settle(files, null);
      expect((await channel.verify()).findings, "nobody's").toEqual([]);
      await channel.settle(files.toReversed(), SELLER.id);
      expect((await channel.verify()).findings, "claimed").toEqual([]);
    } finally {
      await channel.close();
    }
  });
});
