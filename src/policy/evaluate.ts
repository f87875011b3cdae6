// Packs over facts: what every rule says of every credit of a payout, with the facts it looked at. A pure function as of
// the day of business; what becomes of the verdicts is the caller's (src/release turns holds into complaints).

import { addWeekdays, type CivilDate } from "../time/instant.ts";
import type { Pack, Rule } from "./pack.ts";
import { RULE_FACTS, type RuleFacts } from "./rule-facts.ts";

export type VerdictOutcome =
  /** Its condition is not true. */
  | "silent"
  /** Its condition is true, and its effect follows. */
  | "speaks"
  /** Its condition is true, and a rule of another pack lets it say nothing. */
  | "relaxed"
  /** It could not be computed: a person must look, and the money waits. */
  | "failed";

export type LookedAt = { readonly fact: string; readonly value: string };

export type Verdict = {
  readonly rule: Rule;
  readonly outcome: VerdictOutcome;
  /** Whose money: the credit; null: the payout as a whole. */
  readonly creditId: string | null;
  readonly lookedAt: readonly LookedAt[];
  /** What it holds, minor units of the credit's currency; null: all that waits, or it holds nothing. */
  readonly amountMinor: bigint | null;
  readonly message: string;
  readonly messageZh: string;
  /** Until when it is due; null: no day. */
  readonly dueOn: CivilDate | null;
  /** The rule that relaxed it. */
  readonly relaxedBy: string | null;
  /** Why it failed; null: it did not. */
  readonly failure: string | null;
};

/** Adds working days; the calendar that knows holidays, or weekdays alone. */
export type DueDay = (from: CivilDate, count: number) => CivilDate;

/**
 * What the packs say. `cases` are the credits of one payout, oldest first; a rule about the payout is asked once, of the
 * latest. A pack speaks where the day of business lies within its dates and `applies` is true.
 */
export function evaluatePacks(
  packs: readonly Pack[],
  cases: readonly RuleFacts[],
  dueDay: DueDay = addWeekdays,
): readonly Verdict[] {
  const latest = cases.at(-1);
  if (latest === undefined) return [];
  const verdicts = packs.flatMap((pack) =>
    pack.rules.flatMap((rule) => {
      const asked = rule.about === "credit" ? cases : [latest];
      return asked
        .filter((facts) => isInForce(pack, facts))
        .map((facts) => verdictOf(rule, facts, dueDay));
    }),
  );
  return verdicts.map((verdict) => relaxed(verdict, verdicts));
}

/** The day of business: the credit's, else today. */
export function businessDay(facts: RuleFacts): string {
  return facts.credit.bookedOn === "" ? facts.today : facts.credit.bookedOn;
}

export function isInForce(pack: Pack, facts: RuleFacts): boolean {
  const day = businessDay(facts);
  if (day < pack.effectiveFrom) return false;
  if (pack.effectiveTo !== null && day > pack.effectiveTo) return false;
  return attempt(() => pack.applies.evaluate(facts)) === true;
}

function verdictOf(rule: Rule, facts: RuleFacts, dueDay: DueDay): Verdict {
  const asked = {
    rule,
    creditId: rule.about === "credit" ? facts.credit.id : null,
    lookedAt: lookedAt(rule, facts),
    amountMinor: null,
    message: "",
    messageZh: "",
    dueOn: null,
    relaxedBy: null,
    failure: null,
  };
  try {
    if (!rule.when.evaluate(facts)) return { ...asked, outcome: "silent" };
    const from = rule.effect === "require-report" ? businessDay(facts) : facts.today;
    const { dueWeekdays } = rule;
    return {
      ...asked,
      outcome: "speaks",
      amountMinor: rule.amount?.evaluate(facts) ?? null,
      message: rule.sentence?.en.evaluate(facts) ?? "",
      messageZh: rule.sentence?.zh.evaluate(facts) ?? "",
      dueOn: dueWeekdays === null ? null : dueDay(from as CivilDate, dueWeekdays),
    };
  } catch (error) {
    const failure = (error as Error).message.split("\n")[0] ?? "";
    return { ...asked, outcome: "failed", failure };
  }
}

/** A rule that speaks of the same money and names this one lets it say nothing; one that relaxes is never relaxed. */
function relaxed(verdict: Verdict, all: readonly Verdict[]): Verdict {
  if (verdict.outcome !== "speaks" || verdict.rule.effect === "relax") return verdict;
  const by = all.find(
    (other) =>
      other.outcome === "speaks" &&
      other.rule.effect === "relax" &&
      other.rule.relaxes.includes(verdict.rule.ref) &&
      (other.creditId === null || verdict.creditId === null || other.creditId === verdict.creditId),
  );
  return by === undefined ? verdict : { ...verdict, outcome: "relaxed", relaxedBy: by.rule.ref };
}

/** The facts that the rule's condition and amount look at, as people read them. */
function lookedAt(rule: Rule, facts: RuleFacts): readonly LookedAt[] {
  const names = new Set([...rule.when.looksAt, ...(rule.amount?.looksAt ?? [])]);
  return [...names].sort().map((fact) => ({ fact, value: shownFact(facts, fact) }));
}

/** A fact by its path ("seller.class"), as text; lists of records as their fields in order. */
export function shownFact(facts: RuleFacts, path: string): string {
  if (path === "today") return facts.today;
  const [group = "", field = ""] = path.split(".");
  if (!Object.hasOwn(RULE_FACTS, group)) return "";
  return shown((facts as unknown as Record<string, Record<string, unknown>>)[group]?.[field]);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "object" && value !== null) return Object.values(value).map(shown).join(" ");
  return `${(value ?? "") as string | bigint | boolean}`;
}

function attempt<Value>(compute: () => Value): Value | null {
  try {
    return compute();
  } catch {
    return null;
  }
}
