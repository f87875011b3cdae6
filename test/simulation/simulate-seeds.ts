// Seeds as tests, shared among files that run beside each other.

import { afterAll, describe, it } from "vitest";
import { faultCounts, simulate } from "./simulate.ts";

const SEEDS_DEFAULT = 200;
const COUNT = Number(process.env["STRAITWAY_SIMULATION_SEEDS"] ?? SEEDS_DEFAULT);
const ONE = process.env["STRAITWAY_SIMULATION_SEED"];

export function simulateSeeds({ part, of }: { readonly part: number; readonly of: number }): void {
  const all = ONE === undefined ? Array.from({ length: COUNT }, (_, at) => at + 1) : [Number(ONE)];
  const seeds = all.filter((seed) => seed % of === part);
  describe.skipIf(seeds.length === 0)("the channel between two worlds", () => {
    afterAll(() => {
      const { crashes, late, halves, repeats, disturbances } = faultCounts;
      process.stdout.write(
        `\nsimulation: ${seeds.length} seeds, ${crashes} crashes, ${late} late messages, ${halves} half files, ` +
          `${repeats} repeats, ${disturbances} disturbances of the marketplace\n`,
      );
    });
    it.each(seeds)(
      "agrees with both in the end, and holds at every step (seed %i)",
      async (seed) => {
        const story: string[] = [];
        try {
          await simulate(seed, story);
        } catch (error) {
          const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
          throw new Error(`seed ${seed}\n${story.join("\n")}\n\n${told}`, { cause: error });
        }
      },
    );
  });
}
