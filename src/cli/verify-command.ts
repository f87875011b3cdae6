// `straitway verify`: reads every stored file again and recomputes everything that follows from it.

import type { Outcome } from "../errors/refusal.ts";
import { accepted } from "../errors/refusal.ts";
import { DEFAULT_POLICY, readPolicy } from "../policy/policy.ts";
import type { Verification } from "../report/verify/verification.ts";
import { verifyChannel } from "../report/verify/verify-channel.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../runtime/channel.ts";
import { readFileContent } from "../runtime/read-file.ts";
import type { AddCommand } from "./add-command.ts";
import { openStoreFor } from "./channel-options.ts";
import { printJsonDocument } from "./json-document.ts";
import { type ReadOptions, withReadOptions } from "./read-command.ts";
import { printRefusal, safeText, type Terminal, table } from "./terminal.ts";

const HELP = `
Each check has its own source of truth: the bytes of the raw files, the readers, the rules of matching and release,
and the ledger's hash chain. Nothing is changed. Exit code 0: everything agrees; 1: something differs, and each
difference is named with its row, what is expected and what is found.

Give the policy that the channel settles with, if it has one: releases and holds are decided anew by it.

Examples:
  straitway verify
  straitway verify --data books --policy policy.json
  straitway verify --json | jq '.findings[] | {check, subject, expected, found}'`;

export const verifyCommand: AddCommand = (program, terminal, finish) => {
  withReadOptions(program.command("verify"))
    .description("read every stored file again and recompute the books from it")
    .option("--policy <file>", "settings of matching and release (JSON)")
    .addHelpText("after", HELP)
    .action(async (options: ReadOptions) => {
      const json = options.json === true;
      const verified = await verifyStore(options, terminal);
      if (!verified.ok) {
        printRefusal(terminal, verified.refusal, json);
        finish(1);
        return;
      }
      if (json) printJsonDocument(terminal, verified.value);
      else terminal.out(`${textOf(verified.value)}\n`);
      finish(verified.value.ok ? 0 : 1);
    });
};

async function verifyStore(
  options: ReadOptions,
  terminal: Terminal,
): Promise<Outcome<Verification>> {
  const policy =
    options.policy === undefined ? accepted(DEFAULT_POLICY) : await readPolicy(options.policy);
  if (!policy.ok) return policy;
  const opened = await openStoreFor(options, terminal);
  if (!opened.ok) return opened;
  const store = opened.value;
  try {
    const verification = await verifyChannel({
      database: store.database,
      rawStore: store.rawStore,
      readFacts: readFileContent,
      policy: policy.value,
      scope: { tenantId: DEFAULT_TENANT, partition: DEFAULT_PARTITION },
      now: terminal.clock.now(),
      onPart: (part) => {
        if (terminal.isInteractive) terminal.err(`\r\u001b[Kverifying: ${part}`);
      },
    });
    if (terminal.isInteractive) terminal.err("\r\u001b[K");
    return accepted(verification);
  } finally {
    await store.close();
  }
}

function textOf(verification: Verification): string {
  const checks = table(
    ["check", "", "compared"],
    verification.checks.map(({ name, ok, detail }) => [name, ok ? "ok" : "DIFFERS", detail]),
  );
  const findings = verification.findings.map(({ check, subject, message, expected, found }) => {
    const values = [
      expected === null ? null : `expected ${expected}`,
      found === null ? null : `found ${found}`,
    ].filter((value) => value !== null);
    const tail = values.length === 0 ? "" : `\n    ${safeText(values.join("; "))}`;
    return safeText(`${check}: ${subject}: ${message}`) + tail;
  });
  const notes = verification.notes.map(({ subject, message }) =>
    safeText(`told: ${subject}: ${message}`),
  );
  const more = verification.findingCount - verification.findings.length;
  const verdict = verification.ok
    ? "Everything on record agrees with the files and with the ledger."
    : `${verification.findingCount} differences${more > 0 ? `; ${more} more are not shown` : ""}.`;
  return [checks, ...(findings.length > 0 ? ["", ...findings] : []), ...notes, "", verdict].join(
    "\n",
  );
}
