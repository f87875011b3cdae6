// From cells to the lines of a report: pure sums over spans and one dimension.

import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import {
  FLOW_KINDS,
  type FlowCell,
  type FlowDimension,
  type FlowLine,
  type FlowTotal,
} from "./flow.ts";
import type { Basis, Span } from "./span.ts";

export type FlowReport = {
  readonly basis: Basis;
  readonly by: FlowDimension | null;
  readonly lines: readonly FlowLine[];
  readonly totals: readonly FlowTotal[];
};

type Sum = {
  count: number;
  minor: bigint;
  usdMinor: bigint;
  unrated: boolean;
  readonly sellers: Set<string>;
};

/**
 * Sums the cells. With `cumulative` every span begins where the report begins, so that no line can be read as a period's;
 * lines of spans in which nothing flowed are left out of a report of periods, and stay in a cumulative one.
 */
export function flowReport(
  cells: readonly FlowCell[],
  spans: readonly Span[],
  asked: { readonly basis: Basis; readonly by: FlowDimension | null },
): FlowReport {
  const sums = sumsBySpan(cells, spans, asked.by);
  const lines: FlowLine[] = [];
  const running = new Map<string, Sum>();
  for (const [index, span] of spans.entries()) {
    const own = sums.get(index) ?? new Map<string, Sum>();
    if (asked.basis === "cumulative") for (const [key, sum] of own) addTo(running, key, sum);
    const shown = asked.basis === "cumulative" ? running : own;
    const told =
      asked.basis === "cumulative"
        ? { from: spans[0]?.from ?? span.from, to: span.to, isWhole: span.isWhole }
        : span;
    lines.push(...[...shown].map(([key, sum]) => lineOf(told, key, sum)).sort(compareLines));
  }
  return { ...asked, lines, totals: totalsOf(lines) };
}

function sumsBySpan(
  cells: readonly FlowCell[],
  spans: readonly Span[],
  by: FlowDimension | null,
): ReadonlyMap<number, Map<string, Sum>> {
  const sums = new Map<number, Map<string, Sum>>();
  for (const cell of cells) {
    const index = spanOf(spans, cell.on);
    if (index === -1) continue;
    const own = sums.get(index) ?? new Map<string, Sum>();
    sums.set(index, own);
    addTo(own, JSON.stringify([cell.kind, by === null ? null : cell.of[by], cell.currency]), {
      count: cell.count,
      minor: cell.minor,
      usdMinor: cell.usdMinor ?? 0n,
      unrated: cell.usdMinor === null && cell.minor !== 0n,
      sellers: new Set(cell.of.seller === null ? [] : [cell.of.seller]),
    });
  }
  return sums;
}

/** Place of the span that holds the day, by halving; -1 when none does. */
function spanOf(spans: readonly Span[], on: CivilDate): number {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle] as Span;
    if (on < span.from) high = middle - 1;
    else if (on > span.to) low = middle + 1;
    else return middle;
  }
  return -1;
}

function addTo(sums: Map<string, Sum>, key: string, more: Sum): void {
  const sum = sums.get(key);
  if (sum === undefined) {
    sums.set(key, { ...more, sellers: new Set(more.sellers) });
    return;
  }
  sum.count += more.count;
  sum.minor += more.minor;
  sum.usdMinor += more.usdMinor;
  sum.unrated ||= more.unrated;
  for (const seller of more.sellers) sum.sellers.add(seller);
}

function lineOf(span: Span, key: string, sum: Sum): FlowLine {
  const [kind, group, currency] = JSON.parse(key) as [FlowLine["kind"], string | null, Currency];
  return {
    ...span,
    kind,
    group,
    currency,
    count: sum.count,
    sellers: new Set(sum.sellers),
    minor: sum.minor,
    usdMinor: sum.unrated ? null : sum.usdMinor,
  };
}

function compareLines(a: FlowLine, b: FlowLine): number {
  return (
    FLOW_KINDS.indexOf(a.kind) - FLOW_KINDS.indexOf(b.kind) ||
    compareText(a.group ?? "\uffff", b.group ?? "\uffff") ||
    compareText(a.currency, b.currency)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** In US dollars over all currencies, of each span, kind and group. */
export function totalsOf(lines: readonly FlowLine[]): readonly FlowTotal[] {
  const totals = new Map<string, FlowTotal>();
  for (const { currency, minor: _minor, sellers: _sellers, usdMinor, ...line } of lines) {
    const key = JSON.stringify([line.from, line.to, line.kind, line.group]);
    const sum = totals.get(key);
    totals.set(key, {
      ...line,
      count: line.count + (sum?.count ?? 0),
      usdMinor: (usdMinor ?? 0n) + (sum?.usdMinor ?? 0n),
      unratedCurrencies: [
        ...(sum?.unratedCurrencies ?? []),
        ...(usdMinor === null ? [currency] : []),
      ],
    });
  }
  return [...totals.values()];
}
