import { afterAll, beforeAll, expect, it } from "vitest";
import { SELLER } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OWN = testCaller("seller-viewer", SELLER.id);
const OTHER = testCaller("seller-viewer", "nanan-toys");
const OPERATOR = testCaller("operator");

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
  for (const [id, sellerId, createdAt] of [
    ["store_1", SELLER.id, "2026-11-01T00:00:00.000Z"],
    ["store_2", SELLER.id, "2026-11-02T00:00:00.000Z"],
    ["store_3", "nanan-toys", "2026-11-02T00:00:00.000Z"],
  ] as const) {
    await api.channel.database.query(
      `INSERT INTO store (tenant_id, store_id, seller_id, marketplace, region, name, name_check, participations,
                          created_at, version)
       VALUES ($1, $2, $3, 'amazon', 'na', $2, 'unchecked', '[]', $4, 7)`,
      [api.deps.tenantId, id, sellerId, createdAt],
    );
  }
});
afterAll(() => api.close());

it("stores are listed newest first, page by page, and a seller sees its own", async () => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await api.ask(
      OPERATOR,
      `/v1/stores?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`,
    );
    ids.push(page.body.data[0].id);
    cursor = page.body.nextCursor;
  } while (cursor !== null);
  expect(ids).toEqual(["store_3", "store_2", "store_1"]);
  const own = await api.ask(OWN, "/v1/stores");
  expect(own.body.data.map((store: { id: string }) => store.id)).toEqual(["store_2", "store_1"]);
  const one = await api.ask(OWN, "/v1/stores/store_1");
  expect(one.body).toMatchObject({ state: "pending-consent", bindings: [] });
  expect(one.body).not.toHaveProperty("version");
  expect(one.headers.get("etag")).toBe('"v7"');
  expect((await api.ask(OTHER, "/v1/stores/store_1")).status).toBe(404);
});
