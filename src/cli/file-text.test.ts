import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oneLine, reasonText, SHOWN_TEXT_LENGTH_MAX } from "./file-text.ts";
import { STEERING_CHARACTER } from "./test-terminal.ts";

describe("a text of a file in a line of output", () => {
  it("is one bounded line that steers nothing, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(/\n/);
        expect(line).not.toMatch(STEERING_CHARACTER);
        // An escaped character takes six.
        expect(line.length).toBeLessThanOrEqual(SHOWN_TEXT_LENGTH_MAX * 6 + 1);
      }),
    );
  });

  it("says that it was cut, and keeps short texts as they are", () => {
    expect(oneLine("a".repeat(SHOWN_TEXT_LENGTH_MAX))).toBe("a".repeat(SHOWN_TEXT_LENGTH_MAX));
    expect(oneLine("a".repeat(SHOWN_TEXT_LENGTH_MAX + 1))).toBe(
      `${"a".repeat(SHOWN_TEXT_LENGTH_MAX)}…`,
    );
    expect(oneLine(" 重庆\r\n\t山城 ")).toBe("重庆 山城");
  });

  it("says the line of a reason once", () => {
    const reason = { code: "some-code", line: 7, message: "Line 7: it is wrong." };
    expect(reasonText(reason)).toBe("Line 7: it is wrong. [some-code]");
    expect(reasonText({ ...reason, message: "It is wrong." })).toBe(
      "line 7: It is wrong. [some-code]",
    );
    expect(reasonText({ ...reason, line: null, message: "It is wrong." })).toBe(
      "It is wrong. [some-code]",
    );
  });
});
