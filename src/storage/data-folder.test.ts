import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CompiledPrograms } from "../../test/compiled-programs.ts";
import { compilePrograms } from "../../test/compiled-programs.ts";
import { runProgram } from "../../test/running-program.ts";
import { openDataFolder } from "./data-folder.ts";
import { holderOf } from "./data-folder-lock.ts";
import { showLife } from "./live-socket.ts";
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

/** Root on Linux may make a pid namespace, unless a sandbox forbids it. */
const canUnshare = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

type Taking = { readonly won?: true; readonly holder?: number };

function startTaking(folder: string, atMs: number) {
  return runProgram<Taking>(programs.program("take-folder"), [folder, String(atMs)]);
}

async function openedPath(dataDir: string): Promise<string> {
  const opened = await openDataFolder(dataDir);
  if (!opened.ok) throw new Error(opened.refusal.message);
  opened.value.release();
  return opened.value.path;
}

describe("the data folder", () => {
  it("is made with all that is missing above it, closed to reading by others", async () => {
    const path = join(parent, "a", "b", "data");
    expect(await openedPath(path)).toBe(path);
    expect(statSync(path).mode & 0o066).toBe(0);
  });

  it("keeps the rights of a folder that was there, and is known by its real path", async () => {
    const link = join(parent, "link");
    symlinkSync(parent, link);
    const before = statSync(parent).mode;
    expect(await openedPath(link)).toBe(parent);
    expect(statSync(parent).mode).toBe(before);
  });

  it("is refused when it is a file, below a file, or not writable", async () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "data"), "/proc/straitway-data"])
      expect(await openDataFolder(path)).toMatchObject({
        ok: false,
        refusal: { code: "data-folder-unusable" },
      });
  });
});

describe("two programs on one folder", () => {
  it("the second is refused, told the folder and the pid, and let in once the first lets go", async () => {
    const first = await openDataFolder(parent);
    expect(first.ok).toBe(true);
    expect(await openDataFolder(parent)).toEqual({
      ok: false,
      refusal: {
        code: "data-folder-in-use",
        message: `${parent} is in use by the program with pid ${process.pid}: stop it first`,
        line: null,
      },
    });
    if (first.ok) first.value.release();
    if (first.ok) first.value.release();
    await openedPath(parent);
  });

  it("a program that was killed keeps nobody out", async () => {
    const first = startTaking(parent, 0);
    expect(await first.answer()).toEqual({ won: true });
    expect((await holderOf(parent))?.pid).toBe(first.pid);
    first.kill("SIGKILL");
    await first.ended();
    expect(await holderOf(parent)).toBeNull();
    await openedPath(parent);
  });

  it("a lock whose pid was given to another process keeps nobody out", async () => {
    const other = markOf(process.ppid)!;
    const holder = { ...other, startedAt: `${other.startedAt}0` };
    writeFileSync(join(parent, "lock.1"), JSON.stringify(holder));
    await openedPath(parent);
  });

  it("a lock emptied by a power cut keeps nobody out", async () => {
    writeFileSync(join(parent, "lock.7"), "");
    await openedPath(parent);
    expect(readdirSync(parent)).toEqual(["lock.8"]);
  });

  it("a living program in another container keeps others out, however its pid looks here", async () => {
    const world = `${markOf(process.pid)!.world.split(" ")[0]} pid:[1]`;
    const holder = { pid: process.pid, startedAt: "0", world, live: "live.there" };
    writeFileSync(join(parent, "lock.1"), JSON.stringify(holder));
    const there = showLife(join(parent, "live.there"))!;
    expect(await openDataFolder(parent)).toMatchObject({
      refusal: {
        code: "data-folder-in-use",
        message: expect.stringContaining(`pid ${process.pid} in another container`),
      },
    });
    there.close();
    await openedPath(parent);
    expect(readdirSync(parent)).toEqual(["lock.2"]);
  });

  it.skipIf(!canUnshare)(
    "a program in a pid namespace of its own keeps others out until it is killed (skipped where unshare is refused)",
    async () => {
      const under = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
      const path = programs.program("take-folder");
      const contained = runProgram<Taking>(path, [parent, "0"], { under });
      expect(await contained.answer()).toEqual({ won: true });
      expect(await openDataFolder(parent)).toMatchObject({
        refusal: { message: expect.stringContaining("in another container") },
      });
      contained.kill("SIGKILL");
      await contained.ended();
      await openedPath(parent);
    },
  );

  it("a folder with a path too long for a socket is held all the same", async () => {
    const deep = join(parent, "d".repeat(120), "data");
    const first = await openDataFolder(deep);
    if (!first.ok) throw new Error(first.refusal.message);
    expect(readdirSync(deep).filter((name) => name.startsWith("live."))).toHaveLength(1);
    first.value.release();
    expect(readdirSync(deep)).toEqual(["lock.1"]);
  });

  it("however many start at one moment, exactly one wins: on a new folder, a released and a stale lock", async () => {
    for (let round = 0; round < 12; round += 1) {
      const folder = mkdtempSync(join(parent, "round-"));
      if (round % 3 === 1) await openedPath(folder);
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
