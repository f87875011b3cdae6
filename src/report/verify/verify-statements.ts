// Statements on record against their files: every reading has its row, every row its reading, and of each settlement
// exactly one row counts, by the rules of decideStatement.

import type { Reason } from "../../errors/refusal.ts";
import {
  decideStatement,
  type StatementState,
  statementId,
} from "../../marketplace/record-statements.ts";
import type { StatementReading } from "../../marketplace/statement.ts";
import type { Instant } from "../../time/instant.ts";
import { compareFields, reasonKeys, shownMoney } from "./compare-fields.ts";
import { groupedBy } from "./grouped-rows.ts";
import { PAGE_ROWS_MAX } from "./pages.ts";
import { markExplained } from "./scratch-tables.ts";
import type { VerifiedFile, VerifyContext } from "./verify-context.ts";

type StatementRow = {
  statement_id: string;
  marketplace: string;
  settlement_id: string;
  seller_id: string | null;
  format: string;
  marketplace_names: readonly string[];
  currency: string | null;
  period_start_at: Instant | null;
  period_end_at: Instant | null;
  line_count: bigint;
  declared_minor: bigint | null;
  summed_minor: bigint;
  verdict: "proven" | "quarantined";
  reasons: readonly Reason[];
  groups: unknown;
  has_unknown: boolean;
  source_sha256: string;
  first_line: number;
  last_line: number;
  recorded_at: Instant;
  is_current: boolean;
  state: StatementState;
  taken_back_minor: bigint;
};

const CHECK = "statements";

/** A statement as it was read again, and the file that it stands in. */
export type StatementRead = { readonly file: VerifiedFile; readonly reading: StatementReading };

/** Compares readings with their rows. */
export async function verifyStatements(
  { tx, scope, findings }: VerifyContext,
  read: readonly StatementRead[],
): Promise<void> {
  if (read.length === 0) return;
  const expected = new Map(
    read.map(({ file, reading }) => [
      statementId({ reading, sha256: file.sha256, sellerId: file.sellerId }),
      { file, reading },
    ]),
  );
  const rows = await tx.query<StatementRow>(
    `SELECT * FROM statement WHERE tenant_id = $1 AND statement_id = ANY($2::text[])`,
    [scope.tenantId, [...expected.keys()]],
  );
  const found = new Map(rows.map((row) => [row.statement_id, row]));
  for (const [id, { file, reading }] of expected) {
    const row = found.get(id);
    const subject = `statement ${id}`;
    if (row === undefined) {
      const message = `settlement ${reading.settlementId} of ${file.name} is not on record`;
      const sum = shownMoney(reading.currency, reading.summedTotalMinor);
      const says = `${reading.lineCount} lines, sum ${sum}`;
      findings.report(CHECK, subject, message, { expected: says });
      continue;
    }
    compareFields(findings, CHECK, subject, "its file", fieldsOf(reading, file), {
      ...row,
      reasons: reasonKeys(row.reasons),
    });
  }
  await markExplained(tx, "statement", [...found.keys()]);
  findings.compared(CHECK, "statements", expected.size);
}

function fieldsOf(reading: StatementReading, file: VerifiedFile): Record<string, unknown> {
  return {
    marketplace: reading.marketplace,
    settlement_id: reading.settlementId,
    seller_id: file.sellerId,
    format: reading.format,
    marketplace_names: reading.marketplaceNames,
    currency: reading.currency,
    period_start_at: reading.periodStartAt,
    period_end_at: reading.periodEndAt,
    line_count: reading.lineCount,
    declared_minor: reading.declaredTotalMinor,
    summed_minor: reading.summedTotalMinor,
    verdict: reading.verdict,
    reasons: reasonKeys(reading.reasons),
    groups: reading.groups,
    has_unknown: reading.groups.some((group) => !group.known),
    source_sha256: file.sha256,
    first_line: reading.firstLine,
    last_line: reading.lastLine,
    taken_back_minor: reading.groups
      .filter((group) => group.class === "failed-transfer")
      .reduce((sum, group) => sum + group.totalMinor, 0n),
  };
}

/** Over all settlements: which row counts, and what became of the others. */
export async function verifyStandings({ tx, scope, findings }: VerifyContext): Promise<void> {
  let [marketplace, settlement] = ["", ""];
  for (;;) {
    const rows = await tx.query<StatementRow>(
      `SELECT * FROM statement
        WHERE tenant_id = $1 AND (marketplace, settlement_id) IN (
              SELECT DISTINCT marketplace, settlement_id FROM statement
               WHERE tenant_id = $1 AND (marketplace, settlement_id) > ($2, $3)
               ORDER BY marketplace, settlement_id LIMIT $4)
        ORDER BY marketplace, settlement_id, recorded_at, statement_id`,
      [scope.tenantId, marketplace, settlement, PAGE_ROWS_MAX],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    [marketplace, settlement] = [last.marketplace, last.settlement_id];
    const bySettlement = groupedBy(rows, (row) => `${row.marketplace} ${row.settlement_id}`);
    for (const [name, readings] of bySettlement) {
      for (const { subject, message, expected, found } of standingFaults(name, readings)) {
        findings.report(CHECK, subject, message, { expected, found });
      }
    }
  }
}

type Standing = Pick<
  StatementRow,
  | "statement_id"
  | "seller_id"
  | "verdict"
  | "summed_minor"
  | "currency"
  | "line_count"
  | "source_sha256"
  | "recorded_at"
  | "is_current"
  | "state"
>;

type StandingFault = { subject: string; message: string; expected: string; found: string };

/**
 * What is wrong with the standing of one settlement's readings. The order within one moment is not on record, so
 * only what holds in any order is asked for.
 */
export function standingFaults(settlement: string, rows: readonly Standing[]): StandingFault[] {
  const current = rows.filter((row) => row.is_current);
  const [standing] = current;
  if (standing === undefined || current.length > 1) {
    const subject = `settlement ${settlement}`;
    const message = "exactly one of its readings must count";
    return [{ subject, message, expected: "1 current", found: `${current.length} current` }];
  }
  const faults: StandingFault[] = [];
  const fault = (row: Standing, message: string, expected: string, found: string): void => {
    faults.push({ subject: `statement ${row.statement_id}`, message, expected, found });
  };
  const own = decideStatement(null, arrivalOf(standing)).state;
  if (standing.state !== own)
    fault(standing, "the reading that counts has another state", own, standing.state);
  for (const row of rows) {
    if (row === standing) continue;
    const decision = decideStatement(standing, arrivalOf(row));
    const isEarlierProof =
      row.verdict === "proven" &&
      standing.verdict === "proven" &&
      row.recorded_at < standing.recorded_at;
    if (decision.isCurrent || isEarlierProof) {
      fault(row, "it must count instead of the one that does", "current", row.state);
      continue;
    }
    // A quarantined reading that came before its proof gave way to it, whatever became of one that came after.
    const isBeside = row.verdict === "quarantined" && standing.verdict === "proven";
    const fits = row.state === decision.state || (isBeside && row.state === "replaced");
    if (fits) continue;
    const message = "its state is not what the other readings make of it";
    fault(row, message, decision.state, row.state);
  }
  return faults;
}

/** The row as the reading it was: of a reading, the decision looks at these fields only. */
function arrivalOf(row: Standing): Parameters<typeof decideStatement>[1] {
  const reading = {
    verdict: row.verdict,
    summedTotalMinor: row.summed_minor,
    currency: row.currency,
    lineCount: Number(row.line_count),
  };
  return {
    reading: reading as unknown as StatementReading,
    sha256: row.source_sha256,
    sellerId: row.seller_id,
  };
}
