// Money that is not paid out yet, as the marketplace told it last: what it holds, what it plans to pay, and which
// deferred sales it lets go on which day. A view: nothing of it is in the books.

import type { ExpectedStatus } from "../marketplace/outlook.ts";
import { currencyOf } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

/** The store's account at the marketplace, where the marketplace names it. */
export type ToldAccount = {
  readonly sellerId: string | null;
  readonly marketplace: string;
  readonly marketplaceId: string | null;
  readonly accountType: string | null;
  /** When it was told last: how fresh it is. */
  readonly toldAt: Instant;
};

export type BalanceView = ToldAccount & {
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
};

export type ExpectedPayoutView = ToldAccount & {
  readonly status: ExpectedStatus;
  /** Null when no payout is expected. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly scheduledAt: Instant | null;
  readonly settlementIds: readonly string[];
};

export type DeferredView = Omit<ToldAccount, "accountType"> & {
  readonly amount: string;
  readonly currency: string;
  readonly transactionCount: number;
  /** Null where the marketplace does not say. */
  readonly releaseOn: CivilDate | null;
  readonly reason: string | null;
};

export type MoneyOnTheWay = {
  readonly balances: readonly BalanceView[];
  readonly expectedPayouts: readonly ExpectedPayoutView[];
  readonly deferred: readonly DeferredView[];
};

/** Of one seller, or of all where null. */
export async function moneyOnTheWay(
  tx: Tx,
  tenantId: string,
  sellerId: string | null,
): Promise<MoneyOnTheWay> {
  const balances = await tx.query<Told & { account_type: string | null; kind: string }>(
    `${toldBy("balance_told", "balances")}
     SELECT DISTINCT ON (t.seller_id, t.marketplace_id, t.account_type, t.currency, t.kind) t.* FROM told t
      WHERE t.as_of_on IS NULL
      ORDER BY t.seller_id, t.marketplace_id, t.account_type, t.currency, t.kind, t.told_at DESC, t.source_sha256`,
    [tenantId, sellerId],
  );
  const expected = await tx.query<ExpectedRow>(
    `${toldBy("expected_payout", "expected-payouts")}
     SELECT * FROM (
       SELECT t.*, rank() OVER (PARTITION BY t.seller_id, t.marketplace_id, t.account_type
                                ORDER BY t.told_at DESC, t.source_sha256) AS place FROM told t) AS t
      WHERE t.place = 1
      ORDER BY t.scheduled_at NULLS LAST, t.seller_id, t.marketplace_id, t.account_type, t.source_line`,
    [tenantId, sellerId],
  );
  const deferred = await tx.query<DeferredRow>(
    `${toldBy("deferred_told", "deferred")}
     SELECT t.seller_id, t.marketplace, t.marketplace_id, t.currency, t.release_on, t.reason, max(t.told_at) AS told_at,
            sum(t.amount_minor)::bigint AS amount_minor, sum(t.transaction_count)::integer AS transaction_count
       FROM told t
      GROUP BY t.seller_id, t.marketplace, t.marketplace_id, t.currency, t.release_on, t.reason
      ORDER BY t.release_on NULLS LAST, t.seller_id, t.marketplace_id, t.currency, t.reason`,
    [tenantId, sellerId],
  );
  return {
    balances: balances.map((row) => ({ ...accountOf(row), kind: row.kind, ...moneyOf(row) })),
    expectedPayouts: expected.map((row) => expectedOf(row)),
    deferred: deferred.map((row) => deferredOf(row)),
  };
}

/**
 * Tellings with the time of their last arrival. Where a store is polled, only those of its last whole poll and later
 * stand: what the marketplace does not tell any more has become something else.
 */
function toldBy(table: string, work: string): string {
  return `
    WITH arrived AS (
      SELECT t.*, (SELECT max(a.arrived_at) FROM raw_arrival a
                    WHERE a.tenant_id = t.tenant_id AND a.sha256 = t.source_sha256) AS told_at
        FROM ${table} t WHERE t.tenant_id = $1 AND ($2::text IS NULL OR t.seller_id = $2)),
    told AS (
      SELECT t.* FROM arrived t
       WHERE t.told_at IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM store s JOIN store_cursor c ON c.tenant_id = s.tenant_id AND c.store_id = s.store_id
          WHERE s.tenant_id = t.tenant_id AND s.seller_id = t.seller_id AND s.partner_id = t.partner_id
            AND c.operation = '${work}' AND c.polled_at > t.told_at))`;
}

type Told = {
  seller_id: string | null;
  marketplace: string;
  marketplace_id: string | null;
  currency: string;
  amount_minor: bigint;
  told_at: Instant;
};

type ExpectedRow = Omit<Told, "currency" | "amount_minor"> & {
  account_type: string | null;
  status: ExpectedStatus;
  currency: string | null;
  amount_minor: bigint | null;
  scheduled_at: Instant | null;
  settlement_ids: readonly string[];
};

type DeferredRow = Told & {
  transaction_count: number;
  release_on: CivilDate | null;
  reason: string | null;
};

function accountOf(row: {
  seller_id: string | null;
  marketplace: string;
  marketplace_id: string | null;
  account_type: string | null;
  told_at: Instant;
}): ToldAccount {
  return {
    sellerId: row.seller_id,
    marketplace: row.marketplace,
    marketplaceId: row.marketplace_id,
    accountType: row.account_type,
    toldAt: row.told_at,
  };
}

function moneyOf(row: { readonly currency: string; readonly amount_minor: bigint }) {
  const currency = currencyOf(row.currency);
  if (currency === null) throw new RangeError(`currency ${row.currency} is not in the table`);
  return { amount: formatMinor(row.amount_minor, currency), currency: row.currency };
}

function expectedOf(row: ExpectedRow): ExpectedPayoutView {
  const { currency, amount_minor: minor } = row;
  const amount =
    currency === null || minor === null ? null : moneyOf({ currency, amount_minor: minor }).amount;
  return {
    ...accountOf(row),
    status: row.status,
    amount,
    currency,
    scheduledAt: row.scheduled_at,
    settlementIds: row.settlement_ids,
  };
}

function deferredOf(row: DeferredRow): DeferredView {
  return {
    sellerId: row.seller_id,
    marketplace: row.marketplace,
    marketplaceId: row.marketplace_id,
    toldAt: row.told_at,
    ...moneyOf(row),
    transactionCount: row.transaction_count,
    releaseOn: row.release_on,
    reason: row.reason,
  };
}
