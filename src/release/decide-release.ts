// Release or hold: a pure decision over the facts of one payout. Every rule looks at the facts and says nothing, or
// names a hold: amount, code, sentence, papers, owner. What no rule holds is released, and what two people waived
// (waivers.ts). Rules of packs (ruled.ts) join the list; none of them reads a clock or the database.

import type { Currency } from "../money/currency.ts";
import type { Policy } from "../policy/policy.ts";
import { addWeekdays, type CivilDate } from "../time/instant.ts";
import { OWN_RULES } from "./own-rules.ts";
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
  const own = OWN_RULES.map((rule) => rule(facts, policy)).filter((found) => found !== null);
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
