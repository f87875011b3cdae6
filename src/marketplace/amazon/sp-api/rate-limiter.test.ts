import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manualClock } from "../../../time/clock.ts";
import type { Instant } from "../../../time/instant.ts";
import { msOf } from "../../../time/instant.ts";
import { OPERATION_NAMES, operationOf } from "./operations.ts";
import { createRateLimiter } from "./rate-limiter.ts";

const START = "2026-07-30T08:00:00.000Z" as Instant;
const PLAN = { ratePerSecond: 0.5, burst: 3 };

describe("a token bucket", () => {
  it("lets a burst through at once, and then one call at the published rate", () => {
    const clock = manualClock(START);
    const limiter = createRateLimiter(clock);
    const waits = [1, 2, 3, 4, 5].map(() => limiter.reserve("k", PLAN, 60_000));
    expect(waits).toEqual([0, 0, 0, 2000, 4000].map((waitMs) => ({ ok: true, waitMs })));
    clock.advanceMs(10_000);
    expect(limiter.reserve("k", PLAN, 0)).toEqual({ ok: true, waitMs: 0 });
    expect(limiter.reserve("other", PLAN, 0)).toEqual({ ok: true, waitMs: 0 });
  });

  it("says when to come back where the wait is too long, and takes nothing for it", () => {
    const clock = manualClock(START);
    const limiter = createRateLimiter(clock);
    for (let call = 0; call < 3; call += 1) limiter.reserve("k", PLAN, 0);
    const refused = { ok: false, freeAt: "2026-07-30T08:00:02.000Z" };
    expect(limiter.reserve("k", PLAN, 1999)).toEqual(refused);
    expect(limiter.reserve("k", PLAN, 1999)).toEqual(refused);
    expect(limiter.reserve("k", PLAN, 2000)).toEqual({ ok: true, waitMs: 2000 });
  });

  it("is empty after a refusal for the rate, and follows the rate that an answer names", () => {
    const clock = manualClock(START);
    const limiter = createRateLimiter(clock);
    limiter.reserve("k", PLAN, 0);
    limiter.refused("k", PLAN);
    expect(limiter.reserve("k", PLAN, 0)).toEqual({
      ok: false,
      freeAt: "2026-07-30T08:00:02.000Z",
    });
    limiter.told("k", 0.1);
    limiter.told("k", Number.NaN);
    limiter.told("k", 0);
    expect(limiter.reserve("k", PLAN, 0)).toEqual({
      ok: false,
      freeAt: "2026-07-30T08:00:10.000Z",
    });
  });

  it("gives nothing for a clock that was set back", () => {
    const clock = manualClock(START);
    const limiter = createRateLimiter(clock);
    for (let call = 0; call < 3; call += 1) limiter.reserve("k", PLAN, 0);
    clock.advanceMs(-3_600_000);
    expect(limiter.reserve("k", PLAN, 0).ok).toBe(false);
    clock.advanceMs(2_000);
    expect(limiter.reserve("k", PLAN, 0).ok).toBe(true);
  });

  it("never lets more calls out than burst and rate allow, in any window from the start", () => {
    const step = fc.record({ passMs: fc.nat(5000), waitMsMax: fc.nat(4000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = manualClock(START);
        const limiter = createRateLimiter(clock);
        const sent: number[] = [];
        for (const { passMs, waitMsMax } of steps) {
          clock.advanceMs(passMs);
          const turn = limiter.reserve("k", PLAN, waitMsMax);
          if (turn.ok) sent.push(msOf(clock.now()) - msOf(START) + turn.waitMs);
        }
        for (const at of sent) {
          const allowed = PLAN.burst + (at / 1000) * PLAN.ratePerSecond;
          expect(sent.filter((other) => other <= at).length).toBeLessThanOrEqual(allowed + 0.01);
        }
      }),
    );
  });
});

describe("the usage plans", () => {
  it("are positive for each operation, and only initiatePayout changes anything", () => {
    for (const name of OPERATION_NAMES) {
      const { plan, method } = operationOf(name);
      expect(plan.ratePerSecond).toBeGreaterThan(0);
      expect(plan.burst).toBeGreaterThanOrEqual(1);
      expect(method).toBe(name === "initiatePayout" ? "POST" : "GET");
    }
  });
});
