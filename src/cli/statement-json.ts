// The JSON of `statement check`, field by field: docs/reference/json.md describes it and changes
// with it.

import type { Reason } from "../errors/refusal.ts";
import type { ChainCarry, ChainLink } from "../marketplace/amazon/chain.ts";
import type { PayoutAnnouncement } from "../marketplace/payout.ts";
import type { MarketplaceFormat } from "../marketplace/reading.ts";
import type {
  StatementClass,
  StatementGroup,
  StatementReading,
  StatementVerdict,
} from "../marketplace/statement.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor, formatMoney } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import type { Chain, CheckedStatement } from "./statement-chain.ts";

export type GroupJson = {
  readonly transactionType: string;
  readonly amountType: string;
  readonly amountDescription: string;
  readonly class: StatementClass;
  readonly known: boolean;
  readonly lineCount: number;
  /** Exact decimal text; null while the currency is unknown. */
  readonly total: string | null;
  readonly firstLine: number;
};

export type ChainNeighbourJson = {
  readonly settlementId: string;
  readonly file: string | null;
  readonly join: ChainLink["join"];
  /**
   * Milliseconds from the end of the earlier period to the start of the later; negative when they
   * overlap.
   */
  readonly gapMs: number;
};

export type ChainPlaceJson = {
  readonly before: ChainNeighbourJson | null;
  readonly after: readonly ChainNeighbourJson[];
  /** What this statement took over from the one before. */
  readonly carries: readonly { readonly kind: ChainCarry["kind"]; readonly amount: string }[];
  readonly findings: readonly { readonly code: string; readonly message: string }[];
};

export type StatementJson = {
  readonly file: string;
  readonly format: MarketplaceFormat | null;
  readonly charset: string | null;
  readonly marketplace: string | null;
  readonly marketplaceNames: readonly string[];
  readonly settlementId: string | null;
  readonly currency: Currency | null;
  readonly periodStart: Instant | null;
  readonly periodEnd: Instant | null;
  readonly depositAt: Instant | null;
  readonly firstLine: number | null;
  readonly lastLine: number | null;
  readonly lineCount: number | null;
  readonly declaredTotal: string | null;
  /** Sum of the lines that could be read; null while the currency is unknown. */
  readonly summedTotal: string | null;
  /** Summed less declared; null when one of them is. */
  readonly difference: string | null;
  readonly verdict: StatementVerdict;
  readonly reasons: readonly Reason[];
  readonly groups: readonly GroupJson[];
  /** The groups whose `known` is false. */
  readonly unknownGroups: readonly GroupJson[];
  readonly chain: ChainPlaceJson | null;
};

export type PayoutJson = {
  readonly file: string;
  readonly line: number;
  readonly marketplace: string;
  readonly source: PayoutAnnouncement["source"];
  readonly reference: string;
  readonly amount: string;
  readonly currency: Currency;
  readonly originalAmount: string | null;
  readonly originalCurrency: Currency | null;
  readonly status: PayoutAnnouncement["status"];
  readonly statusText: string;
  readonly failureReason: string | null;
  readonly initiatedAt: Instant | null;
  readonly accountTail: string | null;
  readonly traceIds: readonly string[];
  readonly paymentRail: string | null;
  readonly settlementIds: readonly string[];
  readonly periodStart: Instant | null;
  readonly periodEnd: Instant | null;
};

export function statementJson(
  checked: CheckedStatement,
  charset: string,
  chain: Chain,
): StatementJson {
  const { file, statement } = checked;
  const { currency, declaredTotalMinor, summedTotalMinor } = statement;
  const shown = (minor: bigint | null) =>
    currency === null || minor === null ? null : formatMinor(minor, currency);
  const groups = statement.groups.map((group) => groupJson(group, currency));
  return {
    file,
    format: statement.format,
    charset,
    marketplace: statement.marketplace,
    marketplaceNames: statement.marketplaceNames,
    settlementId: statement.settlementId === "" ? null : statement.settlementId,
    currency,
    periodStart: statement.periodStartAt,
    periodEnd: statement.periodEndAt,
    depositAt: statement.depositAt,
    firstLine: statement.firstLine,
    lastLine: statement.lastLine,
    lineCount: statement.lineCount,
    declaredTotal: shown(declaredTotalMinor),
    summedTotal: shown(summedTotalMinor),
    difference: shown(differenceMinor(statement)),
    verdict: statement.verdict,
    reasons: statement.reasons,
    groups,
    unknownGroups: groups.filter((group) => !group.known),
    chain: chainPlaceJson(checked, chain),
  };
}

/**
 * The entry of a file that holds no statement that could be read: everything but the reasons is
 * null.
 */
export function refusedStatementJson(
  file: string,
  format: MarketplaceFormat | null,
  charset: string | null,
  reasons: readonly Reason[],
): StatementJson {
  return {
    file,
    format,
    charset,
    marketplace: null,
    marketplaceNames: [],
    settlementId: null,
    currency: null,
    periodStart: null,
    periodEnd: null,
    depositAt: null,
    firstLine: null,
    lastLine: null,
    lineCount: null,
    declaredTotal: null,
    summedTotal: null,
    difference: null,
    verdict: "quarantined",
    reasons,
    groups: [],
    unknownGroups: [],
    chain: null,
  };
}

/**
 * Summed less declared, in minor units; null when the file declares no total or no known currency.
 */
export function differenceMinor(statement: StatementReading): bigint | null {
  const { currency, declaredTotalMinor, summedTotalMinor } = statement;
  return currency === null || declaredTotalMinor === null
    ? null
    : summedTotalMinor - declaredTotalMinor;
}

function groupJson(group: StatementGroup, currency: Currency | null): GroupJson {
  const { totalMinor, ...words } = group;
  return {
    transactionType: words.transactionType,
    amountType: words.amountType,
    amountDescription: words.amountDescription,
    class: words.class,
    known: words.known,
    lineCount: words.lineCount,
    total: currency === null ? null : formatMinor(totalMinor, currency),
    firstLine: words.firstLine,
  };
}

function chainPlaceJson(checked: CheckedStatement, chain: Chain): ChainPlaceJson | null {
  const place = chain.placeOf(checked);
  const { currency } = checked.statement;
  if (place === null || currency === null) return null;
  const neighbour = (settlementId: string, { join, gapMs }: ChainLink): ChainNeighbourJson => ({
    settlementId,
    file: chain.fileOf(settlementId),
    join,
    gapMs,
  });
  const { before } = place;
  return {
    before: before === null ? null : neighbour(before.previousSettlementId, before),
    after: place.after.map((link) => neighbour(link.settlementId, link)),
    carries: (before?.carries ?? []).map(({ kind, amountMinor }) => ({
      kind,
      amount: formatMinor(amountMinor, currency),
    })),
    findings: place.findings.map(({ code, message }) => ({ code, message })),
  };
}

export function payoutJson(file: string, payout: PayoutAnnouncement): PayoutJson {
  return {
    file,
    line: payout.line,
    marketplace: payout.marketplace,
    source: payout.source,
    reference: payout.reference,
    amount: formatMoney(payout.amount),
    currency: payout.amount.currency,
    originalAmount: payout.originalAmount === null ? null : formatMoney(payout.originalAmount),
    originalCurrency: payout.originalAmount?.currency ?? null,
    status: payout.status,
    statusText: payout.statusText,
    failureReason: payout.failureReason,
    initiatedAt: payout.initiatedAt,
    accountTail: payout.accountTail,
    traceIds: payout.traceIds,
    paymentRail: payout.paymentRail,
    settlementIds: payout.settlementIds,
    periodStart: payout.periodStartAt,
    periodEnd: payout.periodEndAt,
  };
}
