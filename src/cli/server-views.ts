// What a running channel answers over HTTP, as the commands show what they read themselves: the same views, so that a
// command prints the same text and the same JSON whichever way it asked.

import type { AccountView } from "../account/account-view.ts";
import type { AccountJson } from "../api/contract/accounts.ts";
import type { ExceptionJson } from "../api/contract/exceptions.ts";
import type { PayoutJson } from "../api/contract/payouts.ts";
import type { ExceptionKind, ExceptionView } from "../report/exceptions.ts";
import type { CreditOfPayout, PayoutView } from "../report/payout-view.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

export function payoutViewOf(payout: PayoutJson): PayoutView {
  return {
    id: payout.id,
    reference: payout.reference,
    sellerId: payout.sellerId,
    marketplace: payout.marketplace,
    source: payout.source,
    announcedStatus: payout.announcedStatus,
    amount: payout.amount.amount,
    currency: payout.amount.currency,
    originalAmount: payout.originalAmount?.amount ?? null,
    originalCurrency: payout.originalAmount?.currency ?? null,
    state: payout.state,
    initiatedAt: payout.initiatedAt as Instant | null,
    creditedAmount: payout.credited.amount,
    creditedCurrency: payout.credited.currency,
    chargedAmount: payout.charged.amount,
    holds: payout.holds.map(({ amount, dueOn, openedAt, ...hold }) => ({
      ...hold,
      ...amount,
      dueOn: dueOn as CivilDate,
      openedAt: openedAt as Instant,
    })),
    statements: payout.statements.map(
      ({ total, source, periodStart, periodEnd, ...statement }) => ({
        ...statement,
        currency: total.currency,
        total: total.amount,
        periodStart: periodStart as Instant | null,
        periodEnd: periodEnd as Instant | null,
        ...placeOf(source),
      }),
    ),
    credits: payout.matches.map(creditOf),
    minuteClockMs: payout.minuteClock?.ms ?? null,
    transitDays: payout.transitDays,
  };
}

function placeOf(source: { file: string | null; sha256: string; line: number }) {
  return { file: source.file ?? source.sha256, sha256: source.sha256, line: source.line };
}

function creditOf(match: PayoutJson["matches"][number]): CreditOfPayout {
  return {
    id: match.creditId,
    matchId: match.matchId,
    layer: match.layer,
    amount: match.amount.amount,
    currency: match.amount.currency,
    charges: match.charges.amount,
    released: match.released.amount,
    returned: match.returned.amount,
    account: match.account,
    payer: match.payer,
    valueOn: match.valueOn as CivilDate | null,
    storedAt: match.storedAt as Instant | null,
    recordedAt: match.recordedAt as Instant,
    matchedAt: match.matchedAt as Instant,
    releasedAt: match.releasedAt as Instant | null,
    confirmed: match.confirmed,
    ...placeOf(match.source),
  };
}

export function accountViewOf(account: AccountJson): AccountView {
  return {
    id: account.id,
    sellerId: account.sellerId,
    currency: account.currency,
    numbers: account.numbers,
    available: account.available.amount,
    held: account.held.amount,
    unexplained: account.unexplained.amount,
    inTransit: account.inTransit.amount,
    overseasCharges: account.overseasCharges.amount,
  };
}

export function exceptionViewOf({
  amount,
  kind,
  since,
  ...exception
}: ExceptionJson): ExceptionView {
  return {
    ...exception,
    // An open list: a newer server may know more kinds.
    kind: kind as ExceptionKind,
    since: since as Instant,
    amount: amount?.amount ?? null,
    currency: amount?.currency ?? null,
  };
}
