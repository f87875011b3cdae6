import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { tellStory } from "../report/verify/test-story.ts";
import { systemClock } from "../time/clock.ts";
import { runProgram } from "./program.ts";

let channel: TestChannel;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "straitway-export-"));
  channel = await openTestChannel([]);
  await tellStory(channel);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await channel.close();
});

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const code = await runProgram(
    ["export", "journal", "--data", folder, "--database-url", channel.database.url, ...words],
    {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      isInteractive: false,
      env: {},
      clock: systemClock,
    },
  );
  return { code, ...said };
}

describe("straitway export journal", () => {
  it("prints the journal in each format", async () => {
    const starts = {
      ledger: "; Straitway: the journal",
      hledger: "; Straitway: the journal",
      beancount: "; Straitway: the journal",
      csv: "seq,posting,leg,",
    };
    for (const [format, start] of Object.entries(starts)) {
      const { code, out, err } = await run("--format", format);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.startsWith(start), format).toBe(true);
    }
  });

  it("prints one JSON document with --json, whatever the format", async () => {
    const { code, out } = await run("--json", "--format", "csv");
    expect(code).toBe(0);
    const document = JSON.parse(out) as { version: number; journal: unknown[] };
    expect(document.version).toBe(1);
    expect(document.journal.length).toBeGreaterThan(10);
  });

  it("writes the same to a file, and nothing beside it", async () => {
    const path = join(folder, "books.csv");
    const { out } = await run("--format", "csv");
    expect(await run("--format", "csv", "--out", path)).toMatchObject({ code: 0, out: "" });
    expect(readFileSync(path, "utf8")).toBe(out);
    expect(readdirSync(folder).filter((name) => name.startsWith("books"))).toEqual(["books.csv"]);
  });

  it("refuses a seller that is not on record, and leaves no file", async () => {
    const path = join(folder, "nobody.csv");
    const { code, err } = await run("--seller", "nobody", "--out", path);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'straitway: No seller "nobody" is on record. [seller-unknown]\n',
    });
    expect(existsSync(path)).toBe(false);
  });

  it("refuses dates that do not exist or run backwards, and places it cannot write to", async () => {
    expect(await run("--from", "2026-02-30")).toMatchObject({ code: 1, out: "" });
    expect(await run("--from", "2026-11-02", "--to", "2026-11-01")).toMatchObject({ code: 1 });
    const { code, err } = await run("--out", join(folder, "no-such-folder", "books.csv"));
    expect(code).toBe(1);
    expect(err).toContain("[file-unwritable]");
  });

  it("knows no other format", async () => {
    expect(await run("--format", "qif")).toMatchObject({ code: 2, out: "" });
  });
});
