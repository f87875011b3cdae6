// A channel on a database and a folder of its own, for tests that settle files and then look at what they made. Used
// by tests only; the program never imports it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SellerRegistration } from "../../identity/sellers.ts";
import { DEFAULT_POLICY, type Policy } from "../../policy/policy.ts";
import {
  type Channel,
  DEFAULT_PARTITION,
  DEFAULT_TENANT,
  type FileOutcome,
  openChannel,
} from "../../runtime/channel.ts";
import { readFileContent } from "../../runtime/read-file.ts";
import { openRawStore } from "../../storage/raw-store.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import type { Verification } from "./verification.ts";
import { verifyChannel } from "./verify-channel.ts";

export type TestFile = { readonly name: string; readonly content: string | Uint8Array };

export type TestChannel = {
  readonly channel: Channel;
  readonly database: TestDatabase;
  /** Folder of the raw store. */
  readonly rawDir: string;
  /** Settles the files one after the other, a minute apart, for the seller (null: nobody says whose). */
  readonly settle: (
    files: readonly TestFile[],
    sellerId?: string | null,
  ) => Promise<readonly FileOutcome[]>;
  readonly verify: () => Promise<Verification>;
  readonly close: () => Promise<void>;
};

const MINUTE_MS = 60_000;
export const TEST_SCOPE = { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION };

export async function openTestChannel(
  sellers: readonly SellerRegistration[],
  policy: Policy = DEFAULT_POLICY,
  options: { readonly filesBindAccounts?: boolean } = {},
): Promise<TestChannel> {
  const database = await openTestDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), "straitway-verify-"));
  const rawDir = join(dataDir, "raw");
  const rawStore = openRawStore(rawDir);
  const clock = manualClock("2026-11-23T02:00:00.000Z" as Instant);
  const store = {
    database,
    rawStore,
    dataDir,
    databaseLabel: "test",
    notice: null,
    close: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
    killNow: () => undefined,
  };
  const channel = await openChannel(store, { policy, clock, isOwnDatabase: true, ...options });
  const registered = await channel.register(sellers);
  if (!registered.ok) throw new Error(registered.refusal.message);
  return {
    channel,
    database,
    rawDir,
    settle: async (files, sellerId = null) => {
      const outcomes: FileOutcome[] = [];
      for (const { name, content } of files) {
        clock.advanceMs(MINUTE_MS);
        outcomes.push(...(await channel.settle([{ name, bytes: () => once(content), sellerId }])));
      }
      return outcomes;
    },
    verify: () =>
      verifyChannel({
        database,
        rawStore,
        readFacts: readFileContent,
        policy,
        scope: TEST_SCOPE,
        now: clock.now(),
      }),
    close: channel.close,
  };
}

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof content === "string" ? Buffer.from(content, "utf8") : content;
}
