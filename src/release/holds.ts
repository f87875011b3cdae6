// Holds as facts: opened when a decision names them, closed when a later decision does not. A hold that stands keeps
// its age and its deadline; only a change of amount or sentence makes a new one.

import { objectId } from "../ids/object-id.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import type { HoldDraft, ReleaseDecision } from "./decide-release.ts";

type OpenHold = {
  hold_id: string;
  payout_id: string;
  code: string;
  amount_minor: bigint;
  message: string;
  currency: string;
};

export async function keepHolds(
  tx: Tx,
  tenantId: string,
  decisions: readonly ReleaseDecision[],
  now: Instant,
): Promise<void> {
  const standing = await tx.query<OpenHold>(
    `SELECT hold_id, payout_id, code, amount_minor, message, currency FROM hold
      WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) AND closed_at IS NULL`,
    [tenantId, decisions.map((decision) => decision.payoutId)],
    { name: "standing-holds" },
  );
  const wanted = decisions.flatMap((decision) =>
    decision.holds.map((hold) => ({ payoutId: decision.payoutId, hold })),
  );
  const opened = wanted.filter((item) => !standing.some((open) => isSame(open, item)));
  const closed = standing.filter((open) => !wanted.some((item) => isSame(open, item)));
  await insertRows(
    tx,
    "hold",
    {
      tenant_id: "text",
      hold_id: "text",
      payout_id: "text",
      code: "text",
      currency: "text",
      amount_minor: "bigint",
      message: "text",
      papers: "jsonb",
      owner: "text",
      due_on: "date",
      opened_at: "timestamptz",
      message_zh: "text",
      consequence: "text",
      consequence_zh: "text",
      rule: "text",
    },
    opened.map(({ payoutId, hold }) => [
      tenantId,
      objectId("hold", payoutId, hold.code, hold.amountMinor, hold.message, now),
      payoutId,
      hold.code,
      hold.currency,
      hold.amountMinor,
      hold.message,
      hold.papers,
      hold.owner,
      hold.dueOn,
      now,
      hold.messageZh,
      hold.consequence,
      hold.consequenceZh,
      hold.rule,
    ]),
  );
  if (closed.length > 0) {
    await tx.query(
      `UPDATE hold SET closed_at = $3 WHERE tenant_id = $1 AND hold_id = ANY($2::text[]) AND closed_at IS NULL`,
      [tenantId, closed.map((hold) => hold.hold_id), now],
    );
  }
  await appendEvents(tx, tenantId, [
    ...opened.map((item) => openedEvent(item, now)),
    ...closed.map((hold) => closedEvent(hold, now)),
  ]);
}

type WantedHold = { readonly payoutId: string; readonly hold: HoldDraft };

function isSame(open: OpenHold, item: WantedHold): boolean {
  return (
    open.payout_id === item.payoutId &&
    open.code === item.hold.code &&
    open.amount_minor === item.hold.amountMinor &&
    open.message === item.hold.message
  );
}

function openedEvent({ payoutId, hold }: WantedHold, now: Instant): TimelineEvent {
  return {
    subject: payoutId,
    kind: "hold-opened",
    at: now,
    data: {
      code: hold.code,
      amount: formatMinor(hold.amountMinor, hold.currency),
      currency: hold.currency,
      message: hold.message,
      dueOn: hold.dueOn,
    },
    source: null,
    // The same may be held again after it was not: a hold of its own.
    occasion: now,
  };
}

function closedEvent(hold: OpenHold, now: Instant): TimelineEvent {
  return {
    subject: hold.payout_id,
    kind: "hold-closed",
    at: now,
    data: { holdId: hold.hold_id, code: hold.code },
    source: null,
  };
}
