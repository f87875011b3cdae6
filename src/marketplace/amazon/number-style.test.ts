import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAmountText, readInStyle } from "./number-style.ts";

function exact(text: string, exponent: number | null = 2) {
  const read = readAmountText(text, exponent);
  return read.kind === "exact" ? [read.value, read.style] : read.kind;
}

describe("amounts as marketplaces write them", () => {
  it("are read exactly in ten-thousandths, with the style that the text proves", () => {
    expect(exact("129.99")).toEqual([1_299_900n, "dot"]);
    expect(exact("95,00")).toEqual([950_000n, "comma"]);
    expect(exact("-1.234,56")).toEqual([-12_345_600n, "comma"]);
    expect(exact("-1,234.56")).toEqual([-12_345_600n, "dot"]);
    expect(exact("1 135,72")).toEqual([11_357_200n, "comma"]);
    expect(exact("1\u00a0135,72")).toEqual([11_357_200n, "comma"]);
    expect(exact("\u221219,99")).toEqual([-199_900n, "comma"]);
    expect(exact("321.69    ")).toEqual([3_216_900n, "dot"]);
    expect(exact('"1,234,567"')).toEqual([12_345_670_000n, "dot"]);
    expect(exact("17")).toEqual([170_000n, null]);
    expect(exact(".5")).toEqual([5_000n, "dot"]);
    expect(exact("0")).toEqual([0n, null]);
  });

  it("are not guessed when one mark stands before three digits", () => {
    expect(exact("1.234")).toBe("ambiguous");
    expect(exact("2,691")).toBe("ambiguous");
    expect(exact("1.234", null)).toBe("ambiguous");
    expect(exact("1234.567")).toEqual([12_345_670n, "dot"]);
    expect(exact("0.123")).toEqual([1_230n, "dot"]);
  });

  it("are decided by a currency without decimals", () => {
    expect(exact("2,691", 0)).toEqual([26_910_000n, "dot"]);
    expect(exact("-37.090", 0)).toEqual([-370_900_000n, "comma"]);
    expect(exact("1000.00", 0)).toEqual([10_000_000n, "dot"]);
  });

  it("are refused when they are no number", () => {
    for (const text of [
      "",
      "-",
      ".",
      "abc",
      "1e3",
      "1,23,45",
      "1.2.3,4",
      "(12.00)",
      "12-",
      "=1+1",
    ]) {
      expect(exact(text)).toBe("unreadable");
    }
    expect(exact("9".repeat(19))).toBe("too-long");
    expect(exact("９".repeat(2))).toBe("unreadable");
  });

  it("mean one thing once the style is decided", () => {
    expect(readInStyle("1.234", "comma")).toMatchObject({ kind: "exact", value: 12_340_000n });
    expect(readInStyle("1.234", "dot")).toMatchObject({ kind: "exact", value: 12_340n });
    expect(readInStyle("-2,691", "dot")).toMatchObject({ kind: "exact", value: -26_910_000n });
  });

  it("come back from any grouping in either style", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
        fc.constantFrom("dot" as const, "comma" as const),
        fc.boolean(),
        (cents, style, grouped) => {
          const magnitude = cents < 0n ? -cents : cents;
          const whole = String(magnitude / 100n);
          const [mark, group] = style === "dot" ? [".", ","] : [",", "."];
          const shown = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, group) : whole;
          const text = `${cents < 0n ? "-" : ""}${shown}${mark}${String(magnitude % 100n).padStart(2, "0")}`;
          expect(readAmountText(text, 2)).toMatchObject({
            kind: "exact",
            value: cents * 100n,
            style,
          });
        },
      ),
    );
  });
});
