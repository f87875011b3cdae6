import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonValue, openJsonList, printJsonDocument } from "./json-document.ts";
import { STEERING_CHARACTER } from "./test-terminal.ts";

const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("value"), { maxKeys: 4 }),
  ),
}));

function printed(print: (terminal: { out: (text: string) => void }) => void): string {
  const pieces: string[] = [];
  print({ out: (text) => pieces.push(text) });
  return pieces.join("");
}

describe("a document", () => {
  it("says the same as its value, and nothing that steers a terminal", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = printed((terminal) => printJsonDocument(terminal, { value }));
        expect(text).not.toMatch(STEERING_CHARACTER);
        expect(JSON.parse(text)).toEqual({
          version: 1,
          value: JSON.parse(JSON.stringify(value)) as unknown,
        });
      }),
    );
  });

  it("is the same whether its list is given at once, made on the way or added one by one", () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), (values) => {
        const atOnce = printed((terminal) => printJsonDocument(terminal, { values }));
        const made = printed((terminal) =>
          printJsonDocument(terminal, { values: values[Symbol.iterator]() }),
        );
        const added = printed((terminal) => {
          const list = openJsonList(terminal, "values");
          for (const value of values) list.add(value);
          list.end();
        });
        expect(made).toBe(atOnce);
        expect(added).toBe(atOnce);
      }),
    );
  });

  it("looks like what JSON.stringify indents by two", () => {
    const value = { a: [1, { b: "c" }, []], d: {}, e: null, f: [[true]] };
    expect(printed((terminal) => printJsonDocument(terminal, value))).toBe(
      `${JSON.stringify({ version: 1, ...value }, null, 2)}\n`,
    );
  });

  it("goes out in pieces when it is long", () => {
    const pieces: string[] = [];
    const values = Array.from({ length: 20_000 }, (_, index) => `text number ${index}`);
    printJsonDocument({ out: (text) => pieces.push(text) }, { values });
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(100_000);
    expect(JSON.parse(pieces.join(""))).toEqual({ version: 1, values });
  });

  it("refuses a number that is no count: amounts are decimal texts", () => {
    expect(() => printJsonDocument({ out: () => undefined }, { amount: 12.5 })).toThrow(/12\.5/);
  });
});
