// A second telling of each settlement's total: listSummary (Finances API 2024-06-19) asked by settlement, once for every
// statement that came from the settlement's report. A total that differs is an exception; it changes no posting.

import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { saveCursor } from "../../stores/cursor.ts";
import type { StoreView } from "../../stores/store.ts";
import { acceptPages } from "./accept-pages.ts";
import { type AmazonConnection, type AmazonStore, workOn } from "./amazon-store.ts";
import { type Page, pagesOf } from "./pages.ts";

/** Settlements asked for in one run: half a bucket of listSummary, so that others get through. */
const SETTLEMENTS_PER_RUN_MAX = 5;
/** A settlement is asked for again while the marketplace does not name its total, for so long after it came. */
const ASKED_DAYS_MAX = 14;

export function pollControlTotals(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return workOn(connection, view, "control-totals", context, async (store, key, startedAt) => {
    const settlementIds = await uncontrolled(connection, store);
    let count = 0;
    for (const settlementId of settlementIds.slice(0, SETTLEMENTS_PER_RUN_MAX)) {
      count += await askSummary(connection, store, settlementId);
    }
    await connection.database.transaction(async (tx) => {
      await context.fence(tx);
      await saveCursor(tx, key, {}, startedAt);
    });
    return { count, more: settlementIds.length > SETTLEMENTS_PER_RUN_MAX && count > 0 };
  });
}

/** Settlements whose reports this store brought and whose total nobody told a second time, newest first. */
async function uncontrolled(
  { database, tenantId, clock }: AmazonConnection,
  store: AmazonStore,
): Promise<readonly string[]> {
  const since = instantOfMs(msOf(clock.now()) - ASKED_DAYS_MAX * 86_400_000);
  const rows = await database.query<{ settlement_id: string }>(
    `SELECT s.settlement_id FROM statement s
      WHERE s.tenant_id = $1 AND s.marketplace = 'amazon' AND s.is_current AND s.state = 'posted' AND s.seller_id = $2
        AND s.recorded_at >= $4
        AND EXISTS (SELECT 1 FROM store_report r WHERE r.tenant_id = s.tenant_id AND r.store_id = $3
                       AND r.sha256 = s.source_sha256)
        AND NOT EXISTS (SELECT 1 FROM control_total c WHERE c.tenant_id = s.tenant_id
                           AND c.marketplace = s.marketplace AND c.settlement_id = s.settlement_id)
      ORDER BY s.recorded_at DESC, s.settlement_id LIMIT $5`,
    [tenantId, store.sellerId, store.storeId, since, SETTLEMENTS_PER_RUN_MAX + 1],
  );
  return rows.map((row) => row.settlement_id);
}

async function askSummary(
  connection: AmazonConnection,
  store: AmazonStore,
  settlementId: string,
): Promise<number> {
  const call = {
    operation: "listSummary",
    query: { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: settlementId },
  } as const;
  const pages: Page[] = [];
  const tokens = { name: "nextToken", alone: false } as const;
  for await (const page of pagesOf(store, call, tokens)) pages.push(page);
  const name = `summary-${settlementId}`;
  return (await acceptPages(connection, store, pages, "summaries", name)).length;
}
