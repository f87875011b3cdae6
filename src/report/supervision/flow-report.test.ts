// Properties of reports: whatever the spans, the basis and the grouping, every cent of every cell is told once.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Currency } from "../../money/currency.ts";
import { addDays, type CivilDate } from "../../time/instant.ts";
import { FLOW_DIMENSIONS, FLOW_KINDS, type FlowCell } from "./flow.ts";
import { flowReport } from "./flow-report.ts";
import { rollingYearStart, STEPS, spansBetween } from "./span.ts";

const FROM = "2024-02-15" as CivilDate;
const DAYS = 900;
const TO = addDays(FROM, DAYS);

const cell: fc.Arbitrary<FlowCell> = fc
  .record({
    kind: fc.constantFrom(...FLOW_KINDS),
    day: fc.integer({ min: 0, max: DAYS }),
    currency: fc.constantFrom<Currency>("USD" as Currency, "JPY" as Currency),
    minor: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    count: fc.integer({ min: 0, max: 3 }),
    usdMinor: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n })),
    of: fc.record(
      Object.fromEntries(
        FLOW_DIMENSIONS.map((name) => [name, fc.option(fc.constantFrom("a", "b"))]),
      ) as Record<(typeof FLOW_DIMENSIONS)[number], fc.Arbitrary<string | null>>,
    ),
  })
  .map(({ day, ...rest }) => ({ ...rest, on: addDays(FROM, day) }));

const sumOf = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);

describe("a report of flows", () => {
  it("tells every cell once in a report of periods, however it is grouped", () => {
    fc.assert(
      fc.property(
        fc.array(cell, { maxLength: 60 }),
        fc.constantFrom(...STEPS),
        fc.constantFrom(null, ...FLOW_DIMENSIONS),
        (cells, step, by) => {
          const spans = spansBetween(step, FROM, TO) ?? [];
          const { lines } = flowReport(cells, spans, { basis: "period", by });
          for (const kind of FLOW_KINDS) {
            for (const currency of ["USD", "JPY"]) {
              const told = lines.filter((line) => line.kind === kind && line.currency === currency);
              const own = cells.filter((one) => one.kind === kind && one.currency === currency);
              expect(sumOf(told.map((line) => line.minor))).toBe(
                sumOf(own.map((one) => one.minor)),
              );
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells in its last cumulative span what a report of periods tells in all, and never less than before", () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 60 }), fc.constantFrom(...STEPS), (cells, step) => {
        const spans = spansBetween(step, FROM, TO) ?? [];
        const cumulative = flowReport(cells, spans, { basis: "cumulative", by: null });
        const last = cumulative.totals.filter((total) => total.to === TO);
        const periods = flowReport(cells, spans, { basis: "period", by: null });
        for (const kind of FLOW_KINDS) {
          const lines = cumulative.lines.filter((line) => line.kind === kind && line.to === TO);
          const all = periods.lines.filter((line) => line.kind === kind);
          expect(sumOf(lines.map((line) => line.minor))).toBe(sumOf(all.map((line) => line.minor)));
        }
        expect(cumulative.lines.every((line) => line.from === FROM)).toBe(true);
        expect(new Set(last.map((total) => total.kind)).size).toBe(last.length);
      }),
      { numRuns: 60 },
    );
  });

  it("says that a total lacks a currency of which some has no rate", () => {
    const of = { seller: "a" } as FlowCell["of"];
    const base = { kind: "receipt", on: FROM, count: 1, of } as const;
    const spans = spansBetween("year", FROM, FROM) ?? [];
    const { totals } = flowReport(
      [
        { ...base, currency: "USD" as Currency, minor: 100n, usdMinor: 100n },
        { ...base, currency: "JPY" as Currency, minor: 9_000n, usdMinor: null },
      ],
      spans,
      { basis: "period", by: null },
    );
    expect(totals).toMatchObject([{ usdMinor: 100n, unratedCurrencies: ["JPY"], isWhole: false }]);
  });
});

describe("the spans of a report", () => {
  it("are whole calendar spans but for the first and the last, which say so", () => {
    expect(spansBetween("quarter", "2026-02-10" as CivilDate, "2026-07-01" as CivilDate)).toEqual([
      { from: "2026-02-10", to: "2026-03-31", isWhole: false },
      { from: "2026-04-01", to: "2026-06-30", isWhole: true },
      { from: "2026-07-01", to: "2026-07-01", isWhole: false },
    ]);
    expect(spansBetween("day", "2016-01-01" as CivilDate, TO)).toBeNull();
  });

  it("count a rolling year back over a leap day", () => {
    expect(rollingYearStart("2025-02-28" as CivilDate)).toBe("2024-02-29");
    expect(rollingYearStart("2024-02-29" as CivilDate)).toBe("2023-03-01");
    expect(rollingYearStart("2026-11-25" as CivilDate)).toBe("2025-11-26");
  });
});
