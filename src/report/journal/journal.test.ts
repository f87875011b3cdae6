import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOOKS, bookOf } from "../../books/chart.ts";
import { currencyOf } from "../../money/currency.ts";
import { formatMinor, parseMinor } from "../../money/money.ts";
import type { CivilDate } from "../../time/instant.ts";
import { openTestChannel, TEST_SCOPE, type TestChannel } from "../verify/test-channel.ts";
import { SELLER, tellStory } from "../verify/test-story.ts";
import { journalAccount } from "./journal-entry.ts";
import { type JournalFormat, journalPieces } from "./journal-format.ts";
import { CSV_COLUMNS, CSV_FORMAT, jsonFormat } from "./machine-forms.ts";
import { BEANCOUNT_FORMAT, HLEDGER_FORMAT, LEDGER_FORMAT } from "./plain-text.ts";
import { type JournalFilter, movedAccounts, readJournal } from "./read-journal.ts";

const WHOLE: JournalFilter = { sellerId: null, from: null, to: null };

let channel: TestChannel;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "straitway-journal-"));
  channel = await openTestChannel([]);
  await tellStory(channel);
  // Yen has no decimals.
  const yen = new URL("../../../fixtures/amazon/jp-v2-cp932.txt", import.meta.url);
  await channel.settle([{ name: "yen.txt", content: readFileSync(yen) }], SELLER.id);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await channel.close();
});

async function exported(format: JournalFormat, filter: JournalFilter = WHOLE): Promise<string> {
  const accounts = await movedAccounts(channel.database, TEST_SCOPE, filter);
  let text = "";
  const entries = readJournal(channel.database, TEST_SCOPE, filter);
  for await (const piece of journalPieces(format, accounts, entries)) text += piece;
  return text;
}

/** Rows of a CSV text (RFC 4180). */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = "", end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.some((cell) => cell !== ""));
}

/** The rows of our own CSV by column. */
async function exportedRows(filter: JournalFilter = WHOLE): Promise<Record<string, string>[]> {
  const [header = [], ...rows] = csvRows(await exported(CSV_FORMAT, filter));
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]!])));
}

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}

async function exportedFile(name: string, format: JournalFormat): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await exported(format));
  return path;
}

/** "Assets:Jiangbei-lamps:Fx-Account EUR" → "260.00": posted debits less credits, accounts at zero left out. */
async function ledgerBalances(): Promise<Record<string, string>> {
  const rows = await channel.database.query<{ account_id: string; minor: bigint }>(
    `SELECT account_id, (debits_posted - credits_posted)::bigint AS minor FROM ledger_account
      WHERE tenant_id = $1 AND partition = $2 AND debits_posted <> credits_posted`,
    [TEST_SCOPE.tenantId, TEST_SCOPE.partition],
  );
  return Object.fromEntries(
    rows.map(({ account_id: id, minor }) => {
      const { name, currency } = journalAccount(id);
      return [`${name} ${currency}`, formatMinor(minor, currency)];
    }),
  );
}

/** "Assets:X" and "-100.00 USD, 260.00 EUR" as the same table; amounts as exact decimals of their currency. */
function balancesOf(rows: readonly (readonly [string, string])[]): Record<string, string> {
  const balances: [string, string][] = [];
  for (const [account, amounts] of rows) {
    for (const [, number = "", code = ""] of amounts.matchAll(/(-?[\d.]+)\s+([A-Z]{3})/g)) {
      const currency = currencyOf(code)!;
      const minor = parseMinor(number, currency);
      if (!minor.ok) throw new Error(`${number} ${code}: ${minor.refusal}`);
      if (minor.minor !== 0n)
        balances.push([`${account} ${code}`, formatMinor(minor.minor, currency)]);
    }
  }
  return Object.fromEntries(balances);
}

function isInstalled(tool: string): boolean {
  return spawnSync(tool, ["--version"]).status === 0;
}

function unless(tool: string): string {
  return isInstalled(tool) ? "" : ` (skipped: ${tool} is not installed)`;
}

describe("the journal in the accounting programs", () => {
  it("moves money of several natures, and in two currencies", async () => {
    const balances = await ledgerBalances();
    expect(balances).toMatchObject({
      "Assets:Jiangbei-lamps:Fx-Account USD": "835.00",
      "Assets:Jiangbei-lamps:Fx-Account EUR": "260.00",
      "Expenses:Jiangbei-lamps:Overseas-Charges USD": "15.00",
      "Equity:Jiangbei-lamps:Exchange USD": "300.00",
      "Equity:Jiangbei-lamps:Exchange EUR": "-260.00",
    });
  });

  it.skipIf(!isInstalled("ledger"))(
    `is accepted by ledger --pedantic, with the ledger's own balances${unless("ledger")}`,
    async () => {
      const path = await exportedFile("books.ledger", LEDGER_FORMAT);
      const rows = ["EUR", "JPY", "USD"].flatMap((code) => {
        const limit = `commodity == "${code}"`;
        const format = "%(account)\\t%(display_total)\\n";
        const output = execFileSync(
          "ledger",
          ["--args-only", "--pedantic", "-f", path, "balance", "--flat", "--no-total"].concat([
            "--limit",
            limit,
            "--format",
            format,
          ]),
          { encoding: "utf8" },
        );
        return output
          .trim()
          .split("\n")
          .map((line) => line.split("\t") as [string, string]);
      });
      expect(balancesOf(rows)).toEqual(await ledgerBalances());
    },
  );

  it.skipIf(!isInstalled("hledger"))(
    `is accepted by hledger --strict, with the ledger's own balances${unless("hledger")}`,
    async () => {
      const path = await exportedFile("books.hledger", HLEDGER_FORMAT);
      const output = execFileSync(
        "hledger",
        ["--strict", "-f", path, "balance", "--flat", "--no-total", "-O", "csv"],
        { encoding: "utf8" },
      );
      const rows = csvRows(output).slice(1) as [string, string][];
      expect(balancesOf(rows)).toEqual(await ledgerBalances());
    },
  );

  it.skipIf(!isInstalled("bean-check"))(
    `is accepted by bean-check, with the ledger's own balances${unless("bean-check")}`,
    async () => {
      const path = await exportedFile("books.beancount", BEANCOUNT_FORMAT);
      expect(execFileSync("bean-check", [path], { encoding: "utf8" })).toBe("");
      const output = execFileSync(
        "bean-query",
        ["-f", "csv", path, "SELECT account, sum(position) GROUP BY account"],
        { encoding: "utf8" },
      );
      const rows = csvRows(output).slice(1) as [string, string][];
      expect(balancesOf(rows.map(([name, sums]) => [name.trim(), sums]))).toEqual(
        await ledgerBalances(),
      );
    },
  );
});

describe("a journal entry", () => {
  it("says when, why, about what and by which posting", async () => {
    const text = await exported(LEDGER_FORMAT);
    const entry = text.split("\n\n").find((part) => part.includes("posting: release:"))!;
    const lines = entry.trim().split("\n");
    expect(lines[0]).toMatch(/^2026-11-2\d \* \(\d+\) payout-released$/);
    expect(lines[1]).toMatch(/^ {4}; posting: release:rl_[0-9a-z]{26}$/);
    expect(lines[2]).toMatch(/^ {4}; subject: po_[0-9a-z]{26}$/);
    expect(lines[3]).toMatch(/^ {4}; booked-at: 2026-11-23T02:\d\d:\d\d\.\d{3}Z$/);
    expect(lines[4]).toMatch(/^ {4}Assets:Jiangbei-lamps:Fx-Account {2,}\d+\.\d\d USD$/);
    expect(lines[5]).toMatch(/^ {4}Assets:Jiangbei-lamps:Fx-Account-Pending {2,}-\d+\.\d\d USD$/);
    expect(lines).toHaveLength(6);
  });

  it("is left out where it only reserves or gives a reserve back", async () => {
    const kinds = await channel.database.query<{ kind: string; minor: bigint }>(
      "SELECT kind, sum(amount)::bigint AS minor FROM ledger_transfer GROUP BY kind",
    );
    expect(kinds.map((row) => row.kind).sort()).toEqual(["commit", "pending", "post", "reverse"]);
    const moved = kinds.filter((row) => row.kind !== "pending");
    const rows = await exportedRows();
    const minor = (column: string) =>
      rows.reduce((sum, row) => sum + BigInt(row[column]!.replace(".", "") || "0"), 0n);
    const wanted = moved.reduce((sum, row) => sum + row.minor, 0n);
    expect([minor("debit"), minor("credit")]).toEqual([wanted, wanted]);
  });

  it("stands where it stood in a shorter history", async () => {
    const before = await exported(CSV_FORMAT, { ...WHOLE, to: "2026-11-08" as CivilDate });
    const whole = await exported(CSV_FORMAT);
    const rows = whole.split("\r\n").filter((row) => before.includes(row));
    expect(rows.join("\r\n")).toBe(before);
    expect(await exported(CSV_FORMAT)).toBe(whole);
  });

  it("has an account name that beancount allows, and no two accounts share one", () => {
    const names = Object.keys(BOOKS).flatMap((book) =>
      ["acme", "0815-gmbh", "unassigned"].map(
        (seller) => journalAccount(`seller/${seller}/${book}/USD`).name,
      ),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(
        /^(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+$/,
      );
    }
  });
});

describe("a filtered journal", () => {
  it("has only the seller's accounts", async () => {
    const rows = await exportedRows({ ...WHOLE, sellerId: SELLER.id });
    expect(new Set(rows.map((row) => row["seller"]))).toEqual(new Set([SELLER.id]));
    const other = await exported(CSV_FORMAT, { ...WHOLE, sellerId: "unassigned" });
    const all = await exported(CSV_FORMAT);
    expect(rows.length + lineCount(other) - 1).toBe(lineCount(all) - 1);
    expect(lineCount(other)).toBe(7);
  });

  it("has the effective dates from the first to the last, both included", async () => {
    const filter = { ...WHOLE, from: "2026-11-05" as CivilDate, to: "2026-11-10" as CivilDate };
    const rows = await exportedRows(filter);
    const days = new Set(rows.map((row) => row["effective_on"]));
    expect(days).toEqual(new Set(["2026-11-05", "2026-11-08", "2026-11-10"]));
  });
});

describe("the journal for programs", () => {
  it("has one CSV line for each side of each transfer", async () => {
    const text = await exported(CSV_FORMAT);
    const rows = await exportedRows();
    expect(text.startsWith(`${CSV_COLUMNS.join(",")}\r\n`)).toBe(true);
    for (const row of rows) {
      expect([row["debit"] === "", row["credit"] === ""].filter(Boolean)).toHaveLength(1);
      expect(bookOf(row["account"]!)).toMatchObject({ sellerId: row["seller"], book: row["book"] });
      expect(`${row["debit"]}${row["credit"]}`).toMatch(
        row["currency"] === "JPY" ? /^\d+$/ : /^\d+\.\d\d$/,
      );
    }
  });

  it("is one JSON document with exact decimal texts", async () => {
    const { version, journal } = JSON.parse(await exported(jsonFormat(1))) as {
      version: number;
      journal: { posting: string; lines: { side: string; currency: string; amount: string }[] }[];
    };
    expect(version).toBe(1);
    const statement = journal.find((entry) => entry.posting === "statement:amazon:31100000001")!;
    expect(statement.lines.map((line) => `${line.side} ${line.amount} ${line.currency}`)).toEqual(
      [
        "debit 1000.00 USD",
        "credit 1000.00 USD",
        "debit 150.00 USD",
        "credit 150.00 USD",
        "debit 850.00 USD",
        "credit 850.00 USD",
      ].sort((a, b) => statementOrder(a) - statementOrder(b)),
    );
  });

  it("is an empty list where nothing was booked", async () => {
    const filter = { ...WHOLE, from: "2031-01-01" as CivilDate };
    expect(JSON.parse(await exported(jsonFormat(1), filter))).toEqual({ version: 1, journal: [] });
    expect(await exported(CSV_FORMAT, filter)).toBe(`${CSV_COLUMNS.join(",")}\r\n`);
  });
});

/** Sales first or fees first: the books of a statement stand in the order of their names. */
function statementOrder(line: string): number {
  return ["1000.00", "150.00", "850.00"].findIndex((amount) => line.includes(` ${amount} `));
}
