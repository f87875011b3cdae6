// Release or hold: a pure decision over the facts of one payout. Every rule looks at the facts and says nothing, or
// names a hold: amount, code, sentence, papers, owner. What no rule holds is released, and what two people waived
// (waivers.ts). Rules of packs (ruled.ts) join the list; none of them reads a clock or the database.

import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import { isKnownPayer, type Policy } from "../policy/policy.ts";
import { addWeekdays, type CivilDate } from "../time/instant.ts";
import { netPaidMinor } from "./net-paid.ts";
import { applyWaivers, type HoldWaiver } from "./waivers.ts";

export type HoldOwner = "seller" | "operator" | "bank" | "marketplace";

/** Holds of the channel's own rules. */
export type OwnHoldCode =
  | "seller-unknown"
  | "account-of-another-seller"
  | "account-tail-differs"
  | "payer-not-named"
  | "payer-not-known"
  | "payout-failed"
  | "statement-missing"
  | "statement-quarantined"
  | "statements-differ"
  | "amount-short"
  | "amount-over"
  | "matched-without-reference";

/** An own code, or the code that a rule of a pack names. */
export type HoldCode = OwnHoldCode | (string & {});

export type HoldDraft = {
  readonly code: HoldCode;
  /** Minor units of the payout's credits that may not be used yet; positive. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** One plain sentence for the seller. */
  readonly message: string;
  /** What would lift it. */
  readonly papers: readonly string[];
  readonly owner: HoldOwner;
  readonly dueOn: CivilDate;
} & RuleWords;

/** What a rule of a pack says besides; null where the channel's own rule speaks. */
export type RuleWords = {
  readonly messageZh: string | null;
  /** What happens when nothing is brought. */
  readonly consequence: string | null;
  readonly consequenceZh: string | null;
  /** "pack/rule". */
  readonly rule: string | null;
};

export const NO_RULE: RuleWords = {
  messageZh: null,
  consequence: null,
  consequenceZh: null,
  rule: null,
};

export type ReleaseMatch = {
  readonly matchId: string;
  readonly creditId: string;
  /** How it was found; `reference` too where a reference that both sides know came later. */
  readonly layer: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly paidMinor: bigint;
  readonly undoneMinor: bigint;
  readonly undonePaidMinor: bigint;
  /**
   * Of its credit, taken back while nothing explained it; told with one of the credit's matches, and zero where the
   * credit pays other payouts too.
   */
  readonly undoneBeforeMinor: bigint;
  /** Released and not taken back. */
  readonly releasedMinor: bigint;
  /** Released in all, whether taken back or not. */
  readonly everReleasedMinor: bigint;
  readonly accountNumber: string;
  /** Whose the account is on the day of its money. */
  readonly accountSellerId: string | null;
  readonly payerName: string | null;
  readonly ultimatePayerName: string | null;
};

export type ReleaseStatement = {
  readonly settlementId: string;
  readonly verdict: "proven" | "quarantined";
  readonly totalMinor: bigint;
  readonly currency: string;
  readonly reasons: readonly { readonly message: string }[];
};

export type ReleaseFacts = {
  readonly payoutId: string;
  readonly sellerId: string | null;
  readonly marketplace: string;
  readonly reference: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly originalCurrency: string | null;
  readonly originalMinor: bigint | null;
  readonly source: string;
  readonly announcedStatus: string;
  readonly accountTail: string | null;
  /** Settlements that the payout names but that are not on record. */
  readonly missingSettlementIds: readonly string[];
  readonly statements: readonly ReleaseStatement[];
  readonly matches: readonly ReleaseMatch[];
  /** What came for it and was taken back whole before the payout was known; in the payout's currency. */
  readonly returnedBeforeMinor: bigint;
  /** Money on an account that nobody has claimed which would pay this unclaimed payout; null when none. */
  readonly proposed: { readonly currency: Currency; readonly amountMinor: bigint } | null;
  /** What the rules of the packs in force say against it (ruled.ts). */
  readonly ruled: readonly Complaint[];
  /** What was waived by hand of the holds on this payout's credits. */
  readonly waivers: readonly HoldWaiver[];
};

export type ReleaseDecision = {
  readonly payoutId: string;
  readonly releases: readonly {
    readonly matchId: string;
    readonly creditId: string;
    readonly amountMinor: bigint;
    readonly currency: Currency;
    /** Approvals without which it would be held; empty where no rule held it. */
    readonly approvalIds: readonly string[];
  }[];
  readonly holds: readonly HoldDraft[];
};

export type Complaint = Omit<HoldDraft, "amountMinor" | "currency" | "dueOn" | keyof RuleWords> & {
  /** What it says as a rule of a pack. */
  readonly words?: RuleWords;
  /** The one credit that it is about; absent: all of the payout's. */
  readonly creditId?: string;
  /** How much of the waiting money it holds, at most; absent: all of it. */
  readonly holdsMinor?: bigint;
  /** By when; absent: as the policy has it for holds. */
  readonly dueOn?: CivilDate;
  /** No approval lifts it. */
  readonly isFinal?: boolean;
  /**
   * What about this match is wrong, as far as another wrong of the same kind would be another hold: names, ids, never
   * amounts. A waiver covers the causes that were looked at and their subsets. Absent: the code alone says it.
   */
  readonly causes?: (match: ReleaseMatch) => readonly string[];
};
type Rule = (facts: ReleaseFacts, policy: Policy) => Complaint | null;

/** Rules about the payout as a whole, in order of precedence: what it is, whose it is, what proves it. */
export const RELEASE_RULES: readonly Rule[] = [
  accountOfSeller,
  accountTail,
  payerNamed,
  payerKnown,
  notFailed,
  statementsPresent,
  statementsProven,
  statementsAgree,
  amountExplained,
  notOverpaid,
  hasReference,
];

export function decideRelease(
  facts: ReleaseFacts,
  policy: Policy,
  today: CivilDate,
): ReleaseDecision {
  if (facts.sellerId === null) return holdUnclaimed(facts, policy, today);
  const waiting = waitingOf(facts);
  const [first] = waiting;
  const { payoutId } = facts;
  if (first === undefined) return { payoutId, releases: [], holds: [] };
  const complaints = complaintsOf(facts, policy);
  const { releases, heldMinorOf } = applyWaivers(facts, complaints, waiting);
  const dueOn = addWeekdays(today, policy.holdDueWeekdays);
  return {
    payoutId,
    releases,
    holds: complaints
      .map(({ code, message, papers, owner, words, ...complaint }, index) => ({
        code,
        amountMinor: heldMinorOf[index] ?? 0n,
        currency: first.currency,
        message,
        papers,
        owner,
        dueOn: complaint.dueOn ?? dueOn,
        ...(words ?? NO_RULE),
      }))
      .filter((hold) => hold.amountMinor > 0n),
  };
}

/** Money of a match that is neither released nor taken back. */
export type WaitingMoney = {
  readonly match: ReleaseMatch;
  readonly amountMinor: bigint;
};

/** What waits for a release, in the order in which it was matched. */
export function waitingOf(facts: ReleaseFacts): readonly (WaitingMoney & { currency: Currency })[] {
  return facts.matches
    .map((match) => ({
      match,
      currency: match.currency,
      amountMinor: match.amountMinor - match.undoneMinor - match.releasedMinor,
    }))
    .filter((item) => item.amountMinor > 0n);
}

/** What the rules say against the payout, in order of precedence; whether it was waived is not asked here. */
export function complaintsOf(facts: ReleaseFacts, policy: Policy): readonly Complaint[] {
  const own = RELEASE_RULES.map((rule) => rule(facts, policy)).filter((found) => found !== null);
  return [...own, ...facts.ruled];
}

/** Nobody said whose payout this is: what would pay it is held as a whole. */
function holdUnclaimed(facts: ReleaseFacts, policy: Policy, today: CivilDate): ReleaseDecision {
  const { payoutId, proposed } = facts;
  if (proposed === null) return { payoutId, releases: [], holds: [] };
  const hold: HoldDraft = {
    code: "seller-unknown",
    amountMinor: proposed.amountMinor,
    currency: proposed.currency,
    message:
      "Nobody has said which seller this payout and the account it came to belong to: name the seller with --seller.",
    papers: ["the seller's name and its bank account"],
    owner: "operator",
    dueOn: addWeekdays(today, policy.holdDueWeekdays),
    ...NO_RULE,
  };
  return { payoutId, releases: [], holds: [hold] };
}

function active(facts: ReleaseFacts): readonly ReleaseMatch[] {
  return facts.matches.filter((match) => match.amountMinor > match.undoneMinor);
}

/** The money must stand on an account of the seller whose store earned it. */
function accountOfSeller(facts: ReleaseFacts): Complaint | null {
  const wrong = active(facts).find((match) => match.accountSellerId !== facts.sellerId);
  return wrong === undefined
    ? null
    : {
        code: "account-of-another-seller",
        message: `The money came to account …${wrong.accountNumber.slice(-4)}, which is not bound to the payout's seller.`,
        papers: ["account confirmation by the bank"],
        owner: "operator",
      };
}

function accountTail(facts: ReleaseFacts): Complaint | null {
  const { accountTail: tail } = facts;
  if (tail === null) return null;
  const wrong = active(facts).find((match) => !match.accountNumber.endsWith(tail));
  return wrong === undefined
    ? null
    : {
        code: "account-tail-differs",
        message: `The marketplace paid to an account ending in ${tail}, but the money came to …${wrong.accountNumber.slice(-4)}.`,
        papers: ["deposit method shown by the marketplace"],
        owner: "seller",
        causes: (match) => (match.accountNumber.endsWith(tail) ? [] : [tail]),
      };
}

function payerNamed(facts: ReleaseFacts): Complaint | null {
  return active(facts).some((match) => match.payerName === null && match.ultimatePayerName === null)
    ? {
        code: "payer-not-named",
        message: "The bank's message does not name who paid, so the payer cannot be checked.",
        papers: ["payment message that names the payer (MT103 or pacs.008)"],
        owner: "bank",
      }
    : null;
}

/** Third-party money must not pass as the marketplace's. */
function payerKnown(facts: ReleaseFacts, policy: Policy): Complaint | null {
  const unknownNames = (match: ReleaseMatch) => {
    const names = [match.payerName, match.ultimatePayerName].filter((name) => name !== null);
    return names.some((name) => isKnownPayer(policy, facts.marketplace, name)) ? [] : names;
  };
  const unknown = active(facts).find((match) => unknownNames(match).length > 0);
  return unknown === undefined
    ? null
    : {
        code: "payer-not-known",
        message: `"${unknown.payerName ?? unknown.ultimatePayerName}" is not on the list of names under which ${facts.marketplace} pays.`,
        papers: ["proof that the payer pays for the marketplace"],
        owner: "operator",
        causes: unknownNames,
      };
}

function notFailed(facts: ReleaseFacts): Complaint | null {
  return facts.announcedStatus === "failed" || facts.announcedStatus === "cancelled"
    ? {
        code: "payout-failed",
        message: `The marketplace says this payout ${facts.announcedStatus === "failed" ? "failed" : "was cancelled"}, yet money came under its reference.`,
        papers: ["payout status from the marketplace"],
        owner: "marketplace",
        causes: () => [facts.announcedStatus],
      }
    : null;
}

function statementsPresent(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement) return null;
  if (facts.statements.length > 0 && facts.missingSettlementIds.length === 0) return null;
  const names = facts.missingSettlementIds.join(", ");
  return {
    code: "statement-missing",
    message:
      names === ""
        ? "No settlement statement behind this payout is on record."
        : `The settlement statement ${names} behind this payout is not on record.`,
    papers: [names === "" ? "settlement report of the period" : `settlement report ${names}`],
    owner: "seller",
    causes: () => facts.missingSettlementIds,
  };
}

function statementsProven(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement) return null;
  const unproven = facts.statements.filter((statement) => statement.verdict !== "proven");
  const [doubtful] = unproven;
  return doubtful === undefined
    ? null
    : {
        code: "statement-quarantined",
        message: `Settlement ${doubtful.settlementId} is not proven: ${doubtful.reasons[0]?.message ?? "its lines do not sum to its total."}`,
        papers: [`settlement report ${doubtful.settlementId}, downloaded again`],
        owner: "marketplace",
        causes: () => unproven.map((statement) => statement.settlementId),
      };
}

/** The payout must be what its statements say is owed, in the currency in which the store settles. */
function statementsAgree(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement || facts.statements.length === 0) return null;
  const currency = facts.originalCurrency ?? facts.currency;
  const owed = facts.originalMinor ?? facts.amountMinor;
  const total = facts.statements.reduce((sum, statement) => sum + statement.totalMinor, 0n);
  const agrees =
    total === owed && facts.statements.every((statement) => statement.currency === currency);
  return agrees || facts.missingSettlementIds.length > 0
    ? null
    : {
        code: "statements-differ",
        message: `The payout is ${currency} ${formatMinor(owed, currency as Currency)}, its statements sum to ${formatMinor(total, currency as Currency)}.`,
        papers: ["settlement reports of all periods that the payout covers"],
        owner: "marketplace",
        causes: () => facts.statements.map((statement) => statement.settlementId),
      };
}

/**
 * What arrived, with the charges that messages document, must be the payout to the cent. What the bank took back of
 * it is documented too: the rest is the seller's, whether that came before the payout was known or after. Once more
 * came than the payout, it was paid again, and only what is left counts.
 */
function amountExplained(facts: ReleaseFacts): Complaint | null {
  const arrived = facts.matches.reduce(
    (sum, match) => sum + match.paidMinor + match.undoneBeforeMinor,
    facts.returnedBeforeMinor,
  );
  const paid = arrived <= facts.amountMinor ? arrived : netPaidMinor(facts);
  if (paid >= facts.amountMinor) return null;
  const missing = formatMinor(facts.amountMinor - paid, facts.currency);
  return {
    code: "amount-short",
    message: `${facts.currency} ${missing} of ${formatMinor(facts.amountMinor, facts.currency)} has not arrived, and no message documents a charge for it.`,
    papers: ["charge advice of the banks on the way"],
    owner: "bank",
  };
}

/** A re-issued statement or a changed announcement may owe less than what was matched while it owed more. */
function notOverpaid(facts: ReleaseFacts): Complaint | null {
  const paid = facts.matches.reduce(
    (sum, match) => sum + match.paidMinor - match.undonePaidMinor,
    0n,
  );
  if (paid <= facts.amountMinor) return null;
  const over = formatMinor(paid - facts.amountMinor, facts.currency);
  return {
    code: "amount-over",
    message: `${facts.currency} ${over} more has arrived than the payout of ${formatMinor(facts.amountMinor, facts.currency)} owes now.`,
    papers: ["payout details from the marketplace that explain the difference"],
    owner: "operator",
  };
}

function hasReference(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (policy.releaseWithoutReference) return null;
  return active(facts).some((match) => match.layer !== "reference")
    ? {
        code: "matched-without-reference",
        message:
          "The money fits by amount, date and payer, but the bank gives no reference of the payout.",
        papers: ["payment details with the marketplace's reference"],
        owner: "operator",
      }
    : null;
}
