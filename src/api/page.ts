// Lists, all alike: `{ data, hasMore, nextCursor }`, newest first, at most 100 a page. A cursor is the place of the last
// item in the list's own order, so that what comes in meanwhile neither repeats nor hides an item.

import { z } from "@hono/zod-openapi";
import { parseInstant } from "../time/instant.ts";
import { problem } from "./problems.ts";

export const PAGE_SIZE_MAX = 100;
const PAGE_SIZE_DEFAULT = 20;
const CURSOR_LENGTH_MAX = 1024;

/** The query of every list; a list adds its filters. */
export const pageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_SIZE_MAX)
    .default(PAGE_SIZE_DEFAULT)
    .openapi({ description: "Items at most.", example: 20 }),
  cursor: z
    .string()
    .max(CURSOR_LENGTH_MAX)
    .optional()
    .openapi({ description: "`nextCursor` of the page before; opaque." }),
});

/** The schema of a page of items, named for OpenAPI ("PayoutPage"). */
export function pageOf<Item extends z.ZodType>(item: Item, name: string) {
  return z
    .object({
      data: z.array(item),
      hasMore: z.boolean(),
      nextCursor: z.string().nullable().openapi({ description: "Null on the last page." }),
    })
    .openapi(name);
}

export type Page<Item> = {
  readonly data: Item[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
};

/** The parts of a place in a list, in the order by which the list is sorted. */
export type Place = readonly string[];

export function cursorOf(list: string, place: Place): string {
  return Buffer.from(JSON.stringify([list, ...place]), "utf8").toString("base64url");
}

/** What a part of a place is, so that a cursor that somebody made up is refused before it reaches the database. */
export type PlacePart = "instant" | "text" | "count";

const PART_FORMS: Readonly<Record<PlacePart, (text: string) => boolean>> = {
  instant: (text) => parseInstant(text) !== null,
  text: (text) => !text.includes("\u0000"),
  count: (text) => /^\d{1,30}$/.test(text),
};

/** The place that a cursor of this list names, part by part as its order has them; null without a cursor. */
export function placeOf(
  list: string,
  cursor: string | undefined,
  form: readonly PlacePart[],
): Place | null {
  if (cursor === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === form.length + 1 && parts[0] === list) {
      const place: readonly unknown[] = parts.slice(1);
      const fits = form.every((kind, index) => {
        const part = place[index];
        return typeof part === "string" && PART_FORMS[kind](part);
      });
      if (fits) return place as Place;
    }
  } catch {
    // Not base64url of JSON: answered below, like every other text that is no cursor.
  }
  throw problem("cursor-invalid");
}

/** A page of what was asked for with one more than `limit`, so that it is known whether there is more. */
export function pageFrom<Row, Item>(
  list: string,
  rows: readonly Row[],
  limit: number,
  placeOfRow: (row: Row) => Place,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return {
    data: shown.map(view),
    hasMore,
    nextCursor: hasMore && last !== undefined ? cursorOf(list, placeOfRow(last)) : null,
  };
}
