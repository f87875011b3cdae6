import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bookAccountId } from "../books/chart.ts";
import { Outage } from "../errors/outage.ts";
import type { InboundItem } from "../inbox/inbound.ts";
import { accountBalances } from "../ledger/account-reads.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "./channel.ts";
import type { Held, Role } from "./leader.ts";
import { ACCOUNT, notice, SELLER, settlement, USD } from "./test-notices.ts";
import { startTestProcess, type TestProcess, type TestProcessOptions } from "./test-process.ts";

const SCOPE = { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION };
/** Generous: the machine may be busy. */
const WAIT = { timeout: 30_000, interval: 20 };

let database: TestDatabase;
let processes: TestProcess[];

beforeEach(async () => {
  database = await openTestDatabase();
  processes = [];
});

afterEach(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await database.close();
});

async function start(owner: string, more: Partial<TestProcessOptions> = {}): Promise<TestProcess> {
  const started = await startTestProcess({
    url: database.url,
    owner,
    clock: systemClock,
    ...more,
  });
  processes.push(started);
  return started;
}

function heldBy(process: TestProcess): Held {
  const held = process.leadership.held();
  if (held === null) throw new Error("this process does not hold the ledger");
  return held;
}

async function registerSeller(leader: TestProcess): Promise<void> {
  const account = { number: ACCOUNT, currency: "USD" };
  const { channel } = heldBy(leader);
  await channel.register([{ id: SELLER, legalName: "Acme", accounts: [account] }]);
}

function item(name: string, bytes: Uint8Array, sellerId: string | null = null): InboundItem {
  return { name, bytes, sellerId, source: "test" };
}

async function stateOf(sha256: string): Promise<{ state: string; seller_id: string | null }> {
  const [row] = await database.query<{ state: string; seller_id: string | null }>(
    "SELECT state, seller_id FROM raw_file WHERE tenant_id = $1 AND sha256 = $2",
    [DEFAULT_TENANT, sha256],
  );
  return row ?? { state: "none", seller_id: null };
}

async function availableMinor(): Promise<bigint> {
  const [account] = await accountBalances(database, SCOPE, [
    bookAccountId(SELLER, "fx-account", USD),
  ]);
  return account === undefined ? 0n : account.debitsPosted - account.creditsPosted;
}

describe("of several processes", () => {
  it("one leads and the others stand by; one that stops lets the next go on", async () => {
    const first = await start("first");
    const second = await start("second");
    expect([first.leadership.role(), second.leadership.role()]).toEqual(["leader", "standby"]);
    await first.stop();
    processes.splice(0, 1);
    await expect.poll(() => second.leadership.role(), WAIT).toBe("leader");
    expect(second.failures).toEqual([]);
  });

  it("one that does not lead stores what it gets, and the leader makes the money available", async () => {
    const leader = await start("leader");
    const standby = await start("standby");
    await registerSeller(leader);
    const { bytes, totalMinor } = settlement(0);
    const told = await standby.intake.accept(item("settlement.txt", bytes, SELLER));
    expect(told).toMatchObject({ outcome: "stored", settledAt: null });
    const told2 = await standby.intake.accept(item("notice.xml", notice(0)));
    expect(told2).toMatchObject({ outcome: "stored", settledAt: null });
    await expect.poll(availableMinor, WAIT).toBe(totalMinor);
    expect(await standby.intake.accept(item("notice.xml", notice(0)))).toMatchObject({
      sha256: told2.sha256,
      outcome: "seen",
      storedAt: told2.storedAt,
      settledAt: expect.stringMatching(/Z$/),
    });
    expect(await leader.intake.accept(item("notice.xml", notice(0)))).toMatchObject({
      outcome: "seen",
    });
    expect(await verifyLedger(database, SCOPE)).toMatchObject({ ok: true });
  });

  it("a file that any of them gets, in whatever order and however often, is settled once", async () => {
    const leader = await start("leader");
    const standby = await start("standby");
    await registerSeller(leader);
    let total = 0n;
    const items = Array.from({ length: 12 }, (_, index) => {
      const { bytes, totalMinor } = settlement(index);
      total += totalMinor;
      return [item(`${index}.txt`, bytes, SELLER), item(`${index}.xml`, notice(index))] as const;
    }).flat();
    await Promise.all([
      ...items.map((each) => leader.intake.accept(each)),
      ...items.toReversed().map((each) => standby.intake.accept(each)),
      ...items.map((each) => standby.intake.accept(each)),
    ]);
    await expect.poll(availableMinor, WAIT).toBe(total);
    const doubled = await database.query(
      "SELECT payout_id FROM release GROUP BY payout_id HAVING count(*) > 1",
    );
    expect(doubled).toEqual([]);
    expect(await verifyLedger(database, SCOPE)).toMatchObject({ ok: true });
    expect([...leader.failures, ...standby.failures]).toEqual([]);
  });

  it("a seller that is named on one that does not lead gets a file that was nobody's", async () => {
    const leader = await start("leader");
    const standby = await start("standby");
    const { bytes } = settlement(0);
    const told = await leader.intake.accept(item("settlement.txt", bytes));
    expect(await stateOf(told.sha256)).toEqual({ state: "read", seller_id: null });
    await registerSeller(leader);
    await standby.intake.accept(item("settlement.txt", bytes, SELLER));
    await expect
      .poll(() => stateOf(told.sha256), WAIT)
      .toEqual({ state: "read", seller_id: SELLER });
    await expect.poll(() => database.query("SELECT * FROM raw_claim"), WAIT).toEqual([]);
  });

  it("one whose raw store is its own turns files away instead of hiding them", async () => {
    await start("leader");
    const standby = await start("standby", { isRawStoreShared: false });
    const refused = standby.intake.accept(item("notice.xml", notice(0)));
    await expect(refused).rejects.toMatchObject({ port: "intake", retryable: true });
  });
});

/** Takes the ledger as a process does whose predecessor has not renewed its lease: asleep, or cut off. */
async function takeOver(): Promise<void> {
  await database.query(
    `UPDATE ledger_partition SET epoch = epoch + 1, owner = 'other', holder = 'other', lease_until = $1`,
    [new Date(Date.now() + 1_000).toISOString()],
  );
}

describe("a leader that was taken over", () => {
  it("stands by again, keeps what it gets meanwhile, and leads again when the other is gone", async () => {
    const roles: Role[] = [];
    const process = await start("first", { events: { roleChanged: (role) => roles.push(role) } });
    await registerSeller(process);
    const { bytes, totalMinor } = settlement(0);
    await process.intake.accept(item("settlement.txt", bytes, SELLER));
    await takeOver();
    const receipt = await process.intake.accept(item("notice.xml", notice(0)));
    expect(receipt).toMatchObject({ outcome: "stored", settledAt: null });
    await expect.poll(() => roles, WAIT).toEqual(["leader", "standby", "leader"]);
    await expect.poll(availableMinor, WAIT).toBe(totalMinor);
    expect(await verifyLedger(database, SCOPE)).toMatchObject({ ok: true });
  });
});

describe("what a process stored before it died", () => {
  it("is settled by the next one that leads", async () => {
    const standby = await start("standby", { leaseMs: 60_000 });
    await registerSeller(standby);
    await standby.stop();
    processes.splice(0, 1);
    const { bytes, totalMinor } = settlement(0);
    // Nobody leads: the lease is another's, who never comes.
    await database.query("UPDATE ledger_partition SET owner = 'gone', lease_until = '9999-01-01'");
    const storing = await start("storing");
    await storing.intake.accept(item("settlement.txt", bytes, SELLER));
    await storing.intake.accept(item("notice.xml", notice(0)));
    await storing.stop();
    processes.splice(0, 1);
    await database.query("UPDATE ledger_partition SET lease_until = '2000-01-01'");
    const next = await start("next");
    await expect.poll(availableMinor, WAIT).toBe(totalMinor);
    expect(next.failures).toEqual([]);
  });

  it("and that is damaged is refused with its reason, and holds nobody up", async () => {
    const leader = await start("leader");
    await registerSeller(leader);
    const { bytes, totalMinor } = settlement(0);
    await database.query(
      `INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, kind, state)
       VALUES ($1, $2, 5, 'lost.xml', now(), 'unknown', 'stored')`,
      [DEFAULT_TENANT, "ab".repeat(32)],
    );
    const standby = await start("standby");
    await standby.intake.accept(item("settlement.txt", bytes, SELLER));
    await standby.intake.accept(item("notice.xml", notice(0)));
    await expect.poll(availableMinor, WAIT).toBe(totalMinor);
    await expect.poll(() => stateOf("ab".repeat(32)), WAIT).toMatchObject({ state: "refused" });
  });
});

describe("a database that is away", () => {
  it("is an outage for who sends, and the leader goes on when it is back", async () => {
    const leader = await start("leader");
    await registerSeller(leader);
    const { bytes } = settlement(0);
    await leader.intake.accept(item("settlement.txt", bytes, SELLER));
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await expect
      .poll(
        () =>
          leader.intake.accept(item("notice.xml", notice(0))).then(
            ({ outcome }) => outcome,
            (error: unknown) => (error instanceof Outage && error.retryable ? "outage" : error),
          ),
        WAIT,
      )
      .toMatch(/new|seen/);
    expect(leader.leadership.role()).toBe("leader");
  });
});
