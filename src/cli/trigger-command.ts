// `straitway trigger SCENARIO`: plays a named story in a running sandbox, and shows how the channel ends up.

import { randomUUID } from "node:crypto";
import { Option } from "commander";
import { HOST_DEFAULT, PORT_DEFAULT } from "../runtime/config.ts";
import type { AddCommand } from "./add-command.ts";
import { type ExitCode, safeText, type Terminal, table } from "./terminal.ts";

type TriggerOptions = {
  readonly server: string;
  readonly key?: string;
  readonly json?: boolean;
};

const HELP = `
The scenarios are the folders of scenarios/ that have a scenario.json; story.md beside it tells each. Without a name
they are listed.

Examples:
  straitway trigger --key swk_…
  straitway trigger late-credit --key swk_…`;

export const triggerCommand: AddCommand = (program, terminal, finish) => {
  program
    .command("trigger")
    .description("play a named story in a running sandbox")
    .argument("[scenario]")
    .addOption(
      new Option("--server <url>", "where the sandbox runs")
        .env("STRAITWAY_SERVER")
        .default(`http://${HOST_DEFAULT}:${PORT_DEFAULT}`),
    )
    .addOption(new Option("--key <key>", "API key with sandbox.control").env("STRAITWAY_API_KEY"))
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (name: string | undefined, options: TriggerOptions) => {
      finish(await trigger(name, options, terminal));
    });
};

async function trigger(
  name: string | undefined,
  options: TriggerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path =
    name === undefined ? "/v1/sandbox" : `/v1/sandbox/scenarios/${encodeURIComponent(name)}/plays`;
  const answer = await ask(options, path, name === undefined ? "GET" : "POST");
  if (!answer.ok) {
    terminal.err(`straitway: ${safeText(answer.message)}\n`);
    return 1;
  }
  if (options.json === true) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
  else terminal.out(name === undefined ? listText(answer.body) : playText(answer.body));
  return 0;
}

type Answer =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

async function ask(options: TriggerOptions, path: string, method: string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(new URL(path, options.server), {
      method,
      headers: {
        ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
      },
    });
  } catch {
    return { ok: false, message: `nothing answers at ${options.server}; is the sandbox running?` };
  }
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return { ok: true, body };
  const detail = typeof body["detail"] === "string" ? body["detail"] : response.statusText;
  return { ok: false, message: detail };
}

function listText(body: Record<string, unknown>): string {
  const scenarios = body["scenarios"] as readonly {
    readonly name: string;
    readonly title: { readonly en: string };
    readonly days: number;
  }[];
  const rows = scenarios.map(({ name, title, days }) => [name, title.en, String(days)]);
  return `${table(["SCENARIO", "WHAT HAPPENS", "DAYS"], rows, [2])}\n`;
}

function playText({ scenario, startedAt, endedAt }: Record<string, unknown>): string {
  return (
    `Played ${safeText(String(scenario))}: from ${safeText(String(startedAt))} to ${safeText(String(endedAt))} on the sandbox's clock.\n` +
    "See: straitway payout list, straitway exception list, straitway listen.\n"
  );
}
