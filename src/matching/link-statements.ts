// Which statements a payout pays: a pure decision. A payout may pay several statements at once (a marketplace
// that skips a transfer pays two settlements with the next one), and one that nobody announced is still owed.

import type { Currency } from "../money/currency.ts";
import type { Instant } from "../time/instant.ts";

/** A statement with a positive total, posted or (by its declared total) quarantined: somebody owes this money. */
export type OwedStatement = {
  readonly statementId: string;
  readonly settlementId: string;
  readonly marketplace: string;
  readonly currency: Currency;
  readonly totalMinor: bigint;
  readonly periodStartAt: Instant | null;
  readonly periodEndAt: Instant | null;
  /** The payout it is linked to now; null when none. */
  readonly payoutId: string | null;
};

/** An announced payout whose statements are not settled yet. */
export type AnnouncedPayout = {
  readonly payoutId: string;
  /** Where it was announced: the payout list, the event groups, a date-range report. */
  readonly sources: readonly string[];
  readonly marketplace: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly originalCurrency: string | null;
  readonly originalMinor: bigint | null;
  readonly settlementIds: readonly string[];
  readonly initiatedAt: Instant | null;
  readonly periodStartAt: Instant | null;
  readonly periodEndAt: Instant | null;
};

export type StatementLink = {
  readonly payoutId: string;
  readonly statements: readonly OwedStatement[];
};

/** Settlements that one payout may pay together beyond those it names; a real file shows two. */
export const STATEMENTS_PER_PAYOUT_MAX = 6;

/**
 * Links announced payouts to the statements they pay, oldest payout first. `isFree` tells whether a statement may
 * be claimed: it is unlinked, or linked only to a payout that nobody announced, or to one that another source told
 * of the same money. Two payouts that pay the same statements are one.
 */
export function linkStatements(
  payouts: readonly AnnouncedPayout[],
  statements: readonly OwedStatement[],
  isFree: (statement: OwedStatement, payout: AnnouncedPayout) => boolean,
): readonly StatementLink[] {
  const claimed = new Map<string, AnnouncedPayout>();
  const links = new Map<AnnouncedPayout, readonly OwedStatement[]>();
  const claim = (payout: AnnouncedPayout, claims: readonly OwedStatement[]): void => {
    if (claims.length === 0) return;
    links.set(payout, [...(links.get(payout) ?? []), ...claims]);
    for (const statement of claims) claimed.set(statement.statementId, payout);
  };
  const mayClaim = (statement: OwedStatement, payout: AnnouncedPayout): boolean => {
    const claimant = claimed.get(statement.statementId);
    if (claimant !== undefined && claimant !== payout) return isSameMoney(claimant, payout);
    return isFree(statement, payout);
  };
  const ordered = [...payouts].sort((a, b) =>
    `${a.initiatedAt ?? ""}${a.payoutId}` < `${b.initiatedAt ?? ""}${b.payoutId}` ? -1 : 1,
  );
  const isNamed = (statement: OwedStatement, payout: AnnouncedPayout): boolean =>
    statement.marketplace === payout.marketplace &&
    payout.settlementIds.includes(statement.settlementId);
  // Named settlements first: an inferred run must not take what another payout names.
  for (const payout of ordered) {
    const named = statements.filter((statement) => isNamed(statement, payout));
    claim(
      payout,
      named.filter((statement) => !claimed.has(statement.statementId)),
    );
  }
  for (const payout of ordered) {
    const named = links.get(payout) ?? [];
    const free = statements.filter(
      (statement) =>
        statement.marketplace === payout.marketplace &&
        claimed.get(statement.statementId) !== payout &&
        mayClaim(statement, payout),
    );
    claim(payout, missingStatements(payout, named, free));
  }
  return [...links].map(([payout, linked]) => ({ payoutId: payout.payoutId, statements: linked }));
}

/** What tells one transfer from another. */
export type ToldTransfer = Pick<
  AnnouncedPayout,
  "sources" | "marketplace" | "currency" | "amountMinor" | "originalCurrency" | "originalMinor"
>;

/** The same transfer, told by different sources: a source tells of each transfer once. */
export function isSameMoney(left: ToldTransfer, right: ToldTransfer): boolean {
  // The payout list does not tell the amount before the marketplace's own exchange; the event groups do.
  const isSameOriginal =
    left.originalMinor === null ||
    right.originalMinor === null ||
    (left.originalMinor === right.originalMinor &&
      left.originalCurrency === right.originalCurrency);
  return (
    isSameOriginal &&
    !left.sources.some((source) => right.sources.includes(source)) &&
    left.marketplace === right.marketplace &&
    left.currency === right.currency &&
    left.amountMinor === right.amountMinor
  );
}

/** The statements that make the payout's amount exact, or none: by its own period, or a run of the latest unpaid. */
function missingStatements(
  payout: AnnouncedPayout,
  named: readonly OwedStatement[],
  free: readonly OwedStatement[],
): readonly OwedStatement[] {
  const currency = payout.originalCurrency ?? payout.currency;
  const amount = payout.originalMinor ?? payout.amountMinor;
  const missing = amount - named.reduce((sum, statement) => sum + statement.totalMinor, 0n);
  if (missing <= 0n) return [];
  const sameCurrency = free.filter((statement) => statement.currency === currency);
  if (named.length === 0) {
    const ofPeriod = sameCurrency.filter(
      (statement) =>
        statement.periodStartAt !== null &&
        sameSecond(statement.periodStartAt, payout.periodStartAt) &&
        sameSecond(statement.periodEndAt, payout.periodEndAt) &&
        statement.totalMinor === missing,
    );
    if (ofPeriod.length === 1) return ofPeriod;
  }
  const until = earliest(named, payout);
  const run = sameCurrency
    .filter(
      (statement) =>
        statement.periodEndAt !== null && (until === null || statement.periodEndAt <= until),
    )
    .sort((a, b) => ((a.periodEndAt ?? "") < (b.periodEndAt ?? "") ? 1 : -1))
    .slice(0, STATEMENTS_PER_PAYOUT_MAX);
  let sum = 0n;
  for (let length = 1; length <= run.length; length += 1) {
    sum += run[length - 1]?.totalMinor ?? 0n;
    if (sum === missing) return run.slice(0, length);
    if (sum > missing) return [];
  }
  return [];
}

/** Statements beyond the named ones end before the named ones begin; without names, before the payout was sent. */
function earliest(named: readonly OwedStatement[], payout: AnnouncedPayout): Instant | null {
  const starts = named.map((statement) => statement.periodStartAt).filter((at) => at !== null);
  return starts.sort()[0] ?? payout.initiatedAt;
}

/** Settlement files tell seconds, the event groups milliseconds. */
function sameSecond(left: Instant | null, right: Instant | null): boolean {
  return left !== null && right !== null && left.slice(0, 19) === right.slice(0, 19);
}
