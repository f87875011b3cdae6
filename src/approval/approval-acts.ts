// Approvals on record: asked, decided, carried out. Each is a row of its own, written once; what state a request is in
// follows from them. Every act is told on the timeline with who did it.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import {
  APPROVAL_LIFE_MS,
  APPROVAL_REASON_LENGTH_MAX,
  type Approval,
  type ApprovalDraft,
  type ApprovalId,
  approvalState,
} from "./approval.ts";
import { type Decision, decisionRefusal } from "./decision-rule.ts";
import { loadApproval, loadWhere } from "./read-approvals.ts";

/**
 * Records a request. Refused: `reason-missing`, `reason-too-long`, and `approval-pending` where the same claim waits
 * for its decision, or for being carried out.
 */
export async function requestApproval(
  tx: Tx,
  tenantId: string,
  draft: ApprovalDraft,
  now: Instant,
): Promise<Outcome<Approval>> {
  const reason = draft.reason.trim();
  if (reason === "") return refused("reason-missing", "Say why: who decides must know.");
  if (reason.length > APPROVAL_REASON_LENGTH_MAX) {
    const most = `A reason has at most ${APPROVAL_REASON_LENGTH_MAX} characters.`;
    return refused("reason-too-long", most);
  }
  const before = await loadWhere(tx, tenantId, "a.kind = $2 AND a.claim = $3", [
    draft.kind,
    draft.claim,
  ]);
  const open = before.find((item) => isOpen(item, now));
  if (open !== undefined) return alreadyPending(open.approvalId);
  const { told, ...asked } = draft;
  const approval: Approval = {
    ...asked,
    reason,
    // Two who ask for the same at once make the same id, and only one row of it can be.
    approvalId: objectId("appr", draft.kind, draft.claim, before.length),
    requestedAt: now,
    expiresAt: instantOfMs(msOf(now) + APPROVAL_LIFE_MS[draft.kind]),
    decision: null,
    execution: null,
  };
  if (!(await insertApproval(tx, tenantId, approval))) return alreadyPending(approval.approvalId);
  await tell(tx, tenantId, approval, "approval-requested", now, draft.maker.id, {
    ...told,
    reason,
    expiresAt: approval.expiresAt,
  });
  return accepted(approval);
}

function isOpen(approval: Approval, now: Instant): boolean {
  const state = approvalState(approval, now);
  return state === "pending" || state === "approved";
}

function alreadyPending(approvalId: ApprovalId): Outcome<never> {
  return refused("approval-pending", `${approvalId} asks for the same and is not done yet.`);
}

async function insertApproval(tx: Tx, tenantId: string, approval: Approval): Promise<boolean> {
  const count = await insertRows(
    tx,
    "approval",
    {
      tenant_id: "text",
      approval_id: "text",
      kind: "text",
      claim: "text",
      subject: "text",
      seller_id: "text",
      body: "jsonb",
      reason: "text",
      maker: "text",
      maker_person: "text",
      requested_at: "timestamptz",
      expires_at: "timestamptz",
    },
    [
      [
        tenantId,
        approval.approvalId,
        approval.kind,
        approval.claim,
        approval.subject,
        approval.sellerId,
        approval.body,
        approval.reason,
        approval.maker.id,
        approval.maker.personId,
        approval.requestedAt,
        approval.expiresAt,
      ],
    ],
  );
  return count === 1;
}

/**
 * Records a decision, if the rule allows it: refused as `decisionRefusal` says, or `approval-unknown`. One that comes
 * too late records that the request expired. Of two decisions at once the first stands, and the other is refused.
 */
export async function decideApproval(
  tx: Tx,
  tenantId: string,
  approvalId: string,
  decision: Decision,
  now: Instant,
): Promise<Outcome<Approval>> {
  const approval = await loadApproval(tx, tenantId, approvalId);
  if (approval === null) return refused("approval-unknown", "There is no such request.");
  const refusal = decisionRefusal(approval, decision, now);
  if (refusal !== null) {
    if (refusal.code === "approval-expired") await noteExpired(tx, tenantId, [approval], now);
    return { ok: false, refusal };
  }
  const reason = decision.reason?.trim() ?? "";
  const decided = {
    outcome: decision.outcome,
    checker: decision.checker,
    reason: reason === "" ? null : reason,
    decidedAt: now,
  };
  if (!(await insertDecision(tx, tenantId, approval, decided)))
    return refused("approval-decided", "This request was decided by somebody else just now.");
  await tell(tx, tenantId, approval, `approval-${decided.outcome}`, now, decided.checker, {
    maker: approval.maker.id,
    reason: decided.reason,
  });
  return accepted({ ...approval, decision: decided });
}

async function insertDecision(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  decision: NonNullable<Approval["decision"]>,
): Promise<boolean> {
  const count = await insertRows(
    tx,
    "approval_decision",
    {
      tenant_id: "text",
      approval_id: "text",
      outcome: "text",
      maker_person: "text",
      checker: "text",
      reason: "text",
      decided_at: "timestamptz",
    },
    [
      [
        tenantId,
        approval.approvalId,
        decision.outcome,
        approval.maker.personId,
        decision.checker,
        decision.reason,
        decision.decidedAt,
      ],
    ],
  );
  return count === 1;
}

/** Records what nobody decided in time as expired; returns how many. A job does so now and then. */
export async function expireApprovals(tx: Tx, tenantId: string, now: Instant): Promise<number> {
  const late = await loadWhere(tx, tenantId, "d.outcome IS NULL AND a.expires_at <= $2", [now]);
  return noteExpired(tx, tenantId, late, now);
}

async function noteExpired(
  tx: Tx,
  tenantId: string,
  late: readonly Approval[],
  now: Instant,
): Promise<number> {
  let count = 0;
  for (const approval of late) {
    const decision = { outcome: "expired", checker: null, reason: null, decidedAt: now } as const;
    if (!(await insertDecision(tx, tenantId, approval, decision))) continue;
    count += 1;
    await tell(tx, tenantId, approval, "approval-expired", now, null, {});
  }
  return count;
}

/** What became of an approved act. Written in the transaction of the act itself; false: it was written before. */
export async function recordExecution(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  outcome: Outcome<unknown>,
  now: Instant,
): Promise<boolean> {
  const code = outcome.ok ? null : outcome.refusal.code;
  const message = outcome.ok ? null : outcome.refusal.message;
  const word = outcome.ok ? "executed" : "lapsed";
  const count = await insertRows(
    tx,
    "approval_execution",
    {
      tenant_id: "text",
      approval_id: "text",
      outcome: "text",
      code: "text",
      message: "text",
      executed_at: "timestamptz",
    },
    [[tenantId, approval.approvalId, word, code, message, now]],
  );
  if (count === 0) return false;
  const why = outcome.ok ? {} : { code, message };
  await tell(tx, tenantId, approval, `approval-${word}`, now, null, {
    maker: approval.maker.id,
    checker: approval.decision?.checker ?? null,
    ...why,
  });
  return true;
}

/** On the request's own timeline, and on that of the object it is about. */
async function tell(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  kind: string,
  at: Instant,
  actor: string | null,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const about = { approvalId: approval.approvalId, kind: approval.kind, ...data };
  await appendEvents(
    tx,
    tenantId,
    [approval.approvalId, approval.subject].map((subject) => ({
      subject,
      kind,
      at,
      data: subject === approval.subject ? about : { ...about, subject: approval.subject },
      source: null,
      ...(actor === null ? {} : { actor }),
    })),
  );
}
