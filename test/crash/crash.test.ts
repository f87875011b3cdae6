// Kills the program, its PostgreSQL, or both, with SIGKILL at seeded moments while it settles a month of files, again
// and again on one data folder; then lets it run to its end. The end must be that of a run that nothing disturbed:
// nothing lost, nothing twice, and every check of `verify` in order.

import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/marketplace/amazon/statement-generator.ts";
import { start, strike, untilReady, type Victim } from "./killed-run.ts";

const SCENARIO = join(import.meta.dirname, "../../scenarios/first-month");
const LATER = join(SCENARIO, "later");
const FILES = [
  ...readdirSync(SCENARIO, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !["sellers.json", "story.md"].includes(entry.name))
    .map((entry) => join(SCENARIO, entry.name)),
  ...readdirSync(LATER).map((name) => join(LATER, name)),
];
const SELLERS = join(SCENARIO, "sellers.json");
/** Kills in one round, before the run that nothing disturbs. */
const KILLS_PER_ROUND = 3;
const ROUNDS = Number(process.env["STRAITWAY_CRASH_ROUNDS"] ?? 8);
const SEEDS =
  process.env["STRAITWAY_CRASH_SEED"] === undefined
    ? Array.from({ length: ROUNDS }, (_, index) => index + 1)
    : [Number(process.env["STRAITWAY_CRASH_SEED"])];

const folders: string[] = [];
let undisturbed: unknown;
let undisturbedMs = 0;
let settlingMs = 0;
const tally = { kills: 0, atWork: 0, carriedOn: 0 };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "straitway-crash-"));
  // Open to the account that PostgreSQL runs under when we are root, so that the cluster stands in the data folder.
  chmodSync(folder, 0o755);
  folders.push(folder);
  return join(folder, "data");
}

async function ask(dataDir: string, ...words: string[]): Promise<Record<string, unknown>> {
  const { out, err, code } = await start([...words, "--json", "--data", dataDir]).done;
  expect({ code, err, answered: out !== "" }).toMatchObject({ answered: true });
  return JSON.parse(out) as Record<string, unknown>;
}

type Payout = Record<string, unknown> & { holds: Record<string, unknown>[] };

/** What must not depend on how often the program died: payouts, every book, exceptions; no instants, no ages. */
async function endState(dataDir: string): Promise<unknown> {
  const { payouts } = (await ask(dataDir, "payout", "list")) as { payouts: Payout[] };
  const { accounts } = (await ask(dataDir, "account", "list")) as { accounts: { id: string }[] };
  const { exceptions } = (await ask(dataDir, "exception", "list")) as {
    exceptions: Record<string, unknown>[];
  };
  const books = [];
  for (const { id } of accounts) books.push((await ask(dataDir, "account", "show", id))["books"]);
  return {
    payouts: payouts.map((payout) => ({
      id: payout["id"],
      amount: payout["amount"],
      state: payout["state"],
      credited: payout["creditedAmount"],
      charged: payout["chargedAmount"],
      holds: payout.holds.map((hold) => [hold["code"], hold["amount"], hold["message"]]),
      settlements: (payout["statements"] as { settlementId: string }[]).map(
        (item) => item.settlementId,
      ),
      // A credit's id names its first telling; which came first is not part of the end.
      credits: (payout["credits"] as Record<string, unknown>[]).map((item) => [
        item["account"],
        item["valueOn"],
        item["amount"],
        item["charges"],
        item["released"],
        item["confirmed"],
      ]),
    })),
    accounts,
    books,
    exceptions: exceptions.map((item) => [item["kind"], item["code"], item["amount"]]).sort(byText),
  };
}

function byText(left: unknown, right: unknown): number {
  return String(left) < String(right) ? -1 : 1;
}

function settle(dataDir: string, files: readonly string[]) {
  return start(["settle", "--json", "--data", dataDir, "--seller", SELLERS, ...files]);
}

beforeAll(async () => {
  const dataDir = newFolder();
  const began = performance.now();
  const run = settle(dataDir, FILES);
  await untilReady(dataDir, run.child);
  const ready = performance.now();
  const first = await run.done;
  undisturbedMs = performance.now() - began;
  settlingMs = performance.now() - ready;
  expect(first.out).not.toBe("");
  expect(existsSync(join(dataDir, "postgres"))).toBe(true);
  undisturbed = await endState(dataDir);
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  console.log(
    `crash rounds: ${SEEDS.length} (seeds ${SEEDS[0]} to ${SEEDS.at(-1)}), ${tally.kills} kills, ` +
      `${tally.atWork} of them while the program was at work; ` +
      `${tally.carriedOn} runs carried on files that a killed run had stored`,
  );
});

describe("a channel that is killed at any moment", () => {
  it.each(SEEDS)("comes to the same end, seed %i", async (seed) => {
    const random = seededRandom(seed);
    const pick = <Item>(items: readonly Item[]): Item =>
      items[Math.floor(random() * items.length)] as Item;
    const dataDir = newFolder();
    const shuffled = FILES.map((file) => ({ file, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ file }) => file);
    for (let kill = 0; kill < KILLS_PER_ROUND; kill += 1) {
      const run = settle(dataDir, shuffled.slice(0, 3 + Math.floor(random() * shuffled.length)));
      const victim = pick<Victim>(["program", "program", "postgres", "both"]);
      // One kill in four at any moment of the run, the start of PostgreSQL included; the others while files are
      // stored and settled.
      const anyMoment = random() < 0.25;
      if (!anyMoment) await untilReady(dataDir, run.child);
      const longest = anyMoment ? undisturbedMs : settlingMs;
      await Promise.race([pause(random() * longest), run.done]);
      tally.kills += 1;
      if (strike(victim, run.child, dataDir)) tally.atWork += 1;
      const { err } = await run.done;
      if (err.includes("carried on after an interruption")) tally.carriedOn += 1;
    }
    const last = await settle(dataDir, shuffled).done;
    if (last.err.includes("carried on after an interruption")) tally.carriedOn += 1;
    expect({ err: last.err, answered: last.out !== "" }).toMatchObject({ answered: true });
    expect(await endState(dataDir)).toEqual(undisturbed);
    expect(await ask(dataDir, "verify")).toMatchObject({ ok: true });
  });
});
