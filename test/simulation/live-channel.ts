// The channel as it runs, in one test process and on a clock that stands still: the sandbox marketplace is polled by the
// real connection, the sandbox bank's messages go through the real intake, and jobs run when they are told to. Only
// the network and the passing of time are missing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { invariant } from "../../src/errors/invariant.ts";
import type { Accept } from "../../src/inbox/inbound.ts";
import { openAmazonConnection } from "../../src/marketplace/amazon/sp-api/amazon-store.ts";
import { amazonSettings } from "../../src/marketplace/amazon/sp-api/settings.ts";
import { storeJobs } from "../../src/marketplace/stores/store-jobs.ts";
import { DEFAULT_POLICY } from "../../src/policy/policy.ts";
import { type Channel, openChannel } from "../../src/runtime/channel.ts";
import { openIntake } from "../../src/runtime/intake.ts";
import { createJobRunner, type JobRunner } from "../../src/runtime/jobs.ts";
import { openReceiver, type Receiver } from "../../src/runtime/receiver.ts";
import { newSealingKey, readKeyRing, sealer } from "../../src/secret/seal.ts";
import { bindCastStore } from "../../src/simulator/bind-cast.ts";
import {
  type Cast,
  type CastStore,
  DEMO_SELLER,
  type DemoStoreName,
} from "../../src/simulator/demo-cast.ts";
import type { Sandbox } from "../../src/simulator/sandbox.ts";
import type { Database } from "../../src/storage/database.ts";
import { openRawStore } from "../../src/storage/raw-store.ts";
import type { Store } from "../../src/storage/store.ts";
import { openTestDatabase } from "../../src/storage/test-database.ts";
import type { FusedDatabase } from "./fused-database.ts";

const TENANT = "default";
/** What tells of money on the way, and not of money, is asked for every few days: a simulated month has many polls. */
const RARELY = {
  balances: 4320,
  expectedPayouts: 4320,
  deferred: 4320,
  controlTotals: 2880,
  account: 10_080,
} as const;
const REDIRECT_URI = "http://localhost/v1/stores/callback";

export type LiveChannel = {
  readonly store: Store;
  /** The way past the fuse, for whoever looks on. */
  readonly real: Database;
  readonly channel: () => Channel;
  readonly accept: Accept;
  /** Hands the bank's new messages over and runs the jobs that are due. */
  readonly settle: () => Promise<void>;
  /** Everything this process held in memory is gone, as after a kill: connections, the writer, the jobs. */
  readonly crash: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type LiveOptions = {
  /** Stands between the channel and its database; itself unless told. */
  readonly fuse?: (database: Database) => FusedDatabase;
  readonly sandbox: Sandbox;
  readonly cast: Cast;
  readonly stores: readonly DemoStoreName[];
  /** What becomes of a bank message on its way in; unless told it is handed over as it is, once. */
  readonly deliver?: (accept: Accept, item: Parameters<Accept>[0]) => Promise<void>;
};

type Process = { readonly channel: Channel; readonly receiver: Receiver; readonly jobs: JobRunner };

export async function openLiveChannel(options: LiveOptions): Promise<LiveChannel> {
  const { sandbox, cast, stores } = options;
  const real = await openTestDatabase({ poolMax: 6 });
  const fused = options.fuse?.(real) ?? null;
  const database = fused ?? real;
  const dataDir = mkdtempSync(join(tmpdir(), "live-"));
  const store: Store = {
    database,
    rawStore: openRawStore(join(dataDir, "raw")),
    dataDir,
    databaseLabel: "a test database",
    notice: null,
    close: async () => undefined,
    killNow: () => undefined,
  };
  const keys = readKeyRing(newSealingKey());
  invariant(keys.ok, "a new key is a key");
  const connection = openAmazonConnection(
    {
      database,
      tenantId: TENANT,
      clock: sandbox.clock,
      sealer: sealer(keys.value),
      fetch: async (input, init) => sandbox.marketplace.fetch(new Request(input, init)),
      wait: async (ms) => {
        sandbox.clock.advanceMs(ms);
      },
      accept: (item) => accept(item),
    },
    settingsFor(sandbox),
  );
  const open = async (): Promise<Process> => {
    const channel = await openChannel(store, {
      policy: DEFAULT_POLICY,
      clock: sandbox.clock,
      isOwnDatabase: true,
    });
    const jobs = createJobRunner({
      database,
      tenantId: TENANT,
      owner: "live-channel",
      // One after the other: the same seed makes the same statements in the same order.
      runningMax: 1,
      clock: sandbox.clock,
      jobs: () => storeJobs(connection),
    });
    return { channel, receiver: openReceiver(channel), jobs };
  };
  let running = await open();
  const intake = openIntake({
    store,
    tenantId: TENANT,
    clock: sandbox.clock,
    receiver: () => running.receiver,
    isRawStoreShared: true,
  });
  const accept: Accept = (item) => intake.accept(item);
  await registerCast(
    running.channel,
    stores.map((name) => cast[name]),
  );
  for (const name of stores)
    await bindCastStore(connection, sandbox.marketplace, cast[name], "user_test");
  const deliver = options.deliver ?? (async (take, item) => void (await take(item)));
  const settle = async () => {
    sandbox.passTime();
    for (const message of sandbox.bank.messagesFrom(sandbox.state.delivered["test"] ?? 0)) {
      sandbox.state.delivered["test"] = (sandbox.state.delivered["test"] ?? 0) + 1;
      const bytes = Buffer.from(message.text, "utf8");
      await deliver(accept, { name: message.name, bytes, sellerId: null, source: "bank:sandbox" });
    }
    await running.jobs.runDue();
  };
  const stop = async () => {
    await running.jobs.stop();
    await running.receiver.close();
    await running.channel.close();
  };
  return {
    store,
    real,
    channel: () => running.channel,
    accept,
    settle,
    crash: async () => {
      const dead = running;
      await dead.jobs.stop().catch(() => undefined);
      await dead.receiver.close().catch(() => undefined);
      await dead.channel.close().catch(() => undefined);
      fused?.mend();
      running = await open();
    },
    close: async () => {
      await stop();
      await real.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function settingsFor({ marketplace }: Sandbox) {
  const { applicationId, clientId, clientSecret } = marketplace.application;
  return amazonSettings.parse({
    applicationId,
    clientId,
    clientSecret,
    redirectUri: REDIRECT_URI,
    tokenUrl: "http://localhost/auth/o2/token",
    apiUrl: "http://localhost",
    consentUrl: "http://localhost",
    everyMinutes: RARELY,
  });
}

async function registerCast(channel: Channel, stores: readonly CastStore[]): Promise<void> {
  const accounts = stores.map(({ accountNumber, currency }) => ({
    number: accountNumber,
    currency,
  }));
  const registered = await channel.register([{ ...DEMO_SELLER, accounts }]);
  invariant(registered.ok, "the cast is registered");
}
