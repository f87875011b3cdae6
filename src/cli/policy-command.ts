// `straitway policy list | check | explain | dry-run`: the packs of rules, what they say of a payout and why, and what
// another pack would have decided.

import type { Command } from "commander";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Pack } from "../policy/pack.ts";
import { DEFAULT_POLICY, type Policy, readPolicy } from "../policy/policy.ts";
import { readPack, shippedPackIds } from "../policy/read-packs.ts";
import { findPayout } from "../report/payout-view.ts";
import {
  type ExplainedVerdict,
  type Explanation,
  explainPayout,
  type Rehearsed,
  rehearsePack,
} from "../report/verdicts.ts";
import { civilDateIn } from "../time/instant.ts";
import type { AddCommand } from "./add-command.ts";
import { printJsonDocument } from "./json-document.ts";
import { answer, printAnswer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { printRefusal, type Terminal, table } from "./terminal.ts";

type Adding = (policy: Command, terminal: Terminal, finish: Parameters<AddCommand>[2]) => void;
type PolicyOptions = ReadOptions & { readonly policy?: string };

const POLICY_OPTION = [
  "--policy <file>",
  "settings of matching and release (JSON), with the packs in force",
] as const;

export const policyCommand: AddCommand = (program, terminal, finish) => {
  const policy = program
    .command("policy")
    .description("rules as data: packs, what they say and why");
  addList(policy, terminal, finish);
  addCheck(policy, terminal, finish);
  addExplain(policy, terminal, finish);
  addRehearsal(policy, terminal, finish);
};

const addList: Adding = (policy, terminal, finish) => {
  policy
    .command("list")
    .description("the packs that come with the program, with their rules and sources")
    .option("--json", "print one JSON document")
    .action((options: { json?: boolean }) => {
      const packs = shippedPackIds().map((id) => readPack(id, "."));
      const broken = packs.find((pack) => !pack.ok);
      if (broken !== undefined && !broken.ok) {
        printRefusal(terminal, broken.refusal, options.json === true);
        finish(1);
        return;
      }
      const read = packs.flatMap((pack) => (pack.ok ? [pack.value] : []));
      finish(
        printAnswer(
          terminal,
          { json: { packs: read.map(packJson) }, text: read.map(packText).join("\n\n") },
          options.json === true,
        ),
      );
    });
};

function packJson({ id, version, title, region, effectiveFrom, effectiveTo, sha256, rules }: Pack) {
  return {
    id,
    version,
    title,
    region,
    effectiveFrom,
    effectiveTo,
    sha256,
    rules: rules.map((rule) => ({
      rule: rule.ref,
      title: rule.title,
      effect: rule.effect,
      when: rule.when.text,
      source: rule.source,
    })),
  };
}

function packText(pack: Pack): string {
  const until = pack.effectiveTo === null ? "" : ` until ${pack.effectiveTo}`;
  const rows = pack.rules.map(({ id, effect, source, title }) => [
    id,
    effect,
    [source.notice, source.article].filter((part) => part !== null).join(", "),
    source.confidence,
    title.en,
  ]);
  return `${pack.id} (version ${pack.version}, from ${pack.effectiveFrom}${until}): ${pack.title.en}\n${table(["RULE", "EFFECT", "SOURCE", "SURE", "SAYS"], rows)}`;
}

const addCheck: Adding = (policy, terminal, finish) => {
  policy
    .command("check")
    .description("read a pack or a policy file and say what is wrong with it")
    .argument("<file>", "a pack or a policy file (JSON), or the id of a shipped pack")
    .option("--json", "print one JSON document")
    .action(async (path: string, options: { json?: boolean }) => {
      const pack = readPack(path, ".");
      const read = pack.ok ? accepted(null) : await readPolicy(path);
      if (!pack.ok && !read.ok) {
        // What it seems to be decides which fault is told.
        const isPack =
          pack.refusal.code !== "pack-unknown" && /"rules"/.test(pack.refusal.message + path);
        printRefusal(terminal, isPack ? pack.refusal : read.refusal, options.json === true);
        finish(1);
        return;
      }
      if (options.json === true)
        printJsonDocument(terminal, { ok: true, kind: pack.ok ? "pack" : "policy" });
      else
        terminal.out(
          `${path}: a ${pack.ok ? `pack of ${pack.value.rules.length} rules` : "policy"}, nothing wrong.\n`,
        );
      finish(0);
    });
};

const addExplain: Adding = (policy, terminal, finish) => {
  withReadOptions(policy.command("explain"))
    .description("facts, rules, sources and verdicts of one payout")
    .argument("<payout>", "its id or the marketplace's reference")
    .option(...POLICY_OPTION)
    .action(async (wanted: string, options: PolicyOptions) => {
      const read = await policyOf(options);
      if (!read.ok) {
        printRefusal(terminal, read.refusal, options.json === true);
        finish(1);
        return;
      }
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const [payoutId, another] = await findPayout(tx, tenantId, wanted);
          if (payoutId === undefined)
            return refused("payout-unknown", `There is no payout ${wanted}.`);
          if (another !== undefined)
            return refused(
              "payout-ambiguous",
              `Several payouts have the reference ${wanted}: name the id.`,
            );
          const today = civilDateIn(read.value.zone, terminal.clock.now());
          const at = { policy: read.value, today };
          const explanation = await explainPayout(tx, tenantId, payoutId, at);
          if (explanation === null)
            return refused("payout-unknown", `There is no payout ${wanted}.`);
          return accepted({ json: explanation, text: explanationText(explanation) });
        }),
      );
    });
};

const addRehearsal: Adding = (policy, terminal, finish) => {
  withReadOptions(policy.command("dry-run"))
    .description(
      "what a pack would have decided otherwise over the payouts on record; changes nothing",
    )
    .argument("<pack>", "the id of a shipped pack, or the path of a pack file")
    .option(...POLICY_OPTION)
    .action(async (name: string, options: PolicyOptions) => {
      const read = await policyOf(options);
      const pack = readPack(name, ".");
      const wrong = read.ok ? (pack.ok ? null : pack.refusal) : read.refusal;
      if (wrong !== null || !read.ok || !pack.ok) {
        if (wrong !== null) printRefusal(terminal, wrong, options.json === true);
        finish(1);
        return;
      }
      const today = civilDateIn(read.value.zone, terminal.clock.now());
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const result = await rehearsePack(tx, tenantId, pack.value, {
            policy: read.value,
            today,
          });
          return accepted({ json: result, text: rehearsalText(result.payouts, result.otherwise) });
        }),
      );
    });
};

async function policyOf({ policy }: { readonly policy?: string }): Promise<Outcome<Policy>> {
  return policy === undefined ? accepted(DEFAULT_POLICY) : readPolicy(policy);
}

function explanationText({ payoutId, packs, own, verdicts, facts }: Explanation): string {
  const inForce = packs.map(({ id, version }) => `${id} (version ${version})`).join(", ");
  return [
    `Payout ${payoutId}`,
    `Packs in force: ${inForce === "" ? "none; name them in the policy (packs)" : inForce}`,
    "",
    "The channel's own rules:",
    ...(own.length === 0
      ? ["  say nothing"]
      : own.map(({ code, message }) => `  ${code}: ${message}`)),
    ...verdicts.flatMap((verdict) => ["", ...verdictLines(verdict)]),
    "",
    table(
      ["FACT", "VALUE"],
      facts.map(({ fact, value }) => [fact, value === "" ? "-" : value]),
    ),
  ].join("\n");
}

function verdictLines(verdict: ExplainedVerdict): readonly string[] {
  const {
    rule,
    effect,
    outcome,
    source,
    lookedAt,
    message,
    relaxedBy,
    failure,
    amount,
    currency,
    dueOn,
  } = verdict;
  const said = {
    silent: "says nothing",
    speaks: effect,
    relaxed: `relaxed by ${relaxedBy}`,
    failed: `cannot be computed: ${failure}`,
  }[outcome];
  return [
    `${rule}: ${said}${amount === null ? "" : ` ${currency} ${amount}`}${dueOn === null ? "" : `, by ${dueOn}`}`,
    ...(message === "" ? [] : [`  ${message}`]),
    `  looked at: ${lookedAt.map(({ fact, value }) => `${fact} = ${value === "" ? "-" : value}`).join("; ")}`,
    `  source: ${[source.notice, source.article, source.url].filter((part) => part !== null).join(", ")} (${source.confidence})`,
    `  "${source.quote}"`,
  ];
}

function rehearsalText(payouts: number, otherwise: readonly Rehearsed[]): string {
  if (otherwise.length === 0) return `${payouts} payouts: each would have been decided as it is.`;
  const rows = otherwise.map(({ reference, payoutId, before, after }) => [
    reference,
    payoutId,
    before.join(", ") || "-",
    after.join(", ") || "-",
  ]);
  return `${payouts} payouts, ${otherwise.length} of them otherwise:\n${table(["REFERENCE", "PAYOUT", "HELD BY PACKS NOW", "WITH THE PACK"], rows)}`;
}
