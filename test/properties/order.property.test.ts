// Any world, in any order of arrival, comes to the same end: payouts, credits, books, statements and the queue of
// exceptions, to the cent. A failing seed is printed and runs again with STRAITWAY_WORLD_SEED=<seed>.

import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY, type Policy } from "../../src/policy/policy.ts";
import { ACME_ACCOUNT, BETA_ACCOUNT } from "./made-files.ts";
import { makeWorld } from "./made-world.ts";
import { runSteps, shuffledSteps } from "./order-runs.ts";
import { register, type TestChannel } from "./test-channel.ts";

/** Worlds in one run of the suite; STRAITWAY_WORLDS asks for more. */
const WORLDS = Number(process.env["STRAITWAY_WORLDS"] ?? "6");
const FIRST_SEED = 1;

const SEEDS =
  process.env["STRAITWAY_WORLD_SEED"] === undefined
    ? Array.from({ length: WORLDS }, (_, index) => FIRST_SEED + index)
    : [Number(process.env["STRAITWAY_WORLD_SEED"])];

const registered = {
  prepare: (at: TestChannel) =>
    register(at, [
      { id: "acme", accounts: [[ACME_ACCOUNT, "USD"]] },
      { id: "beta", accounts: [[BETA_ACCOUNT, "USD"]] },
    ]),
};

/** Releases nothing that no reference explains. */
const STRICT_POLICY: Policy = {
  ...DEFAULT_POLICY,
  name: "strict",
  releaseWithoutReference: false,
};

describe("a made-up world", () => {
  it.each(SEEDS)("comes to the same end in any order of arrival (seed %i)", async (seed) => {
    const world = makeWorld(seed);
    const atOnce = await runSteps([world.files], registered);
    for (const order of [seed * 2 + 1, seed * 2 + 2]) {
      const steps = shuffledSteps(world.files, order);
      const told = steps.map((step) => step.map(({ name }) => name).join(" + ")).join(" > ");
      const state = await runSteps(steps, registered);
      expect(state, `seed ${seed}: ${told}\n${world.story.join("\n")}`).toEqual(atOnce);
    }
  });

  it.each(SEEDS.filter((seed) => seed % 3 === 0))(
    "comes to the same end where only references release (seed %i)",
    async (seed) => {
      const world = makeWorld(seed);
      const options = { ...registered, policy: STRICT_POLICY };
      const atOnce = await runSteps([world.files], options);
      const state = await runSteps(shuffledSteps(world.files, seed * 5 + 1), options);
      expect(state, `seed ${seed}\n${world.story.join("\n")}`).toEqual(atOnce);
    },
  );

  it.each(SEEDS.filter((seed) => seed % 3 === 1))(
    "comes to the same end when everything is claimed afterwards (seed %i)",
    async (seed) => {
      const world = makeWorld(seed);
      const atOnce = await runSteps([world.owned]);
      const unclaimed = world.files.map((item) => ({ ...item, sellerId: null }));
      const state = await runSteps([
        ...shuffledSteps(unclaimed, seed * 7 + 1),
        ...shuffledSteps(world.owned, seed * 7 + 2),
      ]);
      expect(state, `seed ${seed}\n${world.story.join("\n")}`).toEqual(atOnce);
    },
  );
});
