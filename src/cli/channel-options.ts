// The options by which commands reach a channel: which folder, which database, which policy.

import { type Command, Option } from "commander";
import { accepted, type Outcome } from "../errors/refusal.ts";
import { DEFAULT_POLICY, readPolicy } from "../policy/policy.ts";
import { type Channel, openChannel } from "../runtime/channel.ts";
import { openStore, type Store } from "../storage/store.ts";
import type { Terminal } from "./terminal.ts";

export const DATA_DIR_DEFAULT = "straitway-data";

export type ChannelOptions = {
  readonly data: string;
  readonly databaseUrl?: string;
  readonly policy?: string;
};

/** Adds --data and --database-url; STRAITWAY_DATA and DATABASE_URL stand in for them. */
export function withStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--data <dir>", "folder for the books, the raw files and the embedded PostgreSQL")
        .default(DATA_DIR_DEFAULT)
        .env("STRAITWAY_DATA"),
    )
    .addOption(
      new Option(
        "--database-url <url>",
        "use this PostgreSQL (15 or later) instead of the embedded one",
      ).env("DATABASE_URL"),
    );
}

/** Opens the store for reading and the last-resort stop for it. */
export async function openStoreFor(
  options: ChannelOptions,
  terminal: Terminal,
): Promise<Outcome<Store>> {
  const opened = await openStore({
    dataDir: options.data,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    clock: terminal.clock,
  });
  if (opened.ok && opened.value.notice !== null) terminal.err(`${opened.value.notice}\n`);
  return opened.ok ? accepted(stoppedWithProcess(opened.value)) : opened;
}

/** Opens the store and the channel on it: takes the ledger's lease and carries on what a crash left. */
export async function openChannelFor(
  options: ChannelOptions,
  terminal: Terminal,
): Promise<Outcome<Channel>> {
  const policy =
    options.policy === undefined ? accepted(DEFAULT_POLICY) : await readPolicy(options.policy);
  if (!policy.ok) return policy;
  const store = await openStoreFor(options, terminal);
  if (!store.ok) return store;
  try {
    const channel = await openChannel(store.value, {
      policy: policy.value,
      clock: terminal.clock,
      isOwnDatabase: options.databaseUrl === undefined,
    });
    for (const file of channel.recovered) {
      terminal.err(`carried on after an interruption: ${file.name} (${file.outcome})\n`);
    }
    return accepted(channel);
  } catch (error) {
    await store.value.close();
    throw error;
  }
}

/**
 * Ctrl-C and SIGTERM let go of the folder and stop the embedded PostgreSQL, as long as the store is open. What was
 * under way is not committed and is carried on at the next start.
 */
function stoppedWithProcess(store: Store): Store {
  const letGo = () => store.killNow();
  const onSignal = (signal: NodeJS.Signals) => {
    store.killNow();
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  process.once("exit", letGo);
  return {
    ...store,
    close: async () => {
      await store.close();
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.off("exit", letGo);
    },
  };
}
