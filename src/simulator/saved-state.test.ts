import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createSandboxMarketplace } from "./marketplace/sandbox-marketplace.ts";
import type { MarketplaceState } from "./marketplace/state.ts";
import { STATE_VERSION } from "./marketplace/state.ts";
import { DAY_MS, testMarketplace } from "./marketplace/test-marketplace.ts";
import {
  keepState,
  readStateFile,
  readStateText,
  stateText,
  writeStateFile,
} from "./saved-state.ts";

const folder = mkdtempSync(join(tmpdir(), "straitway-sandbox-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a saved state", () => {
  it("is read back to the same amounts, however large", () => {
    const state = {
      version: 1,
      totalMinor: 12_345_678_901_234_567_890n,
      parts: [{ feeMinor: -1n }],
    };
    expect(readStateText(stateText(state))).toEqual(state);
    expect(() => stateText({ total: 1n })).toThrow("does not say so");
  });

  it("lets a marketplace go on where it was, from the file", async () => {
    const made = await testMarketplace({ settings: { ordersPerDay: 2 } });
    made.clock.advanceMs(20 * DAY_MS);
    const path = join(folder, "marketplace.json");
    writeStateFile(path, made.marketplace.state());
    const read = readStateFile<MarketplaceState>(path, STATE_VERSION);
    if (!read.ok || read.value === null) throw new Error("the file is read");
    const again = createSandboxMarketplace({ clock: made.clock, state: read.value });
    made.clock.advanceMs(20 * DAY_MS);
    expect(again.state()).toEqual(made.marketplace.state());
    expect(again.state().stores[0]?.settlements).toHaveLength(3);
  });

  it("is refused when it is of another version or cut off, and absent when there is none", () => {
    expect(readStateFile(join(folder, "none.json"), 1)).toEqual({ ok: true, value: null });
    const path = join(folder, "bad.json");
    writeFileSync(path, '{"version": 9}');
    expect(readStateFile(path, 1)).toMatchObject({ refusal: { code: "sandbox-state-version" } });
    writeFileSync(path, '{"version": 1, "stor');
    expect(readStateFile(path, 1)).toMatchObject({ refusal: { code: "sandbox-state-unreadable" } });
  });

  it("is written after changes, and at the end whatever is left", () => {
    const path = join(folder, "kept.json");
    const state = { version: 1, count: 0 };
    const keeper = keepState(path, () => state, 60_000);
    state.count = 1;
    keeper.changed();
    expect(existsSync(path)).toBe(false);
    state.count = 2;
    keeper.stop();
    expect(readStateFile<typeof state>(path, 1)).toEqual({
      ok: true,
      value: { version: 1, count: 2 },
    });
  });
});
