// Hostile input from the command line to the database: whatever is handed over is refused or quarantined with a
// reason, exit code 1, nothing half-done, and the program goes on. What the readers refuse, and their limits, stand in
// src/bank/limits.ts, src/bank/mt/limits.ts and src/marketplace/amazon/limits.ts.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { XML_DEPTH_MAX, XML_TEXT_LENGTH_MAX } from "../src/bank/limits.ts";
import { runProgram } from "../src/cli/program.ts";
import type { Terminal } from "../src/cli/terminal.ts";
import { randomInteger, seededRandom } from "../src/marketplace/amazon/statement-generator.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";
import { manualClock } from "../src/time/clock.ts";
import { checkBooks } from "./properties/books-in-order.ts";
import {
  at,
  camt053,
  camt054,
  eventGroups,
  type MadeCredit,
  mt103,
  mt940,
  on,
  pacs008,
  payoutList,
  settlementBytes,
} from "./properties/made-files.ts";
import { TEST_START_AT } from "./properties/test-channel.ts";

const CREDIT: MadeCredit = {
  minor: 100_000_11n,
  on: on("2026-02-27"),
  servicerRef: "BK0000001",
  endToEndId: "TRACE0001A",
};
const SETTLEMENT = {
  id: "11900000101",
  startOn: on("2026-02-10"),
  endOn: on("2026-02-24"),
  totalMinor: 100_000_11,
};
const PAYOUT = {
  id: "PO-1-AAAA",
  minor: 100_000_11n,
  initiatedAt: at("2026-02-25T10:00:00Z"),
  settlementIds: [SETTLEMENT.id],
};
const PERIOD = { startAt: at("2026-02-10T08:00:00.000Z"), endAt: at("2026-02-24T08:00:00.000Z") };

const ADVICE = camt054({ id: "A1" }, CREDIT);

/** Rows that only a file that is used may make. */
const FACTS = [
  "statement",
  "payout",
  "payout_announcement",
  "payout_trace",
  "bank_message",
  "bank_transaction",
  "bank_notice",
  "match",
  "hold",
  "release",
  "undo",
  "ledger_transfer",
] as const;

let folder: string;
let database: TestDatabase;
let out: string;
let err: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hostile-"));
  database = await openTestDatabase();
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

type Settled = {
  readonly files: readonly {
    readonly file: string;
    readonly outcome: string;
    readonly reasons: readonly { readonly code: string; readonly message: string }[];
  }[];
};

async function run(...words: string[]): Promise<number> {
  out = "";
  err = "";
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: false,
    env: {},
    clock: manualClock(TEST_START_AT),
  };
  const store = ["--data", join(folder, "data"), "--database-url", database.url];
  return runProgram([...words, ...store], terminal);
}

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Settles the files in one call and gives each file's answer. */
async function settle(
  paths: readonly string[],
): Promise<{ code: number; files: Settled["files"] }> {
  const code = await run("settle", "--seller", "acme", "--json", ...paths);
  return { code, files: (JSON.parse(out) as Settled).files };
}

async function factCounts(): Promise<Record<string, bigint>> {
  const counts: Record<string, bigint> = {};
  for (const table of FACTS) {
    const [row] = await database.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`);
    counts[table] = row!.n;
  }
  return counts;
}

const NO_FACTS = Object.fromEntries(FACTS.map((table) => [table, 0n]));

/** Expects every file refused with a reason that says something, and no fact of any of them. */
async function expectRefused(paths: readonly string[]): Promise<readonly string[]> {
  const { code, files } = await settle(paths);
  expect(code).toBe(1);
  expect(files.filter((file) => file.outcome !== "refused")).toEqual([]);
  expect(files).toHaveLength(paths.length);
  for (const { reasons } of files) {
    expect(reasons[0]?.code).toMatch(/^[a-z0-9-]+$/);
    expect(reasons[0]?.message.length).toBeGreaterThan(20);
  }
  expect(await factCounts()).toEqual(NO_FACTS);
  return files.map(({ reasons }) => reasons[0]?.code ?? "");
}

function inside(xml: string, tag: string, content: string): string {
  return xml.replace(
    new RegExp(`(<${tag}>)[^<]*(</${tag}>)`),
    (_all, open: string, close: string) => open + content + close,
  );
}

describe("XML that means harm", () => {
  it("is refused before anything of it is believed", async () => {
    const entity = (declaration: string, use: string) =>
      inside(
        ADVICE.replace("?>\n", `?>\n<!DOCTYPE Document [${declaration}]>\n`),
        "EndToEndId",
        use,
      );
    const bomb = Array.from({ length: 12 }, (_, index) =>
      index === 0 ? '<!ENTITY l0 "lol">' : `<!ENTITY l${index} "${`&l${index - 1};`.repeat(10)}">`,
    ).join("");
    const deep = XML_DEPTH_MAX * 200;
    const codes = await expectRefused([
      put("doctype.xml", entity("<!ELEMENT Document ANY>", "x")),
      put("external.xml", entity('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")),
      put("bomb.xml", entity(bomb, "&l11;")),
      put("undeclared.xml", inside(ADVICE, "EndToEndId", "&nothing;")),
      put("deep.xml", inside(ADVICE, "EndToEndId", `${"<a>".repeat(deep)}${"</a>".repeat(deep)}`)),
      put("unclosed.xml", inside(ADVICE, "EndToEndId", "<a>".repeat(deep))),
      put("long-text.xml", inside(ADVICE, "EndToEndId", "x".repeat(XML_TEXT_LENGTH_MAX * 4))),
      put(
        "attributes.xml",
        ADVICE.replace(
          "<Ntfctn>",
          `<Ntfctn ${Array.from({ length: 5000 }, (_, index) => `a${index}="1"`).join(" ")}>`,
        ),
      ),
      put("nul.xml", inside(ADVICE, "EndToEndId", "TRACE\u0000A")),
      put("control.xml", inside(ADVICE, "EndToEndId", "TRACE\u001bA")),
      put("encoding-unknown.xml", ADVICE.replace("UTF-8", "EBCDIC-XYZ")),
      put("encoding-wrong.xml", Buffer.from(inside(ADVICE, "Nm", "M\u00fcller"), "latin1")),
      put("two-roots.xml", `${ADVICE}<Document/>`),
      put("other.xml", "<html><body>Not found</body></html>"),
    ]);
    expect(new Set(codes).size).toBeGreaterThan(5);
  });
});

describe("bytes that are no file of ours", () => {
  it("are refused: empty, noise, zeros, other formats", async () => {
    const random = seededRandom(7);
    const noise = (length: number) =>
      Buffer.from(Array.from({ length }, () => randomInteger(random, 0, 255)));
    const zeros = put("zeros.bin", "");
    truncateSync(zeros, 8 * 1024 * 1024);
    await expectRefused([
      put("empty.txt", ""),
      put("blank.txt", " \r\n\t\n"),
      put("bom.txt", Buffer.from([0xef, 0xbb, 0xbf])),
      zeros,
      put("gzip.gz", Buffer.from("1f8b0800000000000003", "hex")),
      put("prose.txt", "Dear Sirs,\nplease find attached nothing.\n"),
      put("json.json", '{"errors":[{"code":"QuotaExceeded"}]}'),
      put("deep.json", `{"payouts":${"[".repeat(100_000)}`),
      put("huge-number.json", payoutList(PAYOUT).replace("100000.11", "1e999999999")),
      put(
        "proto.json",
        payoutList(PAYOUT).replace('"payouts":[{', '"payouts":[{"__proto__":{"id":"x"},"id":{},'),
      ),
      put("nul.json", payoutList(PAYOUT).replace("PO-1", "PO\u0000")),
      ...Array.from({ length: 25 }, (_, index) =>
        put(`noise-${index}`, noise(randomInteger(random, 1, 4000))),
      ),
    ]);
  });

  it("are refused when a field or a line is longer than any real one", async () => {
    const wide = Buffer.from(settlementBytes(SETTLEMENT)).toString("latin1");
    await expectRefused([
      put("long-field.txt", wide.replace("Amazon.com", "A".repeat(2 * 1024 * 1024))),
      put(
        "many-columns.txt",
        wide.replace("promotion-id\n", `promotion-id${"\tx".repeat(100_000)}\n`),
      ),
      put("no-line-end.txt", wide.replaceAll("\n", "\r\t").repeat(3)),
      put("nul.txt", wide.replace("Amazon.com", "Amazon\u0000.com")),
      put(
        "long.sta",
        mt940({ id: "D1", number: "1/1" }, CREDIT).replace(
          ":86:",
          `:86:${"X".repeat(4 * 1024 * 1024)}`,
        ),
      ),
    ]);
  });
});

/** Every tenth of the file, and the file without its last byte that says something. */
function cuts(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: 9 }, (_, index) =>
    bytes.subarray(0, Math.floor((bytes.length * (index + 1)) / 10)),
  );
}

describe("a file that was cut off on the way", () => {
  it.each([
    ["camt.054", ADVICE],
    ["camt.053", camt053({ id: "D1" }, CREDIT, { ...CREDIT, minor: 5n, servicerRef: "BK2" })],
    ["pacs.008", pacs008("P8", CREDIT)],
    ["listPayouts", payoutList(PAYOUT)],
    ["event groups", eventGroups({ ...PAYOUT, period: PERIOD })],
  ])("is refused wherever it was cut: %s", async (_format, text) => {
    const pieces = cuts(Buffer.from(text, "utf8"));
    await expectRefused(pieces.map((piece, index) => put(`cut-${index}`, piece)));
  });

  it.each([
    [
      "MT940",
      Buffer.from(
        mt940({ id: "D1", number: "1/1" }, CREDIT, { ...CREDIT, minor: 5n, servicerRef: "BK2" }),
      ),
    ],
    ["MT103", Buffer.from(mt103("REF1", CREDIT))],
    ["settlement", Buffer.from(settlementBytes({ ...SETTLEMENT, lines: [] }))],
  ])("is never money nor a proven statement: %s", async (_format, bytes) => {
    const { code, files } = await settle(
      cuts(bytes).map((piece, index) => put(`cut-${index}`, piece)),
    );
    expect(code).toBe(1);
    // A cut at a line's end may leave a file that can be read: then its sums do not hold.
    expect(files.filter((file) => file.reasons.length === 0)).toEqual([]);
    const counts = await factCounts();
    expect([counts["ledger_transfer"], counts["bank_notice"], counts["match"]]).toEqual([
      0n,
      0n,
      0n,
    ]);
    expect(await database.query("SELECT 1 FROM statement WHERE verdict = 'proven'")).toEqual([]);
    expect(
      await database.query("SELECT 1 FROM bank_message WHERE verdict <> 'quarantined'"),
    ).toEqual([]);
    await checkBooks(database, "default");
  });
});

describe("what a path may be instead of a file", () => {
  it("is told, and its neighbours are settled", async () => {
    const directory = join(folder, "a-folder");
    mkdirSync(directory);
    const loop = join(folder, "loop");
    symlinkSync(loop, loop);
    const dangling = join(folder, "dangling");
    symlinkSync(join(folder, "nowhere"), dangling);
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const good = put("statement.txt", settlementBytes(SETTLEMENT));
    const { code, files } = await settle([
      directory,
      loop,
      dangling,
      join(folder, "missing"),
      pipe,
      "/dev/zero",
      good,
    ]);
    expect(code).toBe(1);
    expect(files.map((file) => [file.outcome, file.reasons[0]?.code])).toEqual([
      ...Array.from({ length: 6 }, () => ["refused", "file-unreadable"]),
      ["new", undefined],
    ]);
    expect((await factCounts())["statement"]).toBe(1n);
  });
});

/** Anything by which a text steers a terminal, or looks like a line that the program wrote. */
const STEERING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

describe("names and texts that steer a terminal", () => {
  const NAMES = [
    "red\u001b[31m.xml",
    "title\u001b]0;owned\u0007.xml",
    "back\u0008\u0008\u0008.xml",
    "two\nlines  released.xml",
    "return\r.xml",
    "c1\u009b2J.xml",
    "right-to-left\u202egnp.xml",
    "isolate\u2066x\u2069.xml",
    `${"very-long-".repeat(25)}.x`,
    "--json",
    "-rf",
    "$(reboot).xml",
    "name;with|marks&.xml",
    "\u6536\u6b3e\u901a\u77e5.xml",
  ];

  it("do not reach it, in print and in JSON", async () => {
    const paths = NAMES.map((name) => put(name, `<${name.length}>`));
    const good = put(
      "day\u001b[2J.xml",
      camt053({ id: "D1" }, { ...CREDIT, payer: "Evil\u202e Payer" }),
    );
    expect(await run("settle", "--seller", "acme", ...paths, good)).toBe(1);
    expect(`${out}${err}`).not.toMatch(STEERING);
    expect(out.split("\n").some((line) => line.startsWith("lines  released"))).toBe(false);
    const { files } = await settle([...paths, good]);
    expect(out).not.toMatch(STEERING);
    expect(files.map((file) => file.file)).toHaveLength(NAMES.length + 1);
    for (const words of [
      ["exception", "list"],
      ["payout", "list"],
      ["account", "list"],
    ]) {
      await run(...words);
      expect(`${out}${err}`).not.toMatch(STEERING);
    }
  });

  it("stay what they are inside of a file, and never become a formula of an export", async () => {
    const formula = '=HYPERLINK("http://example.org","x")';
    const named = {
      ...SETTLEMENT,
      lines: [
        {
          transactionType: "other-transaction",
          amountType: "other-transaction",
          amountDescription: formula,
          minor: -100,
        },
      ],
    };
    const statement = put("statement.txt", settlementBytes(named));
    const groups = put("payouts.json", payoutList({ ...PAYOUT, id: "=1+1" }));
    const day = put(
      "day.xml",
      camt053(
        { id: "=cmd|' /C calc'!A0" },
        { ...CREDIT, endToEndId: "@SUM(1)", remittance: [SETTLEMENT.id, formula] },
      ),
    );
    expect(await run("settle", "--seller", "acme", statement, groups, day)).toBe(0);
    const [group] = await database.query<{ word: string }>(
      "SELECT x.value->>'amountDescription' AS word FROM statement s, jsonb_array_elements(s.groups) AS x(value) WHERE x.value->>'class' = 'suspense'",
    );
    expect(group?.word).toBe(formula);
    expect(await run("export", "journal", "--format", "csv")).toBe(0);
    const cells = out.split("\n").flatMap((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
    expect(cells.filter((cell) => /^"?[=+@]/.test(cell))).toEqual([]);
    expect(cells.filter((cell) => /^"?-[^\d]/.test(cell))).toEqual([]);
  });
});

describe("after all of it", () => {
  it("settles a good file as if nothing had happened", async () => {
    await settle([
      put("noise", Buffer.from([1, 2, 3])),
      put("doctype.xml", `<!DOCTYPE x>${ADVICE}`),
      put("empty", ""),
    ]);
    const { code, files } = await settle([
      put("statement.txt", settlementBytes(SETTLEMENT)),
      put("payouts.json", payoutList(PAYOUT)),
      put("day.xml", camt053({ id: "D1" }, { ...CREDIT, endToEndId: SETTLEMENT.id })),
    ]);
    expect(code).toBe(0);
    expect(files.map((file) => file.outcome)).toEqual(["new", "new", "new"]);
    const [payout] = await database.query<{ state: string }>("SELECT state FROM payout");
    expect(payout?.state).toBe("released");
    await checkBooks(database, "default");
  });
});
