// kill -9 in the middle: a program settles a made-up world in its own data folder and is killed, or its PostgreSQL is,
// or both, at a drawn moment, once or several times. Started again with the same files it must come to the end that an
// undisturbed run comes to, with books that replay. STRAITWAY_CRASH_ROUNDS asks for more rounds; a failing round
// prints its seed and runs again alone with STRAITWAY_CRASH_SEED=<seed>.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invariant } from "../../src/errors/invariant.ts";
import { randomInteger, seededRandom } from "../../src/marketplace/amazon/statement-generator.ts";
import { type ClusterNote, clusterDirOf } from "../../src/storage/cluster-place.ts";
import { packageMigrationsDir } from "../../src/storage/migration-file.ts";
import { processesWorkingIn } from "../../src/storage/process-mark.ts";
import { type CompiledPrograms, compilePrograms } from "../compiled-programs.ts";
import type { SettleAnswer, StepFile, StepsToSettle } from "../programs/settle-steps.ts";
import { ACME_ACCOUNT, BETA_ACCOUNT } from "../properties/made-files.ts";
import { makeWorld } from "../properties/made-world.ts";
import { END_AT, runSteps, shuffledSteps } from "../properties/order-runs.ts";
import { type MadeFile, register } from "../properties/test-channel.ts";
import { type RunningProgram, runProgram } from "../running-program.ts";

/** The rounds with the real command line beside these (crash.test.ts) are as many again. */
const ROUNDS_DEFAULT = 20;
const ROUNDS = Number(process.env["STRAITWAY_CRASH_ROUNDS"] ?? ROUNDS_DEFAULT);
const ONE_SEED = process.env["STRAITWAY_CRASH_SEED"];
const SEEDS =
  ONE_SEED === undefined
    ? Array.from({ length: ROUNDS }, (_, index) => 1001 + index)
    : [Number(ONE_SEED)];

/** Kills in one round at most. */
const KILLS_MAX = 3;
/** A step takes some 30 to 150 ms: the kill comes up to this long after one has begun. */
const KILL_DELAY_MS_MAX = 120;
/** Of the kills, those that hit the start: finding what was left behind, recovery, migration, carrying on. */
const START_SHARE = 0.15;
const START_DELAY_MS_MAX = 1500;

const SELLERS = [
  { id: "acme", legalName: "acme", accounts: [{ number: ACME_ACCOUNT, currency: "USD" }] },
  { id: "beta", legalName: "beta", accounts: [{ number: BETA_ACCOUNT, currency: "USD" }] },
] as const;

type Victim = "program" | "database" | "both";
type Program = RunningProgram<SettleAnswer>;

let programs: CompiledPrograms;
let template: string;
const counts = {
  rounds: 0,
  kills: 0,
  inStep: 0,
  recovered: 0,
  byVictim: { program: 0, database: 0, both: 0 },
};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** A data folder whose cluster is made, to be copied for each round. */
beforeAll(async () => {
  programs = compilePrograms();
  template = join(newFolder(), "data");
  const steps = writeSteps(dirname(template), []);
  const { code, stderr } = await runProgram<SettleAnswer>(programs.program("settle-steps"), [
    template,
    steps,
  ]).ended();
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

afterAll(() => {
  programs.remove();
  rmSync(dirname(template), { recursive: true, force: true });
  const { rounds, kills, inStep, recovered, byVictim } = counts;
  process.stdout.write(
    `\ncrash: ${rounds} rounds, ${kills} kills (program ${byVictim.program}, database ${byVictim.database}, both ${byVictim.both}); ` +
      `${inStep} hit in the middle of a step, ${recovered} left stored files that the next start carried on\n`,
  );
});

function writeSteps(folder: string, steps: readonly (readonly MadeFile[])[]): string {
  const inbox = join(folder, "inbox");
  mkdirSync(inbox, { recursive: true });
  const written = steps.map((step, index) =>
    step.map(({ name, bytes, sellerId }): StepFile => {
      const path = join(inbox, `${index}-${name}`);
      writeFileSync(path, bytes);
      return { name, path, sellerId };
    }),
  );
  const told: StepsToSettle = {
    sellers: SELLERS,
    steps: written,
    endAt: END_AT,
    migrationsDir: packageMigrationsDir(),
  };
  const path = join(folder, "steps.json");
  writeFileSync(path, JSON.stringify(told));
  return path;
}

function clusterDir(dataDir: string): string {
  const note = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8")) as ClusterNote;
  return clusterDirOf(dataDir, note);
}

function killDatabase(dataDir: string): void {
  if (!existsSync(join(dataDir, "postgres.json"))) return;
  for (const pid of processesWorkingIn(clusterDir(dataDir)) ?? []) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // A backend that ended with its postmaster.
    }
  }
}

/** `atStep` -1: while the program starts. */
type Kill = { readonly atStep: number; readonly afterMs: number; readonly victim: Victim };

function drawKills(seed: number, stepCount: number): readonly Kill[] {
  const random = seededRandom(seed);
  return Array.from({ length: randomInteger(random, 1, KILLS_MAX) }, () => ({
    ...(random() < START_SHARE
      ? { atStep: -1, afterMs: randomInteger(random, 0, START_DELAY_MS_MAX) }
      : {
          atStep: randomInteger(random, 0, stepCount - 1),
          afterMs: randomInteger(random, 0, KILL_DELAY_MS_MAX),
        }),
    victim: (["program", "database", "both"] as const)[randomInteger(random, 0, 2)] as Victim,
  }));
}

/** Starts the program, kills at the drawn moment and waits until it is gone; false when it was done before. */
async function runAndKill(dataDir: string, steps: string, kill: Kill): Promise<void> {
  const program: Program = runProgram<SettleAnswer>(programs.program("settle-steps"), [
    dataDir,
    steps,
  ]);
  let begun = -1;
  let settled = -1;
  const listening = (async () => {
    for (;;) {
      const answer = await program.answer();
      if (answer === null) return;
      if ("opened" in answer && answer.recovered > 0) counts.recovered += 1;
      if ("begun" in answer) begun = answer.begun;
      if ("settled" in answer) settled = answer.settled;
      invariant(!("refusal" in answer), `the program was refused: ${JSON.stringify(answer)}`);
    }
  })();
  await expect.poll(() => begun >= kill.atStep, { interval: 1, timeout: 60_000 }).toBe(true);
  await delay(kill.afterMs);
  counts.kills += 1;
  counts.byVictim[kill.victim] += 1;
  if (begun > settled) counts.inStep += 1;
  if (kill.victim !== "program") killDatabase(dataDir);
  if (kill.victim !== "database") program.kill("SIGKILL");
  await listening;
  await program.ended();
}

async function runToTheEnd(dataDir: string, steps: string) {
  const program: Program = runProgram<SettleAnswer>(programs.program("settle-steps"), [
    dataDir,
    steps,
    "end",
  ]);
  for (;;) {
    const answer = await program.answer();
    if (answer === null)
      throw new Error(`the program ended early: ${(await program.ended()).stderr}`);
    if ("opened" in answer && answer.recovered > 0) counts.recovered += 1;
    if ("outage" in answer || "refusal" in answer) throw new Error(JSON.stringify(answer));
    if (!("end" in answer)) continue;
    expect((await program.ended()).code).toBe(0);
    return answer.end;
  }
}

describe("kill -9", () => {
  it.each(SEEDS)("comes to the end of an undisturbed run (seed %i)", async (seed) => {
    const world = makeWorld(seed);
    const steps = shuffledSteps(world.files, seed);
    const undisturbed = await runSteps([world.files], {
      prepare: (at) =>
        register(
          at,
          SELLERS.map(({ id, accounts }) => ({
            id,
            accounts: accounts.map(({ number, currency }) => [number, currency]),
          })),
        ),
    });
    const folder = newFolder();
    const dataDir = join(folder, "data");
    // cp keeps the owner: root's PostgreSQL runs as another user.
    expect(spawnSync("cp", ["-a", template, dataDir]).status).toBe(0);
    const told = writeSteps(folder, steps);
    const kills = drawKills(seed, steps.length);
    for (const kill of kills) await runAndKill(dataDir, told, kill);
    const end = await runToTheEnd(dataDir, told);
    counts.rounds += 1;
    expect(end, `seed ${seed}: ${JSON.stringify(kills)}\n${world.story.join("\n")}`).toEqual(
      undisturbed,
    );
    rmSync(folder, { recursive: true, force: true });
  });
});
