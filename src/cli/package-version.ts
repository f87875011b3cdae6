// The program's version, from its own package.json, wherever it was compiled to.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the package: the nearest folder above with the program's package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = readManifest(join(folder, "package.json"));
    if (manifest?.name === "straitway") return folder;
    const above = dirname(folder);
    if (above === folder) throw new Error("package.json of straitway not found above the program");
    folder = above;
  }
}

export function packageVersion(): string {
  return readManifest(join(packageRoot(), "package.json"))?.version ?? "0.0.0";
}

function readManifest(path: string): { name?: string; version?: string } | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name?: string; version?: string };
  } catch {
    return null;
  }
}
