// What an adversarial reading of the money path found, each as the smallest story that went wrong: whose a file is,
// what a payout may take, what a person is told.

import { describe, expect, it } from "vitest";
import type { FileOutcome } from "../src/runtime/channel.ts";
import { endState } from "./properties/end-state.ts";
import {
  ACME_ACCOUNT,
  accountLine,
  at,
  BETA_ACCOUNT,
  camt053,
  eventGroups,
  file,
  type MadeCredit,
  on,
  payoutList,
  settlementBytes,
  USD,
} from "./properties/made-files.ts";
import { END_AT, inAnyOrder, runSteps } from "./properties/order-runs.ts";
import {
  type MadeFile,
  register,
  type TestChannel,
  withChannel,
} from "./properties/test-channel.ts";

const S1 = {
  id: "11900000101",
  startOn: on("2026-02-10"),
  endOn: on("2026-02-24"),
  totalMinor: 1_000_00,
};
const P1 = {
  id: "PO-1-AAAA",
  minor: 1_000_00n,
  initiatedAt: at("2026-02-25T10:00:00Z"),
  traceId: "TRACE0001A",
  settlementIds: [S1.id],
};
const C1: MadeCredit = {
  minor: 1_000_00n,
  on: on("2026-02-27"),
  servicerRef: "BK0000001",
  endToEndId: "TRACE0001A",
};
const STATEMENT = file("statement-1.txt", settlementBytes(S1), "acme");
const LIST = file("payouts.json", payoutList(P1), "acme");
const DAY = file("day-1.xml", camt053({ id: "D1" }, C1), "acme");

/** The same settlement as another download: one empty line more. */
const AGAIN = file("again.txt", Buffer.concat([settlementBytes(S1), Buffer.from("\n")]), "acme");

const SELLERS = (channel: TestChannel) =>
  register(channel, [
    { id: "acme", accounts: [[ACME_ACCOUNT, "USD"]] },
    { id: "beta", accounts: [[BETA_ACCOUNT, "USD"]] },
  ]);

function of(made: MadeFile, sellerId: string | null): MadeFile {
  return { ...made, sellerId };
}

/** Runs steps with two registered sellers; returns what became of each file and the end state. */
async function run(...steps: readonly (readonly MadeFile[])[]) {
  const outcomes: FileOutcome[] = [];
  let end: Awaited<ReturnType<typeof endState>> | null = null;
  await withChannel(async (channel) => {
    await SELLERS(channel);
    for (const step of steps) outcomes.push(...(await channel.settle(...step)));
    const { store, tenantId, policy } = channel.channel;
    end = await endState(store.database, tenantId, { policy, now: END_AT });
  });
  return {
    codes: outcomes.map(({ outcome, reasons }) => reasons[0]?.code ?? outcome),
    end: end as unknown as Awaited<ReturnType<typeof endState>>,
  };
}

describe("whose a marketplace file is", () => {
  const failing = payoutList({ ...P1, id: "PO-X", status: "FAILED", accountTail: "9377" });

  it("refuses a payout list of one seller that names another's settlement", async () => {
    const { codes, end } = await run([STATEMENT], [LIST], [file("x.json", failing, "beta")], [DAY]);
    expect(codes).toEqual(["new", "new", "settlement-of-another-seller", "new"]);
    expect(end.payouts).toEqual([expect.stringMatching(/^PO-1-AAAA .* of acme .* released/)]);
  });

  it("refuses it also when both come in one step", async () => {
    const { codes, end } = await run([STATEMENT, LIST, file("x.json", failing, "beta")], [DAY]);
    expect(codes).toEqual(["new", "new", "settlement-of-another-seller", "new"]);
    expect(end.payouts).toEqual([expect.stringMatching(/^PO-1-AAAA .* of acme .* released/)]);
  });

  it("refuses an event group of one seller that is another's payout, and does not tell of it", async () => {
    const group = { ...P1, id: "GRP-1-AAAAAA" };
    const { codes } = await run(
      [file("groups.json", eventGroups(group), "acme")],
      [file("x.json", eventGroups({ ...group, status: "Failed" }), "beta")],
    );
    expect(codes).toEqual(["new", "payout-of-another-seller"]);
  });

  it("refuses a statement whose payout another seller's list announced", async () => {
    const { codes, end } = await run([of(LIST, "beta")], [STATEMENT]);
    expect(codes).toEqual(["new", "settlement-of-another-seller"]);
    expect(end.statements).toEqual([]);
  });

  it("does not give a file of nobody to a seller when another has its settlement", async () => {
    const { codes, end } = await run([STATEMENT], [of(AGAIN, null)], [of(AGAIN, "beta")]);
    expect(codes).toEqual(["new", "new", "settlement-of-another-seller"]);
    expect(end.statements).toEqual([expect.stringContaining("of acme")]);
  });

  it("claims what came without a seller once a newer file of the seller tells of it", async () => {
    const newer = file("newer.json", payoutList({ ...P1, status: "PAID" }), "acme");
    const { end } = await run([of(LIST, null)], [of(STATEMENT, null)], [AGAIN, newer], [DAY]);
    expect(end.payouts).toEqual([expect.stringMatching(/^PO-1-AAAA .* of acme .* released/)]);
    expect(end.exceptions).toEqual([]);
  });
});

describe("a file that was brought for the wrong seller", () => {
  it.each([
    ["a bank statement", DAY, "account-of-another-seller"],
    ["a payout list", LIST, "settlement-of-another-seller"],
  ])("is taken when the right one brings it: %s", async (_what, made, code) => {
    const rest = [STATEMENT, LIST, DAY].filter((item) => item !== made);
    const { codes, end } = await run(rest, [of(made, "beta")], [made]);
    expect(codes).toEqual(["new", "new", code, "new"]);
    expect(end.payouts).toEqual([expect.stringMatching(/ of acme .* released, usable 100000/)]);
    expect(end.exceptions).toEqual([]);
  });
});

describe("a credit that the bank exchanged", () => {
  const CNY = "CNY" as typeof USD;
  const named = { remittance: ["TRACE0001A TRACE0002B"] };
  const exchanged: MadeCredit = {
    ...C1,
    minor: 7_200_01n,
    currency: CNY,
    instructed: { minor: 1_000_00n, currency: USD },
    rate: "7.2",
  };
  const small = [
    file("s1.txt", settlementBytes({ ...S1, totalMinor: 600_00 }), "acme"),
    file("p1.json", payoutList({ ...P1, minor: 600_00n }), "acme"),
  ];

  it("is not released as one payout when it was sent for more", async () => {
    const day = file("day-1.xml", camt053({ id: "D1" }, exchanged), "acme");
    const end = await inAnyOrder([...small, day]);
    expect(end.payouts).toEqual([expect.stringMatching(/announced open, usable 0/)]);
    expect(end.exceptions).toContainEqual(
      expect.stringMatching(/^credit-unmatched .* 7200.01 CNY/),
    );
  });

  it("pays all the payouts that it names, whichever came first", async () => {
    const s2 = {
      id: "11900000202",
      startOn: S1.endOn,
      endOn: on("2026-03-10"),
      totalMinor: 400_00,
    };
    const p2 = {
      ...P1,
      id: "PO-2-BBBB",
      minor: 400_00n,
      traceId: "TRACE0002B",
      settlementIds: [s2.id],
    };
    const end = await inAnyOrder([
      ...small,
      file("s2.txt", settlementBytes(s2), "acme"),
      file("p2.json", payoutList(p2), "acme"),
      file("day-1.xml", camt053({ id: "D1" }, { ...exchanged, ...named }), "acme"),
    ]);
    expect(end.payouts).toEqual([
      expect.stringMatching(/^PO-1-AAAA .* released, usable 432000/),
      expect.stringMatching(/^PO-2-BBBB .* released, usable 288001/),
    ]);
    expect(end.books).toContain("seller/acme/exchange/USD 100000 pending 0");
  });
});

describe("a transfer that failed", () => {
  const S2 = { id: "11900000202", startOn: S1.endOn, endOn: on("2026-03-10") };
  const takesBack = (...minors: readonly number[]) =>
    file(
      "s2.txt",
      settlementBytes({
        ...S2,
        totalMinor: 2_500_00,
        lines: minors.map((minor) => accountLine("Transfer of funds unsuccessful: x", minor)),
      }),
      "acme",
    );
  const S0 = { ...S1, id: "11900000001", startOn: on("2026-01-27"), endOn: S1.startOn };
  const P0 = {
    ...P1,
    id: "PO-0-ZZZZ",
    initiatedAt: at("2026-02-11T10:00:00Z"),
    traceId: "TRACE0000Z",
    settlementIds: [S0.id],
  };
  const first = (totalMinor: number) =>
    file("s0.txt", settlementBytes({ ...S0, totalMinor }), "acme");

  it("is not taken for another payout of the same amount that is still on its way", async () => {
    const end = await inAnyOrder([
      first(1_000_00),
      STATEMENT,
      file("p0.json", payoutList({ ...P0, status: "FAILED" }), "acme"),
      LIST,
      takesBack(1_000_00),
      DAY,
    ]);
    expect(end.payouts).toEqual([
      expect.stringMatching(/^11900000202 .* expected/),
      expect.stringMatching(/^PO-0-ZZZZ .* failed failed/),
      expect.stringMatching(/^PO-1-AAAA .* released, usable 100000/),
    ]);
  });

  it("is known to be the other one once the money of one of two alike has come", async () => {
    const end = await inAnyOrder([
      first(1_000_00),
      STATEMENT,
      file("p0.json", payoutList(P0), "acme"),
      LIST,
      takesBack(1_000_00),
      DAY,
    ]);
    expect(end.payouts[1]).toMatch(/^PO-0-ZZZZ .* failed failed/);
    expect(end.payouts[2]).toMatch(/^PO-1-AAAA .* released, usable 100000/);
  });

  it("may be two that one statement takes back", async () => {
    const end = await inAnyOrder([
      first(700_00),
      STATEMENT,
      file("p.json", payoutList({ ...P0, minor: 700_00n }, P1), "acme"),
      takesBack(1_000_00, 700_00),
    ]);
    expect(end.payouts[1]).toMatch(/^PO-0-ZZZZ .* failed failed/);
    expect(end.payouts[2]).toMatch(/^PO-1-AAAA .* failed failed/);
    expect(end.exceptions).toEqual([expect.stringMatching(/^payout-overdue 11900000202/)]);
  });

  it("is not late once the bank took its money back and a statement has it", async () => {
    const back = { ...C1, direction: "debit" as const, reversal: true, on: on("2026-03-02") };
    const end = await inAnyOrder([
      STATEMENT,
      LIST,
      DAY,
      file("day-2.xml", camt053({ id: "D2" }, back), "acme"),
      takesBack(1_000_00),
    ]);
    expect(end.payouts[1]).toMatch(/^PO-1-AAAA .* failed failed/);
    expect(end.exceptions).toEqual([expect.stringMatching(/^payout-overdue 11900000202/)]);
  });
});

describe("an account that gets its seller with a later file", () => {
  it("explains the credits that stood on it for nobody", async () => {
    const later = {
      ...C1,
      minor: 5_00n,
      on: on("2026-03-02"),
      servicerRef: "BK2",
      endToEndId: "X9",
    };
    const end = await runSteps([
      [STATEMENT, LIST],
      [of(DAY, null)],
      [file("day-2.xml", camt053({ id: "D2" }, later), "acme")],
    ]);
    expect(end.payouts).toEqual([expect.stringMatching(/released, usable 100000/)]);
  });
});
