import { createReadStream } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StatementReading } from "../statement.ts";
import { checkChain } from "./chain.ts";
import { readSettlementV2 } from "./settlement-v2.ts";

async function statements(...names: readonly string[]): Promise<StatementReading[]> {
  const readings = await Promise.all(
    names.map((name) =>
      readSettlementV2(
        createReadStream(new URL(`../../../fixtures/amazon/${name}`, import.meta.url)),
      ),
    ),
  );
  return readings.flatMap((reading) => reading.statements);
}

const CHAIN = ["us-chain-1-negative.txt", "us-chain-2-charged.txt", "us-chain-3-netted.txt"];

const tampered = async (names: readonly string[], index: number, description: string) => {
  const chain = await statements(...names);
  const groups = chain[index]!.groups.map((group) =>
    group.amountDescription === description
      ? { ...group, totalMinor: group.totalMinor + 1n }
      : group,
  );
  chain[index] = { ...chain[index]!, groups };
  return checkChain(chain).findings.map((finding) => finding.code);
};

const without = async (names: readonly string[], index: number, description: string) => {
  const chain = await statements(...names);
  const groups = chain[index]!.groups.filter((group) => group.amountDescription !== description);
  chain[index] = { ...chain[index]!, groups };
  return checkChain(chain).findings.map((finding) => finding.code);
};

describe("the chain of settlements", () => {
  it("carries a total below zero into the next settlement, charged or netted", async () => {
    const chain = await statements(...CHAIN);
    const report = checkChain(chain);
    expect(report.findings).toEqual([]);
    expect(report.leftOut).toEqual([]);
    expect(report.links).toMatchObject([
      {
        join: "touches",
        gapMs: 0,
        carries: [
          { kind: "negative-total", amountMinor: -18_219n },
          { kind: "charge-to-seller", amountMinor: 18_219n },
        ],
      },
      { join: "touches", carries: [{ kind: "negative-total", amountMinor: -3_694n }] },
    ]);
  });

  it("is the same in whatever order the files arrive", async () => {
    const chain = await statements(...CHAIN, "us-v2-1.txt", "us-v2-2.txt", "us-v2-3.txt");
    expect(checkChain(chain.toReversed())).toEqual(checkChain(chain));
  });

  it("names the settlement that is missing", async () => {
    const report = checkChain(await statements(CHAIN[0]!, CHAIN[2]!));
    expect(report.links).toMatchObject([{ join: "gap", gapMs: 14 * 86_400_000 }]);
    expect(report.findings.map((finding) => finding.code)).toEqual(["period-gap"]);
  });

  it("follows a reserve from the settlement that held it to the one that gives it back", async () => {
    const chain = await statements("us-v2-1.txt", "us-v2-2.txt", "us-v2-3.txt");
    const report = checkChain(chain);
    expect(report.findings).toEqual([]);
    expect(report.links.map((link) => link.carries)).toEqual([
      [{ kind: "reserve", amountMinor: 6_000n }],
      [{ kind: "reserve", amountMinor: 2_500n }],
    ]);
  });

  it("finds a carried balance or a reserve that changed on the way", async () => {
    expect(await tampered(CHAIN, 1, "Payable to Amazon")).toEqual(["carried-balance-differs"]);
    const reserves = ["us-v2-1.txt", "us-v2-2.txt"];
    expect(await tampered(reserves, 1, "Previous Reserve Amount Balance")).toEqual([
      "reserve-differs",
    ]);
  });

  it("finds a balance or a reserve that is not carried, or comes from nowhere", async () => {
    expect(await without(CHAIN, 1, "Payable to Amazon")).toEqual(["negative-total-not-carried"]);
    const reserves = ["us-v2-1.txt", "us-v2-2.txt"];
    expect(await without(reserves, 1, "Previous Reserve Amount Balance")).toEqual([
      "reserve-not-returned",
    ]);
    expect(await without(reserves, 0, "Current Reserve Amount")).toEqual(["reserve-unexpected"]);
    const [first, second] = await statements(CHAIN[0]!, CHAIN[1]!);
    const positive = { ...first!, declaredTotalMinor: 100n };
    expect(checkChain([positive, second!]).findings.map((finding) => finding.code)).toEqual([
      "carried-balance-unexpected",
    ]);
  });

  it("keeps stores and currencies apart, and calls two at once an overlap", async () => {
    const chain = await statements("us-v2-1.txt", "ca-v2.txt", "de-v2-cp1252.txt");
    expect(checkChain(chain)).toMatchObject({ links: [], findings: [] });
    const [one] = chain;
    const french = { ...one!, settlementId: "x", marketplaceNames: ["Amazon.fr"] };
    expect(checkChain([one!, french]).links).toEqual([]);
    const twin = { ...one!, settlementId: "12100410012" };
    expect(checkChain([one!, twin]).findings.map((finding) => finding.code)).toEqual([
      "period-overlap",
    ]);
  });

  it("leaves out what has no declared period", async () => {
    const [one] = await statements("us-v2-1.txt");
    expect(checkChain([{ ...one!, periodEndAt: null }]).leftOut).toEqual(["12100410011"]);
  });
});
