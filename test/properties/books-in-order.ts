// What must be true after every step, whatever came: the ledger replays, debits equal credits, every credit is
// where its rows say, and no payout got or gave more than it is.

import { invariant } from "../../src/errors/invariant.ts";
import { verifyLedger } from "../../src/ledger/verify-ledger.ts";
import { DEFAULT_PARTITION } from "../../src/runtime/channel.ts";
import type { Tx } from "../../src/storage/database.ts";

/** Every statement gives the rows that break one rule. */
const RULES: Readonly<Record<string, string>> = {
  "posted debits equal posted credits in every currency": `
    SELECT currency FROM ledger_account WHERE tenant_id = $1 GROUP BY currency
    HAVING sum(debits_posted) <> sum(credits_posted)`,
  "pending debits equal pending credits in every currency": `
    SELECT currency FROM ledger_account WHERE tenant_id = $1 GROUP BY currency
    HAVING sum(debits_pending) <> sum(credits_pending)`,
  "a booked credit is open, matched or undone, to the cent": `
    SELECT t.transaction_id FROM bank_transaction t
     WHERE t.tenant_id = $1 AND t.direction = 'credit' AND t.state = 'booked' AND t.amount_minor <>
           t.open_minor
           + (SELECT coalesce(sum(m.amount_minor), 0) FROM match m
               WHERE m.tenant_id = t.tenant_id AND m.credit_id = t.transaction_id)
           + (SELECT coalesce(sum(u.amount_minor), 0) FROM undo u
               WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id AND u.match_id IS NULL)`,
  "what is not booked has nothing open, matched or undone": `
    SELECT t.transaction_id FROM bank_transaction t
     WHERE t.tenant_id = $1 AND t.state <> 'booked'
       AND (t.is_open OR t.open_minor <> 0
            OR EXISTS (SELECT 1 FROM match m WHERE m.tenant_id = t.tenant_id AND m.credit_id = t.transaction_id)
            OR EXISTS (SELECT 1 FROM undo u WHERE u.tenant_id = t.tenant_id
                        AND (u.credit_id = t.transaction_id OR u.debit_id = t.transaction_id)))`,
  "no match is undone beyond its amount": `
    SELECT m.match_id FROM match m JOIN undo u ON u.tenant_id = m.tenant_id AND u.match_id = m.match_id
     WHERE m.tenant_id = $1 GROUP BY m.match_id, m.amount_minor, m.paid_minor
    HAVING sum(u.amount_minor) > m.amount_minor OR sum(u.paid_minor) > m.paid_minor`,
  "no payout is paid above its amount": `
    SELECT p.payout_id FROM payout p
      JOIN payout q ON q.tenant_id = p.tenant_id AND coalesce(q.merged_into, q.payout_id) = p.payout_id
      JOIN match m ON m.tenant_id = q.tenant_id AND m.payout_id = q.payout_id
     WHERE p.tenant_id = $1 AND p.merged_into IS NULL GROUP BY p.payout_id, p.amount_minor
    HAVING sum(m.paid_minor - (SELECT coalesce(sum(u.paid_minor), 0) FROM undo u
                                WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id)) > p.amount_minor`,
  "no match is released beyond its amount": `
    SELECT m.match_id FROM match m JOIN release r ON r.tenant_id = m.tenant_id AND r.match_id = m.match_id
     WHERE m.tenant_id = $1 GROUP BY m.match_id, m.amount_minor HAVING sum(r.amount_minor) > m.amount_minor`,
  "no hold stands on a payout that went into another": `
    SELECT h.hold_id FROM hold h JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
     WHERE h.tenant_id = $1 AND h.closed_at IS NULL AND p.merged_into IS NOT NULL`,
  "one reading of a settlement counts": `
    SELECT settlement_id FROM statement WHERE tenant_id = $1 AND is_current
     GROUP BY marketplace, settlement_id HAVING count(*) > 1`,
  "every posted credit stands in the books once": `
    SELECT t.transaction_id FROM bank_transaction t
     WHERE t.tenant_id = $1 AND t.direction = 'credit' AND t.state = 'booked' AND t.amount_minor > 0 AND t.amount_minor <>
           (SELECT coalesce(sum(CASE WHEN x.reason = 'credit-received' THEN x.amount ELSE -x.amount END), 0)
              FROM ledger_transfer x WHERE x.tenant_id = t.tenant_id AND x.subject = t.transaction_id
                AND x.reason IN ('credit-received', 'credit-assigned'))`,
};

/** Throws with every rule that does not hold and the rows that break it. */
export async function checkBooks(tx: Tx, tenantId: string): Promise<void> {
  const broken: string[] = [];
  const ledger = await verifyLedger(tx, { tenantId, partition: DEFAULT_PARTITION });
  if (!ledger.ok) broken.push(`the ledger does not replay: ${JSON.stringify(ledger.findings[0])}`);
  for (const [rule, query] of Object.entries(RULES)) {
    const rows = await tx.query(query, [tenantId]);
    if (rows.length > 0) broken.push(`${rule}: ${JSON.stringify(rows.slice(0, 5))}`);
  }
  invariant(broken.length === 0, broken.join("\n"));
}
