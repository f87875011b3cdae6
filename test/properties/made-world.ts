// A small world from a seed: sellers with a chain of settlements, the payouts that were announced for them, and all
// that a bank tells of their money, written as files. Facts that truly contradict each other are left out; which
// those are stands in docs/concepts/matching.md ("What cannot be independent of order").

import { randomInteger, seededRandom } from "../../src/marketplace/amazon/statement-generator.ts";
import { addDays, type CivilDate } from "../../src/time/instant.ts";
import { type MoneyTold, tellMoney } from "./made-bank.ts";
import {
  ACME_ACCOUNT,
  accountLine,
  at,
  BETA_ACCOUNT,
  EUR,
  eventGroups,
  file,
  type MadePayout,
  type MadeSettlement,
  on,
  payoutList,
  quarantinedBytes,
  settlementBytes,
  USD,
} from "./made-files.ts";
import type { MadeFile } from "./test-channel.ts";
import { type Chance, give, nextNumber, type World } from "./world-draws.ts";

export type MadeWorld = {
  readonly files: readonly MadeFile[];
  /** The same files, each named with the seller whose it is. */
  readonly owned: readonly MadeFile[];
  /** What is in it, for the message of a failing case. */
  readonly story: readonly string[];
};

type Seller = {
  readonly id: string;
  readonly account: string;
  /** The store settles in euro, and the marketplace pays dollars for it. */
  readonly isConverted: boolean;
};

const SELLERS = [
  { id: "acme", account: ACME_ACCOUNT },
  { id: "beta", account: BETA_ACCOUNT },
] as const;

const PERIOD_DAYS = 14;
const FIRST_START_ON = on("2026-01-05");

/** What becomes of one settlement's total. */
type Fate = "paid" | "skipped" | "failed" | "netted";

type Settled = {
  readonly made: MadeSettlement;
  readonly fate: Fate;
  /** Settlements before it that its payout pays too. */
  readonly with: readonly MadeSettlement[];
};

export function makeWorld(seed: number): MadeWorld {
  const random = seededRandom(seed);
  const chance: Chance = (share) => random() < share;
  const world: World = {
    seed,
    files: [],
    owners: new Map(),
    story: [],
    chance,
    pick: (items) => items[randomInteger(random, 0, items.length - 1)] as (typeof items)[number],
    between: (low, high) => randomInteger(random, low, high),
    number: 0,
  };
  const sellers = chance(0.4) ? SELLERS : SELLERS.slice(0, 1);
  for (const seller of sellers) makeSeller(world, { ...seller, isConverted: chance(0.15) });
  cutSomething(world);
  const owned = world.files.map((item) => ({
    ...item,
    sellerId: world.owners.get(item.name) ?? null,
  }));
  return { files: world.files, owned, story: world.story };
}

function makeSeller(world: World, seller: Seller): void {
  const settled = makeChain(world, seller);
  const told: MoneyTold[] = [];
  for (const item of settled) {
    // A payout of several statements of which one is never proven: what came before it was announced is released.
    const isAlone = item.fate === "paid" && item.with.length === 0;
    addStatement(world, seller, item.made, isAlone);
    if (item.fate === "paid" || item.fate === "failed") {
      const payout = announce(world, seller, item);
      if (item.fate === "paid") told.push(payMoney(world, seller, item, payout));
    }
  }
  const unrelated = world.between(0, 3);
  for (let index = 0; index < unrelated; index += 1) told.push(unrelatedMoney(world));
  tellMoney(world, seller, told);
}

/** Totals that no two settlements, and no small sum of them, have in common. */
function totalOf(world: World): number {
  return world.between(100_000, 900_000) * 100 + ((nextNumber(world) * 7) % 100);
}

function makeChain(world: World, seller: Seller): readonly Settled[] {
  const count = world.between(2, 5);
  const settled: Settled[] = [];
  let startOn = FIRST_START_ON;
  let carried: readonly { text: string; minor: number }[] = [];
  let pending: MadeSettlement[] = [];
  for (let index = 0; index < count; index += 1) {
    const endOn = addDays(startOn, PERIOD_DAYS);
    const isLast = index === count - 1;
    const draw = world.between(1, 100);
    const fate: Fate =
      isLast || draw <= 60 ? "paid" : draw <= 75 ? "skipped" : draw <= 88 ? "failed" : "netted";
    const own = fate === "netted" ? -totalOf(world) / 10 : totalOf(world);
    const carriedMinor = carried.reduce((sum, { minor }) => sum + minor, 0);
    const reserve = world.chance(0.3) ? world.between(1_000, 50_000) : 0;
    const made: MadeSettlement = {
      id: String(11_900_000_000 + (world.seed % 997) * 1_000_003 + nextNumber(world) * 101),
      startOn,
      endOn,
      currency: seller.isConverted ? EUR : USD,
      totalMinor: Math.round(own) + carriedMinor,
      lines: [
        ...carried.map(({ text, minor }) => accountLine(text, minor)),
        ...(reserve > 0 ? [accountLine("Current Reserve Amount", -reserve)] : []),
        ...(world.chance(0.2)
          ? [accountLine("Fee nobody has heard of", -world.between(100, 900))]
          : []),
      ],
    };
    // A settlement that would come out below zero by what it carries is netted too, whatever was drawn.
    const actual: Fate = made.totalMinor <= 0 ? "netted" : fate === "netted" ? "paid" : fate;
    carried = [
      ...(reserve > 0 ? [{ text: "Previous Reserve Amount Balance", minor: reserve }] : []),
      ...(actual === "netted" ? [{ text: "Payable to Amazon", minor: made.totalMinor }] : []),
      ...(actual === "failed"
        ? [
            {
              text: "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds.",
              minor: sumOf([...pending, made]),
            },
          ]
        : []),
    ];
    if (actual === "skipped") pending.push(made);
    settled.push({
      made,
      fate: actual,
      with: actual === "paid" || actual === "failed" ? pending : [],
    });
    if (actual !== "skipped") pending = actual === "netted" ? pending : [];
    world.story.push(`${seller.id} ${made.id} ${made.endOn} ${made.totalMinor} ${actual}`);
    startOn = endOn;
  }
  return settled;
}

function sumOf(settlements: readonly MadeSettlement[]): number {
  return settlements.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
}

function addStatement(
  world: World,
  seller: Seller,
  made: MadeSettlement,
  mayStayBroken: boolean,
): void {
  const name = `statement-${made.id}.txt`;
  const isBroken = world.chance(0.2);
  if (isBroken)
    give(world, seller.id, file(`broken-${made.id}.txt`, quarantinedBytes(made), seller.id));
  if (isBroken && mayStayBroken && world.chance(0.3)) {
    world.story.push(`${made.id} is never re-issued`);
    return;
  }
  give(world, seller.id, file(name, settlementBytes(made), seller.id));
  if (world.chance(0.15)) {
    const again = settlementBytes({ ...made, variant: 1 });
    give(world, seller.id, file(`download-2-${name}`, again, seller.id));
  }
}

/** The payout as announced, or only expected: null. */
function announce(world: World, seller: Seller, item: Settled): MadePayout | null {
  const { made } = item;
  const number = nextNumber(world);
  const all = [...item.with, made];
  const owed = BigInt(sumOf(all));
  const minor = arrivingMinor(seller, owed);
  const period = {
    startAt: at(`${made.startOn}T08:00:00.000Z`),
    endAt: at(`${made.endOn}T08:00:00.123Z`),
  };
  const base: MadePayout = {
    currency: USD,
    id: `PAYOUT${String(number).padStart(4, "0")}Z${world.seed % 9973}`,
    minor,
    initiatedAt: at(`${addDays(made.endOn, 1)}T09:30:00.000Z`),
    ...(world.chance(0.5)
      ? { traceId: `TRC${String(number).padStart(4, "0")}XY${world.seed % 9973}` }
      : {}),
    ...(world.chance(0.4) ? { accountTail: seller.account.slice(-4) } : {}),
  };
  // Only the event groups tell both sides of the marketplace's own exchange.
  const ways = seller.isConverted
    ? (["group", "both"] as const)
    : (["list", "list-named", "group", "both", "nobody"] as const);
  const how = world.pick<"list" | "list-named" | "group" | "both" | "nobody">(ways);
  world.story.push(`${base.id} ${minor} pays ${all.map(({ id }) => id).join("+")}, told by ${how}`);
  if (how === "nobody") return null;
  const named: MadePayout = {
    ...base,
    ...(how === "list-named" || how === "both"
      ? { settlementIds: world.chance(0.5) ? [made.id] : all.map(({ id }) => id) }
      : {}),
    ...(world.chance(0.5) ? { period } : {}),
  };
  const isFailed = item.fate === "failed" && world.chance(0.5);
  if (how !== "group") {
    const early = payoutList({ ...named, status: "IN_TRANSIT" });
    give(world, seller.id, file(`payouts-${number}.json`, early, seller.id));
    if (world.chance(0.4) || isFailed) {
      const later = payoutList({
        ...named,
        status: isFailed ? "FAILED" : item.fate === "paid" ? "PAID" : "IN_TRANSIT",
      });
      give(world, seller.id, file(`payouts-${number}-later.json`, later, seller.id));
    }
  }
  if (how === "group" || how === "both") {
    const group = {
      ...base,
      id: `GROUP${String(number).padStart(4, "0")}Q${world.seed % 9973}`,
      ...(seller.isConverted ? { original: { minor: owed, currency: EUR } } : {}),
    };
    give(
      world,
      seller.id,
      file(
        `groups-${number}.json`,
        eventGroups(all.length === 1 ? { ...group, period } : group),
        seller.id,
      ),
    );
    if (how === "group") return group;
  }
  return named;
}

/** What the marketplace pays for what its settlements owe. */
function arrivingMinor(seller: Seller, owed: bigint): bigint {
  return seller.isConverted ? (owed * 108n) / 100n : owed;
}

function payMoney(
  world: World,
  seller: Seller,
  item: Settled,
  payout: MadePayout | null,
): MoneyTold {
  const minor = arrivingMinor(seller, BigInt(sumOf([...item.with, item.made])));
  const number = nextNumber(world);
  const references = [
    payout?.traceId,
    payout === null ? undefined : payout.id,
    item.made.id,
  ].filter((text) => text !== undefined);
  const isNamed = world.chance(0.75);
  return {
    number,
    minor,
    on: addWorkdays(item.made.endOn, world.between(3, 5)),
    reference: isNamed ? world.pick(references) : null,
    isMarketplace: true,
    isWhole: item.with.length > 0,
  };
}

/** From Monday to Friday, so that every window of bank days has it. */
function addWorkdays(from: CivilDate, days: number): CivilDate {
  let moved = from;
  for (let left = days; left > 0; ) {
    moved = addDays(moved, 1);
    const day = new Date(`${moved}T00:00:00Z`).getUTCDay();
    if (day !== 0 && day !== 6) left -= 1;
  }
  return moved;
}

function unrelatedMoney(world: World): MoneyTold {
  const number = nextNumber(world);
  return {
    number,
    minor: BigInt(world.between(1_000, 99_000) * 1_000 + number),
    on: addWorkdays(FIRST_START_ON, world.between(5, 50)),
    reference: world.chance(0.5) ? `INVOICE${String(number).padStart(6, "0")}` : null,
    isMarketplace: false,
    isWhole: true,
  };
}

/** A copy of some file that was cut off on the way. */
function cutSomething(world: World): void {
  if (world.files.length === 0 || !world.chance(0.6)) return;
  const whole = world.pick(world.files);
  const length = world.between(1, whole.bytes.length - 1);
  const cut = { ...whole, name: `cut-${whole.name}`, bytes: whole.bytes.subarray(0, length) };
  give(world, world.owners.get(whole.name) ?? "", cut);
  world.story.push(`${whole.name} came cut off after ${length} bytes too`);
}
