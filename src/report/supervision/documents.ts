// The supervision reports as documents, for a spreadsheet or a page.

import { formatMinor } from "../../money/money.ts";
import { USD } from "../../rates/reference-rates.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { ReportDocument, ReportTable, Words } from "../document/report-document.ts";
import { FINDING_WORDS, type Finding } from "./findings.ts";
import type { FlowReport } from "./flow-report.ts";
import type { ForeignReport } from "./foreign-view.ts";
import type { TradeIndicators } from "./indicator.ts";
import type { TargetProgress } from "./target.ts";
import type { SetTarget } from "./target-rows.ts";
import {
  BASIS_WORDS,
  DIMENSION_WORDS,
  FIGURE_WORDS,
  KIND_WORDS,
  TARGET_BASIS_WORDS,
  WORDS,
} from "./words.ts";

export type ReportSpan = { readonly from: CivilDate; readonly to: CivilDate };

/** What a reader must know of every table: the days, and whether figures are of periods or cumulative. */
function notesOf({ from, to }: ReportSpan, ...more: readonly Words[]): readonly Words[] {
  return [{ en: `${from} to ${to}`, zh: `${from} 至 ${to}` }, ...more];
}

export function flowDocument(
  report: FlowReport | ForeignReport,
  span: ReportSpan,
  language: "en" | "zh",
): ReportDocument {
  const isForeign = "withheldLines" in report;
  const withheld = isForeign ? report.withheldLines : 0;
  const notes = notesOf(
    span,
    BASIS_WORDS[report.basis],
    ...(isForeign ? [WORDS.foreign] : []),
    ...(withheld === 0
      ? []
      : [
          {
            en: `${withheld} lines with too few sellers are withheld, from the totals too.`,
            zh: `${withheld} 行因卖家过少未列示，亦未计入合计。`,
          },
        ]),
  );
  return {
    title: WORDS.flows,
    notes,
    tables: [flowLines(report, language), flowTotals(report, language)],
  };
}

function flowLines(report: FlowReport, language: "en" | "zh"): ReportTable {
  const group =
    report.by === null ? [] : [{ title: DIMENSION_WORDS[report.by], kind: "text" as const }];
  return {
    title: WORDS.flows,
    notes: [],
    columns: [
      { title: WORDS.from, kind: "date" },
      { title: WORDS.to, kind: "date" },
      { title: WORDS.whole, kind: "text" },
      { title: WORDS.kind, kind: "text" },
      ...group,
      { title: WORDS.currency, kind: "text" },
      { title: WORDS.count, kind: "count" },
      { title: WORDS.sellers, kind: "count" },
      { title: WORDS.amount, kind: "amount" },
      { title: WORDS.usd, kind: "amount" },
    ],
    rows: report.lines.map((line) => [
      line.from,
      line.to,
      (line.isWhole ? WORDS.yes : WORDS.no)[language],
      KIND_WORDS[line.kind][language],
      ...(report.by === null ? [] : [line.group]),
      line.currency,
      line.count,
      line.sellers.size,
      formatMinor(line.minor, line.currency),
      line.usdMinor === null ? null : formatMinor(line.usdMinor, USD),
    ]),
  };
}

function flowTotals(report: FlowReport, language: "en" | "zh"): ReportTable {
  const group =
    report.by === null ? [] : [{ title: DIMENSION_WORDS[report.by], kind: "text" as const }];
  return {
    title: WORDS.totals,
    notes: [],
    columns: [
      { title: WORDS.from, kind: "date" },
      { title: WORDS.to, kind: "date" },
      { title: WORDS.kind, kind: "text" },
      ...group,
      { title: WORDS.count, kind: "count" },
      { title: WORDS.usd, kind: "amount" },
      { title: WORDS.unrated, kind: "text" },
    ],
    rows: report.totals.map((total) => [
      total.from,
      total.to,
      KIND_WORDS[total.kind][language],
      ...(report.by === null ? [] : [total.group]),
      total.count,
      formatMinor(total.usdMinor, USD),
      total.unratedCurrencies.join(" "),
    ]),
  };
}

export function findingsDocument(
  findings: readonly Finding[],
  span: ReportSpan,
  language: "en" | "zh",
): ReportDocument {
  return {
    title: WORDS.watch,
    notes: notesOf(span),
    tables: [
      {
        title: WORDS.watch,
        notes: [],
        columns: [
          { title: WORDS.finding, kind: "text" },
          { title: WORDS.seller, kind: "text" },
          { title: WORDS.since, kind: "date" },
          { title: WORDS.days, kind: "count" },
          { title: WORDS.usd, kind: "amount" },
          { title: WORDS.subject, kind: "text" },
          { title: WORDS.detail, kind: "text" },
        ],
        rows: findings.map((finding) => [
          FINDING_WORDS[finding.kind][language],
          finding.sellerId,
          finding.since,
          finding.days,
          finding.usdMinor === null ? null : formatMinor(finding.usdMinor, USD),
          finding.subjects.join(" "),
          finding.detail[language],
        ]),
      },
    ],
  };
}

function usd(minor: bigint): string {
  return formatMinor(minor, USD);
}

export type SellerIndicators = TradeIndicators & { readonly sellerId: string };

export function indicatorsDocument(
  indicators: readonly SellerIndicators[],
  span: ReportSpan,
): ReportDocument {
  return {
    title: WORDS.indicators,
    notes: notesOf(span),
    tables: [
      {
        title: WORDS.indicators,
        notes: [],
        columns: [
          { title: WORDS.seller, kind: "text" },
          { title: WORDS.imports, kind: "amount" },
          { title: WORDS.exports, kind: "amount" },
          { title: WORDS.receipts, kind: "amount" },
          { title: WORDS.payments, kind: "amount" },
          { title: WORDS.difference, kind: "amount" },
          { title: WORDS.differenceRate, kind: "percent" },
          { title: WORDS.fundsToGoods, kind: "percent" },
        ],
        rows: indicators.map((one) => [
          one.sellerId,
          usd(one.importsMinor),
          usd(one.exportsMinor),
          usd(one.receiptsMinor),
          usd(one.paymentsMinor),
          usd(one.totalDifferenceMinor),
          one.differenceRatePercent,
          one.fundsToGoodsPercent,
        ]),
      },
    ],
  };
}

/** A target's value as its figure is counted: dollars, or things. */
export function figureText(target: Pick<SetTarget, "figure">, value: bigint): string {
  return target.figure.endsWith("-usd") ? formatMinor(value, USD) : value.toString();
}

export function targetsDocument(
  targets: readonly { readonly target: SetTarget; readonly progress: TargetProgress }[],
  today: CivilDate,
  language: "en" | "zh",
): ReportDocument {
  return {
    title: WORDS.targets,
    notes: [
      { en: `As of ${today}`, zh: `截至 ${today}` },
      {
        en: "A cumulative figure is a sum over several years; beside it stands what it is a year.",
        zh: "累计数为多年合计；其旁列示年均数。",
      },
    ],
    tables: [
      {
        title: WORDS.targets,
        notes: [],
        columns: [
          { title: WORDS.target, kind: "text" },
          { title: WORDS.figure, kind: "text" },
          { title: WORDS.basis, kind: "text" },
          { title: WORDS.from, kind: "date" },
          { title: WORDS.to, kind: "date" },
          { title: WORDS.goal, kind: "amount" },
          { title: WORDS.goalPerYear, kind: "amount" },
          { title: WORDS.actual, kind: "amount" },
          { title: WORDS.reached, kind: "percent" },
          { title: WORDS.rollingYear, kind: "amount" },
          { title: WORDS.baseline, kind: "amount" },
          { title: WORDS.baselinePerYear, kind: "amount" },
          { title: WORDS.growth, kind: "percent" },
          { title: WORDS.source, kind: "text" },
        ],
        rows: targets.map(({ target, progress }) => [
          target.title[language],
          FIGURE_WORDS[target.figure][language],
          TARGET_BASIS_WORDS[target.basis][language],
          progress.from,
          progress.to,
          figureText(target, target.goal),
          figureText(target, progress.goalPerYear),
          figureText(target, progress.actual),
          progress.reachedPercent,
          figureText(target, progress.rollingYear),
          figureText(target, target.baseline.value),
          figureText(target, progress.baselinePerYear),
          progress.growthPerYearPercent,
          target.source,
        ]),
      },
    ],
  };
}
