// Requests that two people decide: asked for here or elsewhere, decided here, carried out where the ledger is held.

import type { Context } from "hono";
import { type Approval, approvalState } from "../../approval/approval.ts";
import { decideApproval } from "../../approval/approval-acts.ts";
import { listApprovals, loadApproval } from "../../approval/read-approvals.ts";
import { approveOrder } from "../../bank/orders/make-order.ts";
import type { Refusal } from "../../errors/refusal.ts";
import { accountBindingBody, bindingRefusal } from "../../identity/account-bindings.ts";
import { type Caller, maySeeSeller } from "../../identity/caller.ts";
import { roleDecides } from "../../identity/roles.ts";
import { carryOutUserChange } from "../../identity/users/user-change.ts";
import { refuseStaleRelease } from "../../release/request-release.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { approvalJson } from "../approval-json.ts";
import {
  approveRoute,
  denyRoute,
  getApprovalRoute,
  listApprovalsRoute,
} from "../contract/approvals.ts";
import type { ApiDeps } from "../deps.ts";
import { checkMatch, etagOf } from "../entity-tag.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "approvals";

export const approvalRoutes: RegisterRoutes = (app, deps) => {
  const { clock, tenantId } = deps;
  app.openapi(listApprovalsRoute, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const place = placeOf(LIST, query.cursor, ["instant", "text"]);
    const filter = {
      sellerId: sellerScope(caller, query.sellerId),
      kind: query.kind ?? null,
      subject: query.subject ?? null,
      pendingOnly: query.state === "pending",
      now: clock.now(),
    };
    const after = place === null ? null : { at: place[0] as Instant, id: place[1] as string };
    const rows = await deps.read(caller, (tx) =>
      listApprovals(tx, tenantId, filter, { after, limit: query.limit + 1 }),
    );
    const view = (row: Approval) => approvalJson(row, filter.now);
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, view), 200);
  });
  app.openapi(getApprovalRoute, async (c) => {
    const { approvalId } = c.req.valid("param");
    const caller = c.get("caller");
    const approval = await deps.read(caller, (tx) => seen(tx, tenantId, caller, approvalId));
    tag(c, approval, clock.now());
    return c.json(approvalJson(approval, clock.now()), 200);
  });
  app.openapi(approveRoute, async (c) => {
    const { approvalId } = c.req.valid("param");
    const { reason } = c.req.valid("json");
    await decide(c, deps, approvalId, { outcome: "approved", reason });
    // Where another process holds the ledger, it carries the act out in a moment.
    await deps.channel()?.carryOutApproved();
    const approval = await seen(deps.store.database, tenantId, c.get("caller"), approvalId);
    tag(c, approval, clock.now());
    return c.json(approvalJson(approval, clock.now()), 200);
  });
  app.openapi(denyRoute, async (c) => {
    const { approvalId } = c.req.valid("param");
    const { reason } = c.req.valid("json");
    const approval = await decide(c, deps, approvalId, { outcome: "denied", reason });
    tag(c, approval, clock.now());
    return c.json(approvalJson(approval, clock.now()), 200);
  });
};

async function seen(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  approvalId: string,
): Promise<Approval> {
  const approval = await loadApproval(tx, tenantId, approvalId);
  if (approval === null || !maySeeSeller(caller, approval.sellerId)) throw problem("not-found");
  return approval;
}

function tag(c: Context<ApiEnv>, approval: Approval, now: Instant): void {
  c.header("ETag", etagOf(versionOf(approval, now)));
}

/** Who decides says which state they saw. */
function versionOf(approval: Approval, now: Instant): bigint {
  if (approvalState(approval, now) === "pending") return 0n;
  return approval.execution === null ? 1n : 2n;
}

/** Records the decision in one transaction with the question whether it still stands, and with acts that need no ledger. */
async function decide(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  approvalId: string,
  decision: { readonly outcome: "approved" | "denied"; readonly reason: string | null },
): Promise<Approval> {
  const { store, tenantId } = deps;
  const caller = c.get("caller");
  const now = deps.clock.now();
  const decided = await store.database.transaction(async (tx) => {
    const approval = await seen(tx, tenantId, caller, approvalId);
    if (!roleDecides(caller.role, approval.kind)) {
      const detail = `The role ${caller.role} does not decide requests of the kind ${approval.kind}.`;
      throw problem("not-permitted", { detail });
    }
    // Who asked is told so first, whatever they saw.
    if (caller.personId !== approval.maker.personId) checkMatch(c, versionOf(approval, now));
    const outcome = await decideApproval(
      tx,
      tenantId,
      approvalId,
      { ...decision, checker: caller.id },
      now,
    );
    if (!outcome.ok || decision.outcome === "denied") return outcome;
    const refusal = await staleRefusal(tx, deps, outcome.value, now);
    // Thrown, so that the decision rolls back.
    if (refusal !== null) throw refusalProblem(refusal);
    if (outcome.value.kind === "payment-order")
      await approveOrder(tx, tenantId, outcome.value, now);
    if (outcome.value.kind === "role-change")
      await carryOutUserChange(tx, tenantId, outcome.value, now);
    return outcome;
  });
  if (!decided.ok) throw refusalProblem(decided.refusal);
  return decided.value;
}

/** Why what was asked for is no longer what would be done; null: it is. */
async function staleRefusal(
  tx: Tx,
  { tenantId, policy }: ApiDeps,
  approval: Approval,
  now: Instant,
): Promise<Refusal | null> {
  if (approval.kind === "hold-release")
    return refuseStaleRelease(tx, tenantId, approval, { policy, now });
  if (approval.kind === "account-binding")
    return bindingRefusal(tx, tenantId, accountBindingBody.parse(approval.body));
  return null;
}

function placeOfRow({ requestedAt, approvalId }: Approval): readonly string[] {
  return [requestedAt, approvalId];
}
