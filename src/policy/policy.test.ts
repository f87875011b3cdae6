import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, isKnownPayer, parsePolicy } from "./policy.ts";

describe("the policy file", () => {
  it("changes what it names and keeps the rest", () => {
    const parsed = parsePolicy(
      JSON.stringify({
        name: "pilot",
        chargeTolerance: { USD: "25.00", JPY: "300" },
        creditSources: { "pacs.008": true },
      }),
      "policy.json",
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        name: "pilot",
        chargeToleranceMinor: { USD: 2500n, JPY: 300n },
        creditSources: { "pacs.008": true, "camt.054": true, "camt.052": false },
        holdDueWeekdays: DEFAULT_POLICY.holdDueWeekdays,
      },
    });
  });

  it.each([
    ["not JSON", "{", "policy-not-json"],
    ["an unknown setting", '{"realeseWithoutReference": true}', "policy-invalid"],
    ["an amount finer than its currency", '{"chargeTolerance": {"JPY": "1.5"}}', "policy-invalid"],
    ["an unknown currency", '{"chargeTolerance": {"XXQ": "1"}}', "policy-invalid"],
    ["a negative amount", '{"impliedChargeMax": {"USD": "-1.00"}}', "policy-invalid"],
    ["an unknown zone", '{"zone": "Mars/Olympus"}', "policy-invalid"],
    ["a number where a date span is counted", '{"creditWindowWeekdays": -1}', "policy-invalid"],
  ])("is refused with the field: %s", (_what, text, code) => {
    expect(parsePolicy(text, "policy.json")).toMatchObject({ ok: false, refusal: { code } });
  });

  it("knows a payer by its name and not by a name that begins alike", () => {
    expect(isKnownPayer(DEFAULT_POLICY, "amazon", "AMAZON PAYMENTS EUROPE S.C.A.")).toBe(true);
    expect(isKnownPayer(DEFAULT_POLICY, "amazon", "Amazon Payments Europe S.C.A. Refunds")).toBe(
      false,
    );
    expect(isKnownPayer(DEFAULT_POLICY, "amazon", "Αmazon.com Services LLC")).toBe(false);
    expect(isKnownPayer(DEFAULT_POLICY, "ebay", "Amazon.com Services LLC")).toBe(false);
    expect(isKnownPayer(DEFAULT_POLICY, "amazon", null)).toBe(false);
  });
});
