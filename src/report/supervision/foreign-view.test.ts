import { describe, expect, it } from "vitest";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { FlowCell } from "./flow.ts";
import { flowReport } from "./flow-report.ts";
import { DEFAULT_FOREIGN_VIEW, foreignView } from "./foreign-view.ts";
import { spansBetween } from "./span.ts";

const DAY = "2026-11-02" as CivilDate;
const SPANS = spansBetween("month", DAY, DAY) ?? [];

function receipt(seller: string, country: string, usdMinor: bigint): FlowCell {
  const of = { seller, "payer-country": country } as FlowCell["of"];
  return {
    kind: "receipt",
    on: DAY,
    currency: "USD" as Currency,
    minor: usdMinor,
    count: 1,
    usdMinor,
    of,
  };
}

describe("the foreign view", () => {
  it("refuses to group by what names somebody", () => {
    for (const by of ["seller", "store"] as const) {
      const report = flowReport([], SPANS, { basis: "period", by });
      expect(foreignView(report, DEFAULT_FOREIGN_VIEW)).toBeNull();
    }
  });

  it("tells groups of too few sellers together, and of them no name", () => {
    const cells = [
      ...["a", "b", "c"].map((seller) => receipt(seller, "US", 100n)),
      ...["a", "b"].map((seller) => receipt(seller, "DE", 10n)),
      receipt("d", "JP", 1n),
    ];
    const report = flowReport(cells, SPANS, { basis: "period", by: "payer-country" });
    const view = foreignView(report, DEFAULT_FOREIGN_VIEW);
    expect(view?.lines.map(({ group, minor, count }) => [group, minor, count])).toEqual([
      ["US", 300n, 3],
      ["other", 21n, 3],
    ]);
    expect(view?.withheldLines).toBe(0);
  });

  it("withholds what is too few even together, from the totals too, and says so", () => {
    const cells = [
      ...["a", "b", "c"].map((seller) => receipt(seller, "US", 100n)),
      receipt("d", "JP", 1n),
    ];
    const report = flowReport(cells, SPANS, { basis: "period", by: "payer-country" });
    const view = foreignView(report, DEFAULT_FOREIGN_VIEW);
    expect(view?.totals.map(({ group, usdMinor }) => [group, usdMinor])).toEqual([["US", 300n]]);
    expect(view?.withheldLines).toBe(1);
  });
});
