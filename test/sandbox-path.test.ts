// From a sale in the sandbox marketplace to money on the seller's account: what marketplace and bank of the sandbox
// tell goes through the real channel. Whatever becomes of a payout, the books end in order and nobody has to look.

import { describe, expect, it } from "vitest";
import { currencyOf } from "../src/money/currency.ts";
import type { NewStore } from "../src/simulator/marketplace/controls/store-controls.ts";
import type { PayoutPlan } from "../src/simulator/marketplace/state.ts";
import type { EndState } from "./properties/end-state.ts";
import { runSteps, shuffledSteps } from "./properties/order-runs.ts";
import { type SandboxWorld, sandboxWorld } from "./sandbox-world.ts";

/** Two settlements close and both payouts arrive. */
const DAYS = 32;

const US: NewStore = { marketplace: "US", settings: { ordersPerDay: 2 } };

/** The end of the story, the same in the order in which its files could be had and in a shuffled one. */
async function settled({ files, bank }: SandboxWorld): Promise<EndState> {
  const inOrder = await runSteps(files.map((one) => [one]));
  expect(await runSteps(shuffledSteps(files, 5))).toEqual(inOrder);
  expect(inOrder.exceptions).toEqual([]);
  for (const credit of inOrder.credits) expect(credit).toMatch(/open 0\.00, undone 0\.00$/);
  const [account] = bank.state.accounts;
  const arrived = (account?.balanceMinor ?? 0n) - 100_000n;
  const usable = inOrder.books.find((line) => line.startsWith("seller/acme/fx-account/"));
  expect(usable ?? "seller/acme/fx-account/USD 0 pending 0").toBe(
    `seller/acme/fx-account/USD ${arrived} pending 0`,
  );
  return inOrder;
}

/** Payouts by what the channel says of them: "released 60699". */
function states({ payouts }: EndState): readonly string[] {
  return payouts.map((line) => {
    const [, state = "", usable = ""] = /; \S+ (\S+), usable (\d+);/.exec(line) ?? [];
    return `${state} ${usable}`;
  });
}

function totals({ store }: SandboxWorld): readonly bigint[] {
  return store.settlements.flatMap(({ totalMinor }) => (totalMinor === null ? [] : [totalMinor]));
}

async function worldWith(plan: PayoutPlan): Promise<SandboxWorld> {
  const world = await sandboxWorld(US);
  world.controls.planPayout(world.store.storeId, plan);
  await world.days(DAYS);
  return world;
}

describe("from the sandbox marketplace to the seller's account", () => {
  it.each(["iso20022", "mt"] as const)("every payout is released, told in %s", async (language) => {
    const world = await sandboxWorld(US, language);
    await world.days(DAYS);
    const end = await settled(world);
    expect(states(end)).toEqual(totals(world).map((total) => `released ${total}`));
    expect(totals(world)).toHaveLength(2);
  });

  it("a settlement that was skipped is released with the next", async () => {
    const world = await worldWith({ kind: "joined" });
    const [first = 0n, second = 0n] = totals(world);
    expect(states(await settled(world))).toEqual([`released ${first + second}`]);
  });

  it("a payout in two transfers is released whole", async () => {
    const world = await worldWith({ kind: "split" });
    const end = await settled(world);
    expect(states(end)).toEqual(totals(world).map((total) => `released ${total}`));
    expect(end.credits).toHaveLength(3);
  });

  it.each([
    { kind: "cancelled" },
    { kind: "failed", reason: "bank-account" },
    { kind: "carried" },
  ] as const)("a payout that is $kind comes with the next", async (plan) => {
    const world = await worldWith(plan);
    const end = await settled(world);
    const [first = 0n, second = 0n] = totals(world);
    expect(second > first).toBe(true);
    expect(states(end).toSorted()).toEqual(["failed 0", `released ${second}`]);
  });

  it("a total below zero that is charged to the card leaves the next payout whole", async () => {
    const settings = { ordersPerDay: 2, negativeTotals: "charged" } as const;
    const world = await sandboxWorld({ ...US, settings });
    world.controls.charge(world.store.storeId, "advertising", -900_000n);
    await world.days(DAYS);
    const end = await settled(world);
    const [first = 0n, second = 0n] = totals(world);
    expect(first < 0n && second > 0n).toBe(true);
    expect(states(end).toSorted()).toEqual(["charged 0", `released ${second}`]);
    expect(end.books).toContain(`seller/acme/charged-to-seller/USD ${first} pending 0`);
  });

  it("a total below zero that is netted is carried until the store has earned it", async () => {
    const world = await sandboxWorld(US);
    world.controls.charge(world.store.storeId, "advertising", -200_000n);
    await world.days(DAYS);
    const end = await settled(world);
    const [first = 0n, second = 0n] = totals(world);
    expect(first < 0n && second > 0n).toBe(true);
    expect(states(end)).toEqual([`released ${second}`]);
  });

  it("what the marketplace exchanged arrives in the account's currency", async () => {
    const currency = currencyOf("USD")!;
    const world = await sandboxWorld({
      marketplace: "DE",
      settings: { ordersPerDay: 2 },
      deposit: { accountNumber: "6217000000004821", currency, rate: "1.0832" },
    });
    await world.days(DAYS);
    const end = await settled(world);
    const paid = world.store.payouts.map(({ amountMinor }) => `released ${amountMinor}`);
    expect(states(end)).toEqual(paid);
    const sold = totals(world).reduce((sum, total) => sum + total, 0n);
    expect(end.books).toContain(`seller/acme/exchange/EUR ${sold} pending 0`);
  });
});
