// How a bank declares: what stands for it in declaration numbers, and the questions that only it can answer, each with
// both ways built. Without a profile nothing is declared here: a seller alone has no reporting bank.

import { z } from "zod";

/**
 * How a receipt is declared that the marketplace paid net of its fees (an open question, regulation.md 1.3).
 * `two-codes`: one row, its second transaction code for what was netted. `restored-rows`: an actual row under 999999 and
 * restored rows for the gross, filed the same day.
 */
export const NETTING_MODES = ["two-codes", "restored-rows"] as const;
export type NettingMode = (typeof NETTING_MODES)[number];

/**
 * Whether TXAMT is what the payer's side sent or what arrived after overseas bank charges (an open question).
 */
export const AMOUNT_BASES = ["before-charges", "after-charges"] as const;
export type AmountBasis = (typeof AMOUNT_BASES)[number];

const digits = (count: number) => z.string().regex(new RegExp(`^\\d{${count}}$`));
const code = z
  .strictObject({
    /** Transaction code of the classification of 2014, six digits. */
    code: digits(6),
    /** TXREM: at most 50 characters. */
    remark: z.string().min(1).max(50),
  })
  .readonly();

export type TransactionCode = z.infer<typeof code>;

/** Codes by how the goods left. Which code a receipt under 9610, 9710 or 9810 has is open: hence a table. */
export const DEFAULT_CODES: Readonly<Record<string, TransactionCode>> = {
  // 121010 general trade, goods declared under 0110.
  "0110": { code: "121010", remark: "一般贸易货款" },
  // 121990 other goods in customs statistics: candidate for 9610, 9710, 9810 and 1210, to be confirmed by the bank.
  "9610": { code: "121990", remark: "跨境电商零售出口货款" },
  "9710": { code: "121990", remark: "跨境电商B2B直接出口货款" },
  "9810": { code: "121990", remark: "跨境电商出口海外仓货款" },
  "1210": { code: "121990", remark: "保税电商出口货款" },
  // 122030 online purchases not in customs statistics.
  undeclared: { code: "122030", remark: "未报关、未纳入海关统计网络购物货款" },
};

export const declarationSettings = z.strictObject({
  /** Places 1 to 6 of a declaration number: the bank's area. */
  areaCode: digits(6),
  /** Places 7 to 10: the bank. */
  bankCode: digits(4),
  /** Places 11 and 12: the branch among the bank's own. */
  branchOrder: digits(2),
  nettingMode: z.enum(NETTING_MODES).default("two-codes"),
  amountBasis: z.enum(AMOUNT_BASES).default("after-charges"),
  /** Parts (LCYAMT, FCYAMT, OTHAMT) must equal TXAMT, as one bank's interface says, or may be less. */
  partsRule: z.enum(["equal", "at-most"]).default("equal"),
  /** Length of CUSTCOD: 9 (organisation code, places 9 to 17 of the credit code) or 18 (the whole of it). */
  organisationCode: z.enum(["nine", "eighteen"]).default("nine"),
  /**
   * Receipts of entities up to so many US dollars need no declaration information; null: every one is declared. Only
   * individuals were found to be exempt (USD 5,000), entities not: an open question.
   */
  entityExemptionUsd: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,2})?$/)
    .nullable()
    .default(null),
  codes: z.record(z.string(), code).default({ ...DEFAULT_CODES }),
  /** Of receipts whose orders name no customs mode. */
  defaultMode: z.string().default("undeclared"),
  /** Under which netted fees are declared. */
  feeCode: code.default({ code: "228990", remark: "平台服务费" }),
  /** ISREF: bonded goods. */
  bondedModes: z.array(z.string()).default(["1210"]),
  filler: z.strictObject({ name: z.string().min(1).max(20), phone: z.string().min(1).max(20) }),
  /** Working days after the credit within which the payee declares (T+5). */
  dueWorkingDays: z.int().min(1).max(30).default(5),
  /** What to do about a year whose working days no notice has announced yet. */
  unknownYear: z.enum(["refuse", "weekdays"]).default("weekdays"),
});

export type DeclarationSettings = z.infer<typeof declarationSettings>;
