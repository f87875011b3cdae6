// What a person must look at, derived from the facts as they stand: nothing is flagged by hand, so nothing is
// forgotten. Each names its money, its age, its reason and the file and line to open.

import { currencyOf } from "../money/currency.ts";
import { absMinor, formatMinor, parseMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import {
  addWeekdays,
  type CivilDate,
  civilDateIn,
  daysBetween,
  type Instant,
} from "../time/instant.ts";
import { declarationExceptions } from "./declaration-exceptions.ts";
import { storeExceptions } from "./store-exceptions.ts";

export type ExceptionKind =
  | "file-refused"
  | "message-quarantined"
  | "statement-quarantined"
  | "statement-differs"
  | "statement-without-seller"
  | "lines-unknown"
  | "payout-held"
  | "payout-overdue"
  | "payout-failed"
  | "payout-without-seller"
  | "credit-unmatched"
  | "credit-without-seller"
  | "credit-returned-to-us"
  | "credit-unconfirmed"
  | "copy-without-original"
  | "undo-open"
  | "store-authorisation"
  | "store-name-in-doubt"
  | "store-failing"
  | "report-not-made"
  | "settlement-missing"
  | "control-total-differs"
  | "declaration-missing"
  | "declaration-late"
  | "declaration-rejected";

export type ExceptionView = {
  readonly kind: ExceptionKind;
  /** Finer reason: the hold's code, why a credit found no payout, the first reason of a refused file. */
  readonly code: string;
  /** Id of the object: po_…, cr_…, db_…, st_…, sto_…, or the file's sha256. */
  readonly subject: string;
  readonly message: string;
  /** Money at stake, exact; null where none is known. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly sellerId: string | null;
  readonly since: Instant;
  readonly ageDays: number;
  readonly file: string | null;
  readonly line: number | null;
};

/** An exception as a query finds it. */
export type FoundException = {
  kind: ExceptionKind;
  code: string;
  subject: string;
  message: string;
  minor: bigint | null;
  currency: string | null;
  seller_id: string | null;
  since: Instant;
  file: string | null;
  line: number | null;
};

/** All open exceptions, most money × age first; at most `limit`, and how many there are in all. */
export async function listExceptions(
  tx: Tx,
  tenantId: string,
  settings: { policy: Policy; now: Instant; limit: number; sellerId: string | null },
): Promise<{ readonly exceptions: readonly ExceptionView[]; readonly total: number }> {
  const { policy, now } = settings;
  const today = civilDateIn(policy.zone, now);
  const found = [
    ...(await tx.query<FoundException>(FILES_AND_MESSAGES, [tenantId])),
    ...(await tx.query<FoundException>(STATEMENTS, [tenantId])),
    ...(await tx.query<FoundException>(CREDITS, [tenantId])),
    ...(await unconfirmedCredits(tx, tenantId, policy, today)),
    ...(await tx.query<FoundException>(HOLDS, [tenantId])),
    ...(await overduePayouts(tx, tenantId, policy, today)),
    ...(await storeExceptions(tx, tenantId, { policy, now })),
    ...(await declarationExceptions(tx, tenantId, policy, today)),
  ].filter((item) => settings.sellerId === null || item.seller_id === settings.sellerId);
  const views = found.map((item) => viewOf(item, now, policy.zone));
  const order = views.map((view) => ({ view, place: exceptionPlace(view) }));
  order.sort((a, b) => comparePlaces(a.place, b.place));
  return {
    exceptions: order.slice(0, settings.limit).map(({ view }) => view),
    total: views.length,
  };
}

/** Where an exception stands in the list: money × age in minor units and days, then what tells it apart. */
export type ExceptionPlace = { readonly weight: bigint; readonly key: string };

export function exceptionPlace(view: ExceptionView): ExceptionPlace {
  const currency = view.currency === null ? null : currencyOf(view.currency);
  const read = view.amount === null || currency === null ? null : parseMinor(view.amount, currency);
  const minor = read?.ok === true ? absMinor(read.minor) : 0n;
  return {
    weight: minor * BigInt(1 + Math.max(0, view.ageDays)),
    key: [view.subject, view.kind, view.code, view.file ?? "", view.line ?? ""].join(" "),
  };
}

/** Negative when `a` stands before `b`: the heavier first. */
export function comparePlaces(a: ExceptionPlace, b: ExceptionPlace): number {
  if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function ageOf(item: FoundException, now: Instant, zone: string): number {
  return daysBetween(civilDateIn(zone, item.since), civilDateIn(zone, now));
}

function viewOf(item: FoundException, now: Instant, zone: string): ExceptionView {
  const currency = item.currency === null ? null : currencyOf(item.currency);
  return {
    kind: item.kind,
    code: item.code,
    subject: item.subject,
    message: item.message,
    amount: item.minor === null || currency === null ? null : formatMinor(item.minor, currency),
    currency: item.currency,
    sellerId: item.seller_id,
    since: item.since,
    ageDays: ageOf(item, now, zone),
    file: item.file,
    line: item.line,
  };
}

const FILES_AND_MESSAGES = `
  SELECT 'file-refused' AS kind, coalesce(f.reasons->0->>'code', 'refused') AS code, f.sha256 AS subject,
         coalesce(f.reasons->0->>'message', 'The file was refused.') AS message, NULL::bigint AS minor,
         NULL AS currency, f.seller_id, f.stored_at AS since, f.name AS file,
         (f.reasons->0->>'line')::integer AS line
    FROM raw_file f WHERE f.tenant_id = $1 AND f.state = 'refused'
  UNION ALL
  SELECT 'message-quarantined', coalesce(m.reasons->0->>'code', 'quarantined'), m.message_key,
         coalesce(m.reasons->0->>'message', 'The message does not prove.'),
         (SELECT (c.value #>> '{}')::bigint FROM jsonb_each(m.credit_sums) AS c(key, value) ORDER BY c.key LIMIT 1),
         (SELECT c.key FROM jsonb_each(m.credit_sums) AS c(key, value) ORDER BY c.key LIMIT 1),
         a.seller_id, m.recorded_at, f.name, coalesce((m.reasons->0->>'line')::integer, m.source_line)
    FROM bank_message m
    LEFT JOIN raw_file f ON f.tenant_id = m.tenant_id AND f.sha256 = m.source_sha256
    LEFT JOIN LATERAL (SELECT seller_id FROM seller_account s
                        WHERE s.tenant_id = m.tenant_id AND s.account_number = m.account_number LIMIT 1) AS a ON true
   WHERE m.tenant_id = $1 AND m.verdict = 'quarantined'`;

const STATEMENTS = `
  SELECT CASE s.state WHEN 'quarantined' THEN 'statement-quarantined' WHEN 'differing' THEN 'statement-differs'
                      ELSE 'statement-without-seller' END AS kind,
         CASE s.state WHEN 'quarantined' THEN coalesce(s.reasons->0->>'code', 'quarantined') ELSE s.state END AS code,
         s.statement_id AS subject,
         CASE s.state
           WHEN 'quarantined' THEN 'Settlement ' || s.settlement_id || ': ' || coalesce(s.reasons->0->>'message', 'not proven.')
           WHEN 'differing' THEN 'Settlement ' || s.settlement_id || ' came again with other content; the proven one stands.'
           ELSE 'Settlement ' || s.settlement_id || ' is proven but nobody said whose it is; name the seller with --seller.'
         END AS message,
         coalesce(s.declared_minor, s.summed_minor) AS minor, s.currency, s.seller_id, s.recorded_at AS since,
         f.name AS file, coalesce((s.reasons->0->>'line')::integer, s.first_line) AS line
    FROM statement s JOIN raw_file f ON f.tenant_id = s.tenant_id AND f.sha256 = s.source_sha256
   WHERE s.tenant_id = $1 AND s.state IN ('quarantined', 'differing', 'awaiting-seller')
     AND (s.is_current OR s.state = 'differing')
  UNION ALL
  SELECT 'lines-unknown', 'suspense', s.statement_id,
         'Settlement ' || s.settlement_id || ' has ' || g.lines || ' line(s) of a kind that is not known: ' || g.name || '.',
         g.minor, s.currency, s.seller_id, s.recorded_at, f.name, g.line
    FROM statement s JOIN raw_file f ON f.tenant_id = s.tenant_id AND f.sha256 = s.source_sha256
    JOIN LATERAL (
      SELECT sum((x.value->>'lineCount')::bigint) AS lines, sum((x.value->>'totalMinor')::bigint)::bigint AS minor,
             min((x.value->>'firstLine')::integer) AS line,
             min(concat_ws(' / ', x.value->>'transactionType', x.value->>'amountType', x.value->>'amountDescription')) AS name
        FROM jsonb_array_elements(s.groups) AS x(value) WHERE x.value->>'class' = 'suspense') AS g ON g.lines > 0
   WHERE s.tenant_id = $1 AND s.state = 'posted' AND s.has_unknown`;

const CREDITS = `
  SELECT CASE WHEN t.role = 'undo' THEN 'undo-open' WHEN t.state = 'copy' THEN 'copy-without-original'
              WHEN t.role = 'returned-to-us' THEN 'credit-returned-to-us'
              WHEN t.seller_id IS NULL THEN 'credit-without-seller' ELSE 'credit-unmatched' END AS kind,
         CASE WHEN t.role = 'undo' THEN 'credit-not-found' WHEN t.state = 'copy' THEN 'copy'
              WHEN t.role = 'returned-to-us' THEN 'returned' WHEN t.seller_id IS NULL THEN 'account-not-bound'
              ELSE coalesce(t.unmatched_code, 'no-payout-found') END AS code,
         t.transaction_id AS subject,
         CASE WHEN t.role = 'undo' THEN 'The bank took money back, but the credit that it names is not on record or not covered.'
              WHEN t.state = 'copy' THEN 'Only a copy of this credit was seen; the original notice is missing.'
              WHEN t.role = 'returned-to-us' THEN 'Money came back from an outgoing payment; it is not marketplace money.'
              WHEN t.seller_id IS NULL THEN 'The account is not bound to a seller; name the seller with --seller.'
              WHEN t.unmatched_code = 'several-payouts-fit' THEN 'Several payouts fit this credit and the bank gives no reference.'
              WHEN t.unmatched_code = 'payer-not-known' THEN 'A payout of this amount is open, but the payer is not known to pay for the marketplace.'
              WHEN t.unmatched_code = 'not-divisible' THEN 'The bank exchanged this credit, and the payouts that it names do not take it whole; ask the bank what it was before.'
              ELSE 'No payout explains this credit.' END AS message,
         CASE WHEN t.state = 'copy' THEN t.amount_minor ELSE t.open_minor END AS minor, t.currency, t.seller_id,
         coalesce(t.stored_at, t.recorded_at) AS since, n.name AS file, n.source_line AS line
    FROM bank_transaction t
    JOIN LATERAL (SELECT x.source_line, f.name FROM bank_notice x
                    LEFT JOIN raw_file f ON f.tenant_id = x.tenant_id AND f.sha256 = x.source_sha256
                   WHERE x.tenant_id = t.tenant_id AND x.transaction_id = t.transaction_id
                   ORDER BY x.recorded_at, x.notice_id LIMIT 1) AS n ON true
   WHERE t.tenant_id = $1 AND t.is_open
      OR t.tenant_id = $1 AND t.state = 'copy'`;

const HOLDS = `
  SELECT 'payout-held' AS kind, h.code, h.payout_id AS subject, h.message, h.amount_minor AS minor, h.currency,
         p.seller_id, h.opened_at AS since, NULL AS file, NULL::integer AS line
    FROM hold h JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
   WHERE h.tenant_id = $1 AND h.closed_at IS NULL
  UNION ALL
  SELECT 'payout-failed', p.announced_status, p.payout_id,
         'Payout ' || p.reference || ' failed; check the deposit method at the marketplace.', p.amount_minor,
         p.currency, p.seller_id, p.recorded_at, NULL, NULL
    FROM payout p
   WHERE p.tenant_id = $1 AND p.state = 'failed' AND p.failed_by IS NULL
  UNION ALL
  SELECT 'payout-without-seller', 'seller-unknown', p.payout_id,
         'Payout ' || p.reference || ' is announced but nobody said whose it is; name the seller with --seller.',
         p.amount_minor, p.currency, NULL, p.recorded_at, NULL, NULL
    FROM payout p
   WHERE p.tenant_id = $1 AND p.is_open AND p.seller_id IS NULL AND p.source <> 'statement' AND p.state <> 'held'`;

/** Advices that no end-of-day statement has confirmed in time. */
async function unconfirmedCredits(
  tx: Tx,
  tenantId: string,
  policy: Policy,
  today: CivilDate,
): Promise<FoundException[]> {
  const rows = await tx.query<FoundException & { told_on: CivilDate }>(
    `SELECT 'credit-unconfirmed' AS kind, 'not-in-a-statement' AS code, t.transaction_id AS subject,
            'The bank advised this ' || t.direction || ', but no end-of-day statement has it.' AS message,
            t.amount_minor AS minor, t.currency, t.seller_id, t.stored_at AS since,
            coalesce(t.booked_on, t.value_on, t.stored_at::date) AS told_on, n.name AS file, n.source_line AS line
       FROM bank_transaction t
       JOIN LATERAL (SELECT x.source_line, f.name FROM bank_notice x
                       LEFT JOIN raw_file f ON f.tenant_id = x.tenant_id AND f.sha256 = x.source_sha256
                      WHERE x.tenant_id = t.tenant_id AND x.transaction_id = t.transaction_id
                      ORDER BY x.recorded_at, x.notice_id LIMIT 1) AS n ON true
      WHERE t.tenant_id = $1 AND t.state = 'booked' AND NOT t.confirmed AND t.role <> 'outside'`,
    [tenantId],
  );
  return rows.filter((row) => addWeekdays(row.told_on, policy.confirmationWeekdays) < today);
}

/** Payouts whose money, or the rest of it, should have come by now; a hold on a payout tells of its shortfall itself. */
async function overduePayouts(
  tx: Tx,
  tenantId: string,
  policy: Policy,
  today: CivilDate,
): Promise<FoundException[]> {
  const rows = await tx.query<FoundException & { source: string; from_at: Instant }>(
    `SELECT 'payout-overdue' AS kind, p.state AS code, p.payout_id AS subject,
            CASE WHEN paid.minor = 0 THEN 'Payout ' || p.reference || ' has not arrived.'
                 ELSE 'A part of payout ' || p.reference || ' is not there.' END AS message,
            p.amount_minor - paid.minor AS minor, p.currency,
            p.seller_id, coalesce(p.initiated_at, p.period_end_at) AS since, p.source,
            coalesce(p.initiated_at, p.period_end_at) AS from_at, NULL AS file, NULL::integer AS line
       FROM payout p
      CROSS JOIN LATERAL (
         SELECT coalesce(sum(m.paid_minor - (SELECT coalesce(sum(u.paid_minor), 0) FROM undo u
                                              WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id)), 0)::bigint AS minor
           FROM payout q JOIN match m ON m.tenant_id = q.tenant_id AND m.payout_id = q.payout_id
          WHERE q.tenant_id = p.tenant_id AND (q.payout_id = p.payout_id OR q.merged_into = p.payout_id)) AS paid
      WHERE p.tenant_id = $1 AND p.is_open AND p.state IN ('expected', 'announced', 'returned', 'part-released')
        AND coalesce(p.initiated_at, p.period_end_at) IS NOT NULL AND p.amount_minor > paid.minor
        AND NOT EXISTS (SELECT 1 FROM hold h
                         WHERE h.tenant_id = p.tenant_id AND h.payout_id = p.payout_id AND h.closed_at IS NULL)`,
    [tenantId],
  );
  return rows.filter((row) => {
    const days =
      row.source === "statement" ? policy.expectedWindowWeekdays : policy.overdueWeekdays;
    return addWeekdays(civilDateIn("UTC", row.from_at), days) < today;
  });
}
