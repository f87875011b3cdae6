// `straitway declaration list | export | feedback`: what declares each receipt, the files that go to the authority, and its
// answers.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Declaration, loadDeclarations } from "../declaration/declaration-rows.ts";
import {
  noteFiled,
  outgoingFiles,
  readFeedback,
  takeFeedback,
} from "../declaration/file-declarations.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { DEFAULT_POLICY, type Policy, readPolicy } from "../policy/policy.ts";
import { DEFAULT_TENANT } from "../runtime/channel.ts";
import type { Store } from "../storage/store.ts";
import { civilDateIn } from "../time/instant.ts";
import type { AddCommand } from "./add-command.ts";
import { openChannelFor, openStoreFor, withStoreOptions } from "./channel-options.ts";
import type { JsonValue } from "./json-document.ts";
import {
  type Answer,
  answer,
  printAnswer,
  type ReadOptions,
  withReadOptions,
} from "./read-command.ts";
import { type ExitCode, printRefusal, type Terminal, table } from "./terminal.ts";

type Options = ReadOptions & {
  readonly policy?: string;
  readonly seller?: string;
  readonly late?: boolean;
};

const LIST_LIMIT = 10_000;
const POLICY = ["--policy <file>", "settings (JSON): the zone of business days"] as const;

export const declarationCommand: AddCommand = (program, terminal, finish) => {
  const declaration = program
    .command("declaration")
    .description("declarations of receipts (BOP): numbered, filed and answered");
  withReadOptions(declaration.command("list"))
    .description("declarations by number, with what is wrong and what is late")
    .option("--seller <id>", "only this seller's")
    .option("--late", "only those that are past their day and not filed")
    .option(...POLICY)
    .action(async (options: Options) => {
      const policy = await policyOf(options);
      if (!policy.ok) return finish(refuse(terminal, policy, options));
      const today = civilDateIn(policy.value.zone, terminal.clock.now());
      return finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const filter = { sellerId: options.seller ?? null, limit: LIST_LIMIT };
          const all = await loadDeclarations(tx, tenantId, filter, today);
          const shown = all.filter(({ isLate }) => options.late !== true || isLate);
          return accepted({
            json: { declarations: shown.map(declarationJson) },
            text: listText(shown),
          });
        }),
      );
    });
  withStoreOptions(declaration.command("prepare"))
    .description(
      "declare what is not declared yet: from before there was a profile, or when a day's numbers were used up",
    )
    .option(...POLICY)
    .option("--json", "print one JSON document")
    .action(async (options: Options) => {
      const opened = await openChannelFor(options, terminal);
      if (!opened.ok) return finish(refuse(terminal, opened, options));
      try {
        const payouts = await opened.value.declareLeft();
        const text = `${payouts} payouts with undeclared receipts were looked at.`;
        return finish(printAnswer(terminal, { json: { payouts }, text }, options.json === true));
      } finally {
        await opened.value.close();
      }
    });
  withStoreOptions(declaration.command("export"))
    .description("write what is ready as GB18030 XML files, and note that they were handed over")
    .requiredOption("--out <dir>", "folder for the files")
    .option(...POLICY)
    .option("--json", "print one JSON document")
    .action(async (options: Options & { readonly out: string }) => {
      finish(
        await withStore(terminal, options, (store, policy) =>
          exportFiles(store, policy, options.out, terminal),
        ),
      );
    });
  withStoreOptions(declaration.command("feedback"))
    .description("take the authority's answer: 00 not looked at yet, 01 taken, 02 refused")
    .argument("<file>", "the answer's file (XML, GB18030)")
    .option(...POLICY)
    .option("--json", "print one JSON document")
    .action(async (path: string, options: Options) => {
      finish(
        await withStore(terminal, options, (store, policy) =>
          takeAnswer(store, policy, path, terminal),
        ),
      );
    });
};

async function policyOf({ policy }: { readonly policy?: string }): Promise<Outcome<Policy>> {
  return policy === undefined ? accepted(DEFAULT_POLICY) : readPolicy(policy);
}

function refuse(
  terminal: Terminal,
  outcome: Outcome<unknown>,
  { json }: { readonly json?: boolean },
): ExitCode {
  if (!outcome.ok) printRefusal(terminal, outcome.refusal, json === true);
  return 1;
}

async function withStore(
  terminal: Terminal,
  options: Options,
  act: (store: Store, policy: Policy) => Promise<Outcome<Answer>>,
): Promise<ExitCode> {
  const policy = await policyOf(options);
  if (!policy.ok) return refuse(terminal, policy, options);
  const store = await openStoreFor(options, terminal);
  if (!store.ok) return refuse(terminal, store, options);
  try {
    const done = await act(store.value, policy.value);
    return done.ok
      ? printAnswer(terminal, done.value, options.json === true)
      : refuse(terminal, done, options);
  } finally {
    await store.value.close();
  }
}

/** The files are kept and written before anything is noted: a crash in between files the same again under another name. */
async function exportFiles(
  store: Store,
  policy: Policy,
  out: string,
  terminal: Terminal,
): Promise<Outcome<Answer>> {
  const now = terminal.clock.now();
  const today = civilDateIn(policy.zone, now);
  return store.database.transaction(async (tx) => {
    const files = await outgoingFiles(tx, DEFAULT_TENANT, today);
    await mkdir(out, { recursive: true });
    const kept = [];
    for (const file of files) {
      const { sha256 } = await store.rawStore.put(onePiece(file.bytes));
      await writeFile(join(out, file.name), file.bytes);
      kept.push({ ...file, sha256 });
    }
    await noteFiled(tx, DEFAULT_TENANT, kept, now);
    const told = kept.map(({ name, sha256, declarations }) => ({
      name,
      sha256,
      count: declarations.length,
    }));
    const text =
      told.length === 0
        ? "Nothing is ready to be filed."
        : table(
            ["FILE", "DECLARATIONS", "SHA-256"],
            told.map(({ name, count, sha256 }) => [name, String(count), sha256]),
            [1],
          );
    return accepted({ json: { files: told }, text });
  });
}

async function* onePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function takeAnswer(
  store: Store,
  policy: Policy,
  path: string,
  terminal: Terminal,
): Promise<Outcome<Answer>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    return refused("file-unreadable", `${path} cannot be read.`);
  }
  const read = readFeedback(bytes, basename(path));
  if (!read.ok) return read;
  const now = terminal.clock.now();
  const today = civilDateIn(policy.zone, now);
  return store.database.transaction(async (tx) => {
    const { sha256 } = await store.rawStore.put(onePiece(bytes));
    const taken = await takeFeedback(tx, DEFAULT_TENANT, read.value, { today, now, file: sha256 });
    const unknown =
      taken.unknown.length === 0
        ? ""
        : `\nNot on record, or never filed: ${taken.unknown.join(", ")}`;
    return accepted({
      json: taken,
      text: `${taken.accepted} taken, ${taken.rejected} refused, ${taken.waiting} not looked at yet.${unknown}`,
      exitCode: taken.rejected > 0 || taken.unknown.length > 0 ? 1 : 0,
    });
  });
}

function declarationJson(one: Declaration): JsonValue {
  const { base, information, faults } = one.version;
  return {
    id: one.declarationId,
    rptNo: one.rptNo,
    creditId: one.creditId,
    payoutId: one.payoutId,
    sellerId: one.sellerId,
    kind: one.kind,
    state: one.state,
    isLate: one.isLate,
    creditedOn: one.creditedOn,
    dueOn: one.dueOn,
    currency: base.txCcy,
    amount: base.txAmt.toString(),
    country: information.country,
    code: information.first.code,
    secondCode: information.second?.code ?? null,
    faults: faults.map(({ rule, field, message, source }) => ({ rule, field, message, source })),
    answer: one.answer,
  };
}

function listText(declarations: readonly Declaration[]): string {
  if (declarations.length === 0) return "No declarations.";
  return table(
    ["NUMBER", "STATE", "DUE", "AMOUNT", "CODE", "WHAT IS WRONG"],
    declarations.map(({ rptNo, state, isLate, dueOn, version, answer: said }) => [
      rptNo,
      isLate ? `${state}, late` : state,
      dueOn,
      `${version.base.txCcy} ${version.base.txAmt}`,
      version.information.first.code,
      said ?? version.faults.map(({ field, message }) => `${field}: ${message}`).join(" "),
    ]),
    [3],
  );
}
