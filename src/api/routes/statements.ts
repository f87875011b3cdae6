// Statements: what a marketplace settled, whether it is proven, and its lines out of the raw file.

import type { Reason } from "../../errors/refusal.ts";
import type { Caller } from "../../identity/caller.ts";
import type { StatementGroup } from "../../marketplace/statement.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import {
  getStatement,
  listStatementLines,
  listStatements,
  type StatementJson,
} from "../contract/statements.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { pageOfLines } from "../file-lines-page.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "statements";

export const statementRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, store } = deps;
  app.openapi(listStatements, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<StatementRow>(
        `${SELECT} WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.seller_id = $2)
            AND ($3::text IS NULL OR s.settlement_id = $3) AND ($4::text IS NULL OR s.verdict = $4)
            AND ($5::boolean OR s.is_current)
            AND ($6::timestamptz IS NULL OR (s.recorded_at, s.statement_id) < ($6::timestamptz, $7::text))
          ORDER BY s.recorded_at DESC, s.statement_id DESC LIMIT $8`,
        [
          tenantId,
          sellerScope(caller, query.sellerId),
          query.settlementId ?? null,
          query.verdict ?? null,
          query.all === "true",
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, statementJson), 200);
  });
  app.openapi(getStatement, async (c) => {
    const { statementId } = c.req.valid("param");
    const caller = c.get("caller");
    const row = await deps.read(caller, (tx) => loadStatement(tx, tenantId, caller, statementId));
    return c.json({ ...statementJson(row), groups: row.groups.map(groupJson(row.currency)) }, 200);
  });
  app.openapi(listStatementLines, async (c) => {
    const { statementId } = c.req.valid("param");
    const caller = c.get("caller");
    const row = await deps.read(caller, (tx) => loadStatement(tx, tenantId, caller, statementId));
    const range = { sha256: row.source_sha256, first: row.first_line, last: row.last_line };
    return c.json(await pageOfLines(store.rawStore, range, c.req.valid("query")), 200);
  });
};

type StoredGroup = Omit<StatementGroup, "totalMinor"> & { readonly totalMinor: string };

type StatementRow = {
  statement_id: string;
  marketplace: string;
  marketplace_names: readonly string[];
  settlement_id: string;
  seller_id: string | null;
  format: string;
  currency: string | null;
  period_start_at: Instant | null;
  period_end_at: Instant | null;
  line_count: bigint;
  declared_minor: bigint | null;
  summed_minor: bigint;
  verdict: StatementJson["verdict"];
  reasons: readonly Reason[];
  groups: readonly StoredGroup[];
  source_sha256: string;
  first_line: number;
  last_line: number;
  recorded_at: Instant;
  is_current: boolean;
  state: StatementJson["state"];
  payout_id: string | null;
  file: string;
};

// A payout that went into another is shown as that one.
const SELECT = `
  SELECT s.*, coalesce(p.merged_into, s.payout_id) AS payout_id, f.name AS file FROM statement s
    JOIN raw_file f ON f.tenant_id = s.tenant_id AND f.sha256 = s.source_sha256
    LEFT JOIN payout p ON p.tenant_id = s.tenant_id AND p.payout_id = s.payout_id`;

async function loadStatement(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  statementId: string,
): Promise<StatementRow> {
  const [row] = await tx.query<StatementRow>(
    `${SELECT} WHERE s.tenant_id = $1 AND s.statement_id = $2 AND ($3::text IS NULL OR s.seller_id = $3)`,
    [tenantId, statementId, caller.sellerId],
  );
  if (row === undefined) throw problem("not-found");
  return row;
}

function placeOfRow(row: StatementRow): Place {
  return [row.recorded_at, row.statement_id];
}

function statementJson(row: StatementRow): StatementJson {
  const money = (minor: bigint | null) =>
    minor === null || row.currency === null ? null : moneyOfMinor(minor, row.currency);
  return {
    id: row.statement_id,
    marketplace: row.marketplace,
    marketplaceNames: [...row.marketplace_names],
    settlementId: row.settlement_id,
    sellerId: row.seller_id,
    format: row.format,
    currency: row.currency,
    periodStart: row.period_start_at,
    periodEnd: row.period_end_at,
    lineCount: Number(row.line_count),
    declaredTotal: money(row.declared_minor),
    summedTotal: money(row.summed_minor),
    verdict: row.verdict,
    reasons: [...row.reasons],
    state: row.state,
    isCurrent: row.is_current,
    payoutId: row.payout_id,
    recordedAt: row.recorded_at,
    source: { file: row.file, sha256: row.source_sha256, line: row.first_line },
    lastLine: row.last_line,
  };
}

function groupJson(currency: string | null) {
  return ({ totalMinor, ...group }: StoredGroup) => ({
    transactionType: group.transactionType,
    amountType: group.amountType,
    amountDescription: group.amountDescription,
    class: group.class,
    known: group.known,
    lineCount: group.lineCount,
    total: currency === null ? null : moneyOfMinor(BigInt(totalMinor), currency),
    firstLine: group.firstLine,
  });
}
