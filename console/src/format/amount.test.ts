import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareAmounts,
  groupDigits,
  isNegative,
  isZero,
  shareOf,
  subtractAmounts,
  sumAmounts,
} from "./amount.ts";

const SIGNS = { group: ",", decimal: "." };
const cents = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const textOfCents = (minor: bigint): string => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  return `${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

describe("amounts", () => {
  it("are grouped digit by digit, also where a double would lose the cent", () => {
    expect(groupDigits("9007199254740993.01", SIGNS)).toBe("9,007,199,254,740,993.01");
    expect(groupDigits("-1234.50", SIGNS)).toBe("−1,234.50");
    expect(groupDigits("0.00", SIGNS)).toBe("0.00");
    expect(groupDigits("-0.00", SIGNS)).toBe("0.00");
    expect(groupDigits("1500", SIGNS)).toBe("1,500");
  });

  it("add up exactly, whatever their size", () => {
    expect(sumAmounts(["0.10", "0.20"])).toBe("0.30");
    expect(sumAmounts([])).toBe("0");
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 20 }), (all) => {
        if (all.length === 0) return;
        const sum = all.reduce((total, minor) => total + minor, 0n);
        expect(sumAmounts(all.map(textOfCents))).toBe(textOfCents(sum));
      }),
    );
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        expect(subtractAmounts(textOfCents(a), textOfCents(b))).toBe(textOfCents(a - b));
        expect(compareAmounts(textOfCents(a), textOfCents(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it("know their share of a whole, held to all of it", () => {
    expect(shareOf("25.00", "100.00")).toBe(2500);
    expect(shareOf("1.00", "3.00")).toBe(3333);
    expect(shareOf("5.00", "3.00")).toBe(10_000);
    expect(shareOf("-1.00", "3.00")).toBe(0);
    expect(shareOf("1.00", "0.00")).toBe(0);
  });

  it("know zero and below", () => {
    expect(isZero("-0.00")).toBe(true);
    expect(isNegative("-0.01")).toBe(true);
    expect(isNegative("-0.00")).toBe(false);
    expect(() => sumAmounts(["1e3"])).toThrow(RangeError);
  });
});
