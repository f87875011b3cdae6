// A rule pack: rules as data with their region, dates and sources. Read strictly: an unknown key, an expression that
// names what is no fact, or a rule without a source is an error of the pack (docs/reference/rule-packs.md).

import { z } from "zod";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { parseCivilDate } from "../time/instant.ts";
import { type Expression, parseExpression, parseSentence } from "./rule-language.ts";
import { type RuleSource, ruleSource } from "./rule-source.ts";

export const PACK_RULES_MAX = 200;

const idText = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "use a-z, 0-9 and hyphens")
  .max(60);
const expressionText = z.string().min(1).max(1_000);
const sentenceText = z.string().min(1).max(600);
const dayText = z.string().refine((text) => parseCivilDate(text) !== null, "not a date");
const bothLanguages = z.strictObject({ en: sentenceText, zh: sentenceText });

export const HOLD_OWNERS = ["seller", "operator", "bank", "marketplace"] as const;

/**
 * What a rule does where its condition is true: `hold` money until something is brought; `refuse` it, which nobody
 * waives; `warn`; `require-report`, a duty with a day; `relax`, let the named rules of other packs say nothing.
 */
export const RULE_EFFECTS = ["hold", "refuse", "warn", "require-report", "relax"] as const;
export type RuleEffect = (typeof RULE_EFFECTS)[number];

/** Asked of each credit, or of the payout as a whole, as of its latest credit. */
export const RULE_SUBJECTS = ["credit", "payout"] as const;

const ruleFile = z.strictObject({
  id: idText,
  title: bothLanguages,
  about: z.enum(RULE_SUBJECTS),
  when: expressionText,
  effect: z.enum(RULE_EFFECTS),
  /** The hold's code, the warning's or the duty's; unique among all packs in force. */
  code: idText.optional(),
  /** What it holds, in minor units of the credit's currency; absent: all that waits. */
  amount: expressionText.optional(),
  sentence: bothLanguages.optional(),
  papers: z.array(bothLanguages).max(20).optional(),
  owner: z.enum(HOLD_OWNERS).optional(),
  /** Working days until the hold or the duty is due, from the day of decision (hold) or of the credit (duty). */
  dueWeekdays: z.int().min(0).max(250).optional(),
  consequence: bothLanguages.optional(),
  /** Of `relax`: the rules that say nothing then, as "pack/rule". */
  relaxes: z
    .array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/))
    .max(50)
    .optional(),
  source: ruleSource,
});

const packFile = z.strictObject({
  id: idText,
  version: z.int().min(1),
  title: bothLanguages,
  /** Where it applies, for people: "cn", "cn-chongqing". Whether it applies is `applies`. */
  region: z.string().min(1).max(40),
  effectiveFrom: dayText,
  /** The last day; null: until further notice. */
  effectiveTo: dayText.nullable(),
  /** To whom: asked of the facts of each credit. */
  applies: expressionText,
  rules: z.array(ruleFile).min(1).max(PACK_RULES_MAX),
});

export type RuleFile = z.output<typeof ruleFile>;

export type BothLanguages = { readonly en: string; readonly zh: string };

export type Rule = {
  /** "pack/rule". */
  readonly ref: string;
  readonly packId: string;
  readonly id: string;
  readonly title: BothLanguages;
  readonly about: (typeof RULE_SUBJECTS)[number];
  readonly effect: RuleEffect;
  readonly code: string;
  readonly when: Expression<boolean>;
  readonly amount: Expression<bigint> | null;
  readonly sentence: { readonly en: Expression<string>; readonly zh: Expression<string> } | null;
  readonly papers: readonly BothLanguages[];
  readonly owner: (typeof HOLD_OWNERS)[number];
  readonly dueWeekdays: number | null;
  readonly consequence: BothLanguages;
  readonly relaxes: readonly string[];
  readonly source: RuleSource;
};

export type Pack = {
  readonly id: string;
  readonly version: number;
  readonly title: BothLanguages;
  readonly region: string;
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly applies: Expression<boolean>;
  readonly rules: readonly Rule[];
  /** SHA-256 of the file, hexadecimal: which text it was. */
  readonly sha256: string;
};

/** Reads a pack. Refused, `pack-not-json` or `pack-invalid`, with the place in the file. */
export function parsePack(text: string, path: string, sha256: string): Outcome<Pack> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refused("pack-not-json", `${path} is not JSON: ${(error as Error).message}`);
  }
  const parsed = packFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return invalid(path, issue?.path.join(".") || "the file", issue?.message ?? "not a pack");
  }
  const file = parsed.data;
  if (file.effectiveTo !== null && file.effectiveTo < file.effectiveFrom)
    return invalid(path, "effectiveTo", "it ends before it begins");
  const applies = parseExpression(file.applies, "bool");
  if (!applies.ok) return invalid(path, "applies", applies.refusal.message);
  const rules: Rule[] = [];
  for (const [index, rule] of file.rules.entries()) {
    const read = readRule(rule, file.id, `${path}: rules.${index} (${rule.id})`);
    if (!read.ok) return read;
    if (rules.some((other) => other.id === rule.id))
      return invalid(path, `rules.${index}`, `"${rule.id}" is there twice`);
    rules.push(read.value);
  }
  return accepted({ ...file, applies: applies.value, rules, sha256 });
}

function readRule(file: RuleFile, packId: string, where: string): Outcome<Rule> {
  const missing = missingOf(file);
  if (missing !== null) return refused("pack-invalid", `${where}: ${missing}`);
  const when = parseExpression(file.when, "bool");
  if (!when.ok) return refused("pack-invalid", `${where}.when: ${when.refusal.message}`);
  const amount = file.amount === undefined ? null : parseExpression(file.amount, "int");
  if (amount !== null && !amount.ok)
    return refused("pack-invalid", `${where}.amount: ${amount.refusal.message}`);
  const sentence = file.sentence === undefined ? accepted(null) : readSentence(file.sentence);
  if (!sentence.ok)
    return refused("pack-invalid", `${where}.sentence: ${sentence.refusal.message}`);
  const { id, title, about, effect, source } = file;
  return accepted({
    ref: `${packId}/${id}`,
    packId,
    id,
    title,
    about,
    effect,
    code: file.code ?? id,
    when: when.value,
    amount: amount === null ? null : amount.value,
    sentence: sentence.value,
    papers: file.papers ?? [],
    owner: file.owner ?? "operator",
    dueWeekdays: file.dueWeekdays ?? null,
    consequence: file.consequence ?? { en: "", zh: "" },
    relaxes: file.relaxes ?? [],
    source,
  });
}

/** What the effect needs and the rule does not say, or null. */
function missingOf(file: RuleFile): string | null {
  if (file.effect === "relax")
    return file.relaxes === undefined ? "a rule that relaxes names the rules (relaxes)" : null;
  if (file.relaxes !== undefined) return `"relaxes" is for the effect "relax" only`;
  if (file.sentence === undefined) return "it needs a sentence";
  if (file.consequence === undefined) return "it needs a consequence: what happens then";
  const isHold = file.effect === "hold" || file.effect === "refuse";
  if (isHold && file.owner === undefined) return "a hold needs an owner";
  if (isHold && file.papers === undefined) return "a hold names the papers that lift it";
  if (!isHold && file.amount !== undefined) return `"amount" is for holds only`;
  if (file.effect === "require-report" && file.dueWeekdays === undefined)
    return "a report needs a day (dueWeekdays)";
  return null;
}

function readSentence(text: BothLanguages): Outcome<Rule["sentence"]> {
  const en = parseSentence(text.en);
  if (!en.ok) return en;
  const zh = parseSentence(text.zh);
  return zh.ok ? accepted({ en: en.value, zh: zh.value }) : zh;
}

function invalid(path: string, where: string, what: string): Outcome<never> {
  return refused("pack-invalid", `${path}: ${where}: ${what}`);
}
