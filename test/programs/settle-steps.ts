// A program that settles files in steps and says where it is, one JSON line at a time, so that tests can kill it in the
// middle of one. Arguments: data folder, a JSON file with the sellers and the steps, and "end" to say how it ended.

import { createReadStream, readFileSync } from "node:fs";
import { Outage } from "../../src/errors/outage.ts";
import type { SellerRegistration } from "../../src/identity/sellers.ts";
import { DEFAULT_POLICY } from "../../src/policy/policy.ts";
import { type Channel, openChannel } from "../../src/runtime/channel.ts";
import { openStore } from "../../src/storage/store.ts";
import { systemClock } from "../../src/time/clock.ts";
import type { Instant } from "../../src/time/instant.ts";
import { checkBooks } from "../properties/books-in-order.ts";
import { type EndState, endState } from "../properties/end-state.ts";

export type StepFile = {
  readonly name: string;
  readonly path: string;
  readonly sellerId: string | null;
};

export type StepsToSettle = {
  readonly sellers: readonly SellerRegistration[];
  readonly steps: readonly (readonly StepFile[])[];
  /** Exceptions are told as of this instant. */
  readonly endAt: Instant;
  /** Where the schema is: a compiled program does not stand beside it. */
  readonly migrationsDir: string;
};

export type SettleAnswer =
  | { readonly opened: string; readonly recovered: number }
  | { readonly begun: number }
  | { readonly settled: number }
  | { readonly outage: string }
  | { readonly end: EndState }
  | { readonly refusal: string; readonly message: string };

const [, , dataDir = "", stepsPath = "", last = ""] = process.argv;

function say(answer: SettleAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function settleAll(channel: Channel, told: StepsToSettle): Promise<void> {
  const registered = await channel.register(told.sellers);
  if (!registered.ok) throw new Error(registered.refusal.message);
  for (const [index, step] of told.steps.entries()) {
    say({ begun: index });
    await channel.settle(
      step.map(({ name, path, sellerId }) => ({
        name,
        sellerId,
        bytes: () => createReadStream(path) as AsyncIterable<Uint8Array>,
      })),
    );
    say({ settled: index });
  }
  if (last !== "end") return;
  const { database } = channel.store;
  await checkBooks(database, channel.tenantId);
  const at = { policy: DEFAULT_POLICY, now: told.endAt };
  say({ end: await endState(database, channel.tenantId, at) });
}

const told = JSON.parse(readFileSync(stepsPath, "utf8")) as StepsToSettle;
const opened = await openStore({
  dataDir,
  clock: systemClock,
  migrationsDir: told.migrationsDir,
});
if (opened.ok) {
  process.once("exit", opened.value.killNow);
  try {
    const channel = await openChannel(opened.value, {
      policy: DEFAULT_POLICY,
      clock: systemClock,
      isOwnDatabase: true,
    });
    say({ opened: opened.value.databaseLabel, recovered: channel.recovered.length });
    await settleAll(channel, told);
    await channel.close();
  } catch (error) {
    if (!(error instanceof Outage)) throw error;
    say({ outage: error.message });
    process.exit(1);
  }
} else {
  say({ refusal: opened.refusal.code, message: opened.refusal.message });
}
