import { scryptSync } from "node:crypto";
import { expect, it } from "vitest";
import { hashPassword, hashToken, isOldHash, isPassword, type ScryptCost } from "./password.ts";

const CHEAP: ScryptCost = { n: 2 ** 10, r: 8, p: 1 };

it("keeps a password so that only the password itself is recognised", async () => {
  const stored = await hashPassword("correct horse 收汇", CHEAP);
  expect(stored).not.toContain("horse");
  expect(await hashPassword("correct horse 收汇", CHEAP)).not.toBe(stored);
  expect(await isPassword("correct horse 收汇", stored, CHEAP)).toBe(true);
  expect(await isPassword("correct horse", stored, CHEAP)).toBe(false);
  expect(await isPassword("", stored, CHEAP)).toBe(false);
});

it("knows a password in whichever form its letters were typed", async () => {
  const stored = await hashPassword("re\u0301sume\u0301 long enough", CHEAP);
  expect(await isPassword("r\u00e9sum\u00e9 long enough", stored, CHEAP)).toBe(true);
});

it("is scrypt with the costs that stand in it, and takes old costs until they are renewed", async () => {
  const stored = await hashPassword("a password", CHEAP);
  const [name, n, r, p, salt, hash] = stored.split("$");
  expect([name, n, r, p]).toEqual(["scrypt", "1024", "8", "1"]);
  const expected = scryptSync("a password", Buffer.from(salt!, "base64url"), 32, {
    N: 1024,
    r: 8,
    p: 1,
  });
  expect(hash).toBe(expected.toString("base64url"));
  expect(isOldHash(stored)).toBe(true);
  expect(isOldHash(stored, CHEAP)).toBe(false);
  expect(await isPassword("a password", stored)).toBe(true);
});

it("says no where there is no password, or none that it can read", async () => {
  for (const stored of [null, "", "scrypt$1024$8$1$x", "plain"]) {
    expect(await isPassword("plain", stored, CHEAP)).toBe(false);
  }
});

it("hashes many at once, one after the other", async () => {
  const hashes = await Promise.all(Array.from({ length: 12 }, () => hashPassword("same", CHEAP)));
  expect(new Set(hashes).size).toBe(12);
});

it("keeps a token as its SHA-256", () => {
  expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
