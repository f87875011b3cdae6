// What a made-up world is drawn with: seeded chances, and the files and the story that they make.

import type { MadeFile } from "./test-channel.ts";

/** True with the given share, 0 to 1. */
export type Chance = (share: number) => boolean;

export type World = {
  readonly seed: number;
  readonly files: MadeFile[];
  /** Whose each file truly is, by its name, whoever is named with it. */
  readonly owners: Map<string, string>;
  readonly story: string[];
  readonly chance: Chance;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly between: (low: number, high: number) => number;
  /** Counts whatever needs a name of its own. */
  number: number;
};

export function nextNumber(world: World): number {
  world.number += 1;
  return world.number;
}

/** Hands a file to the world; it is the owner's, whoever is named with it. */
export function give(world: World, ownerId: string, made: MadeFile): void {
  world.files.push(made);
  world.owners.set(made.name, ownerId);
}
