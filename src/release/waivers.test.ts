import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "../money/currency.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import type { CivilDate } from "../time/instant.ts";
import { decideRelease, type ReleaseFacts, type ReleaseMatch } from "./decide-release.ts";
import { holdReleaseRefusal, planHoldRelease } from "./hold-release.ts";
import type { HoldWaiver } from "./waivers.ts";

const USD = currencyOf("USD")!;
const TODAY = "2026-11-20" as CivilDate;
const POLICY = DEFAULT_POLICY;

function match(creditId: string, over: Partial<ReleaseMatch> = {}): ReleaseMatch {
  return {
    matchId: `ma_${creditId}`,
    creditId,
    layer: "reference",
    currency: USD,
    amountMinor: 1_000n,
    paidMinor: 1_000n,
    undoneMinor: 0n,
    undonePaidMinor: 0n,
    undoneBeforeMinor: 0n,
    releasedMinor: 0n,
    everReleasedMinor: 0n,
    accountNumber: "6222601008801",
    accountSellerId: "acme",
    payerName: "Nobody We Know Ltd",
    ultimatePayerName: null,
    ...over,
  };
}

function facts(over: Partial<ReleaseFacts> = {}): ReleaseFacts {
  return {
    payoutId: "po_1",
    sellerId: "acme",
    marketplace: "amazon",
    reference: "101",
    currency: USD,
    amountMinor: 1_000n,
    originalCurrency: null,
    originalMinor: null,
    source: "list-payouts",
    announcedStatus: "paid",
    accountTail: "8801",
    missingSettlementIds: [],
    statements: [
      { settlementId: "101", verdict: "proven", totalMinor: 1_000n, currency: "USD", reasons: [] },
    ],
    matches: [match("cr_1")],
    proposed: null,
    returnedBeforeMinor: 0n,
    ruled: [],
    waivers: [],
    ...over,
  };
}

function waiver(over: Partial<HoldWaiver> = {}): HoldWaiver {
  return {
    approvalId: "appr_1",
    code: "payer-not-known",
    creditId: "cr_1",
    upToMinor: 1_000n,
    causes: ["Nobody We Know Ltd"],
    ...over,
  };
}

function decided(over: Partial<ReleaseFacts>) {
  const { releases, holds } = decideRelease(facts(over), POLICY, TODAY);
  return {
    released: releases.map(({ creditId, amountMinor }) => [creditId, amountMinor]),
    held: holds.map(({ code, amountMinor }) => [code, amountMinor]),
  };
}

describe("a waived hold", () => {
  it("releases what was waived, and names the approval that allowed it", () => {
    const { releases, holds } = decideRelease(facts({ waivers: [waiver()] }), POLICY, TODAY);
    expect(holds).toEqual([]);
    expect(releases).toMatchObject([{ amountMinor: 1_000n, approvalIds: ["appr_1"] }]);
  });

  it("releases a part, and holds the rest", () => {
    expect(decided({ waivers: [waiver({ upToMinor: 400n })] })).toEqual({
      released: [["cr_1", 400n]],
      held: [["payer-not-known", 600n]],
    });
  });

  it("releases no more of it when it is decided again", () => {
    const after = match("cr_1", { releasedMinor: 400n, everReleasedMinor: 400n });
    expect(decided({ matches: [after], waivers: [waiver({ upToMinor: 400n })] })).toEqual({
      released: [],
      held: [["payer-not-known", 600n]],
    });
  });

  it("does nothing for another rule, another credit or another reason", () => {
    const all = { released: [], held: [["payer-not-known", 1_000n]] };
    expect(decided({ waivers: [waiver({ code: "payer-not-named" })] })).toEqual(all);
    expect(decided({ waivers: [waiver({ creditId: "cr_2" })] })).toEqual(all);
    expect(decided({ waivers: [waiver({ causes: ["Somebody Else Ltd"] })] })).toEqual(all);
  });

  it("frees money only when every rule that holds it is waived", () => {
    const missing = { missingSettlementIds: ["102"], statements: [] };
    expect(decided({ ...missing, waivers: [waiver()] })).toEqual({
      released: [],
      held: [["statement-missing", 1_000n]],
    });
    const both = [
      waiver(),
      waiver({ code: "statement-missing", upToMinor: 300n, causes: ["102", "103"] }),
    ];
    expect(decided({ ...missing, waivers: both })).toEqual({
      released: [["cr_1", 300n]],
      held: [["statement-missing", 700n]],
    });
  });

  it("never lifts a hold that says it is not known whose the money is", () => {
    const foreign = match("cr_1", {
      accountSellerId: "other",
      payerName: "AMAZON.COM SERVICES LLC",
    });
    const waivers = [waiver({ code: "account-of-another-seller", causes: [] })];
    expect(decided({ matches: [foreign], waivers })).toEqual({
      released: [],
      held: [["account-of-another-seller", 1_000n]],
    });
  });

  it("covers a second match of the same credit together with the first, not each", () => {
    const matches = [
      match("cr_1", { amountMinor: 600n, paidMinor: 600n }),
      match("cr_1", { matchId: "ma_2", amountMinor: 400n, paidMinor: 400n }),
    ];
    const { released, held } = decided({ matches, waivers: [waiver({ upToMinor: 700n })] });
    expect(released).toEqual([
      ["cr_1", 600n],
      ["cr_1", 100n],
    ]);
    expect(held).toEqual([["payer-not-known", 300n]]);
  });
});

function ask(over: Partial<ReleaseFacts>, amountMinor: bigint | null = null) {
  return planHoldRelease(facts(over), POLICY, TODAY, {
    holdId: "hold_1",
    code: "payer-not-known",
    amountMinor,
  });
}

describe("asking for a release by hand", () => {
  it("names each credit, how much of it, and what was wrong with it", () => {
    const matches = [match("cr_1", { amountMinor: 700n, paidMinor: 700n }), match("cr_2")];
    expect(ask({ matches, amountMinor: 1_700n }, 900n)).toMatchObject({
      ok: true,
      value: {
        heldMinor: 1_700n,
        amountMinor: 900n,
        parts: [
          { creditId: "cr_1", amountMinor: 700n, upToMinor: 700n, causes: ["Nobody We Know Ltd"] },
          { creditId: "cr_2", amountMinor: 200n, upToMinor: 200n },
        ],
      },
    });
  });

  it("adds to what was waived before", () => {
    const after = match("cr_1", { releasedMinor: 400n, everReleasedMinor: 400n });
    const again = ask({ matches: [after], waivers: [waiver({ upToMinor: 400n })] });
    expect(again).toMatchObject({
      ok: true,
      value: { amountMinor: 600n, parts: [{ amountMinor: 600n, upToMinor: 1_000n }] },
    });
  });

  it("is refused for more than is held, for nothing, and where nothing is held", () => {
    expect(ask({}, 1_001n)).toMatchObject({ refusal: { code: "amount-exceeds-hold" } });
    expect(ask({}, 0n)).toMatchObject({ refusal: { code: "amount-exceeds-hold" } });
    const known = [match("cr_1", { payerName: "AMAZON.COM SERVICES LLC" })];
    expect(ask({ matches: known })).toMatchObject({ refusal: { code: "hold-closed" } });
    const unclaimed = planHoldRelease(facts({ sellerId: null }), POLICY, TODAY, {
      holdId: "hold_1",
      code: "seller-unknown",
      amountMinor: null,
    });
    expect(unclaimed).toMatchObject({ refusal: { code: "hold-not-waivable" } });
  });

  it("is stale once the hold has another reason, and stands while only its amount grows", () => {
    const plan = ask({});
    if (!plan.ok) throw new Error(plan.refusal.message);
    const stale = (over: Partial<ReleaseFacts>) =>
      holdReleaseRefusal(facts(over), POLICY, TODAY, plan.value)?.code ?? null;
    expect(stale({})).toBeNull();
    expect(stale({ matches: [match("cr_1"), match("cr_2", { payerName: "X" })] })).toBeNull();
    expect(stale({ matches: [match("cr_1", { payerName: "X" })] })).toBe("hold-changed");
    const known = match("cr_1", { payerName: "AMAZON.COM SERVICES LLC" });
    expect(stale({ matches: [known] })).toBe("hold-closed");
  });
});

/** What happens to a payout, one thing after the other; each order of the same things is a world. */
type Happening =
  | { readonly kind: "credit"; readonly creditId: string; readonly minor: bigint }
  | { readonly kind: "waiver"; readonly waiver: HoldWaiver }
  | { readonly kind: "undo"; readonly creditId: string; readonly minor: bigint }
  | { readonly kind: "statement" };

const OWED = 3_000n;

/** Decides after every happening, as the release step does, and tells what is usable of each credit in the end. */
function usableAfter(happenings: readonly Happening[]): Record<string, string> {
  let now = facts({
    amountMinor: OWED,
    matches: [],
    statements: [],
    missingSettlementIds: ["101"],
  });
  let waitingUndos: Extract<Happening, { kind: "undo" }>[] = [];
  for (const happening of happenings) {
    if (happening.kind === "undo") waitingUndos.push(happening);
    else now = withHappening(now, happening);
    // An undo waits for its credit; it is taken before anything more is released.
    waitingUndos = waitingUndos.filter((undo) => {
      const found = now.matches.find((item) => item.creditId === undo.creditId);
      if (found !== undefined) now = replaced(now, takenBack(found, undo.minor));
      return found === undefined;
    });
    for (const release of decideRelease(now, POLICY, TODAY).releases) {
      const found = now.matches.find((item) => item.matchId === release.matchId)!;
      now = replaced(now, {
        ...found,
        releasedMinor: found.releasedMinor + release.amountMinor,
        everReleasedMinor: found.everReleasedMinor + release.amountMinor,
      });
    }
    for (const item of now.matches)
      expect(item.releasedMinor).toBeLessThanOrEqual(item.amountMinor - item.undoneMinor);
  }
  return Object.fromEntries(now.matches.map((item) => [item.creditId, String(item.releasedMinor)]));
}

function withHappening(now: ReleaseFacts, happening: Happening): ReleaseFacts {
  if (happening.kind === "waiver") return { ...now, waivers: [...now.waivers, happening.waiver] };
  if (happening.kind === "credit") {
    const { creditId, minor } = happening;
    const made = match(creditId, { amountMinor: minor, paidMinor: minor });
    return { ...now, matches: [...now.matches, made] };
  }
  const statement = { settlementId: "101", verdict: "proven" as const, totalMinor: OWED };
  return {
    ...now,
    missingSettlementIds: [],
    statements: [{ ...statement, currency: "USD", reasons: [] }],
  };
}

function replaced(now: ReleaseFacts, made: ReleaseMatch): ReleaseFacts {
  return {
    ...now,
    matches: now.matches.map((item) => (item.matchId === made.matchId ? made : item)),
  };
}

/** Unusable money first, as an undo takes it. */
function takenBack(item: ReleaseMatch, minor: bigint): ReleaseMatch {
  const undoneMinor = item.undoneMinor + minor;
  const left = item.amountMinor - undoneMinor;
  return {
    ...item,
    undoneMinor,
    undonePaidMinor: undoneMinor,
    releasedMinor: item.releasedMinor < left ? item.releasedMinor : left,
  };
}

const minor = fc.bigInt({ min: 1n, max: 1_000n });
const creditIds = ["cr_1", "cr_2", "cr_3"];
const creditId = fc.constantFrom(...creditIds);
const waived = fc
  .record({
    creditId,
    upToMinor: minor,
    code: fc.constantFrom("payer-not-known" as const, "statement-missing" as const),
  })
  .map(
    (item): Happening => ({
      kind: "waiver",
      waiver: waiver({ ...item, causes: ["Nobody We Know Ltd", "101"] }),
    }),
  );
const short = fc.record({ creditId, upToMinor: minor }).map(
  (item): Happening => ({
    kind: "waiver",
    waiver: waiver({ ...item, code: "amount-short", causes: [] }),
  }),
);
/** Three credits, waivers of several rules, an undo, and perhaps the statement that was missing. */
const worlds = fc
  .tuple(
    fc.tuple(minor, minor, minor),
    fc.array(waived, { maxLength: 8 }),
    fc.array(short, { maxLength: 4 }),
    fc.option(fc.record({ at: fc.nat({ max: 2 }), share: fc.bigInt({ min: 1n, max: 4n }) })),
    fc.boolean(),
  )
  .map(([amounts, first, second, undo, hasStatement]): Happening[] => [
    ...amounts.map(
      (amount, index): Happening => ({
        kind: "credit",
        creditId: creditIds[index]!,
        minor: amount,
      }),
    ),
    ...first,
    ...second,
    ...(undo === null
      ? []
      : [
          {
            kind: "undo" as const,
            creditId: creditIds[undo.at]!,
            minor: (amounts[undo.at]! * undo.share) / 4n,
          },
        ]),
    ...(hasStatement ? [{ kind: "statement" as const }] : []),
  ]);

describe("the order of arrival", () => {
  it("does not matter: a waiver before or after any other fact frees the same money", () => {
    fc.assert(
      fc.property(
        worlds.chain((world) =>
          fc.tuple(
            fc.constant(world),
            fc.shuffledSubarray(world, { minLength: world.length, maxLength: world.length }),
          ),
        ),
        ([world, order]) => {
          expect(usableAfter(order)).toEqual(usableAfter(world));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("frees never more of a credit than was waived of it, while a rule holds it", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const usable = usableAfter(world);
        const waivers = world.flatMap((item) => (item.kind === "waiver" ? [item.waiver] : []));
        for (const id of creditIds) {
          const upTo = waivers
            .filter((item) => item.creditId === id && item.code === "payer-not-known")
            .reduce((most, item) => (item.upToMinor > most ? item.upToMinor : most), 0n);
          expect(BigInt(usable[id] ?? "0")).toBeLessThanOrEqual(upTo);
        }
      }),
    );
  });
});
