// Accounts: what a seller has in one currency, the books behind each figure and their entries.

import {
  type AccountView,
  accountBooks,
  accountEntries,
  listAccounts as listAccountViews,
} from "../../account/account-view.ts";
import { UNASSIGNED } from "../../books/chart.ts";
import type { Caller } from "../../identity/caller.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";
import type { Tx } from "../../storage/database.ts";
import { type AccountJson, getAccount, listAccounts, listEntries } from "../contract/accounts.ts";
import { moneyOf } from "../contract/values.ts";
import type { ApiDeps } from "../deps.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { NO_SELLER, sellerScope } from "../seller-scope.ts";

const LIST = "accounts";
const ENTRIES = "entries";

export const accountRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listAccounts, async (c) => {
    const { limit, cursor, sellerId } = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, cursor, ["text"])?.[0] ?? "";
    const views = await deps.read(caller, (tx) =>
      listAccountViews(tx, deps.tenantId, deps.partition, sellerScope(caller, sellerId)),
    );
    const rows = views.filter((view) => view.id > after);
    return c.json(
      pageFrom(LIST, rows, limit, (view) => [view.id], accountJson),
      200,
    );
  });
  app.openapi(getAccount, async (c) => {
    const caller = c.get("caller");
    const asked = c.req.valid("param");
    const body = await deps.read(caller, async (tx) => {
      const { view, of } = await loadAccount(tx, deps, caller, asked);
      const books = await accountBooks(tx, deps.tenantId, deps.partition, of);
      return {
        ...accountJson(view),
        books: books.map((book) => ({
          book: book.book,
          meaning: book.meaning,
          nature: book.nature,
          balance: moneyOf(book.balance, of.currency),
          pending: moneyOf(book.pending, of.currency),
        })),
      };
    });
    return c.json(body, 200);
  });
  app.openapi(listEntries, async (c) => {
    const caller = c.get("caller");
    const { limit, cursor, book } = c.req.valid("query");
    const place = placeOf(ENTRIES, cursor, ["text", "count"]);
    // A cursor belongs to the book that it was made for.
    if (place !== null && place[0] !== book) throw problem("cursor-invalid");
    const page = await deps.read(caller, async (tx) => {
      const { of } = await loadAccount(tx, deps, caller, c.req.valid("param"));
      const entries = await accountEntries(tx, deps.tenantId, deps.partition, {
        ...of,
        book,
        limit: limit + 1,
        beforeSeq: place === null ? null : BigInt(place[1] ?? "0"),
      });
      return pageFrom(
        ENTRIES,
        entries,
        limit,
        (entry) => [book, entry.seq],
        (entry) => ({
          ...entry,
          amount: moneyOf(entry.amount, of.currency),
          balance: moneyOf(entry.balance, of.currency),
        }),
      );
    });
    return c.json(page, 200);
  });
};

/** The account that the path names, where the caller may see it. Money of nobody is for those who see all. */
async function loadAccount(
  tx: Tx,
  deps: ApiDeps,
  caller: Caller,
  asked: { readonly sellerId: string; readonly currency: string },
): Promise<{ view: AccountView; of: { sellerId: string; currency: Currency } }> {
  const currency = currencyOf(asked.currency);
  const scope = sellerScope(caller, asked.sellerId);
  if (currency === null || scope === NO_SELLER) throw problem("not-found");
  const views = await listAccountViews(
    tx,
    deps.tenantId,
    deps.partition,
    asked.sellerId === UNASSIGNED ? UNASSIGNED : scope,
  );
  const view = views.find((item) => item.id === `${asked.sellerId}/${currency}`);
  if (view === undefined) throw problem("not-found");
  return { view, of: { sellerId: asked.sellerId, currency } };
}

function accountJson(view: AccountView): AccountJson {
  const money = (text: string) => moneyOf(text, view.currency);
  return {
    id: view.id,
    sellerId: view.sellerId,
    currency: view.currency,
    numbers: [...view.numbers],
    available: money(view.available),
    held: money(view.held),
    unexplained: money(view.unexplained),
    inTransit: money(view.inTransit),
    overseasCharges: money(view.overseasCharges),
  };
}
