// Reports API 2021-06-30, as far as settlement reports need it. Amazon makes them by itself when a settlement closes;
// nobody can ask for one. They are listed for 90 days, under all marketplaces of the seller's region, and their
// document is behind an address that is good for five minutes.

import { gzipSync } from "node:zlib";
import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import { sandboxSignature } from "../../seeded-draw.ts";
import type { Answer, Reply } from "../answers.ts";
import { error, invalidInput, notFound, ok } from "../answers.ts";
import type { Call, Operation } from "../calls.ts";
import { instantOf, listOf } from "../calls.ts";
import { knownMarketplace, marketplacesOf } from "../marketplaces.ts";
import { emptyPage, pageOf, readToken } from "../pages.ts";
import { settlementReportBytes } from "../settlement-report.ts";
import type { MarketplaceState, ReportState, StoreState } from "../state.ts";

export const SETTLEMENT_REPORT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

const STATUSES = ["CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"];
const PAGE_SIZE = 10;
const PAGE_SIZE_MAX = 100;
const TYPES_MAX = 10;
const RETENTION_MS = 90 * 86_400_000;
const DOCUMENT_LIFE_SECONDS = 300;

type Listed = { readonly store: StoreState; readonly report: ReportState };

export const REPORT_OPERATIONS: readonly Operation[] = [
  {
    name: "getReports",
    method: "GET",
    path: "/reports/2021-06-30/reports",
    rate: 0.0222,
    burst: 10,
    answer: getReports,
  },
  {
    name: "createReport",
    method: "POST",
    path: "/reports/2021-06-30/reports",
    rate: 0.0167,
    burst: 15,
    answer: createReport,
  },
  {
    name: "getReport",
    method: "GET",
    path: "/reports/2021-06-30/reports/:reportId",
    rate: 2,
    burst: 15,
    answer: getReport,
  },
  {
    name: "getReportDocument",
    method: "GET",
    path: "/reports/2021-06-30/documents/:reportDocumentId",
    rate: 0.0167,
    burst: 15,
    answer: getReportDocument,
  },
];

/** What a page of reports was asked with; a page token carries it, and comes alone. */
type ReportFilter = {
  readonly types: readonly string[];
  readonly statuses: readonly string[];
  readonly marketplaceIds: readonly string[] | null;
  readonly since: string;
  readonly until: string;
  readonly size: number;
};

function getReports(call: Call): Reply {
  const { state, query } = call;
  const given = query.get("nextToken");
  if (given !== null && [...query.keys()].length > 1) {
    return invalidInput("nextToken must be the only parameter");
  }
  const token = given === null ? null : readToken(state.seed, given);
  if (given !== null && token?.operation !== "getReports") return invalidInput("Invalid nextToken");
  const filter = token === null ? filterOf(call) : (JSON.parse(token.arguments) as ReportFilter);
  if (typeof filter === "string") return invalidInput(filter);
  const at = token ?? {
    operation: "getReports",
    arguments: JSON.stringify(filter),
    after: "",
    turn: 0,
  };
  const found = listed(call)
    .filter(({ report }) => report.createdAt >= filter.since && report.createdAt < filter.until)
    .filter(() => filter.types.includes(SETTLEMENT_REPORT_TYPE))
    .filter(() => filter.statuses.length === 0 || filter.statuses.includes("DONE"))
    .filter(({ store }) => {
      const ids = regionIds(store);
      return filter.marketplaceIds?.some((id) => ids.includes(id)) ?? true;
    });
  const page = call.isEmptyPage
    ? emptyPage<Listed>(state.seed, at)
    : pageOf(state.seed, found, ({ report }) => report.reportId, { token: at, size: filter.size });
  return ok({
    reports: page.items.map(reportAnswer),
    ...(page.nextToken === null ? {} : { nextToken: page.nextToken }),
  });
}

/** The filter as asked for, or what is wrong with it. */
function filterOf({ query, now }: Call): ReportFilter | string {
  const types = listOf(query, "reportTypes") ?? [];
  if (types.length === 0) return "Either reportTypes or nextToken is required";
  if (types.length > TYPES_MAX) return `At most ${TYPES_MAX} reportTypes`;
  const statuses = listOf(query, "processingStatuses") ?? [];
  if (statuses.some((status) => !STATUSES.includes(status))) {
    return "Invalid input in processing status";
  }
  const size = Number(query.get("pageSize") ?? PAGE_SIZE);
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE_MAX) return "Invalid pageSize";
  const since = instantOf(query, "createdSince");
  const until = instantOf(query, "createdUntil");
  if (since === undefined || until === undefined) return "Invalid date";
  const earliest = instantOfMs(msOf(now) - RETENTION_MS);
  return {
    types,
    statuses,
    marketplaceIds: listOf(query, "marketplaceIds"),
    since: since === null || since < earliest ? earliest : since,
    until: until ?? instantOfMs(msOf(now) + 1),
    size,
  };
}

/** What is there by now and not older than 90 days, newest first. */
function listed({ stores, now }: Pick<Call, "stores" | "now">): readonly Listed[] {
  const earliest = instantOfMs(msOf(now) - RETENTION_MS);
  return stores
    .flatMap((store) => store.reports.map((report) => ({ store, report })))
    .filter(({ report }) => report.createdAt <= now && report.createdAt >= earliest)
    .sort((a, b) =>
      a.report.createdAt === b.report.createdAt
        ? a.report.reportId.localeCompare(b.report.reportId)
        : b.report.createdAt.localeCompare(a.report.createdAt),
    );
}

function regionIds(store: StoreState): readonly string[] {
  return marketplacesOf(knownMarketplace(store.marketplaceId).region).map(({ id }) => id);
}

function reportAnswer({ store, report }: Listed): Answer {
  const settlement = store.settlements.find(
    ({ settlementId }) => settlementId === report.settlementId,
  );
  return {
    reportType: SETTLEMENT_REPORT_TYPE,
    processingStatus: "DONE",
    // The store it is of is not told: every settlement report names all marketplaces of the region.
    marketplaceIds: regionIds(store),
    reportId: report.reportId,
    dataStartTime: settlement?.startAt,
    dataEndTime: settlement?.endAt ?? undefined,
    createdTime: report.createdAt,
    processingStartTime: report.createdAt,
    processingEndTime: report.createdAt,
    reportDocumentId: report.documentId,
  };
}

function createReport({ body }: Call): Reply {
  const type =
    typeof body === "object" && body !== null && "reportType" in body ? body.reportType : null;
  if (type === SETTLEMENT_REPORT_TYPE) {
    const message = "Request for report type 1118 is not allowed at this time";
    return error(400, "InvalidInput", message);
  }
  return invalidInput("The sandbox marketplace makes settlement reports only, by itself");
}

function getReport(call: Call): Reply {
  const found = listed(call).find(({ report }) => report.reportId === call.path["reportId"]);
  return found === undefined ? notFound("The report") : ok(reportAnswer(found));
}

function getReportDocument(call: Call): Reply {
  const { state, now, origin } = call;
  const documentId = call.path["reportDocumentId"];
  const found = listed(call).find(({ report }) => report.documentId === documentId);
  if (found === undefined) return notFound("The report document");
  const { report } = found;
  const isPlain = call.query.get("enableContentEncodingUrlHeader") === "true";
  const encoding = report.compressed && isPlain ? "gzip" : "identity";
  const signedAt = basicInstant(now);
  const signature = documentSignature(state, report.documentId, signedAt, encoding);
  const search = new URLSearchParams({
    "X-Amz-Date": signedAt,
    "X-Amz-Expires": String(DOCUMENT_LIFE_SECONDS),
    encoding,
    "X-Amz-Signature": signature,
  });
  return ok({
    reportDocumentId: report.documentId,
    ...(report.compressed ? { compressionAlgorithm: "GZIP" } : {}),
    url: `${origin}/documents/${encodeURIComponent(report.documentId)}?${search.toString()}`,
  });
}

export type Download =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly contentType: string;
      readonly contentEncoding: "gzip" | null;
    }
  /** As the storage says it: a code and a sentence, in XML. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The bytes behind a document's address, as long as it is good. */
export function downloadDocument(
  state: MarketplaceState,
  documentId: string,
  search: URLSearchParams,
  now: Instant,
): Download {
  const signedAt = search.get("X-Amz-Date") ?? "";
  const encoding = search.get("encoding") ?? "";
  const signature = documentSignature(state, documentId, signedAt, encoding);
  if (search.get("X-Amz-Signature") !== signature) {
    const message =
      "The request signature we calculated does not match the signature you provided.";
    return { ok: false, code: "SignatureDoesNotMatch", message };
  }
  // Date and signature come together: a date that verifies is one that was written here.
  const earliest = basicInstant(instantOfMs(msOf(now) - DOCUMENT_LIFE_SECONDS * 1_000));
  if (signedAt <= earliest) {
    return { ok: false, code: "AccessDenied", message: "Request has expired" };
  }
  for (const store of state.stores) {
    const report = store.reports.find((one) => one.documentId === documentId);
    if (report === undefined) continue;
    const bytes = settlementReportBytes(store, report);
    return {
      ok: true,
      bytes: report.compressed ? gzipSync(bytes) : bytes,
      contentType: knownMarketplace(store.marketplaceId).contentType,
      contentEncoding: encoding === "gzip" ? "gzip" : null,
    };
  }
  return { ok: false, code: "NoSuchKey", message: "The specified key does not exist." };
}

function documentSignature(
  state: MarketplaceState,
  documentId: string,
  signedAt: string,
  encoding: string,
): string {
  return sandboxSignature(state.seed, `${documentId} ${signedAt} ${encoding}`);
}

/** "20261019T061241Z", as signed addresses carry it. */
function basicInstant(at: Instant): string {
  return `${at.slice(0, 19).replace(/[-:]/g, "")}Z`;
}
