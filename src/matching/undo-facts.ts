// Loads open reversals and returns, and the credits that they may name.

import { reviveDetail, type TransactionRow } from "../bank/transaction-rows.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import type { OpenUndo, UndoableCredit, UndoableMatch } from "./undo-plan.ts";

/** Open undos among the touched transactions, and those that name a touched credit. */
export async function loadOpenUndos(
  tx: Tx,
  tenantId: string,
  touchedIds: readonly string[],
): Promise<readonly OpenUndo[]> {
  const rows = await tx.query<TransactionRow>(
    `SELECT d.* FROM bank_transaction d
      WHERE d.tenant_id = $1 AND d.is_open AND d.role = 'undo' AND d.state = 'booked'
        AND (d.transaction_id = ANY($2::text[])
             OR d.currency IN (SELECT c.currency FROM bank_transaction c
                                WHERE c.tenant_id = $1 AND c.transaction_id = ANY($2::text[])
                                  AND c.direction = 'credit'))
      ORDER BY d.value_on, d.transaction_id`,
    [tenantId, touchedIds],
    { name: "open-undos" },
  );
  return rows.map((row) => {
    const { returned } = reviveDetail(row.detail);
    return {
      debitId: row.transaction_id,
      accountNumber: row.account_number,
      currency: row.currency,
      openMinor: row.open_minor,
      names: {
        uetr: returned?.originalUetr ?? row.uetr,
        endToEndId: returned?.originalEndToEndId ?? row.end_to_end_id,
        servicerRef: row.servicer_ref,
        instructionId: returned?.originalInstructionId ?? row.detail.instructionId,
      },
    };
  });
}

export async function loadUndoableCredits(
  tx: Tx,
  tenantId: string,
  undo: OpenUndo,
): Promise<readonly (UndoableCredit & { sellerId: string | null })[]> {
  const { names } = undo;
  const rows = await tx.query<TransactionRow & { undone: bigint }>(
    `SELECT t.*, (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
                   WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id) AS undone
       FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.direction = 'credit' AND t.role = 'incoming' AND t.state = 'booked'
        AND (t.uetr = $2 OR t.end_to_end_id = $3 OR t.servicer_ref = $4 OR t.detail->>'instructionId' = $5)
      ORDER BY t.transaction_id`,
    [tenantId, names.uetr, names.endToEndId, names.servicerRef, names.instructionId],
  );
  const matches = await loadMatches(
    tx,
    tenantId,
    rows.map((row) => row.transaction_id),
  );
  return rows.map((row) => ({
    creditId: row.transaction_id,
    accountNumber: row.account_number,
    currency: row.currency,
    amountMinor: row.amount_minor,
    undoneMinor: row.undone,
    openMinor: row.open_minor,
    uetr: row.uetr,
    endToEndId: row.end_to_end_id,
    servicerRef: row.servicer_ref,
    instructionId: row.detail.instructionId,
    matches: matches.get(row.transaction_id) ?? [],
    sellerId: row.seller_id,
  }));
}

async function loadMatches(
  tx: Tx,
  tenantId: string,
  creditIds: readonly string[],
): Promise<ReadonlyMap<string, UndoableMatch[]>> {
  const rows = await tx.query<{
    match_id: string;
    credit_id: string;
    payout_id: string;
    currency: Currency;
    charge_currency: Currency;
    amount_minor: bigint;
    paid_minor: bigint;
    charge_minor: bigint;
    undone: bigint;
    released_back: bigint;
    releases: readonly { id: string; minor: string }[] | null;
  }>(
    `SELECT m.*, coalesce(p.merged_into, m.payout_id) AS payout_id,
            (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
              WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS undone,
            (SELECT coalesce(sum(u.released_minor), 0)::bigint FROM undo u
              WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS released_back,
            (SELECT jsonb_agg(jsonb_build_object('id', r.release_id, 'minor', r.amount_minor::text)
                              ORDER BY r.released_at, r.release_id) FROM release r
              WHERE r.tenant_id = m.tenant_id AND r.match_id = m.match_id) AS releases
       FROM match m JOIN payout p ON p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id
      WHERE m.tenant_id = $1 AND m.credit_id = ANY($2::text[])
      ORDER BY m.matched_at DESC, m.match_id`,
    [tenantId, creditIds],
  );
  const byCredit = new Map<string, UndoableMatch[]>();
  for (const row of rows) {
    let back = row.released_back;
    const releases = (row.releases ?? []).map((release) => {
      const minor = BigInt(release.minor);
      const taken = back < minor ? back : minor;
      back -= taken;
      return { releaseId: release.id, leftMinor: minor - taken };
    });
    const list = byCredit.get(row.credit_id) ?? [];
    list.push({
      matchId: row.match_id,
      payoutId: row.payout_id,
      payoutCurrency: row.charge_currency,
      amountMinor: row.amount_minor,
      paidMinor: row.paid_minor,
      chargeMinor: row.charge_minor,
      exchanged: row.charge_currency !== row.currency,
      undoneMinor: row.undone,
      releases,
    });
    byCredit.set(row.credit_id, list);
  }
  return byCredit;
}
