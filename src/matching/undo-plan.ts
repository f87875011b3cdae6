// What a reversal or return undoes: exactly the credit it names, at most what is left of it, and in an order that
// takes unusable money first. Pure decisions over facts.

import type { Currency } from "../money/currency.ts";

export type OpenUndo = {
  readonly debitId: string;
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly openMinor: bigint;
  /** References of the original that it names itself (returns), else its own (reversals repeat them). */
  readonly names: {
    readonly uetr: string | null;
    readonly endToEndId: string | null;
    readonly servicerRef: string | null;
    readonly instructionId: string | null;
  };
};

export type UndoableMatch = {
  readonly matchId: string;
  readonly payoutId: string;
  readonly payoutCurrency: Currency;
  readonly amountMinor: bigint;
  readonly paidMinor: bigint;
  readonly chargeMinor: bigint;
  readonly exchanged: boolean;
  readonly undoneMinor: bigint;
  readonly releases: readonly { readonly releaseId: string; readonly leftMinor: bigint }[];
};

export type UndoableCredit = {
  readonly creditId: string;
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly undoneMinor: bigint;
  readonly openMinor: bigint;
  readonly uetr: string | null;
  readonly endToEndId: string | null;
  readonly servicerRef: string | null;
  readonly instructionId: string | null;
  readonly matches: readonly UndoableMatch[];
};

export type UndoRefusal =
  | "names-nothing"
  | "credit-not-found"
  | "several-credits-fit"
  | "exceeds-credit"
  | "exchanged-in-part";

/** The one credit that the debit names with enough left to undo. */
export function namedCredit<Credit extends UndoableCredit>(
  undo: OpenUndo,
  credits: readonly Credit[],
): Credit | UndoRefusal {
  const { names } = undo;
  if (Object.values(names).every((name) => name === null)) return "names-nothing";
  const named = credits.filter(
    (credit) =>
      credit.currency === undo.currency &&
      (undo.accountNumber === "" || credit.accountNumber === undo.accountNumber) &&
      isNamed(names, credit),
  );
  if (named.length === 0) return "credit-not-found";
  const able = named.filter((credit) => credit.amountMinor - credit.undoneMinor >= undo.openMinor);
  if (able.length === 0) return "exceeds-credit";
  const exact = able.filter(
    (credit) => credit.amountMinor === undo.openMinor && credit.undoneMinor === 0n,
  );
  const chosen = exact.length > 0 ? exact : able;
  // Identical credits with identical references are interchangeable; different ones need a person.
  const [first] = chosen;
  if (first === undefined) return "credit-not-found";
  const isAlike = chosen.every((credit) => credit.amountMinor === first.amountMinor);
  return isAlike ? first : "several-credits-fit";
}

/** A UETR decides alone; otherwise any reference that both have. */
function isNamed(names: OpenUndo["names"], credit: UndoableCredit): boolean {
  if (names.uetr !== null && credit.uetr !== null) return names.uetr === credit.uetr;
  return (["endToEndId", "servicerRef", "instructionId"] as const).some(
    (name) => names[name] !== null && names[name] === credit[name],
  );
}

export type UndoPart = {
  /** Null: the part that was still in suspense. */
  readonly match: UndoableMatch | null;
  readonly amountMinor: bigint;
  /** Of it, taken from the reserved (pending) amount. */
  readonly pendingMinor: bigint;
  /** Of it, taken back from what was released. */
  readonly released: readonly { readonly releaseId: string; readonly minor: bigint }[];
  readonly paidMinor: bigint;
  readonly chargeMinor: bigint;
};

/** How the amount is taken from the credit: suspense first, then matched money, the unreleased part first. */
export function planUndo(
  credit: UndoableCredit,
  amountMinor: bigint,
): readonly UndoPart[] | UndoRefusal {
  const parts: UndoPart[] = [];
  let left = amountMinor;
  const suspense = minimum(left, credit.openMinor);
  if (suspense > 0n) {
    parts.push({
      match: null,
      amountMinor: suspense,
      pendingMinor: 0n,
      released: [],
      paidMinor: 0n,
      chargeMinor: 0n,
    });
    left -= suspense;
  }
  for (const match of credit.matches) {
    const amount = minimum(left, match.amountMinor - match.undoneMinor);
    if (amount <= 0n) continue;
    const isWhole = amount === match.amountMinor;
    if (match.exchanged && !isWhole) return "exchanged-in-part";
    parts.push(partOf(match, amount, isWhole));
    left -= amount;
  }
  if (left > 0n) return "exceeds-credit";
  return amountMinor === credit.amountMinor ? [...parts, ...lateCharges(credit)] : parts;
}

/** Charges that were documented after their credit was matched; they are undone with the whole of it. */
function lateCharges(credit: UndoableCredit): readonly UndoPart[] {
  return credit.matches
    .filter((match) => match.amountMinor === 0n)
    .map((match) => ({
      match,
      amountMinor: 0n,
      pendingMinor: 0n,
      released: [],
      paidMinor: match.paidMinor,
      chargeMinor: match.chargeMinor,
    }));
}

function partOf(match: UndoableMatch, amount: bigint, isWhole: boolean): UndoPart {
  const releasedLeft = match.releases.reduce((sum, release) => sum + release.leftMinor, 0n);
  const pendingLeft = match.amountMinor - match.undoneMinor - releasedLeft;
  const pending = minimum(amount, pendingLeft);
  const released: { releaseId: string; minor: bigint }[] = [];
  let back = amount - pending;
  for (const release of match.releases) {
    const minor = minimum(back, release.leftMinor);
    if (minor > 0n) released.push({ releaseId: release.releaseId, minor });
    back -= minor;
  }
  return {
    match,
    amountMinor: amount,
    pendingMinor: pending,
    released,
    // The charge is undone only with the whole: a partial return gives no charge back.
    paidMinor: isWhole ? match.paidMinor : amount,
    chargeMinor: isWhole ? match.chargeMinor : 0n,
  };
}

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
