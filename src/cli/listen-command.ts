// `straitway listen`: the events of a running channel as they happen, and, to develop a receiver of webhooks, each of
// them signed and sent on to an address of one's own.

import { InvalidArgumentError, Option } from "commander";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { HOST_DEFAULT, PORT_DEFAULT } from "../runtime/config.ts";
import { hmacSha256 } from "../secret/signature.ts";
import { msOf } from "../time/instant.ts";
import { failureOf } from "../webhook/due-deliveries.ts";
import type { EventBody } from "../webhook/event-body.ts";
import { isTypeIn } from "../webhook/event-types.ts";
import { type PostWebhook, webhookPoster } from "../webhook/post-webhook.ts";
import { webhookSettings } from "../webhook/settings.ts";
import {
  secretsFromSeed,
  signedHeaders,
  type WebhookSecrets,
} from "../webhook/standard-signature.ts";
import type { AddCommand } from "./add-command.ts";
import { followEvents, type StreamedEvent } from "./event-stream.ts";
import { packageVersion } from "./package-version.ts";
import { hearStopSignals } from "./stop-signals.ts";
import { type ExitCode, printRefusal, safeText, type Terminal } from "./terminal.ts";

type ListenOptions = {
  readonly server: string;
  readonly key?: string;
  readonly after?: string;
  readonly subject?: string;
  readonly types?: readonly string[];
  readonly forwardTo?: string;
  readonly printSecret?: boolean;
  readonly count?: number;
  readonly json?: boolean;
};

const HELP = `
With --forward-to every event is sent there as a webhook, signed with secrets that are made from the API key: the same
at every start, printed by --print-secret. What the address answers is shown; nothing is sent twice. For deliveries that
are retried, register an endpoint (docs/reference/webhooks.md).

With --json every event is one line of JSON.

Examples:
  straitway listen --key swk_…
  straitway listen --types 'payout.*' --after evt_1200
  straitway listen --forward-to http://localhost:3000/hooks`;

export const listenCommand: AddCommand = (program, terminal, finish) => {
  program
    .command("listen")
    .description("show the events of a running channel, and forward them to develop with")
    .addOption(
      new Option("--server <url>", "where the channel runs")
        .env("STRAITWAY_SERVER")
        .default(`http://${HOST_DEFAULT}:${PORT_DEFAULT}`),
    )
    .addOption(new Option("--key <key>", "API key with events.read").env("STRAITWAY_API_KEY"))
    .option("--after <event>", "begin after this event; without it with what comes from now on")
    .option("--subject <id>", "only what is about this object")
    .option("--types <type...>", "only these types; payout.* is all of an object's")
    .option("--forward-to <url>", "send every event there as a signed webhook")
    .option("--print-secret", "print the secrets that sign what is forwarded, and end")
    .option("--count <n>", "end after so many events", countOf)
    .option("--json", "one line of JSON for each event")
    .addHelpText("after", HELP)
    .action(async (options: ListenOptions) => {
      const stopping = new AbortController();
      const signals = hearStopSignals(() => undefined);
      void signals.asked.then(() => stopping.abort());
      try {
        finish(await listen(options, terminal, stopping.signal));
      } finally {
        signals.close();
      }
    });
};

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("1 or more.");
  return count;
}

/** Listens until the signal, the count or a refusal ends it. */
export async function listen(
  options: ListenOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const outcome = await listening(options, terminal, signal);
  if (outcome.ok) return 0;
  printRefusal(terminal, outcome.refusal, false);
  return 1;
}

async function listening(
  options: ListenOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Outcome<null>> {
  const { key, server, forwardTo, after = null, subject = null, types, count } = options;
  if (key === undefined || key === "") {
    const where = "Give an API key by --key or STRAITWAY_API_KEY; `straitway key add` makes one.";
    return refused("key-missing", where);
  }
  for (const url of forwardTo === undefined ? [server] : [server, forwardTo])
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
      return refused("url-invalid", `${url} is no http:// or https:// URL.`);
  const secrets = secretsOf(key);
  if (options.printSecret === true) {
    terminal.out(`${secrets.secret}\n${secrets.publicKey}\n`);
    return accepted(null);
  }
  const forward = forwardTo === undefined ? null : forwarder(forwardTo, secrets, terminal);
  let shown = 0;
  return followEvents(
    { server, key, after, subject },
    {
      onConnected: () => terminal.err(`Listening to ${server}. Ctrl-C ends it.\n`),
      onLost: (why, waitMs) =>
        terminal.err(`No connection (${safeText(why)}); again in ${waitMs / 1000} s.\n`),
      onEvent: async (event) => {
        if (types !== undefined && !isTypeIn(event.type, types)) return true;
        const result = forward === null ? "" : await forward(event, signal);
        terminal.out(options.json === true ? `${event.text}\n` : lineOf(event, result));
        shown += 1;
        return count === undefined || shown < count;
      },
    },
    signal,
  );
}

/** The same for the same key, so that a receiver in development is set up once. */
function secretsOf(key: string): WebhookSecrets {
  return secretsFromSeed(hmacSha256(Buffer.from(key, "utf8"), "straitway listen"));
}

/** Sends one event on and says what was answered. Whoever listens chose the address, so any may be reached. */
function forwarder(
  url: string,
  secrets: WebhookSecrets,
  terminal: Terminal,
): (event: StreamedEvent, signal: AbortSignal) => Promise<string> {
  const anywhere = { allowLoopback: true, allowedNetworks: ["0.0.0.0/0", "::/0"] };
  const post: PostWebhook = webhookPoster(webhookSettings.parse(anywhere));
  return async ({ id, text }, signal) => {
    const timestamp = Math.floor(msOf(terminal.clock.now()) / 1000);
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "user-agent": `Straitway/${packageVersion()}`,
      ...signedHeaders([secrets], { id, timestamp, body: text }),
    };
    const answer = await post({ url, headers, body: text }, signal);
    const failure = failureOf(answer);
    const status = answer.kind === "answered" ? String(answer.status) : "";
    return failure === null ? `  → ${status}` : `  → NOT TAKEN: ${status} ${failure}`.trimEnd();
  };
}

/** One line for people: when, what, about what, how much. */
function lineOf({ text }: StreamedEvent, result: string): string {
  const event = JSON.parse(text) as EventBody;
  const { amount, currency } = event.data;
  const money =
    typeof amount === "string" && typeof currency === "string" ? `  ${currency} ${amount}` : "";
  const when = event.time.replace("T", " ").replace("Z", "");
  const what = `${event.type}  ${event.subject}#${event.sequence}${money}`;
  return `${when}  ${event.id}  ${safeText(what)}${result}\n`;
}
