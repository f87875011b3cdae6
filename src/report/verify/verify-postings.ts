// Every fact that moves money has its posting, made anew here by the same builders, and no posting is in the ledger
// without its fact.

import { bookOf } from "../../books/chart.ts";
import type { StatementGroup } from "../../marketplace/statement.ts";
import { statementPosting } from "../../marketplace/statement-entries.ts";
import {
  conversionPosting,
  MATCH_LEG,
  matchPosting,
  matchPostingId,
} from "../../matching/match-entries.ts";
import { releasePostingId } from "../../matching/undo-entries.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { datesOf } from "./business-dates.ts";
import { shownMoney } from "./compare-fields.ts";
import { comparePostings } from "./compare-postings.ts";
import { type ExpectedPosting, expectedOf } from "./expected-posting.ts";
import { pagesBy } from "./pages.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";
import { verifyCreditPostings } from "./verify-credit-postings.ts";
import { verifyUndoPostings } from "./verify-undo-postings.ts";

const CHECK = "postings";

export async function verifyPostings(context: VerifyContext): Promise<void> {
  await verifyFacts(context, "statement_id", STATEMENTS, statementExpected);
  await verifyCreditPostings(context);
  await verifyFacts(context, "match_id", MATCHES, matchExpected);
  await verifyFacts(context, "payout_id", CONVERSIONS, conversionExpected);
  await verifyFacts(context, "release_id", RELEASES, releaseExpected);
  await verifyUndoPostings(context);
  await verifyPostingsWithoutFact(context);
}

/** Pages through facts by their key and compares the posting of each. */
async function verifyFacts<R extends Record<string, unknown>>(
  context: VerifyContext,
  key: keyof R & string,
  query: string,
  expected: (row: R) => ExpectedPosting | null,
): Promise<void> {
  const pages = pagesBy<R>(
    (row) => String(row[key]),
    (after, limit) => context.tx.query<R>(query, [context.scope.tenantId, after, limit]),
  );
  for await (const page of pages) {
    await comparePostings(
      context,
      page.map(expected).filter((posting) => posting !== null),
    );
  }
}

const STATEMENTS = `
  SELECT statement_id, marketplace, settlement_id, seller_id, currency, groups, summed_minor, period_end_at
    FROM statement WHERE tenant_id = $1 AND state = 'posted' AND statement_id > $2 ORDER BY statement_id LIMIT $3`;

function statementExpected(row: {
  statement_id: string;
  marketplace: string;
  settlement_id: string;
  seller_id: string;
  currency: Currency;
  groups: readonly (Omit<StatementGroup, "totalMinor"> & { totalMinor: string })[];
  summed_minor: bigint;
  period_end_at: Instant | null;
}): ExpectedPosting | null {
  const effectiveOn = row.period_end_at?.slice(0, 10) as CivilDate | undefined;
  const draft = statementPosting({
    statementId: row.statement_id,
    marketplace: row.marketplace,
    settlementId: row.settlement_id,
    sellerId: row.seller_id,
    currency: row.currency,
    groups: row.groups.map((group) => ({ ...group, totalMinor: BigInt(group.totalMinor) })),
    totalMinor: row.summed_minor,
    effectiveOn: effectiveOn ?? ("1970-01-01" as CivilDate),
  });
  const dates = effectiveOn === undefined ? null : [effectiveOn];
  return draft && expectedOf(draft.posting, `statement ${row.statement_id}`, dates);
}

const MATCHES = `
  SELECT m.match_id, m.payout_id, m.currency, m.amount_minor, m.charge_currency, m.charge_minor, m.paid_minor,
         m.matched_at, t.seller_id
    FROM match m
    LEFT JOIN bank_transaction t ON t.tenant_id = m.tenant_id AND t.transaction_id = m.credit_id
   WHERE m.tenant_id = $1 AND m.match_id > $2 ORDER BY m.match_id LIMIT $3`;

function matchExpected(row: {
  match_id: string;
  payout_id: string;
  currency: Currency;
  amount_minor: bigint;
  charge_currency: Currency | null;
  charge_minor: bigint;
  paid_minor: bigint;
  matched_at: Instant;
  seller_id: string | null;
}): ExpectedPosting {
  const { posting } = matchPosting({
    matchId: row.match_id,
    payoutId: row.payout_id,
    sellerId: row.seller_id ?? "",
    creditCurrency: row.currency,
    amountMinor: row.amount_minor,
    payoutCurrency: row.charge_currency ?? row.currency,
    paidMinor: row.paid_minor,
    chargeMinor: row.charge_minor,
    effectiveOn: row.matched_at.slice(0, 10) as CivilDate,
  });
  return expectedOf(posting, `match ${row.match_id}`, datesOf(row.matched_at));
}

const CONVERSIONS = `
  SELECT payout_id, seller_id, currency, amount_minor, original_currency, original_minor
    FROM payout WHERE tenant_id = $1 AND is_converted AND payout_id > $2 ORDER BY payout_id LIMIT $3`;

function conversionExpected(row: {
  payout_id: string;
  seller_id: string | null;
  currency: Currency;
  amount_minor: bigint;
  original_currency: Currency;
  original_minor: bigint;
}): ExpectedPosting {
  const { posting } = conversionPosting({
    payoutId: row.payout_id,
    sellerId: row.seller_id ?? "",
    currency: row.currency,
    amountMinor: row.amount_minor,
    originalCurrency: row.original_currency,
    originalMinor: row.original_minor,
    effectiveOn: "1970-01-01" as CivilDate,
  });
  return expectedOf(posting, `the marketplace's exchange of payout ${row.payout_id}`, null);
}

const RELEASES = `
  SELECT r.release_id, r.payout_id, r.match_id, r.amount_minor, r.released_at, m.currency
    FROM release r LEFT JOIN match m ON m.tenant_id = r.tenant_id AND m.match_id = r.match_id
   WHERE r.tenant_id = $1 AND r.release_id > $2 ORDER BY r.release_id LIMIT $3`;

function releaseExpected(row: {
  release_id: string;
  payout_id: string;
  match_id: string;
  amount_minor: bigint;
  released_at: Instant;
  currency: Currency | null;
}): ExpectedPosting | null {
  // A release of a match that is not on record is told by the check of the money.
  if (row.currency === null) return null;
  return expectedOf(
    {
      id: releasePostingId(row.release_id),
      effectiveOn: row.released_at.slice(0, 10) as CivilDate,
      reason: "payout-released",
      subject: row.payout_id,
      legs: [
        {
          kind: "commit",
          of: { postingId: matchPostingId(row.match_id), leg: MATCH_LEG.pending },
          amount: { currency: row.currency, minor: row.amount_minor },
        },
      ],
    },
    `release ${row.release_id}`,
    datesOf(row.released_at),
  );
}

/** Postings of the money path that no fact on record asks for. Accounts outside the chart are others' to explain. */
async function verifyPostingsWithoutFact({ tx, scope, findings }: VerifyContext): Promise<void> {
  const rows = await tx.query<{
    posting_id: string;
    reason: string;
    subject: string;
    amount: bigint;
    currency: Currency;
    debit_account: string;
  }>(
    `SELECT t.posting_id, t.reason, t.subject, t.amount, t.currency, t.debit_account FROM ledger_transfer t
      WHERE t.tenant_id = $1 AND t.partition = $2
        AND t.seq IN (SELECT min(f.seq) FROM ledger_transfer f
                       WHERE f.tenant_id = $1 AND f.partition = $2
                         AND NOT EXISTS (SELECT 1 FROM verify_explained e
                                          WHERE e.kind = 'posting' AND e.id = f.posting_id)
                       GROUP BY f.posting_id)
      ORDER BY t.seq LIMIT $3`,
    [scope.tenantId, scope.partition, FINDINGS_KEPT_MAX],
  );
  for (const row of rows) {
    const book = bookOf(row.debit_account);
    const message = `no fact on record asks for it (${row.reason}, ${row.subject})`;
    const amount = shownMoney(row.currency, row.amount);
    const found = `${amount} to ${book?.book ?? row.debit_account}`;
    findings.report(CHECK, `posting ${row.posting_id}`, message, { found });
  }
}
