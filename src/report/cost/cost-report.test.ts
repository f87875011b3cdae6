import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import { parseMinor } from "../../money/money.ts";
import type { CivilDate } from "../../time/instant.ts";
import { listPayoutIds, viewPayouts } from "../payout-view.ts";
import { openTestChannel, type TestChannel } from "../verify/test-channel.ts";
import { SELLER, tellStory } from "../verify/test-story.ts";
import { type CostAsked, reportCost } from "./cost-report.ts";
import { FEE_PRESETS } from "./fee-presets.ts";

let world: TestChannel;
beforeAll(async () => {
  world = await openTestChannel([SELLER]);
  await tellStory(world);
});
afterAll(() => world.channel.close());

const ASKED: CostAsked = {
  sellerId: null,
  from: "2020-01-01" as CivilDate,
  to: "2030-12-31" as CivilDate,
  baselineBps: 50,
};
const cost = (asked: Partial<CostAsked> = {}) =>
  reportCost(world.database, "default", { ...ASKED, ...asked });

describe("cost and time", () => {
  it("sum to what the payouts were charged, currency by currency, and set it against the baseline", async () => {
    const months = await cost();
    const ids = await listPayoutIds(world.database, "default", {
      sellerId: null,
      state: null,
      limit: 1000,
    });
    const payouts = await viewPayouts(world.database, "default", ids);
    const charged = new Map<string, bigint>();
    for (const { chargedAmount, currency, credits } of payouts) {
      const known = currencyOf(currency);
      const read = known === null ? null : parseMinor(chargedAmount, known);
      if (read?.ok === true && credits.some((credit) => credit.returned !== credit.amount))
        charged.set(currency, (charged.get(currency) ?? 0n) + read.minor);
    }
    for (const [currency, minor] of charged) {
      const own = months.filter((month) => month.currency === currency);
      expect(
        own.reduce((sum, { chargedMinor }) => sum + chargedMinor, 0n),
        currency,
      ).toBe(minor);
    }
    expect(months.length).toBeGreaterThan(0);
    for (const month of months) {
      expect(month.savedMinor).toBe(month.baselineMinor - month.chargedMinor);
      expect(month.baselineMinor).toBe((month.sentMinor * 50n + 5_000n) / 10_000n);
      expect(month.payoutCount).toBeGreaterThan(0);
      expect(month.transitDaysMax ?? 0).toBeGreaterThanOrEqual(month.transitDaysMedian ?? 0);
    }
  });

  it("are of the seller and of the days that are asked for", async () => {
    expect(await cost({ sellerId: "nobody" })).toEqual([]);
    expect(await cost({ to: "2020-12-31" as CivilDate })).toEqual([]);
    expect(await cost({ sellerId: SELLER.id })).toEqual(await cost());
  });

  it("name the source, the day and the certainty of every preset", () => {
    expect(new Set(FEE_PRESETS.map(({ id }) => id)).size).toBe(FEE_PRESETS.length);
    for (const { source, collectedOn, title } of FEE_PRESETS) {
      expect(source.length).toBeGreaterThan(5);
      expect(collectedOn).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(title.zh).toMatch(/\p{Script=Han}|PingPong/u);
    }
  });
});
