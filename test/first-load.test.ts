import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const BUILT = join(import.meta.dirname, "..", "dist", "console");
/** Of what a first visit loads before any page of its own, compressed; charts come with the first chart. */
const FIRST_LOAD_BYTES_MAX = 350_000;

type Chunk = {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
};

const manifest = (): Readonly<Record<string, Chunk>> =>
  JSON.parse(readFileSync(join(BUILT, "manifest.json"), "utf8"));

/** The files that come with these chunks, whatever is loaded later. */
function filesOf(chunks: Readonly<Record<string, Chunk>>, names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const files = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chunk = chunks[name];
    if (chunk === undefined || seen.has(name)) continue;
    seen.add(name);
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    waiting.push(...(chunk.imports ?? []));
  }
  return files;
}

describe("the built console", () => {
  it.skipIf(!existsSync(BUILT))(
    "loads first what is little, and charts with the first chart",
    () => {
      const chunks = manifest();
      const names = Object.keys(chunks);
      const entry = names.filter((name) => chunks[name]?.isEntry);
      expect(entry).toHaveLength(1);
      // The start page of a seller and one catalogue come at once.
      const first = names.filter((name) => /seller\/overview|i18n\/zh\.ts$/.test(name));
      expect(first).toHaveLength(2);
      const files = filesOf(chunks, [...entry, ...first]);
      expect([...files].filter((file) => /plot/.test(file))).toEqual([]);
      const bytes = [...files].reduce(
        (sum, file) => sum + gzipSync(readFileSync(join(BUILT, file))).length,
        0,
      );
      expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    },
  );
});
