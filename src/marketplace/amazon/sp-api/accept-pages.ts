// Hands pages to the inbox as they came. A page that says nothing new is not handed over again: the marketplace makes a
// new token for each answer, so the same list is never the same bytes twice.

import { createHash } from "node:crypto";
import { Outage } from "../../../errors/outage.ts";
import type { InboundReceipt } from "../../../inbox/inbound.ts";
import { isArray, isObject, type JsonObject, type JsonValue } from "../json-decimal.ts";
import { accountOf } from "../partner-account.ts";
import type { AmazonConnection, AmazonStore } from "./amazon-store.ts";
import type { Page } from "./pages.ts";

/** 96 bits of a hash: enough to tell the items of one list apart. */
const DIGEST_LENGTH = 24;

/** Tells items apart by what they say, numbers as they are written. */
export function digestOf(item: JsonValue): string {
  const plain = JSON.stringify(item, (_key, value: unknown) =>
    value instanceof Map ? { map: [...(value as JsonObject)] } : value,
  );
  return createHash("sha256").update(plain).digest("hex").slice(0, DIGEST_LENGTH);
}

/** The items under `listKey` of a page. */
export function itemsOf({ body }: Page, listKey: string): readonly JsonObject[] {
  const list = body.get(listKey);
  return isArray(list) ? list.filter(isObject) : [];
}

/** Keeps every page that holds an item which `isNew`; resolves when all are kept. */
export async function acceptPages(
  connection: AmazonConnection,
  store: AmazonStore,
  pages: readonly Page[],
  listKey: string,
  name: string,
  isNew: (item: JsonObject) => boolean = () => true,
): Promise<readonly InboundReceipt[]> {
  const receipts: InboundReceipt[] = [];
  for (const [index, page] of pages.entries()) {
    const items = itemsOf(page, listKey);
    for (const item of items) mustBeTheirs(store, item);
    if (!items.some((item) => isNew(item))) continue;
    const inbound = {
      name: `${name}-${index + 1}.json`,
      bytes: page.bytes,
      sellerId: store.sellerId,
      source: sourceOf(store.storeId),
    };
    receipts.push(await connection.accept(inbound));
  }
  return receipts;
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

/** How a store is named as the source of what it brought. */
export function sourceOf(storeId: string): string {
  return `store:${storeId}`;
}
