// Sends credit notices to a receiver: one at a time, from so many callers at once, or at a fixed rate whatever the
// answers take. Each notice is a camt.054 of its own, made before the clock starts.

import { setTimeout as delay } from "node:timers/promises";
import { invariant } from "../src/errors/invariant.ts";
import type { Receiver } from "../src/runtime/receiver.ts";
import { instantOfMs } from "../src/time/instant.ts";
import { type Latencies, latenciesOf } from "./latencies.ts";
import { creditNotice, madePayout } from "./made-payouts.ts";

/** Payouts that are announced and not credited yet, by number: each is taken once. */
export type Pool = { next: number; readonly end: number; readonly sellerCount: number };

/** Milliseconds between two looks at the schedule of a fixed rate. */
const TICK_MS = 1;

export type Load = {
  readonly latencies: Latencies;
  /** What each call took, in milliseconds, in the order of the answers. */
  readonly callsMs: readonly number[];
  /** Payouts whose credit was sent: from, to (exclusive). */
  readonly from: number;
  readonly to: number;
};

type Notice = { readonly name: string; readonly bytes: Uint8Array };

function noticesOf(pool: Pool, count: number): Notice[] {
  invariant(pool.next + count <= pool.end, "not enough payouts were announced for this load");
  const createdAt = instantOfMs(Date.now());
  return Array.from({ length: count }, (_, at) => ({
    name: `notice-${pool.next + at}.xml`,
    bytes: creditNotice(madePayout(pool.next + at, pool.sellerCount), createdAt),
  }));
}

async function sendOne(receiver: Receiver, { name, bytes }: Notice): Promise<void> {
  const { outcome, reasons } = await receiver.receive(name, bytes);
  invariant(outcome === "new", `${name} was ${outcome}: ${JSON.stringify(reasons)}`);
}

/** `callers` callers that each send the next notice when the last is answered, until `count` or `ms` is over. */
export async function closedLoop(
  receiver: Receiver,
  pool: Pool,
  load: { readonly callers: number; readonly count: number; readonly ms: number },
): Promise<Load> {
  const from = pool.next;
  const notices = noticesOf(pool, load.count);
  const calls: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const call = async (): Promise<void> => {
    while (next < notices.length && performance.now() - startedAt < load.ms) {
      const notice = notices[next]!;
      next += 1;
      const sentAt = performance.now();
      await sendOne(receiver, notice);
      calls.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: load.callers }, call));
  pool.next = from + next;
  return {
    latencies: latenciesOf(calls, performance.now() - startedAt),
    callsMs: calls,
    from,
    to: pool.next,
  };
}

/**
 * `rate` notices a second for `ms`, sent when they are due. A latency counts from the moment the notice was due: one
 * that had to be sent late because the process was busy is late for its seller too.
 */
export async function openLoop(
  receiver: Receiver,
  pool: Pool,
  load: { readonly rate: number; readonly ms: number },
): Promise<Load> {
  const from = pool.next;
  const notices = noticesOf(pool, Math.floor((load.rate * load.ms) / 1000));
  pool.next += notices.length;
  const calls: number[] = [];
  const sent: Promise<void>[] = [];
  const startedAt = performance.now();
  const send = async (notice: Notice, dueAt: number): Promise<void> => {
    await sendOne(receiver, notice);
    calls.push(performance.now() - dueAt);
  };
  for (let next = 0; next < notices.length; ) {
    const due = Math.min(
      notices.length,
      Math.floor(((performance.now() - startedAt) * load.rate) / 1000),
    );
    for (; next < due; next += 1)
      sent.push(send(notices[next]!, startedAt + (next * 1000) / load.rate));
    await delay(TICK_MS);
  }
  await Promise.all(sent);
  const latencies = latenciesOf(calls, performance.now() - startedAt);
  return { latencies, callsMs: calls, from, to: pool.next };
}
