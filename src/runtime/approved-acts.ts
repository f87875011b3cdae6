// Makes approved acts on money true: the waiver of a hold, the binding of an account. Only the process that holds the
// ledger does, each act in one step of its own; what a crash left approved is carried out when the channel opens.

import type { Approval, ApprovalKind } from "../approval/approval.ts";
import { recordExecution } from "../approval/approval-acts.ts";
import { loadApproval, loadApproved } from "../approval/read-approvals.ts";
import type { LedgerStep } from "../books/journal.ts";
import { stepInBooks } from "../books/step-books.ts";
import { accepted, type Outcome } from "../errors/refusal.ts";
import { bindApproved } from "../identity/account-bindings.ts";
import { releasePayouts } from "../release/release-step.ts";
import { recordWaivers } from "../release/waiver-rows.ts";
import type { Tx } from "../storage/database.ts";
import { gatherEvents } from "../timeline/timeline.ts";
import { carryOnBound } from "./assign-seller.ts";
import type { SettleContext } from "./carry-on.ts";
import { contextOf, type SettleBase } from "./settle-arrivals.ts";

/** The kinds that move money or say whose it is; others are carried out where they are decided. */
const LEDGER_KINDS: readonly ApprovalKind[] = ["hold-release", "account-binding"];

export type CarriedOut = {
  readonly approvalId: string;
  readonly outcome: Outcome<null>;
};

/**
 * Carries out what is approved and not done yet, in the order of the decisions. Twice changes nothing. One that breaks
 * its step does not stop the others; its error is thrown when they are done.
 */
export async function carryOutApproved(base: SettleBase): Promise<readonly CarriedOut[]> {
  const waiting = await loadApproved(base.store.database, base.tenantId, LEDGER_KINDS);
  const done: CarriedOut[] = [];
  const errors: unknown[] = [];
  for (const { approvalId } of waiting) {
    try {
      const outcome = await stepInBooks(base.writer, base.openBooks, (tx, ledger) =>
        gatherEvents(tx, base.tenantId, () => carryOut(tx, ledger, contextOf(base), approvalId)),
      );
      if (outcome !== null) done.push({ approvalId, outcome });
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  return done;
}

/** Null: somebody was faster. */
async function carryOut(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  approvalId: string,
): Promise<Outcome<null> | null> {
  const { tenantId, clock } = context;
  const approval = await loadApproval(tx, tenantId, approvalId);
  if (approval?.decision?.outcome !== "approved" || approval.execution !== null) return null;
  const outcome =
    approval.kind === "hold-release"
      ? await waiveHold(tx, ledger, context, approval)
      : await bindAccount(tx, ledger, context, approval);
  await recordExecution(tx, tenantId, approval, outcome, clock.now());
  return outcome;
}

async function waiveHold(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, policy, clock }: SettleContext,
  approval: Approval,
): Promise<Outcome<null>> {
  const { payoutId } = await recordWaivers(tx, tenantId, approval, clock.now());
  await releasePayouts(tx, ledger, tenantId, [payoutId], { policy, now: clock.now() });
  return accepted(null);
}

async function bindAccount(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  approval: Approval,
): Promise<Outcome<null>> {
  const bound = await bindApproved(tx, context.tenantId, approval, context.clock.now());
  if (!bound.ok) return bound;
  await carryOnBound(tx, ledger, context, bound.value.sellerId, [bound.value.account]);
  return accepted(null);
}
