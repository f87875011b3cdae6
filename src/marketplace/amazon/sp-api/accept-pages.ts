// Hands pages to the inbox as they came. A list that says the same as last time, but for its page tokens, is not handed
// over again: the marketplace makes a new token for each answer.

import { createHash } from "node:crypto";
import { Outage } from "../../../errors/outage.ts";
import type { InboundReceipt } from "../../../inbox/inbound.ts";
import { isArray, isObject, type JsonObject } from "../json-decimal.ts";
import { accountOf } from "../partner-account.ts";
import type { AmazonConnection, AmazonStore } from "./amazon-store.ts";
import type { Page } from "./pages.ts";

/** Takes the place of tokens where answers are compared. A quote inside a string is escaped and does not match. */
const TOKEN = /"[nN]extToken"\s*:\s*"(?:[^"\\]|\\.)*"/g;

/** Tells lists apart by what they say. */
export function digestOf(pages: readonly Page[]): string {
  const hash = createHash("sha256");
  for (const { bytes } of pages)
    hash.update(bytes.toString("utf8").replace(TOKEN, "")).update("\n");
  return hash.digest("hex");
}

/**
 * The account's id came with the seller's browser; what the API tells under its token must be of the same account, else
 * one account's money would be booked for another's seller.
 */
function mustBeTheirs(store: AmazonStore, item: JsonObject): void {
  const { partnerId } = accountOf(item);
  if (partnerId === null || partnerId === store.partnerId) return;
  throw new Outage("amazon", "the API speaks of another account than the one that consented", {
    retryable: false,
  });
}

/** Keeps every page that holds an item; resolves when all are kept. */
export async function acceptPages(
  connection: AmazonConnection,
  store: AmazonStore,
  pages: readonly Page[],
  listKey: string,
  name: string,
): Promise<readonly InboundReceipt[]> {
  const receipts: InboundReceipt[] = [];
  for (const [index, { bytes, body }] of pages.entries()) {
    const list = body.get(listKey);
    if (!isArray(list) || list.length === 0) continue;
    for (const told of list.filter(isObject)) mustBeTheirs(store, told);
    const item = {
      name: `${name}-${index + 1}.json`,
      bytes,
      sellerId: store.sellerId,
      source: sourceOf(store.storeId),
    };
    receipts.push(await connection.accept(item));
  }
  return receipts;
}

/** How a store is named as the source of what it brought. */
export function sourceOf(storeId: string): string {
  return `store:${storeId}`;
}
