import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Leg, Posting } from "./posting.ts";
import {
  checkPosting,
  LEDGER_ID_LENGTH_MAX,
  LEGS_PER_POSTING_MAX,
  REASON_LENGTH_MAX,
} from "./posting-body.ts";
import { CNY, drawn, moved, posting, ref, reserved } from "./test-postings.ts";

function codeOf(given: unknown): string {
  const check = checkPosting(given as Posting);
  return check.ok ? "ok" : check.refusal.code;
}

function fingerprintOf(given: Posting): string {
  const check = checkPosting(given);
  return check.ok ? check.value.fingerprint : "refused";
}

describe("the shape of a posting", () => {
  it("is refused, never thrown about, whatever is given", () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(codeOf(anything)).not.toBe("ok");
        expect(codeOf({ ...posting("p"), legs: anything })).not.toBe("ok");
        expect(codeOf({ ...posting("p"), legs: [anything] })).not.toBe("ok");
      }),
    );
  });

  it("holds texts that PostgreSQL keeps as they are, within their lengths", () => {
    const leg = moved("clearing", "seller", 1n);
    const long = "x".repeat(LEDGER_ID_LENGTH_MAX);
    expect(codeOf(posting(long, leg))).toBe("ok");
    expect(codeOf(posting("款项-😀", leg))).toBe("ok");
    for (const id of ["", `${long}x`, "a\0b", "\ud800", "😀".slice(0, 1), 7])
      expect(codeOf({ ...posting("p", leg), id }), String(id)).toBe("posting-malformed");
    const reason = "x".repeat(REASON_LENGTH_MAX + 1);
    expect(codeOf({ ...posting("p", leg), reason })).toBe("posting-malformed");
    expect(codeOf({ ...posting("p", leg), subject: "" })).toBe("posting-malformed");
    expect(codeOf(posting("p", { ...leg, debit: "" } as Leg))).toBe("posting-malformed");
  });

  it("has a date that exists, an amount in whole units and a limited number of legs", () => {
    const leg = moved("clearing", "seller", 1n);
    expect(codeOf({ ...posting("p", leg), effectiveOn: "2026-02-30" })).toBe("posting-malformed");
    const number = { ...leg, amount: { currency: "USD", minor: 1 } };
    expect(codeOf({ ...posting("p"), legs: [number] })).toBe("posting-malformed");
    const most = Array.from({ length: LEGS_PER_POSTING_MAX }, () => leg);
    expect(codeOf(posting("p", ...most))).toBe("ok");
    expect(codeOf(posting("p", ...most, leg))).toBe("posting-malformed");
    expect(codeOf(posting("p", drawn("void", ref("q", -1), 1n)))).toBe("posting-malformed");
    expect(codeOf(posting("p", drawn("void", ref("q", 0.5), 1n)))).toBe("posting-malformed");
  });
});

describe("the fingerprint of a posting", () => {
  const base = posting("p", moved("a", "b", 1n), drawn("commit", ref("q", 1), 2n));

  it("is that of its body, not of its id", () => {
    expect(fingerprintOf({ ...base, id: "other" as Posting["id"] })).toBe(fingerprintOf(base));
  });

  it("differs wherever the body differs", () => {
    const others: Posting[] = [
      { ...base, effectiveOn: "2026-11-24" as Posting["effectiveOn"] },
      { ...base, reason: "x" },
      { ...base, subject: "x" },
      { ...base, reason: base.subject, subject: base.reason },
      posting("p", moved("a", "b", 1n)),
      posting("p", moved("b", "a", 1n), drawn("commit", ref("q", 1), 2n)),
      posting("p", reserved("a", "b", 1n), drawn("commit", ref("q", 1), 2n)),
      posting("p", moved("a", "b", 12n), drawn("commit", ref("q", 1), 2n)),
      posting("p", moved("a", "b", 1n, CNY), drawn("commit", ref("q", 1), 2n)),
      posting("p", moved("a", "b", 1n), drawn("void", ref("q", 1), 2n)),
      posting("p", moved("a", "b", 1n), drawn("commit", ref("q", 2), 2n)),
      posting("p", moved("a", "b", 1n), drawn("commit", ref("q1", 1), 2n)),
      posting("p", drawn("commit", ref("q", 1), 2n), moved("a", "b", 1n)),
    ];
    const prints = [base, ...others].map(fingerprintOf);
    expect(prints).not.toContain("refused");
    expect(new Set(prints).size).toBe(prints.length);
  });
});
