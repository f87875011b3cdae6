import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluatePacks, type Verdict } from "./evaluate.ts";
import { parsePack } from "./pack.ts";
import { readPack, readPacks, shippedPackIds } from "./read-packs.ts";
import { type RuleFacts, unknownFacts } from "./rule-facts.ts";

const GOODS = "cn-goods-receipts";
const PILOT = "cn-chongqing-pilot";

type Changes = { readonly [Group in keyof RuleFacts]?: Partial<RuleFacts[Group]> };

/** A receipt with nothing wrong, of a seller that needs nothing; and what is different. */
function facts(changes: Changes = {}): RuleFacts {
  const plain = unknownFacts("2026-11-25");
  const credit = {
    ...plain.credit,
    id: "cr_1",
    currency: "USD",
    amountMinor: 90_000n,
    waitingMinor: 90_000n,
    bookedOn: "2026-11-24",
    usdMinor: 90_000n,
    isPriced: true,
  };
  const base: RuleFacts = {
    ...plain,
    credit,
    seller: { ...plain.seller, id: "acme", class: "A", directory: "listed" },
    year: { from: "2026-01-01", receiptsUsdMinor: 90_000n, isComplete: true },
    evidence: {
      ...plain.evidence,
      isKnown: true,
      currency: "USD",
      requiredMinor: 100_000n,
      coveredMinor: 100_000n,
    },
    settings: {
      pendingAccount: true,
      smallSellerLineUsdMinor: 20_000_000n,
      smallSellerWarningUsdMinor: 18_000_000n,
      largeValueUsdMinor: 3_000_000_000n,
    },
  };
  const changed = Object.entries(changes).map(([group, values]) => [
    group,
    typeof values === "string"
      ? values
      : { ...(base[group as keyof RuleFacts] as object), ...values },
  ]);
  return { ...base, ...Object.fromEntries(changed) };
}

function verdicts(changes: Changes, names: readonly string[] = [GOODS]): readonly Verdict[] {
  const packs = readPacks(names, ".");
  if (!packs.ok) throw new Error(packs.refusal.message);
  return evaluatePacks(packs.value, [facts(changes)]);
}

const spoken = (changes: Changes, names?: readonly string[]) =>
  verdicts(changes, names)
    .filter(({ outcome }) => outcome === "speaks")
    .map(({ rule }) => rule.id);

/** Of each rule of the goods pack: the line of its source, facts that it speaks of, and facts that are just not such. */
const CASES: readonly {
  readonly rule: string;
  readonly quote: string;
  readonly speaks: Changes;
  readonly silent: Changes;
}[] = [
  {
    rule: "evidence-missing",
    quote: "electronic transaction information collection + authenticity verification",
    speaks: { evidence: { coveredMinor: 99_999n, uncoveredShareMinor: 1n, missingCount: 1n } },
    silent: {},
  },
  {
    rule: "evidence-unknown",
    quote: "if they can collect that information and verify authenticity",
    speaks: { evidence: { isKnown: false } },
    silent: {},
  },
  {
    rule: "market-procurement",
    quote: "must be recognised and refused",
    speaks: { evidence: { refusedModes: ["1039"] } },
    silent: { evidence: { customsModes: ["9610"] } },
  },
  {
    rule: "tracking-reused",
    quote: "report FX-risk transactions",
    speaks: { evidence: { trackingReusedCount: 1n } },
    silent: { evidence: { unshippedCount: 3n } },
  },
  {
    rule: "tracking-overdue",
    quote: "must be replenished with logistics numbers",
    speaks: { evidence: { overdueCount: 2n } },
    silent: { evidence: { unshippedCount: 2n } },
  },
  {
    rule: "directory-needed",
    quote: "< USD 200,000 equiv. per year: no directory entry needed",
    speaks: { seller: { directory: "" }, year: { receiptsUsdMinor: 20_000_001n } },
    silent: { seller: { directory: "" }, year: { receiptsUsdMinor: 20_000_000n } },
  },
  {
    rule: "near-small-seller-line",
    quote: "180,000-200,000 (early warning)",
    speaks: { seller: { directory: "not-listed" }, year: { receiptsUsdMinor: 18_000_000n } },
    silent: { seller: { directory: "not-listed" }, year: { receiptsUsdMinor: 17_999_999n } },
  },
  {
    rule: "class-c",
    quote: "class B/C conditions",
    speaks: { seller: { class: "C", classFromOn: "2026-10-01" } },
    silent: { seller: { class: "A" } },
  },
  {
    rule: "class-b-pending",
    quote: '"pending verification" account',
    speaks: { seller: { class: "B", classFromOn: "2026-10-01" } },
    silent: {
      seller: { class: "B", classFromOn: "2026-10-01" },
      settings: { pendingAccount: false },
    },
  },
  {
    rule: "name-under-review",
    quote: "confidentiality",
    speaks: { screening: { state: "review", entries: ["un/T.1"] } },
    silent: { screening: { state: "clear" } },
  },
  {
    rule: "lists-stale",
    quote: "record keeping",
    speaks: { screening: { state: "stale-lists", listsDatedOn: "2026-10-01" } },
    silent: { screening: { state: "not-screened" } },
  },
  {
    rule: "large-value",
    quote: "goods trade > USD 30m",
    speaks: { credit: { usdMinor: 3_000_000_001n } },
    silent: { credit: { usdMinor: 3_000_000_000n } },
  },
  {
    rule: "declaration-due",
    quote: "within 5 working days (T+5)",
    speaks: {},
    silent: { credit: { amountMinor: 0n } },
  },
];

describe("the shipped packs", () => {
  it("are read without fault, and each rule names its notice, its line and how sure it is", () => {
    expect(shippedPackIds()).toEqual([PILOT, GOODS]);
    const packs = readPacks([GOODS, PILOT], ".");
    if (!packs.ok) throw new Error(packs.refusal.message);
    for (const { rules } of packs.value) {
      for (const { ref, source } of rules) {
        expect(source.notice, ref).not.toBe("");
        expect(source.quote.length, ref).toBeGreaterThan(10);
        // Only a text that was seen on an official page is called official, so it has an address.
        if (source.confidence === "official") expect(source.url, ref).toMatch(/safe\.gov\.cn/);
      }
    }
  });

  it("say nothing that holds money of a receipt with nothing wrong", () => {
    expect(spoken({})).toEqual(["declaration-due"]);
  });

  it("have a case below for every rule", () => {
    const pack = readPack(GOODS, ".");
    expect(CASES.map(({ rule }) => rule)).toEqual(pack.ok && pack.value.rules.map(({ id }) => id));
  });

  it.each(CASES)(
    "$rule speaks where its source says so: $quote",
    ({ rule, quote, speaks, silent }) => {
      const pack = readPack(GOODS, ".");
      const read = pack.ok ? pack.value.rules.find(({ id }) => id === rule) : undefined;
      expect(read?.source.quote).toContain(quote);
      expect(spoken(speaks)).toContain(rule);
      expect(spoken(silent)).not.toContain(rule);
      const said = verdicts(speaks).find((verdict) => verdict.rule.id === rule);
      expect(said?.message).not.toBe("");
      expect(said?.messageZh).toMatch(/\p{Script=Han}/u);
      expect(said?.lookedAt.length).toBeGreaterThan(0);
    },
  );

  it("count working days to a duty from the day of the credit", () => {
    const due = verdicts({}).find(({ rule }) => rule.id === "declaration-due");
    expect(due?.dueOn).toBe("2026-12-01");
  });

  it("hold nothing of before they were in force", () => {
    expect(spoken({ credit: { bookedOn: "2024-05-31" }, seller: { class: "C" } })).toEqual([]);
  });
});

describe("the pilot's relaxations", () => {
  const missing: Changes = { evidence: { coveredMinor: 0n, uncoveredShareMinor: 90_000n } };

  it("let a quality enterprise pass without papers, and say which rule they silence", () => {
    const quality = { ...missing, seller: { quality: true } };
    const relaxed = verdicts(quality, [GOODS, PILOT]).find(
      ({ rule }) => rule.id === "evidence-missing",
    );
    expect(relaxed).toMatchObject({ outcome: "relaxed", relaxedBy: `${PILOT}/quality-enterprise` });
    expect(spoken(missing, [GOODS, PILOT])).toContain("evidence-missing");
  });

  it("do not reach a class B or C enterprise, nor parcels that are used twice", () => {
    const names = [GOODS, PILOT];
    expect(spoken({ ...missing, seller: { quality: true, class: "B" } }, names)).toContain(
      "evidence-missing",
    );
    const twice = {
      evidence: { ...missing.evidence, trackingReusedCount: 1n },
      seller: { quality: true },
    };
    expect(spoken(twice, names)).toContain("evidence-missing");
  });
});

function refusalOf(text: string): string | null {
  const read = parsePack(text, "pack.json", "");
  return read.ok ? null : read.refusal.message;
}

describe("a pack that is wrong", () => {
  const text = readFileSync(
    join(import.meta.dirname, "..", "..", "packs", `${GOODS}.json`),
    "utf8",
  );

  it.each([
    ["names what is no fact", ["seller.class == 'C'", "seller.clas == 'C'"], /class-c.*when/],
    ["gives another type", ["evidence.uncoveredShareMinor", "evidence.isKnown"], /amount.*bool/],
    ["has a rule without a source", ['"notice": "Huifa [2022] 22",', ""], /source/],
    ["has a key that nobody knows", ['"region": "cn"', '"region": "cn", "mood": "good"'], /mood/],
    [
      "ends before it begins",
      ['"effectiveTo": null', '"effectiveTo": "2020-01-01"'],
      /effectiveTo/,
    ],
    ["is cut off", ["\n}\n", ""], /not JSON/],
  ] as const)("and %s is refused with its place", (_, [from, to], wanted) => {
    expect(text).toContain(from);
    expect(refusalOf(text.replace(from, to))).toMatch(wanted);
  });

  it("is not in force: one that is not there, one twice, one that relaxes what is not in force", () => {
    const codes = [["nothing-such"], [GOODS, GOODS], [PILOT]].map((names) => {
      const read = readPacks(names, ".");
      return read.ok ? null : read.refusal.code;
    });
    expect(codes).toEqual(["pack-unknown", "pack-invalid", "pack-invalid"]);
  });
});
