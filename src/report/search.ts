// Finds an object by what people have in hand: an id, a reference, an amount, the name of a store. It looks where such
// texts stand, and only from their beginning, so that a search stays a look-up; whose rows it sees, the caller's
// transaction decides.

import { currencyOf, exponentOf } from "../money/currency.ts";
import { formatMinor, parseMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";

export const FOUND_KINDS = [
  "payout",
  "statement",
  "credit",
  "hold",
  "store",
  "approval",
  "file",
] as const;
export type FoundKind = (typeof FOUND_KINDS)[number];

export type FoundObject = {
  readonly kind: FoundKind;
  readonly id: string;
  /** What it is known by: reference, settlement, name. */
  readonly text: string;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly sellerId: string | null;
  /** Where it leads when it has no page of its own: the payout of a hold. */
  readonly of: string | null;
};

/** Objects of each kind that are given at most. */
export const FOUND_OF_KIND_MAX = 8;

type Row = {
  kind: FoundKind;
  id: string;
  text: string;
  minor: bigint | null;
  currency: string | null;
  seller_id: string | null;
  of: string | null;
};

/** What begins with the text, or is worth the amount that the text is; at most `FOUND_OF_KIND_MAX` of each kind. */
export async function searchObjects(
  tx: Tx,
  tenantId: string,
  asked: {
    readonly text: string;
    readonly kinds: readonly FoundKind[];
    /** The one seller whose objects are looked through; null: all. */
    readonly sellerId: string | null;
  },
): Promise<readonly FoundObject[]> {
  const wanted = asked.text.trim();
  if (wanted === "" || asked.kinds.length === 0) return [];
  const queries = asked.kinds.map((kind) => `(${QUERIES[kind]} LIMIT ${FOUND_OF_KIND_MAX})`);
  const rows = await tx.query<Row>(
    `WITH asked AS (SELECT $1::text, $2::text, $3::text, $4::bigint[], $5::text) ${queries.join(" UNION ALL ")}`,
    [tenantId, `${escaped(wanted)}%`, `%${escaped(wanted)}%`, minorsOf(wanted), asked.sellerId],
  );
  return rows.map(({ kind, id, text: known, minor, currency, seller_id, of }) => {
    const unit = currency === null ? null : currencyOf(currency);
    return {
      kind,
      id,
      text: known,
      amount: minor === null || unit === null ? null : formatMinor(minor, unit),
      currency: minor === null ? null : unit,
      sellerId: seller_id,
      of,
    };
  });
}

// $2 the text as a beginning, $3 anywhere in a name, $4 the minor units it may be, per number of decimals.
const QUERIES: Readonly<Record<FoundKind, string>> = {
  payout: `SELECT 'payout' AS kind, payout_id AS id, reference AS text, amount_minor AS minor, currency, seller_id,
          NULL::text AS of
     FROM payout
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5) AND merged_into IS NULL
      AND (payout_id LIKE $2 OR reference LIKE $2 OR amount_minor = ANY ($4::bigint[]))
    ORDER BY recorded_at DESC`,
  statement: `SELECT 'statement' AS kind, statement_id AS id, settlement_id AS text, summed_minor AS minor, currency, seller_id, NULL::text AS of
     FROM statement
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5) AND state <> 'replaced'
      AND (statement_id LIKE $2 OR settlement_id LIKE $2 OR summed_minor = ANY ($4::bigint[]))
    ORDER BY recorded_at DESC`,
  credit: `SELECT 'credit' AS kind, transaction_id AS id, coalesce(end_to_end_id, servicer_ref, uetr, account_number) AS text,
          amount_minor AS minor, currency, seller_id, NULL::text AS of
     FROM bank_transaction
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5)
      AND (transaction_id LIKE $2 OR uetr LIKE $2 OR servicer_ref LIKE $2 OR end_to_end_id LIKE $2
           OR amount_minor = ANY ($4::bigint[]))
    ORDER BY transaction_id DESC`,
  hold: `SELECT 'hold' AS kind, h.hold_id AS id, h.code AS text, h.amount_minor AS minor, h.currency, p.seller_id, h.payout_id AS of
     FROM hold h JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
    WHERE h.tenant_id = $1 AND ($5::text IS NULL OR p.seller_id = $5) AND h.hold_id LIKE $2
    ORDER BY h.hold_id`,
  store: `SELECT 'store' AS kind, store_id AS id, name AS text, NULL::bigint AS minor, NULL::text AS currency, seller_id,
          NULL::text AS of
     FROM store
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5) AND (store_id LIKE $2 OR partner_id LIKE $2 OR name ILIKE $3)
    ORDER BY name`,
  approval: `SELECT 'approval' AS kind, approval_id AS id, kind AS text, NULL::bigint AS minor, NULL::text AS currency, seller_id,
          NULL::text AS of
     FROM approval
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5) AND approval_id LIKE $2
    ORDER BY approval_id DESC`,
  file: `SELECT 'file' AS kind, sha256 AS id, name AS text, NULL::bigint AS minor, NULL::text AS currency, seller_id,
          NULL::text AS of
     FROM raw_file
    WHERE tenant_id = $1 AND ($5::text IS NULL OR seller_id = $5) AND (sha256 LIKE $2 OR name LIKE $2)
    ORDER BY stored_at DESC`,
};

/** Characters that mean something in a LIKE stand for themselves. */
function escaped(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** One currency for each number of decimals that the text may be an amount in. */
const SCALES = ["JPY", "USD", "KWD"] as const;

/** "1,234.50" in minor units, as it would be in currencies of no, two and three decimals; none where it is no amount. */
function minorsOf(text: string): readonly string[] {
  const plain = text.replace(/[, ](?=\d{3}(\D|$))/g, "");
  return SCALES.flatMap((code) => {
    const currency = currencyOf(code);
    if (currency === null || !new RegExp(`^\\d+(\\.\\d{0,${exponentOf(currency)}})?$`).test(plain))
      return [];
    const read = parseMinor(plain, currency);
    return read.ok ? [read.minor.toString()] : [];
  });
}
