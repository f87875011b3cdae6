import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { run as runWords } from "../src/cli/test-terminal.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";

// The whole path through the command line, on the repository's own scenario, against a real PostgreSQL.

const SCENARIO = join(import.meta.dirname, "../scenarios/first-month");
const FILES = [
  "us-payouts.json",
  "us-settlement-2026-10-15.txt",
  "us-settlement-2026-10-29.txt",
  "us-settlement-2026-11-12.txt",
  "de-settlement-2026-10-22.txt",
  "jp-transactions-2026-10.csv",
  "usd-credit-2026-10-20.camt054.xml",
  "usd-credit-2026-11-03.camt054.xml",
  "usd-credit-2026-11-17.camt054.xml",
  "usd-statement-2026-11-17.camt053.xml",
  "eur-credit-2026-10-27.mt910",
  "jpy-statement-2026-11-10.mt940",
].map((name) => join(SCENARIO, name));
const SELLERS = join(SCENARIO, "sellers.json");

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const reason = z.object({ code: z.string(), line: z.number().nullable(), message: z.string() });
const settlement = z.object({
  version: z.literal(1),
  payouts: z.array(
    z.object({
      id: z.string().startsWith("po_"),
      reference: z.string(),
      amount,
      currency: z.string().length(3),
      state: z.string(),
      creditedAmount: amount,
      chargedAmount: amount,
      holds: z.array(
        z.object({
          amount,
          code: z.string(),
          message: z.string(),
          papers: z.array(z.string()),
          owner: z.string(),
          dueOn: z.iso.date(),
        }),
      ),
      statements: z.array(
        z.object({ settlementId: z.string(), file: z.string(), line: z.number() }),
      ),
      minuteClockMs: z.number().int().nonnegative().nullable(),
    }),
  ),
  exceptions: z.array(z.object({ kind: z.string(), code: z.string(), amount: amount.nullable() })),
  exceptionCount: z.number(),
  files: z.array(
    z.object({
      file: z.string(),
      sha256: z.string().nullable(),
      outcome: z.enum(["new", "seen", "refused"]),
      reasons: z.array(reason),
      claimed: z.boolean(),
    }),
  ),
});

type Place = { readonly data: string; readonly database: TestDatabase };

async function place(): Promise<Place> {
  return {
    data: mkdtempSync(join(tmpdir(), "straitway-settle-")),
    database: await openTestDatabase(),
  };
}

async function run(at: Place, ...words: string[]) {
  const store = ["--data", at.data, "--database-url", at.database.url];
  const { exitCode, out, err } = await runWords([...words, ...store]);
  return { code: exitCode, out, err };
}

async function settle(at: Place, ...words: string[]) {
  const { code, out } = await run(at, "settle", "--json", ...words);
  return { code, ...settlement.parse(JSON.parse(out)) };
}

describe("settling a month of files", () => {
  let at: Place;
  let first: Awaited<ReturnType<typeof settle>>;

  beforeAll(async () => {
    at = await place();
    first = await settle(at, "--seller", SELLERS, ...FILES);
  });

  it("proves, matches, releases or holds each payout with its reason", () => {
    const byAmount = first.payouts.map((payout) => [
      `${payout.currency} ${payout.amount}`,
      payout.state,
      payout.creditedAmount,
      payout.chargedAmount,
      payout.holds.map((hold) => hold.code).join(),
      payout.statements.map((statement) => statement.settlementId).join("+"),
    ]);
    expect(byAmount.sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ["EUR 190.34", "held", "0.00", "0.00", "payer-not-known", "21100000201"],
      ["JPY 13688", "released", "13688", "0", "", "21100000301"],
      ["JPY 37484", "released", "37484", "0", "", "21100000302+21100000303"],
      ["USD 257.11", "held", "0.00", "0.00", "statement-quarantined", "21100000103"],
      ["USD 361.99", "released", "361.99", "0.00", "", "21100000101"],
      ["USD 606.99", "released", "591.99", "15.00", "", "21100000102"],
    ]);
    expect(first.code).toBe(1);
  });

  it("leaves what it cannot explain to a person", () => {
    expect(first.exceptions.map((item) => [item.kind, item.code, item.amount])).toEqual(
      expect.arrayContaining([
        ["credit-unmatched", "no-payout-found", "880.00"],
        ["statement-quarantined", "total-mismatch", "257.11"],
        ["credit-unconfirmed", "not-in-a-statement", "190.34"],
      ]),
    );
  });

  it("says that the same files again change nothing", async () => {
    const balances = await run(at, "account", "list", "--json");
    const again = await settle(at, "--seller", SELLERS, ...FILES);
    expect(again.files.map((file) => file.outcome)).toEqual(FILES.map(() => "seen"));
    expect(again.payouts).toEqual(first.payouts);
    expect((await run(at, "account", "list", "--json")).out).toBe(balances.out);
    expect((await run(at, "settle", ...FILES)).out).toContain("nothing changed");
  });

  it("shows balances whose every figure opens to its entries", async () => {
    const { out } = await run(at, "account", "list", "--json");
    const { accounts } = JSON.parse(out);
    expect(
      accounts.map((item: Record<string, unknown>) => [
        item["id"],
        item["available"],
        item["held"],
        item["unexplained"],
      ]),
    ).toEqual([
      ["shancheng-outdoor/EUR", "0.00", "190.34", "0.00"],
      ["shancheng-outdoor/JPY", "51172", "0", "0"],
      ["shancheng-outdoor/USD", "953.98", "257.11", "880.00"],
    ]);
    const shown = JSON.parse(
      (await run(at, "account", "show", "shancheng-outdoor/USD", "--json")).out,
    );
    const committed = shown.entries.filter((entry: { kind: string }) => entry.kind === "commit");
    expect(committed.map((entry: { amount: string }) => entry.amount).sort()).toEqual([
      "361.99",
      "591.99",
    ]);
    const payout = JSON.parse(
      (await run(at, "payout", "show", committed[0].subject, "--json")).out,
    );
    for (const event of payout.timeline) {
      if (event.source !== null)
        expect(event.source).toMatchObject({ file: expect.any(String), line: expect.any(Number) });
    }
    expect(payout.timeline.map((event: { kind: string }) => event.kind)).toEqual(
      expect.arrayContaining([
        "payout-announced",
        "statement-posted",
        "bank-notice-booked",
        "credit-matched",
        "payout-released",
      ]),
    );
  });

  it("lifts the hold when the marketplace re-issues the statement, and never replaces a proven one", async () => {
    const reissued = join(SCENARIO, "later/us-settlement-2026-11-12.reissued.txt");
    const lifted = await settle(at, "--seller", SELLERS, reissued);
    expect(lifted.payouts).toMatchObject([
      { state: "released", creditedAmount: "257.11", holds: [] },
    ]);
    expect(lifted.code).toBe(0);
    const changed = join(at.data, "changed.txt");
    writeFileSync(
      changed,
      readFileSync(reissued, "utf8").replaceAll("-27.44", "-26.44").replace("257.11", "258.11"),
    );
    const differing = await settle(at, "--seller", SELLERS, changed);
    expect(differing.exceptions.map((item) => item.kind)).toContain("statement-differs");
    expect(differing.payouts).toMatchObject([{ amount: "257.11", state: "released" }]);
  });

  it("answers about what is not there with a refusal and exit code 1", async () => {
    const missing = await run(at, "payout", "show", "po_none", "--json");
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.out)).toMatchObject({ refusal: { code: "payout-not-found" } });
    expect((await run(at, "account", "show", "nobody/USD")).code).toBe(1);
  });
});

describe("settling without saying whose the files are", () => {
  it("holds everything until the seller is named, then releases it", async () => {
    const at = await place();
    const files = FILES.slice(0, 3).concat(FILES[6]!);
    const unclaimed = await settle(at, ...files);
    expect(unclaimed.code).toBe(1);
    const [paid] = unclaimed.payouts.filter((payout) => payout.state === "held");
    expect(paid).toMatchObject({
      amount: "361.99",
      creditedAmount: "0.00",
      holds: [{ code: "seller-unknown", amount: "361.99" }],
    });
    const claimed = await settle(at, "--seller", "Shancheng Outdoor", ...files);
    expect(claimed.files.every((file) => file.outcome === "seen" && file.claimed)).toBe(true);
    expect(claimed.payouts.find((payout) => payout.amount === "361.99")).toMatchObject({
      state: "released",
      holds: [],
    });
    const accounts = JSON.parse((await run(at, "account", "list", "--json")).out).accounts;
    expect(accounts.find((item: { id: string }) => item.id === "unassigned/USD")).toMatchObject({
      unexplained: "0.00",
    });
  });

  it("keeps one seller's files and accounts from another", async () => {
    const at = await place();
    await settle(at, "--seller", "First Seller", ...FILES.slice(0, 2), FILES[6]!);
    const same = await settle(at, "--seller", "Second Seller", FILES[6]!);
    expect(same).toMatchObject({
      code: 1,
      payouts: [],
      files: [{ outcome: "refused", reasons: [{ code: "file-of-another-seller" }] }],
    });
    const account = await settle(at, "--seller", "Second Seller", FILES[7]!);
    expect(account).toMatchObject({
      code: 1,
      payouts: [],
      files: [{ outcome: "refused", reasons: [{ code: "account-of-another-seller" }] }],
    });
    const copy = join(at.data, "renamed.txt");
    writeFileSync(copy, `${readFileSync(FILES[1]!, "utf8")}\n`);
    const settlementOfOther = await settle(at, "--seller", "Second Seller", copy);
    expect(settlementOfOther.files[0]?.outcome).toBe("refused");
    expect(settlementOfOther.payouts).toEqual([]);
  });
});

describe("what the command line refuses", () => {
  it("takes a file it cannot read as refused and goes on with the others", async () => {
    const at = await place();
    const odd = join(at.data, "odd\u001b[2Jname\n.bin");
    writeFileSync(odd, Buffer.from([1, 2, 3, 0, 255]));
    const result = await settle(
      at,
      "--seller",
      SELLERS,
      odd,
      join(at.data, "none.xml"),
      at.data,
      FILES[6]!,
    );
    expect(result.files.map((file) => file.outcome).sort()).toEqual([
      "new",
      "refused",
      "refused",
      "refused",
    ]);
    expect(result.code).toBe(1);
    const human = await run(at, "settle", odd);
    expect(human.out).not.toContain("\u001b[2J");
    expect(human.code).toBe(1);
  });

  it.each([
    ["an unusable seller name", ["--seller", "///"], "seller-id-invalid"],
    ["a registry that is not there", ["--seller", "none.json"], "registry-unreadable"],
    ["a policy that is not there", ["--policy", "none.json"], "policy-unreadable"],
  ])("refuses before it begins: %s", async (_what, words, code) => {
    const at = await place();
    const { code: exit, out } = await run(at, "settle", "--json", ...words, FILES[0]!);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ version: 1, refusal: { code } });
  });

  it("ends with 2 on wrong usage and shows what the command takes", async () => {
    const at = await place();
    for (const words of [
      ["settle"],
      ["settle", "--nonsense", "x"],
      ["nonsense"],
      ["payout", "show"],
    ]) {
      const { code, err } = await run(at, ...words);
      expect(code).toBe(2);
      expect(err).toContain("--help");
    }
    const help = await run(at, "settle", "--help");
    expect(help.code).toBe(0);
    expect(help.out).toContain("Examples:");
  });
});
