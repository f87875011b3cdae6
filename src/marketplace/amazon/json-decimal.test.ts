import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "./json-decimal.ts";
import { plainDecimal, readJson } from "./json-decimal.ts";

/** The value as JSON.parse would give it, to compare everything but the numbers' text. */
function toPlain(value: JsonValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [key, toPlain(inner)]));
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => toPlain(item));
  if (typeof value === "object" && value !== null && "numberText" in value) {
    return Number(value.numberText);
  }
  return value;
}

describe("JSON with exact numbers", () => {
  it("keeps a number as it was written", () => {
    const read = readJson('{"a": 1250.75, "b": [0.1, 12345678901234567.89, 1e3]}');
    expect(read.ok && read.value).toEqual(
      new Map<string, unknown>([
        ["a", { numberText: "1250.75" }],
        [
          "b",
          [{ numberText: "0.1" }, { numberText: "12345678901234567.89" }, { numberText: "1e3" }],
        ],
      ]),
    );
  });

  it("agrees with JSON.parse on everything else", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const read = readJson(text);
        expect(read.ok).toBe(true);
        if (read.ok)
          expect(JSON.stringify(toPlain(read.value))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("refuses what is not JSON, with the line", () => {
    const bad = [
      "",
      "{",
      "[1,]",
      '{"a":1,}',
      "{a:1}",
      "01",
      "1.",
      "tru",
      '"\u0001"',
      "[1] 2",
      '"\\x"',
    ];
    for (const text of bad) expect(readJson(text).ok).toBe(false);
    expect(readJson('{\n"a": 1,\n"b": }')).toMatchObject({ ok: false, line: 3 });
  });

  it("refuses a key that stands twice, and nesting without end", () => {
    expect(readJson('{"amount": 1, "amount": 2}')).toMatchObject({ ok: false });
    expect(readJson("[".repeat(100_000))).toMatchObject({
      ok: false,
      problem: "more than 64 levels deep",
    });
  });

  it("writes exponents out without rounding", () => {
    expect(plainDecimal({ numberText: "1.25075E3" })).toBe("1250.75");
    expect(plainDecimal({ numberText: "-5e-2" })).toBe("-0.05");
    expect(plainDecimal({ numberText: "1e3" })).toBe("1000");
    expect(plainDecimal("19.00")).toBe("19");
    expect(plainDecimal({ numberText: "1e400" })).toBeNull();
    expect(plainDecimal("abc")).toBeNull();
    expect(plainDecimal(undefined)).toBeNull();
  });
});
