import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { tellStory } from "../report/verify/test-story.ts";
import { connectPostgres } from "../storage/postgres-database.ts";
import type { Instant } from "../time/instant.ts";
import { openHealth } from "./health.ts";
import { type Metrics, openMetrics } from "./metrics.ts";

const AT = "2026-11-23T00:00:00.000Z" as Instant;
let channel: TestChannel;

beforeAll(async () => {
  channel = await openTestChannel([]);
});

afterAll(() => channel.close());

function metricsOn(database = channel.channel.store.database): Metrics {
  const { tenantId, clock } = channel.channel;
  return openMetrics({ database, tenantId, clock, waiting: () => ({ count: 2, since: null }) });
}

function valueIn(text: string, name: string): number | null {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

async function sumOf(sql: string): Promise<number> {
  const [row] = await channel.database.query<{ sum: string }>(`SELECT (${sql})::text AS sum`);
  return Number(row!.sum);
}

describe("the metrics", () => {
  it("tell the minute clock once for each released credit, from when this process leads", async () => {
    const leader = metricsOn();
    const standby = metricsOn();
    leader.roleChanged("leader");
    expect(valueIn(await leader.text(), "straitway_minute_clock_seconds_count")).toBe(0);
    await tellStory(channel);
    const released = await sumOf(
      `SELECT count(*) FROM timeline_event e JOIN bank_transaction t ON t.transaction_id = e.subject
        WHERE e.kind = 'payout-released' AND t.stored_at IS NOT NULL`,
    );
    expect(released).toBeGreaterThan(1);
    // Two scrapes at once, and one after.
    await Promise.all([leader.text(), leader.text()]);
    expect(valueIn(await leader.text(), "straitway_minute_clock_seconds_count")).toBe(released);
    expect(valueIn(await standby.text(), "straitway_minute_clock_seconds_count")).toBe(0);
    const later = metricsOn();
    later.roleChanged("leader");
    expect(valueIn(await later.text(), "straitway_minute_clock_seconds_count")).toBe(0);
  });

  it("show what is unmatched and held as the books have it, and how old the queues are", async () => {
    await channel.database.query(
      `INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, kind, state)
       VALUES ($1, 'waiting', 1, 'x', $2, 'unknown', 'stored')`,
      [channel.channel.tenantId, AT],
    );
    const text = await metricsOn().text();
    const unmatched = await sumOf(
      `SELECT coalesce(sum(open_minor), 0) FROM bank_transaction
        WHERE is_open AND direction = 'credit' AND state = 'booked' AND role = 'incoming' AND currency = 'USD'`,
    );
    expect(valueIn(text, 'straitway_unmatched_money{currency="USD"}') ?? 0).toBeCloseTo(
      unmatched / 100,
    );
    const held = await sumOf(
      `SELECT coalesce(sum(m), 0) FROM (SELECT max(amount_minor) AS m FROM hold
        WHERE closed_at IS NULL AND currency = 'USD' GROUP BY payout_id) AS h`,
    );
    expect(held).toBeGreaterThan(0);
    expect(valueIn(text, 'straitway_held_money{currency="USD"}')).toBeCloseTo(held / 100);
    expect(valueIn(text, 'straitway_queue_items{queue="stored"}')).toBe(1);
    expect(valueIn(text, 'straitway_queue_age_seconds{queue="stored"}')).not.toBeNull();
    expect(valueIn(text, 'straitway_queue_items{queue="receiver"}')).toBe(2);
    await channel.database.query("DELETE FROM raw_file WHERE sha256 = 'waiting'");
  });

  it("count by kinds, never by names", async () => {
    const metrics = metricsOn();
    const outage = new Outage("amazon", "account 6217000000004821", { retryable: true });
    metrics.failed(outage);
    metrics.failed(new TypeError("x"));
    const startedAt = AT;
    metrics.ranJob({
      key: "store-reports:st_secretstore",
      startedAt,
      endedAt: startedAt,
      result: { ok: false, error: outage },
    });
    metrics.received("bank:icbc-4821", null, 5);
    metrics.answered({
      method: "GET",
      route: "/v1/payouts/{payoutId}",
      status: 404,
      durationMs: 3,
    });
    const text = await metrics.text();
    expect(text).toContain(
      'straitway_connector_errors_total{connector="amazon",retryable="true"} 1',
    );
    expect(text).toContain('straitway_connector_errors_total{connector="own",retryable="false"} 1');
    expect(text).toContain('straitway_job_runs_total{job="store-reports",result="failed"} 1');
    expect(text).toContain('straitway_received_total{source="bank",outcome="failed"} 1');
    expect(text).not.toMatch(/secretstore|4821|icbc/);
  });

  it("say that the database is down, and answer all the same", async () => {
    const away = connectPostgres("postgres://u:p@127.0.0.1:1/d", { poolMax: 1 });
    const text = await metricsOn(away).text();
    expect(valueIn(text, "straitway_database_up")).toBe(0);
    const health = openHealth({
      database: away,
      role: () => "standby",
      isStopping: () => false,
      failure: () => null,
    });
    expect(await health.ready()).toMatchObject({ ready: false, database: "down" });
    expect(health.live()).toEqual({ live: true, reason: null });
    await away.close();
  });

  it("are all described", async () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/reference/metrics.md"), "utf8");
    const text = await metricsOn().text();
    const names = [...text.matchAll(/^# TYPE (straitway_\w+)/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const told = [...page.matchAll(/^\| `(straitway_\w+)`/gm)].map((match) => match[1]!);
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
  });
});
