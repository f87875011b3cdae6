// One seed of the simulation: marketplace, bank, clock and faults drive the real connection, intake, steps and jobs for
// some weeks; the books are checked after every step, and in the end the channel must agree with the two worlds that
// it only heard of. The same seed makes the same story.

import { invariant } from "../../src/errors/invariant.ts";
import type { Accept } from "../../src/inbox/inbound.ts";
import { randomInteger, seededRandom } from "../../src/marketplace/amazon/statement-generator.ts";
import { formatMinor } from "../../src/money/money.ts";
import { DEFAULT_POLICY } from "../../src/policy/policy.ts";
import { verifyChannel } from "../../src/report/verify/verify-channel.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../../src/runtime/channel.ts";
import { readFileContent } from "../../src/runtime/read-file.ts";
import type { ArrivalPlan } from "../../src/simulator/bank/state.ts";
import {
  type Cast,
  type DemoStoreName,
  LIFE_PACE,
  placeCast,
} from "../../src/simulator/demo-cast.ts";
import type { PayoutPlan } from "../../src/simulator/marketplace/state.ts";
import { createSandbox, newSandboxState, type Sandbox } from "../../src/simulator/sandbox.ts";
import { manualSandboxClock } from "../../src/simulator/sandbox-clock.ts";
import type { Instant } from "../../src/time/instant.ts";
import { checkBooks } from "../properties/books-in-order.ts";
import { fusedDatabase } from "./fused-database.ts";
import { type LiveChannel, openLiveChannel } from "./live-channel.ts";

const START = "2026-03-02T02:00:00.000Z" as Instant;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS = 12;
/** Looks without faults at the end, two days apart, in which everything that is under way arrives. */
const QUIET_LOOKS = 8;
const OPERATIONS = ["getReports", "getReportDocument", "listPayouts", "listFinancialEventGroups"];
/** Statements after which a program dies: early ones hit the start, later ones the middle of a step. */
const CRASH_STATEMENTS_MAX = 90;

/** What the faults of all seeds of a process were, so that a run shows that they happened. */
export const faultCounts = { crashes: 0, late: 0, halves: 0, repeats: 0, disturbances: 0 };

type Item = Parameters<Accept>[0];

type Run = {
  readonly seed: number;
  readonly sandbox: Sandbox;
  readonly cast: Cast;
  readonly stores: readonly DemoStoreName[];
  readonly story: string[];
  readonly between: (low: number, high: number) => number;
  readonly chance: (share: number) => boolean;
  /** Bank messages that are late. */
  readonly late: Item[];
  hasFaults: boolean;
};

/** Runs a seed; throws what does not hold. `story` is filled as it goes, for whoever reads the failure. */
export async function simulate(seed: number, story: string[]): Promise<void> {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => randomInteger(random, low, high);
  const chance = (share: number) => random() < share;
  const clock = manualSandboxClock(START);
  const sandbox = createSandbox({ clock, state: newSandboxState(seed) });
  const cast = placeCast(sandbox, LIFE_PACE);
  const [first, second] = (
    [
      ["us", "de"],
      ["us", "jp"],
      ["de", "jp"],
    ] as const
  )[between(0, 2)]!;
  const stores = chance(0.5) ? [first] : [first, second];
  const run: Run = {
    seed,
    sandbox,
    cast,
    stores,
    story,
    between,
    chance,
    late: [],
    hasFaults: true,
  };
  const live = await openLiveChannel({
    sandbox,
    cast,
    stores,
    deliver: (accept, item) => deliver(run, accept, item),
    fuse: (database) => fusedDatabase(database, () => chance(0.5)),
  });
  try {
    await live.settle();
    for (let step = 0; step < STEPS; step += 1) await oneStep(run, live);
    await quiet(run, live);
    await compare(run, live);
  } finally {
    await live.close();
  }
}

async function oneStep(run: Run, live: LiveChannel): Promise<void> {
  const { between, chance, sandbox, story } = run;
  for (let acts = between(1, 4); acts > 0; acts -= 1) act(run);
  const ms = chance(0.1) ? between(2, 9) * DAY_MS : between(2, 30) * HOUR_MS;
  story.push(`${Math.round(ms / HOUR_MS)} hours pass`);
  sandbox.clock.advanceMs(ms);
  await settleOrCrash(run, live);
  await checkBooks(live.real, DEFAULT_TENANT);
}

/** Lets the channel catch up; sometimes the program dies on the way and starts again. */
async function settleOrCrash(run: Run, live: LiveChannel): Promise<void> {
  const { between, chance, story } = run;
  const database = live.store.database as ReturnType<typeof fusedDatabase>;
  if (run.hasFaults && chance(0.3)) {
    const after = between(1, CRASH_STATEMENTS_MAX);
    story.push(`the program dies at statement ${after}`);
    database.blowAfter(after);
  }
  try {
    await live.settle();
  } catch (error) {
    if (!database.isBlown()) throw error;
  }
  if (!database.isBlown()) {
    database.blowAfter(Number.POSITIVE_INFINITY);
    return;
  }
  faultCounts.crashes += 1;
  story.push("the program starts again");
  await live.crash();
  await live.settle();
}

/** Something happens in one of the two worlds. */
function act(run: Run): void {
  const { between, chance, sandbox, cast, stores, story } = run;
  const name = stores[between(0, stores.length - 1)]!;
  const { storeId, accountNumber, currency } = cast[name];
  const { controls } = sandbox.marketplace;
  const kind = between(1, 100);
  if (kind <= 35) {
    const orders = between(1, 6);
    controls.sell(storeId, { orders, deferral: chance(0.2) ? "DD7" : "none" });
    story.push(`${name} sells ${orders}`);
  } else if (kind <= 60) {
    const closed = controls.closeSettlement(storeId);
    story.push(`${name} closes settlement ${closed.settlementId}`);
  } else if (kind <= 72) {
    const plan = payoutPlanOf(run);
    controls.planPayout(storeId, plan);
    story.push(`${name}'s next payout is ${plan.kind}`);
  } else if (kind <= 88) {
    const plan = arrivalPlanOf(run);
    sandbox.bank.plan(accountNumber, currency, plan);
    story.push(`${name}'s next transfer: ${planText(plan)}`);
  } else if (kind <= 92) {
    controls.charge(storeId, "advertising", -BigInt(between(100, 9_000)));
    story.push(`${name} pays for advertising`);
  } else if (kind <= 97) {
    const operation = OPERATIONS[between(0, OPERATIONS.length - 1)]!;
    const fault = (["throttled", "unavailable", "internal", "empty-page", "lost-answer"] as const)[
      between(0, 4)
    ]!;
    controls.disturb(operation, fault, between(1, 3));
    story.push(`${operation} answers with ${fault}`);
    faultCounts.disturbances += 1;
  } else {
    sandbox.bank.repeatMessages(accountNumber, currency);
    story.push(`the bank tells all of ${name} again`);
  }
}

function payoutPlanOf({ between }: Run): PayoutPlan {
  const plans: readonly PayoutPlan[] = [
    { kind: "failed", reason: "bank-account" },
    { kind: "joined" },
    { kind: "split" },
    { kind: "cancelled" },
    { kind: "carried" },
  ];
  return plans[between(0, plans.length - 1)]!;
}

function arrivalPlanOf({ between }: Run): ArrivalPlan {
  const plans: readonly ArrivalPlan[] = [
    { chargeMinor: BigInt(between(1, 40)) },
    { chargeMinor: BigInt(between(1, 40)), chargeTold: false },
    { parts: 2 },
    { lateMs: between(1, 6) * DAY_MS },
    { advice: "twice" },
    { advice: "copy" },
    { advice: "none" },
    { payerName: "Somebody Else Ltd" },
    { referenceLost: true },
    { back: { kind: "returned", afterMs: between(1, 3) * DAY_MS } },
    { back: { kind: "returned", afterMs: between(1, 3) * DAY_MS, amountMinor: 7n } },
    { back: { kind: "reversed", afterMs: between(1, 3) * DAY_MS } },
  ];
  return plans[between(0, plans.length - 1)]!;
}

function planText(plan: ArrivalPlan): string {
  return JSON.stringify(plan, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** A bank's message on its way in: late, twice, in half first, out of order, or with its answer lost. */
async function deliver(run: Run, accept: Accept, item: Item): Promise<void> {
  const { between, chance, late, story } = run;
  if (!run.hasFaults) {
    await accept(item);
    return;
  }
  const kind = between(1, 100);
  if (kind <= 10) {
    story.push(`${item.name} is late`);
    faultCounts.late += 1;
    late.push(item);
    return;
  }
  if (kind <= 16) {
    const half = Math.floor(item.bytes.byteLength / 2);
    story.push(`${item.name} comes in half first`);
    faultCounts.halves += 1;
    await accept({ ...item, name: `half-${item.name}`, bytes: item.bytes.subarray(0, half) });
  }
  if (kind > 16 && kind <= 22 && late.length > 0) {
    story.push("a late message comes before");
    for (const waiting of late.splice(0)) await accept(waiting);
  }
  await accept(item);
  // The sender did not hear the answer.
  if (chance(0.1)) {
    story.push(`${item.name} is sent again`);
    faultCounts.repeats += 1;
    await accept(item);
  }
}

/** No more faults: what is late comes, what waits is closed, and time passes. */
async function quiet(run: Run, live: LiveChannel): Promise<void> {
  const { sandbox, cast, stores } = run;
  run.hasFaults = false;
  for (const item of run.late.splice(0)) await live.accept(item);
  for (const name of stores) sandbox.marketplace.controls.closeSettlement(cast[name].storeId);
  for (let look = 0; look < QUIET_LOOKS; look += 1) {
    sandbox.clock.advanceMs(2 * DAY_MS);
    await live.settle();
  }
  await checkBooks(live.real, DEFAULT_TENANT);
}

/** The channel's record beside what really happened. */
async function compare(run: Run, live: LiveChannel): Promise<void> {
  await compareMoney(run, live);
  await compareStatements(run, live);
  await compareEvents(live);
  const { findings } = await verifyChannel({
    database: live.real,
    rawStore: live.store.rawStore,
    readFacts: readFileContent,
    policy: DEFAULT_POLICY,
    scope: { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION },
    now: run.sandbox.clock.now(),
  });
  invariant(findings.length === 0, `verification finds ${JSON.stringify(findings.slice(0, 3))}`);
}

/** Every movement that the bank booked and told is on record once, and nothing else is. */
async function compareMoney({ sandbox, stores, cast }: Run, live: LiveChannel): Promise<void> {
  const accounts = new Set(stores.map((name) => cast[name].accountNumber));
  const told = sandbox.state.bank.accounts
    .filter(({ accountNumber }) => accounts.has(accountNumber))
    .flatMap(({ accountNumber, currency, bookings }) =>
      bookings.map(
        ({ direction, amountMinor }) =>
          `${accountNumber} ${direction} ${currency} ${formatMinor(amountMinor, currency)}`,
      ),
    )
    .sort();
  const rows = await live.real.query<{ line: string; minor: bigint; currency: string }>(
    `SELECT account_number || ' ' || direction || ' ' || currency AS line, amount_minor AS minor, currency
       FROM bank_transaction WHERE tenant_id = $1 AND state = 'booked'`,
    [DEFAULT_TENANT],
  );
  const known = rows
    .map(({ line, minor, currency }) => `${line} ${formatMinor(minor, currency as never)}`)
    .sort();
  invariant(
    JSON.stringify(known) === JSON.stringify(told),
    `the bank booked\n${told.join("\n")}\nand on record is\n${known.join("\n")}`,
  );
}

/** Every settlement with a report is on record, proven, with the marketplace's own total. */
async function compareStatements({ sandbox, cast, stores }: Run, live: LiveChannel): Promise<void> {
  const owed = stores
    .flatMap((name) => sandbox.marketplace.controls.store(cast[name].storeId).settlements)
    .filter(({ endAt }) => endAt !== null)
    .map(({ settlementId, totalMinor }) => `${settlementId} ${totalMinor ?? 0n}`)
    .sort();
  const rows = await live.real.query<{ line: string }>(
    `SELECT settlement_id || ' ' || summed_minor AS line FROM statement
      WHERE tenant_id = $1 AND is_current AND verdict = 'proven' ORDER BY 1`,
    [DEFAULT_TENANT],
  );
  const known = rows.map(({ line }) => line).sort();
  invariant(
    JSON.stringify(known) === JSON.stringify(owed),
    `the marketplace closed\n${owed.join("\n")}\nand on record is\n${known.join("\n")}`,
  );
}

/** The feed has every place once, from 1 to the last. */
async function compareEvents({ real }: LiveChannel): Promise<void> {
  const [row] = await real.query<{ count: bigint; last: bigint | null }>(
    `SELECT count(*) AS count, max(seq) AS last FROM timeline_event WHERE tenant_id = $1`,
    [DEFAULT_TENANT],
  );
  invariant(row !== undefined && row.count === row.last, "the feed of events has a gap");
}
