// What a foreign supervisor may see: aggregates and anomalies, no personal data. What may be passed on is an open
// question that only an agreement between the two supervisors answers, so how small a group may be is a setting.

import type { FlowDimension, FlowLine } from "./flow.ts";
import { type FlowReport, totalsOf } from "./flow-report.ts";

export type ForeignViewSettings = {
  /** A line is shown where at least this many sellers are behind it; smaller groups are told together. */
  readonly sellersMin: number;
};

/** With three, no seller can take its own figure away from a group's and see another's. */
export const DEFAULT_FOREIGN_VIEW: ForeignViewSettings = { sellersMin: 3 };

/** Dimensions that name nobody. */
export const FOREIGN_DIMENSIONS: readonly FlowDimension[] = [
  "marketplace",
  "customs-mode",
  "transaction-code",
  "payer-country",
];

/** The group under which small groups are told together. */
export const OTHER_GROUP = "other";

export type ForeignReport = FlowReport & {
  /** Lines that are told by nothing: even together too few sellers are behind them. Totals are without them. */
  readonly withheldLines: number;
};

/** Null when the report is by a dimension that names somebody. */
export function foreignView(
  report: FlowReport,
  settings: ForeignViewSettings,
): ForeignReport | null {
  const { by } = report;
  if (by !== null && !FOREIGN_DIMENSIONS.includes(by)) return null;
  const kept: FlowLine[] = [];
  const small = new Map<string, FlowLine[]>();
  for (const line of report.lines) {
    if (line.sellers.size >= settings.sellersMin) {
      kept.push(line);
      continue;
    }
    const key = JSON.stringify([line.from, line.to, line.kind, line.currency]);
    small.set(key, [...(small.get(key) ?? []), line]);
  }
  let withheldLines = 0;
  for (const lines of small.values()) {
    const other = together(lines);
    if (by !== null && other.sellers.size >= settings.sellersMin) kept.push(other);
    else withheldLines += lines.length;
  }
  const lines = kept.sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0));
  return { ...report, lines, totals: totalsOf(lines), withheldLines };
}

function together(lines: readonly FlowLine[]): FlowLine {
  const [first] = lines as [FlowLine, ...FlowLine[]];
  return {
    ...first,
    group: OTHER_GROUP,
    sellers: new Set(lines.flatMap((line) => [...line.sellers])),
    count: lines.reduce((sum, line) => sum + line.count, 0),
    minor: lines.reduce((sum, line) => sum + line.minor, 0n),
    usdMinor: lines.reduce<bigint | null>(
      (sum, line) => (sum === null || line.usdMinor === null ? null : sum + line.usdMinor),
      0n,
    ),
  };
}
