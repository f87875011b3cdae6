// The main job told in small stories, each settled in many orders of arrival: what becomes of the money must not
// depend on which file came first. Rules: docs/concepts/matching.md.

import { describe, expect, it } from "vitest";
import {
  ACME_ACCOUNT,
  accountLine,
  at,
  BETA_ACCOUNT,
  camt053,
  camt054,
  EUR,
  eventGroups,
  file,
  type MadeCredit,
  mt103,
  mt910,
  mt940,
  on,
  pacs004,
  pacs008,
  payoutList,
  quarantinedBytes,
  settlementBytes,
} from "./made-files.ts";
import { inAnyOrder, runSteps } from "./order-runs.ts";
import { register } from "./test-channel.ts";

const S1 = {
  id: "11900000101",
  startOn: on("2026-02-10"),
  endOn: on("2026-02-24"),
  totalMinor: 100_000_11,
};
const S2 = {
  id: "11900000202",
  startOn: on("2026-02-24"),
  endOn: on("2026-03-10"),
  totalMinor: 230_500_07,
};

const STATEMENT = file("statement-1.txt", settlementBytes(S1), "acme");
const STATEMENT_2 = file("statement-2.txt", settlementBytes(S2), "acme");
const UETR = "97ed4827-7b6f-4491-a06f-b548d5a7512d";

const PAYOUT_1 = {
  id: "PO-1-AAAA",
  minor: 100_000_11n,
  initiatedAt: at("2026-02-25T10:00:00Z"),
  traceId: "TRACE0001A",
  settlementIds: [S1.id],
  accountTail: "4821",
} as const;
const PAYOUTS = file("payouts.json", payoutList(PAYOUT_1), "acme");

const CREDIT: MadeCredit = {
  minor: 100_000_11n,
  on: on("2026-02-27"),
  servicerRef: "BK0000001",
  endToEndId: "TRACE0001A",
};

/** The one payout's line. */
function only(lines: readonly string[]): string {
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

describe("one credit, however often it is told", () => {
  it("counts an advice and its end-of-day statement as one credit", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("advice.xml", camt054({ id: "A1" }, CREDIT), "acme"),
      file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
    ]);
    expect(only(end.credits)).toMatch(/booked confirmed incoming of acme, open 0\.00/);
    expect(only(end.payouts)).toMatch(/released, usable 10000011; .*held no/);
    expect(end.exceptions).toEqual([]);
  });

  it("books a statement's line that no advice told", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 10000011/);
    expect(end.exceptions).toEqual([]);
  });

  it("asks for an advice that no statement confirms", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("advice.xml", camt054({ id: "A1" }, CREDIT), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released/);
    expect(only(end.exceptions)).toMatch(
      /^credit-unconfirmed credit 6217000000004821 USD 100000.11/,
    );
  });

  it.each(["COPY", "DUPL"] as const)(
    "takes a message marked %s for no money of its own",
    async (copy) => {
      const copied = file("copy.xml", camt054({ id: "A1", copy }, CREDIT), "acme");
      const alone = await runSteps([[STATEMENT, PAYOUTS, copied]]);
      expect(alone.books.some((line) => line.includes("fx-account"))).toBe(false);
      expect(alone.exceptions.some((line) => line.startsWith("copy-without-original"))).toBe(true);
      const end = await inAnyOrder([
        STATEMENT,
        PAYOUTS,
        copied,
        file("advice.xml", camt054({ id: "A1" }, CREDIT), "acme"),
        file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
      ]);
      expect(only(end.credits)).toMatch(/booked confirmed/);
      expect(only(end.payouts)).toMatch(/released, usable 10000011/);
      expect(end.exceptions).toEqual([]);
    },
  );

  it("counts thirteen lines with one reference as thirteen credits, and still thirteen when they come again", async () => {
    const credits = Array.from({ length: 13 }, (_, index) => ({
      minor: BigInt(1_000_00 + (index % 4)),
      on: on("2026-03-02"),
      servicerRef: "REPEATED01",
    }));
    const end = await inAnyOrder([
      file("day.xml", camt053({ id: "D1" }, ...credits), "acme"),
      file("again.xml", camt053({ id: "D1-again" }, ...credits), "acme"),
    ]);
    expect(end.credits).toHaveLength(13);
    expect(end.books).toContain("seller/acme/fx-account-pending/USD 1300018 pending 0");
  });

  it("counts a line of a daily and of a monthly statement once", async () => {
    const other = {
      ...CREDIT,
      minor: 5_000_00n,
      servicerRef: "BK0000002",
      endToEndId: "OTHER00002",
    };
    const end = await inAnyOrder([
      file("day-1.xml", camt053({ id: "D1" }, CREDIT), "acme"),
      file("day-2.xml", camt053({ id: "D2" }, { ...other, on: on("2026-03-02") }), "acme"),
      file("month.xml", camt053({ id: "M1" }, CREDIT, { ...other, on: on("2026-03-02") }), "acme"),
    ]);
    expect(end.credits).toHaveLength(2);
  });

  it("knows one payment by its UETR through pacs.008, MT103, camt.054 and camt.053", async () => {
    const told = { minor: 100_000_11n, on: on("2026-02-27"), uetr: UETR, endToEndId: "TRACE0001A" };
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("payment.xml", pacs008("P8", { ...told, instructionId: "INSTR00001" }), "acme"),
      file("payment.fin", mt103("SENDERREF1", { ...told, on: on("2026-02-27") }), "acme"),
      file("advice.xml", camt054({ id: "A1" }, { ...told, servicerRef: "BK0000001" }), "acme"),
      file("day.xml", camt053({ id: "D1" }, { ...told, servicerRef: "BK0000001" }), "acme"),
    ]);
    expect(only(end.credits)).toMatch(/booked confirmed/);
    expect(only(end.payouts)).toMatch(/released, usable 10000011/);
  });

  it("does not make two credits of one whose tellings share references only in pairs", async () => {
    const end = await inAnyOrder([
      file(
        "payment.xml",
        pacs008("P8", {
          minor: 7_700_00n,
          on: on("2026-02-26"),
          uetr: UETR,
          endToEndId: "CHAIN00001",
        }),
        "acme",
      ),
      file(
        "advice.xml",
        camt054(
          { id: "A1" },
          { minor: 7_700_00n, on: on("2026-02-27"), servicerRef: "BK7", endToEndId: "CHAIN00001" },
        ),
        "acme",
      ),
      file(
        "day.xml",
        camt053({ id: "D1" }, { minor: 7_700_00n, on: on("2026-02-27"), servicerRef: "BK7" }),
        "acme",
      ),
    ]);
    expect(end.books).toContain("seller/acme/fx-account-pending/USD 770000 pending 0");
  });

  it("counts an MT910 and the MT940 line of the same day as one credit", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("advice.fin", mt910("BK0000001", { ...CREDIT, remittance: ["TRACE0001A"] }), "acme"),
      file("day.sta", mt940({ id: "D1", number: "00058/1" }, CREDIT), "acme"),
    ]);
    expect(only(end.credits)).toMatch(/booked confirmed/);
    expect(only(end.payouts)).toMatch(/released, usable 10000011/);
  });

  it("takes a pending entry for no money until it is booked", async () => {
    const pending = { ...CREDIT, status: "pending" as const };
    const alone = await runSteps([
      [STATEMENT, PAYOUTS, file("early.xml", camt054({ id: "A0" }, pending), "acme")],
    ]);
    expect(alone.books.some((line) => line.includes("fx-account"))).toBe(false);
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("early.xml", camt054({ id: "A0" }, pending), "acme"),
      file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
    ]);
    expect(only(end.credits)).toMatch(/booked confirmed/);
    expect(end.exceptions).toEqual([]);
  });
});

describe("money that goes back", () => {
  const REVERSAL: MadeCredit = {
    ...CREDIT,
    direction: "debit",
    reversal: true,
    on: on("2026-03-02"),
  };

  it("takes a whole reversal back, also when it comes before its credit", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day-1.xml", camt053({ id: "D1" }, CREDIT), "acme"),
      file("day-2.xml", camt053({ id: "D2" }, REVERSAL), "acme"),
    ]);
    expect(end.books.filter((line) => line.includes("fx-account"))).toEqual([]);
    expect(end.books).toContain("seller/acme/payout-in-transit/USD 10000011 pending 0");
    expect(only(end.payouts)).toMatch(/returned open, usable 0/);
  });

  it("takes a return in part and leaves the rest usable", async () => {
    const back = {
      ...CREDIT,
      minor: 30_000_00n,
      direction: "debit" as const,
      on: on("2026-03-02"),
      returnReason: "AM09",
      servicerRef: "BK0000009",
    };
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day-1.xml", camt053({ id: "D1" }, CREDIT), "acme"),
      file("day-2.xml", camt053({ id: "D2" }, back), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/part-released open, usable 7000011; .*held no/);
    expect(end.books).toContain("seller/acme/fx-account/USD 7000011 pending 0");
    expect(end.books).toContain("seller/acme/payout-in-transit/USD 3000000 pending 0");
  });

  it("does not apply one return twice, however it is told", async () => {
    const told = {
      minor: 30_000_00n,
      on: on("2026-03-02"),
      endToEndId: "TRACE0001A",
      uetr: UETR,
      returnReason: "AC04",
    };
    const end = await inAnyOrder([
      file("day-1.xml", camt053({ id: "D1" }, { ...CREDIT, uetr: UETR }), "acme"),
      file("return.xml", pacs004("RTR-1", told), "acme"),
      file("return-again.xml", `${pacs004("RTR-1", told)}\n`, "acme"),
      file(
        "day-2.xml",
        camt053({ id: "D2" }, { ...told, direction: "debit", servicerRef: "BK0000009" }),
        "acme",
      ),
    ]);
    expect(end.books).toContain("seller/acme/fx-account-pending/USD 7000011 pending 0");
    expect(end.credits.filter((line) => line.startsWith("debit"))).toHaveLength(1);
  });

  it("leaves a return above its credit open for a person", async () => {
    const back = {
      ...CREDIT,
      minor: 200_000_00n,
      direction: "debit" as const,
      on: on("2026-03-02"),
      returnReason: "AM09",
    };
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day-1.xml", camt053({ id: "D1" }, CREDIT), "acme"),
      file("day-2.xml", camt053({ id: "D2", openingMinor: 500_000_00n }, back), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 10000011/);
    expect(only(end.exceptions)).toMatch(/^undo-open debit .* 200000.00 USD$/);
  });
});

describe("whose money it is", () => {
  it("refuses a bank file of another seller's account", async () => {
    const end = await runSteps([
      [file("beta.xml", camt053({ id: "D1", account: BETA_ACCOUNT }, CREDIT), "beta")],
      [
        STATEMENT,
        PAYOUTS,
        file(
          "taken.xml",
          camt054({ id: "A9", account: BETA_ACCOUNT }, { ...CREDIT, minor: 1_00n }),
          "acme",
        ),
      ],
    ]);
    expect(end.exceptions.some((line) => line.startsWith("file-refused"))).toBe(true);
    expect(end.credits.some((line) => line.includes("1.00"))).toBe(false);
  });

  it("does not pay a payout from another seller's account", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("beta.xml", camt053({ id: "D1", account: BETA_ACCOUNT }, CREDIT), "beta"),
    ]);
    expect(only(end.payouts)).toMatch(/announced open, usable 0; .*paid by nothing/);
    expect(end.exceptions.some((line) => line.startsWith("credit-unmatched"))).toBe(true);
  });

  it("holds money from a payer whose name only looks alike", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file(
        "day.xml",
        camt053({ id: "D1" }, { ...CREDIT, payer: "Amazon Services LLC Trading Co" }),
        "acme",
      ),
    ]);
    expect(only(end.payouts)).toMatch(/held open, usable 0; .*held payer-not-known USD 10000011/);
  });

  it("lifts a hold when a later message names the payer", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("advice.xml", camt054({ id: "A1" }, { ...CREDIT, payer: null }), "acme"),
      file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 10000011; .*held no/);
  });

  it("holds money that came to another account than the marketplace says", async () => {
    const elsewhere = file(
      "payouts.json",
      payoutList({ ...PAYOUT_1, accountTail: "0001" }),
      "acme",
    );
    const day = file("day.xml", camt053({ id: "D1" }, CREDIT), "acme");
    const end = await runSteps([[STATEMENT, elsewhere, day]]);
    expect(only(end.payouts)).toMatch(/held account-tail-differs USD 10000011/);
    expect(await runSteps([[elsewhere], [day], [STATEMENT]])).toEqual(end);
    expect(await runSteps([[day], [elsewhere], [STATEMENT]])).toEqual(end);
  });

  it("holds what nobody has claimed, and releases it when somebody does", async () => {
    const files = [
      file("statement-1.txt", settlementBytes(S1), null),
      file("payouts.json", payoutList(PAYOUT_1), null),
      file("day.xml", camt053({ id: "D1" }, CREDIT), null),
    ];
    const unclaimed = await inAnyOrder(files);
    expect(only(unclaimed.payouts)).toMatch(/of nobody .*held seller-unknown USD 10000011/);
    const claimed = files.map((item) => ({ ...item, sellerId: "acme" }));
    const end = await runSteps([files, claimed]);
    expect(end).toEqual(await inAnyOrder(claimed));
    expect(only(end.payouts)).toMatch(/of acme .*released, usable 10000011; .*held no/);
  });

  it("gives money on a registered account to its seller whoever brings the file", async () => {
    const end = await inAnyOrder(
      [STATEMENT, PAYOUTS, file("day.xml", camt053({ id: "D1" }, CREDIT), null)],
      {
        prepare: (channel) =>
          register(channel, [
            { id: "acme", accounts: [[ACME_ACCOUNT, "USD"]] },
            { id: "beta", accounts: [[BETA_ACCOUNT, "USD"]] },
          ]),
      },
    );
    expect(only(end.payouts)).toMatch(/released/);
  });
});

describe("how much it is", () => {
  it("books a documented charge as a cost and leaves sales alone", async () => {
    const short = { ...CREDIT, minor: 99_975_11n };
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("advice.xml", camt054({ id: "A1" }, { ...short, chargeMinor: 25_00n }), "acme"),
      file("day.xml", camt053({ id: "D1" }, short), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 9997511/);
    expect(end.books).toContain("seller/acme/overseas-charges/USD 2500 pending 0");
    expect(end.books).toContain("seller/acme/sales/USD -10000011 pending 0");
    expect(end.books.some((line) => line.includes("payout-in-transit"))).toBe(false);
  });

  it("holds a shortfall that no message documents", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day.xml", camt053({ id: "D1" }, { ...CREDIT, minor: 99_975_11n }), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/held open, usable 0; .*held amount-short USD 9997511/);
  });

  it("links two currencies when the bank exchanged", async () => {
    const exchanged: MadeCredit = {
      ...CREDIT,
      minor: 91_000_00n,
      currency: EUR,
      instructed: { minor: 100_000_11n, currency: "USD" as typeof EUR },
      rate: "0.91",
    };
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day.xml", camt053({ id: "D1" }, exchanged), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 9100000/);
    expect(end.books).toContain("seller/acme/exchange/EUR -9100000 pending 0");
    expect(end.books).toContain("seller/acme/exchange/USD 10000011 pending 0");
  });

  it("follows a payout that the marketplace converted", async () => {
    const period = {
      startAt: at("2026-02-10T08:00:00.000Z"),
      endAt: at("2026-02-24T08:00:00.000Z"),
    };
    const end = await inAnyOrder([
      file("statement-1.txt", settlementBytes({ ...S1, currency: EUR }), "acme"),
      file(
        "groups.json",
        eventGroups({
          id: "GRP-1-AAAAAA",
          minor: 108_000_00n,
          original: { minor: 100_000_11n, currency: EUR },
          initiatedAt: at("2026-02-25T10:00:00Z"),
          traceId: "TRACE0001A",
          period,
        }),
        "acme",
      ),
      file("day.xml", camt053({ id: "D1" }, { ...CREDIT, minor: 108_000_00n }), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(
      /USD 108000\.00 \(EUR 100000\.11\).*released, usable 10800000/,
    );
    expect(end.books).toContain("seller/acme/exchange/EUR 10000011 pending 0");
    expect(end.books).toContain("seller/acme/exchange/USD -10800000 pending 0");
  });

  const BOTH = {
    id: "PO-2-BBBB",
    minor: 330_500_18n,
    initiatedAt: at("2026-03-11T10:00:00Z"),
    traceId: "TRACE0002B",
  };

  it.each([[[S2.id]], [[S1.id, S2.id]], [[]]])(
    "pays two statements with one payout that names %j",
    async (settlementIds) => {
      const end = await inAnyOrder([
        STATEMENT,
        STATEMENT_2,
        file("payouts.json", payoutList({ ...BOTH, settlementIds }), "acme"),
        file(
          "day.xml",
          camt053(
            { id: "D1" },
            { ...CREDIT, minor: 330_500_18n, on: on("2026-03-13"), endToEndId: "TRACE0002B" },
          ),
          "acme",
        ),
      ]);
      expect(only(end.payouts)).toMatch(
        /released, usable 33050018; pays 11900000101 proven, 11900000202 proven/,
      );
      expect(end.exceptions).toEqual([]);
    },
  );

  const P1 = { ...PAYOUT_1, traceId: "TRACE0001A" };
  const P2 = {
    id: "PO-3-CCCC",
    minor: 230_500_07n,
    initiatedAt: at("2026-03-11T10:00:00Z"),
    traceId: "TRACE0003C",
    settlementIds: [S2.id],
  };

  it("pays two payouts with one credit that names neither", async () => {
    const early = { ...P1, initiatedAt: at("2026-03-11T09:00:00Z") };
    const end = await inAnyOrder([
      STATEMENT,
      STATEMENT_2,
      file("payouts.json", payoutList(early, P2), "acme"),
      file(
        "day.xml",
        camt053(
          { id: "D1" },
          { minor: 330_500_18n, on: on("2026-03-13"), servicerRef: "BK0000003" },
        ),
        "acme",
      ),
    ]);
    expect(end.payouts).toHaveLength(2);
    for (const payout of end.payouts) expect(payout).toMatch(/released/);
  });

  it("pays one payout with two credits", async () => {
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("day-1.xml", camt053({ id: "D1" }, { ...CREDIT, minor: 60_000_00n }), "acme"),
      file(
        "day-2.xml",
        camt053(
          { id: "D2" },
          { ...CREDIT, minor: 40_000_11n, on: on("2026-03-02"), servicerRef: "BK0000002" },
        ),
        "acme",
      ),
    ]);
    expect(only(end.payouts)).toMatch(/released, usable 10000011/);
  });
});

describe("what the marketplace says", () => {
  it("replaces a quarantined statement with its proven re-issue, and lifts the hold", async () => {
    const broken = file("broken.txt", quarantinedBytes(S1), "acme");
    const day = file("day.xml", camt053({ id: "D1" }, CREDIT), "acme");
    const before = await inAnyOrder([broken, PAYOUTS, day]);
    expect(only(before.payouts)).toMatch(/held statement-quarantined USD 10000011/);
    const end = await inAnyOrder([broken, STATEMENT, PAYOUTS, day]);
    expect(only(end.payouts)).toMatch(
      /released, usable 10000011; pays 11900000101 proven; held no/,
    );
    expect(only(end.statements)).toMatch(/proven posted of acme/);
    expect(end.exceptions).toEqual([]);
  });

  it("never replaces a proven statement", async () => {
    const other = file("other.txt", settlementBytes({ ...S1, totalMinor: 1_00 }), "acme");
    const end = await runSteps([[STATEMENT], [other]]);
    expect(only(end.statements)).toBe(`${S1.id} proven posted of acme 10000011`);
    expect(end.exceptions.some((line) => line.startsWith("statement-differs"))).toBe(true);
  });

  it("takes the payout list and the event group for one payout", async () => {
    const period = {
      startAt: at("2026-02-10T08:00:00.000Z"),
      endAt: at("2026-02-24T08:00:00.000Z"),
    };
    const group = (status: string) =>
      eventGroups({
        id: "GRP-1-AAAAAA",
        minor: 100_000_11n,
        status,
        initiatedAt: at("2026-02-25T10:00:00Z"),
        period,
      });
    const end = await inAnyOrder([
      STATEMENT,
      PAYOUTS,
      file("groups.json", group("Processing"), "acme"),
      file("groups-later.json", group("Succeeded"), "acme"),
      file("day.xml", camt053({ id: "D1" }, CREDIT), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/^PO-1-AAAA list-payouts .* paid released/);
    expect(end.exceptions).toEqual([]);
  });

  it("learns of a payout after its money was released", async () => {
    const period = {
      startAt: at("2026-02-10T08:00:00.000Z"),
      endAt: at("2026-02-24T08:00:00.000Z"),
    };
    const end = await inAnyOrder([
      STATEMENT,
      file("day.xml", camt053({ id: "D1" }, { ...CREDIT, endToEndId: S1.id }), "acme"),
      file(
        "groups.json",
        eventGroups({
          id: "GRP-1-AAAAAA",
          minor: 100_000_11n,
          initiatedAt: at("2026-02-25T10:00:00Z"),
          period,
        }),
        "acme",
      ),
    ]);
    expect(only(end.payouts)).toMatch(/^GRP-1-AAAAAA event-group .* released/);
    expect(end.exceptions).toEqual([]);
  });

  it("knows a failed transfer by the statement that takes it back", async () => {
    const failed = file(
      "payouts.json",
      payoutList({ ...PAYOUT_1, settlementIds: [S1.id] }),
      "acme",
    );
    const next = file(
      "statement-2.txt",
      settlementBytes({
        ...S2,
        lines: [
          accountLine(
            "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds.",
            S1.totalMinor,
          ),
        ],
      }),
      "acme",
    );
    const second = {
      id: "PO-9-DDDD",
      minor: 230_500_07n,
      initiatedAt: at("2026-03-11T10:00:00Z"),
      traceId: "TRACE0009D",
      settlementIds: [S2.id],
    };
    const end = await inAnyOrder([
      STATEMENT,
      next,
      failed,
      file("payouts-2.json", payoutList(second), "acme"),
      file(
        "day.xml",
        camt053(
          { id: "D1" },
          { ...CREDIT, minor: 230_500_07n, on: on("2026-03-13"), endToEndId: "TRACE0009D" },
        ),
        "acme",
      ),
    ]);
    expect(end.payouts[0]).toMatch(/PO-1-AAAA .* failed failed, usable 0/);
    expect(end.payouts[1]).toMatch(/PO-9-DDDD .* released, usable 23050007/);
    expect(end.exceptions).toEqual([]);
  });

  it("makes one payout of two statements although one of them was first read broken", async () => {
    const broken = file("broken.txt", quarantinedBytes(S1), "acme");
    const group = {
      id: "GRP-7-AAAAAA",
      minor: 330_500_18n,
      initiatedAt: at("2026-03-11T10:00:00Z"),
    };
    const end = await inAnyOrder([
      broken,
      STATEMENT,
      STATEMENT_2,
      file("groups.json", eventGroups(group), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(/pays 11900000101 proven, 11900000202 proven/);
  });

  it("knows the statements of a payout that failed before they came", async () => {
    const payout = { id: "PO-8-EEEE", minor: 330_500_18n, initiatedAt: at("2026-03-11T10:00:00Z") };
    const told = (status: string) => payoutList({ ...payout, status, settlementIds: [S2.id] });
    const end = await inAnyOrder([
      STATEMENT,
      STATEMENT_2,
      file("payouts.json", told("IN_TRANSIT"), "acme"),
      file("payouts-later.json", told("FAILED"), "acme"),
    ]);
    expect(only(end.payouts)).toMatch(
      /failed failed, .*pays 11900000101 proven, 11900000202 proven/,
    );
    expect(only(end.exceptions)).toMatch(/^payout-failed PO-8-EEEE/);
  });
});
