// What a receipt must be supported by. Where a rule is open, both ways stand behind a name here; a policy file may
// change any of them, and what it does not name keeps the default. Evidence is in force only where a policy names it.

import { z } from "zod";

/**
 * Customs supervision codes under which goods leave the country. 9610 retail export to consumers, 9710 export to
 * businesses through a platform, 9810 export to a warehouse abroad, 1210 bonded e-commerce zone, 0110 general trade,
 * 1039 market procurement.
 */
export const CUSTOMS_MODES = ["9610", "9710", "9810", "1210", "0110", "1039"] as const;
export type CustomsMode = (typeof CUSTOMS_MODES)[number];

/** How the goods of an order left: under a customs mode, or as parcels that no customs paper names. */
export type GoodsMode = CustomsMode | "undeclared";
const GOODS_MODES = [...CUSTOMS_MODES, "undeclared"] as const;

/** Kinds of papers, as they are asked for. */
export const PAPER_CODES = [
  "order",
  "tracking-number",
  "customs-list",
  "customs-declaration",
  "stocking-order",
  "bonded-record",
  "contract",
  "invoice",
  "packing-list",
  "settlement-report",
] as const;
export type PaperCode = (typeof PAPER_CODES)[number];

export type EvidenceSettings = {
  /** Modes whose receipts are supported; an order under another one supports nothing. 1039 is never among them. */
  readonly acceptedModes: readonly GoodsMode[];
  /** How the goods of an order left when no paper and no report says so. */
  readonly modeWithoutPaper: GoodsMode;
  /** Papers that an order of each mode needs before it supports a receipt. */
  readonly papersOf: Readonly<Record<GoodsMode, readonly PaperCode[]>>;
  /**
   * Orders that are not shipped yet: they support a receipt until their tracking number is due (`cover-until-due`), or
   * only from when it came (`hold`).
   */
  readonly unshipped: "cover-until-due" | "hold";
  /** Bank days from the receipt until an unshipped order owes its tracking number. */
  readonly trackingDueWeekdays: number;
  /** Bank days until any other paper that is asked for is due. */
  readonly paperDueWeekdays: number;
  /**
   * May one order support a second receipt with what is left of its amount? `never`; `by-shipment`: once for each
   * parcel that was sent; `by-amount`: as often as its amount allows. Never beyond its amount.
   */
  readonly splitOrders: "never" | "by-shipment" | "by-amount";
  /** Orders of one seller that one tracking number may stand for: parcels that were packed together. */
  readonly combinedParcelOrdersMax: number;
  /**
   * By how much the sale in the statement may pass the order's own amount, in ten-thousandths of it, before the excess
   * is not supported.
   */
  readonly excessMaxBps: number;
};

export const DEFAULT_EVIDENCE_SETTINGS: EvidenceSettings = {
  acceptedModes: ["9610", "9710", "9810", "1210", "0110", "undeclared"],
  // Undeclared small parcels are the case that needs the fewest assumptions: code 122030, no customs paper exists.
  modeWithoutPaper: "undeclared",
  // The sets that banks ask for by mode, as published guides list them (docs/reference/evidence-formats.md).
  papersOf: {
    "9610": ["order", "tracking-number", "customs-list"],
    "9710": ["order", "tracking-number", "customs-declaration"],
    "9810": ["order", "stocking-order"],
    "1210": ["order", "tracking-number", "bonded-record"],
    "0110": ["order", "contract", "invoice", "packing-list", "customs-declaration"],
    "1039": [],
    undeclared: ["order", "tracking-number"],
  },
  unshipped: "cover-until-due",
  trackingDueWeekdays: 10,
  paperDueWeekdays: 5,
  splitOrders: "by-shipment",
  combinedParcelOrdersMax: 5,
  excessMaxBps: 0,
};

const paper = z.enum(PAPER_CODES);

/** The piece of a policy file; `{}` puts evidence in force with the defaults. */
export const evidenceFile = z.strictObject({
  acceptedModes: z
    .array(z.enum(GOODS_MODES).exclude(["1039"]))
    .min(1)
    .optional(),
  modeWithoutPaper: z.enum(GOODS_MODES).exclude(["1039"]).optional(),
  papersOf: z.partialRecord(z.enum(GOODS_MODES), z.array(paper)).optional(),
  unshipped: z.enum(["cover-until-due", "hold"]).optional(),
  trackingDueWeekdays: z.int().min(0).max(250).optional(),
  paperDueWeekdays: z.int().min(0).max(250).optional(),
  splitOrders: z.enum(["never", "by-shipment", "by-amount"]).optional(),
  combinedParcelOrdersMax: z.int().min(1).max(1000).optional(),
  excessMaxBps: z.int().min(0).max(10_000).optional(),
});

/** The settings that a policy file's piece stands for. */
export function evidenceSettingsOf(file: z.infer<typeof evidenceFile>): EvidenceSettings {
  const named = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
  return {
    ...DEFAULT_EVIDENCE_SETTINGS,
    ...named,
    papersOf: { ...DEFAULT_EVIDENCE_SETTINGS.papersOf, ...file.papersOf },
  };
}
