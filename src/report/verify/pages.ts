// Walks a table in the order of its key, a page at a time.

import type { Row } from "../../storage/database.ts";

/** Rows looked at together: enough for set-based look-ups, little enough for memory. */
export const PAGE_ROWS_MAX = 500;

/**
 * Pages of rows. `load` gives at most `PAGE_ROWS_MAX` rows whose key is above `after`, in the order of the key ("" is
 * before the first).
 */
export async function* pagesBy<R extends Row>(
  keyOf: (row: R) => string,
  load: (after: string, limit: number) => Promise<readonly R[]>,
): AsyncGenerator<readonly R[]> {
  for (let after = ""; ; ) {
    const page = await load(after, PAGE_ROWS_MAX);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = keyOf(last);
  }
}
