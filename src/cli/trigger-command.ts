// `straitway trigger SCENARIO`: plays a named story in a running sandbox, and shows how the channel ends up.

import { Option } from "commander";
import type { OutputOf } from "../api/client/operation-types.ts";
import type { AddCommand } from "./add-command.ts";
import { asking, SERVER_DEFAULT } from "./ask-server.ts";
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
        .default(SERVER_DEFAULT),
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
  const answered = await asking(options.server, options.key ?? null, async (client) => {
    if (name === undefined) {
      const body = await client.getSandbox({});
      return { body, text: listText(body) };
    }
    const body = await client.playScenario({ params: { name } });
    return { body, text: playText(body) };
  });
  if (!answered.ok) {
    terminal.err(`straitway: ${safeText(answered.refusal.message)}\n`);
    return 1;
  }
  const { body, text } = answered.value;
  terminal.out(options.json === true ? `${JSON.stringify(body, null, 2)}\n` : text);
  return 0;
}

function listText({ scenarios }: OutputOf<"getSandbox">): string {
  const rows = scenarios.map(({ name, title, days }) => [name, title.en, String(days)]);
  return `${table(["SCENARIO", "WHAT HAPPENS", "DAYS"], rows, [2])}\n`;
}

function playText({ scenario, startedAt, endedAt }: OutputOf<"playScenario">): string {
  return (
    `Played ${safeText(scenario)}: from ${safeText(startedAt)} to ${safeText(endedAt)} on the sandbox's clock.\n` +
    "See: straitway payout list, straitway exception list, straitway listen.\n"
  );
}
