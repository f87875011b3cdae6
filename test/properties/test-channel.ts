// A channel for tests: a database of its own, a raw store in a temporary folder and a clock that tests move. The
// channel, the ledger and the readers are the program's own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invariant } from "../../src/errors/invariant.ts";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/policy.ts";
import { type Channel, type FileOutcome, openChannel } from "../../src/runtime/channel.ts";
import { openRawStore } from "../../src/storage/raw-store.ts";
import { openTestDatabase } from "../../src/storage/test-database.ts";
import { manualClock } from "../../src/time/clock.ts";
import type { Instant } from "../../src/time/instant.ts";

/** A file as it is handed to the channel. */
export type MadeFile = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sellerId: string | null;
};

export type TestChannel = {
  readonly channel: Channel;
  /** Hands the files over in one call; the clock goes one second further. */
  readonly settle: (...files: readonly MadeFile[]) => Promise<readonly FileOutcome[]>;
  readonly advanceMs: (ms: number) => void;
  readonly close: () => Promise<void>;
};

export const TEST_START_AT = "2026-03-20T02:00:00.000Z" as Instant;

const STEP_MS = 1000;

export async function openTestChannel(
  policy: Policy = DEFAULT_POLICY,
  startAt: Instant = TEST_START_AT,
): Promise<TestChannel> {
  const database = await openTestDatabase({ poolMax: 3 });
  const dataDir = mkdtempSync(join(tmpdir(), "channel-"));
  const clock = manualClock(startAt);
  const channel = await openChannel(
    {
      database,
      rawStore: openRawStore(join(dataDir, "raw")),
      dataDir,
      databaseLabel: "a test database",
      notice: null,
      close: () => database.close(),
      killNow: () => undefined,
    },
    { policy, clock, isOwnDatabase: true },
  );
  return {
    channel,
    advanceMs: clock.advanceMs,
    settle: async (...files) => {
      clock.advanceMs(STEP_MS);
      return channel.settle(
        files.map(({ name, bytes, sellerId }) => ({ name, bytes: () => once(bytes), sellerId })),
      );
    },
    close: async () => {
      await channel.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs a test body on a channel of its own and closes it whatever happens. */
export async function withChannel(
  body: (at: TestChannel) => Promise<void>,
  policy: Policy = DEFAULT_POLICY,
): Promise<void> {
  const at = await openTestChannel(policy);
  try {
    await body(at);
  } finally {
    await at.close();
  }
}

/** Registers sellers with their accounts, as a registry file does. */
export async function register(
  { channel }: TestChannel,
  sellers: readonly { readonly id: string; readonly accounts: readonly [string, string][] }[],
): Promise<void> {
  const registered = await channel.register(
    sellers.map(({ id, accounts }) => ({
      id,
      legalName: id,
      accounts: accounts.map(([number, currency]) => ({ number, currency })),
    })),
  );
  invariant(registered.ok, "the sellers of a test are registered");
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
