import { describe, expect, it } from "vitest";
import { passwordRefusal } from "./password-rule.ts";
import { normaliseEmail } from "./users.ts";

const ABOUT = ["li.wei@shancheng.example", "Li Wei"];

describe("a password", () => {
  it.each([
    "correct horse battery",
    "重庆山城火锅真的非常好吃啊",
    "x9!Kd-72mmQe",
    "password of a hundred hills",
  ])("is taken: %s", (password) => {
    expect(passwordRefusal(password, ABOUT)).toBeNull();
  });

  it.each([
    ["elevenchars", "too short"],
    ["a".repeat(257), "too long"],
    ["abababababab", "a pattern"],
    ["Password1234", "known"],
    ["shancheng2026", "the owner's own address"],
    ["straitway2026!", "the product's name"],
  ])("is refused: %s (%s)", (password) => {
    expect(passwordRefusal(password, ABOUT)).toMatchObject({ code: "password-weak" });
  });
});

describe("an e-mail address", () => {
  it("is compared in lower case, without spaces around it", () => {
    expect(normaliseEmail("  Li.Wei@Shancheng.Example ")).toBe("li.wei@shancheng.example");
  });

  it.each([
    "",
    "li",
    "li@",
    "@x.example",
    "a b@x.example",
    "li@localhost",
    `${"x".repeat(250)}@x.example`,
  ])("is not %j", (text) => {
    expect(normaliseEmail(text)).toBeNull();
  });
});
