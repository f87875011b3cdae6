// Sums that must hold whatever happened: of each credit, each match, each payout, and each seller's accounts. The
// facts are added up anew and compared with what stands on record and in the ledger.

import type { Currency } from "../../money/currency.ts";
import { ACCOUNTS_BY_FACTS } from "./account-sums.ts";
import { shownMoney } from "./compare-fields.ts";
import { MONEY_RULES, type MoneyRow } from "./money-rules.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "money";

export async function verifyMoney(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  for (const rule of MONEY_RULES) {
    const rows = await tx.query<MoneyRow>(`${rule.query} ORDER BY r.id LIMIT $2`, [
      scope.tenantId,
      FINDINGS_KEPT_MAX,
    ]);
    for (const row of rows) {
      findings.report(CHECK, `${rule.subject} ${row.id}`, rule.message, {
        expected: shown(row.currency, row.expected),
        found: shown(row.currency, row.found),
      });
    }
  }
  await countFacts(context);
  await verifyAccounts(context);
}

function shown(currency: string | null, minor: bigint | null): string | null {
  return minor === null ? null : shownMoney(currency, minor);
}

async function countFacts({ tx, scope, findings }: VerifyContext): Promise<void> {
  const [row] = await tx.query<{
    credits: bigint;
    matches: bigint;
    releases: bigint;
    undos: bigint;
  }>(
    `SELECT (SELECT count(*) FROM bank_transaction WHERE tenant_id = $1 AND direction = 'credit') AS credits,
            (SELECT count(*) FROM match WHERE tenant_id = $1) AS matches,
            (SELECT count(*) FROM release WHERE tenant_id = $1) AS releases,
            (SELECT count(*) FROM undo WHERE tenant_id = $1) AS undos`,
    [scope.tenantId],
  );
  for (const [what, count] of Object.entries(row ?? {})) {
    if (count > 0n) findings.compared(CHECK, what, Number(count));
  }
}

type AccountSum = {
  account_id: string;
  currency: Currency;
  side: "posted" | "reserved";
  expected: bigint;
  found: bigint;
};

/** Debits less credits of the accounts that the facts determine. */
async function verifyAccounts({ tx, scope, findings }: VerifyContext): Promise<void> {
  const rows = await tx.query<AccountSum>(
    `WITH ${ACCOUNTS_BY_FACTS}
     SELECT s.account_id, s.currency, s.side, s.expected, s.found FROM (
       SELECT f.account_id, f.currency, f.side, f.minor AS expected,
              coalesce(CASE f.side WHEN 'posted' THEN a.debits_posted - a.credits_posted
                                   ELSE a.debits_pending - a.credits_pending END, 0) AS found
         FROM (SELECT account_id, currency, side, sum(minor)::bigint AS minor FROM by_facts
                GROUP BY account_id, currency, side) AS f
         LEFT JOIN ledger_account a ON a.tenant_id = $1 AND a.partition = $2 AND a.account_id = f.account_id) AS s
      WHERE s.expected <> s.found ORDER BY s.account_id, s.side LIMIT $3`,
    [scope.tenantId, scope.partition, FINDINGS_KEPT_MAX],
  );
  for (const row of rows) {
    const message =
      row.side === "posted"
        ? "its balance is not what the facts add up to"
        : "what is reserved on it is not what the facts add up to";
    findings.report(CHECK, `account ${row.account_id}`, message, {
      expected: shown(row.currency, row.expected),
      found: shown(row.currency, row.found),
    });
  }
}
