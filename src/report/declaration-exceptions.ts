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
  const all = await loadDeclarations(tx, tenantId, { limit: LOOKED_THROUGH_MAX }, today);
  return all.flatMap((one): readonly FoundException[] => {
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
}
