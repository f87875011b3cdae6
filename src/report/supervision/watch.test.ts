import { describe, expect, it } from "vitest";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { FlowCell } from "./flow.ts";
import {
  DEFAULT_WATCH,
  largeDays,
  type ReceiptSeen,
  sellersNearLine,
  splittings,
} from "./watch.ts";

const receipt = (
  id: string,
  on: string,
  usd: bigint,
  sellerId = "jiangbei-lamps",
): ReceiptSeen => ({
  creditId: id,
  sellerId,
  on: on as CivilDate,
  usdMinor: usd * 100n,
});

const cell = (seller: string, on: string, usd: bigint): FlowCell => ({
  kind: "receipt",
  on: on as CivilDate,
  currency: "USD" as Currency,
  minor: usd * 100n,
  count: 1,
  usdMinor: usd * 100n,
  of: { seller } as FlowCell["of"],
});

describe("the large-value list (entity accounts: >= USD 200k per day, single or cumulative)", () => {
  it("has a day whose receipts sum to the line, and says whether one alone does", () => {
    const days = largeDays(
      [
        receipt("cr_a", "2026-11-02", 120_000n),
        receipt("cr_b", "2026-11-02", 80_000n),
        receipt("cr_c", "2026-11-03", 199_999n),
        receipt("cr_d", "2026-11-03", 1n, "beibei-toys"),
        receipt("cr_e", "2026-11-04", 200_000n),
      ],
      DEFAULT_WATCH,
    );
    expect(days.map(({ on, isSingle, creditIds }) => ({ on, isSingle, creditIds }))).toEqual([
      { on: "2026-11-02", isSingle: false, creditIds: ["cr_a", "cr_b"] },
      { on: "2026-11-04", isSingle: true, creditIds: ["cr_e"] },
    ]);
  });
});

describe("splitting below a line", () => {
  it("is several receipts just below it within days, of one seller", () => {
    const found = splittings(
      [
        receipt("cr_a", "2026-11-02", 195_000n),
        receipt("cr_b", "2026-11-05", 181_000n),
        receipt("cr_c", "2026-11-05", 181_000n, "beibei-toys"),
        receipt("cr_d", "2026-11-20", 199_000n),
        receipt("cr_e", "2026-11-03", 100_000n),
      ],
      DEFAULT_WATCH,
    );
    expect(found).toEqual([
      {
        sellerId: "jiangbei-lamps",
        lineUsdMinor: 200_000_00n,
        from: "2026-11-02",
        to: "2026-11-05",
        usdMinor: 376_000_00n,
        creditIds: ["cr_a", "cr_b"],
      },
    ]);
  });
});

describe("sellers near the small-seller line", () => {
  it("are told from USD 180,000 of the calendar year on, and over it from 200,000", () => {
    const near = sellersNearLine(
      [
        cell("a", "2026-01-01", 179_999n),
        cell("b", "2026-01-01", 180_000n),
        cell("c", "2026-01-01", 100_000n),
        cell("c", "2026-11-25", 100_000n),
        cell("d", "2025-12-31", 900_000n),
      ],
      "2026-11-25" as CivilDate,
      DEFAULT_WATCH,
    );
    expect(near.map(({ sellerId, isOver }) => [sellerId, isOver])).toEqual([
      ["c", true],
      ["b", false],
    ]);
  });
});
