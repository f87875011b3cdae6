// The watch list: everything a supervisor is shown that is not a sum, as findings of one shape. Each names its seller,
// its object and since when; a foreign view gets their numbers only.

import { formatMinor } from "../../money/money.ts";
import { USD } from "../../rates/reference-rates.ts";
import type { Tx } from "../../storage/database.ts";
import { addDays, type CivilDate, daysBetween } from "../../time/instant.ts";
import type { Words } from "../document/report-document.ts";
import type { FlowCell } from "./flow.ts";
import type { UsdOf } from "./usd.ts";
import {
  largeDays,
  type ReceiptSeen,
  sellersNearLine,
  splittings,
  type WatchSettings,
} from "./watch.ts";

export const FINDING_KINDS = [
  "large-day",
  "splitting",
  "near-line",
  "over-line",
  "credit-unmatched",
  "store-name-differs",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export type Finding = {
  readonly kind: FindingKind;
  readonly sellerId: string | null;
  /** The objects to open: cr_…, po_…, sto_…; of a finding about a seller, the seller. */
  readonly subjects: readonly string[];
  readonly since: CivilDate;
  /** Days up to the day of asking. */
  readonly days: number;
  readonly usdMinor: bigint | null;
  readonly detail: Words;
};

export const FINDING_WORDS: Readonly<Record<FindingKind, Words>> = {
  "large-day": { en: "Large-value day", zh: "大额交易日" },
  splitting: { en: "Splitting below a line", zh: "疑似拆分" },
  "near-line": { en: "Near the small-seller line", zh: "接近小微限额" },
  "over-line": { en: "Over the small-seller line", zh: "超过小微限额" },
  "credit-unmatched": { en: "Credit unmatched", zh: "入账未匹配" },
  "store-name-differs": { en: "Store and seller named differently", zh: "店铺主体与卖家不一致" },
};

export type FindingRange = {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly sellerId: string | null;
};

/** All findings of the days asked for; those that are about a state are as of the last day. */
export async function loadFindings(
  tx: Tx,
  tenantId: string,
  range: FindingRange,
  deps: {
    readonly cells: readonly FlowCell[];
    readonly usdOf: UsdOf;
    readonly settings: WatchSettings;
  },
): Promise<readonly Finding[]> {
  const { settings } = deps;
  const receipts = await loadReceipts(tx, tenantId, range, deps.usdOf);
  const found = [
    ...largeDays(receipts, settings).map((day) =>
      finding("large-day", range.to, {
        ...day,
        subjects: day.creditIds,
        since: day.on,
        detail: day.isSingle
          ? { en: "One receipt alone is over the line.", zh: "单笔收汇即达大额标准。" }
          : {
              en: "The day's receipts together are over the line.",
              zh: "当日收汇累计达大额标准。",
            },
      }),
    ),
    ...splittings(receipts, settings).map((split) =>
      finding("splitting", range.to, {
        ...split,
        subjects: split.creditIds,
        since: split.from,
        detail: splittingWords(split.creditIds.length, split.to, split.lineUsdMinor),
      }),
    ),
    ...sellersNearLine(deps.cells, range.to, settings).map((near) =>
      finding(near.isOver ? "over-line" : "near-line", range.to, {
        ...near,
        subjects: [near.sellerId],
        since: `${range.to.slice(0, 4)}-01-01` as CivilDate,
        detail: nearWords(settings.smallSellerLineUsdMinor),
      }),
    ),
    ...(await unmatchedCredits(tx, tenantId, range, deps)),
    ...(await storesOfOthers(tx, tenantId, range)),
  ];
  return found.sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0));
}

function finding(
  kind: FindingKind,
  today: CivilDate,
  found: Omit<Finding, "kind" | "days">,
): Finding {
  const { sellerId, subjects, since, usdMinor, detail } = found;
  return {
    kind,
    sellerId,
    subjects,
    since,
    days: Math.max(0, daysBetween(since, today)),
    usdMinor,
    detail,
  };
}

function splittingWords(count: number, to: CivilDate, line: bigint): Words {
  const amount = formatMinor(line, USD);
  return {
    en: `${count} receipts just below USD ${amount}, up to ${to}.`,
    zh: `${count} 笔收汇略低于 ${amount} 美元，截至 ${to}。`,
  };
}

function nearWords(line: bigint): Words {
  const amount = formatMinor(line, USD);
  return {
    en: `Receipts of the calendar year against the line of USD ${amount}.`,
    zh: `本日历年收汇对照 ${amount} 美元限额。`,
  };
}

async function loadReceipts(
  tx: Tx,
  tenantId: string,
  range: FindingRange,
  usdOf: UsdOf,
): Promise<readonly ReceiptSeen[]> {
  const rows = await tx.query<{
    transaction_id: string;
    seller_id: string;
    on_day: CivilDate;
    currency: Parameters<UsdOf>[1];
    amount_minor: bigint;
  }>(
    `SELECT transaction_id, seller_id, coalesce(booked_on, value_on) AS on_day, currency, amount_minor
       FROM bank_transaction
      WHERE tenant_id = $1 AND direction = 'credit' AND state = 'booked' AND role = 'incoming' AND seller_id IS NOT NULL
        AND coalesce(booked_on, value_on) BETWEEN $2 AND $3 AND ($4::text IS NULL OR seller_id = $4)
      ORDER BY on_day, seller_id, transaction_id`,
    [tenantId, range.from, range.to, range.sellerId],
  );
  return rows.map((row) => ({
    creditId: row.transaction_id,
    sellerId: row.seller_id,
    on: row.on_day,
    usdMinor: usdOf(row.amount_minor, row.currency, row.on_day),
  }));
}

/** Credits that nothing explains for longer than the settings allow. */
async function unmatchedCredits(
  tx: Tx,
  tenantId: string,
  range: FindingRange,
  deps: { readonly usdOf: UsdOf; readonly settings: WatchSettings },
): Promise<readonly Finding[]> {
  const rows = await tx.query<{
    transaction_id: string;
    seller_id: string | null;
    on_day: CivilDate;
    currency: Parameters<UsdOf>[1];
    open_minor: bigint;
  }>(
    `SELECT transaction_id, seller_id, coalesce(booked_on, value_on) AS on_day, currency, open_minor
       FROM bank_transaction
      WHERE tenant_id = $1 AND is_open AND direction = 'credit' AND state = 'booked' AND role = 'incoming'
        AND open_minor > 0 AND coalesce(booked_on, value_on) <= $2 AND ($3::text IS NULL OR seller_id = $3)
      ORDER BY on_day, transaction_id`,
    [tenantId, addDays(range.to, -deps.settings.unmatchedDays), range.sellerId],
  );
  return rows.map((row) =>
    finding("credit-unmatched", range.to, {
      sellerId: row.seller_id,
      subjects: [row.transaction_id],
      since: row.on_day,
      usdMinor: deps.usdOf(row.open_minor, row.currency, row.on_day),
      detail: {
        en: `${row.currency} ${formatMinor(row.open_minor, row.currency)} that no payout explains.`,
        zh: `${row.currency} ${formatMinor(row.open_minor, row.currency)} 无对应平台付款。`,
      },
    }),
  );
}

/** Stores whose legal name at the marketplace is not the seller's. */
async function storesOfOthers(
  tx: Tx,
  tenantId: string,
  range: FindingRange,
): Promise<readonly Finding[]> {
  const rows = await tx.query<{ store_id: string; seller_id: string; since: CivilDate }>(
    `SELECT store_id, seller_id, (coalesce(checked_at, created_at) AT TIME ZONE 'UTC')::date AS since
       FROM store WHERE tenant_id = $1 AND name_check = 'differs' AND ($2::text IS NULL OR seller_id = $2)
      ORDER BY store_id`,
    [tenantId, range.sellerId],
  );
  return rows.map((row) =>
    finding("store-name-differs", range.to, {
      sellerId: row.seller_id,
      subjects: [row.store_id],
      since: row.since,
      usdMinor: null,
      detail: {
        en: "The marketplace names another legal entity for this store.",
        zh: "平台登记的店铺主体与卖家不同。",
      },
    }),
  );
}
