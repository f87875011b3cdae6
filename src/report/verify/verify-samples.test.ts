// Every file at hand in one channel: the repository's own fixtures, and real files by others where their folder is
// present beside the project. Whatever is in them, what stands on record must be what they say.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { FileOutcome } from "../../runtime/channel.ts";
import { openTestChannel } from "./test-channel.ts";
import { SELLER } from "./test-story.ts";
import type { Verification } from "./verification.ts";

const FIXTURES = fileURLToPath(new URL("../../../fixtures/", import.meta.url));
const SAMPLES = fileURLToPath(new URL("../../../../shared/samples/", import.meta.url));
const isAbsent = !existsSync(SAMPLES);
/** Larger files are measured elsewhere. */
const FILE_BYTES_MAX = 2_000_000;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= FILE_BYTES_MAX)
    .sort();
}

async function settledFrom(
  folders: readonly string[],
): Promise<{ outcomes: readonly FileOutcome[]; verification: Verification }> {
  const channel = await openTestChannel([SELLER]);
  try {
    const files = folders
      .flatMap(filesIn)
      .map((path) => ({ name: path, content: readFileSync(path) }));
    const outcomes = await channel.settle(files, SELLER.id);
    return { outcomes, verification: await channel.verify() };
  } finally {
    await channel.close();
  }
}

describe("a verification of whatever came", () => {
  it("finds nothing in the repository's fixtures", async () => {
    const { outcomes, verification } = await settledFrom([FIXTURES]);
    expect(outcomes.filter(({ outcome }) => outcome === "new").length).toBeGreaterThan(40);
    expect(outcomes.filter(({ outcome }) => outcome === "refused").length).toBeGreaterThan(10);
    expect(verification.findings).toEqual([]);
  });

  it.skipIf(isAbsent)(
    `finds nothing in real files${isAbsent ? " (skipped: ../shared/samples is not beside the project)" : ""}`,
    async () => {
      const folders = [join(SAMPLES, "amazon"), join(SAMPLES, "bank")];
      const { outcomes, verification } = await settledFrom(folders);
      expect(outcomes.filter(({ outcome }) => outcome === "new").length).toBeGreaterThan(20);
      expect(verification.findings).toEqual([]);
    },
  );
});
