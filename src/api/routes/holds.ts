// Holds: which money may not be used yet, why, what is needed, who acts next and until when.

import type { CivilDate, Instant } from "../../time/instant.ts";
import { getHold, type HoldJson, listHolds } from "../contract/holds.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "holds";

export const holdRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId } = deps;
  app.openapi(listHolds, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<HoldRow>(
        `${SELECT} WHERE h.tenant_id = $1 AND ($2::text IS NULL OR p.seller_id = $2)
            AND ($3::text IS NULL OR h.payout_id = $3)
            AND ($4::text = 'all' OR ($4 = 'open') = (h.closed_at IS NULL))
            AND ($5::timestamptz IS NULL OR (h.opened_at, h.hold_id) < ($5::timestamptz, $6::text))
          ORDER BY h.opened_at DESC, h.hold_id DESC LIMIT $7`,
        [
          tenantId,
          sellerScope(caller, query.sellerId),
          query.payoutId ?? null,
          query.state,
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, holdJson), 200);
  });
  app.openapi(getHold, async (c) => {
    const { holdId } = c.req.valid("param");
    const caller = c.get("caller");
    const [row] = await deps.read(caller, (tx) =>
      tx.query<HoldRow>(
        `${SELECT} WHERE h.tenant_id = $1 AND h.hold_id = $2 AND ($3::text IS NULL OR p.seller_id = $3)`,
        [tenantId, holdId, caller.sellerId],
      ),
    );
    if (row === undefined) throw problem("not-found");
    return c.json(holdJson(row), 200);
  });
};

type HoldRow = {
  hold_id: string;
  payout_id: string;
  seller_id: string | null;
  code: string;
  currency: string;
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
  closed_at: Instant | null;
};

const SELECT = `
  SELECT h.*, p.seller_id FROM hold h
    JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id`;

function placeOfRow(row: HoldRow): Place {
  return [row.opened_at, row.hold_id];
}

function holdJson(row: HoldRow): HoldJson {
  return {
    id: row.hold_id,
    payoutId: row.payout_id,
    sellerId: row.seller_id,
    code: row.code,
    amount: moneyOfMinor(row.amount_minor, row.currency),
    message: row.message,
    messageZh: row.message_zh,
    consequence: row.consequence,
    consequenceZh: row.consequence_zh,
    rule: row.rule,
    papers: [...row.papers],
    owner: row.owner,
    dueOn: row.due_on,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
  };
}
