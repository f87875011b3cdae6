import { EventEmitter, once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { sendAmqp } from "./amqp-send.ts";
import { type AmqpInbound, type AmqpSource, openAmqpSource } from "./amqp-source.ts";
import { openTestInbox, type TestInbox } from "./test-inbox.ts";
import { startTestQueue, type TestQueue } from "./test-queue.ts";
import { rabbitMissing, startRabbit, type TestBroker } from "./test-rabbit.ts";
import { ATTEMPTS_MAX, type TransportDeps } from "./transport.ts";

const clock = manualClock("2026-11-23T04:05:06.789Z" as Instant);
const missing = rabbitMissing();
let database: TestDatabase;
let inbox: TestInbox;
let deps: TransportDeps;
let broker: TestBroker;
let number = 0;
const open: AmqpSource[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => {
  await database.close();
});

beforeEach(() => {
  inbox = openTestInbox(clock);
  deps = { database, tenantId: "t", clock, accept: inbox.accept };
  number += 1;
  faults.length = 0;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
});

const queue = () => broker.address(`in-${number}`);
const poison = () => broker.address(`poison-${number}`);
const put = (text: string, address = queue()) =>
  sendAmqp(broker.access, "the-bank", address, { id: text, bytes: Buffer.from(text) });

function listen(changed: Partial<AmqpInbound> = {}): AmqpSource {
  const inbound: AmqpInbound = {
    connectionId: `amqp-${number}`,
    sellerId: null,
    address: queue(),
    poison: poison(),
    credit: 2,
    retryMs: 5,
    ...changed,
  };
  const source = openAmqpSource(deps, broker.access, inbound, (fault) => faults.push(fault));
  open.push(source);
  return source;
}

const texts = () => inbox.items.map(({ bytes }) => Buffer.from(bytes).toString("utf8"));
const soon = { timeout: 30_000, interval: 20 };

/** What every broker does that speaks AMQP 1.0. */
function contract(): void {
  it("gives its messages to the inbox, more of them than may be under way at once", async () => {
    const sent = Array.from({ length: 7 }, (_, index) => `message ${index}`);
    for (const text of sent) await put(text);
    const source = listen();
    await expect.poll(() => inbox.kept(), soon).toBe(7);
    expect(texts().sort()).toEqual(sent);
    expect(inbox.items[0]).toMatchObject({ source: `bank:amqp-${number}`, sellerId: null });
    await put("收汇 later");
    await expect.poll(() => source.counts(), soon).toEqual({ accepted: 8, poisoned: 0 });
    expect(source.fault()).toBeNull();
  });

  it("keeps a message that the inbox could not take, until it can", async () => {
    inbox.failures.push(
      ...Array.from({ length: 4 }, () => new Outage("db", "down", { retryable: true })),
    );
    await put("one");
    const source = listen();
    await expect.poll(() => source.counts().accepted, soon).toBe(1);
    expect(inbox.failures).toEqual([]);
    expect(texts()).toEqual(["one"]);
  });

  it("gives a message again that was not accepted when the program stopped, and never one that was", async () => {
    await put("kept");
    const first = listen();
    await expect.poll(() => first.counts().accepted, soon).toBe(1);
    const always = new Outage("db", "down", { retryable: true });
    inbox.failures.push(...Array.from({ length: 10_000 }, () => always));
    await put("not yet");
    await expect.poll(() => inbox.failures.length, soon).toBeLessThan(10_000);
    await first.close();
    inbox.failures.length = 0;
    const second = listen();
    await expect.poll(() => second.counts().accepted, soon).toBe(1);
    expect(texts()).toEqual(["kept", "not yet"]);
  });

  it("puts a message aside that breaks the inbox each time, and goes on with the others", async () => {
    inbox.failures.push(...Array.from({ length: ATTEMPTS_MAX }, () => new Error("a bug")));
    await put("poison");
    const source = listen();
    await expect.poll(() => source.counts().poisoned, soon).toBe(1);
    await put("wholesome");
    await expect.poll(() => source.counts().accepted, soon).toBe(1);
    expect(texts()).toEqual(["wholesome"]);
    await source.close();
    listen({ address: poison(), poison: null });
    await expect.poll(() => texts(), soon).toEqual(["wholesome", "poison"]);
  });
}

describe("AMQP 1.0 with a queue of our own", () => {
  let own: TestQueue;

  beforeAll(async () => {
    own = await startTestQueue();
  });

  beforeEach(() => {
    broker = own;
  });

  afterAll(async () => {
    await own.stop();
  });

  contract();

  it("connects anew when the line breaks, and gets what it had not accepted once more", async () => {
    const line = new EventEmitter();
    const slow: TransportDeps = {
      ...deps,
      accept: async (item) => {
        const receipt = await inbox.accept(item);
        if (inbox.items.length === 1) await once(line, "broken");
        return receipt;
      },
    };
    deps = slow;
    await put("one");
    const source = listen();
    await expect.poll(() => inbox.items.length, soon).toBe(1);
    own.breakLinks();
    await expect.poll(() => faults.length, soon).toBeGreaterThan(0);
    line.emit("broken");
    await expect.poll(() => source.counts().accepted, soon).toBe(1);
    expect(texts()).toEqual(["one", "one"]);
    expect(inbox.kept()).toBe(1);
    expect(source.fault()).toBeNull();
  });

  it("is an outage to whoever sends while nobody answers", async () => {
    const nobody = { ...broker.access, port: 1 };
    const sending = sendAmqp(nobody, "us", "out", { id: "1", bytes: Buffer.from("1") });
    await expect(sending).rejects.toMatchObject({ name: "Outage", retryable: true });
  });
});

describe.skipIf(missing !== null)(
  `AMQP 1.0 with RabbitMQ${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let rabbit: TestBroker;

    beforeAll(async () => {
      rabbit = await startRabbit();
    });

    beforeEach(() => {
      broker = rabbit;
    });

    afterAll(async () => {
      await rabbit?.stop();
    });

    contract();
  },
);
