import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { tellStory } from "../report/verify/test-story.ts";
import { CHECK_NAMES } from "../report/verify/verification.ts";
import { systemClock } from "../time/clock.ts";
import { runProgram } from "./program.ts";

let channel: TestChannel;

beforeAll(async () => {
  channel = await openTestChannel([]);
  await tellStory(channel);
});

afterAll(async () => channel.close());

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const place = ["--data", dirname(channel.rawDir), "--database-url", channel.database.url];
  const code = await runProgram(["verify", ...place, ...words], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    isInteractive: false,
    env: {},
    clock: systemClock,
  });
  return { code, ...said };
}

async function changeSum(by: "+ 1" | "- 1"): Promise<void> {
  await channel.database.query(
    `UPDATE statement SET summed_minor = summed_minor ${by} WHERE settlement_id = '31100000001'`,
  );
}

describe("straitway verify", () => {
  it("ends with 0 and names every check when everything agrees", async () => {
    const { code, out, err } = await run();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const name of CHECK_NAMES) expect(out).toMatch(new RegExp(`^${name} +ok +\\d+ `, "m"));
    expect(out).toContain("Everything on record agrees");
  });

  it("ends with 1 and names the row when something differs", async () => {
    await changeSum("+ 1");
    const text = await run();
    const json = await run("--json");
    await changeSum("- 1");
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.out).toMatch(/^statements +DIFFERS +1 difference in 5 statements$/m);
    expect(text.out).toMatch(
      /^statements: statement st_[0-9a-z]{26}: summed_minor differs from its file\n {4}expected USD 850\.00; found USD 850\.01$/m,
    );
    const document = JSON.parse(json.out) as Record<string, unknown>;
    expect(document).toMatchObject({ version: 1, ok: false });
    expect(document["findings"]).toContainEqual({
      check: "statements",
      subject: expect.stringMatching(/^statement st_/) as string,
      message: "summed_minor differs from its file",
      expected: "USD 850.00",
      found: "USD 850.01",
    });
  });

  it("decides holds by the policy that it is given", async () => {
    const { code, err } = await run("--policy", "no-such-policy.json");
    expect(code).toBe(1);
    expect(err).toContain("[policy-unreadable]");
  });
});
