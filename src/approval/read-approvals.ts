// Approvals as they stand: what was asked, what was decided, what became of it, read together.

import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import type { Approval, ApprovalId, ApprovalKind } from "./approval.ts";

type ApprovalRow = {
  approval_id: ApprovalId;
  kind: ApprovalKind;
  claim: string;
  subject: string;
  seller_id: string | null;
  body: Record<string, unknown>;
  reason: string;
  maker: string;
  maker_person: string;
  requested_at: Instant;
  expires_at: Instant;
  decision: "approved" | "denied" | "expired" | null;
  checker: string | null;
  decision_reason: string | null;
  decided_at: Instant | null;
  execution: "executed" | "lapsed" | null;
  code: string | null;
  message: string | null;
  executed_at: Instant | null;
};

const SELECT = `
  SELECT a.approval_id, a.kind, a.claim, a.subject, a.seller_id, a.body, a.reason, a.maker, a.maker_person,
         a.requested_at, a.expires_at, d.outcome AS decision, d.checker, d.reason AS decision_reason, d.decided_at,
         x.outcome AS execution, x.code, x.message, x.executed_at
    FROM approval a
    LEFT JOIN approval_decision d ON d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
    LEFT JOIN approval_execution x ON x.tenant_id = a.tenant_id AND x.approval_id = a.approval_id
   WHERE a.tenant_id = $1`;

/** Requests that fit, the earliest first. `where` is the program's own text; its values are $2 and on. */
export async function loadWhere(
  tx: Tx,
  tenantId: string,
  where: string,
  values: readonly unknown[],
): Promise<readonly Approval[]> {
  const rows = await tx.query<ApprovalRow>(
    `${SELECT} AND ${where} ORDER BY a.requested_at, a.approval_id`,
    [tenantId, ...values],
  );
  return rows.map(approvalOf);
}

export async function loadApproval(
  tx: Tx,
  tenantId: string,
  approvalId: string,
): Promise<Approval | null> {
  const [found] = await loadWhere(tx, tenantId, "a.approval_id = $2", [approvalId]);
  return found ?? null;
}

/** Approved acts that are not carried out yet, the earliest decision first. */
export async function loadApproved(
  tx: Tx,
  tenantId: string,
  kinds: readonly ApprovalKind[],
): Promise<readonly Approval[]> {
  const rows = await tx.query<ApprovalRow>(
    `${SELECT} AND d.outcome = 'approved' AND x.outcome IS NULL AND a.kind = ANY($2::text[])
      ORDER BY d.decided_at, a.approval_id`,
    [tenantId, kinds],
  );
  return rows.map(approvalOf);
}

export type ApprovalFilter = {
  /** Null: of all sellers and of the institution. */
  readonly sellerId: string | null;
  readonly kind: ApprovalKind | null;
  readonly subject: string | null;
  /** True: only what waits for a decision at `now`. */
  readonly pendingOnly: boolean;
  readonly now: Instant;
};

/** Requests, the newest first, from after the given place on. */
export async function listApprovals(
  tx: Tx,
  tenantId: string,
  filter: ApprovalFilter,
  page: {
    readonly after: { readonly at: Instant; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<readonly Approval[]> {
  const rows = await tx.query<ApprovalRow>(
    `${SELECT}
       AND ($2::text IS NULL OR a.seller_id = $2) AND ($3::text IS NULL OR a.kind = $3)
       AND ($4::text IS NULL OR a.subject = $4)
       AND (NOT $5::boolean OR (d.outcome IS NULL AND a.expires_at > $6))
       AND ($7::timestamptz IS NULL OR (a.requested_at, a.approval_id) < ($7, $8))
     ORDER BY a.requested_at DESC, a.approval_id DESC LIMIT $9`,
    [
      tenantId,
      filter.sellerId,
      filter.kind,
      filter.subject,
      filter.pendingOnly,
      filter.now,
      page.after?.at ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
  return rows.map(approvalOf);
}

function approvalOf(row: ApprovalRow): Approval {
  return {
    approvalId: row.approval_id,
    kind: row.kind,
    claim: row.claim,
    subject: row.subject,
    sellerId: row.seller_id,
    body: row.body,
    reason: row.reason,
    maker: { id: row.maker, personId: row.maker_person },
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    decision:
      row.decision === null
        ? null
        : {
            outcome: row.decision,
            checker: row.checker,
            reason: row.decision_reason,
            decidedAt: row.decided_at as Instant,
          },
    execution:
      row.execution === null
        ? null
        : {
            outcome: row.execution,
            code: row.code,
            message: row.message,
            executedAt: row.executed_at as Instant,
          },
  };
}
