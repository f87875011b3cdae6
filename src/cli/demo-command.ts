// `straitway demo`: the main job on the repository's made-up files, for whoever sees Straitway for the first time.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { AddCommand } from "./add-command.ts";
import { packageRoot } from "./package-version.ts";
import { settlePaths } from "./settle-command.ts";

/** The made-up seller's first month; story.md tells it. */
export const DEMO_SCENARIO = "first-month";

/** Files of a scenario that are settled: not the registry, not the story, not what comes later. */
export function scenarioFiles(name: string): {
  readonly folder: string;
  readonly paths: readonly string[];
} {
  const folder = join(packageRoot(), "scenarios", name);
  const paths = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "sellers.json" && entry.name !== "story.md")
    .map((entry) => join(folder, entry.name))
    .sort();
  return { folder, paths };
}

export const demoCommand: AddCommand = (program, terminal, finish) => {
  program
    .command("demo")
    .description("settle the made-up files of scenarios/first-month and show every payout")
    .option("--data <dir>", "folder for the demo's books", "straitway-demo")
    .option("--json", "print one JSON document")
    .action(async (options: { data: string; json?: boolean }) => {
      const { folder, paths } = scenarioFiles(DEMO_SCENARIO);
      if (options.json !== true) {
        terminal.out(
          `Settling ${paths.length} made-up files of a seller in Chongqing (scenarios/${DEMO_SCENARIO}/story.md) …\n\n`,
        );
      }
      const code = await settlePaths(
        paths,
        { ...options, seller: join(folder, "sellers.json") },
        terminal,
      );
      // Holds belong to the story: only a demo that could not run has failed.
      finish(code === "refused" ? 1 : 0);
    });
};
