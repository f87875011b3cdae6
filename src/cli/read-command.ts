// What all reading commands share: the store's options, one consistent moment of the database, JSON or text.

import type { Command } from "commander";
import type { Outcome } from "../errors/refusal.ts";
import { DEFAULT_TENANT } from "../runtime/channel.ts";
import type { Tx } from "../storage/database.ts";
import { type ChannelOptions, openStoreFor, withStoreOptions } from "./channel-options.ts";
import { type JsonValue, printJsonDocument } from "./json-document.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

export type Answer = {
  /** The document's fields after `version`. */
  readonly json: { readonly [name: string]: JsonValue };
  readonly text: string;
  readonly exitCode?: ExitCode;
};

export type ReadOptions = ChannelOptions & { readonly json?: boolean };

/** Adds --data, --database-url and --json. */
export function withReadOptions(command: Command): Command {
  return withStoreOptions(command).option("--json", "print one JSON document");
}

/** Opens the store, asks within one read-only moment, prints the answer and closes. */
export async function answer(
  terminal: Terminal,
  options: ReadOptions,
  ask: (at: { tx: Tx; tenantId: string }) => Promise<Outcome<Answer>>,
): Promise<ExitCode> {
  const json = options.json === true;
  const store = await openStoreFor(options, terminal);
  if (!store.ok) {
    printRefusal(terminal, store.refusal, json);
    if (store.refusal.code === "data-folder-in-use") {
      terminal.err(
        "If that is a running channel, ask it: payout, account and exception take --server and --key.\n",
      );
    }
    return 1;
  }
  try {
    const outcome = await store.value.database.transaction(
      (tx) => ask({ tx, tenantId: DEFAULT_TENANT }),
      { isolation: "repeatable read" },
    );
    if (!outcome.ok) {
      printRefusal(terminal, outcome.refusal, json);
      return 1;
    }
    return printAnswer(terminal, outcome.value, json);
  } finally {
    await store.value.close();
  }
}

export function printAnswer(terminal: Terminal, answered: Answer, json: boolean): ExitCode {
  if (json) printJsonDocument(terminal, answered.json);
  else terminal.out(`${answered.text}\n`);
  return answered.exitCode ?? 0;
}
