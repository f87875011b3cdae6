// Settles the same files in many orders and compares the end states: all at once, one by one as given, backwards and
// shuffled by seed. The books are checked after every step of every run.

import { expect } from "vitest";
import { randomInteger, seededRandom } from "../../src/marketplace/amazon/statement-generator.ts";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/policy.ts";
import { verifyChannel } from "../../src/report/verify/verify-channel.ts";
import { DEFAULT_PARTITION } from "../../src/runtime/channel.ts";
import { readFileContent } from "../../src/runtime/read-file.ts";
import type { Instant } from "../../src/time/instant.ts";
import { checkBooks } from "./books-in-order.ts";
import { type EndState, endState } from "./end-state.ts";
import { type MadeFile, type TestChannel, withChannel } from "./test-channel.ts";

/** Exceptions are told as of this instant, after every made-up file and every step. */
export const END_AT = "2026-04-20T02:00:00.000Z" as Instant;

/** Shuffled orders beside those that are always run; all orders where there are fewer. */
const SHUFFLES = 6;

export function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const random = seededRandom(seed);
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = randomInteger(random, 0, index);
    [order[index], order[other]] = [order[other] as Item, order[index] as Item];
  }
  return order;
}

/** Files handed over in one call at most, in a shuffled run. */
const STEP_FILES_MAX = 4;

/** The files in a shuffled order, in calls of one to four, with some of them renamed and some of them twice. */
export function shuffledSteps(
  files: readonly MadeFile[],
  seed: number,
): readonly (readonly MadeFile[])[] {
  const random = seededRandom(seed);
  const again = files
    .filter(() => random() < 0.2)
    .map((item) => ({ ...item, name: `again-${item.name}` }));
  const order = shuffled([...files, ...again], seed);
  const steps: MadeFile[][] = [];
  for (let from = 0; from < order.length; ) {
    const length = randomInteger(random, 1, STEP_FILES_MAX);
    steps.push(order.slice(from, from + length));
    from += length;
  }
  return steps;
}

/** Runs the steps on a fresh channel; each step is one call, and the books are checked after it. */
export async function runSteps(
  steps: readonly (readonly MadeFile[])[],
  options: { readonly policy?: Policy; readonly prepare?: (at: TestChannel) => Promise<void> } = {},
): Promise<EndState> {
  const { policy = DEFAULT_POLICY, prepare } = options;
  let state: EndState | null = null;
  await withChannel(async (at) => {
    await prepare?.(at);
    const { database } = at.channel.store;
    for (const step of steps) {
      await at.settle(...step);
      await checkBooks(database, at.channel.tenantId);
    }
    state = await endState(database, at.channel.tenantId, { policy, now: END_AT });
    expect(await differencesIn(at), "what verification finds").toEqual([]);
  }, policy);
  return state as unknown as EndState;
}

/** The program's own verification: every file is read again and compared with all that stands on record. */
async function differencesIn({ channel }: TestChannel): Promise<readonly object[]> {
  const verification = await verifyChannel({
    database: channel.store.database,
    rawStore: channel.store.rawStore,
    readFacts: readFileContent,
    policy: channel.policy,
    scope: { tenantId: channel.tenantId, partition: DEFAULT_PARTITION },
    now: END_AT,
  });
  return verification.findings;
}

export function ordersOf(files: readonly MadeFile[]): readonly (readonly MadeFile[])[] {
  const orders = [files, [...files].reverse()];
  for (let seed = 1; seed <= SHUFFLES; seed += 1) orders.push([...shuffled(files, seed)]);
  return [...new Map(orders.map((order) => [namesOf(order), order])).values()];
}

function namesOf(order: readonly MadeFile[]): string {
  return order.map(({ name }) => name).join(" > ");
}

/**
 * Expects the same end state from all files at once and from every order one by one, and again when each file comes
 * twice; returns it.
 */
export async function inAnyOrder(
  files: readonly MadeFile[],
  options: { readonly policy?: Policy; readonly prepare?: (at: TestChannel) => Promise<void> } = {},
): Promise<EndState> {
  const atOnce = await runSteps([files], options);
  for (const order of ordersOf(files)) {
    const oneByOne = await runSteps(
      order.map((file) => [file]),
      options,
    );
    expect(oneByOne, `one by one: ${namesOf(order)}`).toEqual(atOnce);
  }
  const twice = await runSteps([files, ...files.map((file) => [file]), files], options);
  expect(twice, "every file again").toEqual(atOnce);
  return atOnce;
}
