// Matches that were made without a reference, because the announcement that has it, or the message that prints it,
// came later. A reference that both sides know now is as good as one that was known then.

import type { TransactionRow } from "../bank/transaction-rows.ts";
import type { Tx } from "../storage/database.ts";
import { namesToken } from "./credit-texts.ts";
import { textsOfTransaction } from "./match-facts.ts";

/** A match without a reference, with the payout that answers for it. */
export type WeakMatch = {
  readonly matchId: string;
  readonly payoutId: string;
  readonly creditId: string;
};

/** The ids of those matches whose credits name their payouts by now. */
export async function matchesNamedSince(
  tx: Tx,
  tenantId: string,
  weak: readonly WeakMatch[],
): Promise<ReadonlySet<string>> {
  if (weak.length === 0) return new Set();
  const tokens = await tx.query<{ payout_id: string; token: string }>(
    `SELECT payout_id, token FROM payout_trace WHERE tenant_id = $1 AND payout_id = ANY($2::text[])`,
    [tenantId, weak.map(({ payoutId }) => payoutId)],
  );
  const credits = await tx.query<
    Pick<TransactionRow, "transaction_id" | "end_to_end_id" | "servicer_ref" | "detail">
  >(
    `SELECT transaction_id, end_to_end_id, servicer_ref, detail FROM bank_transaction
      WHERE tenant_id = $1 AND transaction_id = ANY($2::text[])`,
    [tenantId, weak.map(({ creditId }) => creditId)],
  );
  const texts = new Map(credits.map((row) => [row.transaction_id, textsOfTransaction(row)]));
  const isNamed = ({ payoutId, creditId }: WeakMatch): boolean => {
    const words = texts.get(creditId);
    return (
      words !== undefined &&
      tokens.some(({ payout_id, token }) => payout_id === payoutId && namesToken(words, token))
    );
  };
  return new Set(weak.filter(isNamed).map(({ matchId }) => matchId));
}
