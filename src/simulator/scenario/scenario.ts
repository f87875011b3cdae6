// A named story that the sandbox can play: what happens in the marketplace and at the bank, step by step, and how it
// ends in the channel. The same files are the demo, the documentation, what `straitway trigger` plays and what the
// tests expect. Format: docs/reference/scenarios.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DEMO_STORE_NAMES } from "../demo-cast.ts";

const STEPS_MAX = 100;
const store = z.enum(DEMO_STORE_NAMES);
/** An exact decimal in the store's currency. */
const amount = z.string().regex(/^-?\d{1,12}(\.\d{1,3})?$/, "an exact decimal such as 1234.50");
const days = z.number().min(0).max(400);

const payoutPlan = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["paid", "cancelled", "joined", "carried", "split"]) }),
  z.strictObject({
    kind: z.literal("failed"),
    reason: z.enum(["cancelled", "unexpected", "minimum", "bank-account"]),
  }),
]);

const creditPlan = z.strictObject({
  charge: amount.optional(),
  chargeTold: z.boolean().optional(),
  parts: z.number().int().min(2).max(9).optional(),
  lateDays: days.optional(),
  lost: z.boolean().optional(),
  advice: z.enum(["once", "twice", "copy", "none"]).optional(),
  confirmed: z.boolean().optional(),
  payerName: z.string().max(140).nullable().optional(),
  referenceLost: z.boolean().optional(),
  back: z
    .strictObject({
      kind: z.enum(["returned", "reversed"]),
      afterDays: days,
      amount: amount.optional(),
    })
    .optional(),
});
export type CreditPlan = z.infer<typeof creditPlan>;

const step = z.discriminatedUnion("step", [
  /** Orders that are sold and shipped now. */
  z.strictObject({
    step: z.literal("sell"),
    store,
    orders: z.number().int().min(1).max(1000),
    price: amount.optional(),
    deferral: z.enum(["DD7", "B2B", "none"]).optional(),
  }),
  /** The last order is given back. */
  z.strictObject({ step: z.literal("refund"), store }),
  /** A fee of the whole account, negative, or a payment, positive. */
  z.strictObject({
    step: z.literal("fee"),
    store,
    kind: z.enum(["advertising", "subscription", "storage", "reimbursement"]),
    amount,
  }),
  z.strictObject({ step: z.literal("reserve"), store, amount }),
  /** What is to become of the next payout at the marketplace. */
  z.strictObject({ step: z.literal("plan-payout"), store, plan: payoutPlan }),
  /** What is to become of the next transfer at the bank. */
  z.strictObject({ step: z.literal("plan-credit"), store, plan: creditPlan }),
  z.strictObject({ step: z.literal("close-settlement"), store }),
  /** The report of the latest settlement is one line short, until it is issued again. */
  z.strictObject({ step: z.literal("break-report"), store }),
  z.strictObject({
    step: z.literal("reissue-report"),
    store,
    form: z.enum(["whole", "reordered"]),
  }),
  /** Money of somebody else arrives on the store's account. */
  z.strictObject({ step: z.literal("outside-credit"), store, amount, payer: z.string().max(140) }),
  /** The bank tells all it has told on the account once more. */
  z.strictObject({ step: z.literal("repeat-messages"), store }),
  /** The next calls of a marketplace's operation go wrong. */
  z.strictObject({
    step: z.literal("disturb"),
    operation: z.string().max(60),
    kind: z.enum(["throttled", "unavailable", "internal", "empty-page", "lost-answer"]),
    times: z.number().int().min(1).max(100),
  }),
  z.strictObject({ step: z.literal("wait"), days }),
]);
export type ScenarioStep = z.infer<typeof step>;

const endOfPayout = z.strictObject({
  store,
  state: z.enum([
    "expected",
    "announced",
    "held",
    "released",
    "part-released",
    "returned",
    "failed",
    "merged",
    "charged",
  ]),
  /** Of the payout's amount, what is usable in the end. */
  usable: z.union([z.enum(["all", "none"]), z.strictObject({ allBut: amount })]),
  holds: z.array(z.string()).default([]),
});

const scenario = z.strictObject({
  title: z.strictObject({ en: z.string().min(1), zh: z.string().min(1) }),
  steps: z.array(step).min(1).max(STEPS_MAX),
  ends: z.strictObject({
    /** Oldest first. */
    payouts: z.array(endOfPayout),
    /** Kinds of the exceptions that stay open, sorted. */
    exceptions: z.array(z.string()).default([]),
  }),
});

export type Scenario = z.infer<typeof scenario> & { readonly name: string };
export type PayoutEnd = z.infer<typeof endOfPayout>;

/** The file that makes a folder a scenario that can be played. */
export const SCENARIO_FILE = "scenario.json";

/** Reads one scenario; throws what is wrong with it: the files belong to the program. */
export function readScenario(folder: string, name: string): Scenario {
  const text = readFileSync(join(folder, name, SCENARIO_FILE), "utf8");
  return { name, ...scenario.parse(JSON.parse(text)) };
}

/** Names of the scenarios that can be played, sorted. */
export function scenarioNames(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => readdirSync(join(folder, name)).includes(SCENARIO_FILE))
    .sort();
}
