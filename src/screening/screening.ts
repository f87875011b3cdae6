// Screening as the channel uses it: the lists that a policy names, indexed once, and what they say of the parties of a
// credit. A list without a date of its own is as old as its file.

import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { z } from "zod";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { addDays, type CivilDate, parseCivilDate } from "../time/instant.ts";
import type { ListReading } from "./list-entry.ts";
import { BLOCK_FROM, buildIndex, type Hit, type NameIndex } from "./name-index.ts";
import { readLists } from "./read-lists.ts";

/** The piece of a policy file. */
export const screeningFile = z.strictObject({
  /** Paths of the lists' files, beside the policy file. */
  lists: z.array(z.string().min(1).max(300)).min(1).max(50),
  /** Days after which lists are too old to clear anybody. */
  staleDays: z.int().min(1).max(365).optional(),
});

/** Lists change several times a week; two weeks without a new one is a fault of the import. */
const STALE_DAYS_DEFAULT = 14;

export type LoadedList = Pick<ListReading, "list" | "rejectedCount" | "rejected"> & {
  readonly dated: CivilDate;
  readonly entryCount: number;
};

export type Screening = {
  readonly lists: readonly LoadedList[];
  readonly staleDays: number;
  /** What the lists say of the names; asked again, remembered. */
  readonly hitsOf: (name: string) => readonly Hit[];
};

/** `review`: somebody must look; `blocked`: so alike that only a second attribute can clear it. */
export type ScreeningState = "not-screened" | "clear" | "review" | "blocked" | "stale-lists";

export type ScreenedParties = {
  readonly state: ScreeningState;
  readonly hits: readonly (Hit & { readonly party: string })[];
  /** Day of the oldest list. */
  readonly listsDatedOn: CivilDate | null;
};

/** Reads and indexes the lists that a policy names. Refused as `readLists` says, `list-unreadable` where a file is not there. */
export function loadScreening(
  { lists: paths, staleDays }: z.output<typeof screeningFile>,
  folder: string,
): Outcome<Screening> {
  const files = [];
  let oldest = "9999-12-31" as CivilDate;
  for (const path of paths) {
    const place = resolve(folder, path);
    try {
      files.push({ name: basename(path), bytes: readFileSync(place) });
      const written = parseCivilDate(statSync(place).mtime.toISOString().slice(0, 10));
      if (written !== null && written < oldest) oldest = written;
    } catch {
      return refused("list-unreadable", `The list ${path} cannot be read.`);
    }
  }
  const read = readLists(files);
  if (!read.ok) return read;
  const index = buildIndex(read.value.flatMap(({ entries }) => entries));
  const lists = read.value.map(({ list, dated, entries, rejectedCount, rejected }) => ({
    list,
    dated: (dated === null ? null : parseCivilDate(dated)) ?? oldest,
    entryCount: entries.length,
    rejectedCount,
    rejected,
  }));
  return accepted({
    lists,
    staleDays: staleDays ?? STALE_DAYS_DEFAULT,
    hitsOf: remembering(index),
  });
}

const REMEMBERED_MAX = 50_000;

function remembering(index: NameIndex): Screening["hitsOf"] {
  const known = new Map<string, readonly Hit[]>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const hits = index.search(name);
    if (known.size < REMEMBERED_MAX) known.set(name, hits);
    return hits;
  };
}

/** Screens the parties of one credit. A hit weighs more than old lists: what is found is found. */
export function screenParties(
  screening: Screening | null,
  parties: readonly (readonly [party: string, name: string | null])[],
  today: CivilDate,
): ScreenedParties {
  if (screening === null) return { state: "not-screened", hits: [], listsDatedOn: null };
  const listsDatedOn = screening.lists.map(({ dated }) => dated).reduce((a, b) => (a < b ? a : b));
  const hits = parties.flatMap(([party, name]) =>
    name === null || name === "" ? [] : screening.hitsOf(name).map((hit) => ({ ...hit, party })),
  );
  const [best] = hits.toSorted((a, b) => b.score - a.score);
  const isStale = addDays(listsDatedOn, screening.staleDays) < today;
  const state =
    best === undefined
      ? isStale
        ? "stale-lists"
        : "clear"
      : best.score >= BLOCK_FROM
        ? "blocked"
        : "review";
  return { state, hits, listsDatedOn };
}
