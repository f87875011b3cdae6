// Four eyes: what one person asks for, another decides. The mechanism knows no kind of act: it keeps who asked for
// what and why, who decided, and what became of it. Rules: docs/concepts/approval.md; ASVS 5.0 V2.3.5.

import { type Instant, msOf } from "../time/instant.ts";

export const APPROVAL_KINDS = [
  "hold-release",
  "account-binding",
  "role-change",
  "payment-order",
] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export type ApprovalId = `appr_${string}`;

/** Who acts: a person by a session, or a program by a key, for which a person answers. */
export type Actor = {
  /** `user_…` or `key_…`, as the timeline names it. */
  readonly id: string;
  /** The person behind, `user_…`: themselves, or who answers for the key. Four eyes are those of two persons. */
  readonly personId: string;
};

export type ApprovalState =
  /** Asked, and still in time. */
  | "pending"
  /** Decided, and not carried out yet. */
  | "approved"
  | "denied"
  /** Nobody decided in time. */
  | "expired"
  | "executed"
  /** Approved, but what it was about had changed before it could be carried out. */
  | "lapsed";

/** What somebody asks for. */
export type ApprovalDraft = {
  readonly kind: ApprovalKind;
  /** What may be pending once only: the hold, the account, the user. */
  readonly claim: string;
  /** The object it is about; its timeline tells of the approval too. */
  readonly subject: string;
  /** Whose it is; null: the institution's own. */
  readonly sellerId: string | null;
  /** What changes, before and after; amounts as decimal texts of minor units. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What of the body the timeline may tell: no account number, no name of a person. */
  readonly told: Readonly<Record<string, unknown>>;
  /** Why it is asked for; a decision without reasons is no decision. */
  readonly reason: string;
  readonly maker: Actor;
};

export type Approval = Omit<ApprovalDraft, "told"> & {
  readonly approvalId: ApprovalId;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly decision: {
    readonly outcome: "approved" | "denied" | "expired";
    /** Who decided, `user_…`; null: nobody did in time. */
    readonly checker: string | null;
    readonly reason: string | null;
    readonly decidedAt: Instant;
  } | null;
  readonly execution: {
    readonly outcome: "executed" | "lapsed";
    readonly code: string | null;
    readonly message: string | null;
    readonly executedAt: Instant;
  } | null;
};

const HOUR_MS = 60 * 60 * 1000;

/** How long a request waits for its second person: money is decided within days, access within a week. */
export const APPROVAL_LIFE_MS: Readonly<Record<ApprovalKind, number>> = {
  "hold-release": 72 * HOUR_MS,
  "payment-order": 72 * HOUR_MS,
  "account-binding": 7 * 24 * HOUR_MS,
  "role-change": 7 * 24 * HOUR_MS,
};

/** Characters of a reason: a sentence or two, of the one who asks and of the one who decides. */
export const APPROVAL_REASON_LENGTH_MAX = 1_000;

export function approvalState(approval: Approval, now: Instant): ApprovalState {
  if (approval.execution !== null) return approval.execution.outcome;
  if (approval.decision !== null) return approval.decision.outcome;
  return msOf(now) >= msOf(approval.expiresAt) ? "expired" : "pending";
}
