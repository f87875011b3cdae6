// A payout's evidence and verdicts on the wire.

import type { EvidenceFacts } from "../../evidence/evidence-facts.ts";
import type { Explanation } from "../../report/verdicts.ts";
import type { PayoutEvidenceJson, PayoutVerdictsJson } from "../contract/payouts.ts";
import { moneyOf, moneyOfMinor } from "../contract/values.ts";

const NOT_IN_FORCE: PayoutEvidenceJson = {
  state: "not-in-force",
  required: null,
  covered: null,
  uncovered: null,
  provisional: null,
  refunded: null,
  other: null,
  orderCount: 0,
  ordersCovered: 0,
  ordersUnshipped: 0,
  ordersOverdue: 0,
  missingPapers: [],
  missing: [],
  findings: [],
  findingCount: 0,
  customsModes: [],
  refusedModes: [],
};

export function evidenceJson(facts: EvidenceFacts | null): PayoutEvidenceJson {
  if (facts === null) return NOT_IN_FORCE;
  const money = (minor: bigint) => moneyOfMinor(minor, facts.currency);
  return {
    state: facts.state,
    required: money(facts.requiredMinor),
    covered: money(facts.coveredMinor),
    uncovered: money(facts.uncoveredMinor),
    provisional: money(facts.provisionalMinor),
    refunded: money(facts.refundedMinor),
    other: money(facts.otherMinor),
    orderCount: facts.orderCount,
    ordersCovered: facts.ordersCovered,
    ordersUnshipped: facts.ordersUnshipped,
    ordersOverdue: facts.ordersOverdue,
    missingPapers: facts.missingPapers.map(({ paper, count, amountMinor }) => ({
      paper,
      count,
      amount: money(amountMinor),
    })),
    missing: facts.missing.map(({ amountMinor, ...paper }) => ({
      ...paper,
      amount: money(amountMinor),
    })),
    findings: facts.findings.map(({ amountMinor, ...finding }) => ({
      ...finding,
      amount: money(amountMinor),
    })),
    findingCount: facts.findingCount,
    customsModes: facts.customsModes.map(({ mode, amountMinor }) => ({
      mode,
      amount: money(amountMinor),
    })),
    refusedModes: [...facts.refusedModes],
  };
}

/** What lists say of a party is never told to the party (AML law: confidentiality). */
const CONFIDENTIAL = /^screening\./;

export function verdictsJson(explanation: Explanation, isSeller: boolean): PayoutVerdictsJson {
  const isShown = ({ fact }: { readonly fact: string }) => !isSeller || !CONFIDENTIAL.test(fact);
  return {
    payoutId: explanation.payoutId,
    packs: [...explanation.packs],
    own: [...explanation.own],
    verdicts: explanation.verdicts.map(({ amount, currency, lookedAt, ...verdict }) => ({
      ...verdict,
      lookedAt: lookedAt.filter(isShown),
      amount: amount === null || currency === null ? null : moneyOf(amount, currency),
    })),
    facts: explanation.facts.filter(isShown),
  };
}
