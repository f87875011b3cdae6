import { describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import { newSealingKey, readKeyRing, type SealingKey, sealer } from "./seal.ts";

function ring(...texts: readonly string[]): readonly SealingKey[] {
  const read = readKeyRing(texts.join(","));
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}

describe("a sealed secret", () => {
  it("opens with the same key and purpose, and looks different each time", () => {
    const { seal, open } = sealer(ring(newSealingKey()));
    const sealed = seal("whsec_héllo 收汇", "webhook:we_1");
    expect(open(sealed, "webhook:we_1")).toBe("whsec_héllo 收汇");
    expect(sealed).not.toContain("whsec");
    expect(seal("whsec_héllo 收汇", "webhook:we_1")).not.toBe(sealed);
    expect(open(seal("", "x"), "x")).toBe("");
  });

  it("stays closed for another purpose, another key, and after any change", () => {
    const { seal, open } = sealer(ring(newSealingKey()));
    const sealed = seal("token", "store:a");
    expect(() => open(sealed, "store:b")).toThrow(Outage);
    expect(() => sealer(ring(newSealingKey())).open(sealed, "store:a")).toThrow(Outage);
    const place = sealed.lastIndexOf(".") + 1;
    for (let at = place; at < sealed.length; at += 7) {
      const other = sealed[at] === "A" ? "B" : "A";
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      expect(() => open(changed, "store:a"), `changed at ${at}`).toThrow(Outage);
    }
    for (const broken of ["", "s1..", "s1.00000000.AAAA", sealed.slice(0, place + 8)]) {
      expect(() => open(broken, "store:a")).toThrow(Outage);
    }
  });

  it("survives a change of keys while the old one stays in the ring", () => {
    const [first, second] = [newSealingKey(), newSealingKey()];
    const old = sealer(ring(first)).seal("token", "store:a");
    const { open, isOld, seal } = sealer(ring(second, first));
    expect(open(old, "store:a")).toBe("token");
    expect(isOld(old)).toBe(true);
    expect(isOld(seal("token", "store:a"))).toBe(false);
    expect(() => sealer(ring(second)).open(old, "store:a")).toThrow(/no key/);
  });
});

describe("a key ring", () => {
  it.each([
    "",
    "short",
    "not base64 !!",
    `${newSealingKey()},x`,
    Buffer.alloc(31).toString("base64"),
  ])("refuses %j", (text) => {
    expect(readKeyRing(text)).toMatchObject({ ok: false, refusal: { code: "secret-key-invalid" } });
  });
});
