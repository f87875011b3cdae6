import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CompiledPrograms } from "../../test/compiled-programs.ts";
import { compilePrograms } from "../../test/compiled-programs.ts";
import { runProgram } from "../../test/running-program.ts";
import { openDataFolder } from "./data-folder.ts";
import { holderOf } from "./data-folder-lock.ts";
import { markOf } from "./process-mark.ts";

let parent: string;
let programs: CompiledPrograms;

beforeAll(() => {
  programs = compilePrograms();
});
afterAll(() => programs.remove());
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "folder-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

type Taking = { readonly won?: true; readonly holder?: number };

function startTaking(folder: string, atMs: number) {
  return runProgram<Taking>(programs.program("take-folder"), [folder, String(atMs)]);
}

function openedPath(dataDir: string): string {
  const opened = openDataFolder(dataDir);
  if (!opened.ok) throw new Error(opened.refusal.message);
  opened.value.release();
  return opened.value.path;
}

describe("the data folder", () => {
  it("is made with all that is missing above it, closed to reading by others", () => {
    const path = join(parent, "a", "b", "data");
    expect(openedPath(path)).toBe(path);
    expect(statSync(path).mode & 0o066).toBe(0);
  });

  it("keeps the rights of a folder that was there, and is known by its real path", () => {
    const link = join(parent, "link");
    symlinkSync(parent, link);
    const before = statSync(parent).mode;
    expect(openedPath(link)).toBe(parent);
    expect(statSync(parent).mode).toBe(before);
  });

  it("is refused when it is a file, below a file, or not writable", () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "data"), "/proc/straitway-data"])
      expect(openDataFolder(path)).toMatchObject({
        ok: false,
        refusal: { code: "data-folder-unusable" },
      });
  });
});

describe("two programs on one folder", () => {
  it("the second is refused, told the folder and the pid, and let in once the first lets go", () => {
    const first = openDataFolder(parent);
    expect(first.ok).toBe(true);
    expect(openDataFolder(parent)).toEqual({
      ok: false,
      refusal: {
        code: "data-folder-in-use",
        message: `${parent} is in use by the program with pid ${process.pid}: stop it first`,
        line: null,
      },
    });
    if (first.ok) first.value.release();
    if (first.ok) first.value.release();
    openedPath(parent);
  });

  it("a program that was killed keeps nobody out", async () => {
    const first = startTaking(parent, 0);
    expect(await first.answer()).toEqual({ won: true });
    expect(holderOf(parent)?.pid).toBe(first.pid);
    first.kill("SIGKILL");
    await first.ended();
    expect(holderOf(parent)).toBeNull();
    openedPath(parent);
  });

  it("a lock whose pid was given to another process keeps nobody out", () => {
    const other = markOf(process.ppid)!;
    const holder = { ...other, startedAt: `${other.startedAt}0` };
    writeFileSync(join(parent, "lock.1"), JSON.stringify(holder));
    openedPath(parent);
  });

  it("a lock emptied by a power cut keeps nobody out", () => {
    writeFileSync(join(parent, "lock.7"), "");
    openedPath(parent);
    expect(readdirSync(parent)).toEqual(["lock.8"]);
  });

  it("however many start at one moment, exactly one wins: on a new folder, a released and a stale lock", async () => {
    for (let round = 0; round < 12; round += 1) {
      const folder = mkdtempSync(join(parent, "round-"));
      if (round % 3 === 1) openedPath(folder);
      if (round % 3 === 2)
        writeFileSync(join(folder, "lock.3"), JSON.stringify({ ...markOf(1), startedAt: "gone" }));
      const atMs = Date.now() + 250;
      const starters = Array.from({ length: 6 }, () => startTaking(folder, atMs));
      const answers = await Promise.all(starters.map((starter) => starter.answer()));
      const winners = starters.filter((_, index) => answers[index]?.won === true);
      expect(winners).toHaveLength(1);
      const named = answers.map((answer) => answer?.holder).filter((pid) => pid !== undefined);
      expect(new Set(named)).toEqual(new Set([winners[0]!.pid]));
      for (const starter of starters) starter.endInput();
      await Promise.all(starters.map((starter) => starter.ended()));
      expect(readdirSync(folder)).toHaveLength(1);
    }
  });
});
