// Every made-up file of fixtures/mt reads to its ".expected.json". UPDATE_FIXTURES=1 writes them
// anew; the difference is then reviewed like code.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readMtBytes } from "./read-mt-bytes.ts";

const folder = fileURLToPath(new URL("../../../fixtures/mt/", import.meta.url));
const files = readdirSync(folder).filter((name) => !name.endsWith(".expected.json"));

/** As JSON without what is absent (null, empty lists, false), amounts as digits of minor units. */
function asJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, part: unknown) => {
      if (typeof part === "bigint") return part.toString();
      const isAbsent =
        part === null || part === false || (Array.isArray(part) && part.length === 0);
      return isAbsent ? undefined : part;
    },
    2,
  );
  return `${text}\n`;
}

describe("the MT files of the repository", () => {
  it("are there", () => {
    expect(files.length).toBeGreaterThanOrEqual(10);
  });

  it.each(files)("%s reads as expected", async (name) => {
    const reading = await readMtBytes(readFileSync(folder + name));
    const expected = `${folder}${name}.expected.json`;
    if (process.env["UPDATE_FIXTURES"] === "1") writeFileSync(expected, asJson(reading));
    expect(asJson(reading)).toBe(readFileSync(expected, "utf8"));
  });
});
