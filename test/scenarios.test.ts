// Every named scenario, played in the sandbox and lived through by the real channel, ends as its file says; and what
// verification finds in the books afterwards is nothing.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Currency } from "../src/money/currency.ts";
import { formatMinor, parseMinor } from "../src/money/money.ts";
import { DEFAULT_POLICY } from "../src/policy/policy.ts";
import { listExceptions } from "../src/report/exceptions.ts";
import { verifyChannel } from "../src/report/verify/verify-channel.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../src/runtime/channel.ts";
import { readFileContent } from "../src/runtime/read-file.ts";
import { type Cast, type DemoStoreName, LIFE_PACE, placeCast } from "../src/simulator/demo-cast.ts";
import { createSandbox, newSandboxState } from "../src/simulator/sandbox.ts";
import { manualSandboxClock } from "../src/simulator/sandbox-clock.ts";
import { playScenario } from "../src/simulator/scenario/play-scenario.ts";
import {
  type PayoutEnd,
  readScenario,
  type Scenario,
  scenarioNames,
} from "../src/simulator/scenario/scenario.ts";
import type { Instant } from "../src/time/instant.ts";
import { type LiveChannel, openLiveChannel } from "./simulation/live-channel.ts";

const FOLDER = join(import.meta.dirname, "..", "scenarios");
const NAMES = scenarioNames(FOLDER);
const SCENARIOS_MIN = 15;
const START = "2026-03-02T02:00:00.000Z" as Instant;

function storesOf(scenario: Scenario): readonly DemoStoreName[] {
  const named = scenario.steps.flatMap((step) => ("store" in step ? [step.store] : []));
  return [...new Set(named)];
}

type PayoutRow = {
  readonly account: string | null;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly state: string;
  readonly usable: bigint;
  readonly holds: readonly string[] | null;
};

/** Payouts as they stand, oldest first, with what is usable of each. */
async function payoutRows({ store }: LiveChannel): Promise<readonly PayoutRow[]> {
  return store.database.query<PayoutRow>(
    `SELECT p.currency, p.amount_minor AS amount, p.state,
            ((SELECT coalesce(sum(r.amount_minor), 0)
                FROM release r JOIN payout q ON q.tenant_id = r.tenant_id AND q.payout_id = r.payout_id
               WHERE r.tenant_id = p.tenant_id AND coalesce(q.merged_into, q.payout_id) = p.payout_id)
             - (SELECT coalesce(sum(u.released_minor), 0)
                  FROM undo u JOIN match m ON m.tenant_id = u.tenant_id AND m.match_id = u.match_id
                  JOIN payout q ON q.tenant_id = m.tenant_id AND q.payout_id = m.payout_id
                 WHERE u.tenant_id = p.tenant_id AND coalesce(q.merged_into, q.payout_id) = p.payout_id))::bigint AS usable,
            (SELECT array_agg(h.code ORDER BY h.code) FROM hold h
              WHERE h.tenant_id = p.tenant_id AND h.payout_id = p.payout_id AND h.closed_at IS NULL) AS holds
       FROM payout p WHERE p.tenant_id = $1 AND p.merged_into IS NULL
      ORDER BY coalesce(p.period_end_at, p.initiated_at), p.payout_id`,
    [DEFAULT_TENANT],
  );
}

function expectedEnd(end: PayoutEnd, amount: bigint, cast: Cast) {
  const { currency } = cast[end.store];
  const holds = end.holds;
  if (end.usable === "all") return { state: end.state, usable: amount, holds };
  if (end.usable === "none") return { state: end.state, usable: 0n, holds };
  const but = parseMinor(end.usable.allBut, currency);
  return { state: end.state, usable: amount - (but.ok ? but.minor : 0n), holds };
}

async function exceptionKinds({ store }: LiveChannel, now: Instant): Promise<readonly string[]> {
  const { exceptions } = await listExceptions(store.database, DEFAULT_TENANT, {
    policy: DEFAULT_POLICY,
    now,
    limit: 1000,
    sellerId: null,
  });
  return exceptions.map(({ kind }) => kind).sort();
}

/** Announcements that were told as events although nothing in them was new. */
function toldTwice({ store }: LiveChannel): Promise<readonly object[]> {
  return store.database.query(
    `SELECT subject, data, count(*)::int AS count FROM timeline_event
      WHERE tenant_id = $1 AND kind = 'payout-announced' GROUP BY subject, data HAVING count(*) > 1`,
    [DEFAULT_TENANT],
  );
}

describe("the scenarios", () => {
  it("are at least fifteen", () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(SCENARIOS_MIN);
  });

  it.each(NAMES)("%s ends as its file says", async (name) => {
    const scenario = readScenario(FOLDER, name);
    const clock = manualSandboxClock(START);
    const sandbox = createSandbox({ clock, state: newSandboxState(11) });
    const cast = placeCast(sandbox, LIFE_PACE);
    const live = await openLiveChannel({ sandbox, cast, stores: storesOf(scenario) });
    try {
      await live.settle();
      await playScenario(scenario, { sandbox, cast, settle: live.settle });
      const payouts = (await payoutRows(live)).map((row) => ({
        state: row.state,
        usable: formatMinor(row.usable, row.currency),
        holds: row.holds ?? [],
        amount: row.amount,
      }));
      const ends = scenario.ends.payouts.map((end, index) => {
        const amount = payouts[index]?.amount ?? 0n;
        const wanted = expectedEnd(end, amount, cast);
        return { ...wanted, usable: formatMinor(wanted.usable, cast[end.store].currency), amount };
      });
      const kinds = await exceptionKinds(live, clock.now());
      expect({ payouts, exceptions: kinds }).toEqual({
        payouts: ends,
        exceptions: [...scenario.ends.exceptions].sort(),
      });
      const { findings } = await verifyChannel({
        database: live.store.database,
        rawStore: live.store.rawStore,
        readFacts: readFileContent,
        policy: DEFAULT_POLICY,
        scope: { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION },
        now: clock.now(),
      });
      expect(findings).toEqual([]);
      expect(await toldTwice(live), "what a payout was told of twice").toEqual([]);
    } finally {
      await live.close();
    }
  });
});
