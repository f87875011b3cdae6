// The step that settles which payout pays which statements: links announced payouts, makes an expected payout
// for every owed statement that none announces, and merges payouts that turn out to be the same money.

import { newestSettlement, payoutIdOfSettlement } from "../marketplace/fold-payout.ts";
import { insertTraces, PAYOUT_COLUMNS, refoldPayouts } from "../marketplace/record-payouts.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { failTakenBack } from "./failed-transfers.ts";
import { loadAnnounced, loadOwed, reachOf } from "./link-facts.ts";
import { isSameMoney, linkStatements, type OwedStatement } from "./link-statements.ts";

/** Settles the links of the sellers' open statements and payouts; returns the payouts that changed. */
export async function linkPayouts(
  tx: Tx,
  tenantId: string,
  sellerIds: readonly (string | null)[],
  now: Instant,
): Promise<readonly string[]> {
  const touched = new Set<string>();
  for (const sellerId of new Set(sellerIds)) {
    for (const payoutId of await linkSeller(tx, tenantId, sellerId, now)) touched.add(payoutId);
  }
  return [...touched];
}

async function linkSeller(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
  now: Instant,
): Promise<readonly string[]> {
  const payouts = await loadAnnounced(tx, tenantId, sellerId);
  const owed = await loadOwed(tx, tenantId, sellerId, reachOf(payouts));
  const holders = new Map(owed.map(({ statementId, holder }) => [statementId, holder]));
  const links = linkStatements(payouts, owed, ({ statementId, payoutId }, payout) => {
    const holder = holders.get(statementId) ?? null;
    return (
      payoutId === payout.payoutId ||
      holder === null ||
      holder.sources.length === 0 ||
      isSameMoney(holder, payout)
    );
  });
  const touched = new Set<string>();
  const linked = new Set<string>();
  for (const link of links) {
    const anchor = newestSettlement(link.statements.map((statement) => statement.settlementId));
    const marketplace = link.statements[0]?.marketplace ?? "";
    const isNamed = payouts.some(
      (payout) => payout.payoutId === link.payoutId && payout.settlementIds.length > 0,
    );
    // A payout that names no settlement goes under the newest one it pays, whichever came first.
    const into =
      isNamed || anchor === null ? link.payoutId : payoutIdOfSettlement(marketplace, anchor);
    for (const statement of link.statements) linked.add(statement.statementId);
    const changed = link.statements.filter((statement) => statement.payoutId !== into);
    if (changed.length === 0 && into === link.payoutId) continue;
    await ensurePayout(tx, tenantId, sellerId, into, link.statements, now);
    // A re-issued statement is not linked yet, but an earlier reading of it may have made its payout expected.
    const from = new Set([link.payoutId, ...changed.map(payoutOf)]);
    for (const payoutId of from) {
      if (payoutId !== into) await mergePayout(tx, tenantId, payoutId, into, now);
    }
    await pointStatements(tx, tenantId, link.statements, into);
    await refoldPayouts(tx, tenantId, [into], new Map(), now);
    touched.add(into);
  }
  const expected = owed.filter(
    (statement) => statement.payoutId === null && !linked.has(statement.statementId),
  );
  for (const statement of expected) {
    const payoutId = payoutIdOfSettlement(statement.marketplace, statement.settlementId);
    await ensurePayout(tx, tenantId, sellerId, payoutId, [statement], now);
    await pointStatements(tx, tenantId, [statement], payoutId);
    touched.add(payoutId);
  }
  await refreshExpected(tx, tenantId, [...touched]);
  for (const payoutId of await failTakenBack(tx, tenantId, sellerId, now)) touched.add(payoutId);
  return [...touched];
}

/** The payout that holds a statement, or would hold it alone. */
function payoutOf(statement: OwedStatement): string {
  return statement.payoutId ?? payoutIdOfSettlement(statement.marketplace, statement.settlementId);
}

/** A payout row for owed statements that none announces (yet); leaves an existing one as it is. */
async function ensurePayout(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
  payoutId: string,
  statements: readonly OwedStatement[],
  now: Instant,
): Promise<void> {
  const newest = newestSettlement(statements.map((statement) => statement.settlementId));
  const statement = statements.find((item) => item.settlementId === newest);
  if (statement === undefined) return;
  const total = statements.reduce((sum, item) => sum + item.totalMinor, 0n);
  const inserted = await insertRows(tx, "payout", PAYOUT_COLUMNS, [
    [
      tenantId,
      payoutId,
      sellerId,
      statement.marketplace,
      "statement",
      statement.settlementId,
      statement.currency,
      total,
      null,
      null,
      "unknown",
      null,
      statement.periodStartAt,
      statement.periodEndAt,
      null,
      [],
      [statement.settlementId],
      "expected",
      true,
      now,
      1,
    ],
  ]);
  if (inserted === 0) return standAgain(tx, tenantId, payoutId, statement, total, now);
  await insertTraces(tx, tenantId, [{ payoutId, text: statement.settlementId }]);
  await appendEvents(tx, tenantId, [
    {
      subject: payoutId,
      kind: "payout-expected",
      at: now,
      data: {
        settlementId: statement.settlementId,
        amount: formatMinor(total, statement.currency),
        currency: statement.currency,
      },
      source: null,
    },
  ]);
}

/**
 * A payout that went into another stands by itself again, as its statement alone would have it: what it was merged for
 * turned out to be the other's money, as where settlements of the same total follow one another. What was merged into it
 * meanwhile stays with the other; what is announced of it now is folded into it next.
 */
async function standAgain(
  tx: Tx,
  tenantId: string,
  payoutId: string,
  statement: OwedStatement,
  totalMinor: bigint,
  now: Instant,
): Promise<void> {
  const parted = await tx.query(
    `UPDATE payout SET merged_into = NULL, state = 'expected', is_open = true, source = 'statement', reference = $3,
            currency = $4, amount_minor = $5, original_currency = NULL, original_minor = NULL,
            announced_status = 'unknown', initiated_at = NULL, account_tail = NULL, trace_ids = '[]',
            settlement_ids = $6::text::jsonb, period_start_at = $7, period_end_at = $8, version = version + 1
      WHERE tenant_id = $1 AND payout_id = $2 AND merged_into IS NOT NULL RETURNING 1`,
    [
      tenantId,
      payoutId,
      statement.settlementId,
      statement.currency,
      totalMinor,
      JSON.stringify([statement.settlementId]),
      statement.periodStartAt,
      statement.periodEndAt,
    ],
  );
  if (parted.length === 0) return;
  await appendEvents(tx, tenantId, [
    { subject: payoutId, kind: "payout-reopened", at: now, data: {}, source: null },
  ]);
}

/** What nobody announced is owed as its statements say now: a re-issued statement may have another total. */
async function refreshExpected(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<void> {
  await tx.query(
    `UPDATE payout p SET amount_minor = t.minor, version = p.version + 1
       FROM (SELECT payout_id, sum(CASE WHEN state <> 'quarantined' THEN summed_minor ELSE declared_minor END)::bigint AS minor
               FROM statement WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) AND is_current
              GROUP BY payout_id) AS t
      WHERE p.tenant_id = $1 AND p.payout_id = t.payout_id AND p.source = 'statement' AND p.amount_minor <> t.minor`,
    [tenantId, payoutIds],
  );
}

/** Two payouts are the same money: all that the first has is the second's from now on, and is decided there. */
async function mergePayout(
  tx: Tx,
  tenantId: string,
  from: string,
  into: string,
  now: Instant,
): Promise<void> {
  const merged = await tx.query<{ failed_by: string | null }>(
    `UPDATE payout SET merged_into = $3, state = 'merged', is_open = false, version = version + 1
      WHERE tenant_id = $1 AND (payout_id = $2 AND merged_into IS NULL OR merged_into = $2)
      RETURNING failed_by`,
    [tenantId, from, into],
  );
  if (merged.length === 0) return;
  const failed = merged.find((row) => row.failed_by !== null);
  if (failed !== undefined) {
    await tx.query(
      `UPDATE payout SET failed_by = coalesce(failed_by, $3) WHERE tenant_id = $1 AND payout_id = $2`,
      [tenantId, into, failed.failed_by],
    );
  }
  await closeHolds(tx, tenantId, from, now);
  await insertRows(
    tx,
    "payout_trace",
    { tenant_id: "text", token: "text", payout_id: "text" },
    (
      await tx.query<{ token: string }>(
        `SELECT token FROM payout_trace WHERE tenant_id = $1 AND payout_id = $2`,
        [tenantId, from],
      )
    ).map((row) => [tenantId, row.token, into]),
  );
  await tx.query(`UPDATE statement SET payout_id = $3 WHERE tenant_id = $1 AND payout_id = $2`, [
    tenantId,
    from,
    into,
  ]);
  await appendEvents(tx, tenantId, [
    { subject: into, kind: "payout-merged", at: now, data: { from }, source: null },
    { subject: from, kind: "payout-merged", at: now, data: { into }, source: null },
  ]);
}

/** What is held of a merged payout is decided where its money went. */
async function closeHolds(tx: Tx, tenantId: string, payoutId: string, now: Instant): Promise<void> {
  const closed = await tx.query<{ code: string }>(
    `UPDATE hold SET closed_at = $3 WHERE tenant_id = $1 AND payout_id = $2 AND closed_at IS NULL RETURNING code`,
    [tenantId, payoutId, now],
  );
  await appendEvents(
    tx,
    tenantId,
    closed.map(({ code }) => ({
      subject: payoutId,
      kind: "hold-closed",
      at: now,
      data: { code },
      source: null,
      occasion: now,
    })),
  );
}

async function pointStatements(
  tx: Tx,
  tenantId: string,
  statements: readonly OwedStatement[],
  payoutId: string,
): Promise<void> {
  await tx.query(
    `UPDATE statement SET payout_id = $3 WHERE tenant_id = $1 AND statement_id = ANY($2::text[])`,
    [tenantId, statements.map((statement) => statement.statementId), payoutId],
  );
}
