// The marketplace's own exchange: a payout that it converted leaves transit in the store's currency and arrives in
// another. It is booked once, when money has come and both amounts are known, whichever was told first.

import { type LedgerStep, mustPostToBooks } from "../books/journal.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { civilDateIn, type Instant } from "../time/instant.ts";
import { conversionPosting } from "./match-entries.ts";

type ConvertedRow = {
  payout_id: string;
  seller_id: string;
  currency: Currency;
  amount_minor: bigint;
  original_currency: Currency;
  original_minor: bigint;
};

/** Books the exchange of those payouts (or of those they went into) that have money and are not booked yet. */
export async function convertPayouts(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  payoutIds: readonly string[],
  at: { readonly zone: string; readonly now: Instant },
): Promise<void> {
  if (payoutIds.length === 0) return;
  const rows = await tx.query<ConvertedRow>(
    `UPDATE payout p SET is_converted = true, version = p.version + 1
      WHERE p.tenant_id = $1 AND p.original_currency <> p.currency AND NOT p.is_converted AND p.seller_id IS NOT NULL
        AND p.payout_id IN (SELECT coalesce(w.merged_into, w.payout_id) FROM payout w
                             WHERE w.tenant_id = $1 AND w.payout_id = ANY($2::text[]))
        AND NOT EXISTS (SELECT 1 FROM payout q
                         WHERE q.tenant_id = $1 AND q.merged_into = p.payout_id AND q.is_converted)
        AND EXISTS (SELECT 1 FROM payout o JOIN match m ON m.tenant_id = o.tenant_id AND m.payout_id = o.payout_id
                     WHERE o.tenant_id = $1 AND (o.payout_id = p.payout_id OR o.merged_into = p.payout_id))
      RETURNING p.payout_id, p.seller_id, p.currency, p.amount_minor, p.original_currency, p.original_minor`,
    [tenantId, payoutIds],
    { name: "convert-payouts" },
  );
  const effectiveOn = civilDateIn(at.zone, at.now);
  const drafts = rows.map((row) =>
    conversionPosting({
      payoutId: row.payout_id,
      sellerId: row.seller_id,
      currency: row.currency,
      amountMinor: row.amount_minor,
      originalCurrency: row.original_currency,
      originalMinor: row.original_minor,
      effectiveOn,
    }),
  );
  await mustPostToBooks(
    ledger,
    drafts.flatMap((draft) => draft.lines),
    drafts.map((draft) => draft.posting),
  );
}
