import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvText } from "./machine-forms.ts";

describe("a text cell of the CSV", () => {
  it("is led by an apostrophe where a spreadsheet would calculate it", () => {
    expect(csvText("=1+1")).toBe(`"'=1+1"`);
    expect(csvText("+86 23")).toBe(`"'+86 23"`);
    expect(csvText("-2")).toBe(`"'-2"`);
    expect(csvText("@SUM(A1)")).toBe(`"'@SUM(A1)"`);
    expect(csvText("\tx")).toBe(`"'\tx"`);
    expect(csvText("\rx")).toBe(`"'\rx"`);
    expect(csvText("＝1")).toBe(`"'＝1"`);
  });

  it("is quoted where it holds a separator, and plain otherwise", () => {
    expect(csvText('a "b", c')).toBe('"a ""b"", c"');
    expect(csvText("a;b")).toBe('"a;b"');
    expect(csvText("statement:amazon:21100000101")).toBe("statement:amazon:21100000101");
    expect(csvText("")).toBe("");
  });

  it("never begins with a formula, stays one cell, and loses no character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const cell = csvText(text);
        const isQuoted = cell.startsWith('"');
        const inside = isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect(inside).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        expect([text, `'${text}`]).toContain(inside);
        if (!isQuoted) expect(cell).not.toMatch(/[",;\r\n]/);
      }),
    );
  });
});
