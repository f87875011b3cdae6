import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const OWN = testCaller("seller-finance", SELLER.id);

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi([SELLER]);
  await tellStory(api.channel);
});
afterAll(() => api.close());

describe("rule packs over the API", () => {
  it("are listed with the source of each rule, and say whether they are in force", async () => {
    const { data } = (await api.ask(OWN, "/v1/rule-packs")).body;
    expect(
      data.map(({ id, isInForce }: { id: string; isInForce: boolean }) => [id, isInForce]),
    ).toEqual([
      ["cn-chongqing-pilot", false],
      ["cn-goods-receipts", false],
    ]);
    const classC = data[1].rules.find(
      ({ rule }: { rule: string }) => rule === "cn-goods-receipts/class-c",
    );
    expect(classC).toMatchObject({
      effect: "hold",
      when: "seller.class == 'C'",
      source: { notice: "Huifa [2024] 11" },
    });
  });

  it("are rehearsed over what is on record by the institution's people, and change nothing", async () => {
    const before = (await api.ask(OPERATOR, "/v1/holds?state=all")).body.data.length;
    const { payouts, otherwise } = (
      await api.ask(OPERATOR, "/v1/rule-packs/cn-goods-receipts/rehearsal")
    ).body;
    expect(payouts).toBeGreaterThan(0);
    expect(otherwise[0].after).toContain("evidence-unknown");
    expect((await api.ask(OPERATOR, "/v1/holds?state=all")).body.data).toHaveLength(before);
    expect((await api.ask(OWN, "/v1/rule-packs/cn-goods-receipts/rehearsal")).status).toBe(403);
    expect((await api.ask(OPERATOR, "/v1/rule-packs/none/rehearsal")).status).toBe(404);
  });

  it("explain a payout, and keep what lists say of a party from the party", async () => {
    const [payout] = (await api.ask(OWN, "/v1/payouts")).body.data;
    const path = `/v1/payouts/${payout.id}`;
    expect((await api.ask(OWN, `${path}/evidence`)).body.state).toBe("not-in-force");
    const factsFor = async (caller: typeof OWN) =>
      ((await api.ask(caller, `${path}/verdicts`)).body.facts as { fact: string }[]).map(
        ({ fact }) => fact,
      );
    expect(await factsFor(OPERATOR)).toContain("screening.state");
    expect((await factsFor(OWN)).filter((fact) => fact.startsWith("screening."))).toEqual([]);
  });
});
