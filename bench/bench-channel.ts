// A channel of its own for a benchmark: a temporary data folder, the embedded PostgreSQL with fsync on, everything
// removed afterwards.

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invariant } from "../src/errors/invariant.ts";
import { DEFAULT_POLICY } from "../src/policy/policy.ts";
import { type Channel, openChannel } from "../src/runtime/channel.ts";
import { openStore, type Store } from "../src/storage/store.ts";
import { systemClock } from "../src/time/clock.ts";
import {
  type MadePayout,
  madePayout,
  madeSeller,
  payoutListFile,
  settlementsFile,
} from "./made-payouts.ts";

/** Runs `work` with a new data folder and removes it afterwards. */
export async function withBenchFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "straitway-bench-"));
  // The account that an embedded PostgreSQL runs under must be able to enter, or its files go elsewhere and stay.
  await chmod(folder, 0o755);
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function openBenchStore(dataDir: string): Promise<Store> {
  const opened = await openStore({ dataDir, clock: systemClock });
  if (!opened.ok) throw new Error(`${opened.refusal.code}: ${opened.refusal.message}`);
  return opened.value;
}

export async function openBenchChannel(dataDir: string): Promise<Channel> {
  const store = await openBenchStore(dataDir);
  return openChannel(store, { policy: DEFAULT_POLICY, clock: systemClock, isOwnDatabase: true });
}

/** Registers sellers 0 to `count - 1` with their accounts. */
export async function registerSellers(channel: Channel, count: number): Promise<void> {
  const registered = await channel.register(
    Array.from({ length: count }, (_, at) => madeSeller(at)),
  );
  invariant(registered.ok, "the made-up sellers are registered");
}

/** Payouts handed to the channel in one call: two files a seller, settled in steps of many. */
const PAYOUTS_PER_CALL = 10_000;

/** Puts payouts `from` to `to - 1`, announced and with their proven statements, through the real path. */
export async function announcePayouts(
  channel: Channel,
  from: number,
  to: number,
  sellerCount: number,
): Promise<void> {
  for (let first = from; first < to; first += PAYOUTS_PER_CALL) {
    const count = Math.min(PAYOUTS_PER_CALL, to - first);
    const bySeller = new Map<string, MadePayout[]>();
    for (let index = first; index < first + count; index += 1) {
      const payout = madePayout(index, sellerCount);
      const list = bySeller.get(payout.sellerId);
      if (list === undefined) bySeller.set(payout.sellerId, [payout]);
      else list.push(payout);
    }
    const files = [...bySeller.values()].flatMap((own) => [
      settlementsFile(own),
      payoutListFile(own),
    ]);
    const outcomes = await channel.settle(
      files.map(({ name, text, sellerId }) => ({ name, bytes: () => pieces(text), sellerId })),
    );
    const refused = outcomes.find(({ outcome }) => outcome !== "new");
    invariant(refused === undefined, `a made-up file was not taken: ${JSON.stringify(refused)}`);
  }
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, "utf8");
}
