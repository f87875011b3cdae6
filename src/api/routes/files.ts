// Raw files: what arrived and how far it was read; the bytes for those who may have them.

import { Readable } from "node:stream";
import type { Reason } from "../../errors/refusal.ts";
import type { Caller } from "../../identity/caller.ts";
import type { Tx } from "../../storage/database.ts";
import { parseSha256 } from "../../storage/raw-store.ts";
import type { Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import {
  getFile,
  getFileContent,
  listFileLines,
  listFiles,
  type RawFileJson,
} from "../contract/files.ts";
import { pageOfLines } from "../file-lines-page.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "files";
/** More lines than any file has: PostgreSQL's integer, in which lines are kept. */
const LAST_LINE_MAX = 2_147_483_647;

export const fileRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, store } = deps;
  app.openapi(listFiles, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<FileRow>(
        `SELECT * FROM raw_file
          WHERE tenant_id = $1 AND ($2::text IS NULL OR seller_id = $2) AND ($3::text IS NULL OR state = $3)
            AND ($4::timestamptz IS NULL OR (stored_at, sha256) < ($4::timestamptz, $5::text))
          ORDER BY stored_at DESC, sha256 DESC LIMIT $6`,
        [
          tenantId,
          sellerScope(caller, query.sellerId),
          query.state ?? null,
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, fileJson), 200);
  });
  app.openapi(getFile, async (c) => {
    const caller = c.get("caller");
    const { sha256 } = c.req.valid("param");
    const body = await deps.read(caller, async (tx) => {
      const row = await loadFile(tx, tenantId, caller, sha256);
      const arrivals = await tx.query<{ name: string; arrived_at: Instant }>(
        `SELECT name, arrived_at FROM raw_arrival WHERE tenant_id = $1 AND sha256 = $2
            AND ($4::text IS NULL OR seller_id = $4)
          ORDER BY arrived_at DESC, arrival_id LIMIT $3`,
        [tenantId, row.sha256, ARRIVALS_MAX, caller.sellerId],
      );
      return {
        ...fileJson(row),
        arrivals: arrivals.map(({ name, arrived_at }) => ({ name, arrivedAt: arrived_at })),
      };
    });
    return c.json(body, 200);
  });
  app.openapi(getFileContent, async (c) => {
    const caller = c.get("caller");
    const { sha256 } = c.req.valid("param");
    const row = await deps.read(caller, (tx) => loadFile(tx, tenantId, caller, sha256));
    const hash = parseSha256(row.sha256);
    if (hash === null) throw problem("not-found");
    await store.database.transaction((tx) =>
      appendEvents(tx, tenantId, [downloaded(row, caller, deps.clock.now(), c.get("requestId"))]),
    );
    return contentOf(row, store.rawStore.open(hash));
  });
  app.openapi(listFileLines, async (c) => {
    const caller = c.get("caller");
    const { sha256 } = c.req.valid("param");
    const row = await deps.read(caller, (tx) => loadFile(tx, tenantId, caller, sha256));
    const range = { sha256: row.sha256, first: 1, last: LAST_LINE_MAX };
    return c.json(await pageOfLines(store.rawStore, range, c.req.valid("query")), 200);
  });
};

/** Arrivals of one file that are shown: the latest. */
const ARRIVALS_MAX = 100;

type FileRow = {
  sha256: string;
  byte_count: bigint;
  name: string;
  stored_at: Instant;
  seller_id: string | null;
  kind: RawFileJson["kind"];
  format: string | null;
  state: RawFileJson["state"];
  reasons: readonly Reason[];
  read_at: Instant | null;
};

/** A file that is the caller's seller's own: what holds several sellers' money is for those who see all. */
async function loadFile(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  sha256: string,
): Promise<FileRow> {
  const [row] = await tx.query<FileRow>(
    `SELECT * FROM raw_file WHERE tenant_id = $1 AND sha256 = $2 AND ($3::text IS NULL OR seller_id = $3)`,
    [tenantId, sha256, caller.sellerId],
  );
  if (row === undefined) throw problem("not-found");
  return row;
}

function placeOfRow(row: FileRow): Place {
  return [row.stored_at, row.sha256];
}

function fileJson(row: FileRow): RawFileJson {
  return {
    sha256: row.sha256,
    name: row.name,
    byteCount: Number(row.byte_count),
    sellerId: row.seller_id,
    kind: row.kind,
    format: row.format,
    state: row.state,
    reasons: [...row.reasons],
    storedAt: row.stored_at,
    readAt: row.read_at,
  };
}

function contentOf(row: FileRow, bytes: AsyncIterable<Uint8Array>): Response {
  return new Response(Readable.toWeb(Readable.from(bytes)) as ReadableStream, {
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(row.name)}`,
      "Content-Length": row.byte_count.toString(),
      // The name of the bytes is the strongest tag there is.
      ETag: `"${row.sha256}"`,
    },
  });
}

function downloaded(row: FileRow, caller: Caller, at: Instant, requestId: string) {
  return {
    subject: row.sha256,
    kind: "file-downloaded",
    at,
    data: { requestId },
    source: null,
    actor: caller.id,
  };
}
