// A page of lines of a raw file, within the range that the caller may see.

import { readFileLines } from "../report/file-lines.ts";
import { parseSha256, type RawStore } from "../storage/raw-store.ts";
import type { FileLineJson } from "./contract/statements.ts";
import { type Page, pageFrom, placeOf } from "./page.ts";
import { problem } from "./problems.ts";

const LIST = "lines";

/** Lines in their order from `from`, or from the cursor on; none outside of the range. */
export async function pageOfLines(
  rawStore: RawStore,
  range: { readonly sha256: string; readonly first: number; readonly last: number },
  query: {
    readonly from?: number | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<Page<FileLineJson>> {
  const sha256 = parseSha256(range.sha256);
  if (sha256 === null) throw problem("not-found");
  const place = placeOf(LIST, query.cursor, ["text", "count"]);
  if (place !== null && place[0] !== sha256) throw problem("cursor-invalid");
  const from = place === null ? (query.from ?? range.first) : Number(place[1]) + 1;
  const first = Math.max(from, range.first);
  const last = Math.min(first + query.limit, range.last);
  const lines = first > last ? [] : await readFileLines(rawStore.open(sha256), first, last);
  return pageFrom(
    LIST,
    lines,
    query.limit,
    (line) => [sha256, String(line.line)],
    (line) => ({ ...line }),
  );
}
