// Settlement reports: Amazon makes them by itself when a settlement closes; nobody can ask for one. They are listed, and
// each document is fetched once and handed to the inbox. Which settlement it is, its content says: the list does not, and
// names the same report for several country stores.

import { Outage } from "../../../errors/outage.ts";
import type { Tx } from "../../../storage/database.ts";
import { insertRows } from "../../../storage/insert-rows.ts";
import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf, parseInstant } from "../../../time/instant.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { type CursorKey, loadCursor, saveCursor } from "../../stores/cursor.ts";
import type { StoreView } from "../../stores/store.ts";
import { isArray, isObject, type JsonObject, textOf } from "../json-decimal.ts";
import { sourceOf } from "./accept-pages.ts";
import { type AmazonConnection, type AmazonStore, workOn } from "./amazon-store.ts";
import { pagesOf } from "./pages.ts";
import { fetchDocument } from "./report-document.ts";

/** The one live format: Amazon withdrew the older ones on 2026-03-25. */
export const SETTLEMENT_REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

const DAY_MS = 86_400_000;
/** "createdSince … The default is 90 days ago": reports are kept no longer; a day of margin. */
const FAR_DAYS = 89;
const FAR_EVERY_MS = DAY_MS;
/** Reports are seen to be listed late; what is younger than this is asked for each time. */
const RECENT_DAYS = 7;
/** Documents of one run: a full bucket of getReportDocument; the next run goes on. */
const DOCUMENTS_PER_RUN_MAX = 15;

type Listed = {
  readonly reportId: string;
  readonly documentId: string | null;
  readonly reportType: string;
  readonly status: string;
  readonly createdAt: Instant;
};

export function pollReports(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return workOn(connection, view, "reports", context, async (store, key, startedAt) => {
    await listReports(connection, store, context, key, startedAt);
    return fetchReports(connection, store, context);
  });
}

type Cursor = { readonly farAt?: Instant };

/** Lists what is new, notes it, and saves how far the list was read, in one transaction. */
async function listReports(
  { database, tenantId }: AmazonConnection,
  store: AmazonStore,
  { fence }: PollContext,
  key: CursorKey,
  startedAt: Instant,
): Promise<void> {
  const cursor: Cursor = await loadCursor(database, key);
  const isFar = cursor.farAt === undefined || msOf(startedAt) - msOf(cursor.farAt) >= FAR_EVERY_MS;
  const days = isFar ? FAR_DAYS : RECENT_DAYS;
  const query = {
    reportTypes: [SETTLEMENT_REPORT],
    pageSize: "100",
    createdSince: instantOfMs(msOf(startedAt) - days * DAY_MS),
  };
  const listed: Listed[] = [];
  const tokens = { name: "nextToken", alone: true } as const;
  for await (const { body } of pagesOf(store, { operation: "getReports", query }, tokens)) {
    const reports = body.get("reports");
    for (const report of isArray(reports) ? reports.filter(isObject) : []) {
      listed.push(listedOf(report));
    }
  }
  await database.transaction(async (tx) => {
    await fence(tx);
    await noteReports(tx, tenantId, store.storeId, listed, startedAt);
    await saveCursor(tx, key, isFar ? { farAt: startedAt } : cursor, startedAt);
  });
}

function listedOf(report: JsonObject): Listed {
  const reportId = textOf(report, "reportId") ?? "";
  const createdAt = parseInstant(textOf(report, "createdTime") ?? "");
  if (reportId === "" || createdAt === null) {
    throw new Outage("amazon", "getReports lists a report without id or time", { retryable: true });
  }
  return {
    reportId,
    documentId: textOf(report, "reportDocumentId"),
    reportType: textOf(report, "reportType") ?? "",
    status: textOf(report, "processingStatus") ?? "",
    createdAt,
  };
}

async function noteReports(
  tx: Tx,
  tenantId: string,
  storeId: string,
  listed: readonly Listed[],
  now: Instant,
): Promise<void> {
  const reports = [...new Map(listed.map((report) => [report.reportId, report])).values()];
  if (reports.length === 0) return;
  await insertRows(
    tx,
    "store_report",
    {
      tenant_id: "text",
      store_id: "text",
      report_id: "text",
      document_id: "text",
      report_type: "text",
      status: "text",
      created_at: "timestamptz",
      listed_at: "timestamptz",
    },
    reports.map((report) => [
      tenantId,
      storeId,
      report.reportId,
      report.documentId,
      report.reportType,
      report.status,
      report.createdAt,
      now,
    ]),
  );
  await tx.query(
    `UPDATE store_report r SET document_id = n.document_id, status = n.status
       FROM unnest($3::text[], $4::text[], $5::text[]) AS n(report_id, document_id, status)
      WHERE r.tenant_id = $1 AND r.store_id = $2 AND r.report_id = n.report_id AND r.fetched_at IS NULL`,
    [
      tenantId,
      storeId,
      reports.map((report) => report.reportId),
      reports.map((report) => report.documentId),
      reports.map((report) => report.status),
    ],
  );
}

/** Fetches what is done and not here yet, oldest first. One that fails does not keep the others. */
async function fetchReports(
  connection: AmazonConnection,
  store: AmazonStore,
  context: PollContext,
): Promise<PollOutcome> {
  const { database, tenantId } = connection;
  const open = await database.query<{ report_id: string; document_id: string }>(
    `SELECT report_id, document_id FROM store_report
      WHERE tenant_id = $1 AND store_id = $2 AND fetched_at IS NULL AND status = 'DONE' AND document_id IS NOT NULL
      ORDER BY created_at, report_id LIMIT $3`,
    [tenantId, store.storeId, DOCUMENTS_PER_RUN_MAX + 1],
  );
  const failures: Outage[] = [];
  let count = 0;
  for (const { report_id: reportId, document_id: documentId } of open.slice(
    0,
    DOCUMENTS_PER_RUN_MAX,
  )) {
    try {
      await fetchReport(connection, store, context, reportId, documentId);
      count += 1;
    } catch (error) {
      // Limits and lost authorisations concern all of them, and so does an outage of ours.
      if (!(error instanceof Outage) || error.port !== "amazon" || error.name === "Throttled") {
        throw error;
      }
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return { count, more: open.length > DOCUMENTS_PER_RUN_MAX };
}

/** The document is kept before its row says so: a crash between the two fetches it again, and keeps it once. */
async function fetchReport(
  connection: AmazonConnection,
  store: AmazonStore,
  { fence, signal }: PollContext,
  reportId: string,
  documentId: string,
): Promise<void> {
  const { database, tenantId, clock, accept } = connection;
  const { bytes, charset } = await fetchDocument(connection, store, documentId, signal);
  const { sha256 } = await accept({
    name: `settlement-${reportId}.txt`,
    bytes,
    sellerId: store.sellerId,
    source: sourceOf(store.storeId),
  });
  await database.transaction(async (tx) => {
    await fence(tx);
    await tx.query(
      `UPDATE store_report SET sha256 = $4, charset = $5, fetched_at = $6
        WHERE tenant_id = $1 AND store_id = $2 AND report_id = $3`,
      [tenantId, store.storeId, reportId, sha256, charset, clock.now()],
    );
  });
}
