// Open holds as people see them: how much, why, what lifts it, whose turn it is and by when.

import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

export type HoldView = {
  readonly id: string;
  readonly amount: string;
  readonly currency: string;
  readonly code: string;
  readonly message: string;
  readonly messageZh: string | null;
  /** What happens when nothing is brought. */
  readonly consequence: string | null;
  readonly consequenceZh: string | null;
  /** "pack/rule"; null: a rule of the channel itself. */
  readonly rule: string | null;
  readonly papers: readonly string[];
  readonly owner: string;
  readonly dueOn: CivilDate;
  readonly openedAt: Instant;
};

export type HoldRow = {
  hold_id: string;
  payout_id: string;
  code: string;
  currency: Currency;
  amount_minor: bigint;
  message: string;
  message_zh: string | null;
  consequence: string | null;
  consequence_zh: string | null;
  rule: string | null;
  papers: readonly string[];
  owner: string;
  due_on: CivilDate;
  opened_at: Instant;
};

export async function loadHolds(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<HoldRow[]> {
  return tx.query<HoldRow>(
    `SELECT * FROM hold WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) AND closed_at IS NULL
      ORDER BY opened_at, code`,
    [tenantId, ids],
  );
}

export function holdOf(row: HoldRow): HoldView {
  return {
    id: row.hold_id,
    amount: formatMinor(row.amount_minor, row.currency),
    currency: row.currency,
    code: row.code,
    message: row.message,
    messageZh: row.message_zh,
    consequence: row.consequence,
    consequenceZh: row.consequence_zh,
    rule: row.rule,
    papers: row.papers,
    owner: row.owner,
    dueOn: row.due_on,
    openedAt: row.opened_at,
  };
}
