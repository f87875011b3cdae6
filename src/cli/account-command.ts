// `straitway account list | show ID`: what a seller has, per currency, and the entries behind each figure.

import {
  type AccountView,
  accountBooks,
  accountEntries,
  type BookView,
  ENTRIES_PER_PAGE,
  type EntryView,
  listAccounts,
} from "../account/account-view.ts";
import type { Client } from "../api/client/client.ts";
import { PAGE_SIZE_MAX } from "../api/page.ts";
import { BOOKS, type Book } from "../books/chart.ts";
import type { Refusal } from "../errors/refusal.ts";
import { currencyOf } from "../money/currency.ts";
import { DEFAULT_PARTITION } from "../runtime/channel.ts";
import type { AddCommand } from "./add-command.ts";
import { answerFromServer, firstOf, type ServerOptions, withServerOptions } from "./ask-server.ts";
import { type Answer, answer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { accountViewOf } from "./server-views.ts";
import { amountText } from "./settle-print.ts";
import { safeText, table } from "./terminal.ts";

export const accountCommand: AddCommand = (program, terminal, finish) => {
  const account = program
    .command("account")
    .description("sellers' accounts, as views of the ledger");
  withServerOptions(withReadOptions(account.command("list")))
    .description("balances of every seller, per currency")
    .option("--seller <id>", "only this seller's")
    .action(async (options: ReadOptions & ServerOptions & { seller?: string }) => {
      if (options.server !== undefined) {
        const { server } = options;
        finish(
          await answerFromServer(terminal, { ...options, server }, (client) =>
            listFromServer(client, options.seller),
          ),
        );
        return;
      }
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const accounts = await listAccounts(
            tx,
            tenantId,
            DEFAULT_PARTITION,
            options.seller ?? null,
          );
          return {
            ok: true,
            value: { json: { accounts }, text: listText(accounts) },
          };
        }),
      );
    });
  withReadOptions(account.command("show"))
    .description("the books and the latest entries of one account")
    .argument("<id>", "the account, as `account list` shows it: <seller>/<currency>")
    .option("--book <book>", "whose entries to show", "fx-account")
    .option("--limit <n>", "entries at most", String(ENTRIES_PER_PAGE))
    .action(async (id: string, options: ReadOptions & { book: string; limit: string }) => {
      finish(
        await answer(terminal, options, ({ tx, tenantId }) => show(tx, tenantId, id, options)),
      );
    });
};

async function listFromServer(client: Client, sellerId: string | undefined): Promise<Answer> {
  const listed = client.all("listAccounts", { query: { limit: PAGE_SIZE_MAX, sellerId } });
  const accounts = (await firstOf(listed, Number.POSITIVE_INFINITY)).map(accountViewOf);
  return { json: { accounts }, text: listText(accounts) };
}

type Show = (
  tx: Parameters<typeof listAccounts>[0],
  tenantId: string,
  id: string,
  options: { book: string; limit: string },
) => ReturnType<Parameters<typeof answer>[2]>;

const show: Show = async (tx, tenantId, id, options) => {
  const [sellerId = "", code = ""] = id.split("/");
  const currency = currencyOf(code);
  if (!(options.book in BOOKS)) return { ok: false, refusal: unknownBook(options.book) };
  const accounts = await listAccounts(tx, tenantId, DEFAULT_PARTITION, null);
  const view = accounts.find((item) => item.id === id);
  if (view === undefined || currency === null) return { ok: false, refusal: notFound(id) };
  const limit = Number.parseInt(options.limit, 10);
  const books = await accountBooks(tx, tenantId, DEFAULT_PARTITION, { sellerId, currency });
  const entries = await accountEntries(tx, tenantId, DEFAULT_PARTITION, {
    sellerId,
    book: options.book as Book,
    currency,
    limit: Number.isInteger(limit) && limit > 0 ? limit : ENTRIES_PER_PAGE,
  });
  return {
    ok: true,
    value: {
      json: { account: view, books, entries },
      text: [
        listText([view]),
        booksText(books, currency),
        entriesText(entries, options.book, currency),
      ].join("\n\n"),
    },
  };
};

function unknownBook(book: string): Refusal {
  return {
    code: "book-unknown",
    message: `There is no book "${safeText(book)}": use one of ${Object.keys(BOOKS).join(", ")}.`,
    line: null,
  };
}

function notFound(id: string): Refusal {
  return {
    code: "account-not-found",
    message: `There is no account ${safeText(id)}. \`account list\` shows them.`,
    line: null,
  };
}

function listText(accounts: readonly AccountView[]): string {
  if (accounts.length === 0) return "No accounts yet: settle a bank file first.";
  return table(
    [
      "account",
      "available",
      "held",
      "unexplained",
      "in transit",
      "overseas charges",
      "bank account",
    ],
    accounts.map((item) => [
      item.id,
      amountText(item.available, item.currency),
      amountText(item.held, item.currency),
      amountText(item.unexplained, item.currency),
      amountText(item.inTransit, item.currency),
      amountText(item.overseasCharges, item.currency),
      item.numbers.map((number) => `…${safeText(number.slice(-4))}`).join(", ") || "-",
    ]),
    [1, 2, 3, 4, 5],
  );
}

function booksText(books: readonly BookView[], currency: string): string {
  return table(
    ["book", "kind", "balance", "pending", "meaning"],
    books.map((item) => [
      item.book,
      item.nature,
      amountText(item.balance, currency),
      amountText(item.pending, currency),
      item.meaning,
    ]),
    [2, 3],
  );
}

function entriesText(entries: readonly EntryView[], book: string, currency: string): string {
  if (entries.length === 0) return `No entries in ${book}.`;
  return table(
    ["effective", `entry of ${book}`, "kind", "amount", "balance", "against", "about"],
    entries.map((item) => [
      item.effectiveOn,
      item.reason,
      item.kind,
      amountText(item.amount, currency),
      amountText(item.balance, currency),
      item.against,
      item.subject,
    ]),
    [3, 4],
  );
}
