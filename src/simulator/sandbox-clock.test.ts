import { describe, expect, it } from "vitest";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { manualSandboxClock, sandboxClock } from "./sandbox-clock.ts";

const START = "2026-11-01T00:00:00.000Z" as Instant;
const DAY_MS = 86_400_000;

describe("the clock of the sandbox", () => {
  it("goes with real time, ahead of it by what it was moved", () => {
    const real = manualClock(START);
    const clock = sandboxClock(real);
    real.advanceMs(1_000);
    expect(clock.now()).toBe("2026-11-01T00:00:01.000Z");
    expect(clock.advanceMs(14 * DAY_MS)).toBe("2026-11-15T00:00:01.000Z");
    real.advanceMs(1_000);
    expect(clock.now()).toBe("2026-11-15T00:00:02.000Z");
    expect(clock.offsetMs()).toBe(14 * DAY_MS);
  });

  it("never goes back: not when told to, not when the real clock is set back, not across a stop", () => {
    const real = manualClock(START);
    const clock = sandboxClock(real);
    clock.advanceMs(DAY_MS);
    real.advanceMs(-3_600_000);
    expect(clock.now()).toBe("2026-11-02T00:00:00.000Z");
    expect(() => clock.advanceMs(-1)).toThrow("only moves forward");
    expect(clock.advanceTo(START)).toBe("2026-11-02T00:00:00.000Z");

    const restarted = sandboxClock(real, clock.saved());
    expect(restarted.now()).toBe("2026-11-02T00:00:00.000Z");
    expect(restarted.advanceMs(1)).toBe("2026-11-02T00:00:00.001Z");
    real.advanceMs(3_600_001);
    expect(restarted.now() > "2026-11-02T00:00:00.001Z").toBe(true);
  });

  it("stands still where it is moved by hand, and tells who listens", () => {
    const clock = manualSandboxClock(START);
    const heard: Instant[] = [];
    const stop = clock.onMove((now) => heard.push(now));
    expect(clock.now()).toBe(START);
    clock.advanceTo("2026-11-03T00:00:00.000Z" as Instant);
    clock.advanceMs(0);
    stop();
    clock.advanceMs(5);
    expect(clock.now()).toBe("2026-11-03T00:00:00.005Z");
    expect(heard).toEqual(["2026-11-03T00:00:00.000Z"]);
  });
});
