// Reading commands that ask a running channel instead of opening its folder: --server and --key.

import { type Command, Option } from "commander";
import { ApiRefusal, type Client, createClient, ServerUnreachable } from "../api/client/client.ts";
import { type Outcome, type Refusal, refused } from "../errors/refusal.ts";
import { HOST_DEFAULT, PORT_DEFAULT } from "../runtime/config.ts";
import { type Answer, printAnswer } from "./read-command.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

export const SERVER_DEFAULT = `http://${HOST_DEFAULT}:${PORT_DEFAULT}`;

export type ServerOptions = {
  /** True: the default address. */
  readonly server?: string | true;
  readonly key?: string;
  readonly json?: boolean;
};

/** Adds --server and --key to a command that can ask either way. */
export function withServerOptions(command: Command): Command {
  return command
    .option(
      "--server [url]",
      `ask the channel that runs there instead of opening the folder (${SERVER_DEFAULT} when no address is given)`,
    )
    .addOption(new Option("--key <key>", "API key for --server").env("STRAITWAY_API_KEY"));
}

/** Asks the server, prints the answer; what it refuses is printed in its words. */
export async function answerFromServer(
  terminal: Terminal,
  options: ServerOptions & { readonly server: string | true },
  ask: (client: Client) => Promise<Answer>,
): Promise<ExitCode> {
  const json = options.json === true;
  const baseUrl = options.server === true ? SERVER_DEFAULT : options.server;
  const outcome = await asking(baseUrl, options.key ?? null, ask);
  if (!outcome.ok) {
    printRefusal(terminal, outcome.refusal, json);
    return 1;
  }
  return printAnswer(terminal, outcome.value, json);
}

/** Runs work with a client of the server; what the server refuses becomes a refusal. */
export async function asking<Value>(
  baseUrl: string,
  key: string | null,
  ask: (client: Client) => Promise<Value>,
): Promise<Outcome<Value>> {
  if (!URL.canParse(baseUrl)) {
    return refused("server-invalid", `${baseUrl} is no address: write it as ${SERVER_DEFAULT}.`);
  }
  try {
    return { ok: true, value: await ask(createClient({ baseUrl, key })) };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return { ok: false, refusal };
  }
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ServerUnreachable) {
    return {
      code: "server-unreachable",
      message: `${error.message}; does the channel run?`,
      line: null,
    };
  }
  if (!(error instanceof ApiRefusal)) return null;
  const { code, message, requestId } = error;
  const place = requestId === null ? "" : ` (request ${requestId})`;
  return { code, message: `${message}${place}`, line: null };
}

/** The first `limit` items of a list. */
export async function firstOf<Item>(items: AsyncIterable<Item>, limit: number): Promise<Item[]> {
  const found: Item[] = [];
  if (limit === 0) return found;
  for await (const item of items) {
    found.push(item);
    if (found.length >= limit) break;
  }
  return found;
}
