// Declarations that a person must look at: not filed when their day is over, or refused by the authority.

import { loadDeclarations } from "../declaration/declaration-rows.ts";
import { currencyOf, exponentOf } from "../money/currency.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate } from "../time/instant.ts";
import type { FoundException } from "./exceptions.ts";

const LOOKED_THROUGH_MAX = 100_000;

export async function declarationExceptions(
  tx: Tx,
  tenantId: string,
  policy: Policy,
  today: CivilDate,
): Promise<readonly FoundException[]> {
  if (policy.declaration === null) return [];
  const undeclared = await tx.query<FoundException>(UNDECLARED, [tenantId, today]);
  const all = await loadDeclarations(tx, tenantId, { limit: LOOKED_THROUGH_MAX }, today);
  const found = all.flatMap((one): readonly FoundException[] => {
    const isRejected = one.state === "rejected";
    if (!isRejected && !one.isLate) return [];
    const { base, faults } = one.version;
    const currency = currencyOf(base.txCcy);
    const why = faults.map(({ field, message }) => `${field}: ${message}`).join(" ");
    return [
      {
        kind: isRejected ? "declaration-rejected" : "declaration-late",
        code: isRejected ? "rejected" : one.state,
        subject: one.payoutId ?? one.creditId,
        message: isRejected
          ? `Declaration ${one.rptNo} was refused: ${one.answer ?? ""}`
          : `Declaration ${one.rptNo} was due on ${one.dueOn} and is not filed. ${why}`.trim(),
        minor: currency === null ? null : base.txAmt * 10n ** BigInt(exponentOf(currency)),
        currency: base.txCcy,
        seller_id: one.sellerId,
        since: one.madeAt,
        file: null,
        line: null,
      },
    ];
  });
  return [...undeclared, ...found];
}

/** Receipts that pay a payout and are in no declaration when two days are over. */
const UNDECLARED = `
  SELECT 'declaration-missing' AS kind, 'undeclared' AS code, c.transaction_id AS subject,
         'This receipt is not declared: straitway declaration prepare declares it.' AS message, c.amount_minor AS minor,
         c.currency, c.seller_id, c.recorded_at AS since, NULL::text AS file, NULL::integer AS line
    FROM bank_transaction c
   WHERE c.tenant_id = $1 AND c.direction = 'credit' AND c.role = 'incoming' AND c.state <> 'copy' AND c.seller_id IS NOT NULL
     AND coalesce(c.booked_on, c.value_on) < $2::date - 2
     AND EXISTS (SELECT 1 FROM match m WHERE m.tenant_id = $1 AND m.credit_id = c.transaction_id)
     AND NOT EXISTS (SELECT 1 FROM undo u WHERE u.tenant_id = $1 AND u.credit_id = c.transaction_id)
     AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.tenant_id = $1 AND d.credit_id = c.transaction_id)`;
