// Reads the repository and holds it to its own order: which room may know which, names, sizes, what only the edges may
// do, and what must never stand in a tracked file. Functions of at most 70 lines are the linter's to count.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Lines of a source file at most; of a test or its support; characters of a line of code at most. */
const SOURCE_LINES_MAX = 400;
const TEST_LINES_MAX = 700;
const LINE_LENGTH_MAX = 130;
/** Files of which the content is read: larger ones are made-up data of formats that write long lines. */
const READ_BYTES_MAX = 1024 * 1024;

/**
 * The rooms in the order in which money passes through them, after the foundations. A room imports only rooms
 * above it: what travels back is a fact on record that the earlier room's own step reads.
 */
const ROOMS = [
  // Foundations: they know nothing of payouts.
  "errors",
  "time",
  "money",
  "ids",
  "storage",
  "secret",
  "ledger",
  "timeline",
  "approval",
  "books",
  "rates",
  // Stations.
  "inbox",
  "identity",
  "marketplace",
  "bank",
  "evidence",
  "declaration",
  "screening",
  "policy",
  "matching",
  "release",
  "account",
  "fx",
  "report",
  // What leaves the channel, and the outside world as the sandbox plays it.
  "webhook",
  "simulator",
  // Edges.
  "runtime",
  "api",
  "cli",
] as const;

/** Imports against the order ("src/report/verify -> src/runtime/read-file.ts"), each with the reason why it is right. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map();

const BANNED_NAMES = [
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "misc",
  "manager",
  "service",
  "impl",
];

/** Where the outside world may be asked: the clock, the storage's own waits and ports, the edges, measurements. */
const EDGES = [
  /^src\/time\/clock\.ts$/,
  /^src\/storage\//,
  /^src\/cli\//,
  /^src\/main\.ts$/,
  /^bench\//,
  /^scripts\//,
  /^test\//,
];
const PRINTING = [/^src\/cli\//, /^src\/main\.ts$/, /^bench\//, /^scripts\//, /^bin\//, /^test\//];

type Tracked = { readonly path: string; readonly text: string };

function trackedFiles(): readonly Tracked[] {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  return listed
    .split("\0")
    .filter((path) => path !== "")
    .flatMap((path) => {
      const about = statSync(join(ROOT, path), { throwIfNoEntry: false });
      if (about === undefined || !about.isFile() || about.size > READ_BYTES_MAX) return [];
      return [{ path, text: readFileSync(join(ROOT, path), "latin1") }];
    });
}

const isCheckout = ((): boolean => {
  try {
    execFileSync("git", ["rev-parse", "--git-dir"], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const FILES = isCheckout ? trackedFiles() : [];
const CODE = FILES.filter(({ path }) => /^(src|test|bench|scripts|bin)\/.*\.(ts|js)$/.test(path));
const SOURCE = CODE.filter(({ path }) => path.startsWith("src/"));

function isTest(path: string): boolean {
  return path.startsWith("test/") || path.endsWith(".test.ts") || /\/test-[^/]+\.ts$/.test(path);
}

function roomOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function importsOf({ path, text }: Tracked): readonly string[] {
  const found = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)"|^import "(\.[^"]+)"/gm);
  return [...found].map((match) => normalize(join(dirname(path), match[1] ?? match[2] ?? "")));
}

/** Code without its comments and texts, so that a word in a sentence is not taken for a call. */
function withoutTexts(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:])\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

function findings(
  files: readonly Tracked[],
  wrong: (file: Tracked) => readonly string[],
): string[] {
  return files.flatMap((file) => wrong(file).map((what) => `${file.path}: ${what}`));
}

/** A sentence, a statement of SQL or a made-up row stands in one line, however long it is. */
function isText(line: string): boolean {
  return /["'`]|\$\{|^\s*\/[^/*]|^\s*(SELECT|FROM|JOIN|WHERE|AND|OR|CASE|WHEN)\b/.test(line);
}

function opens(text: string): boolean {
  return /^(#!.*\n)?\/\/ \S/.test(text);
}

function isAt(edges: readonly RegExp[], path: string): boolean {
  return edges.some((edge) => edge.test(path)) || isTest(path);
}

describe.skipIf(!isCheckout)("the repository (skipped outside of a git checkout)", () => {
  it("has files to read", () => {
    expect(SOURCE.length).toBeGreaterThan(100);
  });

  it("gives every room its place, and lets it know only the rooms above it", () => {
    const place = new Map<string, number>(ROOMS.map((room, index) => [room, index]));
    const rooms = new Set(SOURCE.map(({ path }) => roomOf(path)).filter((room) => room !== null));
    expect([...rooms].filter((room) => !place.has(room))).toEqual([]);
    const used = new Set<string>();
    const against = findings(
      SOURCE.filter(({ path }) => !isTest(path)),
      (file) => {
        const own = roomOf(file.path);
        if (own === null) return [];
        return importsOf(file).flatMap((imported) => {
          const other = roomOf(imported);
          if (other === own) return [];
          if (other !== null && (place.get(other) ?? Infinity) < (place.get(own) ?? -1)) return [];
          const exception = `${dirname(file.path)} -> ${imported}`;
          if (EXCEPTIONS.has(exception)) used.add(exception);
          return EXCEPTIONS.has(exception) ? [] : [`imports ${imported}`];
        });
      },
    );
    expect(against).toEqual([]);
    expect([...EXCEPTIONS.keys()].filter((exception) => !used.has(exception))).toEqual([]);
  });

  it("imports what the program needs from the program, and tests from nowhere but tests", () => {
    expect(
      findings(
        SOURCE.filter(({ path }) => !isTest(path)),
        (file) =>
          importsOf(file)
            .filter((imported) => isTest(imported) || !imported.startsWith("src/"))
            .map((imported) => `imports ${imported}`),
      ),
    ).toEqual([]);
  });

  it("imports from the file that defines the thing", () => {
    expect(CODE.filter(({ path }) => /\/index\.(ts|js)$/.test(path))).toEqual([]);
    expect(
      findings(CODE, ({ text }) =>
        /^export (\*|\{[^}]*\}) from/m.test(text) ? ["re-exports"] : [],
      ),
    ).toEqual([]);
  });

  it("names files by what they are about", () => {
    const banned = new Set(BANNED_NAMES);
    expect(
      CODE.map(({ path }) => path).filter((path) =>
        path.split("/").some((part) => part.split(/[.-]/).some((word) => banned.has(word))),
      ),
    ).toEqual([]);
    expect(CODE.map(({ path }) => path).filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([]);
  });

  it("keeps files and lines short enough to read", () => {
    expect(
      findings(CODE, ({ path, text }) => {
        const lineCount = text.split("\n").length - 1;
        const most = isTest(path) ? TEST_LINES_MAX : SOURCE_LINES_MAX;
        return lineCount > most ? [`${lineCount} lines`] : [];
      }),
    ).toEqual([]);
    expect(
      findings(CODE, ({ text }) =>
        Buffer.from(text, "latin1")
          .toString("utf8")
          .split("\n")
          .flatMap((line, index) =>
            line.length > LINE_LENGTH_MAX && !isText(line) ? [`line ${index + 1}`] : [],
          ),
      ),
    ).toEqual([]);
  });

  it("opens every source file by saying what it is", () => {
    expect(
      SOURCE.filter(({ path, text }) => !path.endsWith(".test.ts") && !opens(text)).map(
        ({ path }) => path,
      ),
    ).toEqual([]);
    expect(
      FILES.filter(
        ({ path, text }) => path.startsWith("migrations/") && !text.startsWith("-- "),
      ).map(({ path }) => path),
    ).toEqual([]);
  });

  it("prints, and asks for the time or for chance, only at the edges", () => {
    expect(
      findings(CODE, ({ path, text }) => {
        const code = withoutTexts(text);
        return [
          ...(!isAt(PRINTING, path) && /\bconsole\./.test(code) ? ["prints"] : []),
          ...(!isAt(EDGES, path) && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(code)
            ? ["asks the clock or chance itself"]
            : []),
          ...(!isAt(EDGES, path) && /\bprocess\.env\b/.test(code) ? ["reads the environment"] : []),
        ];
      }),
    ).toEqual([]);
  });

  it("erases to JavaScript: no enums, namespaces, decorators or any", () => {
    expect(
      findings(CODE, ({ text }) => {
        const code = withoutTexts(text);
        return [
          ...(/^\s*(export )?(const )?enum \w/m.test(code) ? ["enum"] : []),
          ...(/^\s*(export )?(declare )?namespace \w/m.test(code) ? ["namespace"] : []),
          ...(/^\s*@\w+\(/m.test(code) ? ["decorator"] : []),
          ...(/@ts-ignore|@ts-nocheck/.test(text) && !/tidy\.test/.test(text)
            ? ["silences types"]
            : []),
        ];
      }).filter((finding) => !finding.startsWith("test/tidy.test.ts")),
    ).toEqual([]);
  });

  it("numbers its migrations without a gap", () => {
    const numbers = FILES.map(({ path }) => /^migrations\/(\d{4})_[a-z0-9_]+\.sql$/.exec(path)?.[1])
      .filter((number) => number !== undefined)
      .map(Number);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(FILES.filter(({ path }) => path.startsWith("migrations/"))).toHaveLength(numbers.length);
  });

  it("locks its packages by content, not by where they came from", () => {
    const lock = FILES.find(({ path }) => path === "package-lock.json")?.text ?? "";
    expect(lock).toContain('"integrity"');
    expect(lock).not.toContain('"resolved": "http');
  });

  it("names no machine, account or place of work", () => {
    // One letter of each in brackets, so that this file does not find itself.
    const places = [
      /\/wor[k]\//,
      /\/tm[p]\//,
      /\/hom[e]\//,
      /\/roo[t]\//,
      /registry\.npmj[s]/,
      /\br-see[d]-/,
    ];
    const wrong = findings(FILES, ({ text }) =>
      places.filter((place) => place.test(text)).map((place) => `says ${place.source}`),
    );
    expect(wrong).toEqual([]);
  });

  it("holds no secret by its shape", () => {
    const shapes = [
      /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
      /\bAKIA[0-9A-Z]{16}\b/,
      /\bgh[pousr]_[A-Za-z0-9]{36}\b/,
      /\bxox[baprs]-[A-Za-z0-9-]{10,}/,
    ];
    expect(
      findings(FILES, ({ text }) => shapes.filter((shape) => shape.test(text)).map(String)),
    ).toEqual([]);
  });
});
