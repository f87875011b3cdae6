import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { generateChain } from "../marketplace/amazon/chain-generator.ts";
import { generatedBytes, generateStatement } from "../marketplace/amazon/statement-generator.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor, parseMinor } from "../money/money.ts";
import type { Instant } from "../time/instant.ts";
import { GROUPS_SHOWN_MAX } from "./statement-text.ts";
import { statementCheckContract } from "./test-contract.ts";
import { documentedJson, documentedText, filesUnder } from "./test-files.ts";
import { type Run, run, STEERING_CHARACTER } from "./test-terminal.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/amazon");
const folder = mkdtempSync(join(tmpdir(), "straitway-statement-check-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const USD = "USD" as Currency;

function made(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const fixture = (name: string) => join(FIXTURES, name);

/** A V2 file: rows are [transaction-type, amount-type, amount-description, amount]. */
function v2(total: string, rows: readonly (readonly string[])[], id = "77000000001"): string {
  const header =
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\t" +
    "transaction-type\tmarketplace-name\tamount-type\tamount-description\tamount";
  const summary = `${id}\t2026-06-29 06:14:09 UTC\t2026-07-13 06:14:09 UTC\t2026-07-15 06:14:09 UTC\t${total}\tUSD\t\t\t\t\t`;
  const lines = rows.map(
    ([transactionType, amountType, description, amount]) =>
      `${id}\t\t\t\t\t\t${transactionType}\tAmazon.com\t${amountType}\t${description}\t${amount}`,
  );
  return `${[header, summary, ...lines].join("\n")}\n`;
}

type Answer = z.infer<typeof statementCheckContract>;

async function checked(...paths: readonly string[]): Promise<Run & { answer: Answer }> {
  const ran = await run(["statement", "check", "--json", ...paths]);
  expect(ran.err).toBe("");
  return { ...ran, answer: statementCheckContract.parse(JSON.parse(ran.out)) };
}

/** Minor units of an exact text, so that sums in the test are sums of integers. */
function minorOf(text: string | null, currency: string | null): bigint {
  const parsed = parseMinor(text ?? "", currency as Currency);
  if (!parsed.ok) throw new Error(`${text} is not exact in ${currency}`);
  return parsed.minor;
}

describe("the answer for machines", () => {
  it("proves a settlement and tells its groups, period and amounts as exact texts", async () => {
    const path = made(
      "proven.txt",
      v2("1110.49", [
        ["Order", "ItemPrice", "Principal", "1129.99"],
        ["Order", "ItemFees", "Commission", "-19.50"],
      ]),
    );
    const { exitCode, answer } = await checked(path);
    expect(exitCode).toBe(0);
    expect(answer).toEqual({
      version: 1,
      statements: [
        {
          file: path,
          format: "amazon-settlement-v2",
          charset: "utf-8",
          marketplace: "amazon",
          marketplaceNames: ["Amazon.com"],
          settlementId: "77000000001",
          currency: "USD",
          periodStart: "2026-06-29T06:14:09.000Z",
          periodEnd: "2026-07-13T06:14:09.000Z",
          depositAt: "2026-07-15T06:14:09.000Z",
          firstLine: 2,
          lastLine: 4,
          lineCount: 2,
          declaredTotal: "1110.49",
          summedTotal: "1110.49",
          difference: "0.00",
          verdict: "proven",
          reasons: [],
          groups: [
            {
              transactionType: "Order",
              amountType: "ItemPrice",
              amountDescription: "Principal",
              class: "sales",
              known: true,
              lineCount: 1,
              total: "1129.99",
              firstLine: 3,
            },
            {
              transactionType: "Order",
              amountType: "ItemFees",
              amountDescription: "Commission",
              class: "selling-fees",
              known: true,
              lineCount: 1,
              total: "-19.50",
              firstLine: 4,
            },
          ],
          unknownGroups: [],
          chain: { before: null, after: [], carries: [], findings: [] },
        },
      ],
      payouts: [],
    });
  });

  it("keeps the contract for every made-up file, and its sums agree with each other", async () => {
    const names = readdirSync(FIXTURES).filter((name) => !name.endsWith(".expected.json"));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const { exitCode, answer } = await checked(fixture(name));
      expect(answer.statements.length, name).toBeGreaterThan(0);
      const isProven = answer.statements.every((one) => one.verdict === "proven");
      expect(exitCode, name).toBe(isProven ? 0 : 1);
      for (const one of answer.statements) {
        expect(one.reasons.length === 0, name).toBe(one.verdict === "proven");
        expect(one.unknownGroups, name).toEqual(one.groups.filter((each) => !each.known));
        if (one.summedTotal === null) continue;
        const summed = minorOf(one.summedTotal, one.currency);
        const groups = one.groups.map((each) => minorOf(each.total, one.currency));
        expect(
          groups.reduce((sum, total) => sum + total, 0n),
          name,
        ).toBe(summed);
        if (one.declaredTotal === null) expect(one.difference, name).toBeNull();
        else {
          const difference = summed - minorOf(one.declaredTotal, one.currency);
          expect(one.difference, name).toBe(formatMinor(difference, one.currency as Currency));
        }
      }
    }
  });

  it("quarantines a settlement that is one cent off, with the line and the difference", async () => {
    const path = made("one-cent-off.txt", v2("20.01", [["Order", "ItemPrice", "Principal", "20"]]));
    const { exitCode, answer } = await checked(path);
    expect(exitCode).toBe(1);
    expect(answer.statements).toMatchObject([
      {
        verdict: "quarantined",
        declaredTotal: "20.01",
        summedTotal: "20.00",
        difference: "-0.01",
        reasons: [{ code: "total-mismatch", line: 2 }],
      },
    ]);
  });

  it("tells no amount of a settlement whose currency is unknown", async () => {
    const content = v2("20.00", [["Order", "ItemPrice", "Principal", "20.00"]]);
    const { exitCode, answer } = await checked(
      made("no-currency.txt", content.replace("\tUSD\t", "\tXQQ\t")),
    );
    expect(exitCode).toBe(1);
    expect(answer.statements).toMatchObject([
      { currency: null, declaredTotal: null, summedTotal: null, difference: null, chain: null },
    ]);
    expect(answer.statements[0]?.groups[0]?.total).toBeNull();
  });

  it("names unknown lines and still proves the settlement", async () => {
    const { exitCode, answer } = await checked(fixture("us-v2-unknown-triple.txt"));
    expect(exitCode).toBe(0);
    expect(answer.statements[0]?.unknownGroups).toMatchObject([
      {
        transactionType: "AmazonFees",
        amountType: "Packaging Passport Fee",
        amountDescription: "Base fee",
        class: "suspense",
        total: "-3.20",
      },
    ]);
  });

  it("sums any generated settlement to the total that its generator made up", async () => {
    const style = { date: "y-m-d", number: "dot", charset: "utf-8" } as const;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        const statement = generateStatement({
          seed,
          lines: 40,
          settlementId: String(seed),
          currency: USD,
          marketplaceName: "Amazon.com",
          style,
          periodStartAt: "2026-01-01T00:00:00.000Z" as Instant,
          periodEndAt: "2026-01-15T00:00:00.000Z" as Instant,
        });
        const path = made("generated.txt", generatedBytes(statement));
        const { exitCode, answer } = await checked(path);
        expect(exitCode).toBe(0);
        expect(answer.statements[0]?.summedTotal).toBe(formatMinor(statement.totalMinor, USD));
        for (const one of answer.statements[0]?.groups ?? []) {
          const key = `${one.transactionType}|${one.amountType}|${one.amountDescription}`;
          expect(one.total).toBe(formatMinor(statement.groupTotals.get(key) ?? 0n, USD));
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("the chain", () => {
  it("joins settlements in any order of files, with what each took over", async () => {
    const chained = generateChain({
      seed: 11,
      count: 5,
      linesPerStatement: 10,
      currency: USD,
      marketplaceName: "Amazon.com",
      style: { date: "y-m-d", number: "dot", charset: "utf-8" },
      startAt: "2026-01-01T00:00:00.000Z" as Instant,
    });
    const paths = chained.map(({ settlementId, statement }) =>
      made(`${settlementId}.txt`, generatedBytes(statement)),
    );
    const { answer } = await checked(...paths.toReversed());
    const statements = answer.statements.toReversed();
    for (const [index, one] of statements.entries()) {
      const before = chained[index - 1];
      expect(one.chain?.before?.settlementId).toBe(before?.settlementId);
      expect(one.chain?.before?.file).toBe(paths[index - 1]);
      expect(one.chain?.after.map((each) => each.settlementId)).toEqual(
        chained.slice(index + 1, index + 2).map((each) => each.settlementId),
      );
      expect(one.chain?.findings).toEqual([]);
      const carried = one.chain?.carries.find(({ kind }) => kind === "negative-total");
      const total = before?.statement.totalMinor ?? 0n;
      expect(carried?.amount).toBe(total < 0n ? formatMinor(total, USD) : undefined);
    }
  });

  it("takes the proven one of two files of a settlement, and tells a missing period", async () => {
    const { exitCode, answer } = await checked(
      fixture("us-v2-one-cent-off.txt"),
      fixture("us-v2-one-cent-off-reissued.txt"),
      fixture("us-chain-1-negative.txt"),
    );
    expect(exitCode).toBe(1);
    const [wrong, reissued, next] = answer.statements;
    expect(wrong?.chain).toBeNull();
    expect(reissued?.chain?.after.map((each) => each.join)).toEqual(["gap"]);
    expect(next?.chain?.before?.file).toBe(reissued?.file);
    expect(next?.chain?.findings.map(({ code }) => code)).toEqual(["period-gap"]);
  });

  it("changes no exit code: settlements with a gap between them are proven all the same", async () => {
    const { exitCode, answer } = await checked(
      fixture("us-chain-1-negative.txt"),
      fixture("us-chain-3-netted.txt"),
    );
    expect(exitCode).toBe(0);
    expect(answer.statements[1]?.chain?.findings.map(({ code }) => code)).toEqual(["period-gap"]);
  });
});

describe("files that hold no statement", () => {
  it("stand in the answer with their reason, beside those that do", async () => {
    const paths = {
      missing: join(folder, "not-there.txt"),
      folder,
      empty: made("empty.txt", ""),
      letter: made("letter.txt", "Dear seller,\n"),
      bank: made("bank.xml", '<?xml version="1.0"?>\n<Document/>\n'),
      header: made("header.txt", v2("0", []).split("\n")[0] ?? ""),
      payouts: fixture("us-list-payouts.json"),
    };
    const good = fixture("us-v2-1.txt");
    const { exitCode, answer } = await checked(...Object.values(paths), good);
    expect(exitCode).toBe(1);
    expect(answer.statements.map(({ file }) => file)).toEqual([...Object.values(paths), good]);
    expect(
      answer.statements.map(({ verdict, format, reasons }) => [
        verdict,
        format,
        reasons.map(({ code }) => code).join(),
      ]),
    ).toEqual([
      ["quarantined", null, "file-unreadable"],
      ["quarantined", null, "file-unreadable"],
      ["quarantined", null, "file-empty"],
      ["quarantined", null, "not-a-statement"],
      ["quarantined", null, "not-a-statement"],
      ["quarantined", "amazon-settlement-v2", "header-only"],
      ["quarantined", "amazon-payout-list", "no-statement"],
      ["proven", "amazon-settlement-v2", ""],
    ]);
    expect(answer.statements[4]?.reasons[0]?.message).toContain("straitway bank read");
    expect(answer.payouts.map(({ file }) => file)).toEqual(answer.payouts.map(() => paths.payouts));
    expect(answer.payouts.length).toBeGreaterThan(0);
  });

  it("are told to people too, and counted at the end", async () => {
    const { exitCode, out } = await run([
      "statement",
      "check",
      join(folder, "not-there.txt"),
      fixture("us-v2-1.txt"),
    ]);
    expect(exitCode).toBe(1);
    expect(out).toContain("QUARANTINED: no statement of this file can be used.");
    expect(out).toContain("[file-unreadable]");
    expect(out).toMatch(/^1 statement in 2 files: 1 proven, 0 quarantined; 1 file refused\.$/m);
  });
});

describe("the answer for people", () => {
  it("is the documented one", async () => {
    const rows = [
      ["Order", "ItemPrice", "Principal", "129.99"],
      ["Order", "ItemFees", "Commission", "-19.50"],
    ];
    const path = made("settlement.txt", v2("110.50", rows, "12410710019"));
    const plain = (text: string) => text.replaceAll(path, "settlement.txt").trim();
    const text = await run(["statement", "check", path]);
    expect(text.exitCode).toBe(1);
    expect(plain(text.out)).toBe(documentedText("statement check"));
    const json = await run(["statement", "check", "--json", path]);
    expect(JSON.parse(plain(json.out))).toEqual(documentedJson("statement check"));
  });

  it("names unknown groups and shows how settlements follow each other", async () => {
    const { out } = await run([
      "statement",
      "check",
      fixture("us-v2-unknown-triple.txt"),
      fixture("us-chain-1-negative.txt"),
      fixture("us-chain-2-charged.txt"),
    ]);
    expect(out).toContain(
      "- AmazonFees / Packaging Passport Fee / Base fee: USD -3.20, 1 line, first at line 8",
    );
    expect(out).toMatch(
      /^12210510015 +12220520026 +touch +negative-total USD -182\.19, charge-to-seller USD 182\.19$/m,
    );
  });

  it("prints a bounded number of groups and says how many it left out", async () => {
    const rows = Array.from({ length: GROUPS_SHOWN_MAX + 7 }, (_, index) => [
      "Order",
      "ItemPrice",
      `Kind ${index}`,
      "1.00",
    ]);
    const path = made("many-groups.txt", v2(`${rows.length}.00`, rows));
    const few = await run(["statement", "check", path]);
    expect(few.out).toContain("… and 7 more groups (--all shows them)");
    expect(few.out).not.toContain(`Kind ${GROUPS_SHOWN_MAX + 6}`);
    const all = await run(["statement", "check", "--all", path]);
    expect(all.out).toContain(`Kind ${GROUPS_SHOWN_MAX + 6}`);
    const { answer } = await checked(path);
    expect(answer.statements[0]?.groups).toHaveLength(rows.length);
  });

  it("cannot be steered by a file, and the JSON keeps the words as they are", async () => {
    const hostile = "\u001b[2J\u009b31m\u202eevil\u2066\u0007";
    const path = made("hostile.txt", v2("1.00", [[hostile, "A\u001b]0;B", "C", "1.00"]]));
    const text = await run(["statement", "check", path]);
    expect(text.out).not.toMatch(STEERING_CHARACTER);
    const { out, answer } = await checked(path);
    expect(out).not.toMatch(STEERING_CHARACTER);
    expect(answer.statements[0]?.groups[0]?.transactionType).toBe(hostile);
  });

  it("shows progress on a long file only where it can be rewritten", async () => {
    const statement = generateStatement({
      seed: 5,
      lines: 60_000,
      settlementId: "5",
      currency: USD,
      marketplaceName: "Amazon.com",
      style: { date: "y-m-d", number: "dot", charset: "utf-8" },
      periodStartAt: "2026-01-01T00:00:00.000Z" as Instant,
      periodEndAt: "2026-01-15T00:00:00.000Z" as Instant,
    });
    const path = made("long.txt", generatedBytes(statement));
    const watched = await run(["statement", "check", path], { isInteractive: true });
    expect(watched.err).toMatch(/long\.txt: \d+ MB read/);
    expect(watched.err.endsWith("\r\u001b[K")).toBe(true);
    const piped = await run(["statement", "check", path]);
    expect(piped.err).toBe("");
    expect(piped.out).toBe(watched.out);
  });
});

describe("wrong usage", () => {
  it.each([
    ["no file", ["statement", "check"]],
    ["no command", ["statement"]],
    ["an unknown option", ["statement", "check", "--jason", "a.txt"]],
    ["an unknown command", ["statement", "chekc", "a.txt"]],
  ])("with %s answers 2 and prints nothing on standard output", async (_name, words) => {
    const { exitCode, out, err } = await run(words);
    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(err).not.toBe("");
  });

  it("is avoided by help, which names formats, exit codes and examples", async () => {
    const { exitCode, out } = await run(["statement", "check", "--help"]);
    expect(exitCode).toBe(0);
    for (const word of ["V2 and V1", "date-range", "Exit codes", "Examples:", "--json", "--all"]) {
      expect(out).toContain(word);
    }
  });
});

const SAMPLES = join(import.meta.dirname, "../../../shared/samples/amazon");
const samples = filesUnder(SAMPLES);
const why = samples.length === 0 ? " (skipped: the folder of real samples is not here)" : "";

describe("real files", () => {
  it.skipIf(samples.length === 0)(`all keep the contract${why}`, async () => {
    const { exitCode, answer } = await checked(...samples);
    expect(exitCode).toBe(1);
    expect(new Set(answer.statements.map(({ file }) => file))).toEqual(new Set(samples));
    const proven = answer.statements.filter(({ verdict }) => verdict === "proven");
    expect(proven).toHaveLength(13);
    const us = answer.statements.find(({ file }) => file.endsWith("xieyi138-synthetic-us.txt"));
    expect(us).toMatchObject({ verdict: "proven", declaredTotal: "582.89", difference: "0.00" });
    const text = await run(["statement", "check", "--all", ...samples]);
    expect(text.exitCode).toBe(1);
    expect(text.out).not.toMatch(STEERING_CHARACTER);
  });
});
