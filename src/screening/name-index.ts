// The index over the names of lists, and the search in it: words that are alike lead to names, the names are compared
// whole, and every hit says why.

import { hasHan, simplified } from "./chinese-names.ts";
import type { ListEntry } from "./list-entry.ts";
import { COMMON_WORDS, type NameForm, nameForms, wordsOf } from "./name-forms.ts";
import { skeleton } from "./scripts.ts";
import { jaroWinkler } from "./similarity.ts";

export type Hit = {
  readonly entry: ListEntry;
  /** The listed spelling that was hit. */
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
  /** Why, line by line. */
  readonly because: readonly string[];
};

export type NameIndex = {
  readonly nameCount: number;
  /** Entries whose names are alike at least so much, the most alike first. */
  readonly search: (name: string, scoreMin?: number) => readonly Hit[];
};

type IndexedName = {
  readonly entry: ListEntry;
  readonly text: string;
  readonly words: readonly string[];
  readonly bones: readonly string[];
};

/** From here a person looks at it (facts of screening: 0.85 to 0.95 review, from 0.95 with a second attribute block). */
export const REVIEW_FROM = 0.85;
export const BLOCK_FROM = 0.95;

/** Words count as alike from here. */
const WORD_ALIKE_FROM = 0.92;
/** Words of the same consonants: two spellings of one name. */
const SAME_BONES = 0.93;
const BONES_MIN = 3;
/** Names that are compared whole, of those that share the most. */
const COMPARED_MAX = 60;
const COMMON_WEIGHT = 0.15;

export function buildIndex(entries: readonly ListEntry[]): NameIndex {
  const names: IndexedName[] = entries.flatMap((entry) =>
    entry.names.flatMap((text) => {
      const forms = hasHan(text) ? nameForms(text).map(({ words }) => words) : [wordsOf(text)];
      return forms
        .filter((words) => words.length > 0)
        .map((words) => ({ entry, text, words, bones: words.map(bonesOf) }));
    }),
  );
  const byWord = postings(names, ({ words }) => words);
  const byBones = postings(names, ({ bones }) => bones);
  const han = new Map<string, IndexedName[]>();
  for (const name of names) {
    if (!hasHan(name.text)) continue;
    const key = simplified(name.text).replace(/\s/g, "");
    han.set(key, [...(han.get(key) ?? []), name]);
  }
  const exact = postings(names, ({ words }) => [sameKey(words)]);
  const weightOf = (word: string): number => {
    if (COMMON_WORDS.has(word)) return COMMON_WEIGHT;
    return Math.log(1 + names.length / (1 + (byWord.get(word)?.length ?? 0)));
  };
  const alike = wordFinder([...byWord.keys()]);
  const search = (text: string, scoreMin = REVIEW_FROM): readonly Hit[] => {
    const best = new Map<ListEntry, Hit>();
    const keep = (hit: Hit): void => {
      const known = best.get(hit.entry);
      if (hit.score >= scoreMin && (known === undefined || hit.score > known.score))
        best.set(hit.entry, hit);
    };
    if (hasHan(text)) {
      for (const name of han.get(simplified(text).replace(/\s/g, "")) ?? [])
        keep({ entry: name.entry, name: name.text, score: 1, because: ["the same characters"] });
    }
    for (const form of nameForms(text)) {
      for (const name of exact.get(sameKey(form.words)) ?? []) keep(compare(form, name, weightOf));
      const isBones = form.how === "consonants";
      const found = new Map<IndexedName, number>();
      for (const word of leadingWords(form.words)) {
        const near = isBones ? [word] : alike(word);
        const bones = isBones ? "" : bonesOf(word);
        if (bones.length >= BONES_MIN) {
          for (const name of byBones.get(bones) ?? [])
            found.set(name, (found.get(name) ?? 0) + weightOf(word) / 2);
        }
        for (const one of near) {
          for (const name of (isBones ? byBones : byWord).get(one) ?? [])
            found.set(name, (found.get(name) ?? 0) + weightOf(one));
        }
      }
      const candidates = [...found].sort(([, a], [, b]) => b - a).slice(0, COMPARED_MAX);
      for (const [name] of candidates) keep(compare(form, name, weightOf));
    }
    return [...best.values()].sort((a, b) => b.score - a.score || a.name.localeCompare(b.name));
  };
  return { nameCount: names.length, search };
}

/** Words that lead to names: those that thousands of names share lead nowhere, unless there are no others. */
function leadingWords(words: readonly string[]): ReadonlySet<string> {
  const rare = words.filter((word) => !COMMON_WORDS.has(word));
  return new Set(rare.length > 0 ? rare : words);
}

/** The words whatever their order. */
function sameKey(words: readonly string[]): string {
  return [...words].sort().join(" ");
}

function postings(
  names: readonly IndexedName[],
  wordsOfName: (name: IndexedName) => readonly string[],
): ReadonlyMap<string, readonly IndexedName[]> {
  const found = new Map<string, IndexedName[]>();
  for (const name of names) {
    for (const word of new Set(wordsOfName(name))) {
      const known = found.get(word);
      if (known === undefined) found.set(word, [name]);
      else known.push(name);
    }
  }
  return found;
}

/** Finds words that are alike: of the same first letter and about the same length. Asked again, remembered. */
function wordFinder(words: readonly string[]): (word: string) => readonly string[] {
  const byStart = new Map<string, string[]>();
  for (const word of words) {
    const key = `${word[0]}${word.length}`;
    byStart.set(key, [...(byStart.get(key) ?? []), word]);
  }
  const known = new Map<string, readonly string[]>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const found: string[] = [];
    for (let length = Math.max(1, word.length - 2); length <= word.length + 2; length += 1) {
      for (const other of byStart.get(`${word[0]}${length}`) ?? [])
        if (other === word || (word.length > 3 && jaroWinkler(word, other) >= WORD_ALIKE_FROM))
          found.push(other);
    }
    if (known.size < REMEMBERED_MAX) known.set(word, found);
    return found;
  };
}

const REMEMBERED_MAX = 100_000;

/** How alike two names are: each word finds its best other, in both directions, weighed by how rare it is. */
function compare(form: NameForm, name: IndexedName, weightOf: (word: string) => number): Hit {
  const isBones = form.how === "consonants";
  const others = isBones ? name.bones : name.words;
  const [there, pairs] = covered(form.words, others, weightOf);
  const [back] = covered(others, form.words, weightOf);
  const joined = jaroWinkler(form.words.join(""), others.join(""));
  // Written together or apart, in the same order, is the same name.
  const whole = joined >= JOINED_FROM ? joined : 0;
  const score = Math.max((there + back) / 2, whole) * HOW_SURE[form.how];
  return {
    entry: name.entry,
    name: name.text,
    score: Math.round(score * 1000) / 1000,
    because: [
      `${HOW[form.how]}: ${form.words.join(" ")}`,
      ...pairs,
      ...(whole > (there + back) / 2 ? ["the same letters, written together or apart"] : []),
    ],
  };
}

/** Words come again and again: their consonants are worked out once. */
const bonesKnown = new Map<string, string>();

function bonesOf(word: string): string {
  const known = bonesKnown.get(word);
  if (known !== undefined) return known;
  const bones = skeleton(word);
  if (bonesKnown.size < REMEMBERED_MAX) bonesKnown.set(word, bones);
  return bones;
}

const JOINED_FROM = 0.95;
/** A form that leaves sounds out tells less. */
const HOW_SURE: Readonly<Record<NameForm["how"], number>> = {
  "as-written": 1,
  letters: 0.99,
  consonants: 0.92,
  reading: 0.97,
  translation: 0.98,
};
const HOW: Readonly<Record<NameForm["how"], string>> = {
  "as-written": "as written",
  letters: "in Latin letters",
  consonants: "its consonants",
  reading: "as its characters are read",
  translation: "as its words translate",
};

/** A short word is the same or it is another; longer ones are alike by their letters or by their consonants. */
function alikeness(word: string, other: string): number {
  if (word === other) return 1;
  if (word.length < 3 || other.length < 3) return 0;
  const letters = jaroWinkler(word, other);
  const bones = bonesOf(word);
  return bones.length >= BONES_MIN && bones === skeleton(other)
    ? Math.max(letters, SAME_BONES)
    : letters;
}

function covered(
  words: readonly string[],
  others: readonly string[],
  weightOf: (word: string) => number,
): readonly [number, readonly string[]] {
  let sum = 0;
  let all = 0;
  const pairs: string[] = [];
  const free = new Set(others.keys());
  for (const word of words) {
    const weight = weightOf(word);
    all += weight;
    let best = 0;
    let at = -1;
    for (const index of free) {
      const other = others[index] ?? "";
      const alike = alikeness(word, other);
      if (alike > best) [best, at] = [alike, index];
    }
    if (best < WORD_ALIKE_FROM) continue;
    free.delete(at);
    sum += weight * best;
    if (best < 1) pairs.push(`${word} is ${Math.round(best * 100)} % ${others[at]}`);
  }
  return [all === 0 ? 0 : sum / all, pairs];
}
