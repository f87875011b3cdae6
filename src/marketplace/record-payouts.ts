// Puts payout announcements on record and keeps each payout's row as their fold. Which statements a payout
// pays, and whether the money came, is the matching room's to say.

import { objectId } from "../ids/object-id.ts";
import { formatMoney } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows, jsonText } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { type FoldedPayout, foldAnnouncements, payoutIdOf } from "./fold-payout.ts";
import type { PayoutAnnouncement } from "./payout.ts";

export type PayoutArrival = {
  readonly announcement: PayoutAnnouncement;
  readonly sha256: string;
  readonly sellerId: string | null;
};

/** Shortest normalised reference that is looked for in bank texts: shorter ones occur by chance. */
export const TRACE_LENGTH_MIN = 6;

/** A reference as it is compared: letters and digits only, upper case. Banks wrap, pad and punctuate. */
export function normaliseReference(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

/** Records announcements; returns the ids of the payouts that they touch. Repeats change nothing. */
export async function recordPayouts(
  tx: Tx,
  tenantId: string,
  arrivals: readonly PayoutArrival[],
  now: Instant,
): Promise<readonly string[]> {
  if (arrivals.length === 0) return [];
  const news = await newTellings(tx, tenantId, arrivals);
  const inserted = await insertRows(
    tx,
    "payout_announcement",
    {
      tenant_id: "text",
      announcement_id: "text",
      payout_id: "text",
      source: "text",
      reference: "text",
      announced: "jsonb",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
    },
    arrivals.map(({ announcement, sha256 }) => [
      tenantId,
      objectId("an", sha256, announcement.line, announcement.source, announcement.reference),
      payoutIdOf(announcement),
      announcement.source,
      announcement.reference,
      announcement,
      sha256,
      announcement.line,
      now,
    ]),
  );
  const touched = [...new Set(arrivals.map(({ announcement }) => payoutIdOf(announcement)))];
  if (inserted === 0) return touched;
  await appendEvents(
    tx,
    tenantId,
    news.map(({ announcement, sha256 }) => ({
      subject: payoutIdOf(announcement),
      kind: "payout-announced",
      at: now,
      data: {
        reference: announcement.reference,
        amount: formatMoney(announcement.amount),
        currency: announcement.amount.currency,
        status: announcement.statusText,
        initiatedAt: announcement.initiatedAt,
        traceIds: announcement.traceIds,
        failureReason: announcement.failureReason,
      },
      source: { sha256, line: announcement.line },
    })),
  );
  const sellerOf = new Map(
    arrivals.map((arrival) => [payoutIdOf(arrival.announcement), arrival.sellerId]),
  );
  await refoldPayouts(tx, tenantId, touched, sellerOf, now);
  return touched;
}

/** Arrivals that say something of their payout that nobody has said before; a list that is polled says all again. */
async function newTellings(
  tx: Tx,
  tenantId: string,
  arrivals: readonly PayoutArrival[],
): Promise<readonly PayoutArrival[]> {
  const rows = await tx.query<{ announced: StoredAnnouncement }>(
    `SELECT announced FROM payout_announcement WHERE tenant_id = $1 AND payout_id = ANY($2::text[])`,
    [tenantId, [...new Set(arrivals.map(({ announcement }) => payoutIdOf(announcement)))]],
  );
  const told = new Set(rows.map(({ announced }) => toldBy(revive(announced))));
  return arrivals.filter(({ announcement }) => {
    const facts = toldBy(announcement);
    const isNew = !told.has(facts);
    told.add(facts);
    return isNew;
  });
}

/** What an announcement says, wherever it stands in its file. */
function toldBy(announcement: PayoutAnnouncement): string {
  const facts = Object.entries({ ...announcement, line: 0 }).sort(([a], [b]) => (a < b ? -1 : 1));
  return jsonText(facts);
}

/**
 * Recomputes payout rows from all announcements of each payout and of those merged into it; a merged payout is
 * answered by the one it went into. They are open until they are decided again.
 */
export async function refoldPayouts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  sellerOf: ReadonlyMap<string, string | null>,
  now: Instant,
): Promise<void> {
  const rows = await tx.query<{ payout_id: string; announced: StoredAnnouncement }>(
    `WITH root AS (
       SELECT DISTINCT coalesce(p.merged_into, w.payout_id) AS payout_id
         FROM unnest($2::text[]) AS w(payout_id)
         LEFT JOIN payout p ON p.tenant_id = $1 AND p.payout_id = w.payout_id),
     own AS (
       SELECT r.payout_id AS root_id, r.payout_id FROM root r
       UNION
       SELECT r.payout_id, q.payout_id FROM root r
         JOIN payout q ON q.tenant_id = $1 AND q.merged_into = r.payout_id)
     SELECT o.root_id AS payout_id, a.announced FROM own o
       JOIN payout_announcement a ON a.tenant_id = $1 AND a.payout_id = o.payout_id`,
    [tenantId, payoutIds],
  );
  const byPayout = groupRows(rows);
  const folds = [...byPayout].map(([payoutId, items]) => {
    const announcements = items.map((item) => revive(item.announced));
    return {
      payoutId,
      marketplace: announcements[0]?.marketplace ?? "",
      fold: foldAnnouncements(announcements),
    };
  });
  await insertRows(
    tx,
    "payout",
    PAYOUT_COLUMNS,
    folds.map(({ payoutId, marketplace, fold }) =>
      payoutRow(tenantId, payoutId, marketplace, sellerOf.get(payoutId) ?? null, fold, now),
    ),
  );
  await updateFolds(tx, tenantId, folds);
  await insertTraces(
    tx,
    tenantId,
    folds.flatMap(({ payoutId, fold }) =>
      [...fold.traceIds, fold.reference, ...fold.settlementIds].map((text) => ({ payoutId, text })),
    ),
  );
}

export async function insertTraces(
  tx: Tx,
  tenantId: string,
  traces: readonly { payoutId: string; text: string }[],
): Promise<void> {
  await insertRows(
    tx,
    "payout_trace",
    { tenant_id: "text", token: "text", payout_id: "text" },
    traces
      .map(({ payoutId, text }) => [tenantId, normaliseReference(text), payoutId] as const)
      .filter(([, token]) => token.length >= TRACE_LENGTH_MIN),
  );
}

export const PAYOUT_COLUMNS = {
  tenant_id: "text",
  payout_id: "text",
  seller_id: "text",
  marketplace: "text",
  source: "text",
  reference: "text",
  currency: "text",
  amount_minor: "bigint",
  original_currency: "text",
  original_minor: "bigint",
  announced_status: "text",
  initiated_at: "timestamptz",
  period_start_at: "timestamptz",
  period_end_at: "timestamptz",
  account_tail: "text",
  trace_ids: "jsonb",
  settlement_ids: "jsonb",
  state: "text",
  is_open: "boolean",
  recorded_at: "timestamptz",
  version: "bigint",
} as const;

function payoutRow(
  tenantId: string,
  payoutId: string,
  marketplace: string,
  sellerId: string | null,
  fold: FoldedPayout,
  now: Instant,
): unknown[] {
  return [
    tenantId,
    payoutId,
    sellerId,
    marketplace,
    fold.source,
    fold.reference,
    fold.amount.currency,
    fold.amount.minor,
    fold.originalAmount?.currency ?? null,
    fold.originalAmount?.minor ?? null,
    fold.status,
    fold.initiatedAt,
    fold.periodStartAt,
    fold.periodEndAt,
    fold.accountTail,
    fold.traceIds,
    fold.settlementIds,
    "announced",
    true,
    now,
    1,
  ];
}

/** Where the announcements name no period, the statements that the payout pays do. */
const STATEMENTS_OF_PAYOUT = `
  FROM statement s WHERE s.tenant_id = p.tenant_id AND s.payout_id = p.payout_id AND s.is_current`;

async function updateFolds(
  tx: Tx,
  tenantId: string,
  folds: readonly { payoutId: string; fold: FoldedPayout }[],
): Promise<void> {
  const column = (pick: (fold: FoldedPayout) => unknown) => folds.map(({ fold }) => pick(fold));
  await tx.query(
    `UPDATE payout p SET source = n.source, reference = n.reference, currency = n.currency,
            amount_minor = n.amount_minor, original_currency = n.original_currency,
            original_minor = n.original_minor,
            announced_status = CASE WHEN p.failed_by IS NULL THEN n.status ELSE 'failed' END,
            initiated_at = n.initiated_at, account_tail = n.tail,
            period_start_at = coalesce(n.start_at, (SELECT min(s.period_start_at) ${STATEMENTS_OF_PAYOUT})),
            period_end_at = coalesce(n.end_at, (SELECT max(s.period_end_at) ${STATEMENTS_OF_PAYOUT})),
            trace_ids = n.traces, settlement_ids = n.settlements,
            state = CASE WHEN p.state = 'expected' THEN 'announced' ELSE p.state END, is_open = true,
            version = p.version + 1
       FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
                   $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[],
                   $14::text[]::jsonb[], $15::text[]::jsonb[])
         AS n(payout_id, source, reference, currency, amount_minor, original_currency, original_minor,
              status, initiated_at, start_at, end_at, tail, traces, settlements)
      WHERE p.tenant_id = $1 AND p.payout_id = n.payout_id`,
    [
      tenantId,
      folds.map(({ payoutId }) => payoutId),
      column((fold) => fold.source),
      column((fold) => fold.reference),
      column((fold) => fold.amount.currency),
      column((fold) => fold.amount.minor),
      column((fold) => fold.originalAmount?.currency ?? null),
      column((fold) => fold.originalAmount?.minor ?? null),
      column((fold) => fold.status),
      column((fold) => fold.initiatedAt),
      column((fold) => fold.periodStartAt),
      column((fold) => fold.periodEndAt),
      column((fold) => fold.accountTail),
      column((fold) => jsonText(fold.traceIds)),
      column((fold) => jsonText(fold.settlementIds)),
    ],
  );
}

/** An announcement as it stands in JSON: amounts' minor units are decimal texts there. */
type StoredMoney = { currency: string; minor: string };
type StoredAnnouncement = Omit<PayoutAnnouncement, "amount" | "originalAmount"> & {
  amount: StoredMoney;
  originalAmount: StoredMoney | null;
};

function reviveMoney(value: StoredMoney): { currency: string; minor: bigint } {
  return { currency: value.currency, minor: BigInt(value.minor) };
}

function revive(stored: StoredAnnouncement): PayoutAnnouncement {
  return {
    ...stored,
    amount: reviveMoney(stored.amount),
    originalAmount: stored.originalAmount === null ? null : reviveMoney(stored.originalAmount),
  } as PayoutAnnouncement;
}

function groupRows<Item extends { payout_id: string }>(rows: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const row of rows) {
    const group = groups.get(row.payout_id);
    if (group === undefined) groups.set(row.payout_id, [row]);
    else group.push(row);
  }
  return groups;
}
