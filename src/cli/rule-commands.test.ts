import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { tellStory } from "../report/verify/test-story.ts";
import { run } from "./test-terminal.ts";

let channel: TestChannel;
let folder: string;

beforeAll(async () => {
  channel = await openTestChannel([]);
  await tellStory(channel);
  folder = await mkdtemp(join(tmpdir(), "rules-"));
});
afterAll(() => channel.close());

const place = () => ["--data", dirname(channel.rawDir), "--database-url", channel.database.url];

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe("straitway policy", () => {
  it("lists the shipped packs with the source of each rule", async () => {
    const { exitCode, out } = await run(["policy", "list"]);
    expect(exitCode).toBe(0);
    expect(out).toContain("cn-goods-receipts (version 1, from 2024-06-01)");
    expect(out).toMatch(/class-c +hold +Huifa \[2024\] 11/);
  });

  it("checks packs and policies and names the place of a fault", async () => {
    expect((await run(["policy", "check", "cn-goods-receipts"])).exitCode).toBe(0);
    const good = await file("policy.json", '{"packs": ["cn-goods-receipts"], "evidence": {}}');
    expect((await run(["policy", "check", good])).out).toContain("policy, nothing wrong");
    const bad = await file("bad.json", '{"packs": ["no-such-pack"]}');
    const refused = await run(["policy", "check", bad]);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain("no-such-pack");
  });

  it("explains a payout with facts and sources, and rehearses a pack", async () => {
    const policy = await file("in-force.json", '{"packs": ["cn-goods-receipts"], "evidence": {}}');
    const [row] = await channel.database.query<{ payout_id: string }>(
      "SELECT payout_id FROM payout WHERE state IN ('released', 'held') AND seller_id IS NOT NULL LIMIT 1",
    );
    const explained = await run([
      "policy",
      "explain",
      row?.payout_id ?? "",
      ...place(),
      "--policy",
      policy,
    ]);
    expect(explained.exitCode).toBe(0);
    expect(explained.out).toContain(
      "source: Huifa [2020] 11, item I, https://www.safe.gov.cn/en/2020/0520/1700.html (official)",
    );
    expect(explained.out).toMatch(/seller\.class +-/);
    const rehearsed = await run(["policy", "dry-run", "cn-goods-receipts", ...place(), "--json"]);
    expect(rehearsed.exitCode).toBe(0);
    const { payouts, otherwise } = JSON.parse(rehearsed.out) as {
      payouts: number;
      otherwise: { after: string[] }[];
    };
    expect(payouts).toBeGreaterThan(0);
    expect(otherwise.some(({ after }) => after.includes("evidence-unknown"))).toBe(true);
    expect((await run(["policy", "explain", "po_none", ...place()])).exitCode).toBe(1);
  });
});

describe("straitway screening check", () => {
  it("says what a list has on names, and why", async () => {
    const list = await file("sdn.csv", '7,"LIAONING MADEUP TRADING CO LTD",-0- ,"DPRK",-0-\n');
    const hit = await run([
      "screening",
      "check",
      "Liaoning Madeup Trading",
      "Amazon Payments Europe",
      "--list",
      list,
    ]);
    expect(hit.exitCode).toBe(1);
    expect(hit.out).toContain("LIAONING MADEUP TRADING CO LTD");
    expect(hit.out).toMatch(/Amazon Payments Europe +clear/);
    expect(
      (await run(["screening", "check", "Amazon", "--list", join(folder, "none.csv")])).err,
    ).toContain("cannot be read");
  });
});

describe("straitway enterprise and declaration", () => {
  it("refuse a table that is wrong anywhere, with its line", async () => {
    const table = await file(
      "class.csv",
      "seller,from,class,directory,quality,tier\nacme,2026-01-01,D,listed,,\n",
    );
    const refused = await run(["enterprise", "import", table, ...place()]);
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain('line 2: class "D" is not A, B, C or empty');
  });

  it("list nothing where nothing is declared, and export nothing", async () => {
    expect((await run(["declaration", "list", ...place()])).out).toContain("No declarations.");
    const out = join(folder, "out");
    expect((await run(["declaration", "export", "--out", out, ...place()])).out).toContain(
      "Nothing is ready",
    );
    const answer = await file("answer.xml", "<MSG/>");
    expect((await run(["declaration", "feedback", answer, ...place()])).exitCode).toBe(1);
  });
});
