// Rows on record that no file and no fact accounts for: what only a hand in the database, or a file that is gone,
// can leave behind.

import type { ExplainedKind } from "./scratch-tables.ts";
import type { CheckName } from "./verification.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

type Table = {
  readonly kind: ExplainedKind;
  readonly check: CheckName;
  readonly name: string;
  readonly query: string;
};

/** Each query gives the ids of rows as `id`, in the order in which they are told. */
const TABLES: readonly Table[] = [
  {
    kind: "statement",
    check: "statements",
    name: "statement",
    query: `SELECT statement_id AS id, source_sha256 FROM statement WHERE tenant_id = $1`,
  },
  {
    kind: "announcement",
    check: "payouts",
    name: "announcement",
    query: `SELECT announcement_id AS id, source_sha256 FROM payout_announcement WHERE tenant_id = $1`,
  },
  {
    kind: "message",
    check: "bank",
    name: "bank message",
    query: `SELECT message_key || '/' || source_line || '/' || source_sha256 AS id, source_sha256
              FROM bank_message WHERE tenant_id = $1`,
  },
  {
    kind: "notice",
    check: "bank",
    name: "bank notice",
    query: `SELECT notice_id AS id, source_sha256 FROM bank_notice WHERE tenant_id = $1`,
  },
];

/** After every file was read again. */
export async function verifyUnexplained(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  for (const { kind, check, name, query } of TABLES) {
    const rows = await tx.query<{ id: string; source_sha256: string }>(
      `SELECT r.id, r.source_sha256 FROM (${query}) AS r
        WHERE NOT EXISTS (SELECT 1 FROM verify_explained e WHERE e.kind = $2 AND e.id = r.id)
        ORDER BY r.id LIMIT $3`,
      [scope.tenantId, kind, FINDINGS_KEPT_MAX],
    );
    for (const row of rows) {
      const says = context.unreadable.has(row.source_sha256) ? "cannot be read" : "does not say it";
      const message = `its file ${row.source_sha256} ${says}`;
      findings.report(check, `${name} ${row.id}`, message, { found: "on record" });
    }
  }
}
