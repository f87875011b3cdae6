// Holds that two people let pass, in made-up worlds: whether a waiver comes before or after any other fact, the end is
// the same. What is waived is planned from the end of one run, and asked for as early as its payout and credit are known
// in the others.

import { describe, expect, it } from "vitest";
import { decideApproval, requestApproval } from "../../src/approval/approval-acts.ts";
import { invariant } from "../../src/errors/invariant.ts";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/policy.ts";
import type { HoldCode } from "../../src/release/decide-release.ts";
import {
  type HoldRelease,
  holdReleaseJson,
  planHoldRelease,
} from "../../src/release/hold-release.ts";
import { loadReleaseFacts } from "../../src/release/release-facts.ts";
import { withWaivers } from "../../src/release/waiver-rows.ts";
import { isWaivable } from "../../src/release/waivers.ts";
import { verifyChannel } from "../../src/report/verify/verify-channel.ts";
import { DEFAULT_PARTITION } from "../../src/runtime/channel.ts";
import { readFileContent } from "../../src/runtime/read-file.ts";
import { civilDateIn } from "../../src/time/instant.ts";
import { checkBooks } from "./books-in-order.ts";
import { type EndState, endState } from "./end-state.ts";
import { ACME_ACCOUNT, BETA_ACCOUNT } from "./made-files.ts";
import { makeWorld } from "./made-world.ts";
import { END_AT, shuffledSteps } from "./order-runs.ts";
import { type MadeFile, register, type TestChannel, withChannel } from "./test-channel.ts";

const WORLDS = Number(process.env["STRAITWAY_WORLDS"] ?? "6");
const SEEDS =
  process.env["STRAITWAY_WORLD_SEED"] === undefined
    ? Array.from({ length: WORLDS }, (_, index) => 1 + index)
    : [Number(process.env["STRAITWAY_WORLD_SEED"])];

/** Knows no payer, so that all money which names its payout is held, and whatever else is wrong with it besides. */
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  name: "strangers",
  payers: { amazon: ["Nobody At All"] },
};

/** A part of an approved release, by what names it in every run. */
type PlannedPart = {
  readonly reference: string;
  readonly code: HoldCode;
  readonly credit: string;
  readonly minor: bigint;
  readonly causes: readonly string[];
};

/** What tells a credit apart whichever message told of it first. */
const CREDIT_NAME = `concat_ws('/', account_number, currency, amount_minor, uetr, end_to_end_id, value_on)`;

async function namesOfCredits({ channel }: TestChannel): Promise<ReadonlyMap<string, string>> {
  const rows = await channel.store.database.query<{ id: string; name: string }>(
    `SELECT transaction_id AS id, ${CREDIT_NAME} AS name FROM bank_transaction WHERE direction = 'credit'`,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** All that is held in the end, by credit; where several credits have one name nobody could tell them apart. */
async function planOf(at: TestChannel): Promise<readonly PlannedPart[]> {
  const { channel } = at;
  const { database } = channel.store;
  const names = await namesOfCredits(at);
  const counts = new Map<string, number>();
  for (const name of names.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const holds = await database.query<{ payout_id: string; code: HoldCode }>(
    "SELECT payout_id, code FROM hold WHERE closed_at IS NULL",
  );
  const planned: PlannedPart[] = [];
  for (const { payout_id, code } of holds.filter((hold) => isWaivable(hold.code))) {
    const loaded = await loadReleaseFacts(database, channel.tenantId, [payout_id]);
    const [facts] = await withWaivers(database, channel.tenantId, loaded, channel.policy);
    const today = civilDateIn(channel.policy.zone, channel.clock.now());
    const plan = planHoldRelease(facts!, channel.policy, today, {
      holdId: "h",
      code,
      amountMinor: null,
    });
    invariant(plan.ok, "an open hold can be planned");
    for (const part of plan.value.parts) {
      const credit = names.get(part.creditId) ?? "";
      if (counts.get(credit) !== 1) continue;
      const { reference } = facts!;
      planned.push({ reference, code, credit, minor: part.upToMinor, causes: part.causes });
    }
  }
  return planned;
}

/** Approves what of the plan can be named now; returns the rest. */
async function waiveKnown(
  at: TestChannel,
  planned: readonly PlannedPart[],
): Promise<readonly PlannedPart[]> {
  const { database } = at.channel.store;
  const names = await namesOfCredits(at);
  const creditOf = new Map([...names].map(([id, name]) => [name, id]));
  const payouts = await database.query<{ payout_id: string; reference: string }>(
    "SELECT payout_id, reference FROM payout WHERE merged_into IS NULL AND seller_id IS NOT NULL",
  );
  const payoutOf = new Map(payouts.map((row) => [row.reference, row.payout_id]));
  const left: PlannedPart[] = [];
  for (const part of planned) {
    const payoutId = payoutOf.get(part.reference);
    const creditId = creditOf.get(part.credit);
    if (payoutId === undefined || creditId === undefined) left.push(part);
    else await approve(at, part, payoutId, creditId);
  }
  await at.channel.carryOutApproved();
  return left;
}

async function approve(
  { channel }: TestChannel,
  part: PlannedPart,
  payoutId: string,
  creditId: string,
): Promise<void> {
  const { tenantId, clock, store } = channel;
  const { code, minor, causes } = part;
  const release: HoldRelease = {
    payoutId,
    holdId: "hold_of_another_run",
    code,
    message: "as planned",
    currency: part.credit.split("/")[1] as HoldRelease["currency"],
    heldMinor: minor,
    amountMinor: minor,
    parts: [{ creditId, amountMinor: minor, upToMinor: minor, causes: [...causes] }],
  };
  await store.database.transaction(async (tx) => {
    const asked = await requestApproval(
      tx,
      tenantId,
      {
        kind: "hold-release",
        claim: `${payoutId}/${code}/${creditId}`,
        subject: payoutId,
        sellerId: null,
        body: holdReleaseJson(release),
        told: {},
        reason: "As planned.",
        maker: { id: "user_maker", personId: "user_maker" },
      },
      clock.now(),
    );
    invariant(asked.ok, "a planned waiver is asked for once");
    const decision = { outcome: "approved", checker: "user_checker", reason: null } as const;
    await decideApproval(tx, tenantId, asked.value.approvalId, decision, clock.now());
  });
}

/** Settles the steps; what is planned is waived after each of them, or, with a null plan, planned and waived at the end. */
async function run(
  steps: readonly (readonly MadeFile[])[],
  plan: readonly PlannedPart[] | null,
): Promise<{ readonly state: EndState; readonly plan: readonly PlannedPart[] }> {
  let end: EndState | null = null;
  let used: readonly PlannedPart[] = plan ?? [];
  await withChannel(async (at) => {
    await register(at, [
      { id: "acme", accounts: [[ACME_ACCOUNT, "USD"]] },
      { id: "beta", accounts: [[BETA_ACCOUNT, "USD"]] },
    ]);
    const { database } = at.channel.store;
    let left = used;
    for (const step of steps) {
      await at.settle(...step);
      left = await waiveKnown(at, left);
      await checkBooks(database, at.channel.tenantId);
    }
    if (plan === null) {
      used = await planOf(at);
      left = await waiveKnown(at, used);
      await checkBooks(database, at.channel.tenantId);
    }
    expect(left).toEqual([]);
    end = await endState(database, at.channel.tenantId, { policy: POLICY, now: END_AT });
    const verification = await verifyChannel({
      database,
      rawStore: at.channel.store.rawStore,
      readFacts: readFileContent,
      policy: POLICY,
      scope: { tenantId: at.channel.tenantId, partition: DEFAULT_PARTITION },
      now: END_AT,
    });
    expect(verification.findings, "what verification finds").toEqual([]);
  }, POLICY);
  return { state: end as unknown as EndState, plan: used };
}

let waived = 0;

describe("waivers in a made-up world", () => {
  it.each(SEEDS)("come to the same end before and after any other fact (seed %i)", async (seed) => {
    const world = makeWorld(seed);
    const { state: atOnce, plan } = await run([world.files], null);
    waived += plan.length;
    for (const order of [seed * 3 + 1, seed * 3 + 2]) {
      const steps = shuffledSteps(world.files, order);
      const told = steps.map((step) => step.map(({ name }) => name).join(" + ")).join(" > ");
      const { state } = await run(steps, plan);
      expect(state, `seed ${seed}: ${told}\n${world.story.join("\n")}`).toEqual(atOnce);
    }
  });

  it("had something to waive", () => {
    expect(waived).toBeGreaterThan(SEEDS.length);
  });
});
