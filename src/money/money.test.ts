import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "./currency.ts";
import { displayMoney, divideMinor, formatMinor, money, parseMinor, splitEvenly } from "./money.ts";

const USD = currencyOf("USD")!;
const JPY = currencyOf("JPY")!;
const KWD = currencyOf("KWD")!;

describe("money", () => {
  it("reads an exact decimal as minor units of its currency", () => {
    expect(parseMinor("0.29", USD)).toEqual({ ok: true, minor: 29n });
    expect(parseMinor("-0.01", USD)).toEqual({ ok: true, minor: -1n });
    expect(parseMinor("1000", JPY)).toEqual({ ok: true, minor: 1000n });
    expect(parseMinor("1.234", KWD)).toEqual({ ok: true, minor: 1234n });
    expect(parseMinor("8.850", USD)).toEqual({ ok: true, minor: 885n });
    expect(parseMinor("1000.", USD)).toEqual({ ok: true, minor: 100000n });
  });

  it("refuses what is not an exact amount of the currency", () => {
    expect(parseMinor("1.5", JPY)).toEqual({ ok: false, refusal: "too-many-decimals" });
    expect(parseMinor("8.855", USD)).toEqual({ ok: false, refusal: "too-many-decimals" });
    for (const text of ["", ".", "-", "1,000.00", "1e3", "NaN", " 1", "0x10", "１"]) {
      expect(parseMinor(text, USD)).toEqual({ ok: false, refusal: "not-a-number" });
    }
    expect(parseMinor("9".repeat(30), USD)).toEqual({ ok: false, refusal: "too-long" });
  });

  it("writes what it reads, for every amount that fits", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.constantFrom(USD, JPY, KWD),
        (minor, currency) => {
          expect(parseMinor(formatMinor(minor, currency), currency)).toEqual({ ok: true, minor });
        },
      ),
    );
  });

  it("splits without losing a minor unit", () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 12n), 10n ** 12n),
        fc.integer({ min: 1, max: 50 }),
        (minor, parts) => {
          const split = splitEvenly(money(USD, minor), parts);
          expect(split.reduce((sum, part) => sum + part.minor, 0n)).toBe(minor);
        },
      ),
    );
  });

  it("rounds as named", () => {
    expect(divideMinor(5n, 2n, "half-even")).toBe(2n);
    expect(divideMinor(5n, 2n, "half-up")).toBe(3n);
    expect(divideMinor(-5n, 2n, "half-up")).toBe(-3n);
    expect(divideMinor(5n, 2n, "down")).toBe(2n);
    expect(divideMinor(1n, 3n, "up")).toBe(1n);
    expect(divideMinor(7n, 2n, "half-even")).toBe(4n);
  });

  it("is shown to people with its currency and thousands", () => {
    expect(displayMoney(money(USD, 123456789n))).toBe("USD 1,234,567.89");
    expect(displayMoney(money(JPY, -372655n))).toBe("JPY -372,655");
  });
});
