import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../storage/test-database.ts";
import type { StoreView } from "../../stores/store.ts";
import type { AmazonConnection } from "./amazon-store.ts";
import { pollReports } from "./poll-reports.ts";
import {
  boundStore,
  errorReply,
  HOST,
  loginRoutes,
  NO_LEASE,
  type Reply,
  type Route,
  type ScriptedAmazon,
  scriptedAmazon,
  testConnection,
} from "./test-amazon.ts";

const REPORTS = "GET /reports/2021-06-30/reports";
const DOCUMENT = "/reports/2021-06-30/documents/doc-1";
/** A name in Latin letters with marks, as windows-1252 writes it. */
const BYTES = Buffer.from("settlement-id\ttotal-amount\n1\tZürich\n", "latin1");

let database: TestDatabase;
let amazon: ScriptedAmazon;
let opened: ReturnType<typeof testConnection>;
let connection: AmazonConnection;
let store: StoreView;
/** How many addresses of the document were given out. */
let addresses: number;

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  for (const table of ["store_report", "store_cursor", "store_consent", "store_binding", "store"])
    await database.query(`DELETE FROM ${table}`);
  amazon = scriptedAmazon(loginRoutes());
  opened = testConnection(database, amazon);
  ({ connection } = opened);
  store = await boundStore(connection);
  addresses = 0;
});

const listed = (id: string, changes: Record<string, unknown> = {}) => ({
  reportId: id,
  reportType: "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
  processingStatus: "DONE",
  createdTime: "2026-07-29T20:00:00Z",
  reportDocumentId: "doc-1",
  ...changes,
});

type Told = Record<string, unknown>;

/** One report; its document is asked for under a new address each time. */
function script(file: (address: number) => Reply | Promise<Reply>, told: Told = {}): void {
  const files: Record<string, Route> = {};
  for (const number of [1, 2, 3, 4]) files[`GET /files/${number}`] = () => file(number);
  amazon.routes = {
    ...loginRoutes(),
    [REPORTS]: () => ({ body: { reports: [listed("r-1")] } }),
    [`GET ${DOCUMENT}`]: () => {
      addresses += 1;
      const url = `${HOST}/files/${addresses}?signature=secret`;
      return { body: { reportDocumentId: "doc-1", url, ...told } };
    },
    ...files,
  };
}

const plain = (body: Uint8Array, contentType = "text/plain; charset=Cp1252"): Reply => ({
  headers: { "content-type": contentType },
  body,
});
const poll = () => pollReports(connection, store, NO_LEASE);
const here = () =>
  database.query(`SELECT report_id FROM store_report WHERE fetched_at IS NOT NULL ORDER BY 1`);

describe("the document of a report", () => {
  it("is unpacked and kept byte for byte, with the charset that the download names", async () => {
    script(() => plain(gzipSync(BYTES)), { compressionAlgorithm: "GZIP" });
    expect(await poll()).toEqual({ count: 1, more: false });
    const [item] = opened.accepted;
    expect(Buffer.from(item?.bytes ?? [])).toEqual(BYTES);
    expect(item).toMatchObject({ sellerId: "acme", source: `store:${store.storeId}` });
    const rows = await database.query(`SELECT charset, sha256 FROM store_report`);
    expect(rows).toEqual([{ charset: "Cp1252", sha256: "sha-1" }]);
    const [download] = amazon.askedFor("/files/1");
    expect(download?.headers.get("x-amz-access-token")).toBeNull();
    // It is here: nobody fetches it again.
    expect(await poll()).toEqual({ count: 0, more: false });
    expect(addresses).toBe(1);
  });

  it("is taken as it is when it is not packed, or was unpacked on the way", async () => {
    script(() => plain(BYTES, "text/plain"), { compressionAlgorithm: "GZIP" });
    await poll();
    expect(Buffer.from(opened.accepted[0]?.bytes ?? [])).toEqual(BYTES);
    expect(await database.query(`SELECT charset FROM store_report`)).toEqual([{ charset: null }]);
  });

  it("fails for now when every address has run out, without showing one", async () => {
    script(() => errorReply(403, "AccessDenied"));
    const failure = await poll().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: "the report document answered 403", retryable: true });
    expect(addresses).toBe(3);
    const [row] = await database.query<{ failure: string }>(
      `SELECT failure FROM store_cursor WHERE operation = 'reports'`,
    );
    expect(row?.failure).not.toContain("secret");
    script(() => plain(BYTES));
    expect(await poll()).toMatchObject({ count: 1 });
  });
});

describe("the list of reports", () => {
  it("waits for a report that is not done, and does not let one that fails keep the others", async () => {
    const reports = [
      listed("r-1", { reportDocumentId: "doc-gone" }),
      listed("r-2"),
      listed("r-3", { processingStatus: "IN_PROGRESS", reportDocumentId: undefined }),
    ];
    script(() => plain(BYTES));
    amazon.routes = { ...amazon.routes, [REPORTS]: () => ({ body: { reports } }) };
    await expect(poll()).rejects.toThrow("getReportDocument was refused with 404");
    expect(await here()).toEqual([{ report_id: "r-2" }]);
    reports[0] = listed("r-1");
    reports[2] = listed("r-3");
    expect(await poll()).toMatchObject({ count: 2 });
    expect(await here()).toHaveLength(3);
  });
});
