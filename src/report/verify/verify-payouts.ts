// Payout rows against what they add up from: the announcements of the payout and of those merged into it, or, where
// nobody announced it, the statements that owe it.

import { foldAnnouncements } from "../../marketplace/fold-payout.ts";
import type { PayoutAnnouncement } from "../../marketplace/payout.ts";
import { normaliseReference, TRACE_LENGTH_MIN } from "../../marketplace/record-payouts.ts";
import type { Currency } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import { compareFields, shownMoney } from "./compare-fields.ts";
import { groupedBy } from "./grouped-rows.ts";
import { pagesBy } from "./pages.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

export type PayoutRow = {
  payout_id: string;
  seller_id: string | null;
  marketplace: string;
  source: string;
  reference: string;
  currency: Currency;
  amount_minor: bigint;
  original_currency: string | null;
  original_minor: bigint | null;
  announced_status: string;
  initiated_at: Instant | null;
  period_start_at: Instant | null;
  period_end_at: Instant | null;
  account_tail: string | null;
  trace_ids: readonly string[];
  settlement_ids: readonly string[];
  failed_by: string | null;
  merged_into: string | null;
};

type Announced = { readonly announcement: PayoutAnnouncement; readonly sellerId: string | null };
/** The statements that point to a payout. */
type Owed = {
  /** What those that count owe together; null when none counts. */
  readonly minor: bigint | null;
  readonly sellers: readonly (string | null)[];
  readonly starts: readonly (Instant | null)[];
  readonly ends: readonly (Instant | null)[];
};

/** What a payout adds up from. */
type PayoutFacts = {
  readonly announced: readonly Announced[];
  readonly owed: Owed | null;
  readonly tokens: ReadonlySet<string>;
};

const CHECK = "payouts";

export async function verifyPayouts(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  const pages = pagesBy<PayoutRow>(
    (row) => row.payout_id,
    (after, limit) =>
      tx.query<PayoutRow>(
        `SELECT * FROM payout WHERE tenant_id = $1 AND payout_id > $2 ORDER BY payout_id LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const ids = page.map((row) => row.payout_id);
    const announced = await loadAnnounced(context, ids);
    const owed = await loadOwed(context, ids);
    const tokens = await loadTokens(context, ids);
    for (const row of page) {
      // What a merged payout said is part of the one that it went into.
      if (row.merged_into !== null) continue;
      verifyPayout(context, row, {
        announced: announced.get(row.payout_id) ?? [],
        owed: owed.get(row.payout_id) ?? null,
        tokens: new Set(tokens.get(row.payout_id) ?? []),
      });
    }
    findings.compared(CHECK, "payouts", page.length);
  }
  await verifyMerges(context);
  await verifyFailures(context);
}

type StoredMoney = { currency: Currency; minor: string };
/** An announcement as JSON keeps it: minor units are decimal texts there. */
type StoredAnnouncement = Omit<PayoutAnnouncement, "amount" | "originalAmount"> & {
  amount: StoredMoney;
  originalAmount: StoredMoney | null;
};

function announcementOf(stored: StoredAnnouncement): PayoutAnnouncement {
  const { amount, originalAmount } = stored;
  return {
    ...stored,
    amount: moneyOf(amount),
    originalAmount: originalAmount === null ? null : moneyOf(originalAmount),
  };
}

function moneyOf({ currency, minor }: StoredMoney): Money {
  return { currency, minor: BigInt(minor) };
}

async function loadAnnounced(
  { tx, scope }: VerifyContext,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Announced[]>> {
  const rows = await tx.query<{
    root_id: string;
    announced: StoredAnnouncement;
    seller_id: string | null;
  }>(
    `SELECT coalesce(p.merged_into, p.payout_id) AS root_id, a.announced, f.seller_id
       FROM payout p
       JOIN payout_announcement a ON a.tenant_id = p.tenant_id AND a.payout_id = p.payout_id
       LEFT JOIN raw_file f ON f.tenant_id = a.tenant_id AND f.sha256 = a.source_sha256
      WHERE p.tenant_id = $1 AND (p.payout_id = ANY($2::text[]) OR p.merged_into = ANY($2::text[]))`,
    [scope.tenantId, payoutIds],
  );
  const byRoot = new Map<string, Announced[]>();
  for (const [rootId, group] of groupedBy(rows, (row) => row.root_id)) {
    const announced = group.map((row) => ({
      announcement: announcementOf(row.announced),
      sellerId: row.seller_id,
    }));
    byRoot.set(rootId, announced);
  }
  return byRoot;
}

async function loadOwed(
  { tx, scope }: VerifyContext,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, Owed>> {
  const rows = await tx.query<Owed & { payout_id: string }>(
    `SELECT payout_id, array_agg(DISTINCT seller_id) AS sellers,
            array_agg(period_start_at) AS starts, array_agg(period_end_at) AS ends,
            sum(CASE WHEN state <> 'quarantined' THEN summed_minor ELSE declared_minor END)
              FILTER (WHERE is_current)::bigint AS minor
       FROM statement WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) GROUP BY payout_id`,
    [scope.tenantId, payoutIds],
  );
  return new Map(rows.map((row) => [row.payout_id, row]));
}

async function loadTokens(
  { tx, scope }: VerifyContext,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ payout_id: string; tokens: readonly string[] }>(
    `SELECT payout_id, array_agg(token) AS tokens FROM payout_trace
      WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) GROUP BY payout_id`,
    [scope.tenantId, payoutIds],
  );
  return new Map(rows.map((row) => [row.payout_id, row.tokens]));
}

function verifyPayout({ findings }: VerifyContext, row: PayoutRow, facts: PayoutFacts): void {
  const subject = `payout ${row.payout_id}`;
  const source =
    facts.announced.length > 0 ? "its announcements together" : "the statements that owe it";
  const expected = facts.announced.length > 0 ? foldedFields(row, facts) : owedFields(row, facts);
  if (expected === null) {
    findings.report(CHECK, subject, "no announcement on record says it", { found: row.source });
    return;
  }
  compareFields(findings, CHECK, subject, source, expected, row);
  verifySeller(findings, row, facts);
  const texts = [row.reference, ...row.trace_ids, ...row.settlement_ids];
  const missing = texts
    .map(normaliseReference)
    .filter((token) => token.length >= TRACE_LENGTH_MIN && !facts.tokens.has(token));
  if (missing.length > 0) {
    const message = "references by which a credit would find it are not on record";
    findings.report(CHECK, subject, message, { expected: missing.join(", ") });
  }
}

function foldedFields(row: PayoutRow, { announced, owed }: PayoutFacts): Record<string, unknown> {
  const announcements = announced.map((item) => item.announcement);
  const fold = foldAnnouncements(announcements);
  // A later statement that took the transfer back says so whatever was announced.
  const isTakenBack = row.failed_by !== null;
  return {
    marketplace: announcements[0]?.marketplace,
    source: fold.source,
    reference: fold.reference,
    currency: fold.amount.currency,
    amount_minor: fold.amount.minor,
    original_currency: fold.originalAmount?.currency ?? null,
    original_minor: fold.originalAmount?.minor ?? null,
    announced_status: isTakenBack ? "failed" : fold.status,
    initiated_at: fold.initiatedAt,
    period_start_at: fold.periodStartAt ?? statementsOwn(row.period_start_at, owed?.starts),
    period_end_at: fold.periodEndAt ?? statementsOwn(row.period_end_at, owed?.ends),
    account_tail: fold.accountTail,
    trace_ids: fold.traceIds,
    settlement_ids: fold.settlementIds,
  };
}

/** Null: a payout that says it was announced, but was not. */
function owedFields(row: PayoutRow, { owed }: PayoutFacts): Record<string, unknown> | null {
  if (row.source !== "statement") return null;
  // With a re-issue that owes nothing, no statement that counts points here any more.
  return {
    amount_minor: owed?.minor ?? row.amount_minor,
    period_start_at: statementsOwn(row.period_start_at, owed?.starts),
    period_end_at: statementsOwn(row.period_end_at, owed?.ends),
  };
}

/** A period that no announcement names is that of one of the statements behind the payout, or not known. */
function statementsOwn(
  found: Instant | null,
  statements: readonly (Instant | null)[] = [],
): Instant | null {
  return found === null || statements.includes(found) ? found : (statements[0] ?? null);
}

/** It is the seller's whose file announced it, or whose statement owes it. */
function verifySeller(
  findings: VerifyContext["findings"],
  row: PayoutRow,
  facts: PayoutFacts,
): void {
  const named = [...facts.announced.map((item) => item.sellerId), ...(facts.owed?.sellers ?? [])];
  if (named.length === 0) return;
  const sellers = [...new Set(named.filter((seller) => seller !== null))].sort();
  const fits =
    sellers.length === 0 ? row.seller_id === null : sellers.includes(row.seller_id ?? "");
  if (fits) return;
  findings.report(CHECK, `payout ${row.payout_id}`, "seller_id is not that of its files", {
    expected: sellers.join(", ") || null,
    found: row.seller_id,
  });
}

/** Announcements without their payout, and merges that lead nowhere. */
async function verifyMerges({ tx, scope, findings }: VerifyContext): Promise<void> {
  const orphans = await tx.query<{ announcement_id: string; payout_id: string }>(
    `SELECT a.announcement_id, a.payout_id FROM payout_announcement a
      WHERE a.tenant_id = $1 AND NOT EXISTS (
            SELECT 1 FROM payout p WHERE p.tenant_id = a.tenant_id AND p.payout_id = a.payout_id)
      ORDER BY a.payout_id, a.announcement_id LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of orphans) {
    findings.report(CHECK, `payout ${row.payout_id}`, "it is announced, but is not on record", {
      expected: row.announcement_id,
    });
  }
  const lost = await tx.query<{ payout_id: string; merged_into: string }>(
    `SELECT m.payout_id, m.merged_into FROM payout m
       LEFT JOIN payout r ON r.tenant_id = m.tenant_id AND r.payout_id = m.merged_into
      WHERE m.tenant_id = $1 AND m.merged_into IS NOT NULL
        AND (r.payout_id IS NULL OR r.merged_into IS NOT NULL)
      ORDER BY m.payout_id LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of lost) {
    findings.report(CHECK, `payout ${row.payout_id}`, "it was merged into no payout that stands", {
      found: row.merged_into,
    });
  }
}

/** Payouts that failed because a statement took them back: they are together what it takes back. */
async function verifyFailures({ tx, scope, findings }: VerifyContext): Promise<void> {
  const rows = await tx.query<
    Pick<PayoutRow, "payout_id" | "failed_by" | "currency" | "amount_minor">
  >(
    `SELECT p.payout_id, p.failed_by, p.currency, p.amount_minor FROM payout p
      WHERE p.tenant_id = $1 AND p.failed_by IS NOT NULL AND p.merged_into IS NULL AND NOT EXISTS (
            SELECT 1 FROM statement s
             WHERE s.tenant_id = p.tenant_id AND s.statement_id = p.failed_by
               AND s.currency = coalesce(p.original_currency, p.currency)
               AND s.taken_back_minor = (
                   SELECT sum(coalesce(o.original_minor, o.amount_minor)) FROM payout o
                    WHERE o.tenant_id = p.tenant_id AND o.failed_by = p.failed_by AND o.merged_into IS NULL))
      ORDER BY p.payout_id LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of rows) {
    const message = "no statement on record took it back, although it is marked so";
    findings.report(CHECK, `payout ${row.payout_id}`, message, {
      expected: `${shownMoney(row.currency, row.amount_minor)} taken back`,
      found: row.failed_by,
    });
  }
}
