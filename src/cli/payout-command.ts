// `straitway payout list | show ID`: where each payout stands, and its whole story down to file and line.

import type { Command } from "commander";
import type { Client } from "../api/client/client.ts";
import { PAYOUT_STATES, type PayoutJson } from "../api/contract/payouts.ts";
import { PAGE_SIZE_MAX } from "../api/page.ts";
import type { Outcome, Refusal } from "../errors/refusal.ts";
import { findPayout, listPayoutIds, type PayoutView, viewPayouts } from "../report/payout-view.ts";
import type { Instant } from "../time/instant.ts";
import { readTimeline, type TimelineEvent } from "../timeline/timeline.ts";
import type { AddCommand } from "./add-command.ts";
import { answerFromServer, firstOf, type ServerOptions, withServerOptions } from "./ask-server.ts";
import type { JsonValue } from "./json-document.ts";
import { type Answer, answer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { payoutViewOf } from "./server-views.ts";
import { amountText, printPayout } from "./settle-print.ts";
import { safeText, type Terminal, table } from "./terminal.ts";

/** Payouts of a listing unless --limit says otherwise. */
const LIST_LIMIT = 200;

export const payoutCommand: AddCommand = (program, terminal, finish) => {
  const payout = program
    .command("payout")
    .description("payouts: what the marketplace sent and where it stands");
  addList(payout, terminal, finish);
  addShow(payout, terminal, finish);
};

type Adding = (payout: Command, terminal: Terminal, finish: Parameters<AddCommand>[2]) => void;

type ListOptions = ReadOptions &
  ServerOptions & { readonly seller?: string; readonly state?: string; readonly limit: string };

const addList: Adding = (payout, terminal, finish) => {
  withServerOptions(withReadOptions(payout.command("list")))
    .description("list payouts, newest first")
    .option("--seller <id>", "only this seller's")
    .option("--state <state>", `only this state: ${PAYOUT_STATES.join(", ")}`)
    .option("--limit <n>", "at most this many", String(LIST_LIMIT))
    .action(async (options: ListOptions) => {
      const limit = limitOf(options.limit);
      if (options.server !== undefined) {
        const { server } = options;
        const ask = (client: Client) => listFromServer(client, options, limit);
        finish(await answerFromServer(terminal, { ...options, server }, ask));
        return;
      }
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const filter = { sellerId: options.seller ?? null, state: options.state ?? null, limit };
          const ids = await listPayoutIds(tx, tenantId, filter);
          const payouts = [...(await viewPayouts(tx, tenantId, ids))].reverse();
          return {
            ok: true,
            value: { json: { payouts }, text: listText(payouts) },
          };
        }),
      );
    });
};

function limitOf(text: string): number {
  const limit = Number.parseInt(text, 10);
  return Number.isInteger(limit) && limit > 0 ? limit : LIST_LIMIT;
}

async function listFromServer(client: Client, options: ListOptions, limit: number) {
  const listed = client.all("listPayouts", {
    query: {
      limit: Math.min(limit, PAGE_SIZE_MAX),
      sellerId: options.seller,
      // A state that is none is the server's to refuse.
      state: options.state as PayoutJson["state"] | undefined,
    },
  });
  const payouts = (await firstOf(listed, limit)).map(payoutViewOf);
  return { json: { payouts }, text: listText(payouts) };
}

function listText(payouts: readonly PayoutView[]): string {
  if (payouts.length === 0) return "No payouts.";
  return table(
    ["payout", "seller", "sent", "amount", "state", "credited", "id"],
    payouts.map((item) => [
      safeText(item.reference),
      item.sellerId ?? "-",
      item.initiatedAt?.slice(0, 10) ?? "-",
      amountText(item.amount, item.currency),
      item.holds.length === 0
        ? item.state
        : `${item.state} (${item.holds.map((hold) => hold.code).join(", ")})`,
      amountText(item.creditedAmount, item.creditedCurrency),
      item.id,
    ]),
    [3, 5],
  );
}

const addShow: Adding = (payout, terminal, finish) => {
  withServerOptions(withReadOptions(payout.command("show")))
    .description("one payout with its timeline; every figure opens to file and line")
    .argument("<id>", "the payout's id (po_…) or the marketplace's reference")
    .action(async (id: string, options: ReadOptions & ServerOptions) => {
      if (options.server !== undefined) {
        const { server } = options;
        finish(
          await answerFromServer(terminal, { ...options, server }, (client) =>
            showFromServer(client, id),
          ),
        );
        return;
      }
      finish(await answer(terminal, options, ({ tx, tenantId }) => show(tx, tenantId, id)));
    });
};

async function show(tx: ReadTx, tenantId: string, id: string): Promise<Outcome<Answer>> {
  const [found, ...others] = await findPayout(tx, tenantId, id);
  if (found === undefined) return { ok: false, refusal: notFound(id) };
  if (others.length > 0) return { ok: false, refusal: several(id, [found, ...others]) };
  const [view] = await viewPayouts(tx, tenantId, [found]);
  if (view === undefined) return { ok: false, refusal: notFound(id) };
  const subjects = [
    view.id,
    ...view.statements.map((statement) => statement.id),
    ...view.credits.map((credit) => credit.id),
  ];
  const timeline = await readTimeline(tx, tenantId, subjects);
  const files = await fileNames(tx, tenantId, timeline);
  return { ok: true, value: shown(view, timeline, files) };
}

async function showFromServer(client: Client, id: string): Promise<Answer> {
  const found = id.startsWith("po_")
    ? { id }
    : (await client.listPayouts({ query: { reference: id, limit: 1 } })).data[0];
  const params = { payoutId: found?.id ?? id };
  const view = payoutViewOf(await client.getPayout({ params }));
  const { data } = await client.getPayoutTimeline({ params });
  const timeline = data.map(({ at, subject, kind, data: facts, source }) => ({
    at: at as Instant,
    subject,
    kind,
    data: facts,
    source,
  }));
  const named = data.flatMap(({ source }) => (source === null ? [] : [source]));
  const files = new Map(named.map(({ sha256, file }) => [sha256, file ?? sha256.slice(0, 12)]));
  return shown(view, timeline, files);
}

function shown(
  view: PayoutView,
  timeline: readonly TimelineEvent[],
  files: ReadonlyMap<string, string>,
): Answer {
  return {
    json: { payout: view, timeline: timeline.map((event) => eventJson(event, files)) },
    text: `${printPayout(view)}\n\n${timelineText(timeline, files)}`,
  };
}

function notFound(id: string): Refusal {
  return {
    code: "payout-not-found",
    message: `No payout has the id or reference ${safeText(id)}. \`payout list\` shows them.`,
    line: null,
  };
}

function several(id: string, ids: readonly string[]): Refusal {
  return {
    code: "payout-ambiguous",
    message: `Several payouts have the reference ${safeText(id)}: ${ids.join(", ")}.`,
    line: null,
  };
}

type ReadTx = Parameters<typeof readTimeline>[0];

async function fileNames(
  tx: ReadTx,
  tenantId: string,
  timeline: readonly TimelineEvent[],
): Promise<ReadonlyMap<string, string>> {
  const sha256s = timeline
    .map((event) => event.source?.sha256 ?? null)
    .filter((hash) => hash !== null);
  const rows = await tx.query<{ sha256: string; name: string }>(
    `SELECT sha256, name FROM raw_file WHERE tenant_id = $1 AND sha256 = ANY($2::text[])`,
    [tenantId, [...new Set(sha256s)]],
  );
  return new Map(rows.map((row) => [row.sha256, row.name]));
}

function eventJson(event: TimelineEvent, files: ReadonlyMap<string, string>) {
  const source =
    event.source === null
      ? null
      : {
          file: files.get(event.source.sha256) ?? null,
          sha256: event.source.sha256,
          line: event.source.line,
        };
  // What the timeline keeps came from JSON.
  const data = event.data as { readonly [name: string]: JsonValue };
  return { at: event.at, subject: event.subject, kind: event.kind, data, source };
}

function timelineText(
  timeline: readonly TimelineEvent[],
  files: ReadonlyMap<string, string>,
): string {
  return table(
    ["when (utc)", "what", "about", "facts", "from"],
    timeline.map((event) => [
      event.at.replace("T", " ").replace("Z", ""),
      event.kind,
      event.subject,
      factsText(event.data),
      event.source === null
        ? ""
        : `${safeText(files.get(event.source.sha256) ?? event.source.sha256.slice(0, 12))}:${event.source.line}`,
    ]),
  );
}

/** The facts that fit a line: amounts first, then the short texts. */
function factsText(data: Readonly<Record<string, unknown>>): string {
  const money =
    typeof data["amount"] === "string" && typeof data["currency"] === "string"
      ? [amountText(data["amount"], data["currency"])]
      : [];
  const rest = ["code", "layer", "status", "settlementId", "lineCount", "valueOn", "family"]
    .filter((name) => data[name] !== undefined && data[name] !== null)
    .map((name) => `${name} ${safeText(String(data[name]))}`);
  return [...money, ...rest].join(", ");
}
