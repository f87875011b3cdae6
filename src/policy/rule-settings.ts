// Amounts and choices that rules of packs look at: each a named setting, because the rule behind it is unsure or is the
// bank's to choose.

import { z } from "zod";

export type RuleSettings = {
  /**
   * Do receipts of class B wait in the account pending verification? Huifa [2019] 28 leaves the account to the
   * enterprise; whether that holds for class B is not certain, hence a setting.
   */
  readonly pendingAccount: boolean;
  /** Whole US dollars a calendar year up to which a small seller needs no directory entry (Huifa [2020] 11, Q&A). */
  readonly smallSellerLineUsd: number;
  /** Whole US dollars where the authority's early warning begins (same). */
  readonly smallSellerWarningUsd: number;
  /** Whole US dollars above which one receipt is reported as large; the figure is not certain. */
  readonly largeValueUsd: number;
};

export const DEFAULT_RULE_SETTINGS: RuleSettings = {
  pendingAccount: true,
  smallSellerLineUsd: 200_000,
  smallSellerWarningUsd: 180_000,
  largeValueUsd: 30_000_000,
};

const wholeUsd = z.int().min(0).max(1_000_000_000_000);

/** The piece of a policy file. */
export const ruleSettingsFile = z.strictObject({
  pendingAccount: z.boolean().optional(),
  smallSellerLineUsd: wholeUsd.optional(),
  smallSellerWarningUsd: wholeUsd.optional(),
  largeValueUsd: wholeUsd.optional(),
});

export function ruleSettingsOf(file: z.output<typeof ruleSettingsFile>): RuleSettings {
  const named = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined));
  return { ...DEFAULT_RULE_SETTINGS, ...named };
}
