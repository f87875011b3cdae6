// What a credit costs when the channel is old: the same credits go through two channels in turn, one with a thousand
// payouts behind it and one with a million, so that both meet the same machine in the same second. The bar: the old
// one's median is at most 1.3 times the young one's. Run: npm run bench -- history

import { parseArgs } from "node:util";
import { invariant } from "../src/errors/invariant.ts";
import { openReceiver, type Receiver } from "../src/runtime/receiver.ts";
import {
  announcePayouts,
  openBenchChannel,
  openBenchStore,
  registerSellers,
  withBenchFolder,
} from "./bench-channel.ts";
import { closedLoop, type Pool } from "./credit-load.ts";
import { type Latencies, latenciesOf, tableOf } from "./latencies.ts";
import { multiplyHistory } from "./made-history.ts";

const SELLER_COUNT = 200;
/** Payouts that go through the real path in both channels; the old one's history is made of their rows. */
const REAL_COUNT = 1_000;
const WARM_UP_COUNT = 400;
const MEASURED_COUNT = 1_500;
/** Credits sent to one channel before it is the other's turn. */
const TURN_COUNT = 10;

type Options = { readonly payouts: number; readonly json: boolean };

export async function benchHistory(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      payouts: { type: "string", default: "1000000" },
      json: { type: "boolean", default: false },
    },
  });
  const options: Options = { payouts: Number(values.payouts), json: values.json };
  invariant(
    options.payouts >= 2 * REAL_COUNT,
    `--payouts takes a number from ${2 * REAL_COUNT} on`,
  );
  await withBenchFolder((young) => withBenchFolder((old) => measure(young, old, options)));
}

async function measure(young: string, old: string, options: Options): Promise<void> {
  await makeReal(young);
  await makeReal(old);
  const startedAt = performance.now();
  const rows = await grow(old, Math.ceil(options.payouts / REAL_COUNT) - 1);
  const fillSeconds = Math.round((performance.now() - startedAt) / 1000);
  const [fresh, grown] = [await openBenchChannel(young), await openBenchChannel(old)];
  try {
    const to = REAL_COUNT + WARM_UP_COUNT + MEASURED_COUNT;
    await announcePayouts(fresh, REAL_COUNT, to, SELLER_COUNT);
    await announcePayouts(grown, REAL_COUNT, to, SELLER_COUNT);
    const [of, after] = await inTurn(openReceiver(fresh), openReceiver(grown), to);
    const ratio = after.p50Ms / of.p50Ms;
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ rows: String(rows), fillSeconds, young: of, old: after, ratio })}\n`,
      );
    else print(options, { rows, fillSeconds, of, after, ratio });
  } finally {
    await fresh.close();
    await grown.close();
  }
}

/** The first thousand payouts, all credited, through the real path. */
async function makeReal(folder: string): Promise<void> {
  const channel = await openBenchChannel(folder);
  try {
    await registerSellers(channel, SELLER_COUNT);
    await announcePayouts(channel, 0, REAL_COUNT, SELLER_COUNT);
    const receiver = openReceiver(channel);
    const pool: Pool = { next: 0, end: REAL_COUNT, sellerCount: SELLER_COUNT };
    await closedLoop(receiver, pool, { callers: 64, count: REAL_COUNT, ms: Infinity });
    await receiver.close();
  } finally {
    await channel.close();
  }
}

/** No channel is open meanwhile: its writer must not remember what the copies change. */
async function grow(folder: string, copyCount: number): Promise<bigint> {
  const store = await openBenchStore(folder);
  try {
    return await multiplyHistory(store.database, copyCount, (copies) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${copies} of ${copyCount} copies`);
    });
  } finally {
    await store.close();
  }
}

/** Sends the same credits to both channels, some to one, some to the other, and forgets the first ones. */
async function inTurn(
  young: Receiver,
  old: Receiver,
  end: number,
): Promise<[Latencies, Latencies]> {
  const sides = [young, old].map((receiver) => ({
    receiver,
    pool: { next: REAL_COUNT, end, sellerCount: SELLER_COUNT } satisfies Pool,
    calls: [] as number[],
  }));
  for (let sent = 0; sent < WARM_UP_COUNT + MEASURED_COUNT; sent += TURN_COUNT) {
    for (const { receiver, pool, calls } of sides) {
      const turn = { callers: 1, count: TURN_COUNT, ms: Infinity };
      const { callsMs } = await closedLoop(receiver, pool, turn);
      if (sent >= WARM_UP_COUNT) calls.push(...callsMs);
    }
  }
  await young.close();
  await old.close();
  const [of, after] = sides.map(({ calls }) =>
    latenciesOf(
      calls,
      calls.reduce((sum, ms) => sum + ms, 0),
    ),
  );
  invariant(of !== undefined && after !== undefined, "both channels were measured");
  return [of, after];
}

type Found = {
  readonly rows: bigint;
  readonly fillSeconds: number;
  readonly of: Latencies;
  readonly after: Latencies;
  readonly ratio: number;
};

function print(options: Options, { rows, fillSeconds, of, after, ratio }: Found): void {
  const cells = [
    [`after ${REAL_COUNT}`, of] as const,
    [`after ${options.payouts}`, after] as const,
  ].map(([name, { count, p50Ms, p99Ms, maxMs }]) => [
    name,
    String(count),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    maxMs.toFixed(1),
  ]);
  const head = ["payouts of history", "credits", "median ms", "p99 ms", "max ms"];
  process.stdout.write(
    `${rows} rows of history made in ${fillSeconds} s, fsync on, credits one at a time, in turn\n\n` +
      `${tableOf([head, ...cells])}\nratio of the medians  ${ratio.toFixed(2)} (bar: 1.30)\n`,
  );
}
