// Bank rows over all files: as many notices and as much money as the files tell, none twice, none extra; and each
// transaction exactly what its tellings make of it.

import type { TransactionRow } from "../../bank/transaction-rows.ts";
import { loadAccountOwners } from "../../identity/sellers.ts";
import { groupedBy } from "./grouped-rows.ts";
import { pagesBy } from "./pages.ts";
import { type StoredTelling, transactionFaults } from "./transaction-faults.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "bank";

/** After every file was read again. */
export async function verifyBank(context: VerifyContext): Promise<void> {
  await verifyNoticeCounts(context);
  await verifyNoticeOwners(context);
  await verifyTransactions(context);
}

/**
 * The files' rows, replayed: identical rows are counted within a bank statement over its pages, and the statement
 * that has the most of them tells how many there are.
 */
async function verifyNoticeCounts({ tx, scope, findings }: VerifyContext): Promise<void> {
  const rows = await tx.query<{
    identity: string;
    source: string | null;
    told: bigint;
    told_money: bigint;
    found: bigint;
    found_money: bigint;
    highest: bigint;
  }>(
    `WITH page AS (
       SELECT identity, scope, page, max(row_count) AS n, max(money_count) AS money, min(source) AS source
         FROM verify_row GROUP BY identity, scope, page),
     bank_statement AS (
       SELECT identity, scope, sum(n)::bigint AS n, sum(money)::bigint AS money, min(source) AS source
         FROM page GROUP BY identity, scope),
     told AS (
       SELECT identity, max(n) AS n, max(money) AS money, min(source) AS source
         FROM bank_statement GROUP BY identity),
     found AS (
       SELECT n.identity, count(*) AS n, max(n.occurrence)::bigint AS highest,
              count(*) FILTER (WHERE t.state = 'booked') AS money
         FROM bank_notice n
         LEFT JOIN bank_transaction t ON t.tenant_id = n.tenant_id AND t.transaction_id = n.transaction_id
        WHERE n.tenant_id = $1 GROUP BY n.identity)
     SELECT coalesce(told.identity, found.identity) AS identity, told.source, coalesce(told.n, 0) AS told,
            coalesce(told.money, 0) AS told_money, coalesce(found.n, 0) AS found,
            coalesce(found.money, 0) AS found_money, coalesce(found.highest, 0) AS highest
       FROM told FULL JOIN found ON found.identity = told.identity
      WHERE told.n IS DISTINCT FROM found.n OR found.highest <> found.n OR told.money > found.money
      ORDER BY 1 LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of rows) {
    const subject = `bank row ${row.identity}${row.source === null ? "" : ` of ${row.source}`}`;
    if (row.told !== row.found) {
      const message =
        row.found < row.told
          ? "the files tell of it more often than it is on record: money is missing"
          : "it is on record more often than the files tell of it";
      const values = { expected: `${row.told} notices`, found: `${row.found} notices` };
      findings.report(CHECK, subject, message, values);
    } else if (row.highest !== row.found) {
      const values = { expected: `1 to ${row.found}`, found: `up to ${row.highest}` };
      findings.report(CHECK, subject, "its occurrences are not numbered without gaps", values);
    }
    if (row.told_money > row.found_money) {
      findings.report(CHECK, subject, "the files tell that it is money, but it is not booked", {
        expected: `${row.told_money} booked`,
        found: `${row.found_money} booked`,
      });
    }
  }
}

/** Notices that no file explains, notices without a transaction, transactions that nothing tells of. */
async function verifyNoticeOwners({ tx, scope, findings }: VerifyContext): Promise<void> {
  const lost = await tx.query<{ notice_id: string; transaction_id: string }>(
    `SELECT n.notice_id, n.transaction_id FROM bank_notice n
      WHERE n.tenant_id = $1 AND NOT EXISTS (
            SELECT 1 FROM bank_transaction t
             WHERE t.tenant_id = n.tenant_id AND t.transaction_id = n.transaction_id)
      ORDER BY n.notice_id LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of lost) {
    findings.report(CHECK, `bank notice ${row.notice_id}`, "its transaction is not on record", {
      expected: row.transaction_id,
    });
  }
}

async function verifyTransactions(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  const pages = pagesBy<TransactionRow>(
    (row) => row.transaction_id,
    (after, limit) =>
      tx.query<TransactionRow>(
        `SELECT * FROM bank_transaction
          WHERE tenant_id = $1 AND transaction_id > $2 ORDER BY transaction_id LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const tellings = groupedBy(
      await tx.query<{ transaction_id: string; told: StoredTelling }>(
        `SELECT transaction_id, told FROM verify_telling WHERE transaction_id = ANY($1::text[])`,
        [page.map((row) => row.transaction_id)],
      ),
      (row) => row.transaction_id,
    );
    const owners = await loadAccountOwners(
      tx,
      scope.tenantId,
      page.map((row) => row.account_number),
    );
    for (const row of page) {
      const told = (tellings.get(row.transaction_id) ?? []).map((item) => item.told);
      // Its owner was looked up by the day that was told then: a later telling may tell the other one.
      const owned = [row.booked_on ?? row.value_on, row.value_on].map((day) =>
        owners.on(row.account_number, row.currency, day),
      );
      const owner = owned.find((sellerId) => sellerId === row.seller_id) ?? owned[0] ?? null;
      for (const { message, expected, found } of transactionFaults(row, told, owner)) {
        const subject = `bank transaction ${row.transaction_id}`;
        findings.report(CHECK, subject, message, { expected, found });
      }
    }
    findings.compared(CHECK, "transactions", page.length);
  }
}
