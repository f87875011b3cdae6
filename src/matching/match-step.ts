// The matching step: loads open credits and the payouts they may pay, decides, and writes matches, ledger
// postings and the timeline in one transaction.

import { type LedgerStep, mustPostToBooks } from "../books/journal.ts";
import { objectId } from "../ids/object-id.ts";
import { formatMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { civilDateIn, type Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import {
  type Allocation,
  chargeLimitsOf,
  matchCredits,
  type OpenCredit,
  type OpenPayout,
  type Unmatched,
} from "./match-credits.ts";
import { matchPosting } from "./match-entries.ts";
import { loadLikelyPayouts, loadOpenCredits, loadSellerPayouts } from "./match-facts.ts";

/**
 * Matches the named credits, and all open credits of the named sellers (whose statements or payouts changed).
 * Returns the payouts that got money.
 */
export async function matchOpenCredits(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  which: { creditIds: readonly string[]; sellerIds: readonly string[] },
  policy: Policy,
  now: Instant,
): Promise<readonly string[]> {
  const credits = await loadOpenCredits(tx, tenantId, which, policy);
  if (credits.length === 0) return [];
  const likely = await loadLikelyPayouts(tx, tenantId, credits, policy);
  const first = matchCredits(credits, likely, {
    charges: chargeLimitsOf(policy),
    sums: false,
  });
  const written = await writeMatches(
    tx,
    ledger,
    tenantId,
    { credits, payouts: likely, now, policy },
    first.allocations,
  );
  const left = await stillOpen(
    tx,
    tenantId,
    first.unmatched.map((item) => item.creditId),
    policy,
  );
  if (left.length === 0) return written;
  const wide = await loadSellerPayouts(
    tx,
    tenantId,
    left.map((credit) => credit.sellerId),
    policy,
  );
  const second = matchCredits(left, wide, {
    charges: chargeLimitsOf(policy),
    sums: true,
  });
  const more = await writeMatches(
    tx,
    ledger,
    tenantId,
    { credits: left, payouts: wide, now, policy },
    second.allocations,
  );
  await noteUnmatched(tx, tenantId, second.unmatched);
  return [...new Set([...written, ...more])];
}

/** Why a credit stays in suspense, for the person who looks at it. */
async function noteUnmatched(
  tx: Tx,
  tenantId: string,
  unmatched: readonly Unmatched[],
): Promise<void> {
  if (unmatched.length === 0) return;
  await tx.query(
    `UPDATE bank_transaction t SET unmatched_code = n.code, version = t.version + 1
       FROM unnest($2::text[], $3::text[]) AS n(transaction_id, code)
      WHERE t.tenant_id = $1 AND t.transaction_id = n.transaction_id AND t.unmatched_code IS DISTINCT FROM n.code`,
    [tenantId, unmatched.map((item) => item.creditId), unmatched.map((item) => item.code)],
  );
}

async function stillOpen(
  tx: Tx,
  tenantId: string,
  creditIds: readonly string[],
  policy: Policy,
): Promise<readonly OpenCredit[]> {
  if (creditIds.length === 0) return [];
  return loadOpenCredits(tx, tenantId, { creditIds, sellerIds: [] }, policy);
}

export type MatchFacts = {
  readonly credits: readonly OpenCredit[];
  readonly payouts: readonly OpenPayout[];
  readonly policy: Policy;
  readonly now: Instant;
};

/** Writes what was decided: matches, what is left of the credits, postings, the timeline. Returns the payouts. */
export async function writeMatches(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  facts: MatchFacts,
  allocations: readonly Allocation[],
): Promise<readonly string[]> {
  if (allocations.length === 0) return [];
  const creditOf = new Map(facts.credits.map((credit) => [credit.creditId, credit]));
  const payoutOf = new Map(facts.payouts.map((payout) => [payout.payoutId, payout]));
  const matches = allocations.map((allocation) => {
    const credit = creditOf.get(allocation.creditId);
    const payout = payoutOf.get(allocation.payoutId);
    if (credit === undefined || payout === undefined)
      throw new RangeError("a match of unknown facts");
    return {
      ...allocation,
      credit,
      payout,
      // What was open of both tells their matches apart: a payout that grows may take more of a credit.
      matchId: objectId(
        "ma",
        allocation.payoutId,
        allocation.creditId,
        credit.openMinor,
        payout.openMinor,
      ),
    };
  });
  await insertMatches(tx, tenantId, matches, facts.now);
  await closeCredits(tx, tenantId, allocations);
  const effectiveOn = civilDateIn(facts.policy.zone, facts.now);
  const drafts = matches.map((match) =>
    matchPosting({
      matchId: match.matchId,
      payoutId: match.payoutId,
      sellerId: match.credit.sellerId,
      creditCurrency: match.credit.currency,
      amountMinor: match.amountMinor,
      payoutCurrency: match.payout.currency,
      paidMinor: match.paidMinor,
      chargeMinor: match.chargeMinor,
      effectiveOn,
    }),
  );
  await mustPostToBooks(
    ledger,
    drafts.flatMap((draft) => draft.lines),
    drafts.map((draft) => draft.posting),
  );
  await tellMatches(tx, tenantId, matches, facts.now);
  return [...new Set(matches.map((match) => match.payoutId))];
}

type MadeMatch = Allocation & {
  readonly matchId: string;
  readonly credit: OpenCredit;
  readonly payout: OpenPayout;
};

async function insertMatches(
  tx: Tx,
  tenantId: string,
  matches: readonly MadeMatch[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "match",
    {
      tenant_id: "text",
      match_id: "text",
      payout_id: "text",
      credit_id: "text",
      currency: "text",
      amount_minor: "bigint",
      charge_currency: "text",
      charge_minor: "bigint",
      paid_minor: "bigint",
      layer: "text",
      matched_at: "timestamptz",
    },
    matches.map((match) => [
      tenantId,
      match.matchId,
      match.payoutId,
      match.creditId,
      match.credit.currency,
      match.amountMinor,
      match.payout.currency,
      match.chargeMinor,
      match.paidMinor,
      match.layer,
      now,
    ]),
  );
}

/** What is explained leaves the open part of the credits. */
async function closeCredits(
  tx: Tx,
  tenantId: string,
  allocations: readonly Allocation[],
): Promise<void> {
  await tx.query(
    `UPDATE bank_transaction t SET open_minor = t.open_minor - n.minor, is_open = t.open_minor > n.minor,
            version = t.version + 1
       FROM (SELECT transaction_id, sum(minor)::bigint AS minor
               FROM unnest($2::text[], $3::bigint[]) AS u(transaction_id, minor) GROUP BY transaction_id) AS n
      WHERE t.tenant_id = $1 AND t.transaction_id = n.transaction_id`,
    [
      tenantId,
      allocations.map((allocation) => allocation.creditId),
      allocations.map((allocation) => allocation.amountMinor),
    ],
    { name: "close-credits" },
  );
}

async function tellMatches(
  tx: Tx,
  tenantId: string,
  matches: readonly MadeMatch[],
  now: Instant,
): Promise<void> {
  await appendEvents(
    tx,
    tenantId,
    matches.flatMap((match) => {
      const data = {
        matchId: match.matchId,
        layer: match.layer,
        amount: formatMinor(match.amountMinor, match.credit.currency),
        currency: match.credit.currency,
        charges: formatMinor(match.chargeMinor, match.payout.currency),
        paid: formatMinor(match.paidMinor, match.payout.currency),
        paidCurrency: match.payout.currency,
      };
      return [
        {
          subject: match.payoutId,
          kind: "credit-matched",
          at: now,
          data: { ...data, creditId: match.creditId },
          source: null,
        },
        {
          subject: match.creditId,
          kind: "credit-matched",
          at: now,
          data: { ...data, payoutId: match.payoutId },
          source: null,
        },
      ];
    }),
  );
}
