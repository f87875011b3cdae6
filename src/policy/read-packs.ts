// Packs of rules from files: the shipped ones by their id, a bank's own by the path of its file.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type Pack, parsePack } from "./pack.ts";

/** Where the shipped packs are: `packs/` of the package, above this file whether compiled or not. */
function shippedFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "packs"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("the program has no packs/ folder");
    folder = above;
  }
  return join(folder, "packs");
}

/** The ids of the shipped packs. */
export function shippedPackIds(): readonly string[] {
  return readdirSync(shippedFolder())
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

/** Reads one pack. Refused: `pack-unknown` where there is no such file, else as `parsePack` says. */
export function readPack(name: string, folder: string): Outcome<Pack> {
  const isShipped = /^[a-z0-9-]+$/.test(name);
  const path = isShipped ? join(shippedFolder(), `${name}.json`) : resolve(folder, name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return refused(
      "pack-unknown",
      `There is no pack "${name}": name one of ${shippedPackIds().join(", ")}, or the path of a file.`,
    );
  }
  const sha256 = createHash("sha256").update(text).digest("hex");
  return parsePack(text, isShipped ? `packs/${name}.json` : name, sha256);
}

/** Reads the packs in their order. Refused too where two have one id, or a rule relaxes what is in none of them. */
export function readPacks(names: readonly string[], folder: string): Outcome<readonly Pack[]> {
  const packs: Pack[] = [];
  for (const name of names) {
    const read = readPack(name, folder);
    if (!read.ok) return read;
    if (packs.some(({ id }) => id === read.value.id))
      return refused("pack-invalid", `${name}: the pack "${read.value.id}" is in force already.`);
    packs.push(read.value);
  }
  const known = new Set(packs.flatMap(({ rules }) => rules.map(({ ref }) => ref)));
  const lost = packs
    .flatMap(({ rules }) => rules.flatMap(({ ref, relaxes }) => relaxes.map((of) => ({ ref, of }))))
    .find(({ of }) => !known.has(of));
  if (lost !== undefined) {
    return refused(
      "pack-invalid",
      `${lost.ref} relaxes ${lost.of}, which is in none of the packs in force.`,
    );
  }
  return accepted(packs);
}
