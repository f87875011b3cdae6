import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import {
  convertBack,
  convertMinor,
  formatDecimal,
  parseDecimal,
  type ReferenceRate,
} from "./rate.ts";
import { rateTable } from "./reference-rates.ts";

const rate = (
  base: string,
  quote: string,
  text: string,
  on = "2026-11-02",
  unit: 1 | 100 = 1,
): ReferenceRate => ({
  base: base as Currency,
  quote: quote as Currency,
  unit,
  value: parseDecimal(text) ?? { digits: 1n, scale: 0 },
  on: on as CivilDate,
  source: "test",
});

describe("a rate", () => {
  it("is the decimal that was given, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 12n - 1n }),
        fc.integer({ min: 0, max: 8 }),
        (digits, scale) => {
          const text = formatDecimal({ digits, scale });
          expect(parseDecimal(text)).toEqual({ digits, scale });
        },
      ),
    );
    for (const wrong of ["", "0", "0.000", "-1", "1e3", "1,5", ".5", "1."]) {
      expect(parseDecimal(wrong), wrong).toBeNull();
    }
  });

  it("converts by the currencies' own decimals and the units it is quoted for, rounding once", () => {
    // USD 1,000.00 at 7.1234 are CNY 7,123.40; JPY 100,000 at 4.7215 for 100 are CNY 4,721.50.
    expect(convertMinor(rate("USD", "CNY", "7.1234"), 100_000n, "half-up")).toBe(712_340n);
    expect(convertMinor(rate("JPY", "CNY", "4.7215", "2026-11-02", 100), 100_000n, "half-up")).toBe(
      472_150n,
    );
    expect(convertMinor(rate("USD", "JPY", "151.235"), 100n, "half-even")).toBe(151n);
    expect(convertBack(rate("USD", "CNY", "7.1234"), 712_340n, "half-up")).toBe(100_000n);
  });
});

describe("a table of reference rates", () => {
  const table = rateTable([
    rate("USD", "CNY", "7.10", "2026-10-01"),
    rate("USD", "CNY", "7.20", "2026-11-02"),
    rate("EUR", "CNY", "7.92", "2026-11-02"),
    rate("GBP", "USD", "1.25", "2026-11-02"),
  ]);
  const usd = (minor: bigint, currency: string, on: string) =>
    table.usdMinor(minor, currency as Currency, on as CivilDate);

  it("takes the youngest rate of the day or before, and none that is too old or later", () => {
    expect(table.rate("USD" as Currency, "CNY" as Currency, "2026-11-01" as CivilDate)?.on).toBe(
      "2026-10-01",
    );
    expect(table.rate("USD" as Currency, "CNY" as Currency, "2026-11-02" as CivilDate)?.on).toBe(
      "2026-11-02",
    );
    expect(table.rate("USD" as Currency, "CNY" as Currency, "2026-09-30" as CivilDate)).toBeNull();
    expect(table.rate("GBP" as Currency, "USD" as Currency, "2026-12-25" as CivilDate)).toBeNull();
  });

  it("brings amounts to dollars directly, by the inverse, or over the renminbi", () => {
    expect(usd(123n, "USD", "1999-01-01")).toBe(123n);
    expect(usd(100_00n, "GBP", "2026-11-03")).toBe(125_00n);
    expect(usd(720_00n, "CNY", "2026-11-03")).toBe(100_00n);
    expect(usd(100_00n, "EUR", "2026-11-03")).toBe(110_00n);
    expect(usd(100n, "JPY", "2026-11-03")).toBeNull();
  });
});
