// The words of the supervision reports, in both languages, as the glossary has them.

import type { Words } from "../document/report-document.ts";
import type { FlowDimension, FlowKind } from "./flow.ts";
import type { Basis, Step } from "./span.ts";
import type { TargetBasis, TargetFigure } from "./target.ts";

export const KIND_WORDS: Readonly<Record<FlowKind, Words>> = {
  receipt: { en: "Receipts", zh: "收汇" },
  conversion: { en: "Conversions", zh: "结汇" },
  refund: { en: "Refunds and returns", zh: "退汇" },
  "netted-fee": { en: "Netted fees", zh: "轧差费用" },
};

export const DIMENSION_WORDS: Readonly<Record<FlowDimension, Words>> = {
  seller: { en: "Seller", zh: "卖家" },
  store: { en: "Store", zh: "店铺" },
  marketplace: { en: "Marketplace", zh: "平台" },
  "customs-mode": { en: "Customs mode", zh: "海关监管方式" },
  "transaction-code": { en: "Transaction code", zh: "交易编码" },
  "payer-country": { en: "Payer's country", zh: "付款人国别" },
};

export const STEP_WORDS: Readonly<Record<Step, Words>> = {
  day: { en: "day", zh: "日" },
  month: { en: "month", zh: "月" },
  quarter: { en: "quarter", zh: "季度" },
  year: { en: "year", zh: "年" },
};

export const BASIS_WORDS: Readonly<Record<Basis, Words>> = {
  period: {
    en: "Figures of each period alone; a line that is not whole says so.",
    zh: "各期间当期数；不完整的期间已注明。",
  },
  cumulative: {
    en: "Cumulative figures: all since the first day, up to the end of each line. They are not annual figures.",
    zh: "累计数：自首日起至各行截止日的合计，并非年度数。",
  },
};

export const FIGURE_WORDS: Readonly<Record<TargetFigure, Words>> = {
  "receipts-usd": { en: "Receipts, USD", zh: "收汇（美元）" },
  "conversions-usd": { en: "Conversions, USD", zh: "结汇（美元）" },
  "refunds-usd": { en: "Refunds, USD", zh: "退汇（美元）" },
  "netted-fees-usd": { en: "Netted fees, USD", zh: "轧差费用（美元）" },
  "receipt-count": { en: "Receipts, number", zh: "收汇笔数" },
  "sellers-paid": { en: "Sellers paid", zh: "收汇卖家数" },
};

export const TARGET_BASIS_WORDS: Readonly<Record<TargetBasis, Words>> = {
  year: { en: "of one year", zh: "年度" },
  cumulative: { en: "cumulative", zh: "累计" },
};

export const WORDS = {
  flows: { en: "Cross-border flows", zh: "跨境资金流" },
  from: { en: "From", zh: "自" },
  to: { en: "To", zh: "至" },
  whole: { en: "Whole", zh: "完整" },
  yes: { en: "yes", zh: "是" },
  no: { en: "no", zh: "否" },
  kind: { en: "Kind", zh: "类别" },
  currency: { en: "Currency", zh: "币种" },
  count: { en: "Count", zh: "笔数" },
  sellers: { en: "Sellers", zh: "卖家数" },
  amount: { en: "Amount", zh: "金额" },
  usd: { en: "In USD", zh: "折美元" },
  totals: { en: "Totals in USD", zh: "折美元合计" },
  unrated: { en: "Currencies without a rate", zh: "缺折算率的币种" },
  foreign: {
    en: "View for a foreign supervisor: aggregates only, without personal data.",
    zh: "境外监管视图：仅汇总数，不含个人信息。",
  },
  watch: { en: "Watch list", zh: "关注清单" },
  finding: { en: "Finding", zh: "事项" },
  seller: { en: "Seller", zh: "卖家" },
  subject: { en: "Object", zh: "对象" },
  detail: { en: "Detail", zh: "说明" },
  since: { en: "Since", zh: "起始日" },
  days: { en: "Days", zh: "天数" },
  indicators: { en: "Totals check, rolling year", zh: "总量核查（滚动十二个月）" },
  imports: { en: "Imports, USD", zh: "进口（美元）" },
  exports: { en: "Exports, USD", zh: "出口（美元）" },
  receipts: { en: "Receipts, USD", zh: "收汇（美元）" },
  payments: { en: "Payments, USD", zh: "付汇（美元）" },
  difference: { en: "Total difference, USD", zh: "总量差额（美元）" },
  differenceRate: { en: "Difference rate, %", zh: "总量差额率（%）" },
  fundsToGoods: { en: "Funds to goods, %", zh: "资金货物比（%）" },
  targets: { en: "Programme targets", zh: "项目目标" },
  target: { en: "Target", zh: "目标" },
  figure: { en: "Figure", zh: "指标" },
  basis: { en: "Basis", zh: "口径" },
  baseline: { en: "Baseline", zh: "基期数" },
  baselinePerYear: { en: "Baseline a year", zh: "基期年均" },
  goal: { en: "Goal", zh: "目标值" },
  goalPerYear: { en: "Goal a year", zh: "目标年均" },
  actual: { en: "Reached", zh: "已实现" },
  reached: { en: "Reached, %", zh: "完成率（%）" },
  rollingYear: { en: "Last twelve months", zh: "近十二个月" },
  growth: { en: "Growth it takes a year, %", zh: "所需年增长率（%）" },
  source: { en: "Source", zh: "来源" },
} as const satisfies Record<string, Words>;
