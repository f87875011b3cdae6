// Puts on record what a marketplace tells beside statements and payouts. Rows are append-only and open to their raw
// object; which telling is the latest follows from when it arrived, so the same balance told again is told again.

import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import type { Outlook } from "./outlook.ts";

export type OutlookArrival = {
  readonly outlook: Outlook;
  readonly sha256: string;
  readonly sellerId: string | null;
};

/** Records the tellings; repeats change nothing. */
export async function recordOutlook(
  tx: Tx,
  tenantId: string,
  arrivals: readonly OutlookArrival[],
  now: Instant,
): Promise<void> {
  if (arrivals.length === 0) return;
  await insertRows(tx, "balance_told", BALANCE_COLUMNS, balanceRows(tenantId, arrivals, now));
  await insertRows(tx, "expected_payout", EXPECTED_COLUMNS, expectedRows(tenantId, arrivals, now));
  await insertRows(tx, "control_total", CONTROL_COLUMNS, controlRows(tenantId, arrivals, now));
  await insertRows(tx, "deferred_told", DEFERRED_COLUMNS, deferredRows(tenantId, arrivals, now));
}

/** Tellings of these files that were nobody's are this seller's. */
export async function claimOutlook(
  tx: Tx,
  tenantId: string,
  sha256s: readonly string[],
  sellerId: string,
): Promise<void> {
  for (const table of ["balance_told", "expected_payout", "control_total", "deferred_told"]) {
    await tx.query(
      `UPDATE ${table} SET seller_id = $3
        WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[]) AND seller_id IS NULL`,
      [tenantId, sha256s, sellerId],
    );
  }
}

const SOURCE_COLUMNS = {
  tenant_id: "text",
  source_sha256: "text",
  source_line: "integer",
  seller_id: "text",
  marketplace: "text",
} as const;

const BALANCE_COLUMNS = {
  ...SOURCE_COLUMNS,
  partner_id: "text",
  marketplace_id: "text",
  account_type: "text",
  kind: "text",
  currency: "text",
  amount_minor: "bigint",
  updated_at: "timestamptz",
  as_of_on: "date",
  recorded_at: "timestamptz",
} as const;

function balanceRows(tenantId: string, arrivals: readonly OutlookArrival[], now: Instant) {
  return arrivals.flatMap(({ outlook, sha256, sellerId }) =>
    outlook.balances.map((told) => [
      tenantId,
      sha256,
      told.line,
      sellerId,
      told.marketplace,
      told.partnerId,
      told.marketplaceId,
      told.accountType,
      told.kind,
      told.amount.currency,
      told.amount.minor,
      told.updatedAt,
      told.asOfOn,
      now,
    ]),
  );
}

const EXPECTED_COLUMNS = {
  ...SOURCE_COLUMNS,
  partner_id: "text",
  marketplace_id: "text",
  account_type: "text",
  status: "text",
  currency: "text",
  amount_minor: "bigint",
  scheduled_at: "timestamptz",
  settlement_ids: "jsonb",
  recorded_at: "timestamptz",
} as const;

function expectedRows(tenantId: string, arrivals: readonly OutlookArrival[], now: Instant) {
  return arrivals.flatMap(({ outlook, sha256, sellerId }) =>
    outlook.expected.map((told) => [
      tenantId,
      sha256,
      told.line,
      sellerId,
      told.marketplace,
      told.partnerId,
      told.marketplaceId,
      told.accountType,
      told.status,
      told.amount?.currency ?? null,
      told.amount?.minor ?? null,
      told.scheduledAt,
      told.settlementIds,
      now,
    ]),
  );
}

const CONTROL_COLUMNS = {
  ...SOURCE_COLUMNS,
  settlement_id: "text",
  currency: "text",
  amount_minor: "bigint",
  recorded_at: "timestamptz",
} as const;

function controlRows(tenantId: string, arrivals: readonly OutlookArrival[], now: Instant) {
  return arrivals.flatMap(({ outlook, sha256, sellerId }) =>
    outlook.controls.map((told) => [
      tenantId,
      sha256,
      told.line,
      sellerId,
      told.marketplace,
      told.settlementId,
      told.amount.currency,
      told.amount.minor,
      now,
    ]),
  );
}

const DEFERRED_COLUMNS = {
  ...SOURCE_COLUMNS,
  partner_id: "text",
  marketplace_id: "text",
  currency: "text",
  amount_minor: "bigint",
  transaction_count: "integer",
  release_on: "date",
  reason: "text",
  recorded_at: "timestamptz",
} as const;

function deferredRows(tenantId: string, arrivals: readonly OutlookArrival[], now: Instant) {
  return arrivals.flatMap(({ outlook, sha256, sellerId }) =>
    outlook.deferred.map((told) => [
      tenantId,
      sha256,
      told.line,
      sellerId,
      told.marketplace,
      told.partnerId,
      told.marketplaceId,
      told.currency,
      told.totalMinor,
      told.transactionCount,
      told.releaseOn,
      told.reason,
      now,
    ]),
  );
}
