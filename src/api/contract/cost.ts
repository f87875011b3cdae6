// Cost and time on the wire: of each month for itself, beside a baseline.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { civilDate, currency, money, sellerFilter } from "./values.ts";

/** A baseline is at most a tenth of the amount: more is a slip of the pen. */
export const BASELINE_BPS_MAX = 1000;

const preset = z
  .object({
    id: z.string(),
    title: z.object({ en: z.string(), zh: z.string() }),
    feeBps: z.int(),
    spreadBps: z.int().nullable(),
    source: z.string(),
    collectedOn: civilDate,
    confidence: z.enum(["official", "secondary", "general-knowledge"]),
  })
  .openapi("FeePreset");

const month = z.object({
  month: z.string().openapi({ example: "2026-11" }),
  currency,
  payoutCount: z.int(),
  sent: money.openapi({ description: "What the marketplaces sent." }),
  charged: money.openapi({ description: "What banks took on the way." }),
  chargedBps: z.int().openapi({ description: "Of what was sent, in ten-thousandths, rounded up." }),
  baseline: money.openapi({ description: "What the baseline would have taken." }),
  saved: money.openapi({ description: "Baseline less cost; may be negative." }),
  transitDaysMedian: z.int().nullable(),
  transitDaysMax: z.int().nullable(),
  clockMsMedian: z.number().nullable(),
  clockMsMax: z.number().nullable(),
});

export const costReport = z
  .object({
    from: civilDate,
    to: civilDate,
    basis: z.literal("period").openapi({ description: "Each month stands for itself." }),
    baselineBps: z.int(),
    months: z.array(month),
    presets: z.array(preset),
  })
  .openapi("CostReport");
export type CostReportJson = z.infer<typeof costReport>;

export const getCostReport = apiRoute({
  method: "get",
  path: "/v1/reports/cost",
  operationId: "getCostReport",
  summary: "What the way cost and how long it took, by month, beside a baseline",
  description:
    "Cost is what banks took on the way. The loss of a conversion against the middle rate is no part of it while nothing is converted here.",
  tags: ["Reports"],
  permission: "reports.read",
  request: {
    query: z.object({
      from: civilDate,
      to: civilDate,
      sellerId: sellerFilter,
      baselineBps: z.coerce.number().int().min(0).max(BASELINE_BPS_MAX).default(100),
    }),
  },
  responses: { 200: json(costReport, "The months.") },
  problems: ["report-span-invalid"],
});
