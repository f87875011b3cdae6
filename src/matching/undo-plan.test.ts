import { describe, expect, it } from "vitest";
import { currencyOf } from "../money/currency.ts";
import {
  namedCredit,
  type OpenUndo,
  planUndo,
  type UndoableCredit,
  type UndoableMatch,
} from "./undo-plan.ts";

const USD = currencyOf("USD")!;
const NAMES = { uetr: null, endToEndId: null, servicerRef: null, instructionId: null };

function undo(over: Partial<OpenUndo> = {}): OpenUndo {
  return {
    debitId: "db_1",
    accountNumber: "8801",
    currency: USD,
    openMinor: 100n,
    names: { ...NAMES, uetr: "u-1" },
    ...over,
  };
}

function credit(over: Partial<UndoableCredit> = {}): UndoableCredit {
  return {
    creditId: "cr_1",
    accountNumber: "8801",
    currency: USD,
    amountMinor: 100n,
    undoneMinor: 0n,
    openMinor: 0n,
    uetr: "u-1",
    endToEndId: null,
    servicerRef: null,
    instructionId: null,
    matches: [],
    ...over,
  };
}

function match(over: Partial<UndoableMatch> = {}): UndoableMatch {
  return {
    matchId: "ma_1",
    payoutId: "po_1",
    payoutCurrency: USD,
    amountMinor: 100n,
    paidMinor: 115n,
    chargeMinor: 15n,
    exchanged: false,
    undoneMinor: 0n,
    releases: [{ releaseId: "rl_1", leftMinor: 100n }],
    ...over,
  };
}

describe("what a reversal or return undoes", () => {
  it("finds the credit it names and no other", () => {
    expect(
      namedCredit(undo(), [credit({ creditId: "cr_2", uetr: "u-2" }), credit()]),
    ).toMatchObject({ creditId: "cr_1" });
    expect(namedCredit(undo(), [credit({ uetr: "u-2" })])).toBe("credit-not-found");
    expect(namedCredit(undo({ names: NAMES }), [credit()])).toBe("names-nothing");
    expect(namedCredit(undo(), [credit({ accountNumber: "other" })])).toBe("credit-not-found");
  });

  it("is not applied beyond what is left of the credit: the same return twice is refused", () => {
    expect(namedCredit(undo(), [credit({ undoneMinor: 100n })])).toBe("exceeds-credit");
    expect(namedCredit(undo({ openMinor: 101n }), [credit()])).toBe("exceeds-credit");
  });

  it("leaves different credits under one reference to a person", () => {
    const names = { ...NAMES, endToEndId: "E1" };
    const two = [
      credit({ creditId: "cr_a", uetr: null, endToEndId: "E1", amountMinor: 150n }),
      credit({ creditId: "cr_b", uetr: null, endToEndId: "E1", amountMinor: 200n }),
    ];
    expect(namedCredit(undo({ names }), two)).toBe("several-credits-fit");
    expect(namedCredit(undo({ names, openMinor: 200n }), two)).toMatchObject({ creditId: "cr_b" });
  });

  it("takes suspense first, then what is reserved, then what was released", () => {
    const matched = match({
      amountMinor: 80n,
      paidMinor: 80n,
      chargeMinor: 0n,
      releases: [{ releaseId: "rl_1", leftMinor: 50n }],
    });
    const parts = planUndo(credit({ openMinor: 20n, matches: [matched] }), 70n);
    expect(parts).toMatchObject([
      { match: null, amountMinor: 20n },
      {
        amountMinor: 50n,
        pendingMinor: 30n,
        released: [{ releaseId: "rl_1", minor: 20n }],
        chargeMinor: 0n,
      },
    ]);
  });

  it("gives the charge back only with the whole", () => {
    expect(planUndo(credit({ matches: [match()] }), 100n)).toMatchObject([
      { paidMinor: 115n, chargeMinor: 15n },
    ]);
    expect(planUndo(credit({ matches: [match()] }), 40n)).toMatchObject([
      { paidMinor: 40n, chargeMinor: 0n },
    ]);
  });

  it("does not divide an exchange", () => {
    expect(planUndo(credit({ matches: [match({ exchanged: true })] }), 40n)).toBe(
      "exchanged-in-part",
    );
  });
});
