import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyOf } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { checkChain } from "./chain.ts";
import { generateChain } from "./chain-generator.ts";
import { readSettlementV2 } from "./settlement-v2.ts";
import type { GeneratedStyle } from "./statement-generator.ts";
import { generatedBytes, generateStatement } from "./statement-generator.ts";

const STYLE: fc.Arbitrary<GeneratedStyle> = fc.record({
  date: fc.constantFrom("y-m-d" as const, "d.m.y" as const, "y/m/d" as const),
  number: fc.constantFrom("dot" as const, "comma" as const),
  charset: fc.constantFrom("utf-8" as const, "windows-1252" as const, "shift_jis" as const),
});
const CURRENCY = fc.constantFrom(
  ...["USD", "EUR", "JPY", "GBP", "CAD"].map((code) => currencyOf(code)!),
);

/** Cuts bytes at any places: a reader must not care where chunks end. */
function cut(bytes: Uint8Array, places: readonly number[]): Readable {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length];
  let from = 0;
  const chunks = ends
    .toSorted((left, right) => left - right)
    .map((end) => {
      const chunk = bytes.subarray(from, end);
      from = end;
      return chunk;
    });
  return Readable.from(chunks.filter((chunk) => chunk.length > 0));
}

const make = (seed: number) =>
  generatedBytes(
    generateStatement({
      seed,
      lines: 50,
      settlementId: "1",
      currency: currencyOf("USD")!,
      marketplaceName: "Amazon.com",
      style: { date: "y-m-d", number: "dot", charset: "utf-8" },
      periodStartAt: "2026-10-05T06:12:41.000Z" as Instant,
      periodEndAt: "2026-10-19T06:12:41.000Z" as Instant,
    }),
  );

describe("made-up settlements", () => {
  it("are read back to the same cents in every style, charset and cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        STYLE,
        CURRENCY,
        fc.integer(),
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (style, currency, seed, lines, places) => {
          const made = generateStatement({
            seed,
            lines,
            settlementId: "11900000001",
            currency,
            marketplaceName: "Amazon.test",
            style,
            periodStartAt: "2026-10-05T06:12:41.000Z" as Instant,
            periodEndAt: "2026-10-19T06:12:41.000Z" as Instant,
          });
          const reading = await readSettlementV2(cut(generatedBytes(made), places));
          expect(reading.refusals).toEqual([]);
          expect(reading.statements).toMatchObject([
            {
              verdict: "proven",
              currency,
              lineCount: made.lineCount,
              declaredTotalMinor: made.totalMinor,
              summedTotalMinor: made.totalMinor,
              periodStartAt: "2026-10-05T06:12:41.000Z",
              periodEndAt: "2026-10-19T06:12:41.000Z",
            },
          ]);
          const totals = new Map(
            reading.statements[0]?.groups.map((group) => [
              `${group.transactionType}|${group.amountType}|${group.amountDescription}`,
              group.totalMinor,
            ]),
          );
          expect(totals).toEqual(made.groupTotals);
          expect(reading.statements[0]?.groups.every((group) => group.known)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are no longer proven when one digit of an amount changes", async () => {
    const made = generateStatement({
      seed: 11,
      lines: 60,
      settlementId: "11900000001",
      currency: currencyOf("EUR")!,
      marketplaceName: "Amazon.test",
      style: { date: "d.m.y", number: "comma", charset: "windows-1252" },
      periodStartAt: "2026-10-05T06:12:41.000Z" as Instant,
      periodEndAt: "2026-10-19T06:12:41.000Z" as Instant,
    });
    const lines = Buffer.from(generatedBytes(made)).toString("latin1").split("\n");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 61 }),
        fc.integer({ min: 1, max: 9 }),
        async (at, by) => {
          const cells = (lines[at] ?? "").split("\t");
          cells[14] = (cells[14] ?? "").replace(/\d$/, (digit) =>
            String((Number(digit) + by) % 10),
          );
          const changed = lines.with(at, cells.join("\t")).join("\n");
          const reading = await readSettlementV2(Readable.from([Buffer.from(changed, "latin1")]));
          expect(reading.statements[0]?.reasons.map((reason) => reason.code)).toEqual([
            "total-mismatch",
          ]);
        },
      ),
    );
  });

  it("are the same bytes for the same seed", () => {
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
  });
});

describe("made-up chains", () => {
  it("hold together whatever becomes of their payouts", async () => {
    const fates = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        STYLE,
        fc.integer({ min: 2, max: 7 }),
        async (seed, style, count) => {
          const chain = generateChain({
            seed,
            count,
            linesPerStatement: 12,
            currency: currencyOf("USD")!,
            marketplaceName: "Amazon.com",
            style,
            startAt: "2026-01-05T06:12:41.000Z" as Instant,
          });
          const readings = await Promise.all(
            chain.map((one) => readSettlementV2(Readable.from([generatedBytes(one.statement)]))),
          );
          const read = readings.flatMap((reading) => reading.statements);
          expect(read.map((one) => one.verdict)).toEqual(chain.map(() => "proven"));
          const report = checkChain(read);
          expect(report.findings).toEqual([]);
          expect(report.links.map((link) => link.join)).toEqual(
            chain.slice(1).map(() => "touches"),
          );
          for (const [index, link] of report.links.entries()) {
            const previous = chain[index]!;
            fates.add(previous.fate);
            const kinds = new Map(link.carries.map((carry) => [carry.kind, carry.amountMinor]));
            const total = previous.statement.totalMinor;
            const failed = previous.fate === "failed" || previous.fate === "skipped";
            expect(kinds.get("failed-transfer")).toBe(failed && total !== 0n ? total : undefined);
            expect(kinds.get("negative-total")).toBe(total < 0n ? total : undefined);
            expect(kinds.get("charge-to-seller")).toBe(
              previous.fate === "charged" ? -total : undefined,
            );
            expect(kinds.get("reserve")).toBe(
              previous.reserveMinor > 0 ? BigInt(previous.reserveMinor) : undefined,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
    expect([...fates].toSorted()).toEqual(["charged", "failed", "netted", "paid", "skipped"]);
  });
});
