import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const OWN = testCaller("seller-viewer", SELLER.id);
const OTHER = testCaller("seller-viewer", "nanan-toys");

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
  await tellStory(api.channel);
});
afterAll(() => api.close());

describe("payouts over the API", () => {
  it("lists all of a seller's payouts once, newest first, page by page", async () => {
    const whole = await api.ask(OPERATOR, "/v1/payouts?limit=100");
    expect(whole.status).toBe(200);
    expect(whole.body.hasMore).toBe(false);
    expect(whole.body.nextCursor).toBeNull();
    const ids: string[] = whole.body.data.map((payout: { id: string }) => payout.id);
    expect(ids.length).toBeGreaterThan(2);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await api.ask(
        OWN,
        `/v1/payouts?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      expect(page.body.data).toHaveLength(1);
      paged.push(page.body.data[0].id);
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(ids);
  });

  it("shows one payout with its money as exact texts, its match and its minute clock", async () => {
    const found = await api.ask(OWN, "/v1/payouts?reference=31100000001");
    expect(found.body.data).toHaveLength(1);
    const { id } = found.body.data[0];
    const { status, body } = await api.ask(OWN, `/v1/payouts/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      sellerId: SELLER.id,
      state: "released",
      amount: { amount: "850.00", currency: "USD" },
      credited: { amount: "835.00", currency: "USD" },
      charged: { amount: "15.00", currency: "USD" },
      holds: [],
      statements: [{ settlementId: "31100000001", verdict: "proven" }],
      matches: [{ layer: "reference", source: { file: "NTF1.camt054.xml" } }],
    });
    expect(body.minuteClock.ms).toBe(
      Date.parse(body.minuteClock.releasedAt) - Date.parse(body.minuteClock.storedAt),
    );
  });

  it("tells the story of a payout down to file and line", async () => {
    const found = await api.ask(OWN, "/v1/payouts?reference=31100000001");
    const { id } = found.body.data[0];
    const { body } = await api.ask(OWN, `/v1/payouts/${id}/timeline`);
    const kinds = body.data.map((entry: { kind: string }) => entry.kind);
    expect(kinds).toContain("payout-released");
    const times: string[] = body.data.map((entry: { at: string }) => entry.at);
    expect(times).toEqual(times.toSorted());
    const told = body.data.filter((entry: { source: unknown }) => entry.source !== null);
    expect(told.length).toBeGreaterThan(0);
    for (const entry of told) {
      expect(entry.source.file).toMatch(/\.(txt|json|xml)$/);
      expect(entry.source.line).toBeGreaterThan(0);
    }
  });

  it("answers another seller's payout as one that does not exist", async () => {
    const [{ id }] = (await api.ask(OWN, "/v1/payouts?limit=1")).body.data;
    const theirs = await api.ask(OTHER, `/v1/payouts/${id}`);
    const none = await api.ask(OTHER, "/v1/payouts/po_00000000000000000000000000");
    expect(theirs.status).toBe(404);
    expect({ ...theirs.body, instance: "" }).toEqual({ ...none.body, instance: "" });
    expect((await api.ask(OTHER, `/v1/payouts/${id}/timeline`)).status).toBe(404);
    expect((await api.ask(OTHER, "/v1/payouts")).body.data).toEqual([]);
    expect((await api.ask(OTHER, `/v1/payouts?sellerId=${SELLER.id}`)).body.data).toEqual([]);
  });

  it("shows nothing to who is not signed in or not permitted", async () => {
    const nobody = await api.ask(null, "/v1/payouts");
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get("www-authenticate")).toBe("Bearer");
    expect(nobody.body.code).toBe("not-signed-in");
    const narrow = { ...OPERATOR, id: "key_narrow", scopes: ["accounts.read" as const] };
    const refused = await api.ask(narrow, "/v1/payouts");
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain("payouts.read");
  });

  it("names each fault of a query by pointer, and refuses cursors that are not its own", async () => {
    const { status, body } = await api.ask(OPERATOR, "/v1/payouts?limit=0&state=lost");
    expect(status).toBe(400);
    expect(body.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual([
      "/query/limit",
      "/query/state",
    ]);
    const made = Buffer.from('["payouts","yesterday","x"]').toString("base64url");
    for (const cursor of ["!!", "e30", made]) {
      const refused = await api.ask(OPERATOR, `/v1/payouts?cursor=${cursor}`);
      expect(refused.body.code).toBe("cursor-invalid");
    }
  });
});
