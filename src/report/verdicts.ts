// What the packs in force say of payouts: explained with facts, rules and sources; and rehearsed with another pack, to
// see what would be decided otherwise.

import { formatMinor } from "../money/money.ts";
import { shownFact, type Verdict } from "../policy/evaluate.ts";
import type { Pack } from "../policy/pack.ts";
import type { Policy } from "../policy/policy.ts";
import { RULE_FACTS } from "../policy/rule-facts.ts";
import type { RuleSource } from "../policy/rule-source.ts";
import { type Complaint, complaintsOf, type ReleaseFacts } from "../release/decide-release.ts";
import { loadReleaseFacts } from "../release/release-facts.ts";
import { complaintsOfVerdicts, judgePayouts, loadCases } from "../release/ruled.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate } from "../time/instant.ts";

export type ExplainedVerdict = {
  readonly rule: string;
  readonly title: Verdict["rule"]["title"];
  readonly effect: Verdict["rule"]["effect"];
  readonly outcome: Verdict["outcome"];
  readonly creditId: string | null;
  readonly lookedAt: Verdict["lookedAt"];
  /** What it holds, exact, in the credit's currency; null: all that waits, or it holds nothing. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly message: string;
  readonly messageZh: string;
  readonly dueOn: CivilDate | null;
  readonly relaxedBy: string | null;
  readonly failure: string | null;
  readonly source: RuleSource;
};

export type Explanation = {
  readonly payoutId: string;
  readonly packs: readonly Pick<
    Pack,
    "id" | "version" | "title" | "effectiveFrom" | "effectiveTo" | "sha256"
  >[];
  /** Rules of the channel itself that hold it. */
  readonly own: readonly Pick<Complaint, "code" | "message">[];
  readonly verdicts: readonly ExplainedVerdict[];
  /** Everything that a rule could look at, of the latest credit. */
  readonly facts: readonly {
    readonly fact: string;
    readonly meaning: string;
    readonly value: string;
  }[];
};

type At = { readonly policy: Policy; readonly today: CivilDate };

/** Null: there is no such payout. */
export async function explainPayout(
  tx: Tx,
  tenantId: string,
  payoutId: string,
  { policy, today }: At,
): Promise<Explanation | null> {
  const [facts] = await loadReleaseFacts(tx, tenantId, [payoutId]);
  if (facts === undefined) return null;
  const verdicts =
    (await judgePayouts(tx, tenantId, [facts], { policy, today })).get(facts.payoutId) ?? [];
  const cases = await loadCases(tx, tenantId, [facts], policy, today);
  const latest = cases.get(facts.payoutId)?.at(-1);
  return {
    payoutId: facts.payoutId,
    packs: policy.packs.map(({ id, version, title, effectiveFrom, effectiveTo, sha256 }) => ({
      id,
      version,
      title,
      effectiveFrom,
      effectiveTo,
      sha256,
    })),
    own: complaintsOf(facts, policy).map(({ code, message }) => ({ code, message })),
    verdicts: verdicts.map((verdict) => explained(verdict, facts)),
    facts:
      latest === undefined
        ? []
        : Object.entries(RULE_FACTS).flatMap(([group, fields]) =>
            Object.entries(fields).map(([field, [, meaning]]) => ({
              fact: `${group}.${field}`,
              meaning,
              value: shownFact(latest, `${group}.${field}`),
            })),
          ),
  };
}

function explained(verdict: Verdict, facts: ReleaseFacts): ExplainedVerdict {
  const { rule, amountMinor } = verdict;
  const currency = facts.matches[0]?.currency ?? facts.currency;
  return {
    rule: rule.ref,
    title: rule.title,
    effect: rule.effect,
    outcome: verdict.outcome,
    creditId: verdict.creditId,
    lookedAt: verdict.lookedAt,
    amount: amountMinor === null ? null : formatMinor(amountMinor, currency),
    currency: amountMinor === null ? null : currency,
    message: verdict.message,
    messageZh: verdict.messageZh,
    dueOn: verdict.dueOn,
    relaxedBy: verdict.relaxedBy,
    failure: verdict.failure,
    source: rule.source,
  };
}

export type Rehearsed = {
  readonly payoutId: string;
  readonly reference: string;
  /** Codes that the packs would hold it by now, and with the pack beside them. */
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** Payouts looked at together. */
const REHEARSED_AT_ONCE = 500;

/**
 * Rehearses a pack over the payouts on record, released ones too: which would have been decided otherwise, had the pack
 * been in force beside or in place of the one with its id. Nothing is changed.
 */
export async function rehearsePack(
  tx: Tx,
  tenantId: string,
  pack: Pack,
  { policy, today }: At,
): Promise<{ readonly payouts: number; readonly otherwise: readonly Rehearsed[] }> {
  const packs = [...policy.packs.filter(({ id }) => id !== pack.id), pack];
  const changed = { policy: { ...policy, packs }, today };
  const otherwise: Rehearsed[] = [];
  let payouts = 0;
  let after = "";
  for (;;) {
    const page = await tx.query<{ payout_id: string }>(
      `SELECT payout_id FROM payout WHERE tenant_id = $1 AND merged_into IS NULL AND payout_id > $2
        ORDER BY payout_id LIMIT ${REHEARSED_AT_ONCE}`,
      [tenantId, after],
    );
    if (page.length === 0) return { payouts, otherwise };
    payouts += page.length;
    after = page.at(-1)?.payout_id ?? after;
    const facts = await loadReleaseFacts(
      tx,
      tenantId,
      page.map((row) => row.payout_id),
    );
    const now = await judgePayouts(tx, tenantId, facts, { policy, today });
    const then = await judgePayouts(tx, tenantId, facts, changed);
    for (const { payoutId, reference } of facts) {
      const codes = [now, then].map((verdicts) => codesOf(verdicts.get(payoutId) ?? []));
      const [held = [], wouldBe = []] = codes;
      if (held.join() !== wouldBe.join())
        otherwise.push({ payoutId, reference, before: held, after: wouldBe });
    }
  }
}

function codesOf(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(complaintsOfVerdicts(verdicts).map(({ code }) => code))].sort();
}
