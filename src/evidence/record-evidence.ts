// Puts orders, parcels and papers on record, earns the quota of orders, and finds what is another seller's: an order that
// two sellers claim, a tracking number of somebody else's parcel, a customs paper that was brought before.

import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { type EvidenceFindingDraft, writeFindings } from "./finding-rows.ts";
import { isNews, loadOrders, type OrderRecord, ownKey, writeOrders } from "./order-rows.ts";
import { recordPapers } from "./paper-rows.ts";
import { earningChange, NO_CHAIN } from "./quota.ts";
import {
  addToBook,
  keyText,
  loadChains,
  type OrderKey,
  type QuotaBook,
  writeBook,
} from "./quota-rows.ts";
import type { EvidenceReading, OrderTold } from "./reading.ts";

export type EvidenceArrival = {
  readonly reading: EvidenceReading;
  readonly sha256: string;
  readonly sellerId: string;
};

/** Records the arrivals in order; repeats change nothing. Returns the payouts that must be looked at again. */
export async function recordEvidence(
  tx: Tx,
  tenantId: string,
  arrivals: readonly EvidenceArrival[],
  now: Instant,
): Promise<readonly string[]> {
  if (arrivals.length === 0) return [];
  const changed = await recordOrders(tx, tenantId, arrivals, now);
  await recordShipments(tx, tenantId, arrivals, now);
  await recordPapers(tx, tenantId, arrivals, now);
  const sellerIds = [...new Set(arrivals.map(({ sellerId }) => sellerId))];
  return touchedPayouts(tx, tenantId, sellerIds, changed);
}

/** Returns the orders of which something new was told. */
async function recordOrders(
  tx: Tx,
  tenantId: string,
  arrivals: readonly EvidenceArrival[],
  now: Instant,
): Promise<readonly OrderKey[]> {
  const told = arrivals.flatMap(({ reading, sha256, sellerId }) =>
    reading.orders.map((order) => ({ order, sha256, sellerId })),
  );
  if (told.length === 0) return [];
  const keys = distinct(told.map(({ order }) => order));
  const known = new Map(
    (await loadOrders(tx, tenantId, keys)).map((order) => [ownKey(order, order.sellerId), order]),
  );
  const book: QuotaBook = { chains: await loadChains(tx, tenantId, keys), added: [] };
  const records: OrderRecord[] = [];
  const findings: EvidenceFindingDraft[] = [];
  for (const { order, sha256, sellerId } of told) {
    const key = ownKey(order, sellerId);
    const before = known.get(key);
    if (!isNews(before, order)) continue;
    const record = recordOf(order, { sha256, sellerId, version: (before?.version ?? 0) + 1 });
    known.set(key, record);
    records.push(record);
    const owner = book.chains.get(keyText(order))?.sellerId ?? sellerId;
    if (owner === sellerId) earn(book, record);
    else findings.push(orderOfAnother(record, owner));
  }
  await writeOrders(tx, tenantId, records, now);
  await writeBook(tx, tenantId, book, now);
  await writeFindings(tx, tenantId, findings, now);
  return records;
}

function recordOf(
  order: OrderTold,
  { sha256, sellerId, version }: { sha256: string; sellerId: string; version: number },
): OrderRecord {
  return { ...order, sellerId, version, sha256 };
}

function earn(book: QuotaBook, record: OrderRecord): void {
  const chain = book.chains.get(keyText(record)) ?? NO_CHAIN;
  // In another currency than what it earned first, it earns nothing: its receipts find the difference.
  if (chain.currency !== null && chain.currency !== record.currency) return;
  const { status, sellerId, currency, sha256 } = record;
  const worth = status === "cancelled" || status === "pending" ? 0n : record.amountMinor;
  addToBook(book, record, earningChange(chain, worth), { sellerId, currency, sha256 });
}

function orderOfAnother(record: OrderRecord, otherId: string): EvidenceFindingDraft {
  const { marketplace, orderId, sellerId } = record;
  return {
    code: "order-of-another-seller",
    marketplace,
    orderId,
    sellerId,
    tracking: null,
    others: [{ sellerId: otherId, orderId }],
  };
}

async function recordShipments(
  tx: Tx,
  tenantId: string,
  arrivals: readonly EvidenceArrival[],
  now: Instant,
): Promise<void> {
  const told = arrivals.flatMap(({ reading, sha256, sellerId }) =>
    reading.shipments.map((shipment) => ({ shipment, sha256, sellerId })),
  );
  if (told.length === 0) return;
  await insertRows(
    tx,
    "shipment_record",
    {
      tenant_id: "text",
      marketplace: "text",
      order_id: "text",
      tracking: "text",
      carrier: "text",
      seller_id: "text",
      shipped_on: "date",
      delivered_on: "date",
      quantity: "bigint",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
    },
    told.map(({ shipment, sha256, sellerId }) => [
      tenantId,
      shipment.marketplace,
      shipment.orderId,
      shipment.tracking,
      shipment.carrier,
      sellerId,
      shipment.shippedOn,
      shipment.deliveredOn,
      shipment.quantity,
      sha256,
      shipment.line,
      now,
    ]),
  );
  const trackings = [...new Set(told.map(({ shipment }) => shipment.tracking))];
  await writeFindings(tx, tenantId, await reusedBy(tx, tenantId, trackings), now);
}

/** Tracking numbers that orders of several sellers have: each side of it is a finding. */
async function reusedBy(
  tx: Tx,
  tenantId: string,
  trackings: readonly string[],
): Promise<readonly EvidenceFindingDraft[]> {
  const rows = await tx.query<{
    marketplace: string;
    order_id: string;
    seller_id: string;
    tracking: string;
    other_seller: string;
    other_order: string;
  }>(
    `SELECT s.marketplace, s.order_id, s.seller_id, s.tracking, o.seller_id AS other_seller, o.order_id AS other_order
       FROM unnest($2::text[]) AS k(tracking)
      CROSS JOIN LATERAL (SELECT * FROM shipment_record s
                           WHERE s.tenant_id = $1 AND s.tracking = k.tracking OFFSET 0) AS s
      CROSS JOIN LATERAL (SELECT * FROM shipment_record o
                           WHERE o.tenant_id = $1 AND o.tracking = k.tracking AND o.seller_id <> s.seller_id
                           ORDER BY o.recorded_at, o.seller_id, o.order_id LIMIT 1) AS o`,
    [tenantId, trackings],
    { name: "tracking-reused" },
  );
  return rows.map((row) => ({
    code: "tracking-reused",
    marketplace: row.marketplace,
    orderId: row.order_id,
    sellerId: row.seller_id,
    tracking: row.tracking,
    others: [{ sellerId: row.other_seller, orderId: row.other_order }],
  }));
}

/** Payouts of the sellers that are not covered whole, and those that stand on an order that changed. */
async function touchedPayouts(
  tx: Tx,
  tenantId: string,
  sellerIds: readonly string[],
  changed: readonly OrderKey[],
): Promise<readonly string[]> {
  const rows = await tx.query<{ payout_id: string }>(
    `SELECT p.payout_id FROM payout p
      CROSS JOIN LATERAL (SELECT * FROM evidence_cover c
                           WHERE c.tenant_id = p.tenant_id AND c.payout_id = p.payout_id
                           ORDER BY c.version DESC LIMIT 1) AS c
      WHERE p.tenant_id = $1 AND p.seller_id = ANY($2::text[]) AND p.merged_into IS NULL
        AND (c.covered_minor < c.required_minor OR c.provisional <> '[]'::jsonb OR c.finding_count > 0)
     UNION
     SELECT q.payout_id FROM unnest($3::text[], $4::text[]) AS k(marketplace, order_id)
      CROSS JOIN LATERAL (SELECT q.payout_id FROM quota_entry q
                           WHERE q.tenant_id = $1 AND q.marketplace = k.marketplace AND q.order_id = k.order_id
                             AND q.kind = 'consumed' OFFSET 0) AS q
      ORDER BY 1`,
    [
      tenantId,
      sellerIds,
      changed.map(({ marketplace }) => marketplace),
      changed.map(({ orderId }) => orderId),
    ],
  );
  return rows.map((row) => row.payout_id);
}

/** Each order once. */
export function distinct(keys: readonly OrderKey[]): readonly OrderKey[] {
  return [...new Map(keys.map((key) => [keyText(key), key])).values()];
}
