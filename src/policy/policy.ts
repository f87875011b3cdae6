// The settings of matching and release. Where a rule is open, both ways stand behind a name here; a policy file
// may change any of them, and what it does not name keeps the default.

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { type CreditSources, DEFAULT_CREDIT_SOURCES } from "../bank/credit-policy.ts";
import { type DeclarationSettings, declarationSettings } from "../declaration/settings.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type EvidenceSettings, evidenceFile, evidenceSettingsOf } from "../evidence/settings.ts";
import { currencyOf, exponentOf } from "../money/currency.ts";
import { parseMinor } from "../money/money.ts";
import { loadScreening, type Screening, screeningFile } from "../screening/screening.ts";
import type { Pack } from "./pack.ts";
import { readPacks } from "./read-packs.ts";
import {
  DEFAULT_RULE_SETTINGS,
  type RuleSettings,
  ruleSettingsFile,
  ruleSettingsOf,
} from "./rule-settings.ts";

export type Policy = {
  readonly name: string;
  /** Payer names that a marketplace is known to pay under, per marketplace, compared as `normalisePayer` does. */
  readonly payers: Readonly<Record<string, readonly string[]>>;
  readonly creditSources: CreditSources;
  /**
   * Undocumented shortfall per currency, in minor units, that is booked as overseas charges. Zero: any
   * shortfall that no message documents is held. (Deductions of USD 15 to 75 in all are reported.)
   */
  readonly chargeToleranceMinor: Readonly<Record<string, bigint>>;
  /**
   * Shortfall against the amount the payer instructed, per currency, in minor units, that is booked as overseas charges
   * though no charge record names it. Above it, and in other currencies, the shortfall is held.
   */
  readonly impliedChargeMaxMinor: Readonly<Record<string, bigint>>;
  /** Bank days after the payout was initiated within which a credit without its reference may be its money. */
  readonly creditWindowWeekdays: number;
  /** The same from the end of the settlement's period, when no payout was announced. */
  readonly expectedWindowWeekdays: number;
  /** Release what was matched by amount, date and payer alone (flagged on the timeline), or hold it. */
  readonly releaseWithoutReference: boolean;
  /** Release only when every statement behind the payout is proven. */
  readonly requireProvenStatement: boolean;
  /** Bank days until an advice must stand in an end-of-day statement. */
  readonly confirmationWeekdays: number;
  /** Bank days until an announced payout without a credit is late. */
  readonly overdueWeekdays: number;
  /** Bank days until a hold is due. */
  readonly holdDueWeekdays: number;
  /**
   * What a marketplace's own sum of a settlement is compared with: the settlement's `total`, or its `proceeds` without
   * reserves, balances carried over, charges and transfers. Amazon's model of listSummary says "net proceeds" and not
   * which of the two: an open question, hence a setting.
   */
  readonly controlTotal: "total" | "proceeds";
  /** What a receipt must be supported by; null: evidence is kept, and no payout is held to it. */
  readonly evidence: EvidenceSettings | null;
  /** Sanctions lists that the parties of each credit are screened against; null: none is named. */
  readonly screening: Screening | null;
  /** How the reporting bank declares receipts; null: nothing is declared here. */
  readonly declaration: DeclarationSettings | null;
  /** Packs of rules in force, in the order in which they are asked; none: the channel's own rules judge alone. */
  readonly packs: readonly Pack[];
  /** What rules of packs look at as `settings`. */
  readonly rules: RuleSettings;
  /** Zone in which bank days and due dates are told. */
  readonly zone: string;
};

/**
 * Payer names of Amazon's paying entities as sellers and its own terms name them. Which entity pays which
 * marketplace in a given country only the receiving bank sees: an open question, hence a setting.
 */
const AMAZON_PAYERS = [
  "Amazon.com Services LLC",
  "Amazon.com Services Inc",
  "Amazon.com, Inc.",
  "Amazon.com",
  "Amazon Services LLC",
  "Amazon Payments, Inc.",
  "Amazon Payments",
  "Amazon Payments Europe S.C.A.",
  "Amazon Payments Europe SCA",
  "Amazon Payments UK Limited",
  "Amazon Payments UK Ltd",
  "Amazon Services Europe S.a r.l.",
  "Amazon Services Europe SARL",
  "Amazon EU S.a r.l.",
  "Amazon EU SARL",
  "Amazon.com.ca, Inc.",
  "Amazon.com.ca ULC",
  "Amazon Japan G.K.",
  "Amazon Japan GK",
  "Amazon Services International LLC",
  "Amazon Services International, Inc.",
  "Amazon Asia-Pacific Resources Private Limited",
  "Amazon Asia-Pacific Holdings Private Limited",
  "Amazon Commercial Services Pty Ltd",
  "Amazon Seller Services Private Limited",
  "Amazon Capital Services, Inc.",
  "Amazon Mexico Services, Inc.",
  "Amazon Payments Services",
] as const;

/**
 * Shopify's entities that its own terms of Shopify Payments name. Other countries' merchants name theirs in the policy
 * file. Behind them stands a processor whose name a bank may show instead; it pays for many others too, so it is not in
 * the default.
 */
const SHOPIFY_PAYERS = ["Shopify Payments (Canada) Inc.", "Shopify International Limited"] as const;

export const DEFAULT_POLICY: Policy = {
  name: "default",
  payers: { amazon: AMAZON_PAYERS, shopify: SHOPIFY_PAYERS },
  creditSources: DEFAULT_CREDIT_SOURCES,
  chargeToleranceMinor: {},
  // Correspondents deduct USD 5 to 25 each, 15 to 75 in all (published experience of payers); the same band in the
  // other currencies that marketplaces pay most.
  impliedChargeMaxMinor: {
    USD: 7500n,
    EUR: 7500n,
    GBP: 7500n,
    JPY: 10_000n,
    CAD: 10_000n,
    AUD: 10_000n,
  },
  // Normal transit of a payout is 3 to 5 business days (Amazon help, transfer timing).
  creditWindowWeekdays: 5,
  // A settlement is paid out within about two days of its end, then the transit.
  expectedWindowWeekdays: 7,
  releaseWithoutReference: true,
  requireProvenStatement: true,
  confirmationWeekdays: 1,
  overdueWeekdays: 5,
  holdDueWeekdays: 5,
  controlTotal: "total",
  evidence: null,
  screening: null,
  declaration: null,
  packs: [],
  rules: DEFAULT_RULE_SETTINGS,
  zone: "Asia/Shanghai",
};

const policyFile = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  payers: z.record(z.string(), z.array(z.string().min(1).max(140)).max(1000)).optional(),
  creditSources: z
    .partialRecord(
      z.enum(Object.keys(DEFAULT_CREDIT_SOURCES) as [keyof CreditSources]),
      z.boolean(),
    )
    .optional(),
  chargeTolerance: z.record(z.string(), z.string()).optional(),
  impliedChargeMax: z.record(z.string(), z.string()).optional(),
  creditWindowWeekdays: z.int().min(0).max(60).optional(),
  expectedWindowWeekdays: z.int().min(0).max(60).optional(),
  releaseWithoutReference: z.boolean().optional(),
  requireProvenStatement: z.boolean().optional(),
  confirmationWeekdays: z.int().min(0).max(60).optional(),
  overdueWeekdays: z.int().min(0).max(60).optional(),
  holdDueWeekdays: z.int().min(0).max(60).optional(),
  controlTotal: z.enum(["total", "proceeds"]).optional(),
  evidence: evidenceFile.nullable().optional(),
  screening: screeningFile.nullable().optional(),
  declaration: declarationSettings.nullable().optional(),
  packs: z.array(z.string().min(1).max(300)).max(20).optional(),
  rules: ruleSettingsFile.optional(),
  zone: z.string().optional(),
});

/** Reads a policy file (JSON); `chargeTolerance` holds exact decimals ({"USD": "25.00"}). */
export async function readPolicy(path: string): Promise<Outcome<Policy>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return refused("policy-unreadable", `The policy file ${path} cannot be read.`);
  }
  return parsePolicy(text, path);
}

export function parsePolicy(text: string, path: string): Outcome<Policy> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refused("policy-not-json", `${path} is not JSON: ${(error as Error).message}`);
  }
  const parsed = policyFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refused(
      "policy-invalid",
      `${path}: ${issue?.path.join(".") || "the file"}: ${issue?.message}`,
    );
  }
  const {
    chargeTolerance,
    impliedChargeMax,
    creditSources,
    payers,
    evidence,
    packs,
    rules,
    screening,
    ...rest
  } = parsed.data;
  const read = readPacks(packs ?? [], dirname(path));
  if (!read.ok) return read;
  const screened =
    screening === undefined || screening === null
      ? accepted(null)
      : loadScreening(screening, dirname(path));
  if (!screened.ok) return screened;
  const tolerance = readAmounts(chargeTolerance ?? {}, `${path}: chargeTolerance`);
  if (!tolerance.ok) return tolerance;
  const implied = readAmounts(impliedChargeMax ?? {}, `${path}: impliedChargeMax`);
  if (!implied.ok) return implied;
  const zone = rest.zone ?? DEFAULT_POLICY.zone;
  if (!isZone(zone))
    return refused("policy-invalid", `${path}: zone: "${zone}" is not an IANA zone.`);
  const named = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return accepted({
    ...DEFAULT_POLICY,
    ...named,
    evidence: evidence === undefined || evidence === null ? null : evidenceSettingsOf(evidence),
    creditSources: {
      ...DEFAULT_CREDIT_SOURCES,
      ...creditSources,
    },
    declaration: rest.declaration ?? null,
    screening: screened.value,
    payers: { ...DEFAULT_POLICY.payers, ...payers },
    packs: read.value,
    rules: ruleSettingsOf(rules ?? {}),
    chargeToleranceMinor: tolerance.value,
    impliedChargeMaxMinor: { ...DEFAULT_POLICY.impliedChargeMaxMinor, ...implied.value },
  });
}

/** Exact decimals per currency as minor units; refused when one is not an amount of its currency. */
function readAmounts(
  amounts: Readonly<Record<string, string>>,
  where: string,
): Outcome<Readonly<Record<string, bigint>>> {
  const minors: Record<string, bigint> = {};
  for (const [code, amount] of Object.entries(amounts)) {
    const currency = currencyOf(code);
    const minor = currency === null ? null : parseMinor(amount, currency);
    if (currency === null || minor === null || !minor.ok || minor.minor < 0n) {
      const decimals =
        currency === null ? "an ISO 4217 currency" : `at most ${exponentOf(currency)} decimals`;
      return refused(
        "policy-invalid",
        `${where}.${code}: "${amount}" is not an amount (${decimals}).`,
      );
    }
    minors[code] = minor.minor;
  }
  return accepted(minors);
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Payer names as they are compared: letters and digits of any script, upper case, accents dropped. */
export function normalisePayer(name: string): string {
  return name
    .normalize("NFKD")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Whether the marketplace is known to pay under this name. A name that merely begins alike is not. */
export function isKnownPayer(
  policy: Pick<Policy, "payers">,
  marketplace: string,
  name: string | null,
): boolean {
  if (name === null) return false;
  const wanted = normalisePayer(name);
  return (policy.payers[marketplace] ?? []).some((known) => normalisePayer(known) === wanted);
}
