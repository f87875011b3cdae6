// Reads the chains of orders and appends to them, set-based. A chain's next place can be taken once: two programs that
// wrote at the same moment would both fail to, and neither could use an order twice.

import { invariant } from "../errors/invariant.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import {
  addQuota,
  NO_CHAIN,
  type QuotaChain,
  type QuotaChange,
  type QuotaEntry,
  type QuotaKind,
} from "./quota.ts";

/** One order of one marketplace, whoever sells. */
export type OrderKey = { readonly marketplace: string; readonly orderId: string };

export function keyText({ marketplace, orderId }: OrderKey): string {
  return `${marketplace}\u001f${orderId}`;
}

type EntryRow = {
  marketplace: string;
  order_id: string;
  kind: QuotaKind;
  seller_id: string;
  currency: Currency;
  amount_minor: bigint;
  payout_id: string | null;
};

/** The chains of the orders by their key; an order without a chain is absent. */
export async function loadChains(
  tx: Tx,
  tenantId: string,
  keys: readonly OrderKey[],
): Promise<Map<string, QuotaChain>> {
  const chains = new Map<string, QuotaChain>();
  if (keys.length === 0) return chains;
  const rows = await tx.query<EntryRow>(
    `SELECT q.marketplace, q.order_id, q.kind, q.seller_id, q.currency, q.amount_minor, q.payout_id
       FROM unnest($2::text[], $3::text[]) AS k(marketplace, order_id)
      CROSS JOIN LATERAL (SELECT * FROM quota_entry q
                           WHERE q.tenant_id = $1 AND q.marketplace = k.marketplace AND q.order_id = k.order_id
                           ORDER BY q.seq) AS q`,
    [tenantId, keys.map(({ marketplace }) => marketplace), keys.map(({ orderId }) => orderId)],
    { name: "quota-chains" },
  );
  for (const row of rows) {
    const key = keyText({ marketplace: row.marketplace, orderId: row.order_id });
    const { chain } = addQuota(
      chains.get(key) ?? NO_CHAIN,
      { kind: row.kind, amountMinor: row.amount_minor, payoutId: row.payout_id },
      { sellerId: row.seller_id, currency: row.currency },
    );
    chains.set(key, chain);
  }
  return chains;
}

/** Chains that a step goes on with, and the entries that it adds to them. */
export type QuotaBook = {
  readonly chains: Map<string, QuotaChain>;
  readonly added: {
    readonly key: OrderKey;
    readonly currency: Currency;
    readonly entry: QuotaEntry;
    readonly sha256: string | null;
  }[];
};

export function addToBook(
  book: QuotaBook,
  key: OrderKey,
  change: QuotaChange | null,
  of: { readonly sellerId: string; readonly currency: Currency; readonly sha256?: string },
): void {
  if (change === null) return;
  const text = keyText(key);
  const { chain, entry } = addQuota(book.chains.get(text) ?? NO_CHAIN, change, of);
  book.chains.set(text, chain);
  book.added.push({ key, currency: of.currency, entry, sha256: of.sha256 ?? null });
}

export async function writeBook(
  tx: Tx,
  tenantId: string,
  { added }: QuotaBook,
  now: Instant,
): Promise<void> {
  const count = await insertRows(
    tx,
    "quota_entry",
    {
      tenant_id: "text",
      marketplace: "text",
      order_id: "text",
      seq: "integer",
      kind: "text",
      seller_id: "text",
      currency: "text",
      amount_minor: "bigint",
      balance_minor: "bigint",
      payout_id: "text",
      source_sha256: "text",
      entered_at: "timestamptz",
    },
    added.map(({ key, currency, entry, sha256 }) => [
      tenantId,
      key.marketplace,
      key.orderId,
      entry.seq,
      entry.kind,
      entry.sellerId,
      currency,
      entry.amountMinor,
      entry.balanceMinor,
      entry.payoutId,
      sha256,
      now,
    ]),
  );
  invariant(count === added.length, "a place in a quota chain was taken by another writer");
}
