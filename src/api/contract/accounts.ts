// Accounts on the wire: what a seller has in one currency, the books behind each figure, and their entries.

import { z } from "@hono/zod-openapi";
import { BOOKS, type Book } from "../../books/chart.ts";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { civilDate, currency, idParam, instant, money, sellerFilter } from "./values.ts";

export const account = z
  .object({
    id: z.string().openapi({
      description: "`<seller>/<currency>`; `unassigned/…` holds what nobody has claimed.",
      example: "jiangbei-lamps/USD",
    }),
    sellerId: z.string(),
    currency,
    numbers: z.array(z.string()).openapi({ description: "Bank account numbers behind it." }),
    available: money.openapi({ description: "Usable now." }),
    held: money.openapi({ description: "Matched to a payout, not released yet." }),
    unexplained: money.openapi({
      description: "Credited by the bank, explained by no payout yet.",
    }),
    inTransit: money.openapi({
      description:
        "Settled by the marketplace, not arrived yet; negative while money is here whose statement is not proven.",
    }),
    overseasCharges: money.openapi({ description: "Deducted on the way, in all." }),
  })
  .openapi("Account");
export type AccountJson = z.infer<typeof account>;

export const book = z
  .object({
    book: z.string().openapi({ example: "fx-account" }),
    meaning: z.string(),
    nature: z.enum(["asset", "liability", "income", "expense", "equity"]),
    balance: money.openapi({ description: "Positive on the side on which the book grows." }),
    pending: money,
  })
  .openapi("Book");

export const entry = z
  .object({
    seq: z.string().openapi({ description: "Its number in the ledger.", example: "1042" }),
    effectiveOn: civilDate,
    bookedAt: instant,
    kind: z.string().openapi({
      description:
        "post, commit and reverse move the balance; pending and void only what is reserved.",
    }),
    reason: z.string(),
    subject: z.string().openapi({ description: "The object to open: po_…, cr_…, st_…." }),
    postingId: z.string(),
    against: z.string().openapi({ description: "The other book." }),
    amount: money.openapi({ description: "Positive: the book grew." }),
    balance: money.openapi({ description: "Posted, after the entry." }),
  })
  .openapi("Entry");
export type EntryJson = z.infer<typeof entry>;

const accountPath = z.object({
  sellerId: idParam("The seller's id, or `unassigned`.", "jiangbei-lamps"),
  currency: idParam("ISO 4217 code.", "USD"),
});

export const listAccounts = apiRoute({
  method: "get",
  path: "/v1/accounts",
  operationId: "listAccounts",
  summary: "List accounts with their balances, in the order of their ids",
  tags: ["Accounts"],
  permission: "accounts.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(account, "AccountPage"), "A page of accounts.") },
  problems: ["cursor-invalid"],
});

export const getAccount = apiRoute({
  method: "get",
  path: "/v1/accounts/{sellerId}/{currency}",
  operationId: "getAccount",
  summary: "One account with its books",
  tags: ["Accounts"],
  permission: "accounts.read",
  request: { params: accountPath },
  responses: {
    200: json(
      account.extend({ books: z.array(book) }).openapi("AccountWithBooks"),
      "The account and every book of it.",
    ),
  },
  problems: ["not-found"],
});

export const listEntries = apiRoute({
  method: "get",
  path: "/v1/accounts/{sellerId}/{currency}/entries",
  operationId: "listEntries",
  summary: "Movements of one book, newest first",
  tags: ["Accounts"],
  permission: "accounts.read",
  request: {
    params: accountPath,
    query: pageQuery.extend({
      book: z
        .enum(Object.keys(BOOKS) as [Book, ...Book[]])
        .default("fx-account")
        .openapi({ description: "Whose entries." }),
    }),
  },
  responses: { 200: json(pageOf(entry, "EntryPage"), "A page of entries.") },
  problems: ["not-found", "cursor-invalid"],
});
