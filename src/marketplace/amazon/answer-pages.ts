// The lists inside answers of Amazon's API: one answer or pages in an array, wrapped in `payload` or not; and their
// items, read one by one, where one that cannot be read refuses the file with its place in the list.

import type { Reason } from "../../errors/refusal.ts";
import type { JsonObject, JsonValue } from "./json-decimal.ts";
import { isArray, isObject } from "./json-decimal.ts";
import type { FieldOutcome } from "./payout-fields.ts";
import { amazonReason } from "./reasons.ts";

/** The list under `key` of each page, or null when the JSON is something else. */
export function listOfPages(value: JsonValue, key: string): readonly JsonValue[] | null {
  const pages = isArray(value) ? value : [value];
  const lists = pages.map((page) => {
    if (!isObject(page)) return null;
    const payload = page.get("payload");
    const list = (isObject(payload) ? payload : page).get(key);
    return isArray(list) ? list : null;
  });
  return lists.length > 0 && lists.every((list) => list !== null) ? lists.flat() : null;
}

export type ReadItems<Item> = { readonly items: Item[]; readonly refusals: Reason[] };

/** Reads every item of a list; an item may stand for several facts, or for none. */
export function readItems<Item>(
  list: readonly JsonValue[],
  read: (item: JsonObject, line: number) => FieldOutcome<readonly Item[]>,
): ReadItems<Item> {
  const items: Item[] = [];
  const refusals: Reason[] = [];
  for (const [index, value] of list.entries()) {
    const outcome: FieldOutcome<readonly Item[]> = isObject(value)
      ? read(value, index + 1)
      : { ok: false, problem: "it is not an object" };
    if (outcome.ok) items.push(...outcome.value);
    else refusals.push(amazonReason("item-unreadable", index + 1, outcome.problem));
  }
  return { items, refusals };
}
