import { describe, expect, it } from "vitest";
import { checkName } from "./name-check.ts";

describe("comparing an account's name with the seller's", () => {
  it("does not count case, spaces, marks, or how a legal form is written", () => {
    for (const told of [
      "CHONGQING EXAMPLE TRADING COMPANY LIMITED",
      "Chongqing Example Trading Co., Ltd",
      "chongqing example trading co.,limited",
      "Ｃｈｏｎｇｑｉｎｇ Example Trading Co Ltd",
    ]) {
      expect(checkName("Chongqing Example Trading Co., Ltd.", [told])).toBe("same");
    }
    expect(checkName("重庆示例贸易有限责任公司", [null, "重庆示例贸易有限公司"])).toBe("same");
    expect(checkName("Smith & Sons Inc.", ["SMITH AND SONS INCORPORATED"])).toBe("same");
  });

  it("counts everything else", () => {
    expect(checkName("Acme Trading Ltd", ["Acme Trading Inc"])).toBe("differs");
    expect(checkName("Acme Trading Ltd", ["Acme Trading 2 Ltd"])).toBe("differs");
    expect(checkName("Acme Trading Ltd", ["Acme"])).toBe("differs");
    expect(checkName("Acme", [null, " "])).toBe("unknown");
    expect(checkName("Acme", [])).toBe("unknown");
  });
});
