// Waivers on record: loaded for the payouts that a rule complains of, and written once an approval allows them.

import type { Approval } from "../approval/approval.ts";
import { objectId } from "../ids/object-id.ts";
import { formatMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { complaintsOf, type HoldCode, type ReleaseFacts } from "./decide-release.ts";
import { readHoldRelease } from "./hold-release.ts";
import type { HoldWaiver } from "./waivers.ts";

/**
 * The facts with what was waived of them. Only payouts of which money waits and a rule complains are looked up: most
 * payouts cost nothing here.
 */
export async function withWaivers(
  tx: Tx,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  policy: Policy,
): Promise<readonly ReleaseFacts[]> {
  const complained = facts.filter(
    (fact) => fact.matches.length > 0 && complaintsOf(fact, policy).length > 0,
  );
  if (complained.length === 0) return facts;
  const ids = complained.map((fact) => fact.payoutId);
  const waivers = await loadWaivers(tx, tenantId, ids);
  return facts.map((fact) => ({ ...fact, waivers: waivers.get(fact.payoutId) ?? [] }));
}

/** By payout; what was waived of a payout that went into another is that one's. */
async function loadWaivers(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, readonly HoldWaiver[]>> {
  const rows = await tx.query<{
    root_id: string;
    approval_id: string;
    code: HoldCode;
    credit_id: string;
    up_to_minor: bigint;
    causes: readonly string[];
  }>(
    `SELECT own.root_id, w.approval_id, w.code, w.credit_id, w.up_to_minor, w.causes
       FROM (SELECT payout_id AS root_id, payout_id FROM unnest($2::text[]) AS root(payout_id)
             UNION ALL
             SELECT q.merged_into, q.payout_id FROM payout q
              WHERE q.tenant_id = $1 AND q.merged_into = ANY($2::text[])) AS own
       JOIN hold_waiver w ON w.tenant_id = $1 AND w.payout_id = own.payout_id
      ORDER BY w.waived_at, w.waiver_id`,
    [tenantId, payoutIds],
    { name: "hold-waivers" },
  );
  const waivers = new Map<string, HoldWaiver[]>();
  for (const row of rows) {
    const own = waivers.get(row.root_id) ?? [];
    own.push({
      approvalId: row.approval_id,
      code: row.code,
      creditId: row.credit_id,
      upToMinor: row.up_to_minor,
      causes: row.causes,
    });
    waivers.set(row.root_id, own);
  }
  return waivers;
}

export function waiverIdOf(approvalId: string, creditId: string): string {
  return objectId("hw", approvalId, creditId);
}

/** Makes an approved release of a hold true; the payout must be decided again afterwards. Twice changes nothing. */
export async function recordWaivers(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  now: Instant,
): Promise<{ readonly payoutId: string }> {
  const release = readHoldRelease(approval.body);
  const { payoutId, code, currency } = release;
  await insertRows(
    tx,
    "hold_waiver",
    {
      tenant_id: "text",
      waiver_id: "text",
      approval_id: "text",
      payout_id: "text",
      code: "text",
      credit_id: "text",
      currency: "text",
      amount_minor: "bigint",
      up_to_minor: "bigint",
      causes: "jsonb",
      waived_at: "timestamptz",
    },
    release.parts.map((part) => [
      tenantId,
      waiverIdOf(approval.approvalId, part.creditId),
      approval.approvalId,
      payoutId,
      code,
      part.creditId,
      currency,
      part.amountMinor,
      part.upToMinor,
      part.causes,
      now,
    ]),
  );
  const checker = approval.decision?.checker ?? null;
  const data = {
    approvalId: approval.approvalId,
    code,
    amount: formatMinor(release.amountMinor, currency),
    currency,
    maker: approval.maker.id,
    checker,
  };
  const event = { kind: "hold-waived", at: now, data, source: null };
  const actor = checker === null ? {} : { actor: checker };
  await appendEvents(tx, tenantId, [{ ...event, subject: payoutId, ...actor }]);
  return { payoutId };
}
