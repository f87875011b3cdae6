// The release of a hold by hand as an approval: asked for by one person, decided by another, made true by the process
// that holds the ledger.

import type { Actor, Approval } from "../approval/approval.ts";
import { requestApproval } from "../approval/approval-acts.ts";
import { type Outcome, type Refusal, refusalOf, refused } from "../errors/refusal.ts";
import { formatMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { civilDateIn, type Instant } from "../time/instant.ts";
import type { HoldCode, ReleaseFacts } from "./decide-release.ts";
import {
  holdReleaseJson,
  holdReleaseRefusal,
  planHoldRelease,
  readHoldRelease,
} from "./hold-release.ts";
import { loadReleaseFacts } from "./release-facts.ts";
import { withRules } from "./ruled.ts";
import { withWaivers } from "./waiver-rows.ts";

export type ReleaseWish = {
  readonly holdId: string;
  /** Null: all that is held. Minor units of the hold's currency. */
  readonly amountMinor: bigint | null;
  readonly reason: string;
  readonly maker: Actor;
  /** The seller whose holds the maker sees; null: all. */
  readonly sellerId: string | null;
};

/**
 * Asks for the release of an open hold, whole or in part. Refused: `hold-unknown` (also where it is another seller's),
 * what `planHoldRelease` says, and what `requestApproval` says.
 */
export async function requestHoldRelease(
  tx: Tx,
  tenantId: string,
  wish: ReleaseWish,
  at: { readonly policy: Policy; readonly now: Instant },
): Promise<Outcome<Approval>> {
  const { holdId, sellerId } = wish;
  const [hold] = await tx.query<{ payout_id: string; code: HoldCode; closed: boolean }>(
    `SELECT h.payout_id, h.code, h.closed_at IS NOT NULL AS closed FROM hold h
       JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
      WHERE h.tenant_id = $1 AND h.hold_id = $2 AND ($3::text IS NULL OR p.seller_id = $3)`,
    [tenantId, holdId, sellerId],
  );
  if (hold === undefined) return refused("hold-unknown", "There is no such hold.");
  const [facts] = hold.closed ? [] : await factsOf(tx, tenantId, hold.payout_id, at);
  if (facts === undefined) return refused("hold-closed", "This hold is closed already.");
  const today = civilDateIn(at.policy.zone, at.now);
  const plan = planHoldRelease(facts, at.policy, today, {
    holdId,
    code: hold.code,
    amountMinor: wish.amountMinor,
  });
  if (!plan.ok) return plan;
  const release = plan.value;
  return requestApproval(
    tx,
    tenantId,
    {
      kind: "hold-release",
      claim: `${release.payoutId}/${release.code}`,
      subject: release.payoutId,
      sellerId: facts.sellerId,
      body: holdReleaseJson(release),
      told: {
        holdId,
        code: release.code,
        amount: formatMinor(release.amountMinor, release.currency),
        held: formatMinor(release.heldMinor, release.currency),
        currency: release.currency,
      },
      reason: wish.reason,
      maker: wish.maker,
    },
    at.now,
  );
}

/** Asked when it is approved: why what was asked for is no longer what is held; null: it still is. */
export async function refuseStaleRelease(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  at: { readonly policy: Policy; readonly now: Instant },
): Promise<Refusal | null> {
  const release = readHoldRelease(approval.body);
  const [facts] = await factsOf(tx, tenantId, release.payoutId, at);
  if (facts === undefined) return refusalOf("hold-closed", "Its payout is no more.");
  return holdReleaseRefusal(facts, at.policy, civilDateIn(at.policy.zone, at.now), release);
}

async function factsOf(
  tx: Tx,
  tenantId: string,
  payoutId: string,
  { policy, now }: { readonly policy: Policy; readonly now: Instant },
): Promise<readonly ReleaseFacts[]> {
  const loaded = await loadReleaseFacts(tx, tenantId, [payoutId]);
  const today = civilDateIn(policy.zone, now);
  return withWaivers(
    tx,
    tenantId,
    await withRules(tx, tenantId, loaded, { policy, today }),
    policy,
  );
}
