import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const OTHER = testCaller("seller-finance", "nanan-toys");

type Found = { kind: string; id: string; text: string; amount: { amount: string } | null };

let api: TestApi;
const search = async (text: string, caller = OPERATOR): Promise<Found[]> =>
  (await api.ask(caller, `/v1/search?q=${encodeURIComponent(text)}`)).body.data;

beforeAll(async () => {
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
  await tellStory(api.channel);
});
afterAll(() => api.close());

describe("the search", () => {
  it("finds an object of each kind by its id, its reference and its amount", async () => {
    for (const [kind, list, text] of [
      ["payout", "payouts", "reference"],
      ["statement", "statements", "settlementId"],
      ["credit", "credits", "id"],
      ["hold", "holds?state=all", "id"],
      ["file", "files", "name"],
    ] as const) {
      const { data } = (await api.ask(OPERATOR, `/v1/${list}`)).body;
      const [object] = data;
      const id = object.id ?? object.sha256;
      const has = (found: Found[]) => found.some((one) => one.kind === kind && one.id === id);
      expect(has(await search(id)), `${kind} by id`).toBe(true);
      expect(has(await search(object[text])), `${kind} by ${text}`).toBe(true);
    }
    const [payout] = (await api.ask(OPERATOR, "/v1/payouts")).body.data;
    const found = await search(payout.amount.amount);
    expect(found.map(({ id }) => id)).toContain(payout.id);
    expect(found.every(({ amount }) => amount?.amount === payout.amount.amount)).toBe(true);
  });

  it("takes signs that mean something in SQL for themselves, and finds nothing by nothing", async () => {
    expect(await search("%")).toEqual([]);
    expect(await search("_")).toEqual([]);
    expect(await search("   ")).toEqual([]);
    expect((await api.ask(OPERATOR, "/v1/search?q=")).status).toBe(400);
  });

  it("shows a seller nothing of another's", async () => {
    const [payout] = (await api.ask(OPERATOR, "/v1/payouts")).body.data;
    for (const text of [payout.id, payout.reference, payout.amount.amount, "amazon"]) {
      expect(await search(text, OTHER)).toEqual([]);
    }
  });
});
