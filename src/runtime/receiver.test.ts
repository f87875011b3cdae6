import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookAccountId } from "../books/chart.ts";
import { accountBalances } from "../ledger/account-reads.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import { openRawStore } from "../storage/raw-store.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { type Channel, DEFAULT_PARTITION, openChannel } from "./channel.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import { ACCOUNT, notice, SELLER, settlement, USD } from "./test-notices.ts";

const AT = "2026-03-20T02:00:00.000Z" as Instant;

let channel: Channel;
let receiver: Receiver;
let dataDir: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "receiver-"));
  channel = await openOn(await openTestDatabase({ poolMax: 4 }));
  receiver = openReceiver(channel);
  const account = { number: ACCOUNT, currency: "USD" };
  await channel.register([{ id: SELLER, legalName: "Acme", accounts: [account] }]);
});

afterEach(async () => {
  await receiver.close();
  await channel.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function openOn(database: Channel["store"]["database"]): Promise<Channel> {
  const store = {
    database,
    rawStore: openRawStore(join(dataDir, "raw")),
    dataDir,
    databaseLabel: "a test database",
    notice: null,
    failure: () => null,
    close: () => database.close(),
    killNow: () => undefined,
  };
  return openChannel(store, {
    policy: DEFAULT_POLICY,
    clock: manualClock(AT),
    isOwnDatabase: true,
  });
}

async function announce(count: number): Promise<bigint> {
  const settlements = Array.from({ length: count }, (_, index) => settlement(index));
  await channel.settle(
    settlements.map(({ id, bytes }) => ({
      name: `${id}.txt`,
      sellerId: SELLER,
      bytes: async function* () {
        yield bytes;
      },
    })),
  );
  return settlements.reduce((sum, { totalMinor }) => sum + totalMinor, 0n);
}

async function availableMinor(): Promise<bigint> {
  const scope = { tenantId: channel.tenantId, partition: DEFAULT_PARTITION };
  const id = bookAccountId(SELLER, "fx-account", USD);
  const [account] = await accountBalances(channel.store.database, scope, [id]);
  return account === undefined ? 0n : account.debitsPosted - account.creditsPosted;
}

describe("a bank notice that a service receives", () => {
  it("has made its money available when the promise resolves", async () => {
    const total = await announce(1);
    const receipt = await receiver.receive("notice.xml", notice(0));
    expect(receipt).toMatchObject({ outcome: "new", format: "camt.054.001.08", reasons: [] });
    expect(receipt.storedAt <= receipt.settledAt).toBe(true);
    expect(await availableMinor()).toBe(total);
  });

  it("shares its step with all that came meanwhile, and each is released once", async () => {
    const count = 60;
    const total = await announce(count);
    const receipts = await Promise.all(
      Array.from({ length: count }, (_, index) => receiver.receive(`${index}`, notice(index))),
    );
    expect(receipts.map(({ outcome }) => outcome)).toEqual(receipts.map(() => "new"));
    expect(receipts.map(({ name }) => name)).toEqual(receipts.map((_, index) => `${index}`));
    expect(await availableMinor()).toBe(total);
    const released = await channel.store.database.query(
      "SELECT payout_id FROM release GROUP BY payout_id HAVING count(*) = 1",
    );
    expect(released).toHaveLength(count);
    const scope = { tenantId: channel.tenantId, partition: DEFAULT_PARTITION };
    expect(await verifyLedger(channel.store.database, scope)).toMatchObject({ ok: true });
  });

  it("is told as seen when it comes again: at once, in the next batch or later", async () => {
    const total = await announce(2);
    const [first, twin] = await Promise.all([
      receiver.receive("a.xml", notice(0)),
      receiver.receive("b.xml", notice(0)),
    ]);
    expect([first.outcome, twin.outcome]).toEqual(["new", "seen"]);
    const settling = receiver.receive("c.xml", notice(1));
    // The first is on its way to the step when its twin is stored.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const again = receiver.receive("d.xml", notice(1));
    expect([(await settling).outcome, (await again).outcome]).toEqual(["new", "seen"]);
    expect((await receiver.receive("e.xml", notice(0))).outcome).toBe("seen");
    expect(await availableMinor()).toBe(total);
  });

  it("is not held up by a refused neighbour", async () => {
    const total = await announce(1);
    const [cut, good, nonsense, empty] = await Promise.all([
      receiver.receive("cut.xml", notice(0).subarray(0, 900)),
      receiver.receive("good.xml", notice(0)),
      receiver.receive("nonsense.bin", Buffer.from([1, 2, 3])),
      receiver.receive("empty", Buffer.alloc(0)),
    ]);
    expect([cut, good, nonsense, empty].map(({ outcome }) => outcome)).toEqual([
      "refused",
      "new",
      "refused",
      "refused",
    ]);
    expect(nonsense.reasons[0]?.code).toBe("format-unknown");
    expect(await availableMinor()).toBe(total);
  });

  it("goes to the seller that the sender names, unless the account is another's", async () => {
    const fresh = await receiver.receive("new.xml", notice(0, "99887766"), "beta");
    const foreign = await receiver.receive("other.xml", notice(1), "beta");
    expect(fresh.outcome).toBe("new");
    expect(foreign).toMatchObject({
      outcome: "refused",
      reasons: [{ code: "account-of-another-seller" }],
    });
  });

  it("is refused by an outage once the receiver is closed, and what came before is finished", async () => {
    await announce(1);
    const last = receiver.receive("last.xml", notice(0));
    const closing = receiver.close();
    await expect(receiver.receive("late.xml", notice(0))).rejects.toMatchObject({
      name: "Outage",
      retryable: false,
    });
    await closing;
    expect((await last).outcome).toBe("new");
  });
});
