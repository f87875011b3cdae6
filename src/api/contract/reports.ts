// Supervision reports on the wire. A figure is of a period or cumulative; an answer has one of the two for all its lines.

import { z } from "@hono/zod-openapi";
import { REPORT_FORMS, REPORT_LANGUAGES } from "../../report/document/report-document.ts";
import { FINDING_KINDS } from "../../report/supervision/findings.ts";
import { FLOW_DIMENSIONS, FLOW_KINDS } from "../../report/supervision/flow.ts";
import { BASES, STEPS } from "../../report/supervision/span.ts";
import { TARGET_BASES, TARGET_FIGURES } from "../../report/supervision/target.ts";
import { apiRoute, json } from "../api-route.ts";
import { amount, civilDate, currency, idParam, instant, money, sellerFilter } from "./values.ts";

const tags = ["Reports"];

const words = z.object({ en: z.string(), zh: z.string() }).openapi("Words");

const flowLine = z
  .object({
    from: civilDate,
    to: civilDate,
    isWhole: z.boolean().openapi({
      description: "False where the report's own first or last day cuts the span short.",
    }),
    kind: z.enum(FLOW_KINDS),
    group: z
      .string()
      .nullable()
      .openapi({ description: "Value of the dimension `by`; null: not known, or not grouped." }),
    count: z.int(),
  })
  .openapi("FlowSpan");

const span = { from: civilDate, to: civilDate };

export const flowsReport = z
  .object({
    ...span,
    step: z.enum(STEPS),
    basis: z.enum(BASES),
    by: z.enum(FLOW_DIMENSIONS).nullable(),
    view: z.enum(["domestic", "foreign"]),
    lines: z.array(
      flowLine.extend({ money, sellerCount: z.int(), usd: amount.nullable() }).openapi("FlowLine"),
    ),
    totals: z.array(
      flowLine.extend({ usd: amount, unratedCurrencies: z.array(currency) }).openapi("FlowTotal"),
    ),
    withheldLines: z.int().openapi({
      description: "Foreign view: lines with too few sellers, which the totals lack too.",
    }),
  })
  .openapi("FlowsReport");
export type FlowsReportJson = z.infer<typeof flowsReport>;

const spanQuery = z.object({
  from: civilDate,
  to: civilDate,
  sellerId: sellerFilter,
  view: z.enum(["domestic", "foreign"]).default("domestic"),
});

const flowsQuery = spanQuery.extend({
  step: z.enum(STEPS).default("month"),
  basis: z.enum(BASES).default("period"),
  by: z.enum(FLOW_DIMENSIONS).optional(),
});

export const getFlowsReport = apiRoute({
  method: "get",
  path: "/v1/reports/flows",
  operationId: "getFlowsReport",
  summary: "Receipts, conversions, refunds and netted fees, by period or cumulative",
  tags,
  permission: "reports.read",
  request: { query: flowsQuery },
  responses: { 200: json(flowsReport, "The report.") },
  problems: ["report-span-invalid", "report-view-refused"],
});

const finding = z
  .object({
    kind: z.enum(FINDING_KINDS),
    sellerId: z.string().nullable(),
    subjects: z.array(z.string()),
    since: civilDate,
    days: z.int(),
    usd: amount.nullable(),
    detail: words,
  })
  .openapi("Finding");

export const findingsReport = z
  .object({
    ...span,
    view: z.enum(["domestic", "foreign"]),
    counts: z.record(z.string(), z.int()).openapi({ description: "Findings of each kind." }),
    findings: z.array(finding).openapi({ description: "Empty in the foreign view." }),
  })
  .openapi("FindingsReport");
export type FindingsReportJson = z.infer<typeof findingsReport>;

export const getFindingsReport = apiRoute({
  method: "get",
  path: "/v1/reports/findings",
  operationId: "getFindingsReport",
  summary: "What a supervisor looks at besides sums: large days, splitting, lines, ages",
  tags,
  permission: "reports.read",
  request: { query: spanQuery },
  responses: { 200: json(findingsReport, "The findings.") },
  problems: ["report-span-invalid"],
});

const targetBody = z.object({
  title: z.object({ en: z.string().min(1).max(200), zh: z.string().min(1).max(200) }),
  figure: z.enum(TARGET_FIGURES),
  only: z
    .object({ dimension: z.enum(FLOW_DIMENSIONS), value: z.string().min(1).max(100) })
    .nullable()
    .default(null),
  basis: z.enum(TARGET_BASES).openapi({
    description: "`year`: of the calendar year of `dueOn`; `cumulative`: of all since `sinceOn`.",
  }),
  sinceOn: civilDate.nullable().default(null),
  dueOn: civilDate,
  goal: amount.openapi({ description: "US dollars, or a number of things; above zero." }),
  baseline: z.object({ value: amount, from: civilDate, to: civilDate }),
  source: z.string().min(1).max(500).openapi({ description: "Where the programme says so." }),
  replaces: z.string().nullable().default(null),
});
export type TargetBody = z.infer<typeof targetBody>;

const target = targetBody
  .extend({
    id: z.string().openapi({ example: "tgt_2m8q4w0x6z1t5v9k3s7r" }),
    setBy: z.string(),
    setAt: instant,
  })
  .openapi("Target");
export type TargetJson = z.infer<typeof target>;

const targetReport = z
  .object({
    target,
    progress: z.object({
      from: civilDate,
      to: civilDate,
      actual: amount,
      reachedPercent: z.string(),
      rollingYear: amount.openapi({ description: "The twelve months up to today." }),
      years: z.string(),
      baselinePerYear: amount,
      goalPerYear: amount,
      growthPerYearPercent: z.string().nullable().openapi({
        description: "Growth a year that the goal takes from the baseline; null: none can be told.",
      }),
    }),
  })
  .openapi("TargetReport");
export type TargetReportJson = z.infer<typeof targetReport>;

export const listTargets = apiRoute({
  method: "get",
  path: "/v1/reports/targets",
  operationId: "listTargets",
  summary: "Programme targets, each with how far it is and what growth it takes",
  tags,
  permission: "targets.read",
  responses: { 200: json(z.object({ data: z.array(targetReport) }), "The targets in force.") },
});

export const setTargetRoute = apiRoute({
  method: "post",
  path: "/v1/reports/targets",
  operationId: "setTarget",
  summary: "Set a programme target, or replace one",
  tags,
  permission: "targets.write",
  request: { body: { required: true, content: { "application/json": { schema: targetBody } } } },
  responses: { 201: json(target, "The target.") },
  problems: ["target-invalid", "not-found"],
});

export const withdrawTargetRoute = apiRoute({
  method: "delete",
  path: "/v1/reports/targets/{targetId}",
  operationId: "withdrawTarget",
  summary: "Give a target up; it stays on record",
  tags,
  permission: "targets.write",
  request: { params: z.object({ targetId: idParam("`tgt_…`", "tgt_2m8q4w0x6z1t5v9k3s7r") }) },
  responses: { 204: { description: "It is no longer in force." } },
  problems: ["not-found"],
});

export const REPORT_NAMES = ["flows", "findings", "targets"] as const;

export const downloadReport = apiRoute({
  method: "get",
  path: "/v1/report-files/{report}",
  operationId: "downloadReport",
  summary: "A report as spreadsheet, comma-separated text or PDF, in English or Chinese",
  tags,
  permission: "reports.read",
  request: {
    params: z.object({ report: z.enum(REPORT_NAMES) }),
    query: flowsQuery.extend({
      form: z.enum(REPORT_FORMS).default("xlsx"),
      language: z.enum(REPORT_LANGUAGES).default("en"),
    }),
  },
  responses: {
    200: {
      description: "The file; `Content-Type` says the form.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
  problems: ["report-span-invalid", "report-view-refused"],
});
