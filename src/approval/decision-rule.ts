// May this person decide this request? A pure rule, without a way around it for anybody: whoever asked does not
// decide, nor does the person it is about, and what is decided or expired stays so.

import { type Refusal, refusalOf } from "../errors/refusal.ts";
import type { Instant } from "../time/instant.ts";
import { APPROVAL_REASON_LENGTH_MAX, type Approval, approvalState } from "./approval.ts";

export type Decision = {
  readonly outcome: "approved" | "denied";
  /** The person who decides, `user_…`: a program never does. */
  readonly checker: string;
  /** Needed to deny; welcome to approve. */
  readonly reason: string | null;
};

export type DecisionRefusalCode =
  | "approval-own"
  | "approval-about-decider"
  | "approval-expired"
  | "approval-decided"
  | "reason-missing"
  | "reason-too-long";

/** Why the decision is refused, or null. The order is fixed: who asked learns first that they may not decide. */
export function decisionRefusal(
  approval: Approval,
  decision: Decision,
  now: Instant,
): (Refusal & { readonly code: DecisionRefusalCode }) | null {
  const { checker, outcome } = decision;
  if (checker === approval.maker.personId || checker === approval.maker.id)
    return refusal("approval-own", "You asked for this yourself: another person must decide it.");
  if (checker === approval.subject)
    return refusal("approval-about-decider", "This is about you: another person must decide it.");
  const state = approvalState(approval, now);
  if (state === "expired") {
    const message = `This request expired at ${approval.expiresAt}; it can be asked for again.`;
    return refusal("approval-expired", message);
  }
  if (state !== "pending")
    return refusal("approval-decided", `This request was decided already: it is ${state}.`);
  const reason = decision.reason?.trim() ?? "";
  if (outcome === "denied" && reason === "")
    return refusal("reason-missing", "Say why it is denied: who asked must know what to change.");
  return reason.length > APPROVAL_REASON_LENGTH_MAX
    ? refusal("reason-too-long", `A reason has at most ${APPROVAL_REASON_LENGTH_MAX} characters.`)
    : null;
}

function refusal(code: DecisionRefusalCode, message: string) {
  return { ...refusalOf(code, message), code };
}
