// Months of made-up business in a few lines: what happens in a store is drawn by fast-check, and the same draws give
// the same story. For properties that must hold whatever happens.

import fc from "fast-check";
import type { FeeKind } from "./sales.ts";
import type { PayoutPlan, StoreSettings } from "./state.ts";
import { DAY_MS, type TestMarketplace, testMarketplace } from "./test-marketplace.ts";

export type Act =
  | { readonly kind: "sell"; readonly orders: number; readonly deferral: "DD7" | "B2B" | "none" }
  | { readonly kind: "refund" }
  | { readonly kind: "charge"; readonly fee: FeeKind; readonly minor: number }
  | { readonly kind: "wait"; readonly hours: number }
  | { readonly kind: "close" }
  | { readonly kind: "plan"; readonly plan: PayoutPlan }
  | { readonly kind: "fail" };

export type Story = {
  readonly seed: number;
  readonly marketplace: string;
  readonly settings: Partial<StoreSettings>;
  readonly acts: readonly Act[];
};

const PLAN: fc.Arbitrary<PayoutPlan> = fc.oneof(
  fc.constantFrom<PayoutPlan>(
    { kind: "paid" },
    { kind: "joined" },
    { kind: "carried" },
    { kind: "split" },
    { kind: "cancelled" },
  ),
  fc.constantFrom("cancelled", "unexpected", "minimum", "bank-account").map((reason) => ({
    kind: "failed" as const,
    reason: reason as "unexpected",
  })),
);

const ACT: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("sell" as const),
    orders: fc.integer({ min: 1, max: 3 }),
    deferral: fc.constantFrom("DD7" as const, "B2B" as const, "none" as const),
  }),
  fc.constant({ kind: "refund" as const }),
  fc.record({
    kind: fc.constant("charge" as const),
    fee: fc.constantFrom("advertising", "subscription", "storage", "placement", "unheard"),
    minor: fc.integer({ min: -200_000, max: -1 }),
  }) as fc.Arbitrary<Act>,
  fc.record({ kind: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 500 }) }),
  fc.constant({ kind: "close" as const }),
  fc.record({ kind: fc.constant("plan" as const), plan: PLAN }),
  fc.constant({ kind: "fail" as const }),
);

export const STORY: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  marketplace: fc.constantFrom("US", "DE", "JP", "CA", "GB"),
  settings: fc.record({
    periodDays: fc.constantFrom(7, 14, null),
    reserveMinor: fc.constantFrom(0n, 5_000n, 200_000n),
    negativeTotals: fc.constantFrom("charged" as const, "netted" as const),
    minimumPayoutMinor: fc.constantFrom(0n, 100n, 50_000n),
    namesEverySettlement: fc.boolean(),
  }),
  acts: fc.array(ACT, { minLength: 3, maxLength: 24 }),
});

/** Lets the story happen, and then two months pass with a close at their end. */
export async function play(story: Story): Promise<TestMarketplace> {
  const made = await testMarketplace(
    { marketplace: story.marketplace, settings: story.settings },
    { seed: story.seed },
  );
  for (const act of story.acts) perform(made, act);
  made.clock.advanceMs(45 * DAY_MS);
  made.controls.closeSettlement(made.store.storeId);
  made.clock.advanceMs(4 * DAY_MS);
  made.controls.setThrottling("off");
  return made;
}

function perform({ controls, clock, store: { storeId } }: TestMarketplace, act: Act): void {
  // As it stands now: asking brings it up to date.
  const store = controls.store(storeId);
  if (act.kind === "sell") controls.sell(storeId, { orders: act.orders, deferral: act.deferral });
  if (act.kind === "charge") controls.charge(storeId, act.fee, BigInt(act.minor));
  if (act.kind === "wait") clock.advanceMs(act.hours * 3_600_000);
  if (act.kind === "plan") controls.planPayout(storeId, act.plan);
  if (act.kind === "close") {
    // Two settlements do not begin in the same second.
    clock.advanceMs(60_000);
    controls.closeSettlement(storeId);
  }
  if (act.kind === "refund") {
    const refunded = new Set(
      store.transactions.filter(({ kind }) => kind === "Refund").map(({ orderId }) => orderId),
    );
    const order = store.transactions.find(
      ({ kind, orderId }) => kind === "Shipment" && !refunded.has(orderId),
    );
    if (order?.orderId !== undefined && order.orderId !== null) {
      controls.refund(storeId, order.orderId);
    }
  }
  if (act.kind === "fail") {
    const payout = store.payouts.findLast(({ history }) =>
      history.every(({ status }) => !["FAILED", "CANCELLED", "NO_PAYOUT"].includes(status)),
    );
    if (payout !== undefined) controls.failPayout(payout.payoutId, "bank-account");
  }
}
