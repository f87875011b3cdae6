import { describe, expect, it } from "vitest";
import { instantOfMs } from "../../time/instant.ts";
import { matchTotp, newTotpSecret, stepOf, totpCode, totpUri } from "./totp.ts";

/** RFC 6238, appendix B: the ASCII secret "12345678901234567890", eight digits, SHA-1. */
const RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("a one-time password", () => {
  it.each([
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ])("is that of the RFC at second %i", (seconds, code) => {
    const step = stepOf(instantOfMs(seconds * 1000));
    expect(totpCode(RFC_SECRET, step, 8)).toBe(code);
    expect(totpCode(RFC_SECRET, step)).toBe(code.slice(2));
  });

  it("counts one step around now, and only once", () => {
    const secret = newTotpSecret();
    const now = instantOfMs(1_764_000_015_000);
    const step = stepOf(now);
    for (const around of [-1, 0, 1]) {
      expect(matchTotp(secret, totpCode(secret, step + around), now, 0)).toBe(step + around);
    }
    for (const around of [-3, -2, 2, 3]) {
      expect(matchTotp(secret, totpCode(secret, step + around), now, 0)).toBeNull();
    }
    expect(matchTotp(secret, totpCode(secret, step), now, step)).toBeNull();
    expect(matchTotp(secret, totpCode(secret, step - 1), now, step)).toBeNull();
  });

  it("may be typed with spaces, and is nothing else", () => {
    const secret = newTotpSecret();
    const now = instantOfMs(1_764_000_015_000);
    const code = totpCode(secret, stepOf(now));
    expect(matchTotp(secret, ` ${code.slice(0, 3)} ${code.slice(3)}`, now, 0)).toBe(stepOf(now));
    for (const wrong of ["", "12345", "1234567", "abcdef", `${code}0`]) {
      expect(matchTotp(secret, wrong, now, 0)).toBeNull();
    }
  });

  it("has a secret of 160 bits that apps can read", () => {
    const secret = newTotpSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpUri(secret, "li@example.com")).toBe(
      `otpauth://totp/Straitway%3Ali%40example.com?secret=${secret}&issuer=Straitway&algorithm=SHA1&digits=6&period=30`,
    );
  });
});
