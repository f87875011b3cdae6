import { describe, expect, it } from "vitest";
import { localeFormat } from "./locale-format.ts";

const en = localeFormat("en");
const zh = localeFormat("zh-CN");

describe("the formats of both languages", () => {
  it("write amounts with the locale's signs and all of their digits", () => {
    expect(en.amount("1234567.50")).toBe("1,234,567.50");
    expect(zh.amount("90071992547409930.01")).toBe("90,071,992,547,409,930.01");
  });

  it("write a civil date as the day that it names, in any zone", () => {
    expect(en.civilDate("2026-11-23")).toBe("23 Nov 2026");
    expect(zh.civilDate("2026-11-23")).toBe("2026年11月23日");
  });

  it("write lengths of time by their two largest units", () => {
    expect(en.duration(412)).toBe("412 ms");
    expect(en.duration(3250)).toBe("3.3 secs");
    expect(en.duration(125_000)).toBe("2 mins 5 secs");
    expect(en.duration(2 * 86_400_000)).toBe("2 days");
    expect(zh.duration(90_061_000)).toBe("1天 1小时");
  });

  it("write basis points as a percentage", () => {
    expect(en.basisPoints(2512)).toBe("25.12 %");
    expect(en.basisPoints(7)).toBe("0.07 %");
    expect(en.basisPoints(-130)).toBe("−1.30 %");
  });
});
