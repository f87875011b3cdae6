import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AmazonReasonCode } from "./reasons.ts";
import { AMAZON_REASONS, amazonReason, quoted } from "./reasons.ts";

const PAGE = readFileSync(
  new URL("../../../docs/reference/statement-formats.md", import.meta.url),
  "utf8",
);

describe("the catalogue of reasons", () => {
  it("is the one that the reference page lists", () => {
    const section = PAGE.slice(PAGE.indexOf("## Reasons"), PAGE.indexOf("## Limits"));
    const listed = [...section.matchAll(/`([a-z0-9-]+)`[,.]/g)].map(([, code]) => code);
    expect(new Set(listed)).toEqual(new Set(Object.keys(AMAZON_REASONS)));
    expect(listed).toHaveLength(Object.keys(AMAZON_REASONS).length);
  });

  it("has a title in two languages and says what to do", () => {
    for (const { title, titleZh, remedy } of Object.values(AMAZON_REASONS)) {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(titleZh).toMatch(/\p{Script=Han}/u);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("makes sentences, with foreign text on one line and not too long", () => {
    const code: AmazonReasonCode = "amount-unreadable";
    expect(amazonReason(code, 7, quoted(`a\n"b"${"x".repeat(100)}`))).toEqual({
      code,
      line: 7,
      message: `An amount is not a number: "a\\n\\"b\\"${"x".repeat(52)}...". Download the file again from Amazon and read it unchanged.`,
    });
  });
});
