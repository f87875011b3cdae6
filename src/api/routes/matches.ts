// Matches: which credit paid which payout, what of it was released and what the bank took back.

import type { Instant } from "../../time/instant.ts";
import { getMatch, listMatches, type MatchJson } from "../contract/matches.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "matches";

export const matchRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId } = deps;
  app.openapi(listMatches, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<MatchRow>(
        `${SELECT} WHERE m.tenant_id = $1 AND ($2::text IS NULL OR p.seller_id = $2)
            AND ($3::text IS NULL OR p.payout_id = $3 OR p.merged_into = $3)
            AND ($4::text IS NULL OR m.credit_id = $4)
            AND ($5::timestamptz IS NULL OR (m.matched_at, m.match_id) < ($5::timestamptz, $6::text))
          ORDER BY m.matched_at DESC, m.match_id DESC LIMIT $7`,
        [
          tenantId,
          sellerScope(caller, query.sellerId),
          query.payoutId ?? null,
          query.creditId ?? null,
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, matchJson), 200);
  });
  app.openapi(getMatch, async (c) => {
    const { matchId } = c.req.valid("param");
    const caller = c.get("caller");
    const [row] = await deps.read(caller, (tx) =>
      tx.query<MatchRow>(
        `${SELECT} WHERE m.tenant_id = $1 AND m.match_id = $2 AND ($3::text IS NULL OR p.seller_id = $3)`,
        [tenantId, matchId, caller.sellerId],
      ),
    );
    if (row === undefined) throw problem("not-found");
    return c.json(matchJson(row), 200);
  });
};

type MatchRow = {
  match_id: string;
  payout_id: string;
  credit_id: string;
  seller_id: string | null;
  layer: string;
  currency: string;
  amount_minor: bigint;
  payout_currency: string;
  charge_minor: bigint;
  paid_minor: bigint;
  released_minor: bigint;
  undone_minor: bigint;
  undone_released_minor: bigint;
  matched_at: Instant;
};

// Charge and paid amount are in the payout's currency; a payout that went into another is shown as that one.
const SELECT = `
  SELECT m.match_id, coalesce(p.merged_into, p.payout_id) AS payout_id, m.credit_id, p.seller_id, m.layer, m.currency,
         m.amount_minor, p.currency AS payout_currency, m.charge_minor, m.paid_minor, m.matched_at,
         coalesce(r.minor, 0)::bigint AS released_minor, coalesce(u.minor, 0)::bigint AS undone_minor,
         coalesce(u.released, 0)::bigint AS undone_released_minor
    FROM match m JOIN payout p ON p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor FROM release x
                        WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS r ON true
    LEFT JOIN LATERAL (SELECT sum(amount_minor) AS minor, sum(released_minor) AS released FROM undo x
                        WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS u ON true`;

function placeOfRow(row: MatchRow): Place {
  return [row.matched_at, row.match_id];
}

function matchJson(row: MatchRow): MatchJson {
  return {
    id: row.match_id,
    payoutId: row.payout_id,
    creditId: row.credit_id,
    sellerId: row.seller_id,
    layer: row.layer,
    amount: moneyOfMinor(row.amount_minor, row.currency),
    charge: moneyOfMinor(row.charge_minor, row.payout_currency),
    paid: moneyOfMinor(row.paid_minor, row.payout_currency),
    released: moneyOfMinor(row.released_minor - row.undone_released_minor, row.currency),
    returned: moneyOfMinor(row.undone_minor, row.currency),
    matchedAt: row.matched_at,
  };
}
