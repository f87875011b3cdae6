// A request that two people decide, as the API tells it: the body of each kind in its own field, amounts as money.

import { type Approval, approvalState } from "../approval/approval.ts";
import { accountBindingBody } from "../identity/account-bindings.ts";
import { readHoldRelease } from "../release/hold-release.ts";
import type { Instant } from "../time/instant.ts";
import type { ApprovalJson } from "./contract/approvals.ts";
import { moneyOfMinor } from "./contract/values.ts";

export function approvalJson(approval: Approval, now: Instant): ApprovalJson {
  const { kind } = approval;
  return {
    id: approval.approvalId,
    kind,
    state: approvalState(approval, now),
    subject: approval.subject,
    sellerId: approval.sellerId,
    reason: approval.reason,
    maker: approval.maker.id,
    requestedAt: approval.requestedAt,
    expiresAt: approval.expiresAt,
    holdRelease: kind === "hold-release" ? holdReleaseOf(approval) : null,
    accountBinding: kind === "account-binding" ? accountBindingBody.parse(approval.body) : null,
    paymentOrder: kind === "payment-order" ? { ...approval.body } : null,
    roleChange: kind === "role-change" ? { ...approval.body } : null,
    decision: approval.decision,
    execution: approval.execution,
  };
}

function holdReleaseOf({ body }: Approval): ApprovalJson["holdRelease"] {
  const release = readHoldRelease(body);
  const moneyOf = (minor: bigint) => moneyOfMinor(minor, release.currency);
  return {
    payoutId: release.payoutId,
    holdId: release.holdId,
    code: release.code,
    message: release.message,
    held: moneyOf(release.heldMinor),
    amount: moneyOf(release.amountMinor),
    credits: release.parts.map(({ creditId, amountMinor, causes }) => ({
      creditId,
      amount: moneyOf(amountMinor),
      causes,
    })),
  };
}
