import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readSettlementV1 } from "./settlement-v1.ts";

const FIXTURE = new URL("../../../fixtures/amazon/ca-v1.txt", import.meta.url);
const text = readFileSync(FIXTURE, "utf8");

async function only(content: string) {
  const reading = await readSettlementV1(Readable.from([Buffer.from(content)]));
  expect(reading.refusals).toEqual([]);
  return reading.statements[0]!;
}

describe("the old settlement file", () => {
  it("gives both amounts of a row that fills two columns", async () => {
    const statement = await only(text);
    const service = statement.groups.filter((group) => group.transactionType === "ServiceFee");
    expect(service.map((group) => [group.amountType, group.totalMinor])).toEqual([
      ["ItemFees", -4000n],
      ["OtherFee", -520n],
    ]);
    expect(service.every((group) => group.class === "advertising")).toBe(true);
  });

  it("accepts a row that only says how many were bought, not one that says nothing", async () => {
    expect((await only(text)).verdict).toBe("proven");
    const silent = `${text}10811110013\t\t\t\t\t\tOrder${"\t".repeat(29)}\n`;
    expect((await only(silent)).reasons.map((reason) => reason.code)).toEqual(["amount-missing"]);
  });

  it("is quarantined when one of the nine columns changes by a cent", async () => {
    expect(
      (await only(text.replace("\t-3.25\t", "\t-3.26\t"))).reasons.map(({ code }) => code),
    ).toEqual(["total-mismatch"]);
  });

  it("is read without the three promotion columns of a period that had none", async () => {
    const rows = text.split("\n").map((line) => line.split("\t"));
    const drop = new Set(["promotion-id", "promotion-type", "promotion-amount"]);
    const kept = (rows[0] ?? [])
      .map((name, index) => ({ name, index }))
      .filter(({ name }) => !drop.has(name));
    const withoutPromotion = rows
      .filter((cells) => !cells.includes("SHIP-5"))
      .map((cells) => kept.map(({ index }) => cells[index] ?? "").join("\t"))
      .join("\n")
      .trimEnd();
    const statement = await only(`${withoutPromotion}\n`);
    expect(statement.reasons.map((reason) => reason.code)).toEqual(["total-mismatch"]);
    expect(statement.summedTotalMinor - (statement.declaredTotalMinor ?? 0n)).toBe(500n);
  });
});
